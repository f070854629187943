"""The draft of a report: a line for each assignment in force that month, every figure counted, none typed.

Words may be typed over what the assignment's own statements say. The same lines are shown while the report is open and
copied when it is submitted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from webapp.clock import add_months, local_date
from webapp.plans.models import Assignment, Plan
from webapp.progress.facts import Thresholds
from webapp.progress.lights import Light, light_on
from webapp.progress.rules import completion, verified_share
from webapp.reports.models import MonthlyReport, ReportNote, ReportRevision
from webapp.reports.sections import sections
from webapp.rollups.asof import History, Known, Point, known_at, load_history, point

FILED = ("submitted", "accepted")
MINE = and_(Assignment.plan_id == bindparam("plan"), Assignment.organisation_id == bindparam("organisation"))
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines of a report as known now, in the plan's order, and their counts.

    `notes` are the words kept for single lines, `later` the assignments that were spoken of for days after the month:
    nothing about the month can be added to those any more; `figured_later` those whose figure was stated for such a
    day; `counted` those whose figure comes from rows. By assignment. `sections` tell of ledgers and off-peak works.
    """

    lines: list[Line]
    counts: dict[str, int]
    at: Point
    notes: Mapping[int, ReportNote] = field(default_factory=dict)
    later: frozenset[int] = frozenset()
    figured_later: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    sections: Mapping[str, Any] = field(default_factory=dict)


def draft(session: Session, report: MonthlyReport, *, now: datetime) -> Draft:
    """The lines of a report from what is recorded now, about days up to its cut-off, and its sections.

    Always seven statements, and some more where ledgers or works are kept. The caller has loaded the report within the
    actor's area.
    """
    plan = session.get_one(Plan, report.plan_id)
    at = point(report.month, now=now)
    history = load_history(session, MINE, now=now, plan=report.plan_id, organisation=report.organisation_id)
    reported = _last_reported(session, report)
    before = _month_before(history, reported, point(add_months(at.month, -1), now=now))
    thresholds = Thresholds.from_data(plan.rules.get("thresholds", {}))
    notes = _notes(session, report)
    lines = [
        _line(known, light_on(known.facts, at.on, thresholds), _last(known, before, reported), at)
        | _words(known, notes.get(known.row.id))
        for known in known_at(history, at)
        if known.row.starts_on <= at.cutoff and known.facts.status != "not_applicable"
    ]
    counted = frozenset(row.id for row in history.assignments if row.counted)
    later, figured_later = _spoken_of_later(history, report.cutoff)
    told = sections(session, plan, report, cutoff_of(report, now=now))
    return Draft(lines, count(lines), at, notes, later, figured_later, counted, told)


def _notes(session: Session, report: MonthlyReport) -> dict[int, ReportNote]:
    query = select(ReportNote).where(ReportNote.report_id == report.id)
    return {note.assignment_id: note for note in session.scalars(query)}


def _spoken_of_later(history: History, cutoff: date) -> tuple[frozenset[int], frozenset[int]]:
    """The assignments something was stated of for days after the month, and those of which it was a figure."""
    later = {number: [each for each in mine if each.as_of > cutoff] for number, mine in history.updates.items()}
    figured = {number for number, mine in later.items() if any(each.quantity is not None for each in mine)}
    return frozenset(number for number, mine in later.items() if mine), frozenset(figured)


def _last_reported(session: Session, report: MonthlyReport) -> Mapping[str, str | None]:
    """The cumulative figures of last month's report as last submitted, by task code; empty when there is none."""
    query = (
        select(ReportRevision.content)
        .join(MonthlyReport, MonthlyReport.id == ReportRevision.report_id)
        .where(
            MonthlyReport.plan_id == report.plan_id,
            MonthlyReport.organisation_id == report.organisation_id,
            MonthlyReport.month == add_months(report.month, -1),
            MonthlyReport.status.in_(FILED),
        )
        .order_by(ReportRevision.revision.desc())
        .limit(1)
    )
    content = session.scalar(query)
    return {line["task"]: line["cumulative"] for line in content["lines"]} if content else {}


def _month_before(history: History, reported: Mapping[str, str | None], at: Point) -> Mapping[int, Decimal | None]:
    """Last month's figures as the updates give them, of the assignments that last month's report does not tell of."""
    untold = [row for row in history.assignments if row.task_code not in reported]
    return {known.row.id: known.facts.claimed for known in known_at(replace(history, assignments=untold), at)}


def _last(known: Known, before: Mapping[int, Decimal | None], reported: Mapping[str, str | None]) -> Decimal | None:
    """Last month's figure: as it was reported; where it was not, as the updates give it."""
    if known.row.task_code in reported:
        figure = reported[known.row.task_code]
        return None if figure is None else Decimal(figure)
    return before.get(known.row.id)


def _line(known: Known, shown: Light, last: Decimal | None, at: Point) -> Line:
    facts, row = known.facts, known.row
    return {
        "assignment": row.id,
        "task": row.task_code,
        "title_zh": row.title_zh,
        "title_en": row.title_en,
        "clause": row.clause_code,
        "clause_zh": row.clause_zh,
        "clause_en": row.clause_en,
        "kind": row.kind,
        "comparator": row.comparator,
        "target_min": figure(row.target_min),
        "target_max": figure(row.target_max),
        "unit": row.unit,
        "basically": row.basically,
        "measure_kind": row.measure_kind,
        "due": facts.due.isoformat() if facts.due else None,
        "status": facts.status,
        "last": figure(last),
        "this": figure(_difference(facts.claimed, last)) if row.measure_kind == "cumulative" else None,
        "cumulative": figure(facts.claimed),
        "verified": figure(facts.verified),
        "completion": figure(completion(facts)),
        "verified_share": None if facts.verified is None else figure(verified_share(facts)),
        "pace": figure(shown.pace),
        "light": shown.colour,
        "label": shown.label,
        "silent_months": shown.silent_months,
        "updated_on": _day(known, at),
    }


def _words(known: Known, note: ReportNote | None) -> dict[str, str]:
    """What a line says in words: where the note is silent, the assignment's own last statement speaks."""
    words, figured = known.words, known.figure
    return {
        "problem": (note.problem if note else "") or (words.problem if words else ""),
        "next_step": (note.next_step if note else "") or (words.next_step if words else ""),
        "reason": (note.reason if note else "") or (figured.reason if figured else ""),
    }


def _day(known: Known, at: Point) -> str | None:
    """The day the last statement speaks of."""
    return min(known.latest.as_of, at.cutoff).isoformat() if known.latest else None


def _difference(now: Decimal | None, last: Decimal | None) -> Decimal | None:
    return None if now is None else now - (last or Decimal(0))


def figure(value: Decimal | None) -> str | None:
    """A figure as it is kept in a report: plain digits, exact in every JSON reader."""
    if value is None:
        return None
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def count(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines there are, and of each light; `silent` counts lines of any light."""
    labels = Counter(line["label"] for line in lines)
    return {
        "lines": len(lines),
        "done": labels["done"] + labels["done_late"],
        "awaiting": labels["awaiting"],
        "on_pace": labels["on_pace"],
        "behind": labels["behind"],
        "overdue": labels["overdue"],
        "standing": labels["standing"],
        "not_started": labels["not_started"],
        "silent": sum(line["silent_months"] > 0 for line in lines),
    }


def is_running(report: MonthlyReport, *, now: datetime) -> bool:
    """Whether the month reported on is not over yet, so that its figures still move."""
    return local_date(now) <= report.cutoff


def cutoff_of(report: MonthlyReport, *, now: datetime) -> date:
    """The day up to which the draft's figures count: the report's cut-off, or today while the month runs."""
    return min(report.cutoff, local_date(now))
