"""Reading for the people who fill in: what they have to do now, what comes next, the frame's counts.

"Own" means: where the actor may file progress. Each function is one statement.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, Row, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.db import plain_rows
from webapp.desk.message_queries import mine
from webapp.desk.rules import SOON
from webapp.jobs import pulse
from webapp.jobs.rules import Pulse
from webapp.mail.models import AddressFlag, OutboxMail
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below
from webapp.permissions import GRANTS, Actor, Permission, Where
from webapp.plans.lists import COLUMNS, SEVERITY, with_places
from webapp.plans.models import Assignment, Task
from webapp.progress.facts import OPEN_STATUSES
from webapp.progress.models import ReviewDecision
from webapp.progress.queries import WAITING, reviewable
from webapp.reports.models import MonthlyReport

AnyRow = Row[*tuple[Any, ...]]
Day = date | BindParameter[date]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the navigation's badges say, and whether a mail server refused the person's address.

    `pulse` says whether the jobs run; None for those who are not told.
    """

    today: int
    review: int
    unread: int
    address_refused: int
    pulse: Pulse | None


def own(actor: Actor, permission: Permission = Permission.UPDATE_PROGRESS) -> ColumnElement[bool]:
    """A condition on organisations: the actor holds the permission there, by the very reach of the role."""
    table = GRANTS[permission]
    held = [grant for grant in actor.grants if grant.role in table]
    whole = [grant.path for grant in held if table[grant.role] is Where.AREA]
    alone = [grant.organisation_id for grant in held if table[grant.role] is Where.OWN]
    # Nothing that is never true beside a path: PostgreSQL would guess that half the tree is meant.
    return or_(*([Organisation.id.in_(alone)] if alone else []), below(Organisation.path, whole))


def _asked_now(today: Day, soon: Day) -> ColumnElement[bool]:
    """The condition for which `rules.heading_of` gives a heading."""
    return and_(
        Assignment.status.in_(OPEN_STATUSES),
        Assignment.starts_on <= today,
        or_(
            Assignment.status == "returned",
            Assignment.due <= soon,
            Assignment.light.in_(("yellow", "red")),
            Assignment.silent_months > 0,
        ),
    )


def _own_assignments(plan_id: int, actor: Actor) -> Select[*tuple[Any, ...]]:
    rows = select(*COLUMNS, Assignment.counted, Task.ledger)
    return with_places(rows).where(Assignment.plan_id == plan_id, own(actor))


def to_do(session: Session, plan_id: int, actor: Actor, *, today: date) -> Sequence[AnyRow]:
    """Everything of the actor's own that asks for something now, by due date."""
    query = _own_assignments(plan_id, actor).where(_asked_now(today, today + SOON))
    return session.execute(query.order_by(Assignment.due.is_(None), Assignment.due, Task.sort, Assignment.id)).all()


def next_to_do(session: Session, plan_id: int, actor: Actor, *, today: date, after: int) -> AnyRow | None:
    """The first of `to_do` in the order of `rules.sections`, one assignment left out; None when that was all."""
    soon = today + SOON
    heading = case(
        (Assignment.status == "returned", 0), (Assignment.due <= soon, 1), (Assignment.light.in_(("yellow", "red")), 2),
        else_=3,
    )  # fmt: skip
    query = _own_assignments(plan_id, actor).where(_asked_now(today, soon), Assignment.id != after)
    urgency = (heading, Assignment.due.is_(None), Assignment.due, SEVERITY, Task.sort, Assignment.id)
    return next(iter(plain_rows(session, query.order_by(*urgency).limit(1))), None)


def coming_up(session: Session, plan_id: int, actor: Actor, *, today: date, limit: int = 5) -> Sequence[AnyRow]:
    """What of the actor's own falls due next, after all that `to_do` asks for."""
    query = _own_assignments(plan_id, actor).where(
        Assignment.status.in_(OPEN_STATUSES), Assignment.due > today + SOON, Assignment.light.not_in(("yellow", "red"))
    )
    return session.execute(query.order_by(Assignment.due, Task.sort, Assignment.id).limit(limit)).all()


def return_reasons(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Why assignments came back: the reason of the newest decision on each."""
    newest = (
        select(func.max(ReviewDecision.id).label("id"))
        .where(ReviewDecision.assignment_id.in_(ids))
        .group_by(ReviewDecision.assignment_id)
        .subquery()
    )
    query = select(ReviewDecision.assignment_id, ReviewDecision.reason).join(newest, newest.c.id == ReviewDecision.id)
    return {row[0]: row[1] for row in session.execute(query)}


def counts(session: Session, plan_id: int, actor: Actor, *, today: date) -> Counts:
    """The badges, in one statement."""
    [row] = plain_rows(session, _counts(plan_id, actor), day=today, soon=today + SOON)
    asked, reports, review, unread, refused = row[:5]
    return Counts(asked + reports, review, unread, refused, pulse.from_row(row) if pulse.is_told(actor) else None)


@lru_cache(maxsize=64)
def _counts(plan_id: int, actor: Actor) -> Select[*tuple[Any, ...]]:
    # Put together once a person: every page asks, and it takes longer than the counting.
    day, soon = bindparam("day", type_=Date), bindparam("soon", type_=Date)
    # The organisations first: then only their assignments are looked at, by index.
    own_ones = select(Organisation.id).where(own(actor))
    asked = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.plan_id == plan_id, Assignment.organisation_id.in_(own_ones), _asked_now(day, soon))
    )
    reports = (
        select(func.count())
        .select_from(MonthlyReport)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .where(MonthlyReport.plan_id == plan_id, own(actor, Permission.FILE_REPORT))
        .where(MonthlyReport.status.in_(("open", "returned")))
    )
    review = (
        select(func.count())
        .select_from(Assignment)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, Assignment.status.in_(WAITING), reviewable(actor))
    )
    unread = select(func.count()).select_from(OutboxMail).where(mine(actor), OutboxMail.read_at.is_(None))
    refused = select(func.count()).select_from(AddressFlag).join(Person, Person.email == AddressFlag.address)
    columns = [
        each.scalar_subquery() for each in (asked, reports, review, unread, refused.where(Person.id == actor.id))
    ]
    return select(*columns, *(pulse.columns() if pulse.is_told(actor) else ()))
