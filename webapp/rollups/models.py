"""Roll-up rows: per month, organisation and measure, what was known; a changed figure adds a revision."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only


class Rollup(Base):
    """Counts of one organisation's assignments under one measure at a month's end (in the running month: today)."""

    __tablename__ = "rollup"
    __table_args__ = (
        UniqueConstraint("plan_id", "month", "organisation_id", "clause_id", "revision"),
        Index(None, "plan_id", "month", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    month: Mapped[date]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    revision: Mapped[int]
    recorded_at: Mapped[datetime]
    applicable: Mapped[int]
    left_out: Mapped[int]
    done: Mapped[int]
    on_pace: Mapped[int]
    behind: Mapped[int]
    overdue: Mapped[int]
    silent: Mapped[int]
    not_due: Mapped[int]
    completion: Mapped[Decimal | None]


append_only(Rollup)
