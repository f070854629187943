"""Attaching the stamped scan of the printed form to a submitted revision. Scans are only ever added."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import Invalid, Problem
from webapp.evidence.service import FIELD, Staged, record
from webapp.permissions import Actor
from webapp.reports import guard
from webapp.reports.models import MonthlyReport, ReportRevision, ReportScan
from webapp.reports.release_queries import scan_hashes

MOST_SCANS = 20
PAPER = ("application/pdf", "image/")


def attach(
    session: Session,
    report: MonthlyReport,
    revision: ReportRevision,
    staged: Sequence[Staged],
    *,
    actor: Actor,
    now: datetime,
) -> list[ReportScan]:
    """Put checked and stored files on record as scans of a revision.

    Raises Forbidden (not of the reporting organisation) or Invalid (none, no paper, there already, too many).
    """
    guard.allow_filing(actor, report)
    known = scan_hashes(session, report.id, revision.revision)
    _refuse(staged, known)
    files = record(session, staged, actor=actor, organisation_id=report.organisation_id, now=now)
    rows = [
        ReportScan(
            report_id=report.id, revision=revision.revision, evidence_id=file.id, added_by=actor.id,
            added_by_label=actor.name, recorded_at=now,
        )
        for file in files
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    facts = {"revision": revision.revision, "receipt": revision.receipt, "files": [file.sha256 for file in files]}
    guard.write_down(session, "report.scan", report, actor, now, facts)
    return rows


def _refuse(staged: Sequence[Staged], known: Sequence[str]) -> None:
    if not staged:
        raise Invalid([Problem(FIELD, _l("请选择盖章扫描件。"))])
    if len(known) + len(staged) > MOST_SCANS:
        raise Invalid([Problem(FIELD, _l("每版月报最多附 %(n)s 份扫描件。", n=MOST_SCANS))])
    problems = [
        Problem(FIELD, _l("%(name)s 不是扫描件，请上传 PDF 或图片。", name=each.filename))
        for each in staged
        if not each.media_type.startswith(PAPER)
    ]
    problems += [
        Problem(FIELD, _l("%(name)s 已经附在这一版月报上。", name=each.filename))
        for each in staged
        if each.sha256 in known
    ]
    if problems:
        raise Invalid(problems)
