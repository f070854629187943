"""Reading the schedule and its slots: for the runner, the operators' page and `jobs list`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.jobs.models import JobSchedule, JobSlot
from webapp.jobs.rules import next_slot
from webapp.jobs.service import open_again

SHOWN_SLOTS = 5


@dataclass(frozen=True, slots=True)
class SlotView:
    """One run of a job as a page shows it."""

    slot: datetime
    state: str
    owner: str
    attempts: int
    claimed_at: datetime
    done_at: datetime | None
    summary: dict[str, Any]
    error: str


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with its newest slots (newest first), the next one, and how long a slot that is due has been waiting."""

    name: str
    cron: str
    catch_up: str
    title_zh: str
    title_en: str
    seen_at: datetime
    slots: list[SlotView]
    next_slot: datetime | None
    lag: timedelta

    @property
    def failures(self) -> int:
        """How many attempts failed since a slot was last done (as far as the slots shown go back)."""
        failed = 0
        for slot in self.slots:
            if slot.state == "done":
                break
            failed += slot.attempts - (slot.state == "claimed")
        return failed

    @property
    def last(self) -> SlotView | None:
        """The newest slot, if any ran."""
        return self.slots[0] if self.slots else None


def counted_until(session: Session) -> dict[str, datetime]:
    """For each job the instant after which its slots are not yet recorded: its newest slot, or since when it counts."""
    newest = select(func.max(JobSlot.slot)).where(JobSlot.job == JobSchedule.name).scalar_subquery()
    rows = session.execute(select(JobSchedule.name, func.coalesce(newest, JobSchedule.counted_from)))
    return dict(rows.all())


def slots_open_again(session: Session) -> list[tuple[int, str, datetime]]:
    """Slots that may be taken over, as (id, job, slot), oldest first."""
    rows = session.execute(select(JobSlot.id, JobSlot.job, JobSlot.slot).where(open_again()).order_by(JobSlot.slot))
    return [(row.id, row.job, row.slot) for row in rows]


def job_views(session: Session, *, now: datetime) -> list[JobView]:
    """Every job in the order of its name, with its last runs."""
    until, recent = counted_until(session), _recent_slots(session)
    rows = session.scalars(select(JobSchedule).order_by(JobSchedule.name))
    return [_view(row, recent.get(row.name, []), until[row.name], now) for row in rows]


def _view(row: JobSchedule, recent: list[SlotView], after: datetime, now: datetime) -> JobView:
    waiting = next_slot(row.cron, after)
    lag = max(now - waiting, timedelta()) if waiting else timedelta()
    upcoming = next_slot(row.cron, now)
    return JobView(
        row.name, row.cron, row.catch_up, row.title_zh, row.title_en, row.seen_at, recent, upcoming, lag
    )  # fmt: skip


def _recent_slots(session: Session) -> dict[str, list[SlotView]]:
    place = func.row_number().over(partition_by=JobSlot.job, order_by=JobSlot.slot.desc())
    ranked = select(JobSlot.id, place.label("place")).subquery()
    statement = (
        select(JobSlot)
        .join(ranked, ranked.c.id == JobSlot.id)
        .where(ranked.c.place <= SHOWN_SLOTS)
        .order_by(JobSlot.slot.desc())
    )
    found: dict[str, list[SlotView]] = {}
    for row in session.scalars(statement):
        found.setdefault(row.job, []).append(_slot_view(row))
    return found


def _slot_view(row: JobSlot) -> SlotView:
    return SlotView(row.slot, row.state, row.owner, row.attempts, row.claimed_at, row.done_at, row.summary, row.error)
