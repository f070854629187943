"""What the pages of off-peak production share: the plan's caps, a city's register, one enterprise as it stands."""

from dataclasses import dataclass
from datetime import date

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.caps.facts import Window
from webapp.caps.lists import City
from webapp.caps.models import CapEnterprise
from webapp.caps.policy import Policy, policy_of
from webapp.caps.register import Entry, bound_tasks, enterprises_in, entries, get_enterprise, seasons_of
from webapp.caps.service import Scope
from webapp.caps.standings import EntryStanding, cap_standings, entry_standing
from webapp.clock import known_before
from webapp.errors import Forbidden, NotFound
from webapp.organisations.models import CITY_KINDS, Organisation
from webapp.organisations.queries import get_organisation, organisations_in
from webapp.permissions import Permission, can
from webapp.plans.models import Assignment, Plan
from webapp.plans.queries import with_rules
from webapp.plans.views import the_plan

# Larger numbers do not fit the database's integers on SQLite.
ID = "int(max=9007199254740991)"
# No register is older than the product.
FIRST_DAY = date(2000, 1, 1)


def the_policy() -> tuple[Plan, Policy]:
    """The plan in view with its caps. Raises NotFound where it has none."""
    plan = the_plan()
    policy = policy_of(with_rules(plan).rules)
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


def day_asked() -> date | None:
    """A past day of the address, on which the register is to be shown as it was known; nonsense is none."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    return day if FIRST_DAY <= day < web.today() else None


def city_standings(organisation_id: int | None = None, on: date | None = None) -> list[City]:
    """The cities that have enterprises on their register, each with its caps, now or as known on a past day."""
    plan, policy = the_policy()
    session = web.reading()
    rows = enterprises_in(session, plan.id, web.actor(), organisation_id=organisation_id)
    seasons = seasons_of(session, plan.id, policy.season)
    until = known_before(on) if on else None
    found: dict[int, list[Entry]] = {}
    for entry in entries(session, [row for row, _city in rows], until=until):
        found.setdefault(entry.enterprise.organisation_id, []).append(entry)
    places: dict[int, Organisation] = {city.id: city for _row, city in rows}
    bound, today = bound_tasks(session, plan.id, list(places)), on or web.today()
    result = []
    for city in places.values():
        season = seasons.get(city.id) or seasons[None]
        caps = cap_standings(found.get(city.id, []), policy, season, today, bound.get(city.id, ()))
        if caps:
            result.append(City(city, caps))
    return result


@dataclass(frozen=True, slots=True)
class Works:
    """An enterprise as its page shows it, and what this person may do there; on a past day (`on`) nothing."""

    scope: Scope
    found: EntryStanding
    may_file: bool
    may_decide: bool
    on: date | None = None

    @property
    def enterprise(self) -> CapEnterprise:
        """The row."""
        return self.found.entry.enterprise


def works(enterprise_id: int, on: date | None = None) -> Works:
    """An enterprise in the actor's area, now or as known on a past day. Raises NotFound."""
    session, actor = web.reading(), web.actor()
    row, city = get_enterprise(session, enterprise_id, actor)
    scope = _scope_of_row(row, city)
    seasons = seasons_of(session, scope.plan.id, scope.policy.season)
    season = seasons.get(city.id) or seasons[None]
    bound = bound_tasks(session, scope.plan.id, [city.id]).get(city.id, ())
    known = entries(session, [row], until=known_before(on) if on else None)
    if not known:
        raise NotFound(_l("那一天台账中还没有这个企业，请换一个日期。"))
    found = entry_standing(known[0], scope.policy, season, on or web.today(), bound)
    may_file = can(actor, Permission.UPDATE_PROGRESS, city.path) and on is None
    return Works(scope, found, may_file, can(actor, Permission.CLOSE_OUT, city.path) and on is None, on)


def _scope_of_row(row: CapEnterprise, city: Organisation) -> Scope:
    """The register an enterprise is on: that of its own plan, whichever is in view."""
    scope = scope_of(city)
    if row.plan_id == scope.plan.id:
        return scope
    plan = web.reading().get_one(Plan, row.plan_id)
    policy = policy_of(with_rules(plan).rules)
    if policy is None:
        raise NotFound(_l("这个方案没有错峰生产的要求。"))
    return Scope(plan, policy, city)


def own_works(enterprise_id: int) -> Works:
    """An enterprise this person may file for. Raises NotFound or Forbidden."""
    found = works(enterprise_id)
    if not found.may_file:
        raise Forbidden(_l("您的角色不能对这个单位的错峰生产台账进行此操作。"))
    return found


def season_of_city(scope: Scope) -> Window:
    """The days of the plan's season in a city, from the first on which one of its sectors is held to its cap."""
    seasons = seasons_of(web.reading(), scope.plan.id, scope.policy.season)
    season = seasons.get(scope.organisation.id) or seasons[None]
    starts = [scope.policy.window(sector, season).first for sector in scope.policy.sectors]
    return Window(min(starts, default=season.first), season.last)


def month_of(text: str, season: Window) -> date:
    """The month an address names, if it is one of the season's. Raises NotFound."""
    for month in season.months():
        if f"{month.first:%Y-%m}" == text:
            return month.first.replace(day=1)
    raise NotFound(_l("这个月不在采暖季内。"))
