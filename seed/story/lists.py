"""The demo's ledgers: boilers, scattered polluters, villages and devices of some cities, as far as they say they are.

The rows are invented. They are written in one go on the story's last day, when nothing more is typed for their tasks,
with the history they would have if they had been kept since the survey; the figures then follow from them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, joinedload, selectinload

from seed.story import rows
from seed.story.beats import LAST_DAY
from seed.story.cast import Cast
from seed.story.rows import Values
from webapp.clock import local_date, local_instant
from webapp.ledgers import queries, service
from webapp.ledgers.models import LedgerEvent, LedgerRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.values import changes
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Task

LISTED_ON = LAST_DAY
SURVEYED, LATE, FIRST_DONE = date(2017, 3, 6), date(2017, 6, 12), date(2017, 5, 8)
# Where the duty was already closed, these lists are not kept any more.
KEPT_WHILE_OPEN = frozenset({"m04-boilers-all", "m02-close-all", "m03-households", "m13-fixed"})
# Every so many rows one was listed after the survey, one was removed again.
LATE_EVERY, REMOVED_EVERY = 17, 29

# task, how many rows, and the cities with two of their counties each.
BOOKS: tuple[tuple[str, int, dict[str, tuple[str, str]]], ...] = (
    ("m04-boilers-all", 120, {
        "130600": ("安新县", "徐水区"), "130100": ("正定县", "藁城区"), "131000": ("固安县", "霸州市"),
        "370100": ("章丘区", "平阴县")}),
    ("m02-close-all", 90, {"130200": ("丰润区", "玉田县"), "130600": ("清苑区", "雄县")}),
    ("m03-households", 60, {"130100": ("正定县", "鹿泉区"), "130200": ("滦县", "丰南区")}),
    ("m13-fixed", 10, {"130600": ("竞秀区", "满城区"), "130100": ("长安区", "栾城区"), "370100": ("历城区", "长清区")}),
    ("m07-permits-power", 12, {"130600": ("莲池区", "定兴县"), "130100": ("长安区", "鹿泉区")}),
    ("m07-permits-steel", 12, {"130600": ("涞源县", "徐水区"), "130100": ("井陉县", "鹿泉区")}),
    ("m07-permits-cement", 28, {"130600": ("易县", "曲阳县"), "130100": ("鹿泉区", "元氏县")}),
    ("m08-treatment", 48, {"130600": ("高新区", "定兴县"), "130100": ("高新区", "栾城区")}),
    ("m15-vapour", 60, {"130600": ("竞秀区", "清苑区"), "130400": ("丛台区", "武安市")}),
    ("m16-site-five", 45, {"130600": ("竞秀区", "莲池区"), "130400": ("复兴区", "永年区")}),
    ("m19-plan", 40, {"130600": ("满城区", "徐水区"), "370100": ("历城区", "章丘区")}),
)  # fmt: skip
# The other tasks that tick the rows of a list: each has a check of its own there.
SHARED = {"m15-vapour": ("m15-urea",), "m16-site-five": ("m16-site-online", "m16-site-video")}
GONE = "现场核查已停用多年，设备不在"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row to be, what was added to it when it was done, and what became of it."""

    values: Values
    listed: datetime
    added: Values = field(default_factory=dict)
    done: datetime | None = None
    removed: datetime | None = None


def open_books(session: Session, cast: Cast) -> None:
    """Write all ledgers, and let the figures follow."""
    now = local_instant(LISTED_ON, time(17, 40))
    for task, size, cities in BOOKS:
        for assignment in _assignments(session, [task], tuple(cities)):
            if assignment.claimed and (task not in KEPT_WHILE_OPEN or assignment.status in ("in_progress", "returned")):
                actor = cast.actors[cast.files_for(assignment.organisation.code)]
                _write(session, assignment, size, cities[assignment.organisation.code], actor, now)


def _assignments(session: Session, tasks: Sequence[str], cities: Sequence[str]) -> Sequence[Assignment]:
    query = (
        select(Assignment)
        .join(Assignment.task)
        .join(Assignment.organisation)
        .where(Task.code.in_(tasks), Organisation.code.in_(cities))
        .options(joinedload(Assignment.task), joinedload(Assignment.organisation), selectinload(Assignment.plan))
        .order_by(Assignment.id)
    )
    return session.scalars(query).all()


def _write(
    session: Session, assignment: Assignment, size: int, counties: tuple[str, str], actor: Actor, now: datetime
) -> None:
    ledger, _use = queries.ledger_of(assignment)
    checks = _checks(session, assignment, size)
    lines = list(_lines(assignment, size, counties, checks))
    session.execute(insert(LedgerRow), [_row(ledger, line) for line in lines])
    found = session.execute(select(LedgerRow.identity, LedgerRow.id).where(ledger.mine))
    ids = {row.identity: row.id for row in found}
    by = {"import_id": None, "sample_id": None, "actor_id": actor.id, "actor_label": actor.name}
    events = [
        {**event, **by, "row_id": ids[service.copies(ledger, line.values)["identity"]]}
        for line in lines
        for event in _events(line)
    ]
    session.execute(insert(LedgerEvent), events)
    service.recount(session, ledger, queries.holding(session, ledger), actor=actor, now=now)


def _checks(session: Session, assignment: Assignment, size: int) -> dict[str, set[int]]:
    """The checks of a list that is ticked: for each the rows where it does not hold. Empty for other lists."""
    code = assignment.task.code
    if code not in SHARED:
        return {}
    sharing = _assignments(session, [code, *SHARED[code]], [assignment.organisation.code])
    return {check: _undone(each, size) for each in sharing for check in queries.ledger_of(each)[1].done}


def _undone(assignment: Assignment, size: int) -> set[int]:
    """So many of the rows are done as the officer said, rounded in their favour.

    The undone ones stand here and there, not at the end.
    """
    done = _done(assignment, size)
    step = size / max(1, size - done)
    return {int(place * step) for place in range(size - done)}


def _lines(
    assignment: Assignment, size: int, counties: tuple[str, str], checks: Mapping[str, set[int]]
) -> Iterator[_Line]:
    """The rows, done or not, and a few more that were removed again."""
    assert assignment.claimed is not None
    households = assignment.task.unit == "household"
    undone = set() if checks else _undone(assignment, size)
    done = size - len(undone)
    rest = int(assignment.claimed)
    for number in range(size):
        values = rows.values(assignment.task.code, number, counties)
        if households:
            each = rest if number == max(set(range(size)) - undone) else int(assignment.claimed) // done
            values["households"] = str(each if number not in undone else 400 + number)
            rest -= 0 if number in undone else each
        if number in undone:
            yield _Line(values, _listed(number))
            continue
        ticks = {check: number not in missing for check, missing in checks.items()}
        yield _Line(values, _listed(number), rows.when_done(values) | ticks, _finished(number, size))
    for number in range(size, size + size // REMOVED_EVERY):
        removed = local_instant(FIRST_DONE + timedelta(days=number % 60), time(15, 20))
        yield _Line(rows.values(assignment.task.code, number, counties), _listed(1), removed=removed)


def _done(assignment: Assignment, size: int) -> int:
    claimed = assignment.claimed or Decimal(0)
    if assignment.task.unit == "milestone":
        return size if claimed else 0
    if assignment.task.unit == "share":
        return ceil(claimed * size)
    return size * 9 // 10 if assignment.task.unit == "household" else min(int(claimed), size)


def _listed(number: int) -> datetime:
    late = number % LATE_EVERY == LATE_EVERY - 1
    return local_instant((LATE if late else SURVEYED) + timedelta(days=number % 21), time(9 + number % 8, number % 60))


def _finished(number: int, size: int) -> datetime:
    days = (LAST_DAY - timedelta(days=2) - FIRST_DONE).days
    return local_instant(FIRST_DONE + timedelta(days=days * number // size), time(9 + number % 8, number % 60))


def _row(ledger: Ledger, line: _Line) -> dict[str, Any]:
    return {
        "plan_id": ledger.plan.id,
        "type": ledger.kind.code,
        "organisation_id": ledger.organisation.id,
        **service.copies(ledger, line.values | line.added),
        "state": "removed" if line.removed else "done" if line.done else "listed",
        "listed_on": local_date(line.listed),
        "first_done_at": line.done,
        "done_on": local_date(line.done) if line.done else None,
        "verified_at": None,
        "verified_how": "",
        "removed_reason": GONE if line.removed else "",
        "updated_at": line.removed or line.done or line.listed,
        "version": 1,
    }


def _events(line: _Line) -> Iterator[dict[str, Any]]:
    yield _event("list", "", "listed", line.listed, changes({}, line.values))
    if line.done:
        yield _event("finish", "listed", "done", line.done, changes(line.values, line.values | line.added))
    if line.removed:
        yield _event("remove", "listed", "removed", line.removed, reason=GONE)


def _event(
    action: str, before: str, after: str, at: datetime, changed: dict[str, Any] | None = None, reason: str = ""
) -> dict[str, Any]:
    return {"action": action, "state_before": before, "state_after": after, "changes": changed or {}, "reason": reason,
            "recorded_at": at}  # fmt: skip


# --- the second story works the lists off


def pending(session: Session) -> dict[int, int]:
    """How many rows of its list each counted assignment still has to do, by its id."""
    related = (joinedload(Assignment.task), joinedload(Assignment.organisation), selectinload(Assignment.plan))
    counted = session.scalars(select(Assignment).where(Assignment.counted).options(*related))
    return {row.id: len(_undone_rows(session, row)) for row in counted if row.task.ledger}


def _undone_rows(session: Session, assignment: Assignment) -> Sequence[LedgerRow]:
    ledger, use = queries.ledger_of(assignment)
    open_still = ledger.mine & queries.concerned(use) & (LedgerRow.state != "removed") & ~queries.done(use)
    query = select(LedgerRow).where(open_still)
    return session.scalars(query.order_by(LedgerRow.planned_on, LedgerRow.id)).all()


def finish_next(session: Session, assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """Do the next row of a list; where rows are ticked, the tick that was missing is set."""
    ledger, use = queries.ledger_of(assignment)
    row = _undone_rows(session, assignment)[0]
    if row.state == "listed":
        service.act(session, ledger, row, "finish", actor=actor, now=now, version=row.version,
                    ticked=ledger.kind.checks)  # fmt: skip
    else:
        ticked = row.values | dict.fromkeys(use.done, True)
        service.edit_row(session, ledger, row, ticked, actor=actor, now=now, version=row.version, sure=True)
