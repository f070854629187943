"""The outbox table and the flags on addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of

# `withheld`: written and shown in the product, but not sent, because the person asked for no such mails.
MAIL_STATES = ("new", "sending", "sent", "parked", "withheld")
CHANNELS = ("mail", "robot")
# What a person may ask not to be mailed; the empty topic (escalations, passwords) cannot be refused.
TOPICS = ("reminders", "decisions")


class OutboxMail(Base):
    """One message to one person, or to a group robot (`channel` robot: person 0, `address` "robot:<id>").

    `key` says what it is and can exist once; `message_id` is fixed when the row is made; `topic` says what kind of mail
    a person may refuse, empty for what cannot be refused; `read_at` is when the person opened it in the product.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", MAIL_STATES),
        one_of("channel", CHANNELS),
        Index(None, "state", "not_before"),
        Index(None, "person_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[int]
    address: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8))
    template: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    cause: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(8), default="new")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str] = mapped_column(String(80), default="")
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    subject: Mapped[str] = mapped_column(String(300), default="")
    last_error: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(8), default="mail")
    topic: Mapped[str] = mapped_column(String(16), default="")
    read_at: Mapped[datetime | None]


class AddressFlag(Base):
    """An address a server refused for good: shown on the person until somebody corrects it."""

    __tablename__ = "address_flag"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    flagged_at: Mapped[datetime]


class MailRefusal(Base):
    """A topic a person asked not to be mailed about, from an instant on; deleted when the person wants it again."""

    __tablename__ = "mail_refusal"
    __table_args__ = (one_of("topic", TOPICS),)

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime]
