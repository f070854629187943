"""Short words for tests of reminders: give somebody something to do, run the job, and see who was told what."""

from datetime import date
from typing import Any

from sqlalchemy import select

from tests.support.small_plan import World, add_assignment
from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.plans.models import ReminderRules
from webapp.progress.models import ReviewDecision
from webapp.reminders import service
from webapp.reminders.ladder import DEFAULT_DATA
from webapp.reminders.service import Owed


def assign(db: Database, world: World, place: str, due: date | None, **values: Any) -> int:
    with db.transaction() as session:
        return add_assignment(session, world, place, due, **values)


def record(db: Database, now: str) -> Owed:
    with db.transaction() as session:
        return service.record_owed(session, now=parse_instant(now))


def told(db: Database, now: str) -> dict[str, list[tuple[str, str]]]:
    """Who is told what at an instant: kinds and rungs by person."""
    return {
        each.person.email.partition("@")[0]: [(i.subject[0], i.rung) for i in each.digest.intents]
        for each in record(db, now).mails
    }


def add(db: Database, *rows: Any) -> None:
    with db.transaction() as session:
        session.add_all(rows)


def set_rules(db: Database, world: World, **ladders: Any) -> None:
    """A newer version of the plan's rules: other ladders, or other settings beside them."""
    top = {name: ladders.pop(name) for name in list(ladders) if name in DEFAULT_DATA}
    data = DEFAULT_DATA | {"ladders": DEFAULT_DATA["ladders"] | ladders} | top
    with db.transaction() as session:
        versions = len(session.scalars(select(ReminderRules.id)).all())
        session.add(
            ReminderRules(
                plan_id=world.plan, version=versions + 1, rules=data, decided_by=0, decided_by_label="-",
                recorded_at=parse_instant("2017-10-01T10:00"),
            )
        )  # fmt: skip


def person(db: Database, world: World, name: str, place: str, *, role: str = "officer", deputy: bool = False) -> int:
    with db.transaction() as session:
        row = Person(
            email=f"{name}@example.test", name_zh=name, name_en=name, password_hash="-",
            created_at=parse_instant("2017-01-01T08:00"), last_seen_at=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(
            Membership(
                person_id=row.id, organisation_id=world.places[place], role=role, valid_from=date(2017, 1, 1),
                valid_until=None, deputy=deputy,
            )
        )  # fmt: skip
        return row.id


def decision(assignment: int, at: str, word: str = "return", after: str = "returned") -> ReviewDecision:
    return ReviewDecision(
        assignment_id=assignment, decision=word, actor_id=0, actor_label="-", recorded_at=parse_instant(at),
        status_after=after,
    )  # fmt: skip
