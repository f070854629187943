"""The schedule as the runner last wrote it, and one row for each slot of each job."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of

SLOT_STATES = ("claimed", "done", "failed")
CATCH_UP = ("every", "latest")


class JobSchedule(Base):
    """A job of the table in `tasks/schedule.py`, and since when its slots are counted."""

    __tablename__ = "job_schedule"
    __table_args__ = (one_of("catch_up", CATCH_UP),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    cron: Mapped[str] = mapped_column(String(60))
    catch_up: Mapped[str] = mapped_column(String(8))
    title_zh: Mapped[str] = mapped_column(String(100))
    title_en: Mapped[str] = mapped_column(String(100))
    counted_from: Mapped[datetime]
    seen_at: Mapped[datetime]


class JobSlot(Base):
    """One slot of one job: the unique key is what makes it run once, the lease what makes it run at all."""

    __tablename__ = "job_slot"
    __table_args__ = (UniqueConstraint("job", "slot"), one_of("state", SLOT_STATES), Index(None, "job", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    slot: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(80))
    attempts: Mapped[int]
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    done_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(Text, default="")
