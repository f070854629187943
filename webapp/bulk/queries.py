"""The rows of a list that an act is about, inside the actor's area, with what decides whether it can be done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from webapp.bulk.models import BulkRun
from webapp.bulk.rules import FITTING, GONE, MOST, REMIND, Facts
from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission, can
from webapp.plans.lists import COLUMNS, NULLS_LAST, Filter, conditions, with_places
from webapp.plans.models import Assignment, Task
from webapp.progress.models import ProgressUpdate
from webapp.progress.queries import CLAIM_KINDS, reviewable
from webapp.reminders.asking import asked_already, rung_of
from webapp.reminders.models import Reminder
from webapp.reminders.subjects import ASSIGNMENT

AnyRow = Row[*tuple[Any, ...]]


def chosen(session: Session, plan_id: int, actor: Actor, ids: Collection[int]) -> Sequence[AnyRow]:
    """Rows by their ids, those outside the area left out, by organisation: the columns of every list and `version`."""
    return session.execute(_rows(plan_id, actor, ids)).all()


def held(session: Session, plan_id: int, actor: Actor, ids: Collection[int]) -> Sequence[AnyRow]:
    """The same, held until the transaction ends, in one order for everybody."""
    query = _rows(plan_id, actor, ids).order_by(None).order_by(Assignment.id)
    return session.execute(query.with_for_update(of=Assignment)).all()


def _rows(plan_id: int, actor: Actor, ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    mine = (Assignment.plan_id == plan_id, Assignment.id.in_(ids), within(Organisation.path, actor))
    query = with_places(select(*COLUMNS, Assignment.version)).where(*mine)
    return query.order_by(Organisation.sort, Task.sort, Assignment.id)


def of_filter(
    session: Session, plan_id: int, actor: Actor, where: Filter, order: str, act: str, now: datetime
) -> tuple[list[int], int, int]:
    """The first ids of a filtered list to which an act can be done, how many those are, how many rows the list has."""
    narrowed = conditions(where, plan_id, actor)
    total = session.scalar(with_places(select(func.count())).where(*narrowed)) or 0
    fitting = [*narrowed, *_fitting(act, actor, now)]
    number = session.scalar(with_places(select(func.count())).where(*fitting)) or 0
    ordering = (*NULLS_LAST[order], Task.sort, Assignment.id)
    ids = session.scalars(with_places(select(Assignment.id)).where(*fitting).order_by(*ordering).limit(MOST))
    return list(ids), number, total


def _fitting(act: str, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Assignment.status.in_(FITTING[act])]
    if act != REMIND:
        return [*found, reviewable(actor)]
    told = select(Reminder.id).where(
        Reminder.subject_kind == ASSIGNMENT, Reminder.subject_id == Assignment.id, Reminder.rung == rung_of(now)
    )
    mine = within(Organisation.path, actor, Permission.REMIND)
    return [*found, mine, Assignment.due.is_not(None), ~told.correlate(Assignment).exists()]


def facts_of(session: Session, rows: Sequence[AnyRow], actor: Actor, act: str, now: datetime) -> dict[int, Facts]:
    """What the rules ask about each row, by its id."""
    ids = [row.id for row in rows]
    reminded = asked_already(session, ids, now) if act == REMIND else set()
    own = set() if act == REMIND else _own_claims(session, ids, actor)
    return {
        row.id: Facts(
            status=row.status,
            due=row.due,
            decides=can(actor, Permission.CLOSE_OUT, row.organisation_path),
            reminds=can(actor, Permission.REMIND, row.organisation_path),
            own_claim=row.id in own,
            reminded=row.id in reminded,
        )
        for row in rows
    }


def _own_claims(session: Session, ids: Collection[int], actor: Actor) -> set[int]:
    """Those whose claim that waits is the actor's own: while it waits, the claim is the last thing filed."""
    claim = and_(
        ProgressUpdate.assignment_id == Assignment.id,
        ProgressUpdate.recorded_at == Assignment.last_update_at,
        ProgressUpdate.kind.in_(CLAIM_KINDS),
    )
    query = select(Assignment.id).join(ProgressUpdate, claim)
    return set(session.scalars(query.where(Assignment.id.in_(ids), ProgressUpdate.actor_id == actor.id)))


def get_run(session: Session, key: str, actor: Actor) -> BulkRun:
    """An act of the actor's own. Raises NotFound for anybody else's."""
    found = session.scalar(select(BulkRun).where(BulkRun.key == key, BulkRun.actor_id == actor.id))
    if found is None:
        raise NotFound(GONE)
    return found
