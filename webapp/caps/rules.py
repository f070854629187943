"""Shares, budgets, forecasts and lights of a heating-season cap. Pure: facts in, figures out.

Share = capacity × days that stood still over capacity × days that were asked, rounded down to four places, so that
nothing short of the cap reads as keeping it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Literal

from webapp.caps.counting import NOTHING, Sum, finding, findings, plan_on, standing, timeline
from webapp.caps.facts import ONE, ONE_DAY, ZERO, Cap, Electricity, Limit, Line, Window, month_window, total
from webapp.clock import add_months, month_end, month_start

PLACES = Decimal("0.0001")

Colour = Literal["green", "yellow", "red", "grey"]
Reason = Literal[
    "nothing_asked", "not_bound", "before_season", "no_plan", "plan_below_cap", "cannot_be_kept", "far_below_plan",
    "suspect", "month_missing", "below_plan", "forecast_below", "kept", "above_range", "ended_kept", "ended_below",
]  # fmt: skip
LABELS: Mapping[Colour, str] = {"green": "on_pace", "yellow": "behind", "red": "overdue", "grey": "not_started"}
WORST: Mapping[Colour, int] = {"grey": 0, "green": 1, "yellow": 2, "red": 3}


@dataclass(frozen=True, slots=True)
class Light:
    """A colour and why."""

    colour: Colour
    reason: Reason


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the season held against the plan filed for it; `kept` is None while it is not stated or not planned.

    `unstated`: days of a line of which something is asked are not stated. `missing`: and the month is over, and the day
    by which it is to be stated has passed.
    """

    window: Window
    figures: Sum
    stated: bool
    missing: bool
    planned: bool
    unstated: bool = False

    @property
    def kept(self) -> bool | None:
        """Whether at least as much stood still as the plan in force said."""
        if not self.planned or not (self.stated or self.missing):
            return None
        return self.figures.stopped >= self.figures.planned


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left, in capacity × days: owed to the cap, still to come, and what of that may run (below 0: lost)."""

    owed: Decimal
    left: Decimal

    @property
    def may_run(self) -> Decimal:
        """How much may still run without breaking the cap."""
        return self.left - self.owed


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a group of lines stands on a day: what is accounted for, the whole season, months, suspects."""

    season: Window
    today: date
    to_date: Sum
    whole: Sum
    ahead: Sum
    recent: Sum
    months: tuple[Month, ...]
    suspects: int
    planned: bool
    through: date | None

    @property
    def share(self) -> Decimal | None:
        """The share that stood still, of what was asked and is accounted for."""
        return share(self.to_date.stopped, self.to_date.base)

    @property
    def share_with_pending(self) -> Decimal | None:
        """The same if everything that waits for a person were confirmed."""
        return share(self.to_date.stopped + self.to_date.pending, self.to_date.base)

    @property
    def season_share(self) -> Decimal | None:
        """What stood still so far, of the whole season: only grows until the season's end."""
        return share(self.to_date.stopped, self.whole.base)

    @property
    def planned_share(self) -> Decimal | None:
        """The share the filed plans come to over the season."""
        return share(self.whole.planned, self.whole.base)

    @property
    def planned_to_date(self) -> Decimal | None:
        """The share that should stand still by now, by the plans in force on each day."""
        return share(self.to_date.planned, self.to_date.base)

    @property
    def rate(self) -> Decimal | None:
        """The present rate: the share of the last days accounted for."""
        return share(self.recent.stopped, self.recent.base)

    @property
    def forecast(self) -> Decimal | None:
        """The season's share if things go on at the present rate."""
        if self.rate is None:
            return None
        return share(self.to_date.stopped + self.rate * self.ahead.base, self.whole.base)

    @property
    def forecast_by_plan(self) -> Decimal | None:
        """The season's share if the plan is followed from here on."""
        return share(self.to_date.stopped + self.ahead.planned, self.whole.base)

    def budget(self, cap: Cap) -> Budget:
        """What is owed and left under a cap."""
        owed = max(ZERO, cap.least * self.whole.base - self.to_date.stopped)
        return Budget(owed, self.ahead.base)

    def breach_on(self, cap: Cap) -> date | None:
        """The day from which the cap can no longer be kept if things go on at the present rate; None: it is kept."""
        budget, after = self.budget(cap), self._days_ahead()
        if budget.may_run < 0:
            return self.through or self.season.first
        if self.rate is None or not after or self.rate >= ONE or not self.ahead.base:
            return None
        if self.rate * self.ahead.base >= budget.owed:
            return None
        lost_a_day = self.ahead.base / after.days * (ONE - self.rate)
        days = (budget.may_run / lost_a_day).to_integral_value(rounding=ROUND_FLOOR)
        return min(after.first + timedelta(days=int(days)), self.season.last)

    def _days_ahead(self) -> Window | None:
        return self.season.after(self.through) if self.through else self.season


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Part over whole, rounded down to four places; None of nothing."""
    return (part / whole).quantize(PLACES, rounding=ROUND_DOWN) if whole else None


def accounted_until(line: Line, season: Window, today: date, limit: Limit) -> date | None:
    """The last day that counts for a line: through what it stated, or the end of the last month due to be stated.

    A month nobody stated by the day it was due counts as run through: silence is no standstill. None before the season
    or before anything is due.
    """
    due = _last_due(today, limit)
    candidates = [day for day in (line.through, due) if day is not None]
    last = min(max(candidates, default=season.first - ONE_DAY), season.last, today)
    return last if last >= season.first else None


def _last_due(today: date, limit: Limit) -> date:
    """The end of the last month whose statement was due before today; the season's last days wait for their month."""
    back = 1 if today.day > limit.stated_by_day else 2
    return month_end(add_months(month_start(today), -back))


@dataclass(frozen=True, slots=True)
class Part:
    """One line's season in sums: through the last day that counts (`end`), after it, in its last days, by month.

    `asked` are the months in which anything is asked of it.
    """

    line: Line
    end: date | None
    to_date: Sum
    ahead: Sum
    recent: Sum
    months: tuple[Sum, ...]
    asked: tuple[bool, ...]
    suspects: int


def part_of(line: Line, season: Window, today: date, limit: Limit) -> Part:
    """A line's part of where its enterprise, its sector and its city stand."""
    end, months = accounted_until(line, season, today, limit), season.months()
    last_days = end - timedelta(days=limit.forecast_days - 1) if end else None
    cuts = [month.first for month in months] + ([last_days, end + ONE_DAY] if end and last_days else [])
    sums, asked = [NOTHING] * len(months), [False] * len(months)
    ahead = recent = NOTHING
    for piece, daily in timeline(line, season, limit.electricity, cuts).pieces:
        place, weighed = _place(piece, season), daily.times(piece.days)
        asked[place] = asked[place] or bool(daily.base)
        if end is None or piece.first > end:
            ahead += weighed
            continue
        sums[place] += weighed
        if last_days and piece.first >= last_days:
            recent += weighed
    found = findings(line, limit.electricity)
    suspects = sum(each == "suspect" for each in found) if any(asked) else 0
    return Part(line, end, sum(sums, NOTHING), ahead, recent, tuple(sums), tuple(asked), suspects)


def _place(piece: Window, season: Window) -> int:
    """In which of the season's months a piece lies."""
    return (piece.first.year - season.first.year) * 12 + piece.first.month - season.first.month


def stand(lines: Iterable[Line], season: Window, today: date, limit: Limit) -> Standing:
    """Where some lines stand together on a day."""
    return stand_together([part_of(line, season, today, limit) for line in lines], season, today, limit)


def stand_together(parts: Sequence[Part], season: Window, today: date, limit: Limit) -> Standing:
    """The same of lines whose parts were worked out before."""
    to_date, ahead = sum((part.to_date for part in parts), NOTHING), sum((part.ahead for part in parts), NOTHING)
    asked = [part for part in parts if any(part.asked)]
    months = enumerate(season.months())
    return Standing(
        season, today, to_date, to_date + ahead, ahead, sum((part.recent for part in parts), NOTHING),
        tuple(_month(asked, place, window, _last_due(today, limit)) for place, window in months),
        sum(part.suspects for part in asked), any(part.line.plans for part in asked),
        max((part.end for part in asked if part.end), default=None),
    )  # fmt: skip


def _month(parts: Sequence[Part], place: int, window: Window, due: date) -> Month:
    """Only days accounted for are summed: a month half gone is held against half of its plan."""
    here = [part for part in parts if part.asked[place]]
    unstated = any(_is_unstated(part.line, window) for part in here)
    return Month(
        window, sum((part.months[place] for part in here), NOTHING),
        stated=any(_stated_until(part.line, window) for part in here),
        missing=unstated and due >= month_end(window.last),
        planned=any(plan_on(part.line, window.last) is not None for part in here), unstated=unstated,
    )  # fmt: skip


def _stated_until(line: Line, window: Window) -> date | None:
    return max((report.window.last for report in line.reports if report.window.meet(window)), default=None)


def _is_unstated(line: Line, window: Window) -> bool:
    """Whether days of the month are not stated, of a line that was still there."""
    if line.closed_on is not None and line.closed_on <= window.first:
        return False
    until = _stated_until(line, window)
    return until is None or until < window.last


def judge(found: Standing, cap: Cap | None, limit: Limit) -> Light:
    """The light of a group of lines; without a cap of its own it is held against its filed plan alone."""
    if not found.whole.base:
        return Light("grey", "nothing_asked")
    if found.today < found.season.first:
        return _before(found, cap, limit)
    if found.through and found.through >= found.season.last:
        return _ended(found, cap)
    return _red(found, cap, limit) or _yellow(found, cap) or _green(found, cap)


def _before(found: Standing, cap: Cap | None, limit: Limit) -> Light:
    near = found.today >= found.season.first - timedelta(days=limit.plan_ahead_days)
    if near and not found.planned:
        return Light("yellow", "no_plan")
    if near and _plan_is_short(found, cap):
        return Light("yellow", "plan_below_cap")
    return Light("grey", "before_season")


def _plan_is_short(found: Standing, cap: Cap | None) -> bool:
    return cap is not None and (found.planned_share or ZERO) < cap.least


def _ended(found: Standing, cap: Cap | None) -> Light:
    if found.suspects:
        return Light("yellow", "suspect")
    asked = cap.least if cap else found.planned_to_date or ZERO
    if (found.share or ZERO) < asked:
        return Light("red", "ended_below")
    return Light("green", "ended_kept")


def _red(found: Standing, cap: Cap | None, limit: Limit) -> Light | None:
    if not found.planned:
        return Light("red", "no_plan")
    # What waits for a person may still count.
    if cap and found.budget(cap).may_run + found.to_date.pending < 0:
        return Light("red", "cannot_be_kept")
    if found.to_date.stopped + found.to_date.pending < found.to_date.planned * limit.red_below:
        return Light("red", "far_below_plan")
    return None


def _yellow(found: Standing, cap: Cap | None) -> Light | None:
    if found.suspects:
        return Light("yellow", "suspect")
    if any(month.missing for month in found.months):
        return Light("yellow", "month_missing")
    if _plan_is_short(found, cap):
        return Light("yellow", "plan_below_cap")
    if found.to_date.stopped < found.to_date.planned:
        return Light("yellow", "below_plan")
    if cap and (found.forecast_by_plan or ZERO) < cap.least:
        return Light("yellow", "forecast_below")
    return None


def _green(found: Standing, cap: Cap | None) -> Light:
    over = cap is not None and cap.most is not None and (found.forecast_by_plan or ZERO) > cap.most
    return Light("green", "above_range" if over else "kept")


def worst(lights: Iterable[Light]) -> Light:
    """The worst of some lights, the first of equals: what a sector or a city shows for its enterprises."""
    return max(lights, key=lambda each: WORST[each.colour], default=Light("grey", "nothing_asked"))


def figure(groups: Mapping[int, Standing], together: Standing, cap: Cap) -> Decimal | None:
    """The figure of the duty: the city's total, or the least of its enterprises where each is bound by itself."""
    if cap.binds == "city":
        return together.share
    return min((found.share for found in groups.values() if found.share is not None), default=None)


def share_on(lines: Iterable[Line], day: date, rule: Electricity) -> Decimal | None:
    """The share of capacity that stands still on a day, of all that is asked of; None of nothing.

    A line stands still that was torn down, or idle and not started again, or did so on the last day stated, unless its
    meter says otherwise.
    """
    found = [line for line in lines if line.counted and not (line.in_service_from and day < line.in_service_from)]
    asked = [line for line in found if not any(day in window for window in line.exempt)]
    return share(total(_still(line, day, rule) for line in asked), total(line.capacity for line in asked))


def _still(line: Line, day: date, rule: Electricity) -> Decimal:
    gone = line.closed_on is not None and line.closed_on <= day
    idle = line.idle_since is not None and line.idle_since <= day
    if gone or (idle and (line.restarted_on is None or day < line.restarted_on)):
        return line.capacity
    past = [report for report in line.reports if report.window.last <= day]
    newest = max(past, key=lambda report: report.window.last, default=None)
    if newest is None or finding(line, newest, rule) in ("suspect", "rejected"):
        return ZERO
    return standing(line.capacity, newest.window.last, newest.stops)


def exempt_from(filed_on: date, deadline: date, season: Window) -> Window | None:
    """The days a filed highest load covers: the season when it was filed in time, else the days from its filing on."""
    return season if filed_on <= deadline else season.meet(Window(filed_on, season.last))


def stated_window(month: date, through: date, season: Window) -> Window | None:
    """The days a month's statement speaks of."""
    found = month_window(month).meet(season)
    return found.until(through) if found else None
