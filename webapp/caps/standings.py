"""From what was filed to where enterprises, sectors and cities stand: rows in, the answers of the rules out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, cast

from webapp.caps.facts import Cap, Filed, Line, Reported, Stop, Window
from webapp.caps.models import CapExemption, CapFiling, CapLine, CapStop
from webapp.caps.policy import CapRule, Policy
from webapp.caps.register import Entry
from webapp.caps.rules import (
    Light,
    Part,
    Standing,
    exempt_from,
    figure,
    judge,
    part_of,
    share_on,
    stand_together,
    stated_window,
    worst,
)
from webapp.clock import local_date


@dataclass(frozen=True, slots=True)
class EntryStanding:
    """Where an enterprise stands. `rule` is the cap it falls under; `cap` what binds it by itself, if anything does."""

    entry: Entry
    season: Window
    rule: CapRule | None
    cap: Cap | None
    standing: Standing
    light: Light
    parts: tuple[Part, ...] = ()

    @property
    def facts(self) -> tuple[Line, ...]:
        """Its lines as the rules look at them."""
        return tuple(part.line for part in self.parts)


@dataclass(frozen=True, slots=True)
class CapStanding:
    """Where a city stands with one cap: its enterprises, all of them together, the light and the task's figure.

    `bound`: the plan gave the duty to this city; elsewhere its works are only on the register.
    """

    rule: CapRule
    bound: bool
    season: Window
    entries: tuple[EntryStanding, ...]
    together: Standing
    light: Light
    figure: Decimal | None

    @property
    def is_asked(self) -> bool:
        """Whether anything is asked of the city: then its figure is counted and not typed."""
        return bool(self.together.whole.base) or (self.rule.by_day and self.figure is not None)


def cap_standings(
    found: Sequence[Entry], policy: Policy, season: Window, today: date, bound: Collection[str]
) -> list[CapStanding]:
    """Where a city stands with each cap that one of its enterprises falls under, in the pack's order.

    `bound` are the codes of the city's tasks.
    """
    standings = [entry_standing(each, policy, season, today, bound) for each in found]
    result = []
    for rule in policy.rules:
        own = tuple(each for each in standings if each.rule == rule)
        if own:
            window = policy.window(rule.sector, season)
            result.append(_cap_standing(rule, own, policy, window, today, bound=rule.task in bound))
    return result


def _cap_standing(
    rule: CapRule, own: tuple[EntryStanding, ...], policy: Policy, season: Window, today: date, *, bound: bool
) -> CapStanding:
    together = stand_together([part for each in own for part in each.parts], season, today, policy.limit)
    light = worst(each.light for each in own)
    if not bound:
        light = Light("grey", "not_bound")
    elif rule.cap.binds == "city":
        light = judge(together, rule.cap, policy.limit)
    if rule.by_day:
        lines = (line for each in own for line in each.facts)
        return CapStanding(rule, bound, season, own, together, light, share_on(lines, today, policy.limit.electricity))
    counted = figure({each.entry.enterprise.id: each.standing for each in own}, together, rule.cap)
    return CapStanding(rule, bound, season, own, together, light, counted)


def entry_standing(entry: Entry, policy: Policy, season: Window, today: date, bound: Collection[str]) -> EntryStanding:
    """Where one enterprise stands, under its own cap or, where it has none of its own, under its plan."""
    enterprise = entry.enterprise
    rule = policy.rule_for(enterprise.sector, enterprise.meets_limits)
    window = policy.window(enterprise.sector, season)
    parts = tuple(part_of(line, window, today, policy.limit) for line in line_facts(entry, policy, window))
    found = stand_together(parts, window, today, policy.limit)
    cap = rule.cap if rule and rule.cap.binds == "enterprise" and rule.task in bound else None
    return EntryStanding(entry, window, rule, cap, found, judge(found, cap, policy.limit), parts)


def line_facts(entry: Entry, policy: Policy, season: Window) -> tuple[Line, ...]:
    """The lines of an enterprise as the rules look at them."""
    return tuple(line_fact(entry, line, policy, season) for line in entry.lines)


def line_fact(entry: Entry, line: CapLine, policy: Policy, season: Window) -> Line:
    """One line with its plans by the day they were filed, its statements and its exemptions."""
    return Line(
        key=line.id,
        capacity=line.capacity,
        counted=policy.sectors[entry.enterprise.sector].counts(line.kind),
        in_service_from=line.in_service_from,
        closed_on=line.closed_on,
        idle_since=line.idle_since,
        restarted_on=line.restarted_on,
        baseline=line.baseline,
        exempt=tuple(exempt_windows(entry, line, policy, season)),
        plans=_plans(entry, line),
        reports=tuple(_reports(entry, line, season)),
    )


def _plans(entry: Entry, line: CapLine) -> tuple[Filed, ...]:
    """One a day: what was filed and mended on the same day holds as mended."""
    by_day: dict[date, Filed] = {}
    for filing in entry.plans:
        day = local_date(filing.recorded_at)
        by_day[day] = Filed(day, _stops(entry.stops_of(filing, line)))
    return tuple(by_day.values())


def _stops(rows: Sequence[CapStop]) -> tuple[Stop, ...]:
    return tuple(Stop(Window(row.starts_on, row.ends_on), row.units) for row in rows)


def _reports(entry: Entry, line: CapLine, season: Window) -> list[Reported]:
    found = ((filing, stated_window(filing.month, filing.through, season)) for filing in entry.statements.values())
    return [reported(entry, line, filing, window) for filing, window in found if window]


def reported(entry: Entry, line: CapLine, filing: CapFiling, window: Window) -> Reported:
    """A line's part of a month's statement."""
    power, verdict = entry.power.get((filing.id, line.id)), entry.verdicts.get((filing.id, line.id))
    decided = cast(Literal["confirmed", "rejected"], verdict.verdict) if verdict else None
    return Reported(window, _stops(entry.stops_of(filing, line)), power.kwh if power else None, decided)


def exempt_windows(entry: Entry, line: CapLine, policy: Policy, season: Window) -> list[Window]:
    """The days on which nothing is asked of a line."""
    ends = {row.ends_id: row for row in entry.exemptions if row.ends_id}
    rows = [row for row in entry.exemptions if row.ends_id is None and row.line_id in (None, line.id)]
    found = [exempt_window(row, ends.get(row.id), policy, season) for row in rows]
    return [window for window in found if window]


def exempt_window(row: CapExemption, end: CapExemption | None, policy: Policy, season: Window) -> Window | None:
    """The days of the season an exemption covers: one filed late only those from its filing on."""
    in_time = policy.livelihood_by if row.ground == "livelihood" else season.first
    window = exempt_from(row.dated, in_time, season)
    if window and end:
        return window.until(end.dated - timedelta(days=1))
    return window


def exempt_load(entry: Entry, line: CapLine, day: date) -> Decimal | None:
    """The highest load filed for a line that serves basic needs, as of a day; None where none was."""
    ended = {row.ends_id for row in entry.exemptions if row.ends_id and row.dated <= day}
    rows = [row for row in entry.exemptions if row.ends_id is None and row.id not in ended and row.max_load is not None]
    return next((row.max_load for row in reversed(rows) if row.line_id in (None, line.id)), None)
