"""Every ledger of some organisations in figures, as known at an instant: what reports, bulletins and overviews show.

A row touched since is brought back to where it stood by undoing its later events; all others are counted by the
database. The caller answers for the area.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.ledgers.kinds import Kind, Use, kinds_of
from webapp.ledgers.models import LedgerEvent, LedgerRow
from webapp.ledgers.queries import Ledger, concerned, done, use_of
from webapp.ledgers.rules import Counts, Row, Sums, count, undo
from webapp.ledgers.values import quantity_of
from webapp.plans.models import Assignment, Plan, Task

GROUPS = ("base", "done", "verified", "removed", "late")


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """A task that is counted from a ledger, and its part of the rows."""

    task: Task
    use: Use
    counts: Counts


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """An organisation's ledger of one kind: all its rows by their state, and what each of its tasks counts of them."""

    kind: Kind
    counts: Counts
    tasks: tuple[TaskSummary, ...]


def summary(
    session: Session, plan: Plan, organisations: Collection[int], *, known_before: datetime
) -> dict[int, list[LedgerSummary]]:
    """The ledgers of each organisation that held a row before an instant, in the pack's order.

    A handful of statements for each kind that somebody keeps, however many organisations and rows there are.
    """
    kept = _kept(session, plan, organisations)
    tasks = _tasks(session, plan, organisations) if kept else {}
    found: dict[int, list[LedgerSummary]] = {}
    for kind in (each for each in kinds_of(plan.rules) if each.code in kept):
        theirs = {number: [task for task in mine if task.ledger and task.ledger["type"] == kind.code]
                  for number, mine in tasks.items()}  # fmt: skip
        uses = {task.code: use for mine in theirs.values() for task in mine if (use := use_of(task))}
        figures = _figures(session, plan, kind, organisations, [Use(kind.code), *uses.values()], known_before)
        for number, (whole, *parts) in figures.items():
            by_task = dict(zip(uses, parts, strict=True))
            mine = tuple(TaskSummary(task, uses[task.code], by_task[task.code]) for task in theirs.get(number, ()))
            found.setdefault(number, []).append(LedgerSummary(kind, whole, mine))
    return found


def _kept(session: Session, plan: Plan, organisations: Collection[int]) -> frozenset[str]:
    """The kinds of ledgers that anybody has a row in."""
    query = select(LedgerRow.type).where(
        LedgerRow.plan_id == plan.id, LedgerRow.organisation_id.in_(organisations)
    )  # fmt: skip
    return frozenset(session.scalars(query.distinct()))


def counts_before(session: Session, ledger: Ledger, use: Use, known_before: datetime) -> Counts:
    """The figures of the rows a task counts, as known before an instant. The ledger was loaded inside the area."""
    number = ledger.organisation.id
    found = _figures(session, ledger.plan, ledger.kind, [number], [use], known_before)
    return found[number][0] if number in found else Counts()


def _tasks(session: Session, plan: Plan, organisations: Collection[int]) -> Mapping[int, list[Task]]:
    """The counted tasks of each organisation, in the plan's order."""
    query = (
        select(Assignment.organisation_id, Task)
        .join(Task, Task.id == Assignment.task_id)
        .where(Assignment.plan_id == plan.id, Assignment.organisation_id.in_(organisations))
        .where(Task.ledger["type"].as_string().is_not(None))
        .order_by(Task.sort, Task.id)
    )
    found: dict[int, list[Task]] = {}
    for number, task in session.execute(query):
        if task not in found.setdefault(number, []):
            found[number].append(task)
    return found


def _figures(
    session: Session, plan: Plan, kind: Kind, organisations: Collection[int], uses: list[Use], known_before: datetime
) -> dict[int, list[Counts]]:
    """Of each organisation with a row, the counts of each use."""
    mine = and_(
        LedgerRow.plan_id == plan.id, LedgerRow.type == kind.code, LedgerRow.organisation_id.in_(organisations)
    )  # fmt: skip
    sums = _counted(session, kind, and_(mine, LedgerRow.updated_at < known_before), uses)
    for number, rows in _rewound(session, kind, mine, known_before).items():
        back = [count(use, rows, kind.survey_until) for use in uses]
        sums[number] = [_plus(*both) for both in zip(sums.get(number, [Counts()] * len(uses)), back, strict=True)]
    return {number: counts for number, counts in sorted(sums.items()) if counts[0].opened}


def _counted(
    session: Session, kind: Kind, condition: ColumnElement[bool], uses: list[Use]
) -> dict[int, list[Counts]]:  # fmt: skip
    """The database's counts, in one statement."""
    columns = [column for use in uses for each in _groups(kind, use) for column in _sums(each)]
    query = select(LedgerRow.organisation_id, *columns).where(condition).group_by(LedgerRow.organisation_id)
    width = 2 * len(GROUPS)
    return {
        number: [_counts(figures[first : first + width]) for first in range(0, len(figures), width)]
        for number, *figures in session.execute(query)
    }


def _groups(kind: Kind, use: Use) -> list[ColumnElement[bool]]:
    """The conditions of GROUPS."""
    kept, removed = LedgerRow.state != "removed", LedgerRow.state == "removed"
    late = LedgerRow.listed_on > kind.survey_until if kind.survey_until else LedgerRow.id.is_(None)
    found = (kept, and_(kept, done(use)), and_(LedgerRow.state == "verified", done(use)), removed, and_(kept, late))
    return [and_(concerned(use), each) for each in found]


def _sums(condition: ColumnElement[bool]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return func.count(case((condition, 1))), func.sum(case((condition, LedgerRow.quantity)))


def _counts(figures: list[Any]) -> Counts:
    sums = [Sums(figures[place] or 0, figures[place + 1] or Decimal(0)) for place in range(0, len(figures), 2)]
    return Counts(**dict(zip(GROUPS, sums, strict=True)))


def _plus(one: Counts, other: Counts) -> Counts:
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in GROUPS}
    return Counts(**{name: Sums(a.rows + b.rows, a.quantity + b.quantity) for name, (a, b) in pairs.items()})


def _rewound(
    session: Session, kind: Kind, mine: ColumnElement[bool], known_before: datetime
) -> dict[int, list[Row]]:  # fmt: skip
    """The rows touched since, as they stood before; those that were not listed yet are left out."""
    # Rows listed on a later day were not there at all.
    last = local_date(known_before - timedelta(microseconds=1))
    touched = and_(mine, LedgerRow.updated_at >= known_before, LedgerRow.listed_on <= last)
    columns = (LedgerRow.id, LedgerRow.organisation_id, LedgerRow.state, LedgerRow.listed_on, LedgerRow.values)
    rows = {row.id: [row.organisation_id, row.state, row.listed_on, dict(row.values)]
            for row in session.execute(select(*columns).where(touched))}  # fmt: skip
    later = (
        select(LedgerEvent.row_id, LedgerEvent.state_before, LedgerEvent.changes)
        .join(LedgerRow, LedgerRow.id == LedgerEvent.row_id)
        .where(touched, LedgerEvent.recorded_at >= known_before)
        .order_by(LedgerEvent.id.desc())
    )
    for row_id, state, changes in session.execute(later):
        rows[row_id][1] = state
        undo(rows[row_id][3], changes)
    found: dict[int, list[Row]] = {}
    for number, state, listed_on, values in rows.values():
        if state:
            found.setdefault(number, []).append(Row(state, quantity_of(kind, values), listed_on, values))
    return found
