"""What is filed about an enterprise: its peak-shifting plan, what stood still in a month, exemptions, verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.caps import checks
from webapp.caps.checks import StopDraft
from webapp.caps.counting import finding
from webapp.caps.facts import Window, month_window
from webapp.caps.feeding import feed
from webapp.caps.models import CapEnterprise, CapExemption, CapFiling, CapLine, CapPower, CapStop, CapVerdict
from webapp.caps.register import Entry, entries
from webapp.caps.rules import stated_window
from webapp.caps.service import Scope, allow, audit, plain, reasoned, refuse, season_of, stale
from webapp.caps.standings import line_fact, reported
from webapp.clock import local_date, month_start
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from webapp.permissions import Actor, Permission, can

Verdict = Literal["confirmed", "rejected"]


def file_plan(
    session: Session, scope: Scope, enterprise: CapEnterprise, stops: Sequence[StopDraft], *, actor: Actor,
    now: datetime, revision: int, note: str = "",
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
    _keep(session, filing, stops, {})
    _filed(session, scope, enterprise, filing, "caps.plan", actor=actor, now=now)
    return filing


def state_month(
    session: Session, scope: Scope, enterprise: CapEnterprise, month: date, stops: Sequence[StopDraft], *,
    power: Mapping[int, Decimal | None], through: date | None, actor: Actor, now: datetime, revision: int,
    note: str = "",
) -> CapFiling:  # fmt: skip
    """State what stood still in a month, through a day, with the electricity each line drew; or mend it, with a reason.

    Raises Forbidden, Stale, Conflict (not in the season, not begun) or Invalid.
    """
    allow(actor, scope)
    window = _month_window(month, season_of(session, scope, enterprise.sector), local_date(now))
    lines = _hold_lines(session, enterprise, "month", month_start(month), revision)
    last = through or window.last
    problems = _through_problems(last, window, local_date(now))
    problems += _stop_problems(scope, enterprise, stops, lines, Window(window.first, max(window.first, last)))
    needed = sorted({stop.line for stop in stops if stop.line in lines}) if _needs_meter(scope, enterprise) else []
    problems += checks.check_power({key: kwh for key, kwh in power.items() if key in lines}, needed)
    refuse([*problems, *(reasoned(note) if revision else checks.too_long("reason", note, checks.LONGEST_TEXT))])
    filing = _filing(enterprise, "month", month_start(month), last, revision + 1, note, actor, now)
    _keep(session, filing, stops, {key: kwh for key, kwh in power.items() if key in lines and kwh is not None})
    _filed(session, scope, enterprise, filing, "caps.month", actor=actor, now=now)
    return filing


def _month_window(month: date, season: Window, today: date) -> Window:
    window = month_window(month).meet(season)
    if window is None:
        raise Conflict(_l("这个月不在采暖季内，不需要报送停产实绩。"))
    if window.first > today:
        raise Conflict(_l("这个月还没有开始，请到时再报送。"))
    return window


def _through_problems(last: date, window: Window, today: date) -> list[Problem]:
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


def _keep(session: Session, filing: CapFiling, stops: Iterable[StopDraft], power: Mapping[int, Decimal]) -> None:
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


def _filed(
    session: Session, scope: Scope, enterprise: CapEnterprise, filing: CapFiling, action: str, *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    facts = {
        "name": enterprise.name, "month": f"{filing.month:%Y-%m}", "revision": filing.revision, "reason": filing.note,
        "filing": filing.id,
    }  # fmt: skip
    audit(session, scope, action, ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)


# --- exemptions


def may_exempt(actor: Actor, scope: Scope, ground: str) -> bool:
    """A highest load is filed with the city; an approval is the province's, or a municipality's own."""
    own = can(actor, Permission.UPDATE_PROGRESS, scope.organisation.path)
    if ground == "livelihood":
        return own
    return can(actor, Permission.CLOSE_OUT, scope.organisation.path) or (
        own and scope.organisation.kind == "municipality"
    )


def exempt(
    session: Session, scope: Scope, enterprise: CapEnterprise, *, ground: str, line_id: int | None,
    dated: date | None, max_load: Decimal | None, document: str, note: str = "", actor: Actor, now: datetime,
) -> CapExemption:  # fmt: skip
    """Put a filed highest load or a provincial approval on record. Raises Forbidden, Conflict, NotFound or Invalid."""
    if ground not in scope.sector(enterprise.sector).grounds:
        raise Conflict(_l("方案没有给这个行业规定这种豁免。"))
    if not may_exempt(actor, scope, ground):
        raise Forbidden(_l("这种豁免由省级登记批准文件，本单位不能自行登记。"))
    if line_id is not None and line_id not in _lines_of(session, enterprise):
        raise NotFound(_l("本企业没有这条生产线。"))
    refuse(checks.check_exemption(ground, max_load, document, dated, local_date(now)))
    row = CapExemption(
        enterprise_id=enterprise.id, line_id=line_id, ends_id=None, ground=ground, dated=dated,
        max_load=max_load if ground == "livelihood" else None, document=document.strip(), reason=note.strip(),
        actor_id=actor.id, actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    _keep_exemption(session, scope, enterprise, row, actor=actor, now=now)
    return row


def _lines_of(session: Session, enterprise: CapEnterprise) -> set[int]:
    return set(session.scalars(select(CapLine.id).where(CapLine.enterprise_id == enterprise.id)))


def end_exemption(
    session: Session, scope: Scope, enterprise: CapEnterprise, exemption_id: int, *, dated: date, reason: str,
    actor: Actor, now: datetime,
) -> CapExemption:  # fmt: skip
    """End an exemption from a day on, with a reason; raises NotFound, Forbidden, Conflict (ended before) or Invalid."""
    row = session.get(CapExemption, exemption_id)
    if row is None or row.enterprise_id != enterprise.id or row.ends_id is not None:
        raise NotFound(_l("没有这项豁免。"))
    if not may_exempt(actor, scope, row.ground):
        raise Forbidden(_l("这种豁免由省级登记批准文件，本单位不能自行登记。"))
    if session.scalar(select(CapExemption.id).where(CapExemption.ends_id == row.id)) is not None:
        raise Conflict(_l("这项豁免已经终止。"))
    early = [Problem("dated", _l("终止日期不能早于豁免开始的日期。"))] if dated < row.dated else []
    refuse([*early, *reasoned(reason)])
    end = CapExemption(
        enterprise_id=enterprise.id, line_id=row.line_id, ends_id=row.id, ground=row.ground, dated=dated, max_load=None,
        document="", reason=reason.strip(), actor_id=actor.id, actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    _keep_exemption(session, scope, enterprise, end, actor=actor, now=now)
    return end


def _keep_exemption(
    session: Session, scope: Scope, enterprise: CapEnterprise, row: CapExemption, *, actor: Actor, now: datetime
) -> None:
    session.add(row)
    session.flush()
    facts: dict[str, Any] = {"name": enterprise.name, "exemption": row.id} | plain(
        {"number": row.document, "on": row.dated, "max_load": row.max_load, "reason": row.reason}
    )
    audit(session, scope, "caps.exempt", ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)


# --- where statement and meter disagree


def decide(
    session: Session, scope: Scope, enterprise: CapEnterprise, *, filing_id: int, line_id: int, verdict: Verdict,
    reason: str, actor: Actor, now: datetime,
) -> CapVerdict:  # fmt: skip
    """Decide whether a line whose meter contradicts its statement stood still all the same.

    Raises Forbidden (not the level above, or one's own statement), NotFound, Conflict (nothing to decide, or a newer
    statement) or Invalid. A later decision takes an earlier one's place; both stay on record.
    """
    allow(actor, scope, Permission.CLOSE_OUT)
    session.execute(select(CapEnterprise.id).where(CapEnterprise.id == enterprise.id).with_for_update())
    entry = entries(session, [enterprise])[0]
    filing = _decidable(session, scope, entry, filing_id, line_id)
    if filing.actor_id == actor.id:
        raise Forbidden(_l("不能核实自己报送的实绩，请由其他人员办理。"))
    refuse(reasoned(reason))
    row = CapVerdict(
        filing_id=filing.id, line_id=line_id, verdict=verdict, reason=reason.strip(), actor_id=actor.id,
        actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    line = next(each.name for each in entry.lines if each.id == line_id)
    facts = {
        "name": f"{enterprise.name} {line}", "month": f"{filing.month:%Y-%m}", "verdict": verdict, "reason": row.reason,
        "filing": filing.id,
    }  # fmt: skip
    audit(session, scope, "caps.verdict", ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)
    return row


def _decidable(session: Session, scope: Scope, entry: Entry, filing_id: int, line_id: int) -> CapFiling:
    """The statement to be decided on, if the meter contradicts it and it is the newest of its month."""
    filing = next((each for each in entry.statements.values() if each.id == filing_id), None)
    line = next((each for each in entry.lines if each.id == line_id), None)
    if filing is None or line is None:
        raise Conflict(_l("这份实绩已有新的报送，请按最新的核实。"))
    season = season_of(session, scope, entry.enterprise.sector)
    window = stated_window(filing.month, filing.through, season)
    fact = line_fact(entry, line, scope.policy, season)
    found = finding(fact, reported(entry, line, filing, window), scope.policy.limit.electricity) if window else "clear"
    if found in ("clear", "unchecked"):
        raise Conflict(_l("这条生产线的用电量与停产情况相符，不需要核实。"))
    return filing


__all__ = ["Invalid", "Verdict", "decide", "end_exemption", "exempt", "file_plan", "may_exempt", "state_month"]
