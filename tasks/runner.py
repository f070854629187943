"""What makes the job table run: one tick that finds the slots product time has passed, claims and runs them.

Any number of processes may tick on one database. A slot is a row with a unique key, so it is claimed once; a lease lets
another process take it over when its owner died. A job may therefore run twice for one slot, never two at once within
its lease, and its effects carry unique keys of their own.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from tasks.schedule import BY_NAME, JOBS, Job
from tasks.turn import Turn
from webapp.clock import Clock, StoppedClock, local, real_now
from webapp.db import Database, stored_clock
from webapp.jobs import queries, service
from webapp.jobs.queries import JobView
from webapp.jobs.rules import missed, newest_slot
from webapp.jobs.service import TOOK, Claim
from webapp.settings import Settings

TICK_SECONDS = 1
ERROR_LENGTH = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DueSlot:
    """A slot to run: a new one, or (with an id) one whose owner died or failed."""

    slot: datetime
    job: Job
    id: int | None = None


def owner_name() -> str:
    """A name for this process that no other has, readable on the operators' page."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


def tick(
    database: Database,
    settings: Settings,
    jobs: Sequence[Job] = JOBS,
    *,
    owner: str,
    clock: Clock | StoppedClock | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Run every slot that is due, oldest first across the jobs; gives how many this process ran.

    One job's failure is recorded on its slot and never keeps the others from running. `stop` ends it between two slots.
    """
    clock = clock or database.clock()
    ran, shown = 0, _keep_schedule(database, jobs, now=clock.now())
    for due in due_slots(database, jobs, now=clock.now()):
        if stop and stop.is_set():
            break
        if real_now() - shown > service.HEARTBEAT:  # a long catching-up must not look like silence
            shown = _keep_schedule(database, jobs, now=clock.now())
        ran += _run_guarded(database, settings, due, owner=owner, now=clock.now())
    return ran


def _keep_schedule(database: Database, jobs: Sequence[Job], *, now: datetime) -> datetime:
    """Show that this process serves these jobs; gives the real instant at which it did."""
    facts = [job.facts for job in jobs]
    with database.reading() as session:
        fresh = service.schedule_is_fresh(session, facts, now=now)
    if not fresh:
        with database.transaction() as session:
            service.write_schedule(session, facts, now=now)
            if jobs is JOBS:
                service.retire_others(session, BY_NAME)
    return real_now()


def chosen(names: Sequence[str]) -> Sequence[Job]:
    """The jobs of some names in the order of the table; all when none is named. Raises KeyError for an unknown name."""
    for name in names:
        if name not in BY_NAME:
            raise KeyError(name)
    return tuple(job for job in JOBS if job.name in names) if names else JOBS


def count_from(session: Session, *, now: datetime) -> None:
    """Write the schedule when a database is set up: slots after `now` are owed even if no scheduler runs yet."""
    service.write_schedule(session, [job.facts for job in JOBS], now=now)


def due_slots(database: Database, jobs: Sequence[Job], *, now: datetime) -> list[DueSlot]:
    """What is to run at `now`, oldest first; slots of one instant in the order of the table."""
    with database.reading() as session:
        counted = queries.counted_until(session)
        again = queries.slots_open_again(session)
    rank = {job.name: place for place, job in enumerate(jobs)}
    by_name = {job.name: job for job in jobs}
    due = [DueSlot(slot, by_name[name], slot_id) for slot_id, name, slot in again if name in by_name]
    for job in jobs:
        if job.name in counted:
            due += [DueSlot(slot, job) for slot in missed(job.cron, job.catch_up, counted[job.name], now)]
    return sorted(due, key=lambda each: (each.slot, rank[each.job.name]))


def _run_guarded(database: Database, settings: Settings, due: DueSlot, *, owner: str, now: datetime) -> bool:
    try:
        held = _claim(database, due, owner=owner, now=now)
        if held is None:
            return False
        run_slot(database, settings, due.job, held, now=now)
    except Exception:
        # The database may be away for a moment; the slot stays owed and the next tick or the lease's end finds it.
        log.exception("%s, slot %s: not finished", due.job.name, due.slot.isoformat())
    return True


def _claim(database: Database, due: DueSlot, *, owner: str, now: datetime) -> Claim | None:
    with database.transaction() as session:
        if due.id is not None:
            return service.take_over(session, due.id, owner=owner, lease=due.job.lease, now=now)
        return service.claim(session, due.job.name, due.slot, owner=owner, lease=due.job.lease, now=now)


def run_slot(database: Database, settings: Settings, job: Job, held: Claim, *, now: datetime) -> None:
    """Run a claimed slot and record how it went: done with its summary, or failed with its error."""
    began = real_now()
    try:
        summary = job.run(Turn(database, settings, held.slot, now))
    except Exception as error:  # whatever a job raises is its own failure, not the scheduler's
        log.exception("%s, slot %s: failed at attempt %d", job.name, held.slot.isoformat(), held.attempt)
        with database.transaction() as session:
            service.mark_failed(session, held, error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH])
        return
    took = real_now() - began
    with database.transaction() as session:
        if not service.mark_done(session, held, summary=summary | {TOOK: _seconds(took)}, now=now + took):
            log.warning("%s, slot %s: was taken over while it ran", job.name, held.slot.isoformat())


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def start_scheduler(
    database: Database, settings: Settings, stop: threading.Event, *, jobs: Sequence[Job] = JOBS
) -> BackgroundScheduler:
    """Start ticking in a thread of its own; the caller sets `stop` and calls `shutdown()`."""
    owner = owner_name()

    def beat() -> None:
        try:
            tick(database, settings, jobs, owner=owner, stop=stop)
        except Exception:  # a tick that fails (no database) must not end the ticking
            log.exception("tick failed")

    scheduler = BackgroundScheduler(timezone="UTC")
    # APScheduler goes by the real clock and forgets: it only beats. A late beat is as good as a punctual one.
    scheduler.add_job(
        beat, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True, misfire_grace_time=None,
        next_run_time=real_now(),
    )  # fmt: skip
    scheduler.start()
    return scheduler


def run_scheduler(
    database: Database, settings: Settings, stop: threading.Event | None = None, *, jobs: Sequence[Job] = JOBS
) -> None:
    """Tick until `stop` is set, or SIGTERM or SIGINT arrives; the slot that is running is finished first."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    scheduler = start_scheduler(database, settings, stop, jobs=jobs)
    log.info("scheduler started with %d jobs", len(jobs))
    stop.wait()
    scheduler.shutdown(wait=True)
    log.info("scheduler stopped")


def jobs_list(database: Database) -> list[str]:
    """The jobs as `jobs list` prints them, tab between: name, cron, catch-up, last slot and its state, next slot."""
    with database.reading() as session:
        views = queries.job_views(session, now=stored_clock(session).now())
    return ["\t".join(_columns(view)) for view in views]


def _columns(view: JobView) -> list[str]:
    last = (_minute(view.last.slot), view.last.state) if view.last else ("-", "-")
    return [view.name, view.cron, view.catch_up, *last, _minute(view.next_slot) if view.next_slot else "-"]


def _minute(instant: datetime) -> str:
    return local(instant).isoformat(timespec="minutes")


def run_job(
    database: Database, settings: Settings, name: str, *, at: datetime | None = None, dry_run: bool = False
) -> dict[str, Any]:
    """Run one job by hand, as at an instant (default: product now); gives its summary. KeyError for an unknown name.

    No slot is recorded: what the job does carries its own unique keys, so that a run too many changes nothing.
    """
    job = BY_NAME[name]
    now = at or database.clock().now()
    slot = newest_slot(job.cron, datetime.min.replace(tzinfo=now.tzinfo), now) or now
    return job.run(Turn(database, settings, slot, now, dry_run))
