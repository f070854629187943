"""From a draft to its workbook, and from an uploaded workbook to its preview; nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.i18n import language
from webapp.plans.models import Assignment, Plan
from webapp.progress.state import known as facts_of
from webapp.reports import mending
from webapp.reports.checks import Finding
from webapp.reports.draft import Draft, cutoff_of, draft
from webapp.reports.models import MonthlyReport, ReportDecision
from webapp.reports.queries import assignments_for_update
from webapp.reports.spreadsheet.book import open_book
from webapp.reports.spreadsheet.comparing import Known, Preview, compare, may_leave, may_state
from webapp.reports.spreadsheet.identity import seal, stamp_of
from webapp.reports.spreadsheet.reading import read, refuse_strangers
from webapp.reports.spreadsheet.writing import Content, workbook
from webapp.reports.submitting import examine


@dataclass(frozen=True, slots=True)
class Found:
    """A preview and the day its figures speak of."""

    preview: Preview
    as_of: date


def made(
    session: Session, report: MonthlyReport, decision: ReportDecision | None, *, secret: str, now: datetime
) -> bytes:
    """A report's draft as a workbook in the language being spoken; `decision` is the return that it answers."""
    lines, as_of = draft(session, report, now=now), cutoff_of(report, now=now)
    plan = session.get_one(Plan, report.plan_id)
    rows = _rows(session, lines)
    content = Content(
        report=report,
        lines=lines.lines,
        hints=_hints(lines, examine(session, report, lines), decision),
        stated={row.id for row in rows.values() if may_state(row, lines, as_of) is None},
        unchanged={row.id for row in rows.values() if may_leave(row, lines, as_of)},
        as_of=as_of,
        sealed=seal(secret, stamp_of(plan, report, lines.lines, language())),
    )
    return workbook(content, now=now)


def _rows(session: Session, lines: Draft) -> dict[int, Assignment]:
    found = assignments_for_update(session, [line["assignment"] for line in lines.lines])
    return {row.id: row for row in found}


def _hints(lines: Draft, found: Sequence[Finding], decision: ReportDecision | None) -> dict[int, str]:
    """What the draft's page would say of each line: why it was returned, what is wrong or missing."""
    known = {line["assignment"]: line for line in lines.lines}
    hints: dict[int, list[str]] = {}
    for each in decision.lines if decision else ():
        if each["reason"]:
            hints.setdefault(each["assignment"], []).append(_("退回意见：%(reason)s", reason=each["reason"]))
    for finding in found:
        words = mending.words(finding, known[finding.assignment])
        hints.setdefault(finding.assignment, []).append(words)
    return {number: "\n".join(words) for number, words in hints.items()}


def preview(session: Session, report: MonthlyReport, data: bytes, *, secret: str, now: datetime) -> Found:
    """What an uploaded workbook would change. Raises Refusal for a file that is not this report's."""
    table = open_book(data, secret)
    plan = session.get_one(Plan, report.plan_id)
    refuse_strangers(table.stamp, plan, report)
    lines, as_of = draft(session, report, now=now), cutoff_of(report, now=now)
    filled, wrong = read(table, {line["task"]: line for line in lines.lines})
    found = compare(table, filled, lines, _known(session, plan, lines, as_of, local_date(now)))
    return Found(_settled(found, wrong), as_of)


def _settled(found: Preview, wrong: Sequence[Any]) -> Preview:
    """One list of everything wrong; a line of which something cannot be read is not shown as changed."""
    found.wrong = sorted([*wrong, *found.wrong], key=lambda each: each.row)
    bad = {each.row for each in found.wrong}
    found.changed = [each for each in found.changed if each.row not in bad]
    return found


def _known(session: Session, plan: Plan, lines: Draft, as_of: date, today: date) -> Known:
    rows: Mapping[int, Assignment] = _rows(session, lines)
    facts = {each.row.id: each.facts for each in facts_of(session, list(rows), today)}
    return Known(rows, facts, plan.starts_on, as_of, today)
