"""Reading for the coordinator: the area counted in one statement, what falls due, what waits, which reports are in.

Every statement is limited to the actor's area, and their number does not depend on how much there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from webapp.clock import month_start
from webapp.dashboard.rules import LETTERS, NOT_AVERAGED, WHOLE
from webapp.db import plain_rows
from webapp.errors import Forbidden, NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor, Permission, can
from webapp.plans.lists import UNFINISHED
from webapp.plans.models import Assignment, Clause, Task
from webapp.plans.queries import get_assignment
from webapp.progress.queries import WAITING, reviewable
from webapp.reports.models import MonthlyReport

# Statements kept put together (a few areas and filters each): that takes as long as reading an index.
KEPT = 64
MOST_DUE = 8


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the overview is narrowed to: what lies at or below a path, one clause; empty fields do not narrow."""

    path: str = ""
    clause_id: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many claims wait for a reviewer, and since when the oldest does."""

    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class InMonth:
    """How many assignments of the area fall due in a month, and how many of these are not closed out."""

    due: int
    still_open: int


@dataclass(frozen=True, slots=True)
class ReportsIn:
    """The newest month of the area that is over: how many reports there are, were handed in, were handed in late."""

    month: date
    number: int
    handed_in: int
    late: int


def organisations(session: Session, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """The organisations of the area in the plan's order, as plain rows."""
    return plain_rows(session, _organisations(actor))


@lru_cache(maxsize=KEPT)
def _organisations(actor: Actor) -> Select[*tuple[Any, ...]]:
    columns = (
        Organisation.id, Organisation.code, Organisation.kind, Organisation.parent_id, Organisation.path,
        Organisation.name_zh, Organisation.name_en, Organisation.short_zh, Organisation.short_en,
        Organisation.grid_col, Organisation.grid_row,
    )  # fmt: skip
    return select(*columns).where(within(Organisation.path, actor)).order_by(Organisation.sort, Organisation.code)


def clauses(session: Session, plan_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The plan's clauses in its order, as plain rows."""
    return plain_rows(session, _clauses(plan_id))


@lru_cache(maxsize=KEPT)
def _clauses(plan_id: int) -> Select[*tuple[Any, ...]]:
    columns = (Clause.id, Clause.code, Clause.title_zh, Clause.title_en, Clause.measure)
    return select(*columns).where(Clause.plan_id == plan_id).order_by(Clause.sort, Clause.id)


def counted(session: Session, plan_id: int, actor: Actor, narrowed: Narrowed) -> Sequence[Row[*tuple[Any, ...]]]:
    """The area's assignments by organisation and clause (`rules.Counted`), in one statement."""
    return plain_rows(session, _counting(plan_id, actor, narrowed))


@lru_cache(maxsize=KEPT)
def _counting(plan_id: int, actor: Actor, narrowed: Narrowed) -> Select[*tuple[Any, ...]]:
    cell = (Assignment.organisation_id, Assignment.clause_id)
    letters = func.aggregate_strings(_letter(), "").label("letters")
    progress = _whole(func.sum(_capped())).label("progress")
    return select(*cell, letters, progress).where(*_conditions(plan_id, actor, narrowed)).group_by(*cell)


def _letter() -> ColumnElement[str]:
    """An assignment's light as its letter: by label, and by colour where a label comes in several."""
    by_label: dict[str, dict[str, str]] = {}
    # From behind: the lights that are over or have no date are the most frequent.
    for (colour, label), letter in reversed(LETTERS.items()):
        by_label.setdefault(label, {})[colour] = letter
    return case({label: _by_colour(letters) for label, letters in by_label.items()}, value=Assignment.light_label)


def _by_colour(letters: dict[str, str]) -> Any:
    *others, last = letters.values()
    return case(dict(zip(letters, others, strict=False)), value=Assignment.light, else_=last) if others else last


def _capped() -> ColumnElement[int]:
    """An assignment's completion in ten-thousandths, at most the whole; closed out is the whole, no figure nothing."""
    figure = type_coerce(Assignment.completion, BigInteger)
    return case(
        (Assignment.light_label.in_(NOT_AVERAGED), 0),
        (Assignment.status == "verified", WHOLE),
        (figure > WHOLE, WHOLE),
        else_=func.coalesce(figure, 0),
    )


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    # PostgreSQL sums whole numbers to a numeric.
    return cast(value, BigInteger)


def _conditions(plan_id: int, actor: Actor, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    # The paths are compared once an organisation, not once an assignment.
    inside = select(Organisation.id).where(*_places(actor, narrowed.path))
    return [*_of_plan(plan_id, narrowed), Assignment.organisation_id.in_(inside)]


def _of_plan(plan_id: int, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    of_clause = [] if narrowed.clause_id is None else [Assignment.clause_id == narrowed.clause_id]
    return [Assignment.plan_id == plan_id, *of_clause]


def _places(actor: Actor, path: str) -> list[ColumnElement[bool]]:
    inside = within(Organisation.path, actor)
    return [inside, below(Organisation.path, [path])] if path else [inside]


def _falling_within(plan_id: int, actor: Actor, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    # The organisation joined, not asked for first: then an index finds the days, which are few.
    days = Assignment.due.between(bindparam("first_day", type_=Date), bindparam("last_day", type_=Date))
    place = Assignment.organisation_id == Organisation.id
    return [days, *_of_plan(plan_id, narrowed), place, *_places(actor, narrowed.path)]


def waiting_and_month(
    session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, month: tuple[date, date]
) -> tuple[Waiting, InMonth]:
    """What waits for this reviewer, wherever, and what falls due in a month (its first and last day): one statement."""
    query = _waiting_and_month(plan_id, actor, narrowed)
    [(waiting, oldest, due, still_open)] = plain_rows(session, query, first_day=month[0], last_day=month[1])
    return Waiting(waiting, oldest), InMonth(due, still_open or 0)


@lru_cache(maxsize=KEPT)
def _waiting_and_month(plan_id: int, actor: Actor, narrowed: Narrowed) -> Select[*tuple[Any, ...]]:
    waiting = (
        select(func.count().label("waiting"), func.min(Assignment.last_update_at).label("oldest"))
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, Assignment.status.in_(WAITING), reviewable(actor))
        .subquery()
    )
    still_open = case((Assignment.status.in_(UNFINISHED), 1), else_=0)
    month = (
        select(func.count().label("due"), _whole(func.sum(still_open)).label("still_open"))
        .where(*_falling_within(plan_id, actor, narrowed), Assignment.light_label.not_in(NOT_AVERAGED))
        .subquery()
    )
    return select(*waiting.c, *month.c).select_from(waiting.join(month, true()))


def due_between(
    session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, days: tuple[date, date]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The first tasks with open assignments that fall due within some days: the day, the task, how many still owe it.

    `number` are all not closed out, `behind` those of them that are yellow or red, `awaiting` those that were claimed.
    """
    return plain_rows(session, _falling_due(plan_id, actor, narrowed), first_day=days[0], last_day=days[1])


@lru_cache(maxsize=KEPT)
def _falling_due(plan_id: int, actor: Actor, narrowed: Narrowed) -> Select[*tuple[Any, ...]]:
    behind = and_(Assignment.light.in_(("yellow", "red")), Assignment.status.not_in(WAITING))
    task = (Task.code, Task.title_zh, Task.title_en)
    return (
        select(
            Assignment.due,
            *task,
            func.count().label("number"),
            _whole(func.sum(case((behind, 1), else_=0))).label("behind"),
            _whole(func.sum(case((Assignment.status.in_(WAITING), 1), else_=0))).label("awaiting"),
        )
        .join(Task, Task.id == Assignment.task_id)
        .where(*_falling_within(plan_id, actor, narrowed), Assignment.status.in_(UNFINISHED))
        .group_by(Assignment.due, Task.id, *task, Task.sort)
        .order_by(Assignment.due, Task.sort)
        .limit(MOST_DUE)
    )


def reports_in(session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, today: date) -> ReportsIn | None:
    """The reports of the area on the newest month that is over (the running one nobody can file yet); None before."""
    found = plain_rows(session, _reports_in(plan_id, actor, narrowed.path), this_month=month_start(today))
    return ReportsIn(*found[0]) if found else None


@lru_cache(maxsize=KEPT)
def _reports_in(plan_id: int, actor: Actor, path: str) -> Select[*tuple[Any, ...]]:
    ended = MonthlyReport.month < bindparam("this_month", type_=Date)
    handed_in = case((MonthlyReport.first_submitted_at.is_not(None), 1), else_=0)
    late = case((MonthlyReport.days_late > 0, 1), else_=0)
    return (
        select(MonthlyReport.month, func.count(), _whole(func.sum(handed_in)), _whole(func.sum(late)))
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .where(MonthlyReport.plan_id == plan_id, ended, *_places(actor, path))
        .group_by(MonthlyReport.month)
        .order_by(MonthlyReport.month.desc())
        .limit(1)
    )


def claim_to_review(session: Session, assignment_id: int, actor: Actor) -> Assignment:
    """The assignment of a claim, for those who decide on it.

    Raises NotFound outside the actor's area, Forbidden within it where another level decides.
    """
    found = get_assignment(session, assignment_id, actor)
    if not can(actor, Permission.CLOSE_OUT, found.organisation.path):
        raise Forbidden(_l("这个任务事项由承办单位的上一级审核，您可以查看，但不能办理。"))
    return found


def find_code(rows: Sequence[Row[*tuple[Any, ...]]], code: str) -> Row[*tuple[Any, ...]]:
    """The row with a code among organisations or clauses already read. Raises NotFound."""
    found = next((row for row in rows if row.code == code), None)
    if found is None:
        raise NotFound(_l("没有这一项，或者不在您的管辖范围内。"))
    return found
