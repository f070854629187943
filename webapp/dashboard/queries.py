"""Reading for the coordinator: the area counted in one statement, what falls due, what waits, which reports are in.

Every statement is limited to the actor's area, and their number does not depend on how much there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    BindParameter,
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
    type_coerce,
)
from sqlalchemy.orm import Session

from webapp.clock import month_start
from webapp.dashboard.rules import WHOLE
from webapp.errors import Forbidden, NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor, Permission, can
from webapp.plans.lists import UNFINISHED
from webapp.plans.models import Assignment, Clause, Task
from webapp.plans.queries import get_assignment
from webapp.progress.queries import WAITING, reviewable
from webapp.reports.models import MonthlyReport


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
class ReportsIn:
    """The newest month of the area that is over: how many reports there are, were handed in, were handed in late."""

    month: date
    number: int
    handed_in: int
    late: int


def organisations(session: Session, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """The organisations of the area in the plan's order, as plain rows."""
    columns = (
        Organisation.id, Organisation.code, Organisation.kind, Organisation.parent_id, Organisation.path,
        Organisation.name_zh, Organisation.name_en, Organisation.short_zh, Organisation.short_en,
        Organisation.grid_col, Organisation.grid_row,
    )  # fmt: skip
    query = select(*columns).where(within(Organisation.path, actor)).order_by(Organisation.sort, Organisation.code)
    return session.execute(query).all()


def clauses(session: Session, plan_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The plan's clauses in its order, as plain rows."""
    columns = (Clause.id, Clause.code, Clause.title_zh, Clause.title_en, Clause.measure)
    return session.execute(select(*columns).where(Clause.plan_id == plan_id).order_by(Clause.sort, Clause.id)).all()


def counted(
    session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, month: tuple[date, date]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The area's assignments by organisation, clause and light (`rules.Counted`), in one statement.

    `month` are its first and last day; assignments due between them are counted, and those not closed out among them.
    """
    query = _counting().where(*_conditions(plan_id, actor, narrowed))
    # Plain rows straight from the connection: half the time of the same through the ORM.
    return session.connection().execute(query, {"first_day": month[0], "last_day": month[1]}).all()


@cache
def _counting() -> Select[*tuple[Any, ...]]:
    # Put together once: with so many columns that takes as long as reading an index.
    in_month = Assignment.due.between(_day("first_day"), _day("last_day"))
    still_open = and_(in_month, Assignment.status.in_(UNFINISHED))
    groups = (Assignment.organisation_id, Assignment.clause_id, Assignment.light, Assignment.light_label)
    return select(
        *groups,
        func.count().label("number"),
        _whole(func.sum(_capped())).label("progress"),
        _whole(func.sum(case((in_month, 1), else_=0))).label("due_this_month"),
        _whole(func.sum(case((still_open, 1), else_=0))).label("open_this_month"),
    ).group_by(*groups)


def _day(name: str) -> BindParameter[date]:
    return bindparam(name, type_=Date)


def _conditions(plan_id: int, actor: Actor, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    # The paths are compared once an organisation, not once an assignment.
    inside = select(Organisation.id).where(within(Organisation.path, actor))
    if narrowed.path:
        inside = inside.where(below(Organisation.path, [narrowed.path]))
    conditions = [Assignment.plan_id == plan_id, Assignment.organisation_id.in_(inside)]
    if narrowed.clause_id is not None:
        conditions.append(Assignment.clause_id == narrowed.clause_id)
    return conditions


def _capped() -> ColumnElement[int]:
    """An assignment's completion in ten-thousandths, at most the whole; closed out is the whole, no figure nothing."""
    figure = type_coerce(Assignment.completion, BigInteger)
    return case((Assignment.status == "verified", WHOLE), (figure > WHOLE, WHOLE), else_=func.coalesce(figure, 0))


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    # PostgreSQL sums whole numbers to a numeric.
    return cast(value, BigInteger)


def due_between(
    session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, days: tuple[date, date], limit: int = 8
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Tasks with open assignments that fall due within some days: the day, the task, how many still owe it.

    `number` are all not closed out, `behind` those of them that are yellow or red, `awaiting` those that were claimed.
    """
    query = _falling_due().where(*_conditions(plan_id, actor, narrowed)).limit(limit)
    return session.execute(query, {"first_day": days[0], "last_day": days[1]}).all()


@cache
def _falling_due() -> Select[*tuple[Any, ...]]:
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
        .where(Assignment.due.between(_day("first_day"), _day("last_day")), Assignment.status.in_(UNFINISHED))
        .group_by(Assignment.due, Task.id, *task, Task.sort)
        .order_by(Assignment.due, Task.sort)
    )


def waiting_for(session: Session, plan_id: int, actor: Actor) -> Waiting:
    """What waits for this reviewer."""
    query = (
        select(func.count(), func.min(Assignment.last_update_at))
        .select_from(Assignment)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, Assignment.status.in_(WAITING), reviewable(actor))
    )
    number, oldest = session.execute(query).one()
    return Waiting(number, oldest)


def reports_in(session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, *, today: date) -> ReportsIn | None:
    """The reports of the area on the newest month that is over (the running one nobody can file yet); None before."""
    ended = MonthlyReport.month < month_start(today)
    conditions = [MonthlyReport.plan_id == plan_id, ended, within(Organisation.path, actor)]
    if narrowed.path:
        conditions.append(below(Organisation.path, [narrowed.path]))
    handed_in = case((MonthlyReport.first_submitted_at.is_not(None), 1), else_=0)
    late = case((MonthlyReport.days_late > 0, 1), else_=0)
    query = (
        select(MonthlyReport.month, func.count(), _whole(func.sum(handed_in)), _whole(func.sum(late)))
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .where(*conditions)
        .group_by(MonthlyReport.month)
        .order_by(MonthlyReport.month.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return None if found is None else ReportsIn(*found)


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
