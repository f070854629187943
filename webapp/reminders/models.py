"""The ledger of reminders, and the group robots that are told too."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of
from webapp.plans.models import ReminderRules

__all__ = ["ROBOT_KINDS", "GroupRobot", "Reminder", "ReminderRules"]

ROBOT_KINDS = ("wecom", "dingtalk")


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


class GroupRobot(Base):
    """A group chat's robot that is told each working morning what the people of its organisation are told.

    `url` holds a key and `secret` signs (DingTalk): neither is ever shown again after it was saved.
    """

    __tablename__ = "group_robot"
    __table_args__ = (one_of("kind", ROBOT_KINDS), Index(None, "organisation_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


append_only(Reminder)
