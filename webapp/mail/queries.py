"""Reading the outbox for the operators' page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from webapp.mail.models import MAIL_STATES, AddressFlag, OutboxMail
from webapp.mail.rules import TROUBLE

EVERYBODYS = true()


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail as a list shows it (no payload)."""

    id: int
    person_id: int
    address: str
    template: str
    subject: str
    cause: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    last_error: str
    channel: str
    topic: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """How the queue stands: mails by state, and how long the oldest one that is due has been waiting."""

    counts: dict[str, int]
    waiting: timedelta

    @property
    def unsent(self) -> int:
        """Mails that are still to go out."""
        return self.counts["new"] + self.counts["sending"]


def queue(session: Session, *, now: datetime, whose: ColumnElement[bool] = EVERYBODYS) -> QueueView:
    """Counts by state (every state is there, with 0) and the longest wait."""
    found = session.execute(select(OutboxMail.state, func.count()).where(whose).group_by(OutboxMail.state))
    counts = dict.fromkeys(MAIL_STATES, 0) | dict(found.all())
    waiting = select(func.min(OutboxMail.not_before)).where(OutboxMail.state.in_(("new", "sending")), whose)
    oldest = session.scalar(waiting)
    return QueueView(counts, max(now - oldest, timedelta()) if oldest else timedelta())


def mails(
    session: Session,
    *,
    state: str | None = None,
    limit: int = 50,
    offset: int = 0,
    whose: ColumnElement[bool] = EVERYBODYS,
) -> list[MailView]:
    """Mails, newest first, of one state or of all."""
    row = OutboxMail
    statement = select(
        row.id, row.person_id, row.address, row.template, row.subject, row.cause, row.state, row.attempts,
        row.created_at, row.not_before, row.sent_at, row.last_error, row.channel, row.topic,
    ).where(whose).order_by(row.id.desc()).limit(limit).offset(offset)  # fmt: skip
    if state:
        statement = statement.where(row.state == state)
    return [MailView(**each) for each in session.execute(statement).mappings()]


def flagged(session: Session) -> dict[str, str]:
    """Addresses a server refused for good, each with its reason."""
    return dict(session.execute(select(AddressFlag.address, AddressFlag.reason)).all())


def flags_of(session: Session, addresses: Collection[str]) -> dict[str, AddressFlag]:
    """The flags on some people's addresses, by address: those a server refused for good, with its reason and when."""
    found = session.scalars(select(AddressFlag).where(AddressFlag.address.in_(addresses)))
    return {flag.address: flag for flag in found}


def flag_of(session: Session, address: str) -> AddressFlag | None:
    """The flag on one address, if a server refused it for good."""
    return session.get(AddressFlag, address)


def server_trouble(session: Session) -> str | None:
    """What keeps mail that waits from being sent at all (no connection, login, certificate), as it was last met.

    None when mails go out, or when nothing was tried. It is the operator's to mend, not the mails'.
    """
    waiting = select(OutboxMail.last_error).where(
        OutboxMail.state == "new", OutboxMail.attempts > 0, OutboxMail.last_error.startswith(TROUBLE, autoescape=True)
    )
    found = session.scalar(waiting.order_by(OutboxMail.not_before.desc(), OutboxMail.id.desc()).limit(1))
    return found.removeprefix(TROUBLE) if found else None


def due_addresses(session: Session, *, now: datetime) -> list[str]:
    """To whom a delivery at an instant would send, each as "address: cause", in the order of sending."""
    due = select(OutboxMail.address, OutboxMail.cause).where(OutboxMail.state == "new", OutboxMail.not_before <= now)
    rows = session.execute(due.order_by(OutboxMail.not_before, OutboxMail.id))
    return [f"{row.address}: {row.cause}" for row in rows]
