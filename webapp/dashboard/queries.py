"""Reading for the coordinator: what an overview names, what waits, what got worse, which reports are in.

Every statement is limited to the actor's area, and neither their number nor their cost depends on how much lies below
what is named. The counts themselves are `rollups.tally_queries`.
"""

from collections.abc import Collection, Mapping, Sequence
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
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from webapp.clock import month_start
from webapp.db import UtcDateTime, plain_rows
from webapp.errors import Forbidden, NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Assignment, Clause, Task
from webapp.plans.queries import get_assignment
from webapp.progress.letters import letters_of
from webapp.progress.models import LightChange
from webapp.progress.queries import WAITING, reviewable
from webapp.reports.models import MonthlyReport
from webapp.rollups.tally_queries import Scope

# Statements kept put together (a few areas and filters each): that takes as long as reading an index.
KEPT = 64
MOST_FALLS = 100
# What an overview names one by one.
NAMED = ("region", "province", "municipality", "city", "ministry", "enterprise")


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
    return plain_rows(session, _organisations(actor))


def place(session: Session, actor: Actor, code: str) -> Row[*tuple[Any, ...]]:
    """The organisation of the area with a code. Raises NotFound."""
    return find_code(plain_rows(session, _organisations(actor).where(Organisation.code == code)), code)


def places(session: Session, actor: Actor, chosen: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """The organisations an overview names, in the plan's order: down to the cities, and what lies right below a city
    that is chosen or is one's own. However many counties there are.
    """
    return plain_rows(session, _shown(actor), chosen=chosen)


@lru_cache(maxsize=KEPT)
def _shown(actor: Actor) -> Select[*tuple[Any, ...]]:
    held = [grant.organisation_id for grant in actor.grants]
    chosen = select(Organisation.id).where(Organisation.code == bindparam("chosen")).scalar_subquery()
    parents = or_(Organisation.parent_id.in_(held), Organisation.parent_id == chosen)
    named = or_(Organisation.kind.in_(NAMED), Organisation.id.in_(held), parents)
    return _organisations(actor).where(named)


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


def waiting(session: Session, plan_id: int, actor: Actor) -> Waiting:
    """What waits for this reviewer, wherever in the area."""
    [found] = plain_rows(session, _waiting(plan_id, actor))
    return Waiting(*found)


@lru_cache(maxsize=KEPT)
def _waiting(plan_id: int, actor: Actor) -> Select[*tuple[Any, ...]]:
    # Those right below are asked for first: the index of an organisation's statuses finds the few that wait.
    theirs = select(Organisation.id).where(reviewable(actor))
    return select(func.count(), func.min(Assignment.last_update_at)).where(
        Assignment.plan_id == plan_id, Assignment.status.in_(WAITING), Assignment.organisation_id.in_(theirs)
    )


def tasks(session: Session, ids: Collection[int]) -> Mapping[int, Row[*tuple[Any, ...]]]:
    """The code and titles of some tasks of the plan, by id."""
    return {row.id: row for row in plain_rows(session, _TASKS, ids=list(ids))} if ids else {}


_TASKS = select(Task.id, Task.code, Task.kind, Task.sort, Task.title_zh, Task.title_en).where(
    Task.id.in_(bindparam("ids", expanding=True))
)


def falls(
    session: Session, scope: Scope, places: Collection[int], *, days: tuple[date, date]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What got worse within some days at organisations already listed and has not recovered, the latest first.

    Assignment, organisation, task, day, and the light it then showed, yellow or red.
    """
    if not places:
        return ()
    values = {"first": days[0], "last": days[1], "places": list(places), "plan": scope.plan_id}
    return plain_rows(session, _falls(scope.clause_id), **values)


@lru_cache(maxsize=KEPT)
def _falls(clause_id: int | None) -> Select[*tuple[Any, ...]]:
    days = LightChange.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
    bad = tuple(letters_of("overdue", "behind"))
    later = aliased(LightChange)
    recovered = select(later.id).where(
        later.assignment_id == LightChange.assignment_id, later.id > LightChange.id, later.letter.not_in(bad),
        later.day <= bindparam("last", type_=Date),
    )  # fmt: skip
    worse = and_(LightChange.letter < LightChange.letter_before, ~recovered.exists())
    query = (
        select(LightChange.assignment_id, LightChange.organisation_id, LightChange.task_id, LightChange.day,
               LightChange.letter)
        .where(LightChange.organisation_id.in_(bindparam("places", expanding=True)), days, worse)
        .where(LightChange.letter.in_(bad), LightChange.plan_id == bindparam("plan"))
        .order_by(LightChange.day.desc(), LightChange.id.desc())
        .limit(MOST_FALLS)
    )  # fmt: skip
    return query if clause_id is None else query.where(LightChange.clause_id == clause_id)


def reports_in(
    session: Session, plan_id: int, actor: Actor, path: str, *, today: date, known_by: datetime
) -> ReportsIn | None:
    """The reports of what an overview names on the newest month that was over, as known by an instant; None before."""
    values = {"this_month": month_start(today), "known_by": known_by, "chosen": ""}
    found = plain_rows(session, _reports_in(plan_id, actor, path), **values)
    return ReportsIn(*found[0]) if found else None


@lru_cache(maxsize=KEPT)
def _reports_in(plan_id: int, actor: Actor, path: str) -> Select[*tuple[Any, ...]]:
    inside = [below(Organisation.path, [path])] if path else []
    named = _shown(actor).with_only_columns(Organisation.id).where(*inside).order_by(None)
    of_plan = (MonthlyReport.plan_id == plan_id, MonthlyReport.organisation_id.in_(named))
    newest = select(func.max(MonthlyReport.month)).where(
        *of_plan, MonthlyReport.month < bindparam("this_month", type_=Date)
    )
    in_time = MonthlyReport.first_submitted_at <= bindparam("known_by", type_=UtcDateTime)
    handed_in = case((in_time, 1), else_=0)
    late = case((and_(in_time, MonthlyReport.days_late > 0), 1), else_=0)
    return (
        select(MonthlyReport.month, func.count(), _whole(func.sum(handed_in)), _whole(func.sum(late)))
        .where(*of_plan, MonthlyReport.month == newest.scalar_subquery())
        .group_by(MonthlyReport.month)
    )


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    # PostgreSQL sums whole numbers to a numeric.
    return cast(value, BigInteger)


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
