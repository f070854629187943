"""What the rules of off-peak production look at: plain values, free of the database, every date a day in Shanghai."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, Self

from webapp.clock import month_end, month_start

ZERO, ONE = Decimal(0), Decimal(1)
ONE_DAY = timedelta(days=1)

Finding = Literal["clear", "suspect", "confirmed", "rejected", "unchecked"]
Binds = Literal["city", "enterprise"]
Limits = Literal["any", "meets", "fails"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of days, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meet(self, other: "Window") -> "Window | None":
        """The days both have, None when there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Window(first, last) if first <= last else None

    def until(self, day: date) -> "Window | None":
        """Its days through a day."""
        return self.meet(Window(self.first, day))

    def after(self, day: date) -> "Window | None":
        """Its days after a day."""
        return self.meet(Window(day + ONE_DAY, self.last))

    def months(self) -> tuple["Window", ...]:
        """Month by month; the first and the last may be part of one."""
        return _months(self)


@lru_cache(maxsize=64)
def _months(window: Window) -> tuple[Window, ...]:
    found, day = [], window.first
    while day <= window.last:
        found.append(Window(day, min(month_end(day), window.last)))
        day = month_end(day) + ONE_DAY
    return tuple(found)


def month_window(month: date) -> Window:
    """All days of the month a date lies in."""
    return Window(month_start(month), month_end(month))


@dataclass(frozen=True, slots=True)
class Stop:
    """Days on which a line stands still; `units` of its capacity (pots, say), all of it when None."""

    window: Window
    units: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A line's part of a peak-shifting plan, in force from the day it was filed until the next one is."""

    on: date
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """A line's part of a month's statement: what stood still through a day, the electricity drawn (kWh), the verdict.

    `verdict` is what a person decided where the electricity contradicted the statement.
    """

    window: Window
    stops: tuple[Stop, ...]
    power: Decimal | None = None
    verdict: Literal["confirmed", "rejected"] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A production line, furnace or row of pots, with all that was filed about it.

    `counted`: of a kind the cap speaks of. `baseline` is what it draws a day when it runs (kWh). `closed_on` is the
    first day it was gone for good. `exempt` are days on which nothing is asked of it.
    """

    key: int
    capacity: Decimal
    counted: bool = True
    in_service_from: date | None = None
    closed_on: date | None = None
    idle_since: date | None = None
    restarted_on: date | None = None
    baseline: Decimal | None = None
    exempt: tuple[Window, ...] = ()
    plans: tuple[Filed, ...] = ()
    reports: tuple[Reported, ...] = ()

    @property
    def through(self) -> date | None:
        """The last day a statement covers."""
        return max((report.window.last for report in self.reports), default=None)


@dataclass(frozen=True, slots=True)
class Electricity:
    """How statement and meter are compared: shares of the baseline a standing and a running line may draw."""

    standing: Decimal = Decimal("0.15")
    running: Decimal = Decimal("1.10")
    load: Decimal = Decimal("1.05")


@dataclass(frozen=True, slots=True)
class Cap:
    """What the plan asks of a sector: at least `least` of its capacity stands still in the season, `most` at most."""

    least: Decimal
    most: Decimal | None = None
    binds: Binds = "city"


@dataclass(frozen=True, slots=True)
class Limit:
    """When lights turn: a share of the plan, days before the season, the day by which a month is stated."""

    red_below: Decimal = Decimal("0.7")
    plan_ahead_days: int = 30
    stated_by_day: int = 5
    forecast_days: int = 30
    electricity: Electricity = field(default_factory=Electricity)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """From the pack's `judging`; every figure is there."""
        power = data["electricity"]
        return cls(
            red_below=Decimal(str(data["red_below"])),
            plan_ahead_days=int(data["plan_ahead_days"]),
            stated_by_day=int(data["stated_by_day"]),
            forecast_days=int(data["forecast_days"]),
            electricity=Electricity(*(Decimal(str(power[name])) for name in ("standing", "running", "load"))),
        )


def total(figures: Iterable[Decimal]) -> Decimal:
    """The sum, a Decimal also of nothing."""
    return sum(figures, ZERO)
