"""Working days in China: rest days, festivals and make-up working days as one immutable value.

The years 2004-2026 come from the package `chinesecalendar`; later years from an overlay the operator supplies when the
State Council has published them. In a year nobody has published yet only weekends rest, and every answer that touches
it is provisional: callers show that, and ask `is_provisional`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version

import chinese_calendar.constants as published

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Holiday(StrEnum):
    """The public festivals, in the order the State Council's notice lists them."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    QINGMING = "qingming"
    LABOUR_DAY = "labour_day"
    DRAGON_BOAT = "dragon_boat"
    NATIONAL_DAY = "national_day"
    MID_AUTUMN = "mid_autumn"
    VICTORY_DAY = "victory_day"

    def name_in(self, locale: str) -> str:
        """The festival's name in "zh" or "en" (any other locale reads English)."""
        chinese, english = _NAMES[self]
        return chinese if locale.startswith("zh") else english


_NAMES: dict[Holiday, tuple[str, str]] = {
    Holiday.NEW_YEAR: ("元旦", "New Year's Day"),
    Holiday.SPRING_FESTIVAL: ("春节", "Spring Festival"),
    Holiday.QINGMING: ("清明节", "Tomb-sweeping Day"),
    Holiday.LABOUR_DAY: ("劳动节", "Labour Day"),
    Holiday.DRAGON_BOAT: ("端午节", "Dragon Boat Festival"),
    Holiday.NATIONAL_DAY: ("国庆节", "National Day"),
    Holiday.MID_AUTUMN: ("中秋节", "Mid-Autumn Festival"),
    Holiday.VICTORY_DAY: ("抗战胜利纪念日", "Victory Day"),
}

_PUBLISHED_NAMES: dict[str, Holiday] = {
    "New Year's Day": Holiday.NEW_YEAR,
    "Spring Festival": Holiday.SPRING_FESTIVAL,
    "Tomb-sweeping Day": Holiday.QINGMING,
    "Labour Day": Holiday.LABOUR_DAY,
    "Dragon Boat Festival": Holiday.DRAGON_BOAT,
    "National Day": Holiday.NATIONAL_DAY,
    "Mid-autumn Festival": Holiday.MID_AUTUMN,
    "Anti-Fascist 70th Day": Holiday.VICTORY_DAY,
}


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day the State Council's notice names: worked although a weekend, or off although (perhaps) a weekday."""

    works: bool
    holiday: Holiday


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. `special` holds only the days the notices name; the rest follows the week."""

    special: Mapping[date, SpecialDay]
    years: frozenset[int]
    calendar_version: str

    def is_provisional(self, day: date) -> bool:
        """Whether the day lies in a year whose holidays are not published: only weekends are known to rest."""
        return day.year not in self.years

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked: a weekday that is no holiday, or a make-up working day."""
        named = self.special.get(day)
        return named.works if named else day.weekday() < SATURDAY

    def is_makeup_workday(self, day: date) -> bool:
        """Whether the day would be a rest day by the week but is worked to make up for a holiday."""
        return day.weekday() >= SATURDAY and self.is_workday(day)

    def holiday(self, day: date) -> Holiday | None:
        """The festival a rest day belongs to; None for working days and for plain weekends."""
        named = self.special.get(day)
        return named.holiday if named and not named.works else None

    def holidays_around(self, day: date) -> tuple[Holiday, ...]:
        """Every festival of the unbroken rest period the day lies in, in `Holiday` order; empty on working days."""
        found = {self.holiday(each) for each in self._rest_period(day)}
        return tuple(each for each in Holiday if each in found)

    def next_workday(self, day: date) -> date:
        """The first working day after the day."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day before the day."""
        return self.add_workdays(day, -1)

    def on_or_after(self, day: date) -> date:
        """The day itself when it is worked, else the next working day."""
        return day if self.is_workday(day) else self.next_workday(day)

    def on_or_before(self, day: date) -> date:
        """The day itself when it is worked, else the last working day before it."""
        return day if self.is_workday(day) else self.previous_workday(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after the day (before it, if negative); 0 gives the day itself, worked or not."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 or negative when `end` is not after `start`."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def _rest_period(self, day: date) -> Iterable[date]:
        if self.is_workday(day):
            return
        while not self.is_workday(day - ONE_DAY):
            day -= ONE_DAY
        while not self.is_workday(day):
            yield day
            day += ONE_DAY


@lru_cache(maxsize=1)
def _published_days() -> dict[date, SpecialDay]:
    days = {day: SpecialDay(works=False, holiday=_PUBLISHED_NAMES[name]) for day, name in published.holidays.items()}
    days |= {day: SpecialDay(works=True, holiday=_PUBLISHED_NAMES[name]) for day, name in published.workdays.items()}
    return days


def build_calendar(overlay: Mapping[date, SpecialDay] | None = None) -> Calendar:
    """The calendar of the published years with the overlay's days on top.

    A year the overlay names a day in counts as covered: hand over a year whole or not at all. The version tells the
    package's release and a digest of the overlay, so that a stored date says what it was worked out with.
    """
    overlay = overlay or {}
    base = _published_days()
    years = frozenset(day.year for day in base) | frozenset(day.year for day in overlay)
    return Calendar({**base, **overlay}, years, _version_of(overlay))


@lru_cache(maxsize=1)
def published_calendar() -> Calendar:
    """The calendar without an overlay, built once."""
    return build_calendar()


def _version_of(overlay: Mapping[date, SpecialDay]) -> str:
    base = f"chinesecalendar {version('chinesecalendar')}"
    if not overlay:
        return base
    rows = [f"{day.isoformat()} {kind.works:d} {kind.holiday}" for day, kind in sorted(overlay.items())]
    return f"{base} + {sha256('|'.join(rows).encode()).hexdigest()[:8]}"
