"""What a revision says: every figure of the draft, who stands for it, which cities are in it; in plain values.

Format "lantian-report-3". Contents of the first format lack what `dispatch` adds, those of the second the sections of
ledgers and off-peak production, which a report of the third has where there is something to say: readers ask by `get`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.clock import local, local_date
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.reports import rules
from webapp.reports.draft import Draft
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import AnyRow
from webapp.workdays.rules import published_calendar

FORMAT = "lantian-report-3"
READABLE = frozenset({"lantian-report-1", "lantian-report-2", FORMAT})


def written(
    plan: Plan, report: MonthlyReport, lines: Draft, receipt: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The report itself: figures and dates as text, instants in Shanghai time."""
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
        "submitted_at": instant(now),
        "submitted_by": actor.name,
        "first_submitted_at": instant(first),
        "days_late": report.days_late or 0,
        "remark": report.remark,
        "problems": report.problems,
        "counts": lines.counts,
        "lines": lines.lines,
        **lines.sections,
    }


def dispatch(
    report: MonthlyReport,
    lines: Draft,
    people: dict[str, Any],
    cities: Sequence[AnyRow],
    found: Sequence[Any],
    now: datetime,
) -> dict[str, Any]:
    """What the second format adds: people, cities, the reason of a correction, warnings, completeness.

    `found` are the findings of the draft; only warnings can be left of them. `corrects` is the accepted revision that
    counts until this one is accepted.
    """
    missing = [city.organisation_code for city in cities if rules.is_missing(city)]
    return {
        "light": report.light,
        "people": people,
        "cities": [_city(city, now) for city in cities],
        "missing": missing,
        "missing_reason": report.missing_reason,
        "corrects": report.accepted_revision,
        "correction_reason": report.correction_reason,
        "warnings": dict(Counter(str(each.code) for each in found if each.level == "warning")),
        "completeness": rules.share_text(rules.completeness(lines.counts)),
    }


def _city(city: AnyRow, now: datetime) -> dict[str, Any]:
    late = city.days_late if city.first_submitted_at is not None else None
    standing = rules.standing(city.due, late, local_date(now), published_calendar())
    return {
        "code": city.organisation_code,
        "name_zh": city.organisation_zh,
        "name_en": city.organisation_en,
        "state": city.status,
        "revision": city.counted or None,
        "sha256": city.sha256,
        "accepted": city.accepted_revision is not None,
        "timeliness": standing.timeliness.value,
        "days_late": standing.days_late,
    }


def people(session: Session, report: MonthlyReport, signatory: Actor) -> dict[str, Any]:
    """Filler, checker and signatory with their telephones; whoever signs an untouched draft filled it too.

    A light report has a signatory alone; filler and checker are None.
    """
    chosen = {
        "filler": (report.filled_by or signatory.id, report.filled_by_label or signatory.name),
        "checker": (report.checked_by or signatory.id, report.checked_by_label or signatory.name),
        "signatory": (signatory.id, signatory.name),
    }
    ids = {each[0] for each in chosen.values()}
    query = select(Person.id, Person.phone, Person.name_en).where(Person.id.in_(ids))
    known = {found.id: {"name_en": found.name_en, "phone": found.phone} for found in session.execute(query)}
    stranger = {"name_en": "", "phone": ""}
    named = {part: {"name": name, **known.get(number, stranger)} for part, (number, name) in chosen.items()}
    return {"filler": None, "checker": None, "signatory": named["signatory"]} if report.light else named


def instant(moment: datetime) -> str:
    """An instant as it is kept in a report: Shanghai time with its offset, to the second."""
    return local(moment).isoformat(timespec="seconds")
