"""Progress updates, the decisions on claims, and what was verified row by row: all only ever added."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, append_only, one_of

UPDATE_KINDS = ("progress", "no_change", "claim", "na_claim", "withdraw")
CAUSES = ("loaded", "filed", "decided", "dated", "time", "recounted")
DECISIONS = ("verify", "return", "na_accept", "na_refuse", "reopen")


class ProgressUpdate(Base):
    """A statement: as of a day (`as_of`), recorded at an instant, so much is done (`quantity`, cumulative).

    `counted`: nobody typed it, a ledger's rows did.
    """

    __tablename__ = "progress_update"
    __table_args__ = (
        one_of("kind", UPDATE_KINDS),
        CheckConstraint("quantity IS NULL OR quantity >= 0", name="quantity"),
        Index(None, "assignment_id", "recorded_at"),
        Index(None, "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    kind: Mapped[str] = mapped_column(String(12))
    as_of: Mapped[date]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    quantity: Mapped[Decimal | None]
    note: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    status_after: Mapped[str] = mapped_column(String(16))
    counted: Mapped[bool] = mapped_column(default=False)


class UpdateEvidence(Base):
    """Which files an update was recorded with."""

    __tablename__ = "update_evidence"

    update_id: Mapped[int] = mapped_column(ForeignKey("progress_update.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), primary_key=True, index=True)


class ReviewDecision(Base):
    """What the level above decided on a claim, and why."""

    __tablename__ = "review_decision"
    __table_args__ = (one_of("decision", DECISIONS), Index(None, "assignment_id", "recorded_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    update_id: Mapped[int | None] = mapped_column(ForeignKey("progress_update.id"))
    decision: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[Decimal | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]
    status_after: Mapped[str] = mapped_column(String(16))


class VerifiedCount(Base):
    """How much of an assignment's figure the level above has found good row by row: counted, apart from its close-out.

    Never more than the figure filed. A close-out has a figure of its own (`ReviewDecision.quantity`).
    """

    __tablename__ = "verified_count"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        Index(None, "assignment_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    quantity: Mapped[Decimal]
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


class LightChange(Base):
    """What a change of an assignment did to its light, due date and share: what the counts of lights are made of.

    `letter` is a light (`progress.letters`), `day` the first on which it holds, shares are ten-thousandths. The side
    without a letter was not counted. `folded`: the counts of the organisations above hold it.
    """

    __tablename__ = "light_change"
    __table_args__ = (
        one_of("cause", CAUSES),
        Index(None, "assignment_id", "day"),
        Index(None, "organisation_id", "day"),
        Index(None, "day"),
        Index("ix_light_change_open", "plan_id", sqlite_where=text("NOT folded"), postgresql_where=text("NOT folded")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    plan_id: Mapped[int]
    organisation_id: Mapped[int]
    clause_id: Mapped[int]
    task_id: Mapped[int]
    day: Mapped[date]
    recorded_at: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(12))
    letter_before: Mapped[str | None] = mapped_column(String(1))
    letter: Mapped[str | None] = mapped_column(String(1))
    due_before: Mapped[date | None]
    due: Mapped[date | None]
    progress_before: Mapped[int]
    progress: Mapped[int]
    folded: Mapped[bool]


append_only(ProgressUpdate)
append_only(UpdateEvidence)
append_only(ReviewDecision)
append_only(VerifiedCount)
