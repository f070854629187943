"""Short ways to a register: a works in Tangshan with two furnaces, its plan, its months."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.caps.worked import d
from tests.support.plans import person
from webapp.caps import filing, service
from webapp.caps.checks import EnterpriseDraft, LineDraft, StopDraft
from webapp.caps.models import CapEnterprise, CapLine
from webapp.caps.policy import policy_of
from webapp.caps.register import bound_tasks, entries
from webapp.caps.service import Scope
from webapp.caps.standings import CapStanding, EntryStanding, cap_standings, entry_standing
from webapp.clock import local_date, parse_instant
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Role
from webapp.plans.models import Plan

TANGSHAN, HEBEI = "130200", "130000"
STEEL = "m10-steel-cap"
OCTOBER, DECEMBER, JANUARY, APRIL = (
    parse_instant(f"{day}T09:00") for day in ("2017-10-20", "2017-12-03", "2018-01-03", "2018-04-20")
)


def officer(session: Session, code: str = TANGSHAN) -> Actor:
    """The city's officer."""
    return person(session, code)


def coordinator(session: Session, code: str = HEBEI) -> Actor:
    """The coordinator above it."""
    return person(session, code, Role.COORDINATOR, 8)


def scope(session: Session, code: str = TANGSHAN) -> Scope:
    """A city's register."""
    plan = session.scalars(select(Plan)).one()
    policy = policy_of(plan.rules)
    assert policy is not None
    return Scope(plan, policy, session.scalars(select(Organisation).where(Organisation.code == code)).one())


def works(session: Session, name: str = "甲钢铁", sector: str = "steel", **given: Any) -> CapEnterprise:
    """An enterprise on the register."""
    where = scope(session, given.pop("code", TANGSHAN))
    actor = officer(session, where.organisation.code)
    return service.add_enterprise(session, where, sector, EnterpriseDraft(name, **given), actor=actor, now=OCTOBER)


def furnace(session: Session, enterprise: CapEnterprise, name: str = "1号高炉", **given: Any) -> CapLine:
    """A line of it."""
    where = where_of(session, enterprise)
    fields = {"kind": "blast_furnace", "capacity": Decimal(100), "baseline": Decimal(2000), **given}
    draft = LineDraft(name, **fields)
    return service.add_line(
        session, where, enterprise, draft, actor=officer(session, where.organisation.code), now=OCTOBER
    )


def where_of(session: Session, enterprise: CapEnterprise) -> Scope:
    """The register an enterprise stands on."""
    return scope(session, session.get_one(Organisation, enterprise.organisation_id).code)


def off(line: CapLine, first: str, last: str, units: int | None = None) -> StopDraft:
    """A stop."""
    return StopDraft(line.id, d(first), d(last), None if units is None else Decimal(units))


def plan(session: Session, enterprise: CapEnterprise, *stops: StopDraft, now: datetime = OCTOBER, **given: Any) -> Any:
    """File its plan."""
    fields = {"revision": 0, "actor": officer(session), **given}
    return filing.file_plan(session, where_of(session, enterprise), enterprise, stops, now=now, **fields)


def month(
    session: Session, enterprise: CapEnterprise, first: date, *stops: StopDraft, now: datetime = JANUARY, **given: Any
) -> Any:
    """State a month."""
    fields = {"revision": 0, "actor": officer(session), "power": {}, "through": None, **given}
    return filing.state_month(session, where_of(session, enterprise), enterprise, first, stops, now=now, **fields)


def standing(session: Session, enterprise: CapEnterprise, now: datetime) -> EntryStanding:
    """Where it stands."""
    session.flush()
    where = where_of(session, enterprise)
    season = service.season_of(session, where, enterprise.sector)
    bound = bound_tasks(session, where.plan.id, [where.organisation.id])[where.organisation.id]
    return entry_standing(entries(session, [enterprise])[0], where.policy, season, local_date(now), bound)


def city(session: Session, enterprises: list[CapEnterprise], now: datetime) -> list[CapStanding]:
    """Where its city stands."""
    session.flush()
    where = where_of(session, enterprises[0])
    season = service.season_of(session, where, enterprises[0].sector)
    bound = bound_tasks(session, where.plan.id, [where.organisation.id])[where.organisation.id]
    return cap_standings(entries(session, enterprises), where.policy, season, local_date(now), bound)
