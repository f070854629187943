"""A later plan needs no code: an invented one, with its own organisations and report day, through the main loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.loader import load
from seed.schema import load_pack
from tasks import runner
from tasks.schedule import BY_NAME
from tests.support.people import WEAK_HASH
from tests.support.smtp import post_office
from webapp.accounts.queries import load_actor
from webapp.accounts.service import create_person, grant_role
from webapp.clock import StoppedClock, parse_instant
from webapp.db import Database, Instance
from webapp.errors import Conflict
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM, Actor, Role
from webapp.plans.models import Assignment, Plan, Task
from webapp.plans.queries import get_assignment
from webapp.progress.service import decide, record_update
from webapp.reports import service as reports
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.rollups.models import Rollup
from webapp.rollups.service import recompute
from webapp.settings import Settings

PACK = Path(__file__).parent.parent / "packs" / "delta-2019"
START = parse_instant("2019-01-15T09:00")
FEBRUARY = date(2019, 2, 1)
PEOPLE = {
    "officer": ("reedmouth", Role.OFFICER),
    "coordinator": ("lower-shore", Role.COORDINATOR),
    "overseer": ("delta", Role.COORDINATOR),
}


@dataclass(frozen=True)
class Delta:
    """The invented plan in a database, and its people."""

    database: Database
    actors: Mapping[str, Actor]


@pytest.fixture
def delta(db: Database) -> Delta:
    with db.transaction() as session:
        session.add(Instance(id=1, mode="production", clock_offset_seconds=0, created_at=START))
        load(session, load_pack(PACK), now=START)
        return Delta(db, {name: hire(session, name, *post) for name, post in PEOPLE.items()})


def hire(session: Session, name: str, code: str, role: Role) -> Actor:
    person = create_person(
        session, email=f"{name}@delta.example", name_zh=name, name_en=name, password_hash=WEAK_HASH, actor=SYSTEM,
        now=START,
    )  # fmt: skip
    place = session.scalars(select(Organisation).where(Organisation.code == code)).one()
    grant_role(session, person, place, role, valid_from=date(2019, 1, 1), actor=SYSTEM, now=START)
    actor = load_actor(session, person.id, person.auth_version, date(2019, 1, 15))
    assert actor is not None
    return actor


def berths(session: Session, actor: Actor) -> Assignment:
    query = select(Assignment.id).join(Task, Task.id == Assignment.task_id).join(Organisation)
    found = session.scalars(query.where(Task.code == "a-berths", Organisation.code == "reedmouth")).one()
    return get_assignment(session, found, actor)


def file(delta: Delta, kind: str, instant: str, quantity: int) -> None:
    now = parse_instant(instant)
    with delta.database.transaction() as session:
        row = berths(session, delta.actors["officer"])
        record_update(
            session, row, actor=delta.actors["officer"], now=now, kind=kind, as_of=now.date(),  # type: ignore[arg-type]
            version=row.version, quantity=Decimal(quantity), note="岸电泊位",
        )  # fmt: skip


def test_an_update_is_claimed_verified_and_rolled_up(delta: Delta) -> None:
    file(delta, "progress", "2019-02-20T10:00", 5)
    file(delta, "claim", "2019-02-26T10:00", 12)
    with delta.database.transaction() as session:
        row = berths(session, delta.actors["coordinator"])
        decide(
            session, row, actor=delta.actors["coordinator"], now=parse_instant("2019-02-27T15:00"), decision="verify",
            version=row.version,
        )  # fmt: skip
    with delta.database.transaction() as session:
        assert recompute(session, months=[FEBRUARY], now=parse_instant("2019-03-01T02:00")) > 0
    with delta.database.reading() as session:
        row = berths(session, delta.actors["officer"])
        counted = select(Rollup.applicable, Rollup.done).where(
            Rollup.organisation_id == row.organisation_id, Rollup.clause_id == row.clause_id
        )
        assert session.execute(counted).one() == (1, 1)
    assert (row.status, row.verified, row.light_label) == ("verified", Decimal(12), "done")


def test_the_report_is_due_on_the_plans_own_day(delta: Delta) -> None:
    file(delta, "progress", "2019-02-20T10:00", 5)
    first = parse_instant("2019-03-01T00:20")
    with delta.database.transaction() as session:
        assert reports.open_reports(session, month=FEBRUARY, now=first) == 7
        plan = session.scalars(select(Plan)).one()
        assert plan.code == "delta-2019"
        found = session.scalars(select(MonthlyReport).join(Organisation).where(Organisation.code == "reedmouth")).one()
        assert (found.nominal_due, found.due) == (date(2019, 3, 5), date(2019, 3, 5))
        assert found.internal_due == date(2019, 3, 1)
        officer, coordinator = delta.actors["officer"], delta.actors["coordinator"]
        report = get_report(session, found.id, officer)
        sent = reports.submit(
            session, report, actor=officer, now=parse_instant("2019-03-01T10:00"), version=report.version,
            confirm_check=True,
        )  # fmt: skip
        lines = {line["task"]: line["cumulative"] for line in sent.content["lines"]}
        assert lines["a-berths"] == "5"
        reports.decide(
            session, report, actor=coordinator, now=parse_instant("2019-03-04T10:00"), decision="accept",
            version=report.version,
        )  # fmt: skip
    assert report.status == "accepted"
    assert report.days_late == 0


def test_its_reminders_go_out_by_its_own_dates(delta: Delta, tmp_path: Path) -> None:
    """Berths are due on 30 June 2019, a Sunday: the last day's rung moves back to Friday the 28th."""
    file(delta, "progress", "2019-05-20T10:00", 5)
    jobs = [BY_NAME["relight"], BY_NAME["reminders"], BY_NAME["deliver"]]
    with post_office() as office:
        settings = Settings(data_dir=tmp_path, smtp_host="127.0.0.1", smtp_port=office.port)
        for instant in ("2019-06-27T23:59", "2019-06-28T08:31", "2019-06-28T17:00", "2019-06-30T08:31"):
            runner.tick(delta.database, settings, jobs, owner="test", clock=StoppedClock(parse_instant(instant)))
    officers = [message for address, message in office.received if address == "officer@delta.example"]
    assert len(officers) == 1
    body = officers[0].get_body(("plain",))
    assert body is not None
    assert "建成岸电泊位" in body.get_content()


def test_what_is_settled_cannot_be_claimed_again(delta: Delta) -> None:
    file(delta, "claim", "2019-02-26T10:00", 12)
    with pytest.raises(Conflict):
        file(delta, "claim", "2019-02-27T10:00", 12)
