"""Confirming a draft inside its organisation (审核无误) before it is signed and submitted.

A check holds as long as the draft is the same to the letter: its fingerprint is kept, and compared on submission.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import Conflict, Forbidden
from webapp.permissions import Actor
from webapp.reports import guard, rules
from webapp.reports.draft import Draft, draft, is_running
from webapp.reports.models import MonthlyReport
from webapp.workflow import NotPossible


def fingerprint(report: MonthlyReport, lines: Draft) -> str:
    """What a person checked before sending, in one word: the lines, both texts and the sections there are."""
    texts = {"remark": report.remark, "problems": report.problems}
    return rules.digest({"lines": lines.lines, **texts, **lines.sections})


def is_checked(report: MonthlyReport, figures: str) -> bool:
    """Whether somebody confirmed the draft that has this fingerprint."""
    return report.checked_by is not None and report.checked_figures == figures


def check(session: Session, report: MonthlyReport, *, actor: Actor, now: datetime, version: int, seen: str) -> None:
    """Confirm the draft as it was seen (its `fingerprint`); it can then be signed.

    Raises Forbidden, Stale, or Conflict (nothing to check, the month is not over, or a figure has moved since).
    """
    _allow(actor, report)
    guard.lock(session, report, version)
    if report.status not in guard.EDITABLE or report.light:
        raise NotPossible(report.status, "check")
    if is_running(report, now=now):
        raise Conflict(_l("报告月份尚未结束，请在月末之后审核。"))
    figures = fingerprint(report, draft(session, report, now=now))
    if seen != figures:
        raise Conflict(_l("在您核对之后，有数据发生了变化。请重新核对后再确认。"))
    set_check(report, figures, actor, now)
    guard.save(session)
    guard.write_down(session, "report.check", report, actor, now, {})


def set_check(report: MonthlyReport, figures: str, actor: Actor, now: datetime) -> None:
    """Name the checker of the draft with a fingerprint."""
    report.checked_by, report.checked_by_label = actor.id, actor.name
    report.checked_at, report.checked_figures = now, figures


def uncheck(session: Session, report: MonthlyReport, *, actor: Actor, now: datetime, version: int) -> None:
    """Take a confirmation back; without one nothing happens. Raises Forbidden, Stale or Conflict (submitted)."""
    _allow(actor, report)
    guard.lock(session, report, version)
    if report.status not in guard.EDITABLE:
        raise NotPossible(report.status, "uncheck")
    if report.checked_by is None:
        return
    guard.forget_check(report)
    guard.save(session)
    guard.write_down(session, "report.uncheck", report, actor, now, {})


def _allow(actor: Actor, report: MonthlyReport) -> None:
    guard.allow_filing(actor, report)
    if not guard.may_check(actor, report):
        raise Forbidden(_l("您不是本单位月报的审核人，不能确认审核无误。"))
