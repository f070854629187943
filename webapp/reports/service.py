"""Use cases of the monthly report: the remark, submission into a frozen revision, acceptance or return.

This module alone writes a report's status, by `workflow.REPORT`. A revision holds every figure as it stood; whatever
happens to the assignments afterwards, the revision stays what was submitted.
"""

from datetime import date, datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.audit.service import record
from webapp.clock import local, local_date
from webapp.errors import Conflict, Forbidden, Invalid, Problem, Stale
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Plan
from webapp.reports import rules
from webapp.reports.draft import Draft, draft, is_running
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.reports.notices import tell_filer
from webapp.reports.opening import open_reports
from webapp.reports.queries import get_revision
from webapp.workdays.rules import published_calendar
from webapp.workflow import REPORT, NotPossible, next_status

__all__ = [
    "Verdict",
    "decide",
    "draft",
    "is_running",
    "may_decide",
    "may_file",
    "open_reports",
    "save_remark",
    "submit",
]

Verdict = Literal["accept", "return"]
FORMAT = "lantian-report-1"
LONGEST_TEXT = 4000
EDITABLE = ("open", "returned")


def may_file(actor: Actor, report: MonthlyReport) -> bool:
    """Whether the actor files for the report's organisation."""
    return can(actor, Permission.FILE_REPORT, report.organisation.path)


def may_decide(actor: Actor, report: MonthlyReport, submitted_by: int) -> bool:
    """Whether the actor stands right above the report's organisation and is not the one who submitted it."""
    return can(actor, Permission.DECIDE_REPORT, report.organisation.path) and submitted_by != actor.id


def save_remark(
    session: Session,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    remark: str,
    problems: str,
    version: int,
) -> None:
    """Keep the two free texts of a report that is not submitted; saving what is there already changes nothing.

    `report` comes from `queries.get_report`. Raises Forbidden, Stale, Conflict (already submitted) or Invalid.
    """
    _allow_filing(actor, report)
    _lock(session, report, version)
    if report.status not in EDITABLE:
        raise NotPossible(report.status, "remark")
    texts = {"remark": _tidy(remark), "problems": _tidy(problems)}
    if found := [_too_long(name) for name, text in texts.items() if len(text) > LONGEST_TEXT]:
        raise Invalid(found)
    if texts == {"remark": report.remark, "problems": report.problems}:
        return
    report.remark, report.problems = texts["remark"], texts["problems"]
    _save(session)
    _record(session, "report.remark", report, actor, now, {})


def submit(
    session: Session, report: MonthlyReport, *, actor: Actor, now: datetime, version: int, seen: str | None = None
) -> ReportRevision:
    """Copy every figure into a new revision and give it a receipt; the report waits for the level above from now on.

    `seen` is the `fingerprint` of the lines the person checked: Conflict when a figure has moved since. The first
    submission decides lateness for good. Raises Forbidden, Stale, or Conflict (not open, or the month is not over).
    """
    _allow_filing(actor, report)
    _lock(session, report, version)
    after = next_status(report.status, "submit", table=REPORT)
    if is_running(report, now=now):
        raise Conflict(_l("报告月份尚未结束，请在月末之后报送。"))
    lines = draft(session, report, now=now)
    if seen is not None and seen != fingerprint(report, lines):
        raise Conflict(_l("在您核对之后，有数据发生了变化。请重新核对后再报送。"))
    if report.first_submitted_at is None:
        report.first_submitted_at = now
        report.days_late = rules.days_late(report.due, local_date(now), published_calendar())
    report.status = after
    report.revision += 1
    revision = _add_revision(session, report, lines, actor, now)
    _save(session)
    facts = {"revision": revision.revision, "receipt": revision.receipt, "sha256": revision.sha256,
             "days_late": revision.days_late}  # fmt: skip
    _record(session, "report.submit", report, actor, now, facts)
    return revision


def fingerprint(report: MonthlyReport, lines: Draft) -> str:
    """What a person checked before sending, in one word: the lines and both texts."""
    return rules.digest({"lines": lines.lines, "remark": report.remark, "problems": report.problems})


def _add_revision(session: Session, report: MonthlyReport, lines: Draft, actor: Actor, now: datetime) -> ReportRevision:
    plan = session.get_one(Plan, report.plan_id)
    receipt = rules.receipt_number(plan.code, report.organisation.code, report.month, report.revision)
    content = _content(plan, report, lines, receipt, actor, now)
    revision = ReportRevision(
        report_id=report.id,
        revision=report.revision,
        content=content,
        sha256=rules.digest(content),
        receipt=receipt,
        submitted_by=actor.id,
        submitted_by_label=actor.name,
        submitted_at=now,
        days_late=report.days_late or 0,
    )
    session.add(revision)
    return revision


def _content(
    plan: Plan, report: MonthlyReport, lines: Draft, receipt: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Everything a revision says, in plain values: figures and dates as text, instants in Shanghai time."""
    organisation, first = report.organisation, report.first_submitted_at or now
    return {
        "format": FORMAT,
        "receipt": receipt,
        "revision": report.revision,
        "plan": {"code": plan.code, "title_zh": plan.title_zh, "title_en": plan.title_en},
        "organisation": {"code": organisation.code, "name_zh": organisation.name_zh, "name_en": organisation.name_en},
        "month": f"{report.month:%Y-%m}",
        "cutoff": report.cutoff.isoformat(),
        "due": report.due.isoformat(),
        "nominal_due": report.nominal_due.isoformat(),
        "internal_due": report.internal_due.isoformat() if report.internal_due else None,
        "submitted_at": _instant(now),
        "submitted_by": actor.name,
        "first_submitted_at": _instant(first),
        "days_late": report.days_late or 0,
        "remark": report.remark,
        "problems": report.problems,
        "counts": lines.counts,
        "lines": lines.lines,
    }


def decide(
    session: Session,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    decision: Verdict,
    version: int,
    reason: str = "",
) -> ReportDecision:
    """Accept the submitted revision or return it with a reason; whoever submitted it is told at once.

    Raises Forbidden (not the level above, or one's own submission), Stale, Conflict (nothing waits) or Invalid.
    """
    if not can(actor, Permission.DECIDE_REPORT, report.organisation.path):
        raise Forbidden(_l("月报由上一级单位审核，您的角色不能办理。"))
    _lock(session, report, version)
    after = next_status(report.status, decision, table=REPORT)
    revision = get_revision(session, report.id, report.revision)
    if revision.submitted_by == actor.id:
        raise Forbidden(_l("不能审核自己报送的月报，请由其他人员办理。"))
    words = _tidy(reason)
    _check_reason(decision, words)
    row = ReportDecision(
        report_id=report.id, revision=revision.revision, decision=decision, reason=words, actor_id=actor.id,
        actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    report.status = after
    _save(session)
    facts = {"revision": revision.revision, "receipt": revision.receipt, "reason": words}
    _record(session, f"report.{decision}", report, actor, now, facts)
    tell_filer(session, report, revision, row, actor=actor, now=now)
    return row


def _check_reason(decision: Verdict, reason: str) -> None:
    if decision == "return" and not reason:
        raise Invalid([Problem("reason", _l("请写明退回原因，便于报送单位修改。"))])
    if len(reason) > LONGEST_TEXT:
        raise Invalid([_too_long("reason")])


def _allow_filing(actor: Actor, report: MonthlyReport) -> None:
    if not may_file(actor, report):
        raise Forbidden(_l("月报由本单位人员填写和报送，您的角色不能办理。"))


def _lock(session: Session, report: MonthlyReport, version: int) -> None:
    """Hold the row until the transaction ends. Raises Stale when it is not the version the form was made from."""
    query = select(MonthlyReport.version).where(MonthlyReport.id == report.id).with_for_update()
    if version != session.scalar(query) or version != report.version:
        raise _stale()


def _stale() -> Stale:
    return Stale(_l("您打开页面之后，已有人修改或办理了这份月报。请核对最新内容后重新提交，您填写的内容还在。"))


def _save(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError:
        raise _stale() from None


def _record(
    session: Session, action: str, report: MonthlyReport, actor: Actor, now: datetime, facts: dict[str, Any]
) -> None:
    about = {"month": _month(report.month), "status": report.status}
    record(session, action, ("report", report.id), actor=actor, now=now, area=report.organisation.path,
           facts=about | facts)  # fmt: skip


def _tidy(text: str) -> str:
    """A typed text without its outer blanks; line ends as one kind, so that equal texts are equal bytes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _too_long(field: str) -> Problem:
    return Problem(field, _l("最多 %(max)d 个字，请精简。", max=LONGEST_TEXT))


def _instant(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")


def _month(month: date) -> str:
    return f"{month:%Y-%m}"
