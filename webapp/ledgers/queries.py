"""Reading ledgers, always inside the reader's area: one ledger, its rows page by page, its figures, a row's history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.errors import NotFound
from webapp.evidence.models import EvidenceFile
from webapp.i18n import number
from webapp.ledgers.kinds import Kind, Use, kind_of
from webapp.ledgers.models import STATES, LedgerEvent, LedgerEvidence, LedgerRow
from webapp.ledgers.rules import DONE_STATES, Counts, Sums, figure, verified_figure
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Plan, Task
from webapp.plans.queries import get_assignment
from webapp.plans.units import quantity

PAGE = 50
NO_LEDGER = _l("这项任务没有台账，完成数直接填报。")
NO_ROW = _l("台账中没有这一行，或者不在您的管辖范围内。")
# How a list may be sorted: the address's word, then the columns.
_OPEN_FIRST = case({state: place for place, state in enumerate(STATES)}, value=LedgerRow.state)
ORDERS: dict[str, tuple[Any, ...]] = {
    "open": (_OPEN_FIRST, LedgerRow.county, LedgerRow.township, LedgerRow.name),
    "place": (LedgerRow.county, LedgerRow.township, LedgerRow.name),
    "name": (LedgerRow.name, LedgerRow.county),
    "planned": (LedgerRow.planned_on.is_(None), LedgerRow.planned_on, LedgerRow.name),
    "-quantity": (LedgerRow.quantity.desc(), LedgerRow.name),
    "-updated": (LedgerRow.updated_at.desc(), LedgerRow.name),
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """An organisation's ledger of one kind under a plan."""

    plan: Plan
    organisation: Organisation
    kind: Kind

    @property
    def mine(self) -> ColumnElement[bool]:
        """A condition: the row stands in this ledger."""
        return and_(
            LedgerRow.organisation_id == self.organisation.id,
            LedgerRow.type == self.kind.code,
            LedgerRow.plan_id == self.plan.id,
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a list of rows; empty narrows nothing. `state` may be "late", `text` is looked for in names."""

    state: str = ""
    county: str = ""
    township: str = ""
    text: str = ""
    order: str = "open"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list."""

    rows: Sequence[LedgerRow]
    number: int
    pages: int
    total: int


def use_of(task: Task) -> Use | None:
    """How a task is counted, None where its figure is typed."""
    return Use.from_data(task.ledger) if task.ledger else None


def ledger_of(assignment: Assignment) -> tuple[Ledger, Use]:
    """The ledger behind an assignment, and how it is counted from it. Raises NotFound where it has none."""
    use = use_of(assignment.task)
    kind = kind_of(assignment.plan.rules, use.type) if use else None
    if use is None or kind is None:
        raise NotFound(NO_LEDGER)
    return Ledger(assignment.plan, assignment.organisation, kind), use


def get_ledger(session: Session, assignment_id: int, actor: Actor) -> tuple[Assignment, Ledger, Use]:
    """An assignment of the actor's area with its ledger. Raises NotFound."""
    found = get_assignment(session, assignment_id, actor)
    return (found, *ledger_of(found))


def counted_tasks(session: Session, ledger: Ledger) -> list[Task]:
    """The tasks of the plan that are counted from this kind of ledger."""
    query = select(Task).where(Task.plan_id == ledger.plan.id, Task.ledger["type"].as_string() == ledger.kind.code)
    return list(session.scalars(query.order_by(Task.sort)))


# --- rows


def get_row(session: Session, row_id: int, actor: Actor) -> tuple[LedgerRow, Ledger]:
    """A row of the actor's area with its ledger. Raises NotFound."""
    query = (
        select(LedgerRow, Organisation, Plan)
        .join(Organisation, Organisation.id == LedgerRow.organisation_id)
        .join(Plan, Plan.id == LedgerRow.plan_id)
        .where(LedgerRow.id == row_id, within(Organisation.path, actor))
    )
    found = session.execute(query).one_or_none()
    kind = kind_of(found[2].rules, found[0].type) if found else None
    if found is None or kind is None:
        raise NotFound(NO_ROW)
    return found[0], Ledger(found[2], found[1], kind)


def rows(
    session: Session, ledger: Ledger, use: Use, where: Filter, number: int, *, size: int = PAGE
) -> Page:  # fmt: skip
    """A page of the rows a task counts. The ledger was loaded inside the actor's area."""
    narrowed = select(LedgerRow).where(ledger.mine, concerned(use), *conditions(ledger.kind, where))
    total = session.scalar(narrowed.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // size))
    number = min(number, pages)
    order = ORDERS.get(where.order, ORDERS["open"])
    query = narrowed.order_by(*order, LedgerRow.id).limit(size).offset((number - 1) * size)
    return Page(session.scalars(query).all(), number, pages, total)


def conditions(kind: Kind, where: Filter) -> list[ColumnElement[bool]]:
    """The filters as conditions."""
    found: list[ColumnElement[bool]] = []
    if where.state == "late":
        found.append(and_(LedgerRow.state != "removed", _late(kind)))
    elif where.state:
        found.append(LedgerRow.state == where.state)
    if where.county:
        found.append(LedgerRow.county == where.county)
    if where.township:
        found.append(LedgerRow.township == where.township)
    for word in where.text.split()[:5]:
        columns = (LedgerRow.name, LedgerRow.township, LedgerRow.county)
        found.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    return found


def counties(session: Session, ledger: Ledger) -> list[str]:
    """The counties that occur in a ledger."""
    query = select(LedgerRow.county).where(ledger.mine).distinct().order_by(LedgerRow.county)
    return list(session.scalars(query))


def townships(session: Session, ledger: Ledger, use: Use) -> list[tuple[str, str, int]]:
    """The places that occur among the rows a task counts: county, township, rows that were not removed."""
    place = (LedgerRow.county, LedgerRow.township)
    query = select(*place, func.count()).where(ledger.mine, concerned(use), LedgerRow.state != "removed")
    return [(county, township, n) for county, township, n in session.execute(query.group_by(*place).order_by(*place))]


def concerned(use: Use) -> ColumnElement[bool]:
    """A condition: the task counts this row (`rules.concerns`, in the database's words)."""
    parts: list[ColumnElement[bool]] = [true()]
    for name, wanted in use.where:
        if isinstance(wanted[0], bool):
            value = func.coalesce(LedgerRow.values[name].as_boolean(), False)
            parts.append(value.in_(wanted))
        else:
            parts.append(LedgerRow.values[name].as_string().in_(wanted))
    return and_(*parts)


def done(use: Use) -> ColumnElement[bool]:
    """A condition: the row counts as done for the task (`rules.is_done`)."""
    if use.done:
        return and_(*(func.coalesce(LedgerRow.values[name].as_boolean(), False) == true() for name in use.done))
    return LedgerRow.state.in_(DONE_STATES)


def _late(kind: Kind) -> ColumnElement[bool]:
    return LedgerRow.listed_on > kind.survey_until if kind.survey_until else ~true()


def counts(session: Session, ledger: Ledger, use: Use) -> Counts:
    """The figures of the rows a task counts, in one statement: what `rules.count` makes of the same rows."""
    rows = (
        select(
            LedgerRow.state, LedgerRow.quantity, case((done(use), 1), else_=0).label("done"),
            case((_late(ledger.kind), 1), else_=0).label("late"),
        )
        .where(ledger.mine, concerned(use))
        .subquery()
    )  # fmt: skip
    groups = (rows.c.state, rows.c.done, rows.c.late)
    query = select(*groups, func.count(), func.sum(rows.c.quantity)).group_by(*groups)
    sums = {name: Sums() for name in ("base", "done", "verified", "removed", "late")}
    for state, is_done, is_late, many, total in session.execute(query):
        kept = state != "removed"
        parts = {
            "base": kept, "done": kept and is_done, "verified": state == "verified" and is_done, "removed": not kept,
            "late": kept and is_late,
        }  # fmt: skip
        for name in (name for name, holds in parts.items() if holds):
            sums[name] = Sums(sums[name].rows + many, sums[name].quantity + total)
    return Counts(**sums)


def holding(session: Session, ledger: Ledger) -> Sequence[Assignment]:
    """The assignments of the organisation that this ledger is counted for, held until the transaction ends."""
    query = (
        select(Assignment)
        .join(Task, Task.id == Assignment.task_id)
        .where(
            Assignment.organisation_id == ledger.organisation.id,
            Assignment.plan_id == ledger.plan.id,
            Task.ledger["type"].as_string() == ledger.kind.code,
        )
        .order_by(Assignment.id)
        .options(joinedload(Assignment.task), joinedload(Assignment.organisation), selectinload(Assignment.plan))
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def alike(session: Session, ledger: Ledger, likeness: str, *, but: int = 0) -> Sequence[LedgerRow]:
    """Rows of the same name at the same place, a given one left out."""
    query = select(LedgerRow).where(ledger.mine, LedgerRow.likeness == likeness, LedgerRow.id != but)
    return session.scalars(query.order_by(LedgerRow.id).limit(5)).all()


@dataclass(frozen=True, slots=True)
class Standing:
    """What an assignment's page says of its ledger. `differs`: the figure filed is not the one the rows give now.

    `parted`: how much is verified row by row, where a close-out that stands says otherwise.
    """

    kind: Kind
    use: Use
    counts: Counts
    figure: Decimal | None
    differs: bool
    parted: Decimal | None

    @property
    def words(self) -> Mapping[str, str]:
        """The counts in words, with what is summed beside the rows."""
        sums = {"base": self.counts.base, "done": self.counts.done, "verified": self.counts.verified}
        return {name: self._said(each) for name, each in sums.items()}

    def _said(self, sums: Sums) -> str:
        rows = ngettext("%(n)s 行", "%(n)s 行", sums.rows, n=number(sums.rows))
        if not self.kind.quantity:
            return rows
        summed = quantity(sums.quantity, self.kind.by_code[self.kind.quantity].unit)
        return _("%(rows)s，%(sum)s", rows=rows, sum=summed)


def standing(session: Session, assignment: Assignment) -> Standing | None:
    """How an assignment's ledger stands; None where it has none."""
    if not assignment.task.ledger:
        return None
    ledger, use = ledger_of(assignment)
    found = counts(session, ledger, use)
    now = figure(use, found, assignment.task.unit)
    good = verified_figure(use, found, assignment.task.unit)
    parted = good if now is not None and assignment.status == "verified" and good != assignment.verified else None
    return Standing(ledger.kind, use, found, now, now is not None and now != assignment.claimed, parted)


# --- history


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a row's history with its files: (file, before or after)."""

    event: LedgerEvent
    files: Sequence[tuple[EvidenceFile, str]]


def history(session: Session, row_id: int) -> list[Told]:
    """What happened to a row, the newest first. The row was loaded inside the actor's area."""
    events = session.scalars(
        select(LedgerEvent).where(LedgerEvent.row_id == row_id).order_by(LedgerEvent.id.desc())
    ).all()
    files: dict[int, list[tuple[EvidenceFile, str]]] = {}
    for event_id, moment, file in session.execute(_files([each.id for each in events])):
        files.setdefault(event_id, []).append((file, moment))
    return [Told(each, files.get(each.id, ())) for each in events]


def _files(events: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(LedgerEvidence.event_id, LedgerEvidence.moment, EvidenceFile)
        .join(EvidenceFile, EvidenceFile.id == LedgerEvidence.evidence_id)
        .where(LedgerEvidence.event_id.in_(events))
        .order_by(EvidenceFile.id)
    )
