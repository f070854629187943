"""The demo's registers of off-peak production: the four steel cities and one of aluminium, with their plans.

The works are invented. They are registered and file their plans in the middle of October, a month before the season.
"""

from collections.abc import Iterator
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
from webapp.plans.models import Plan

REGISTERED_ON = date(2017, 10, 16)
FIRST, TURN, LAST = date(2017, 11, 15), date(2018, 1, 14), date(2018, 3, 15)
# A furnace draws some 4,000 kWh a day for each 10,000 t a year; a pot some 32,000.
KWH = {"steel": 4_000, "aluminium": 32_000}

# city: sector, works, county, and for each line: name, capacity, from when to when it stands still, how many pots.
Stopped = tuple[date, date, int | None] | None
Lines = tuple[tuple[str, int, Stopped], ...]
WORKS: tuple[tuple[str, str, str, str, Lines], ...] = (
    ("130100", "steel", "滹沱钢铁有限公司", "鹿泉区", (
        ("1号高炉", 60, (FIRST, LAST, None)), ("2号高炉", 60, None), ("3号高炉", 40, (FIRST, TURN, None)))),
    ("130100", "steel", "太行冶金有限公司", "井陉县", (
        ("1号高炉", 80, (FIRST, LAST, None)), ("2号高炉", 55, None))),
    ("130200", "steel", "滦河钢铁集团有限公司", "丰南区", (
        ("1号高炉", 220, (FIRST, LAST, None)), ("2号高炉", 220, None), ("3号高炉", 130, (FIRST, LAST, None)))),
    ("130200", "steel", "渤海湾钢铁有限公司", "曹妃甸区", (
        ("1号高炉", 450, (FIRST, TURN, None)), ("2号高炉", 450, (date(2018, 1, 15), LAST, None)))),
    ("130200", "steel", "燕山冶炼有限公司", "迁安市", (
        ("1号高炉", 110, (FIRST, LAST, None)), ("2号高炉", 90, None))),
    ("130400", "steel", "漳河钢铁有限公司", "武安市", (
        ("1号高炉", 150, (FIRST, LAST, None)), ("2号高炉", 150, None))),
    # No plan yet: a yellow light a month before the season.
    ("130400", "steel", "紫山炼铁有限公司", "永年区", (("1号高炉", 90, None), ("2号高炉", 60, None))),
    ("410500", "steel", "洹水钢铁有限公司", "殷都区", (
        ("1号高炉", 120, (FIRST, LAST, None)), ("2号高炉", 120, None))),
    ("371600", "aluminium", "黄河口铝业有限公司", "邹平县", (
        ("一系列", 240, (FIRST, LAST, 96)), ("二系列", 240, (FIRST, LAST, 60)))),
    ("371600", "aluminium", "渤北铝电有限公司", "沾化区", (("一系列", 180, (FIRST, LAST, 54)),)),
)  # fmt: skip
UNPLANNED = frozenset({"紫山炼铁有限公司"})


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who registers a city's works, and where."""

    scope: Scope
    mailbox: str


def register(session: Session, cast: Cast) -> None:
    """Register all works and file their plans, each city by its officer within a morning."""
    plan = session.scalars(select(Plan)).one()
    policy = policy_of(plan.rules)
    assert policy is not None
    codes = {code for code, *_rest in WORKS}
    places = {row.code: row for row in session.scalars(select(Organisation).where(Organisation.code.in_(codes)))}
    desks = {code: _Desk(Scope(plan, policy, places[code]), cast.files_for(code)) for code in codes}
    for (code, sector, name, county, lines), at in zip(WORKS, _moments(), strict=False):
        _register(session, desks[code], cast, sector, EnterpriseDraft(name, county), lines, at)


def _moments() -> Iterator[datetime]:
    for minute in range(0, 480, 12):
        yield local_instant(REGISTERED_ON, time(9 + minute // 60, minute % 60))


def _register(
    session: Session, desk: _Desk, cast: Cast, sector: str, works: EnterpriseDraft, lines: Lines, at: datetime
) -> None:
    actor = cast.actors[desk.mailbox]
    row = service.add_enterprise(session, desk.scope, sector, works, actor=actor, now=at)
    stops = []
    for name, capacity, stopped in lines:
        kind = next(iter(desk.scope.sector(sector).kinds))
        draft = LineDraft(name, kind, Decimal(capacity), Decimal(capacity * KWH[sector]))
        line = service.add_line(session, desk.scope, row, draft, actor=actor, now=at)
        if stopped:
            first, last, units = stopped
            stops.append(StopDraft(line.id, first, last, None if units is None else Decimal(units)))
    if works.name not in UNPLANNED:
        filing.file_plan(session, desk.scope, row, stops, actor=actor, now=at, revision=0)
