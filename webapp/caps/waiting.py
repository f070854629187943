"""What waits at the register: lines whose meter contradicts their statement, plans and months that were not filed.

For pages within an area, and for the reminders' job, which sees every city.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from webapp.caps.counting import finding
from webapp.caps.facts import Window
from webapp.caps.lists import is_unplanned, is_unstated
from webapp.caps.models import CapEnterprise, CapFiling, CapLine, CapPower
from webapp.caps.policy import Policy, policy_of
from webapp.caps.register import bound_tasks, entries, seasons_of
from webapp.caps.rules import stated_window
from webapp.caps.standings import EntryStanding, entry_standing, line_fact, reported
from webapp.clock import add_months, month_start
from webapp.plans.models import Plan
from webapp.plans.queries import with_rules

# How long before its day something is looked for, and how long after it still is: the rungs lie within.
AHEAD, AFTER = timedelta(days=40), timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line's month whose statement and meter disagree."""

    enterprise: CapEnterprise
    line: CapLine
    filing: CapFiling
    window: Window
    state: str


def suspects(found: EntryStanding, policy: Policy) -> list[Suspect]:
    """The months of an enterprise whose statement and meter disagree, decided or not, oldest first."""
    entry, season, result = found.entry, found.season, []
    for filing in entry.statements.values():
        window = stated_window(filing.month, filing.through, season)
        for line in entry.lines:
            state = _line_finding(found, line, filing, window, policy)
            if window and state in ("suspect", "confirmed", "rejected"):
                result.append(Suspect(entry.enterprise, line, filing, window, state))
    return result


def _line_finding(found: EntryStanding, line: CapLine, filing: CapFiling, window: Window | None, policy: Policy) -> str:
    """What the meter says about a line's month."""
    if window is None:
        return "unchecked"
    fact = line_fact(found.entry, line, policy, found.season)
    return finding(fact, reported(found.entry, line, filing, window), policy.limit.electricity)


@dataclass(frozen=True, slots=True)
class Unfiled:
    """So many enterprises of a city whose plan (`month` None) or month is not filed, and the day by which it is."""

    organisation_id: int
    due: date
    many: int
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """So many cases of a city that wait for a decision, the oldest since an instant."""

    organisation_id: int
    since: datetime
    many: int


Waiting = Unfiled | Undecided


def waiting(session: Session, plan: Plan, today: date) -> list[Waiting]:
    """What waits in every city on a day, by city; nothing far from the season. A fixed number of statements.

    Enterprises with nothing amiss are not read.
    """
    policy = policy_of(with_rules(plan).rules)
    if policy is None:
        return []
    seasons = seasons_of(session, plan.id, policy.season)
    first, last = min(each.first for each in seasons.values()), max(each.last for each in seasons.values())
    if not first - AHEAD <= today <= last + AFTER:
        return []
    amiss = _amiss(Window(first, last).months())
    query = select(CapEnterprise).where(CapEnterprise.plan_id == plan.id, amiss)
    rows = entries(session, list(session.scalars(query.order_by(CapEnterprise.id))))
    bound = bound_tasks(session, plan.id, list({entry.enterprise.organisation_id for entry in rows}))
    by_city: dict[int, list[EntryStanding]] = {}
    for entry in rows:
        city = entry.enterprise.organisation_id
        season = seasons.get(city) or seasons[None]
        own = entry_standing(entry, policy, season, today, bound.get(city, ()))
        by_city.setdefault(city, []).append(own)
    result: list[Waiting] = []
    for city, standings in sorted(by_city.items()):
        result += _of_city(city, standings, seasons.get(city) or seasons[None], policy, today)
    return result


def _amiss(months: Iterable[Window]) -> ColumnElement[bool]:
    """Enterprises without a plan, without a whole statement of some month, or with a meter that may contradict one."""
    own = CapFiling.enterprise_id == CapEnterprise.id
    unstated = [
        ~exists().where(
            own, CapFiling.kind == "month", CapFiling.month == month_start(each.first), CapFiling.through >= each.last
        )
        for each in months
    ]
    drew = exists().where(own, CapPower.filing_id == CapFiling.id)
    return or_(~exists().where(own, CapFiling.kind == "plan"), drew, *unstated)


def _of_city(city: int, own: list[EntryStanding], season: Window, policy: Policy, today: date) -> Iterator[Waiting]:
    for month, due in deadlines(season, policy):
        if due - AHEAD <= today <= due + AFTER and (month is None or month <= today):
            late = sum(is_unplanned(each) if month is None else is_unstated(each, month) for each in own)
            if late:
                yield Unfiled(city, due, late, month)
    open_cases = [
        each for found in own if found.standing.suspects for each in suspects(found, policy) if each.state == "suspect"
    ]
    if open_cases:
        yield Undecided(city, min(each.filing.recorded_at for each in open_cases), len(open_cases))


def deadlines(season: Window, policy: Policy) -> Iterator[tuple[date | None, date]]:
    """By when a season's plan (None) and each of its months are to be filed."""
    yield None, season.first - timedelta(days=1)
    for window in season.months():
        month = month_start(window.first)
        yield month, add_months(month, 1).replace(day=policy.limit.stated_by_day)
