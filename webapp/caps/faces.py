"""What the pages of off-peak production share: the plan's caps, a city's register, one enterprise as it stands."""

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.caps.counting import finding
from webapp.caps.facts import Window
from webapp.caps.models import CapEnterprise, CapFiling, CapLine
from webapp.caps.policy import Policy, policy_of
from webapp.caps.register import bound_tasks, enterprises_in, entries, get_enterprise, seasons_of
from webapp.caps.rules import stated_window
from webapp.caps.service import Scope
from webapp.caps.standings import CapStanding, EntryStanding, cap_standings, entry_standing, line_fact, reported
from webapp.errors import Forbidden, NotFound
from webapp.organisations.models import CITY_KINDS, Organisation
from webapp.organisations.queries import get_organisation, organisations_in
from webapp.permissions import Permission, can
from webapp.plans.models import Assignment, Plan
from webapp.plans.views import the_plan

# Larger numbers do not fit the database's integers on SQLite.
ID = "int(max=9007199254740991)"


def the_policy() -> tuple[Plan, Policy]:
    """The plan in view with its caps. Raises NotFound where it has none."""
    plan = the_plan()
    policy = policy_of(plan.rules)
    if policy is None:
        raise NotFound(_l("这个方案没有错峰生产的要求。"))
    return plan, policy


def scope_of(organisation: Organisation) -> Scope:
    """A city's register."""
    plan, policy = the_policy()
    return Scope(plan, policy, organisation)


def city_scope(code: str) -> Scope:
    """The register of a city in the actor's area. Raises NotFound."""
    organisation = get_organisation(web.reading(), code, web.actor())
    if organisation.kind not in CITY_KINDS:
        raise NotFound(_l("没有这个城市的错峰生产台账。"))
    return scope_of(organisation)


def register_of(row: Assignment) -> str | None:
    """The address of the register an assignment's figure may come from; None where it has none."""
    policy = policy_of(row.plan.rules)
    fed = policy is not None and any(rule.feeds and rule.task == row.task.code for rule in policy.rules)
    return url_for("caps.city", code=row.organisation.code) if fed and row.organisation.kind in CITY_KINDS else None


def cities() -> list[Organisation]:
    """The cities of the actor's area."""
    return organisations_in(web.reading(), web.actor(), kinds=CITY_KINDS)


@dataclass(frozen=True, slots=True)
class City:
    """A city with where it stands under each cap."""

    organisation: Organisation
    caps: list[CapStanding]


def city_standings(organisation_id: int | None = None) -> list[City]:
    """The cities that have enterprises on their register, each with its caps."""
    plan, policy = the_policy()
    session = web.reading()
    rows = enterprises_in(session, plan.id, web.actor(), organisation_id=organisation_id)
    seasons = seasons_of(session, plan.id, policy.season)
    found = {entry.enterprise.id: entry for entry in entries(session, [row for row, _city in rows])}
    places: dict[int, Organisation] = {city.id: city for _row, city in rows}
    bound, today = bound_tasks(session, plan.id, list(places)), web.today()
    result = []
    for city in places.values():
        own = [found[row.id] for row, place in rows if place.id == city.id]
        season = seasons.get(city.id) or seasons[None]
        result.append(City(city, cap_standings(own, policy, season, today, bound.get(city.id, ()))))
    return result


@dataclass(frozen=True, slots=True)
class Works:
    """An enterprise as its page shows it, and what this person may do there."""

    scope: Scope
    found: EntryStanding
    may_file: bool
    may_decide: bool

    @property
    def enterprise(self) -> CapEnterprise:
        """The row."""
        return self.found.entry.enterprise


def works(enterprise_id: int) -> Works:
    """An enterprise in the actor's area. Raises NotFound."""
    session, actor = web.reading(), web.actor()
    row, city = get_enterprise(session, enterprise_id, actor)
    scope = scope_of(city)
    if row.plan_id != scope.plan.id:
        plan = session.get_one(Plan, row.plan_id)
        policy = policy_of(plan.rules)
        if policy is None:
            raise NotFound(_l("这个方案没有错峰生产的要求。"))
        scope = Scope(plan, policy, city)
    seasons = seasons_of(session, scope.plan.id, scope.policy.season)
    season = seasons.get(city.id) or seasons[None]
    bound = bound_tasks(session, scope.plan.id, [city.id]).get(city.id, ())
    found = entry_standing(entries(session, [row])[0], scope.policy, season, web.today(), bound)
    may_file = can(actor, Permission.UPDATE_PROGRESS, city.path)
    return Works(scope, found, may_file, can(actor, Permission.CLOSE_OUT, city.path))


def own_works(enterprise_id: int) -> Works:
    """An enterprise this person may file for. Raises NotFound or Forbidden."""
    found = works(enterprise_id)
    if not found.may_file:
        raise Forbidden(_l("您的角色不能对这个单位的错峰生产台账进行此操作。"))
    return found


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
            state = line_finding(found, line, filing, window, policy)
            if window and state in ("suspect", "confirmed", "rejected"):
                result.append(Suspect(entry.enterprise, line, filing, window, state))
    return result


def line_finding(found: EntryStanding, line: CapLine, filing: CapFiling, window: Window | None, policy: Policy) -> str:
    """What the meter says about a line's month."""
    if window is None:
        return "unchecked"
    fact = line_fact(found.entry, line, policy, found.season)
    return finding(fact, reported(found.entry, line, filing, window), policy.limit.electricity)


def month_of(text: str, season: Window) -> date:
    """The month an address names, if it is one of the season's. Raises NotFound."""
    for month in season.months():
        if f"{month.first:%Y-%m}" == text:
            return month.first.replace(day=1)
    raise NotFound(_l("这个月不在采暖季内。"))
