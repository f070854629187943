"""The outbox in figures, for watchdogs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from webapp.mail.models import CHANNELS, MAIL_STATES, AddressFlag, OutboxMail


def oldest_due() -> ScalarSelect[Any]:
    """Since when the longest waiting mail could have been sent; it lies ahead while all wait to be tried again."""
    waiting = OutboxMail.state.in_(("new", "sending"))
    return select(func.min(OutboxMail.not_before)).where(waiting).scalar_subquery()


def oldest_due_at(session: Session) -> datetime | None:
    """The same, read at once."""
    found: datetime | None = session.scalar(select(oldest_due()))
    return found


def by_state_and_channel(session: Session) -> dict[tuple[str, str], int]:
    """How many mails stand in each state, by channel; every pair is there, with 0."""
    rows = session.execute(
        select(OutboxMail.state, OutboxMail.channel, func.count()).group_by(OutboxMail.state, OutboxMail.channel)
    )
    none = {(state, channel): 0 for state in MAIL_STATES for channel in CHANNELS}
    return none | {(state, channel): count for state, channel, count in rows}


def flags(session: Session) -> int:
    """How many addresses a server refused for good."""
    return session.scalar(select(func.count()).select_from(AddressFlag)) or 0
