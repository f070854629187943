"""What is known of assignments at a month's end, replayed from the records that are only ever added.

A month's figures count the statements that speak of a day up to its end, whenever they were recorded: a filing that
comes in after the month heals the month's figures. Decisions, extensions and monthly plans count from the day they were
taken, so that none of them changes a month gone by. A figure that puts an earlier day right (`progress.restating`)
counts until the next one that was stated, and for nothing else. What was known on an earlier day is kept by the
roll-up's versions.

The replay follows `progress.service` step by step: asked for today it gives the state that is stored, which a test
holds. Everything is loaded in six statements for any number of assignments, and can then be asked for any month.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from webapp.clock import known_before, local_date, month_end
from webapp.db import UtcDateTime, plain_rows
from webapp.organisations.models import Organisation
from webapp.plans.lists import with_places
from webapp.plans.models import Assignment, Clause, DueDate, MonthlyNode, Task
from webapp.progress.facts import AssignmentFacts, Node, TaskFacts
from webapp.progress.models import ProgressUpdate, ReviewDecision, VerifiedCount
from webapp.progress.rules import first_missed, restated
from webapp.progress.service import UNDOES_CLAIM
from webapp.progress.state import CLAIMING, as_node

AnyRow = Row[*tuple[Any, ...]]
Query = Select[*tuple[Any, ...]]
COLUMNS = (
    Assignment.id,
    Assignment.plan_id,
    Assignment.task_id,
    Assignment.organisation_id,
    Assignment.clause_id,
    Assignment.starts_on,
    Assignment.nominal_due,
    Assignment.due,
    Assignment.counted,
    Task.code.label("task_code"),
    Task.sort.label("task_sort"),
    Task.title_zh,
    Task.title_en,
    Task.kind,
    Task.comparator,
    Task.target_min,
    Task.target_max,
    Task.unit,
    Task.basically,
    Task.measure_kind,
    Task.named,
    Clause.code.label("clause_code"),
    Clause.title_zh.label("clause_zh"),
    Clause.title_en.label("clause_en"),
    Clause.sort.label("clause_sort"),
)
UPDATES = (
    ProgressUpdate.id,
    ProgressUpdate.assignment_id,
    ProgressUpdate.kind,
    ProgressUpdate.as_of,
    ProgressUpdate.recorded_at,
    ProgressUpdate.quantity,
    ProgressUpdate.note,
    ProgressUpdate.problem,
    ProgressUpdate.next_step,
    ProgressUpdate.reason,
    ProgressUpdate.status_after,
)
DECISIONS = (
    ReviewDecision.id,
    ReviewDecision.assignment_id,
    ReviewDecision.decision,
    ReviewDecision.recorded_at,
    ReviewDecision.quantity,
    ReviewDecision.status_after,
)
COUNTS = (VerifiedCount.assignment_id, VerifiedCount.recorded_at, VerifiedCount.id, VerifiedCount.quantity)
DUES = (DueDate.assignment_id, DueDate.revision, DueDate.due, DueDate.recorded_at)
NODES = (MonthlyNode.assignment_id, MonthlyNode.revision, MonthlyNode.month, MonthlyNode.share, MonthlyNode.recorded_at)


@dataclass(frozen=True, slots=True)
class Point:
    """A month looked at from an instant: `cutoff` is the last day that counts, `on` the day lights are judged by.

    A closed month is judged on the day after it, when all of its last day is over; the running one, and any other
    stretch up to a day (`on_day`), on that day itself.
    """

    month: date
    cutoff: date
    on: date
    known: datetime

    @property
    def decided_before(self) -> datetime:
        """The instant before which decisions and plans had to be recorded."""
        return min(known_before(self.cutoff), self.known + timedelta(microseconds=1))


def point(month: date, *, now: datetime) -> Point:
    """A month (any of its days) as it is to be looked at now."""
    today, last = local_date(now), month_end(month)
    first = last.replace(day=1)
    if today > last:
        return Point(first, last, last + timedelta(days=1), now)
    return Point(first, today, today, now)


def on_day(day: date) -> Point:
    """Everything as it was known on a day: what was recorded before the next midnight, lights judged on the day."""
    return Point(day.replace(day=1), day, day, known_before(day) - timedelta(microseconds=1))


@dataclass(slots=True)
class History:
    """Assignments with everything recorded on them, oldest first."""

    assignments: Sequence[AnyRow]
    updates: dict[int, list[AnyRow]] = field(default_factory=dict)
    decisions: dict[int, list[AnyRow]] = field(default_factory=dict)
    counts: dict[int, list[AnyRow]] = field(default_factory=dict)
    dues: dict[int, list[AnyRow]] = field(default_factory=dict)
    nodes: dict[int, list[AnyRow]] = field(default_factory=dict)
    restated: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.restated = frozenset(number for each in self.updates.values() for number in restated(each))


@dataclass(slots=True)
class Known:
    """An assignment as known at a point.

    `latest` is the last statement that counts, `words` the last with words, `figure` the last that carried a figure.
    """

    row: AnyRow
    facts: AssignmentFacts
    latest: AnyRow | None = None
    words: AnyRow | None = None
    figure: AnyRow | None = None


def load_history(session: Session, condition: ColumnElement[bool], *, now: datetime, **values: Any) -> History:
    """The assignments a condition names, with what was recorded until now. The condition keeps to the caller's area.

    `values` are for the parameters of a condition that is written once for many calls: its statements are kept.
    """
    chosen, *recorded = _queries(condition)
    # Parameters that a statement does not have are left aside.
    values["known_by"] = now
    return History(plain_rows(session, chosen, **values), *(_grouped(session, each, **values) for each in recorded))


@lru_cache(maxsize=8)
def _queries(condition: ColumnElement[bool]) -> tuple[Query, ...]:
    ids = select(Assignment.id).join(Organisation, Organisation.id == Assignment.organisation_id).where(condition)
    return (
        with_places(select(*COLUMNS)).where(condition).order_by(Clause.sort, Task.sort, Assignment.id),
        _recorded(UPDATES, ProgressUpdate, ids),
        _recorded(DECISIONS, ReviewDecision, ids),
        _recorded(COUNTS, VerifiedCount, ids),
        select(*DUES).where(DueDate.assignment_id.in_(ids)).order_by(DueDate.revision),
        select(*NODES).where(MonthlyNode.assignment_id.in_(ids)).order_by(MonthlyNode.revision, MonthlyNode.month),
    )


def _recorded(columns: Any, table: Any, ids: Any) -> Query:
    until_now = table.recorded_at <= bindparam("known_by", type_=UtcDateTime)
    return select(*columns).where(table.assignment_id.in_(ids), until_now).order_by(table.recorded_at, table.id)


def _grouped(session: Session, query: Query, **values: Any) -> dict[int, list[AnyRow]]:
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in plain_rows(session, query, **values):
        found[row.assignment_id].append(row)
    return dict(found)


def known_at(history: History, at: Point) -> Iterable[Known]:
    """Each assignment as known at a point, in the plan's order; those that begin later are among them."""
    for row in history.assignments:
        yield known_of(history, row, at)


def _speaks_of(update: AnyRow, at: Point) -> bool:
    return bool(update.as_of <= at.cutoff and update.recorded_at <= at.known)


def known_of(history: History, row: AnyRow, at: Point) -> Known:
    """One of the assignments as known at a point."""
    state = _State()
    updates = [each for each in history.updates.get(row.id, ()) if _speaks_of(each, at)]
    # An update comes before a decision of the same instant: nobody decides on what is not there yet.
    events = [(each.recorded_at, 0, each) for each in updates]
    for place, found in enumerate((history.counts, history.decisions), start=1):
        events += [(each.recorded_at, place, each) for each in found.get(row.id, ())
                   if each.recorded_at < at.decided_before]  # fmt: skip
    for _at, place, event in sorted(events, key=lambda each: each[:2]):
        if place == 2:
            state.decide(event)
        elif place == 1:
            state.count(event.quantity)
        elif event.id in history.restated:
            state.figure(event)
        else:
            state.state(event, at)
    stated = [each for each in updates if each.id not in history.restated]
    worded = [each for each in stated if each.problem or each.next_step]
    facts = _facts(row, state, _dues(row, history, at), history.nodes.get(row.id, ()), at)
    return Known(row, facts, stated[-1] if stated else None, worded[-1] if worded else None, state.figured)


@dataclass(slots=True)
class _State:
    """What a replay remembers from record to record."""

    status: str = "not_started"
    figured: AnyRow | None = None
    verified: Decimal | None = None
    counted: Decimal | None = None
    claimed_on: date | None = None
    first_done_on: date | None = None
    last_update_on: date | None = None

    def state(self, update: AnyRow, at: Point) -> None:
        """Take in what the organisation stated."""
        day = local_date(update.recorded_at)
        self.figure(update)
        # A claim that stands is ended by its organisation or by a decision. Anything else filed on top of it followed a
        # decision that is too late for this point: the figure counts, the claim stands.
        if self.status not in CLAIMING or update.kind == "withdraw":
            self.status = update.status_after
            self._stamp(update.kind, day)
        # What came in after the month speaks of its own day, so that it breaks the silence of that month alone.
        filed = day if day <= at.cutoff else update.as_of
        self.last_update_on = max(filed, self.last_update_on or filed)

    def figure(self, update: AnyRow) -> None:
        """Take in the figure of a statement, where none was stated for a later day."""
        if update.quantity is not None and (self.figured is None or update.as_of >= self.figured.as_of):
            self.figured = update

    def _stamp(self, kind: str, day: date) -> None:
        if kind in ("claim", "na_claim"):
            self.claimed_on = day
        elif kind == "withdraw":
            self.claimed_on = None
        if kind == "claim" and self.first_done_on is None:
            self.first_done_on = day

    def count(self, quantity: Decimal) -> None:
        """Take in what was verified row by row; a close-out that stands keeps its own figure."""
        self.counted = quantity
        if self.status != "verified":
            self.verified = quantity

    def decide(self, decision: AnyRow) -> None:
        """Take in what the level above decided."""
        self.status = decision.status_after
        self.verified = self.counted if decision.quantity is None else decision.quantity
        if decision.decision in UNDOES_CLAIM:
            self.claimed_on = None


def _task(row: AnyRow) -> TaskFacts:
    return TaskFacts(
        row.kind, row.comparator, row.target_min, row.target_max, row.unit, row.measure_kind, row.named
    )  # fmt: skip


def _dues(row: AnyRow, history: History, at: Point) -> list[tuple[date, date]]:
    """The due dates that held by then, as (day decided, due); the plan's own holds whenever it was loaded."""
    return [
        (local_date(each.recorded_at), each.due)
        for each in history.dues.get(row.id, ())
        if each.revision == 1 or each.recorded_at < at.decided_before
    ]


def _nodes(nodes: Sequence[AnyRow], due: date | None, at: Point) -> tuple[Node, ...]:
    filed = [each for each in nodes if each.recorded_at < at.decided_before]
    newest = max((each.revision for each in filed), default=0)
    return tuple(as_node(each.month, each.share, due) for each in filed if each.revision == newest)


def _facts(
    row: AnyRow, state: _State, dues: list[tuple[date, date]], nodes: Sequence[AnyRow], at: Point
) -> AssignmentFacts:
    due = dues[-1][1] if dues else row.due
    until = state.claimed_on if state.claimed_on and state.status in CLAIMING else at.on
    return AssignmentFacts(
        task=_task(row),
        status=state.status,
        starts_on=row.starts_on,
        due=due,
        nominal_due=row.nominal_due,
        nodes=_nodes(nodes, due, at),
        claimed=state.figured.quantity if state.figured else None,
        verified=state.verified,
        claimed_on=state.claimed_on,
        first_done_on=state.first_done_on,
        missed_on=first_missed(dues, until) if len(dues) > 1 else None,
        last_update_on=state.last_update_on,
        opened_on=dues[0][0] if dues else None,
    )
