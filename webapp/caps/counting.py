"""Capacity × days: what of a line counts on which day, summed over a stretch of days.

A line's days fall into pieces within which nothing changes; each piece is looked at once and weighed by its days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from webapp.caps.facts import ONE, ONE_DAY, ZERO, Electricity, Filed, Finding, Line, Reported, Stop, Window, total


@dataclass(frozen=True, slots=True)
class Sum:
    """Capacity × days of a stretch: what was asked of (`base`), planned to stand still, and stood still.

    `pending` stood still by the statement but not by the meter, and nobody decided yet; `rejected` was decided against.
    `idle` stood still since before the season and `exempt` serves basic needs: both lie outside the base.
    """

    base: Decimal = ZERO
    planned: Decimal = ZERO
    stopped: Decimal = ZERO
    pending: Decimal = ZERO
    rejected: Decimal = ZERO
    idle: Decimal = ZERO
    exempt: Decimal = ZERO

    def __add__(self, other: "Sum") -> "Sum":
        if self is NOTHING or other is NOTHING:
            return other if self is NOTHING else self
        return Sum(
            self.base + other.base, self.planned + other.planned, self.stopped + other.stopped,
            self.pending + other.pending, self.rejected + other.rejected, self.idle + other.idle,
            self.exempt + other.exempt,
        )  # fmt: skip

    def times(self, days: int) -> "Sum":
        """The same on several days."""
        if self is NOTHING:
            return self
        return Sum(
            self.base * days, self.planned * days, self.stopped * days, self.pending * days, self.rejected * days,
            self.idle * days, self.exempt * days,
        )  # fmt: skip


NOTHING = Sum()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A line's season, cut into pieces within which nothing changes: what it contributes on each day of a piece."""

    line: Line
    pieces: tuple[tuple[Window, Sum], ...]

    def count(self, window: Window | None) -> Sum:
        """What the line contributes on the days of a window."""
        result = NOTHING
        for piece, daily in self.pieces:
            if window and (shared := piece.meet(window)):
                result += daily.times(shared.days)
        return result


def timeline(line: Line, season: Window, rule: Electricity, cuts: Iterable[date] = ()) -> Timeline:
    """A line's season as pieces, which begin anew also on the days in `cuts`."""
    pieces, told = _cut(season, chain(_turns(line), cuts)), findings(line, rule)
    return Timeline(line, tuple((piece, _on_day(line, piece.first, season, told)) for piece in pieces))


def on_day(line: Line, day: date, season: Window, rule: Electricity) -> Sum:
    """What a line contributes on one day of the season."""
    return _on_day(line, day, season, findings(line, rule))


def _on_day(line: Line, day: date, season: Window, told: Sequence[Finding]) -> Sum:
    if not _exists(line, day, season):
        return NOTHING
    if is_idle(line, day, season):
        return Sum(idle=line.capacity)
    if any(day in window for window in line.exempt):
        return Sum(exempt=line.capacity)
    if line.closed_on and day >= line.closed_on:
        return Sum(base=line.capacity, planned=line.capacity, stopped=line.capacity)
    planned = standing(line.capacity, day, stops_planned(line, day))
    for report, found in zip(line.reports, told, strict=True):
        if day in report.window:
            stood = standing(line.capacity, day, report.stops)
            return Sum(base=line.capacity, planned=planned, **{_COUNTS_AS.get(found, "stopped"): stood})
    return Sum(base=line.capacity, planned=planned)


# What stood still by the statement, under what the meter and the person say of it.
_COUNTS_AS: Mapping[Finding, str] = {"suspect": "pending", "rejected": "rejected"}


def _exists(line: Line, day: date, season: Window) -> bool:
    """A line that came into service counts from that day; one that was gone before the season never does."""
    if not line.counted or day not in season:
        return False
    if line.in_service_from and day < line.in_service_from:
        return False
    return not (line.closed_on and line.closed_on <= season.first)


def is_idle(line: Line, day: date, season: Window) -> bool:
    """Whether it stood still since before the season and has not started since."""
    if line.idle_since is None or line.idle_since >= season.first:
        return False
    return line.restarted_on is None or day < line.restarted_on


def plan_on(line: Line, day: date) -> Filed | None:
    """The plan in force on a day: the last one filed on that day or before. A later one does not rewrite the past."""
    return max((plan for plan in line.plans if plan.on <= day), key=lambda plan: plan.on, default=None)


def stops_planned(line: Line, day: date) -> tuple[Stop, ...]:
    """The stops of the plan in force on a day."""
    plan = plan_on(line, day)
    return plan.stops if plan else ()


def standing(capacity: Decimal, day: date, stops: Iterable[Stop]) -> Decimal:
    """How much of a capacity stands still on a day. Overlapping stops are the same units: the largest counts, once."""
    units = (capacity if stop.units is None else stop.units for stop in stops if day in stop.window)
    return min(max(units, default=ZERO), capacity)


def _cut(span: Window, turns: Iterable[date]) -> Iterator[Window]:
    """The span in pieces that begin at the turns."""
    starts = sorted({span.first, *(day for day in turns if span.first < day <= span.last)})
    for first, following in zip(starts, [*starts[1:], span.last + ONE_DAY], strict=True):
        yield Window(first, following - ONE_DAY)


def _turns(line: Line) -> Iterator[date]:
    """Every first day on which something about a line may be otherwise than the day before."""
    yield from (day for day in (line.in_service_from, line.closed_on, line.restarted_on) if day)
    yield from (plan.on for plan in line.plans)
    yield from _edges([*line.exempt, *(report.window for report in line.reports)])
    yield from _edges(stop.window for plan in line.plans for stop in plan.stops)
    yield from _edges(stop.window for report in line.reports for stop in report.stops)


def _edges(windows: Iterable[Window]) -> Iterator[date]:
    for window in windows:
        yield window.first
        yield window.last + ONE_DAY


# --- the meter


@dataclass(frozen=True, slots=True)
class Meter:
    """A month's electricity against what the statement allows: kWh, and the days it was worked out from."""

    drawn: Decimal
    allowed: Decimal
    standing_days: Decimal
    running_days: Decimal


def meter(line: Line, report: Reported, rule: Electricity) -> Meter | None:
    """What a line drew and what it may have drawn at most if the statement is true; None where nothing can be compared.

    A running day may draw `running` of the baseline, a standing one `standing`; a line of which a part stands still is
    split by its capacity. Nothing is compared where it did not stand still at all.
    """
    if report.power is None or not line.baseline or not line.capacity:
        return None
    pieces = _cut(report.window, _edges(stop.window for stop in report.stops))
    stood = total(standing(line.capacity, each.first, report.stops) * each.days for each in pieces) / line.capacity
    if not stood:
        return None
    ran = report.window.days - stood
    return Meter(report.power, line.baseline * (ran * rule.running + stood * rule.standing), stood, ran)


def finding(line: Line, report: Reported, rule: Electricity) -> Finding:
    """What the meter says about a statement; a person's decision stands above it."""
    measured = meter(line, report, rule)
    if measured is None:
        return "unchecked"
    if measured.drawn <= measured.allowed:
        return "clear"
    return report.verdict or "suspect"


def findings(line: Line, rule: Electricity) -> list[Finding]:
    """What the meter says about each of a line's statements."""
    return [finding(line, report, rule) for report in line.reports]


def load(line: Line, report: Reported) -> Decimal | None:
    """The load a line ran at in a month by its meter, as a share of the baseline; None where that is unknown."""
    if report.power is None or not line.baseline:
        return None
    return report.power / (line.baseline * report.window.days)


def load_kept(line: Line, report: Reported, most: Decimal, rule: Electricity) -> bool | None:
    """Whether a line that serves basic needs kept to its filed highest load; None where nothing can be compared."""
    ran = load(line, report)
    return None if ran is None else ran <= min(most, ONE) * rule.load
