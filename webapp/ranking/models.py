"""Published rankings: every point with the rows behind it, copied; a correction is a further revision."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only


class RankingIssue(Base):
    """A month's ranking as published: `known_on` is the last day that counts, `reason` why a revision was needed."""

    __tablename__ = "ranking_issue"
    __table_args__ = (UniqueConstraint("plan_id", "month", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    month: Mapped[date]
    revision: Mapped[int]
    known_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[int]
    published_by_label: Mapped[str] = mapped_column(String(100))
    published_at: Mapped[datetime]


append_only(RankingIssue)
