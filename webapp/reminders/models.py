"""The ledger of reminders: who was told what, about which due date, at which rung."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only


class Reminder(Base):
    """One person told once about one subject at one rung against one due date; the mail that carries it is named."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("plan_id", "subject_kind", "subject_id", "due", "rung", "person_id"),
        Index(None, "person_id", "recorded_at"),
        Index(None, "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int]
    due: Mapped[date]
    rung: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    escalation: Mapped[bool]
    recorded_at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    audience: Mapped[str] = mapped_column(String(12), default="")


append_only(Reminder)
