"""The demo's ledgers: boilers, scattered polluters, villages and devices of some cities, as far as they say they are.

The rows are invented. They are written in one go on the story's last day, when nothing more is typed for their tasks,
with the history they would have if they had been kept since the survey; the figures then follow from them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, joinedload, selectinload

from seed.story.beats import LAST_DAY
from seed.story.cast import Cast
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
)  # fmt: skip
TOWNS = ("城关镇", "东关镇", "南留庄镇", "西马庄乡", "北河店镇")
OWNERS = ("实验小学", "卫生院", "宏达洗浴中心", "华联宾馆", "第二中学", "利民面粉厂", "供销社", "敬老院")
WORKS = ("宏达", "兴旺", "永盛", "鑫源", "恒通", "顺发")
TRADES = (("foundry", "铸造"), ("mesh", "丝网"), ("plastic", "塑料"), ("furniture", "家具"), ("printing", "印刷"))
GONE = "现场核查已停用多年，设备不在"
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row to be, and what became of it."""

    values: Values
    listed: datetime
    done: datetime | None = None
    removed: datetime | None = None


def open_books(session: Session, cast: Cast) -> None:
    """Write all ledgers, and let the figures follow."""
    now = local_instant(LISTED_ON, time(17, 40))
    for task, size, cities in BOOKS:
        for assignment in _assignments(session, task, tuple(cities)):
            if assignment.claimed and assignment.status in ("in_progress", "returned"):
                actor = cast.actors[cast.files_for(assignment.organisation.code)]
                _write(session, assignment, size, cities[assignment.organisation.code], actor, now)


def _assignments(session: Session, task: str, cities: Sequence[str]) -> Sequence[Assignment]:
    query = (
        select(Assignment)
        .join(Assignment.task)
        .join(Assignment.organisation)
        .where(Task.code == task, Organisation.code.in_(cities))
        .options(joinedload(Assignment.task), joinedload(Assignment.organisation), selectinload(Assignment.plan))
        .order_by(Assignment.id)
    )
    return session.scalars(query).all()


def _write(
    session: Session, assignment: Assignment, size: int, counties: tuple[str, str], actor: Actor, now: datetime
) -> None:
    ledger, _use = queries.ledger_of(assignment)
    lines = list(_lines(assignment, size, counties))
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


def _lines(assignment: Assignment, size: int, counties: tuple[str, str]) -> Iterator[_Line]:
    """So many of the rows are done as the officer said, rounded in their favour; a few more were removed."""
    assert assignment.claimed is not None
    households = assignment.task.unit == "household"
    done = _done(assignment, size)
    # The undone ones stand here and there, not at the end.
    step = size / max(1, size - done)
    undone = {int(place * step) for place in range(size - done)}
    rest = int(assignment.claimed)
    for number in range(size):
        values = _values(assignment.task.code, number, counties)
        if households:
            each = rest if number == max(set(range(size)) - undone) else int(assignment.claimed) // done
            values["households"] = str(each if number not in undone else 400 + number)
            rest -= 0 if number in undone else each
        yield _Line(values, _listed(number), None if number in undone else _finished(number, size))
    for number in range(size, size + size // REMOVED_EVERY):
        removed = local_instant(FIRST_DONE + timedelta(days=number % 60), time(15, 20))
        yield _Line(_values(assignment.task.code, number, counties), _listed(1), None, removed)


def _done(assignment: Assignment, size: int) -> int:
    claimed = assignment.claimed or Decimal(0)
    if assignment.task.unit == "share":
        return ceil(claimed * size)
    return size * 9 // 10 if assignment.task.unit == "household" else min(int(claimed), size)


def _listed(number: int) -> datetime:
    late = number % LATE_EVERY == LATE_EVERY - 1
    return local_instant((LATE if late else SURVEYED) + timedelta(days=number % 21), time(9 + number % 8, number % 60))


def _finished(number: int, size: int) -> datetime:
    days = (LAST_DAY - timedelta(days=2) - FIRST_DONE).days
    return local_instant(FIRST_DONE + timedelta(days=days * number // size), time(9 + number % 8, number % 60))


def _values(task: str, number: int, counties: tuple[str, str]) -> Values:
    place = {"county": counties[number % 2], "township": TOWNS[number % len(TOWNS)]}
    month, turn = 5 + number % 6, number // 30 + 1
    planned = {"planned_on": date(2017, month, 20).isoformat()}
    if task == "m02-close-all":
        code, trade = TRADES[number % len(TRADES)]
        name = f"{place['township'][:2]}{WORKS[number % len(WORKS)]}{trade}{turn}厂"
        return {"name": name, **place, "industry": code, "way": "close", **planned}
    if task == "m03-households":
        return {"name": f"{place['township'][:2]}{number + 1}村", **place, "energy": ("gas", "power")[number % 3 == 0],
                **planned}  # fmt: skip
    if task == "m13-fixed":
        return {"name": f"{place['county']}{number + 1}号道口", **place, "number": f"YG-{number + 1:03}",
                "what": "fixed", "planned_on": date(2017, 8 + number % 5, 28).isoformat()}  # fmt: skip
    owner = f"{place['township'][:2]}{OWNERS[number % len(OWNERS)]}"
    if number >= 40:
        owner += f"{number // 40 + 1}号锅炉房"
    return {"name": owner, **place, "number": f"G{number + 1:03}", "what": "boiler", "address": f"中心街{number + 1}号",
            "capacity": ("0.5", "1", "2", "4", "6", "10")[number % 6], "purpose": "heating",
            "zone": ("built_up", "county_town", "elsewhere")[number % 3], **planned}  # fmt: skip


def _row(ledger: Ledger, line: _Line) -> dict[str, Any]:
    return {
        "plan_id": ledger.plan.id,
        "type": ledger.kind.code,
        "organisation_id": ledger.organisation.id,
        **service.copies(ledger, line.values),
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
        yield _event("finish", "listed", "done", line.done)
    if line.removed:
        yield _event("remove", "listed", "removed", line.removed, reason=GONE)


def _event(
    action: str, before: str, after: str, at: datetime, changed: dict[str, Any] | None = None, reason: str = ""
) -> dict[str, Any]:
    return {"action": action, "state_before": before, "state_after": after, "changes": changed or {}, "reason": reason,
            "recorded_at": at}  # fmt: skip
