"""The rules in force, the ledger and the people, as the reminders' job reads them: in a fixed number of statements.

For the job alone: not limited to an area.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.queries import people_of
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.plans.effective import reminder_data
from webapp.plans.models import Plan
from webapp.reminders.ladder import Rules, stored_rules
from webapp.reminders.models import Reminder
from webapp.reminders.rules import Recorded, RungKey
from webapp.reminders.subjects import Place, Staff, World

BATCH = 5_000


def digest_key(day: date, person_id: int) -> str:
    """The key of a person's digest of a day in the outbox: there can be one."""
    return f"digest:{day.isoformat()}:{person_id}"


def effective_rules(session: Session) -> dict[int, Rules]:
    """Each plan's reminder rules as they hold now, by plan id."""
    return {plan_id: stored_rules(data) for plan_id, data in reminder_data(session).items()}


def world(session: Session, today: date) -> World:
    """Every organisation, who holds which role there on a day, and the plans' regions."""
    row = Organisation
    places = session.execute(
        select(row.id, row.code, row.kind, row.path, row.parent_id, row.name_zh, row.name_en)
    )  # fmt: skip
    staff = Staff(people_of(session, None, (Role.OFFICER, Role.COORDINATOR, Role.ADMINISTRATOR), today))
    regions = {plan: region for plan, region in session.execute(select(Plan.id, Plan.region_id))}  # noqa: C416
    return World({place.id: Place(*place) for place in places}, staff, regions)


def recorded(session: Session, current: Collection[RungKey]) -> set[Recorded]:
    """What the ledger holds at the rungs that count now, of whatever subject.

    Earlier rungs are void, so that the rows are few; the database narrows coarsely, the rest is left out as it is read.
    """
    row, wanted = Reminder, set(current)
    statement = select(row.plan_id, row.subject_kind, row.subject_id, row.due, row.person_id, row.rung).where(
        row.plan_id.in_({plan for plan, _, _, _ in wanted}),
        row.due.in_({due for _, _, due, _ in wanted}),
        row.rung.in_({rung for _, _, _, rung in wanted}),
    )
    found = session.execute(statement, execution_options={"yield_per": BATCH})
    return {
        (plan, kind, subject, due, person, rung)
        for plan, kind, subject, due, person, rung in found
        if (plan, kind, due, rung) in wanted
    }


def told_on(session: Session, day: date) -> set[int]:
    """The people whose digest of a day is in the outbox already."""
    prefix = digest_key(day, 0).removesuffix("0")
    return set(session.scalars(select(OutboxMail.person_id).where(OutboxMail.key.startswith(prefix, autoescape=True))))
