"""The outbox table and the flags on addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, one_of

MAIL_STATES = ("new", "sending", "sent", "parked")


class OutboxMail(Base):
    """One mail to one person. `key` says what it is and can exist once; `message_id` is fixed when the row is made."""

    __tablename__ = "outbox"
    __table_args__ = (one_of("state", MAIL_STATES), Index(None, "state", "not_before"), Index(None, "person_id"))

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


class AddressFlag(Base):
    """An address a server refused for good: shown on the person until somebody corrects it."""

    __tablename__ = "address_flag"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    flagged_at: Mapped[datetime]
