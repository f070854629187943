"""Reading the roll-up: a month's rows, a series of months, totals of an area. As known now, or on an earlier day.

Every function makes one statement and is limited to the actor's area.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, cast, func, select, tuple_
from sqlalchemy.orm import Session

from webapp.clock import known_before
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor
from webapp.plans.models import Clause
from webapp.rollups.models import Rollup

AnyRow = Row[*tuple[Any, ...]]
FIGURES = (
    Rollup.applicable, Rollup.left_out, Rollup.done, Rollup.on_pace, Rollup.behind, Rollup.overdue, Rollup.silent,
    Rollup.not_due,
)  # fmt: skip
# PostgreSQL sums whole numbers into decimals; a count stays a whole number.
SUMS = [cast(func.sum(column), BigInteger).label(column.key) for column in FIGURES]


def latest_revisions(plan_id: int, months: Sequence[date], *, as_known_on: date | None = None) -> ColumnElement[bool]:
    """A condition: the newest revision of each row of some months; with a day, the newest recorded by its end."""
    newest = (
        select(Rollup.month, Rollup.organisation_id, Rollup.clause_id, func.max(Rollup.revision))
        .where(Rollup.plan_id == plan_id, Rollup.month.in_(months))
        .group_by(Rollup.month, Rollup.organisation_id, Rollup.clause_id)
    )
    if as_known_on is not None:
        newest = newest.where(Rollup.recorded_at < known_before(as_known_on))
    key = tuple_(Rollup.month, Rollup.organisation_id, Rollup.clause_id, Rollup.revision)
    return (Rollup.plan_id == plan_id) & key.in_(newest)


def month_rows(
    session: Session, plan_id: int, month: date, actor: Actor, *, as_known_on: date | None = None, measures: bool = True
) -> Sequence[AnyRow]:
    """A month's rows in the order of the tree and the plan: figures, `completion`, `revision`, `recorded_at`, and the
    organisation's and the clause's `code`, names and ids. Only clauses that are measures, unless `measures` is false.
    """
    query = (
        select(
            *FIGURES,
            Rollup.completion,
            Rollup.revision,
            Rollup.recorded_at,
            Organisation.id.label("organisation_id"),
            Organisation.code.label("organisation_code"),
            Organisation.parent_id.label("organisation_parent_id"),
            Organisation.kind.label("organisation_kind"),
            Organisation.short_zh.label("organisation_zh"),
            Organisation.short_en.label("organisation_en"),
            Clause.id.label("clause_id"),
            Clause.code.label("clause_code"),
            Clause.title_zh.label("clause_zh"),
            Clause.title_en.label("clause_en"),
        )
        .join(Organisation, Organisation.id == Rollup.organisation_id)
        .join(Clause, Clause.id == Rollup.clause_id)
        .where(latest_revisions(plan_id, [month], as_known_on=as_known_on), within(Organisation.path, actor))
        .order_by(Organisation.sort, Clause.sort)
    )
    return session.execute(query.where(Clause.measure) if measures else query).all()


def series(
    session: Session,
    plan_id: int,
    months: Sequence[date],
    actor: Actor,
    *,
    under: str = "",
    clause: str = "",
    as_known_on: date | None = None,
) -> Sequence[AnyRow]:
    """Per month, oldest first, the summed figures of what lies at or below a path (the whole area when empty), of one
    clause or all. The completion of a sum is `rules.ratio(done, applicable)`; months without rows are absent.
    """
    query = _summed(plan_id, months, actor, Rollup.month, as_known_on=as_known_on)
    if under:
        query = query.where(below(Organisation.path, [under]))
    if clause:
        query = query.where(Clause.code == clause)
    return session.execute(query.order_by(Rollup.month)).all()


def totals_by_clause(
    session: Session, plan_id: int, month: date, actor: Actor, *, under: str = "", as_known_on: date | None = None
) -> Sequence[AnyRow]:
    """Per clause, in the plan's order, a month's summed figures of the area or of what lies at or below a path."""
    columns = (Clause.code.label("clause_code"), Clause.title_zh, Clause.title_en, Clause.measure, Clause.sort)
    query = _summed(plan_id, [month], actor, *columns, as_known_on=as_known_on)
    if under:
        query = query.where(below(Organisation.path, [under]))
    return session.execute(query.order_by(Clause.sort)).all()


def totals_by_organisation(
    session: Session, plan_id: int, month: date, actor: Actor, *, clause: str = "", as_known_on: date | None = None
) -> Sequence[AnyRow]:
    """Per organisation, in the tree's order, a month's summed figures of one clause or all."""
    columns = (
        Organisation.id.label("organisation_id"),
        Organisation.code.label("organisation_code"),
        Organisation.short_zh,
        Organisation.short_en,
        Organisation.sort,
    )
    query = _summed(plan_id, [month], actor, *columns, as_known_on=as_known_on)
    if clause:
        query = query.where(Clause.code == clause)
    return session.execute(query.order_by(Organisation.sort)).all()


def area_totals(session: Session, plan_id: int, month: date, actor: Actor, *, under: str = "") -> AnyRow | None:
    """A month's figures summed over the whole area, or what lies at or below a path; None when there are none."""
    found = series(session, plan_id, [month], actor, under=under)
    return found[0] if found else None


def versions(
    session: Session, plan_id: int, month: date, organisation: str, clause: str, actor: Actor
) -> Sequence[Rollup]:
    """Every version of one row, oldest first: how its figures came to change."""
    query = (
        select(Rollup)
        .join(Organisation, Organisation.id == Rollup.organisation_id)
        .join(Clause, Clause.id == Rollup.clause_id)
        .where(Rollup.plan_id == plan_id, Rollup.month == month)
        .where(Organisation.code == organisation, Clause.code == clause, within(Organisation.path, actor))
        .order_by(Rollup.revision)
    )
    return session.scalars(query).all()


def _summed(
    plan_id: int, months: Sequence[date], actor: Actor, *columns: Any, as_known_on: date | None
) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns, *SUMS)
        .join(Organisation, Organisation.id == Rollup.organisation_id)
        .join(Clause, Clause.id == Rollup.clause_id)
        .where(latest_revisions(plan_id, months, as_known_on=as_known_on), within(Organisation.path, actor))
        .group_by(*columns)
    )
