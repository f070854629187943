"""Lists of assignments: filters from the address, a whitelist of orders, one page at a time, as plain rows.

Rows are Core rows with named columns (no entities: a page of 50 is one statement and one count). Every list and every
count is limited to the actor's area. Statements are kept put together, and what they cost does not grow with the plan:
the usual order is that of an index, and counting stops at `MOST_COUNTED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.db import plain_rows
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor
from webapp.plans.models import WORST_FIRST, Assignment, AssignmentPart, Clause, Season, Task

PAGE_SIZE = 50
MOST_COUNTED = 3_000
# Statements kept put together: that takes longer than finding 50 rows.
KEPT = 256
OPEN = ("not_started", "in_progress", "returned")
UNFINISHED = ("not_started", "in_progress", "claimed", "returned", "na_claimed")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields do not narrow. `organisation` (a code) takes in what lies below it.

    `below` is the same by the organisation's path, where it is known: found sooner.

    `season` is the day on which the season of a task begins where it is carried out; `unsaid` leaves what is open and
    of which no figure is as new as that day.
    """

    organisation: str = ""
    below: str = ""
    clause: str = ""
    task: str = ""
    kind: str = ""
    status: str = ""
    light: str = ""
    label: str = ""
    due_after: date | None = None
    due_before: date | None = None
    season: date | None = None
    unsaid: date | None = None
    silent: bool = False
    unfinished: bool = False
    mine: bool = False
    supporting: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and how many rows the whole list has; `more`: at least so many, counting stopped there."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    total: int
    number: int
    size: int = PAGE_SIZE
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one; as far as is known where counting stopped."""
        following = self.number + (len(self.rows) == self.size) if self.more else 1
        return max(following, -(-self.total // self.size))

    @property
    def total_words(self) -> str:
        """The total as a page says it."""
        return f"{self.total:,}{'+' if self.more else ''}"


SEVERITY: ColumnElement[int] = literal_column(WORST_FIRST.replace("light", "assignment.light"), Integer)

COLUMNS = (
    Assignment.id,
    Assignment.status,
    Assignment.light,
    Assignment.light_label,
    Assignment.silent_months,
    Assignment.starts_on,
    Assignment.nominal_due,
    Assignment.due,
    Assignment.claimed,
    Assignment.verified,
    Assignment.as_of,
    Assignment.completion,
    Assignment.pace,
    Assignment.last_update_at,
    Assignment.claimed_at,
    Task.code.label("task_code"),
    Task.title_zh,
    Task.title_en,
    Task.short_zh,
    Task.short_en,
    Task.kind,
    Task.season_code,
    Task.comparator,
    Task.target_min,
    Task.target_max,
    Task.unit,
    Task.basically,
    Task.measure_kind,
    Clause.code.label("clause_code"),
    Clause.title_zh.label("clause_zh"),
    Clause.title_en.label("clause_en"),
    Organisation.id.label("organisation_id"),
    Organisation.code.label("organisation_code"),
    Organisation.path.label("organisation_path"),
    Organisation.short_zh.label("organisation_zh"),
    Organisation.short_en.label("organisation_en"),
)

NULLS_LAST: Mapping[str, tuple[ColumnElement[Any], ...]] = {
    "due": (Assignment.due.is_(None), Assignment.due.asc()),
    "-due": (Assignment.due.is_(None), Assignment.due.desc()),
    "light": (SEVERITY, Assignment.due.is_(None), Assignment.due.asc()),
    "completion": (Assignment.completion.is_(None), Assignment.completion.asc()),
    "-completion": (Assignment.completion.is_(None), Assignment.completion.desc()),
    "updated": (Assignment.last_update_at.is_not(None), Assignment.last_update_at.asc()),
    "-updated": (Assignment.last_update_at.is_(None), Assignment.last_update_at.desc()),
    "organisation": (Organisation.sort.asc(), Task.sort.asc()),
    "task": (Task.sort.asc(), Organisation.sort.asc()),
}
ORDERS = tuple(NULLS_LAST)


def assignments(
    session: Session,
    plan_id: int,
    actor: Actor,
    *,
    where: Filter | None = None,
    order: str = "due",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of assignments in the actor's area.

    An order that is not in `ORDERS` counts as "due", a page past the end as the last one.
    """
    asked = (where or Filter(), plan_id, actor)
    total = _count(session, *asked, MOST_COUNTED + 1)
    if total > MOST_COUNTED:
        found = _page(session, *asked, order, Page((), MOST_COUNTED, max(page, 1), size, more=True))
        if found.rows:
            return found
        total = _count(session, *asked, None)
    last = max(1, -(-total // size))
    return _page(session, *asked, order, Page((), total, min(max(page, 1), last), size))


def _page(session: Session, where: Filter, plan_id: int, actor: Actor, order: str, page: Page) -> Page:
    query = _rows(where, plan_id, actor, order if order in NULLS_LAST else "due")
    found = plain_rows(session, query, size=page.size, start=(page.number - 1) * page.size)
    return replace(page, rows=found)


@lru_cache(maxsize=KEPT)
def _rows(where: Filter, plan_id: int, actor: Actor, order: str) -> Select[*tuple[Any, ...]]:
    return in_order(where, plan_id, actor, order).limit(bindparam("size", type_=Integer)).offset(
        bindparam("start", type_=Integer)
    )  # fmt: skip


def in_order(
    where: Filter, plan_id: int, actor: Actor, order: str, columns: Sequence[Any] = COLUMNS
) -> Select[*tuple[Any, ...]]:
    """The whole list as a query."""
    query = with_places(select(*columns)).where(*conditions(where, plan_id, actor))
    return query.order_by(*NULLS_LAST[order], Assignment.task_id, Assignment.id)


def _count(session: Session, where: Filter, plan_id: int, actor: Actor, most: int | None) -> int:
    [(found,)] = plain_rows(session, _counting(where, plan_id, actor, most))
    return int(found)


@lru_cache(maxsize=KEPT)
def _counting(where: Filter, plan_id: int, actor: Actor, most: int | None) -> Select[int]:
    # No table is joined that the filter does not ask for.
    places = select(Assignment.id).join(Organisation, Organisation.id == Assignment.organisation_id)
    if where.task or where.kind or where.text.strip() or where.season or where.unsaid:
        places = places.join(Task, Task.id == Assignment.task_id)
    if where.clause or where.text.strip():
        places = places.join(Clause, Clause.id == Assignment.clause_id)
    return select(func.count()).select_from(places.where(*conditions(where, plan_id, actor)).limit(most).subquery())


def light_counts(session: Session, plan_id: int, actor: Actor, *, where: Filter | None = None) -> dict[str, int]:
    """How many assignments of a list show each light label; labels with none are absent."""
    query = with_places(select(Assignment.light_label, func.count())).where(
        *conditions(where or Filter(), plan_id, actor)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Assignment.light_label))}


def with_places(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query over assignments, each joined with its task, its clause and its organisation."""
    return (
        query.select_from(Assignment)
        .join(Task, Task.id == Assignment.task_id)
        .join(Clause, Clause.id == Assignment.clause_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
    )


def conditions(where: Filter, plan_id: int, actor: Actor) -> list[ColumnElement[bool]]:
    """What a filter asks of assignments joined with their task, clause and organisation, within the actor's area."""
    conditions = [Assignment.plan_id == plan_id, within(Organisation.path, actor)]
    equal = {
        Clause.code: where.clause,
        Task.code: where.task,
        Task.kind: where.kind,
        Assignment.status: where.status,
        Assignment.light: where.light,
        Assignment.light_label: where.label,
    }
    conditions += [column == value for column, value in equal.items() if value]
    if where.organisation:
        conditions.append(_at_or_below(where.organisation))
    if where.below:
        conditions.append(below(Organisation.path, [where.below]))
    if where.due_after:
        conditions.append(Assignment.due >= where.due_after)
    if where.due_before:
        conditions.append(Assignment.due <= where.due_before)
    if where.season:
        conditions.append(_season_begins() == where.season)
    if where.unsaid:
        said = Assignment.as_of
        # What is counted from a register is asked for there, enterprise by enterprise.
        conditions += [Assignment.status.in_(OPEN), Assignment.counted.is_(False)]
        conditions.append(or_(said.is_(None), said < where.unsaid, said < _season_begins()))
    return conditions + _marks(where, actor)


def _season_begins() -> ColumnElement[date | None]:
    """The day on which the season of a task begins: as the organisation keeps it, else as the plan does."""
    own, plans = aliased(Season), aliased(Season)
    same = [and_(each.plan_id == Assignment.plan_id, each.code == Task.season_code) for each in (own, plans)]
    starts = (
        select(own.starts_on).where(same[0], own.organisation_id == Assignment.organisation_id),
        select(plans.starts_on).where(same[1], plans.organisation_id.is_(None)),
    )
    return func.coalesce(*(each.correlate(Assignment, Task).scalar_subquery() for each in starts))


def _marks(where: Filter, actor: Actor) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    own = [grant.organisation_id for grant in actor.grants]
    if where.mine:
        conditions.append(Assignment.organisation_id.in_(own))
    if where.supporting:
        named = select(AssignmentPart.assignment_id).where(AssignmentPart.organisation_id.in_(own))
        conditions.append(Assignment.id.in_(named))
    if where.silent:
        conditions.append(Assignment.silent_months > 0)
    if where.unfinished:
        conditions.append(Assignment.status.in_(UNFINISHED))
    if words := where.text.strip():
        conditions.append(_mentions(words[:60]))
    return conditions


def _at_or_below(code: str) -> ColumnElement[bool]:
    """The organisation with a code, or one that has it among those above it."""
    path = Organisation.path
    return or_(path.startswith(f"{code}/", autoescape=True), path.contains(f"/{code}/", autoescape=True))


def _mentions(words: str) -> ColumnElement[bool]:
    columns = (
        Task.title_zh, Task.title_en, Task.short_zh, Task.code, Clause.title_zh, Clause.title_en, Organisation.name_zh,
        Organisation.name_en, Organisation.pinyin,
    )  # fmt: skip
    return or_(*(column.icontains(words, autoescape=True) for column in columns))
