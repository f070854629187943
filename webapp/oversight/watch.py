"""How the installation is: two statements, whatever the tables hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.db import Instance, newest_migration
from webapp.jobs import pulse
from webapp.jobs.rules import Pulse
from webapp.mail.figures import oldest_due


@dataclass(frozen=True, slots=True)
class Watched:
    """The scheduler's pulse, and how long the oldest mail that is due has been waiting, at a product instant."""

    pulse: Pulse
    mail_waiting: timedelta
    now: datetime


def is_migrated(session: Session) -> bool:
    """Whether the database has the tables this code expects."""
    return bool(session.scalar(text("SELECT version_num FROM alembic_version")) == newest_migration())


def watched(session: Session) -> Watched:
    """The figures of a health check, in one statement."""
    row = session.execute(_watch()).one()
    now = Clock(timedelta(seconds=row.offset or 0)).now()
    due = row.oldest_due
    return Watched(pulse.from_row(row), max(now - due, timedelta()) if due else timedelta(), now)


def _watch() -> Select[*tuple[Any, ...]]:
    offset = select(Instance.clock_offset_seconds).where(Instance.id == 1).scalar_subquery()
    return select(*pulse.columns(), offset.label("offset"), oldest_due().label("oldest_due"))
