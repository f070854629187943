"""The level above decides on a submitted revision: acceptance, or return with reasons, whole or line by line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.errors import Forbidden, Invalid, Problem
from webapp.permissions import Actor, Permission, can
from webapp.reports import guard
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.reports.notices import tell_filers
from webapp.reports.queries import get_revision
from webapp.workdays.rules import published_calendar
from webapp.workflow import REPORT, next_status

Verdict = Literal["accept", "return"]


def decide(
    session: Session,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    decision: Verdict,
    version: int,
    reason: str = "",
    lines: Sequence[Mapping[str, Any]] = (),
) -> ReportDecision:
    """Accept the submitted revision or return it; filler, checker and signatory are told at once.

    `lines` name what a return is about: `{"assignment": id, "reason": text}` each. A return needs a reason, of the
    whole or of a line. Raises Forbidden (not the level above, or one's own submission), Stale, Conflict (nothing
    waits) or Invalid.
    """
    if not can(actor, Permission.DECIDE_REPORT, report.organisation.path):
        raise Forbidden(_l("月报由上一级单位审核，您的角色不能办理。"))
    guard.lock(session, report, version)
    after = next_status(report.status, decision, table=REPORT)
    revision = get_revision(session, report.id, report.revision)
    if revision.submitted_by == actor.id:
        raise Forbidden(_l("不能审核自己报送的月报，请由其他人员办理。"))
    words, pointed = guard.tidy(reason), _pointed(lines, revision)
    _check_reasons(decision, words, pointed)
    row = _row(report, revision, decision, words, pointed, actor, now)
    session.add(row)
    report.status = after
    if decision == "accept":
        report.accepted_revision, report.correction_reason = revision.revision, ""
    guard.save(session)
    facts = {"revision": revision.revision, "receipt": revision.receipt, "reason": words, "lines": len(pointed) or None,
             "waited_days": row.waited_days}  # fmt: skip
    guard.write_down(session, f"report.{decision}", report, actor, now, facts)
    tell_filers(session, report, revision, row, actor=actor, now=now)
    if decision == "return":
        guard.forget_check(report)
        guard.save(session)
    return row


def _row(
    report: MonthlyReport, revision: ReportRevision, decision: Verdict, words: str, lines: list[dict[str, Any]],
    actor: Actor, now: datetime,
) -> ReportDecision:  # fmt: skip
    waited = published_calendar().workdays_between(local_date(revision.submitted_at), local_date(now))
    return ReportDecision(
        report_id=report.id, revision=revision.revision, decision=decision, reason=words, actor_id=actor.id,
        actor_label=actor.name, recorded_at=now, lines=lines, waited_days=waited,
    )  # fmt: skip


def _pointed(lines: Sequence[Mapping[str, Any]], revision: ReportRevision) -> list[dict[str, Any]]:
    """The lines a return names, in the report's order. Raises Invalid for one the revision does not have."""
    reasons = {int(each["assignment"]): guard.tidy(str(each.get("reason", ""))) for each in lines}
    known = [line["assignment"] for line in revision.content["lines"]]
    if set(reasons) - set(known):
        raise Invalid([Problem("lines", _l("所选任务不在这一版月报中，请刷新页面后再试。"))])
    return [{"assignment": each, "reason": reasons[each]} for each in known if each in reasons]


def _check_reasons(decision: Verdict, reason: str, lines: Sequence[Mapping[str, Any]]) -> None:
    if decision == "accept" and lines:
        raise Invalid([Problem("lines", _l("审核通过不能同时逐项退回；请选择“退回修改”，或取消所选任务。"))])
    if decision == "return" and not reason and not lines:
        raise Invalid([Problem("reason", _l("请写明退回原因，便于报送单位修改。"))])
    silent = [
        Problem(f"line-{each['assignment']}", _l("请写明这一项退回的原因。")) for each in lines if not each["reason"]
    ]
    if silent:
        raise Invalid(silent)
    guard.refuse_long({"reason": reason, **{f"line-{each['assignment']}": each["reason"] for each in lines}})
