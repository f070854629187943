"""Up to which day a person has seen the overview: they say so, and changes are told from then on."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.dashboard.models import OverviewVisit
from webapp.permissions import Actor

WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)


def mark_seen(session: Session, *, actor: Actor, now: datetime) -> None:
    """Everything up to this moment was seen."""
    found = session.get(OverviewVisit, actor.id)
    if found is None:
        session.add(OverviewVisit(person_id=actor.id, day=local_date(now)))
    else:
        found.day = local_date(now)
    session.flush()


def seen_until(session: Session, actor: Actor, today: date) -> date:
    """The last day of which nothing is told any more: the one before the last visit, or a week ago.

    What came on the day of the visit itself is told again rather than not at all.
    """
    visited = session.scalar(select(OverviewVisit.day).where(OverviewVisit.person_id == actor.id))
    return min(visited or today - WEEK, today) - ONE_DAY
