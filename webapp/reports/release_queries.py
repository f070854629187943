"""Reading what was released: revisions by receipt, scans, the table for other programs, how long reports waited."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from webapp.evidence.models import EvidenceFile
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision, ReportScan

AnyRow = Row[*tuple[Any, ...]]


def revision_by_receipt(session: Session, receipt: str) -> ReportRevision | None:
    """The revision a receipt speaks of, wherever it is: for the operator's command line, never for a page."""
    return session.scalar(select(ReportRevision).where(ReportRevision.receipt == receipt))


# --- scans


def scans(session: Session, report_id: int) -> Sequence[AnyRow]:
    """The stamped scans of a report that was loaded within the area, oldest first: with the file's name and size."""
    query = (
        select(
            ReportScan.revision, ReportScan.evidence_id, ReportScan.added_by_label, ReportScan.recorded_at,
            EvidenceFile.filename, EvidenceFile.size,
        )
        .join(EvidenceFile, EvidenceFile.id == ReportScan.evidence_id)
        .where(ReportScan.report_id == report_id)
    )  # fmt: skip
    return session.execute(query.order_by(ReportScan.recorded_at, ReportScan.id)).all()


def scan_hashes(session: Session, report_id: int, revision: int) -> Sequence[str]:
    """The SHA-256 of a revision's scans."""
    query = (
        select(EvidenceFile.sha256)
        .join(ReportScan, ReportScan.evidence_id == EvidenceFile.id)
        .where(ReportScan.report_id == report_id, ReportScan.revision == revision)
    )
    return session.scalars(query).all()


# --- the table for other programs


def export_rows(session: Session, plan_id: int, month: date | None, *, all_revisions: bool) -> Sequence[AnyRow]:
    """Every report of a plan with its newest revision, or with each: by month, then in the tree's order.

    A report that was never submitted is a row whose revision is None. `lines` and `silent` count the first revision.
    """
    wanted = ReportRevision.report_id == MonthlyReport.id
    if not all_revisions:
        wanted = and_(wanted, ReportRevision.revision == MonthlyReport.revision)
    query = (
        _with_counts()
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .outerjoin(ReportRevision, wanted)
        .where(MonthlyReport.plan_id == plan_id)
        .order_by(MonthlyReport.month, Organisation.sort, Organisation.id, ReportRevision.revision)
    )
    if month is not None:
        query = query.where(MonthlyReport.month == month)
    return session.execute(query).all()


def _with_counts() -> Select[*tuple[Any, ...]]:
    first = aliased(ReportRevision)
    counts = first.content["counts"]
    return (
        select(
            MonthlyReport.month, MonthlyReport.light, MonthlyReport.status, MonthlyReport.due,
            MonthlyReport.internal_due, MonthlyReport.first_submitted_at, MonthlyReport.days_late,
            MonthlyReport.accepted_revision, ReportRevision.revision, ReportRevision.submitted_at,
            ReportRevision.correction_reason, ReportRevision.receipt, ReportRevision.sha256,
            Organisation.code.label("org"), Organisation.name_zh.label("org_name"),
            counts["lines"].as_integer().label("lines"), counts["silent"].as_integer().label("silent"),
        )
        .select_from(MonthlyReport)
        .outerjoin(first, and_(first.report_id == MonthlyReport.id, first.revision == 1))
    )  # fmt: skip


# --- how long reports waited for those who review them


def waits(session: Session, plan_id: int, actor: Actor, *, allowed: int) -> Sequence[AnyRow]:
    """How long the revisions of the actor's area waited: a row for each reviewing organisation and each it reviews.

    `decided` counts decisions, `days` sums their working days, `longest` is the greatest, `slow` counts those above
    the `allowed` days.
    """
    above = aliased(Organisation)
    waited = ReportDecision.waited_days
    query = (
        select(
            above.id.label("organisation_id"), above.kind, above.short_zh, above.short_en,
            Organisation.id.label("reporter_id"),
            func.count(ReportDecision.id).label("decided"), func.coalesce(func.sum(waited), 0).label("days"),
            func.coalesce(func.max(waited), 0).label("longest"),
            func.sum(case((waited > allowed, 1), else_=0)).label("slow"),
        )
        .select_from(MonthlyReport)
        .outerjoin(ReportDecision, ReportDecision.report_id == MonthlyReport.id)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .join(above, above.id == func.coalesce(Organisation.parent_id, Organisation.id))
        .where(MonthlyReport.plan_id == plan_id, within(Organisation.path, actor))
        .group_by(above.id, above.kind, above.short_zh, above.short_en, above.sort, Organisation.id)
    )  # fmt: skip
    return session.execute(query.order_by(above.sort, above.id, Organisation.id)).all()
