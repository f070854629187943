"""Correcting an accepted report: it is opened again with a reason, and the accepted revision counts meanwhile.

What follows is a submission and a decision like any other. The first submission still decides lateness.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import Invalid, Problem
from webapp.permissions import Actor
from webapp.reports import guard
from webapp.reports.models import MonthlyReport
from webapp.workflow import REPORT, NotPossible, next_status


def is_correcting(report: MonthlyReport) -> bool:
    """Whether a correction of an accepted report is being written: not filed, yet nothing is owed."""
    return report.status in guard.EDITABLE and report.accepted_revision is not None


def correct(session: Session, report: MonthlyReport, *, reason: str, actor: Actor, now: datetime, version: int) -> None:
    """Open an accepted report again. Raises Forbidden, Stale, Conflict (not accepted) or Invalid (no reason)."""
    guard.allow_filing(actor, report)
    guard.lock(session, report, version)
    after = next_status(report.status, "correct", table=REPORT)
    words = guard.tidy(reason)
    if not words:
        raise Invalid([Problem("reason", _l("请写明更正原因：改什么、为什么改。"))])
    guard.refuse_long({"reason": words})
    report.status, report.correction_reason = after, words
    guard.forget_check(report)
    guard.save(session)
    facts = {"revision": report.accepted_revision, "reason": words}
    guard.write_down(session, "report.correct", report, actor, now, facts)


def drop_correction(session: Session, report: MonthlyReport, *, actor: Actor, now: datetime, version: int) -> None:
    """Give a correction up: the accepted revision stands as before. What was written in the draft is kept.

    Raises Forbidden, Stale or Conflict (no correction, or it waits for a decision).
    """
    guard.allow_filing(actor, report)
    guard.lock(session, report, version)
    if not is_correcting(report):
        raise NotPossible(report.status, "drop")
    report.status = next_status(report.status, "drop", table=REPORT)
    report.correction_reason = ""
    guard.forget_check(report)
    guard.save(session)
    guard.write_down(session, "report.drop", report, actor, now, {"revision": report.accepted_revision})
