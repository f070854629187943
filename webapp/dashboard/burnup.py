"""How far a measure is from month to month, how far it should be, and when it will be done at its present rate.

Shares are ten-thousandths of the whole, as in the counts. Nothing here looks at a database or a clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.clock import add_months, month_end
from webapp.progress.letters import WHOLE
from webapp.progress.rules import linear_nodes

# By how many days of the past the present rate is told.
RATE_DAYS = 92
FARTHEST = timedelta(days=5 * 366)
# The drawing's own measures.
WIDTH, HEIGHT = 600, 180


@dataclass(frozen=True, slots=True)
class Due:
    """Some assignments of one task with one due date; a milestone is asked for on its day, a figure month by month."""

    starts_on: date
    due: date
    number: int
    milestone: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A day, how far one was on it (None: not known yet), and how far one should have been."""

    day: date
    actual: int | None
    required: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """When all will be done at the present rate: a day, or never at this rate; `rate` is the share of thirty days."""

    done_on: date | None
    rate: int


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months from one day's to another's."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month_end(month))
        month = add_months(month, 1)
    return found


def required(duties: Iterable[Due], day: date) -> int | None:
    """The average share that should be done by the end of a day, by the plan's default pace; None of nothing."""
    whole, number = 0, 0
    for each in duties:
        number += each.number
        whole += each.number * _required_of(each, day)
    return whole // number if number else None


def _required_of(duty: Due, day: date) -> int:
    if day >= duty.due:
        return WHOLE
    if duty.milestone:
        return 0
    passed = [node.share for node in linear_nodes(duty.starts_on, duty.due) if node.on <= day]
    return int(max(passed, default=0) * WHOLE)


def forecast(known: Sequence[tuple[date, int]]) -> Forecast | None:
    """When the whole is reached if it goes on as in the last three months; None where there is too little to tell."""
    if len(known) < 2:
        return None
    last_day, last = known[-1]
    day, share = next(each for each in known if (last_day - each[0]).days <= RATE_DAYS)
    days = (last_day - day).days
    if not days:
        return None
    risen = last - share
    rate = risen * 30 // days
    if last >= WHOLE:
        return Forecast(last_day, rate)
    if risen <= 0:
        return Forecast(None, rate)
    left = timedelta(days=-(-(WHOLE - last) * days // risen))
    return Forecast(last_day + left if left <= FARTHEST else None, rate)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Points of lines in a box of `WIDTH` by `HEIGHT`: how far, how far one should be, where it is going."""

    actual: str
    required: str
    going: str
    today: int


def drawing(points: Sequence[Point], ahead: Forecast | None, today: date) -> Drawing:
    """The lines of a burn-up over the days of its points."""
    first, last = points[0].day, points[-1].day
    actual = [(each.day, each.actual) for each in points if each.actual is not None]
    asked = [(each.day, each.required) for each in points if each.required is not None]
    going: list[tuple[date, int]] = []
    if ahead and ahead.done_on and actual and ahead.done_on > actual[-1][0]:
        going = [actual[-1], _cut_off(actual[-1], (ahead.done_on, WHOLE), last)]
    here = _across(min(max(today, first), last), first, last)
    return Drawing(_line(actual, first, last), _line(asked, first, last), _line(going, first, last), here)


def _cut_off(start: tuple[date, int], end: tuple[date, int], last: date) -> tuple[date, int]:
    """Where a line leaves the box on its right."""
    if end[0] <= last:
        return end
    share = start[1] + (end[1] - start[1]) * (last - start[0]).days // (end[0] - start[0]).days
    return last, share


def _line(points: Sequence[tuple[date, int]], first: date, last: date) -> str:
    return " ".join(f"{_across(day, first, last)},{HEIGHT - HEIGHT * share // WHOLE}" for day, share in points)


def _across(day: date, first: date, last: date) -> int:
    return WIDTH * (day - first).days // max(1, (last - first).days)
