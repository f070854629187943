"""What a report says of ledgers (台账情况) and, in the heating season, of off-peak production (错峰生产情况).

Worked out with the draft and frozen with the revision: plain values, figures as text. A report whose organisation keeps
neither has no such section, and neither has one frozen before there were any: readers ask by `get`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.caps import wording
from webapp.caps.facts import Window, month_window
from webapp.caps.policy import policy_of
from webapp.caps.register import seasons_of
from webapp.caps.rules import Month, Standing
from webapp.caps.standings import EntryStanding
from webapp.caps.summary import CapSummary
from webapp.caps.summary import summary as caps_of
from webapp.clock import known_before
from webapp.ledgers.kinds import By
from webapp.ledgers.rules import Counts
from webapp.ledgers.summary import LedgerSummary, TaskSummary
from webapp.ledgers.summary import summary as ledgers_of
from webapp.plans.models import Plan
from webapp.reports.models import MonthlyReport
from webapp.reports.rules import share_text

Section = dict[str, Any]
# Counts as sections name them, and as the ledgers' room does.
COUNTS = {"listed": "base", "late": "late", "removed": "removed", "done": "done", "verified": "verified"}


def sections(session: Session, plan: Plan, report: MonthlyReport, as_of: date) -> dict[str, list[Section]]:
    """Both sections as of a day; one that has nothing to say is absent. The report was loaded in the actor's area.

    Ledgers stand as known at that day's end, like the figures that are counted from them. Of off-peak production counts
    what was stated until now about days up to that one: a month is stated when it is over.
    """
    number = report.organisation_id
    ledgers = ledgers_of(session, plan, [number], known_before=known_before(as_of))
    found = {"ledgers": [_ledger(each) for each in ledgers.get(number, ())]}
    if _in_season(session, plan, number, as_of):
        caps = caps_of(session, plan, [number], as_of=as_of)
        found["caps"] = [_cap(each) for each in caps.get(number, ()) if each.month is not None]
    return {name: section for name, section in found.items() if section}


def _in_season(session: Session, plan: Plan, number: int, as_of: date) -> bool:
    """Whether a day's month has days of the organisation's heating season."""
    policy = policy_of(plan.rules)
    if policy is None:
        return False
    seasons = seasons_of(session, plan.id, policy.season)
    windows = [policy.window(sector, seasons.get(number) or seasons[None]) for sector in policy.sectors]
    return any(window.meet(month_window(as_of)) for window in windows)


# --- ledgers


def _ledger(found: LedgerSummary) -> Section:
    kind, by = found.kind, _by(found.tasks)
    return {
        "type": kind.code,
        "name_zh": kind.name_zh,
        "name_en": kind.name_en,
        "unit": kind.unit,
        "sum_unit": kind.by_code[kind.quantity].unit if kind.quantity else "",
        "survey_until": kind.survey_until.isoformat() if kind.survey_until else None,
        **_counts(found.counts, by),
        "tasks": [_task(each) for each in found.tasks],
    }


def _by(tasks: Sequence[TaskSummary]) -> By:
    """How a ledger as a whole is counted: as all its tasks are, else by rows."""
    ways = {each.use.by for each in tasks}
    return ways.pop() if len(ways) == 1 else "count"


def _task(each: TaskSummary) -> Section:
    task = each.task
    names = {"task": task.code, "title_zh": task.title_zh, "title_en": task.title_en}
    return names | _counts(each.counts, each.use.by)


def _counts(counts: Counts, by: By) -> Section:
    """Rows, what they add up to, and the shares that follow; of a ledger that is only to be kept there are none."""
    sums = {name: getattr(counts, theirs) for name, theirs in COUNTS.items()}
    counted = by != "listed"
    return {
        "by": by,
        "rows": {name: each.rows for name, each in sums.items()},
        "sums": {name: _figure(each.quantity) for name, each in sums.items()},
        "share": share_text(counts.share(by)) if counted else None,
        "verified_share": share_text(counts.verified_share(by)) if counted else None,
    }


def _figure(value: Decimal) -> str:
    return share_text(value) or "0"


# --- off-peak production


def _cap(each: CapSummary) -> Section:
    rule, found = each.rule, each.found.together
    assert each.month is not None
    return {
        "code": rule.code,
        "task": rule.task,
        "sector": rule.sector,
        "limits": rule.limits,
        "name_zh": each.sector.name_zh,
        "name_en": each.sector.name_en,
        "unit_zh": each.sector.capacity["unit_zh"],
        "unit_en": each.sector.capacity["unit_en"],
        "bound": each.found.bound,
        "binds": rule.cap.binds,
        "least": share_text(rule.cap.least),
        "most": share_text(rule.cap.most),
        "season": _days(each.found.season),
        "works": each.works,
        "lines": each.lines,
        "exempt": each.exempt,
        "suspects": found.suspects,
        "month": _month(each.month) | {"asked": _figure(each.asked.base), "planned": _figure(each.asked.planned)},
        "counted": share_text(each.found.figure),
        **_standing(found),
        **_light(each.found.light.colour, each.found.light.reason, wording.label(each.found.light)),
        "enterprises": [_enterprise(one) for one in each.found.entries],
    }


def _days(window: Window) -> Section:
    return {"first": window.first.isoformat(), "last": window.last.isoformat()}


def _month(month: Month) -> Section:
    """The month's days of the season: what stood still, and what of the plan falls on the days that are stated."""
    figures = {name: _figure(getattr(month.figures, name)) for name in ("stopped", "pending")}
    return {
        **_days(month.window),
        **figures,
        "planned_stated": _figure(month.figures.planned),
        "stated": month.stated,
    }


def _standing(found: Standing) -> Mapping[str, str | None]:
    shares = {
        "share": found.share,
        "season_share": found.season_share,
        "planned_share": found.planned_share,
        "planned_to_date": found.planned_to_date,
        "by_plan": found.forecast_by_plan,
    }
    return {name: share_text(value) for name, value in shares.items()}


def _light(colour: str, reason: str, label: str) -> Mapping[str, str]:
    return {"light": colour, "reason": reason, "label": label}


def _enterprise(one: EntryStanding) -> Section:
    return {
        "name": one.entry.enterprise.name,
        "county": one.entry.enterprise.county,
        "lines": sum(line.counted for line in one.facts),
        "suspects": one.standing.suspects,
        "least": share_text(one.cap.least) if one.cap else None,
        **_standing(one.standing),
        **_light(one.light.colour, one.light.reason, wording.label(one.light)),
    }
