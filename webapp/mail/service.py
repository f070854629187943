"""The life of a mail: written with its cause, claimed, and recorded as what the server said.

`not_before`, `created_at` and `sent_at` are product time. A claim's end is real time, for the reason given in
`webapp.jobs.service`: it asks whether a process is alive, and product time may jump.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, Table, and_, bindparam, delete, exists, literal, select, union_all, update
from sqlalchemy.orm import Session

from webapp.clock import real_now
from webapp.db import insert_once
from webapp.errors import Conflict, NotFound
from webapp.mail.channels import Outcome
from webapp.mail.models import CHANNELS, TOPICS, AddressFlag, MailRefusal, OutboxMail
from webapp.mail.rules import TROUBLE, Fate, next_delay

# Message-IDs only have to be unique and fixed; `.internal` is reserved, so no other installation's mail collides.
MESSAGE_ID_DOMAIN = "lantian.internal"
ERROR_LENGTH = 2000
# A deliverer begins no mail in the second half of its claim: one mail may wait for ten short answers and two long ones.
CLAIM_LEASE = timedelta(minutes=10)
NOT_SYNCED = {"synchronize_session": False}
# Asked for every mail that is sent, so put together once, and without the ORM. Tells whether the address is flagged.
_OUTBOX = cast(Table, OutboxMail.__table__)
_MARK_SENT = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("mail"), _OUTBOX.c.state != "sent")
    .values(
        state="sent", sent_at=bindparam("at"), subject=bindparam("words"), attempts=bindparam("tries"),
        claimed_until=None, last_error="",
    )
    .returning(exists().where(AddressFlag.address == _OUTBOX.c.address))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a mail goes and in which language."""

    person_id: int
    address: str
    locale: str


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail this process has claimed, and may begin to send before `send_before` (real time)."""

    id: int
    message_id: str
    person_id: int
    address: str
    topic: str
    locale: str
    template: str
    payload: dict[str, Any]
    attempts: int
    claimed_by: str
    send_before: datetime

    def may_still_be_sent(self) -> bool:
        """Whether the claim lasts long enough to send and record it."""
        return real_now() < self.send_before


def outbox_row(
    *,
    key: str,
    template: str,
    person: Recipient,
    payload: dict[str, Any],
    cause: str,
    now: datetime,
    topic: str = "",
    not_before: datetime | None = None,
    channel: str = "mail",
    state: str = "new",
) -> dict[str, Any]:
    """The values of a new mail, its Message-ID fixed for ever; for callers that insert many at once.

    Such a caller sets `state` to "withheld" itself, for people in `refusers` of the topic.
    """
    return {
        "key": key, "message_id": f"<{uuid4()}@{MESSAGE_ID_DOMAIN}>", "person_id": person.person_id,
        "address": person.address, "locale": person.locale, "template": template, "payload": payload, "cause": cause,
        "state": state, "created_at": now, "not_before": not_before or now, "attempts": 0, "claimed_by": "",
        "subject": "", "last_error": "", "channel": channel, "topic": topic,
    }  # fmt: skip


def enqueue(
    session: Session,
    *,
    key: str,
    template: str,
    person: Recipient | tuple[int, str, str],
    payload: dict[str, Any],
    cause: str,
    now: datetime,
    topic: str = "",
    not_before: datetime | None = None,
) -> int | None:
    """Write a mail into the running transaction; its id, or None when a mail of this key exists.

    `person` is (id, address, locale); `payload` holds facts, worded only when the mail is sent; `cause` says why, for
    operators. A person who refused the `topic` finds it in the product only.
    """
    to = person if isinstance(person, Recipient) else Recipient(*person)
    state = "withheld" if topic and topic in refused_topics(session, to.person_id) else "new"
    row = outbox_row(
        key=key, template=template, person=to, payload=payload, cause=cause, now=now, topic=topic,
        not_before=not_before, state=state,
    )  # fmt: skip
    return insert_once(session, OutboxMail, row)


def refuse(session: Session, person_id: int, topic: str, now: datetime) -> None:
    """Send a person no more mails of a topic, those that wait included. A second time changes nothing.

    Raises NotFound for a topic that does not exist or cannot be refused.
    """
    if topic not in TOPICS:
        raise NotFound(_("没有这类邮件。"))
    insert_once(session, MailRefusal, {"person_id": person_id, "topic": topic, "since": now})
    waiting = and_(OutboxMail.person_id == person_id, OutboxMail.topic == topic, OutboxMail.state == "new")
    _count(session, update(OutboxMail).where(waiting).values(state="withheld"))


def accept_again(session: Session, person_id: int, topic: str) -> None:
    """Send a person mails of a topic again, from now on; what was withheld stays so."""
    session.execute(delete(MailRefusal).where(MailRefusal.person_id == person_id, MailRefusal.topic == topic))


def refused_topics(session: Session, person_id: int) -> frozenset[str]:
    """The topics a person refused."""
    return frozenset(session.scalars(select(MailRefusal.topic).where(MailRefusal.person_id == person_id)))


def refusers(session: Session, topic: str) -> frozenset[int]:
    """The people who refused a topic, for callers that write many mails at once."""
    return frozenset(session.scalars(select(MailRefusal.person_id).where(MailRefusal.topic == topic)))


def release_expired(session: Session) -> int:
    """Give back mails whose deliverer died; gives their number. They keep their Message-ID."""
    expired = and_(OutboxMail.state == "sending", OutboxMail.claimed_until <= real_now())
    return _count(session, update(OutboxMail).where(expired).values(state="new", claimed_by="", claimed_until=None))


def due_channels(session: Session, *, now: datetime) -> frozenset[str]:
    """The channels by which something is due."""
    due = and_(OutboxMail.state == "new", OutboxMail.not_before <= now)
    waits = [select(literal(each)).where(exists().where(due, OutboxMail.channel == each)) for each in CHANNELS]
    return frozenset(session.scalars(union_all(*waits)))


def claim_batch(
    session: Session,
    *,
    owner: str,
    limit: int,
    now: datetime,
    channel: str = "mail",
    lease: timedelta = CLAIM_LEASE,
) -> list[ClaimedMail]:
    """Claim mails of a channel that are due, oldest first, by one statement that is right on both engines.

    PostgreSQL skips what a rival holds; SQLite ignores SKIP LOCKED, but its writers queue, and `state = 'new'` outside
    the subquery is what then keeps a row from being claimed twice.
    """
    waiting = (
        select(OutboxMail.id)
        .where(OutboxMail.state == "new", OutboxMail.not_before <= now, OutboxMail.channel == channel)
        .order_by(OutboxMail.not_before, OutboxMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    began = real_now()
    statement = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(waiting), OutboxMail.state == "new")
        .values(state="sending", claimed_by=owner, claimed_until=began + lease)
        .returning(
            OutboxMail.id, OutboxMail.message_id, OutboxMail.person_id, OutboxMail.address, OutboxMail.topic,
            OutboxMail.locale, OutboxMail.template, OutboxMail.payload, OutboxMail.attempts, OutboxMail.claimed_by,
        )
    )  # fmt: skip
    rows = session.execute(statement, execution_options=NOT_SYNCED).mappings()
    return sorted((ClaimedMail(**row, send_before=began + lease / 2) for row in rows), key=lambda mail: mail.id)


def record(session: Session, mail: ClaimedMail, outcome: Outcome, *, subject: str, now: datetime) -> str:
    """Record what came of sending a mail; gives the word for the summary: sent, retried or parked."""
    if outcome.fate is Fate.SENT:
        _mark_sent(session, mail, subject=subject, now=now)
        return "sent"
    delay = next_delay(mail.attempts + 1) if outcome.fate is Fate.TRY_AGAIN else None
    if delay is not None:
        _put_back(session, mail, {"state": "new", "not_before": now + delay}, outcome, subject)
        return "retried"
    _put_back(session, mail, {"state": "parked"}, outcome, subject)
    if outcome.fate is Fate.ADDRESS_REFUSED:
        _flag(session, mail.address, outcome.answer, now=now)
    return "parked"


def _mark_sent(session: Session, mail: ClaimedMail, *, subject: str, now: datetime) -> None:
    """The server's 250 is a fact, whoever holds the claim by now: recording it keeps a rival from sending again.

    It also says that the address is good, so that a flag on it goes.
    """
    facts = {"mail": mail.id, "at": now, "words": subject[:300], "tries": mail.attempts + 1}
    flagged = session.execute(_MARK_SENT, facts).scalar()
    if flagged:
        _unflag(session, [mail.address])


def _put_back(session: Session, mail: ClaimedMail, values: dict[str, Any], outcome: Outcome, subject: str) -> None:
    still_held = and_(
        OutboxMail.id == mail.id, OutboxMail.state == "sending", OutboxMail.claimed_by == mail.claimed_by
    )  # fmt: skip
    common = {
        "attempts": mail.attempts + 1, "claimed_by": "", "claimed_until": None, "subject": subject[:300],
        "last_error": ((TROUBLE if outcome.trouble else "") + outcome.answer)[:ERROR_LENGTH],
    }  # fmt: skip
    session.execute(update(OutboxMail).where(still_held).values(**common, **values))


def give_back(session: Session, mails: Sequence[ClaimedMail]) -> int:
    """Return claimed mails that were not tried; they are due at once and no attempt is counted."""
    if not mails:
        return 0
    held = and_(
        OutboxMail.id.in_([mail.id for mail in mails]),
        OutboxMail.state == "sending",
        OutboxMail.claimed_by == mails[0].claimed_by,
    )
    return _count(session, update(OutboxMail).where(held).values(state="new", claimed_by="", claimed_until=None))


def resend(session: Session, mail_id: int, *, now: datetime) -> None:
    """Let a parked mail try again from the start, under its own Message-ID, and clear the flag on its address.

    Raises NotFound for an unknown mail, Conflict for one that is not parked.
    """
    mail = session.get(OutboxMail, mail_id, with_for_update=True)
    if mail is None:
        raise NotFound(_("没有这封邮件。"))
    if mail.state != "parked":
        raise Conflict(_("只有发送失败、已停止重试的邮件才能重新发送。"))
    mail.state, mail.attempts, mail.not_before = "new", 0, now
    _unflag(session, [mail.address])


def resend_all(session: Session, *, now: datetime) -> list[int]:
    """Let every parked mail try again from the start; their ids. The flags on their addresses go."""
    statement = update(OutboxMail).where(OutboxMail.state == "parked")
    again = statement.values(state="new", attempts=0, not_before=now).returning(OutboxMail.id, OutboxMail.address)
    found = session.execute(again, execution_options=NOT_SYNCED).all()
    _unflag(session, {row.address for row in found})
    return sorted(row.id for row in found)


def mark_read(
    session: Session,
    *,
    person_id: int,
    now: datetime,
    ids: Collection[int] | None = None,
    until: datetime | None = None,
) -> int:
    """Mark a person's own messages as read: some, or all (those made by `until`, if given); how many were unread."""
    unread = and_(OutboxMail.person_id == person_id, OutboxMail.channel == "mail", OutboxMail.read_at.is_(None))
    if ids is not None:
        unread = and_(unread, OutboxMail.id.in_(ids))
    if until is not None:
        unread = and_(unread, OutboxMail.created_at <= until)
    return _count(session, update(OutboxMail).where(unread).values(read_at=now))


def _unflag(session: Session, addresses: Collection[str]) -> None:
    session.execute(delete(AddressFlag).where(AddressFlag.address.in_(addresses)))


def _flag(session: Session, address: str, reason: str, *, now: datetime) -> None:
    values = {"address": address, "reason": reason[:ERROR_LENGTH], "flagged_at": now}
    insert_once(session, AddressFlag, values)


def _count(session: Session, statement: Any) -> int:
    result = session.execute(statement, execution_options=NOT_SYNCED)
    return result.rowcount if isinstance(result, CursorResult) else 0
