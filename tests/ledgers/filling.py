"""Short ways to a ledger and its rows, for tests."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.plans import assignment, person
from webapp.clock import parse_instant
from webapp.ledgers import queries, service
from webapp.ledgers.kinds import Use
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import Ledger
from webapp.permissions import Actor, Role
from webapp.plans.models import Assignment

BAODING, HEBEI = "130600", "130000"
BOILERS, TEA, SITES, HOUSES, SURVEY = (
    "m04-boilers-all",
    "m04-tea-stoves",
    "m16-site-five",
    "m03-households",
    "m02-survey",
)
MARCH, APRIL, MAY = (parse_instant(f"2017-{month}-20T09:00") for month in ("03", "04", "05"))


def officer(session: Session, code: str = BAODING) -> Actor:
    """The city's officer."""
    return person(session, code)


def coordinator(session: Session, code: str = HEBEI) -> Actor:
    """The coordinator above it."""
    return person(session, code, Role.COORDINATOR, 8)


def opened(session: Session, task: str = BOILERS, code: str = BAODING) -> tuple[Assignment, Ledger, Use]:
    """An assignment with its ledger."""
    row = assignment(session, task, code)
    return (row, *queries.ledger_of(row))


def boiler(index: int, /, **values: Any) -> dict[str, Any]:
    """What a form would send for a boiler."""
    given = {"name": f"第{index}小学", "county": "安新县", "township": "三台镇", "what": "boiler", "zone": "built_up"}
    return {**given, "capacity": "2", **values}


def add(session: Session, ledger: Ledger, *numbers: int, now: datetime = MARCH, **values: Any) -> list[LedgerRow]:
    """List boilers as the city's officer."""
    actor = officer(session, ledger.organisation.code)
    return [
        service.add_row(session, ledger, boiler(number, **values), actor=actor, now=now) for number in numbers
    ]  # fmt: skip


def do(session: Session, ledger: Ledger, row: LedgerRow, action: Any, **given: Any) -> LedgerRow:
    """Move a row as whoever may."""
    actor = given.pop("actor", None) or (coordinator(session) if action == "reopen" else officer(session))
    given = {"now": APRIL, "version": row.version, "reason": "理由", **given}
    return service.act(session, ledger, row, action, actor=actor, **given)


def rows(session: Session) -> list[LedgerRow]:
    """All rows."""
    return list(session.scalars(select(LedgerRow).order_by(LedgerRow.id)))
