"""The demo's registers of off-peak production: the four steel cities and one of aluminium, with their plans.

The works are invented. They are registered and file their plans in the middle of October, a month before the season.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.story.cast import Cast
from webapp.caps import filing, service
from webapp.caps.checks import EnterpriseDraft, LineDraft, StopDraft
from webapp.caps.policy import policy_of
from webapp.caps.service import Scope
from webapp.clock import local_instant
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Plan

REGISTERED_ON = date(2017, 10, 16)
FIRST, TURN, LAST = date(2017, 11, 15), date(2018, 1, 14), date(2018, 3, 15)
# What a running day draws for each unit of capacity: 10,000 t, bricks or pots; where lines are counted, for each line.
KWH = {
    "steel": 4_000, "aluminium": 32_000, "cement": 900, "foundry": 1_500, "brick": 6, "alumina": 180_000,
    "carbon": 60_000, "pharma": 8_000,
}  # fmt: skip

Stopped = tuple[date, date, int | None] | None
# For each line: name, capacity, from when to when it stands still by plan, and how many of its pots.
Lines = tuple[tuple[str, int, Stopped], ...]


@dataclass(frozen=True, slots=True)
class Works:
    """Invented works of a city. `kind` is that of its lines, the sector's first where it is empty."""

    city: str
    sector: str
    name: str
    county: str
    lines: Lines
    meets_limits: bool | None = None
    planned: bool = True
    kind: str = ""


WORKS = (
    Works("130100", "steel", "滹沱钢铁有限公司", "鹿泉区", (
        ("1号高炉", 60, (FIRST, LAST, None)), ("2号高炉", 60, None), ("3号高炉", 40, (FIRST, TURN, None)))),
    Works("130100", "steel", "太行冶金有限公司", "井陉县", (
        ("1号高炉", 80, (FIRST, LAST, None)), ("2号高炉", 55, None))),
    Works("130200", "steel", "滦河钢铁集团有限公司", "丰南区", (
        ("1号高炉", 220, (FIRST, LAST, None)), ("2号高炉", 220, None), ("3号高炉", 130, (FIRST, LAST, None)))),
    Works("130200", "steel", "渤海湾钢铁有限公司", "曹妃甸区", (
        ("1号高炉", 450, (FIRST, TURN, None)), ("2号高炉", 450, (date(2018, 1, 15), LAST, None)))),
    Works("130200", "steel", "燕山冶炼有限公司", "迁安市", (
        ("1号高炉", 110, (FIRST, LAST, None)), ("2号高炉", 90, None))),
    Works("130400", "steel", "漳河钢铁有限公司", "武安市", (
        ("1号高炉", 150, (FIRST, LAST, None)), ("2号高炉", 150, None))),
    # No plan yet: a yellow light a month before the season.
    Works("130400", "steel", "紫山炼铁有限公司", "永年区",
          (("1号高炉", 90, None), ("2号高炉", 60, None)), planned=False),
    Works("410500", "steel", "洹水钢铁有限公司", "殷都区", (
        ("1号高炉", 120, (FIRST, LAST, None)), ("2号高炉", 120, None))),
    Works("371600", "aluminium", "黄河口铝业有限公司", "邹平县", (
        ("一系列", 240, (FIRST, LAST, 96)), ("二系列", 240, (FIRST, LAST, 60)))),
    Works("371600", "aluminium", "渤北铝电有限公司", "沾化区", (("一系列", 180, (FIRST, LAST, 54)),)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks after a city's works, and who stands above."""

    scope: Scope
    officer: Actor
    reviewer: Actor


def register(session: Session, cast: Cast, works: Sequence[Works] = WORKS, day: date = REGISTERED_ON) -> None:
    """Register works and file their plans, each city by its officer within a morning."""
    desks = desks_of(session, cast, {each.city for each in works})
    for each, at in zip(works, _moments(day), strict=False):
        _register(session, desks[each.city], each, at)


def desks_of(session: Session, cast: Cast, cities: Collection[str]) -> dict[str, Desk]:
    """Who registers the works of each city."""
    plan = session.scalars(select(Plan)).one()
    policy = policy_of(plan.rules)
    assert policy is not None
    places = session.scalars(select(Organisation).where(Organisation.code.in_(cities)))
    return {
        place.code: Desk(Scope(plan, policy, place), cast.actors[cast.files_for(place.code)],
                         cast.actors[cast.reviews_for(place.code)])
        for place in places
    }  # fmt: skip


def _moments(day: date) -> Iterator[datetime]:
    for minute in range(0, 480, 12):
        yield local_instant(day, time(9 + minute // 60, minute % 60))


def _register(session: Session, desk: Desk, works: Works, at: datetime) -> None:
    draft = EnterpriseDraft(works.name, works.county, meets_limits=works.meets_limits)
    row = service.add_enterprise(session, desk.scope, works.sector, draft, actor=desk.officer, now=at)
    kind = works.kind or next(iter(desk.scope.sector(works.sector).kinds))
    stops = []
    for name, capacity, stopped in works.lines:
        line = LineDraft(name, kind, Decimal(capacity), Decimal(capacity * KWH[works.sector]))
        line_id = service.add_line(session, desk.scope, row, line, actor=desk.officer, now=at).id
        if stopped:
            first, last, units = stopped
            stops.append(StopDraft(line_id, first, last, None if units is None else Decimal(units)))
    if works.planned:
        filing.file_plan(session, desk.scope, row, stops, actor=desk.officer, now=at, revision=0)
