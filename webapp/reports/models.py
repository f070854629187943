"""Monthly reports: the row of a month, its frozen revisions, and the decisions on them."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, append_only, one_of
from webapp.organisations.models import Organisation

STATUSES = ("open", "submitted", "returned", "accepted")
DECISIONS = ("accept", "return")


class MonthlyReport(Base):
    """An organisation's report on a month. `due` is the legal date, `internal_due` the level above's earlier one.

    `accepted_revision` is the one that counts; it stays while a correction (`correction_reason`) is prepared and
    decided on. Filler and checker are those of the draft; who signs submits. `checked_figures` is the fingerprint of
    what the checker saw: a check holds as long as the draft is still the same.
    """

    __tablename__ = "monthly_report"
    __table_args__ = (
        UniqueConstraint("plan_id", "organisation_id", "month"),
        one_of("status", STATUSES),
        Index(None, "status", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    month: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="open")
    opened_at: Mapped[datetime]
    nominal_due: Mapped[date]
    due: Mapped[date]
    due_explained_zh: Mapped[str] = mapped_column(Text)
    due_explained_en: Mapped[str] = mapped_column(Text)
    provisional: Mapped[bool]
    calendar: Mapped[str] = mapped_column(String(60))
    internal_due: Mapped[date | None]
    internal_due_at: Mapped[time | None]
    cutoff: Mapped[date]
    remark: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    first_submitted_at: Mapped[datetime | None]
    days_late: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    light: Mapped[bool] = mapped_column(default=False)
    accepted_revision: Mapped[int | None]
    correction_reason: Mapped[str] = mapped_column(Text, default="")
    missing_reason: Mapped[str] = mapped_column(Text, default="")
    filled_by: Mapped[int | None]
    filled_by_label: Mapped[str] = mapped_column(String(100), default="")
    checked_by: Mapped[int | None]
    checked_by_label: Mapped[str] = mapped_column(String(100), default="")
    checked_at: Mapped[datetime | None]
    checked_figures: Mapped[str] = mapped_column(String(64), default="")

    organisation: Mapped[Organisation] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ReportRevision(Base):
    """What was submitted: every figure copied, with the receipt (`sha256` of the canonical content)."""

    __tablename__ = "report_revision"
    __table_args__ = (UniqueConstraint("report_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("monthly_report.id"))
    revision: Mapped[int]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    submitted_by: Mapped[int]
    submitted_by_label: Mapped[str] = mapped_column(String(100))
    submitted_at: Mapped[datetime]
    days_late: Mapped[int]
    correction_reason: Mapped[str] = mapped_column(Text, default="")


class ReportDecision(Base):
    """Acceptance or return of a revision by another person than the one who submitted it.

    `lines` are the assignments a return points at, each with its own reason; `waited_days` the working days the
    revision waited for this decision, which count against the reviewer.
    """

    __tablename__ = "report_decision"
    __table_args__ = (one_of("decision", DECISIONS), Index(None, "report_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("monthly_report.id"))
    revision: Mapped[int]
    decision: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int]
    actor_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]
    lines: Mapped[list[Any]] = mapped_column(default=list)
    waited_days: Mapped[int] = mapped_column(default=0)


class ReportNote(Base):
    """What a draft says about one line in words: saved by itself while somebody types, one editor at a time.

    `reason` explains a figure below last month's accepted one. Where a text is empty, the assignment's own last
    statement speaks.
    """

    __tablename__ = "report_note"
    __table_args__ = (UniqueConstraint("report_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("monthly_report.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    problem: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    updated_by: Mapped[int]
    updated_by_label: Mapped[str] = mapped_column(String(100))
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ReportScan(Base):
    """A stamped scan that belongs to a submitted revision."""

    __tablename__ = "report_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("monthly_report.id"), index=True)
    revision: Mapped[int]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"))
    added_by: Mapped[int]
    added_by_label: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime]


append_only(ReportRevision)
append_only(ReportDecision)
append_only(ReportScan)
