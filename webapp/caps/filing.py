"""What an enterprise's city files about it: its peak-shifting plan, and what stood still in a month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.caps import checks
from webapp.caps.checks import StopDraft
from webapp.caps.facts import Window, month_window
from webapp.caps.feeding import feed
from webapp.caps.models import CapEnterprise, CapFiling, CapLine, CapPower, CapStop
from webapp.caps.papers import attach
from webapp.caps.service import Scope, allow, audit, reasoned, refuse, season_of, stale
from webapp.clock import local_date, month_start
from webapp.errors import Conflict, Problem
from webapp.permissions import Actor


def file_plan(
    session: Session, scope: Scope, enterprise: CapEnterprise, stops: Sequence[StopDraft], *, actor: Actor,
    now: datetime, revision: int, note: str = "", evidence: Sequence[int] = (),
) -> CapFiling:  # fmt: skip
    """File the season's plan, or another revision of it (with a reason), in force from today on.

    `revision` is the newest one the form was made from, 0 for none. Raises Forbidden, Stale, Conflict (the season is
    over) or Invalid.
    """
    allow(actor, scope)
    season = season_of(session, scope, enterprise.sector)
    if local_date(now) > season.last:
        raise Conflict(_l("采暖季已经结束，不能再提交错峰生产计划。"))
    lines = _hold_lines(session, enterprise, "plan", season.first, revision)
    problems = [*_stop_problems(scope, enterprise, stops, lines, season)]
    refuse([*problems, *(reasoned(note) if revision else checks.too_long("reason", note, checks.LONGEST_TEXT))])
    filing = _filing(enterprise, "plan", season.first, season.last, revision + 1, note, actor, now)
    _keep(session, filing, stops, {}, evidence)
    _filed(session, scope, enterprise, filing, "caps.plan", actor=actor, now=now)
    return filing


def state_month(
    session: Session, scope: Scope, enterprise: CapEnterprise, month: date, stops: Sequence[StopDraft], *,
    power: Mapping[int, Decimal | None], through: date | None, actor: Actor, now: datetime, revision: int,
    note: str = "", evidence: Sequence[int] = (), count: bool = True,
) -> CapFiling:  # fmt: skip
    """State what stood still in a month, through a day, with the electricity each line drew; or mend it, with a reason.

    Without `count` the caller counts the city's figure, once for many. Raises Forbidden, Stale, Conflict (not in the
    season, not begun) or Invalid.
    """
    allow(actor, scope)
    window = month_window_of(month, season_of(session, scope, enterprise.sector), local_date(now))
    lines = _hold_lines(session, enterprise, "month", month_start(month), revision)
    last = through or window.last
    problems = through_problems(last, window, local_date(now))
    problems += _stop_problems(scope, enterprise, stops, lines, Window(window.first, max(window.first, last)))
    needed = sorted({stop.line for stop in stops if stop.line in lines}) if _needs_meter(scope, enterprise) else []
    problems += checks.check_power({key: kwh for key, kwh in power.items() if key in lines}, needed)
    refuse([*problems, *(reasoned(note) if revision else checks.too_long("reason", note, checks.LONGEST_TEXT))])
    filing = _filing(enterprise, "month", month_start(month), last, revision + 1, note, actor, now)
    drawn = {key: kwh for key, kwh in power.items() if key in lines and kwh is not None}
    _keep(session, filing, stops, drawn, evidence)
    _filed(session, scope, enterprise, filing, "caps.month", actor=actor, now=now, count=count)
    return filing


def month_window_of(month: date, season: Window, today: date) -> Window:
    """The days of a month that can be stated. Raises Conflict outside the season, and before the month begins."""
    window = month_window(month).meet(season)
    if window is None:
        raise Conflict(_l("这个月不在采暖季内，不需要报送停产实绩。"))
    if window.first > today:
        raise Conflict(_l("这个月还没有开始，请到时再报送。"))
    return window


def through_problems(last: date, window: Window, today: date) -> list[Problem]:
    """What is wrong with the day through which a month is stated."""
    if last not in window:
        return [Problem("through", _l("实绩截止日期应在所报月份之内。"))]
    if last > today:
        return [Problem("through", _l("实绩截止日期不能晚于今天；月份未过完的，请填写实际截止的日期。"))]
    return []


def _needs_meter(scope: Scope, enterprise: CapEnterprise) -> bool:
    return scope.sector(enterprise.sector).needs_meter


def _hold_lines(
    session: Session, enterprise: CapEnterprise, kind: str, month: date, revision: int
) -> dict[int, CapLine]:
    """The enterprise's lines, the enterprise held. Raises Stale when a newer revision was filed meanwhile."""
    session.execute(select(CapEnterprise.id).where(CapEnterprise.id == enterprise.id).with_for_update())
    newest = select(func.max(CapFiling.revision)).where(
        CapFiling.enterprise_id == enterprise.id, CapFiling.kind == kind, CapFiling.month == month
    )
    if (session.scalar(newest) or 0) != revision:
        raise stale()
    lines = session.scalars(select(CapLine).where(CapLine.enterprise_id == enterprise.id))
    found = {line.id: line for line in lines}
    if not found:
        raise Conflict(_l("请先登记生产线，再填报计划和实绩。"))
    return found


def _stop_problems(
    scope: Scope, enterprise: CapEnterprise, stops: Sequence[StopDraft], lines: Mapping[int, CapLine], allowed: Window
) -> list[Problem]:
    parts = scope.sector(enterprise.sector).parts
    capacities = {key: line.capacity for key, line in lines.items()}
    return list(checks.check_stops(stops, capacities, allowed, parts=parts))


def _filing(
    enterprise: CapEnterprise, kind: str, month: date, through: date, revision: int, note: str, actor: Actor,
    now: datetime,
) -> CapFiling:  # fmt: skip
    return CapFiling(
        enterprise_id=enterprise.id, kind=kind, month=month, through=through, revision=revision, note=note.strip(),
        actor_id=actor.id, actor_label=actor.name, recorded_at=now,
    )  # fmt: skip


def _keep(
    session: Session, filing: CapFiling, stops: Iterable[StopDraft], power: Mapping[int, Decimal],
    evidence: Sequence[int],
) -> None:  # fmt: skip
    session.add(filing)
    session.flush()
    rows = [
        {
            "filing_id": filing.id,
            "line_id": stop.line,
            "starts_on": stop.first,
            "ends_on": stop.last,
            "units": stop.units,
        }
        for stop in stops
    ]
    if rows:
        session.execute(insert(CapStop), rows)
    if power:
        drawn = [{"filing_id": filing.id, "line_id": line, "kwh": kwh} for line, kwh in power.items()]
        session.execute(insert(CapPower), drawn)
    attach(session, filing, evidence)


def _filed(
    session: Session, scope: Scope, enterprise: CapEnterprise, filing: CapFiling, action: str, *, actor: Actor,
    now: datetime, count: bool = True,
) -> None:  # fmt: skip
    facts = {
        "name": enterprise.name, "month": f"{filing.month:%Y-%m}", "revision": filing.revision, "reason": filing.note,
        "filing": filing.id,
    }  # fmt: skip
    audit(session, scope, action, ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    if count:
        feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)
