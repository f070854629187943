"""Off-peak production of some cities in figures, as of a day: what reports, bulletins and overviews show.

What is recorded now counts as far as it speaks of days up to that one: a month stated after it is over is in its own
month's figures. Plans filed and exemptions given later are left out. The caller answers for the area.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.caps.counting import Sum, timeline
from webapp.caps.facts import Limit, Line, Window, month_window
from webapp.caps.models import CapEnterprise
from webapp.caps.policy import CapRule, Policy, Sector, policy_of
from webapp.caps.register import Entry, bound_tasks, entries, seasons_of
from webapp.caps.rules import Month
from webapp.caps.standings import CapStanding, cap_standings
from webapp.clock import local_date
from webapp.plans.models import Plan


@dataclass(frozen=True, slots=True)
class CapSummary:
    """A city under one cap. `month` is the day's own with what its days accounted for say, None outside the season.

    `asked` is what the month's days ask by the plans in force, stated or not; `exempt` how many lines are exempt.
    """

    sector: Sector
    found: CapStanding
    works: int
    lines: int
    exempt: int
    month: Month | None
    asked: Sum

    @property
    def rule(self) -> CapRule:
        """The cap."""
        return self.found.rule


def summary(
    session: Session, plan: Plan, organisations: Collection[int], *, as_of: date
) -> dict[int, list[CapSummary]]:  # fmt: skip
    """The caps of each city that has works on its register, in the pack's order: at most nine statements."""
    policy = policy_of(plan.rules)
    cities = _by_city(session, plan, organisations, as_of) if policy else {}
    if policy is None or not cities:
        return {}
    seasons, bound = seasons_of(session, plan.id, policy.season), bound_tasks(session, plan.id, list(cities))
    found: dict[int, list[CapSummary]] = {}
    for number, mine in cities.items():
        standings = cap_standings(mine, policy, seasons.get(number) or seasons[None], as_of, bound.get(number, ()))
        found[number] = [_summed_up(each, policy, as_of) for each in standings]
    return found


def _by_city(
    session: Session, plan: Plan, organisations: Collection[int], as_of: date
) -> Mapping[int, list[Entry]]:  # fmt: skip
    query = (
        select(CapEnterprise)
        .where(CapEnterprise.plan_id == plan.id, CapEnterprise.organisation_id.in_(organisations))
        .order_by(CapEnterprise.organisation_id, CapEnterprise.id)
    )
    enterprises = session.scalars(query).all()
    found: dict[int, list[Entry]] = {}
    for entry in entries(session, enterprises) if enterprises else ():
        found.setdefault(entry.enterprise.organisation_id, []).append(_until(entry, as_of))
    return found


def _until(entry: Entry, as_of: date) -> Entry:
    """An enterprise without what speaks of later days."""
    filings = [
        each
        for each in entry.filings
        if (each.month if each.kind == "month" else local_date(each.recorded_at)) <= as_of
    ]
    return replace(entry, filings=filings, exemptions=[each for each in entry.exemptions if each.dated <= as_of])


def _summed_up(found: CapStanding, policy: Policy, as_of: date) -> CapSummary:
    lines = [line for each in found.entries for line in each.facts if line.counted]
    month = next((each for each in found.together.months if each.window.meet(month_window(as_of))), None)
    return CapSummary(
        sector=policy.sectors[found.rule.sector],
        found=found,
        works=len(found.entries),
        lines=len(lines),
        exempt=sum(any(window.first <= as_of for window in line.exempt) for line in lines),
        month=month,
        asked=_asked(lines, found.season, month.window, policy.limit) if month else Sum(),
    )


def _asked(lines: Iterable[Line], season: Window, window: Window, limit: Limit) -> Sum:
    result = Sum()
    for line in lines:
        result += timeline(line, season, limit.electricity).count(window)
    return result
