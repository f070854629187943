"""The audit table. Actor, label and area are plain columns, so that this room needs no other."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only


class AuditEvent(Base):
    """One deed: who, what, to which thing, in which area, with the facts that matter later."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "recorded_at"),
        Index(None, "action", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    area: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]]


append_only(AuditEvent)
