"""The life of a slot: claimed once by its unique key, taken over when its lease ran out, done or failed.

Two times meet here. A slot, and when it was claimed and done, are product time: what a person reads. A lease is real
time (`real_now`), because it asks whether a process is still alive, and a demo's product time can be moved on by a week
while that process runs: a lease in product time would then have run out under its feet.

Whoever finishes a slot must still hold it: owner and attempt are compared in the same statement that writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from webapp.clock import real_now
from webapp.db import insert_once
from webapp.jobs.models import JobSchedule, JobSlot

MAX_FAILURES = 3
RETRY_DELAY = timedelta(minutes=2)
# The schedule row is also the scheduler's sign of life; more often than this would only wear the disk.
HEARTBEAT = timedelta(seconds=20)
# Where a slot's summary says how many seconds its run took.
TOOK = "seconds"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What the job table says of one job that pages and the runner need."""

    name: str
    cron: str
    catch_up: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot held by one owner: the how-manieth attempt it is makes the claim unmistakable."""

    id: int
    job: str
    slot: datetime
    owner: str
    attempt: int


def write_schedule(session: Session, jobs: Iterable[JobFacts], *, now: datetime) -> None:
    """Write the job table down. A job's slots are counted from the first time it was written; later calls keep that."""
    for job in jobs:
        facts = {"cron": job.cron, "catch_up": job.catch_up, "title_zh": job.title_zh, "title_en": job.title_en}
        if not insert_once(session, JobSchedule, {"name": job.name, **facts, "counted_from": now, "seen_at": now}):
            session.execute(update(JobSchedule).where(JobSchedule.name == job.name).values(**facts, seen_at=now))


def show(session: Session, job: str, *, now: datetime) -> None:
    """A sign of life for one job, from a process that does its work without ticking; no more often than a heartbeat."""
    stale = and_(JobSchedule.name == job, JobSchedule.seen_at <= now - HEARTBEAT)
    session.execute(update(JobSchedule).where(stale).values(seen_at=now))


def retire_others(session: Session, names: Iterable[str]) -> None:
    """Remove jobs the table no longer has, so that nobody waits for their sign of life. Their slots stay."""
    session.execute(delete(JobSchedule).where(JobSchedule.name.not_in(list(names))))


def schedule_is_fresh(session: Session, jobs: Iterable[JobFacts], *, now: datetime) -> bool:
    """Whether the schedule is written as it stands and was seen a moment ago, so that nothing need be written."""
    written = {row.name: row for row in session.scalars(select(JobSchedule))}
    return all(_is_fresh(written.get(job.name), job, now) for job in jobs)


def _is_fresh(row: JobSchedule | None, job: JobFacts, now: datetime) -> bool:
    if row is None or now - row.seen_at >= HEARTBEAT:
        return False
    return JobFacts(row.name, row.cron, row.catch_up, row.title_zh, row.title_en) == job


def claim(session: Session, job: str, slot: datetime, *, owner: str, lease: timedelta, now: datetime) -> Claim | None:
    """Claim a slot nobody has touched; None when somebody was first."""
    values = {
        "job": job, "slot": slot, "state": "claimed", "owner": owner, "attempts": 1, "claimed_at": now,
        "lease_until": real_now() + lease, "summary": {}, "error": "",
    }  # fmt: skip
    found = insert_once(session, JobSlot, values)
    return Claim(found, job, slot, owner, 1) if found else None


def open_again() -> ColumnElement[bool]:
    """Slots somebody else may take: their lease ran out, or they failed, not too often, and the delay is over."""
    unfinished = or_(JobSlot.state == "claimed", and_(JobSlot.state == "failed", JobSlot.attempts < MAX_FAILURES))
    return and_(unfinished, JobSlot.lease_until <= real_now())


def take_over(session: Session, slot_id: int, *, owner: str, lease: timedelta, now: datetime) -> Claim | None:
    """Take a slot whose lease ran out, by one conditional statement; None when somebody was first."""
    statement = (
        update(JobSlot)
        .where(JobSlot.id == slot_id, open_again())
        .values(
            state="claimed",
            owner=owner,
            attempts=JobSlot.attempts + 1,
            claimed_at=now,
            lease_until=real_now() + lease,
        )
        .returning(JobSlot.job, JobSlot.slot, JobSlot.attempts)
    )
    row = session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
    return Claim(slot_id, row.job, row.slot, owner, row.attempts) if row else None


def mark_done(session: Session, held: Claim, *, summary: dict[str, Any], now: datetime) -> bool:
    """Record that a slot ran; False when it was meanwhile taken over (its effects carry their own unique keys)."""
    return _finish(session, held, {"state": "done", "done_at": now, "summary": summary, "error": ""})


def mark_failed(session: Session, held: Claim, *, error: str) -> bool:
    """Record that a slot failed. It may be tried again after a delay, up to MAX_FAILURES attempts."""
    return _finish(session, held, {"state": "failed", "lease_until": real_now() + RETRY_DELAY, "error": error})


def _finish(session: Session, held: Claim, values: dict[str, Any]) -> bool:
    still_held = and_(
        JobSlot.id == held.id,
        JobSlot.state == "claimed",
        JobSlot.owner == held.owner,
        JobSlot.attempts == held.attempt,
    )
    result = session.execute(update(JobSlot).where(still_held).values(**values))
    return isinstance(result, CursorResult) and result.rowcount == 1


def forget_old(session: Session, *, before: datetime) -> int:
    """Remove slots done before an instant, except each job's newest, which says where to go on. Gives their number."""
    later = aliased(JobSlot)
    newest = select(func.max(later.slot)).where(later.job == JobSlot.job).scalar_subquery()
    old = select(JobSlot.id).where(JobSlot.state == "done", JobSlot.slot < before, JobSlot.slot < newest)
    result = session.execute(
        delete(JobSlot).where(JobSlot.id.in_(old)), execution_options={"synchronize_session": False}
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
