"""Something of a ranked month that came to light after the ranking was published."""

from datetime import date

from sqlalchemy import update

from tests.support.lived_in import BAODING, BOILERS, at
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.plans.models import Assignment
from webapp.progress.models import ProgressUpdate
from webapp.rollups.service import recompute


def restate(site: Site) -> None:
    """A claim that speaks of August, as a file taken over late would bring it, and the roll-up that followed."""
    with site.database.transaction() as session:
        held = assignment_id(session, BOILERS, BAODING)
        session.add(
            ProgressUpdate(
                assignment_id=held, kind="claim", as_of=date(2017, 8, 31), recorded_at=at("2017-10-18", "16:00"),
                actor_id=site.people.officer.id, actor_label="某", status_after="claimed",
            )
        )  # fmt: skip
        session.execute(update(Assignment).where(Assignment.id == held).values(status="claimed"))
        session.flush()
        recompute(session, now=at("2017-10-19", "02:00"), months=[date(2017, 8, 1)])
