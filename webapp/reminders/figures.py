"""Reminders in figures, for watchdogs: what the ledger holds, and what is owed at this moment."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.reminders.models import Reminder
from webapp.reminders.service import record_owed


def recorded_since(session: Session, since: datetime) -> tuple[int, int]:
    """How many reminders the ledger holds, and how many of them were recorded after an instant; one pass."""
    lately = func.sum(case((Reminder.recorded_at > since, 1), else_=0))
    row = session.execute(select(func.count(), func.coalesce(lately, 0)).select_from(Reminder)).one()
    return int(row[0]), int(row[1])


def owed_now(session: Session, *, now: datetime) -> int:
    """How many reminders are owed and not recorded: the job's own question, asked as a dry run.

    Nothing on rest days and before the sending hour, without a look at the facts.
    """
    return record_owed(session, now=now, dry_run=True).items
