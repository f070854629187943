"""“No change” for every line of a draft that is left: one statement each, in one act."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.permissions import Actor
from webapp.progress.service import record_update
from webapp.reports import guard
from webapp.reports.checks import Finding
from webapp.reports.draft import Draft, cutoff_of, draft
from webapp.reports.models import MonthlyReport
from webapp.reports.noting import touch
from webapp.reports.queries import assignments_for_update
from webapp.reports.submitting import examine

# A returned claim needs an answer, so that "no change" is none.
UNFINISHED = ("not_started", "in_progress")


def left_over(lines: Draft, found: Iterable[Finding]) -> list[Mapping[str, Any]]:
    """The unfinished lines of which nothing was said in the month and nothing is wanting but a word."""
    wrong = {each.assignment for each in found if each.level == "error"} | lines.later
    return [
        line
        for line in lines.lines
        if line["silent_months"] > 0 and line["status"] in UNFINISHED and line["assignment"] not in wrong
    ]


def state_no_change(session: Session, report: MonthlyReport, *, actor: Actor, now: datetime) -> int:
    """State “no change” for what is left over, as of the month's last day or today; for how many lines.

    Raises Forbidden or Conflict (the report is not being written any more).
    """
    guard.allow_filling(actor, report)
    guard.hold_draft(session, report)
    lines, as_of = draft(session, report, now=now), cutoff_of(report, now=now)
    wanted = [line["assignment"] for line in left_over(lines, examine(session, report, lines))]
    rows = [row for row in assignments_for_update(session, wanted) if row.status in UNFINISHED]
    for row in rows:
        record_update(session, row, actor=actor, now=now, kind="no_change", as_of=as_of, version=row.version)
    if rows:
        touch(session, report, actor)
        guard.write_down(session, "report.no_change", report, actor, now, {"lines": len(rows)})
    return len(rows)
