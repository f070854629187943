"""Bulletins: what a coordinator writes before publishing, and the issues that were published."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of

# The month's bulletin (月调度情况通报); the report upward of safeguard-1, quarterly, monthly in the heating season.
KINDS = ("bulletin", "upward")


class BulletinDraft(Base):
    """The words a coordinator adds to a period's figures until it is published. `period` is "2017-09" or "2017-Q3"."""

    __tablename__ = "bulletin_draft"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "period"), one_of("kind", KINDS))

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    kind: Mapped[str] = mapped_column(String(10))
    period: Mapped[str] = mapped_column(String(10))
    remarks_zh: Mapped[str] = mapped_column(Text, default="")
    remarks_en: Mapped[str] = mapped_column(Text, default="")
    updated_by: Mapped[int]
    updated_by_label: Mapped[str] = mapped_column(String(100))
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BulletinIssue(Base):
    """A published issue: every figure and word copied (`content`), its canonical SHA-256; a later one replaces none."""

    __tablename__ = "bulletin_issue"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "period", "issue"), one_of("kind", KINDS))

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    kind: Mapped[str] = mapped_column(String(10))
    period: Mapped[str] = mapped_column(String(10))
    issue: Mapped[int]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[int]
    published_by_label: Mapped[str] = mapped_column(String(100))
    published_at: Mapped[datetime]


append_only(BulletinIssue)
