"""Whether somebody runs the jobs: a few figures that fit into one statement, and what they mean.

A job's row in the schedule is a sign of life of whoever runs that job, so that a process which runs some of the jobs
does not stand in for the others.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, select
from sqlalchemy.orm import Session, aliased

from webapp.db import Instance
from webapp.jobs.models import JobSchedule, JobSlot
from webapp.jobs.rules import Pulse
from webapp.jobs.service import MAX_FAILURES
from webapp.permissions import Actor, Permission, Role, can_anywhere


def is_told(actor: Actor) -> bool:
    """Whether somebody can do something about a silence, or must know of it; officers are not told."""
    return actor.has_role(Role.COORDINATOR) or can_anywhere(actor, Permission.OPERATE)


@dataclass(frozen=True, slots=True)
class JobHealth:
    """One job as a watchdog sees it; instants are product time, None for what never happened."""

    name: str
    seen_at: datetime
    failures: int
    last_run: datetime | None
    last_done: datetime | None
    last_summary: dict[str, Any]


def failures_in_a_row() -> Subquery:
    """Each job's failed attempts since its last slot that was done: (job, failures); jobs without any are left out."""
    later = aliased(JobSlot)
    # Wrapped, so that the search goes backwards through (job, slot) instead of through all slots that are done.
    done_later = select(later.id).where(
        later.job == JobSlot.job, later.slot > JobSlot.slot, func.coalesce(later.state, "") == "done"
    )
    failed = JobSlot.attempts - case((JobSlot.state == "claimed", 1), else_=0)
    return (
        select(JobSlot.job, func.sum(failed).label("failures"))
        .join(JobSchedule, JobSchedule.name == JobSlot.job)
        .where(JobSlot.state.in_(("failed", "claimed")), ~done_later.exists())
        .group_by(JobSlot.job)
        .subquery()
    )


def columns() -> list[ColumnElement[Any]]:
    """The figures of a pulse, to be selected alone or beside others."""
    failing = failures_in_a_row()
    return [
        select(func.max(JobSchedule.seen_at)).scalar_subquery().label("seen_at"),
        select(func.min(JobSchedule.seen_at)).scalar_subquery().label("all_seen_at"),
        select(Instance.clock_moved_to).where(Instance.id == 1).scalar_subquery().label("moved_to"),
        select(func.count()).where(failing.c.failures >= MAX_FAILURES).scalar_subquery().label("failing"),
    ]


def from_row(row: Row[Any]) -> Pulse:
    """The pulse a row with `columns` holds."""
    return Pulse(row.seen_at, row.all_seen_at, row.moved_to, row.failing)


_ALONE: Select[Any] = select(*columns())


def pulse(session: Session) -> Pulse:
    """The pulse, in one statement."""
    return from_row(session.execute(_ALONE).one())


def jobs_health(session: Session) -> list[JobHealth]:
    """Every job of the schedule: when it ran and succeeded last, how often it failed since. One statement."""
    failing = failures_in_a_row()
    ran, succeeded = aliased(JobSlot), aliased(JobSlot)
    rows = session.execute(
        select(
            JobSchedule.name, JobSchedule.seen_at, func.coalesce(failing.c.failures, 0), ran.claimed_at,
            succeeded.done_at, succeeded.summary,
        )
        .outerjoin(failing, failing.c.job == JobSchedule.name)
        .outerjoin(ran, ran.id == _newest_slot())
        .outerjoin(succeeded, succeeded.id == _newest_slot("done"))
        .order_by(JobSchedule.name)
    )  # fmt: skip
    return [JobHealth(row[0], row[1], int(row[2]), row[3], row[4], row[5] or {}) for row in rows]


def _newest_slot(state: str = "") -> ColumnElement[Any]:
    query = select(JobSlot.id).where(JobSlot.job == JobSchedule.name).order_by(JobSlot.slot.desc()).limit(1)
    if state:
        query = query.where(func.coalesce(JobSlot.state, "") == state)
    return query.correlate(JobSchedule).scalar_subquery()


def slots_by_state(session: Session) -> dict[tuple[str, str], int]:
    """How many slots of each job stand in each state."""
    rows = session.execute(select(JobSlot.job, JobSlot.state, func.count()).group_by(JobSlot.job, JobSlot.state))
    return {(job, state): count for job, state, count in rows}
