"""From a due rule to a date. Pure: dates in, dates out; no database, no clock, no calendar of holidays.

Every date here is a day in Shanghai and includes the day itself: "by the end of October" is met through 31 October,
24:00. Moving a report past rest days is the business of `webapp.workdays`, not of these rules.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Self, cast

RuleKind = Literal["on", "end_of_month", "season", "monthly", "quarterly"]
_KINDS: tuple[RuleKind, ...] = ("on", "end_of_month", "season", "monthly", "quarterly")
_STEP = {"monthly": 1, "quarterly": 3}


@dataclass(frozen=True)
class SeasonWindow:
    """First and last day of a season, both included."""

    starts_on: date
    ends_on: date

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Season:
    """A season by code, with other days for the organisations (by code) that keep their own."""

    code: str
    window: SeasonWindow
    overrides: Mapping[str, SeasonWindow] = field(default_factory=dict)

    def window_for(self, organisation: str) -> SeasonWindow:
        """The season as this organisation keeps it."""
        return self.overrides.get(organisation, self.window)


@dataclass(frozen=True)
class DueRule:
    """When a duty falls due. `value` is the ISO day, the month or the season's code, by `kind`.

    For `monthly` and `quarterly`, `value` is the first month reported on, `day` the day of the month after the
    period (31: its last day), `last_month` the last month reported on, or None for as long as the plan runs.
    """

    kind: RuleKind
    value: str
    day: int = 0
    last_month: str | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """From the form kept in the pack and in the database: `{"end_of_month": "2017-10"}`. ValueError if neither."""
        if len(data) != 1 or next(iter(data)) not in _KINDS:
            raise ValueError(f"a due rule is exactly one of {', '.join(_KINDS)}")
        name, value = next(iter(data.items()))
        kind = cast(RuleKind, name)
        if kind in _STEP:
            return cls(kind, value["first_month"], int(value["day"]), value.get("last_month"))
        return cls(kind, str(value))

    def as_data(self) -> dict[str, Any]:
        """The JSON form `from_data` reads."""
        if self.kind not in _STEP:
            return {self.kind: self.value}
        inner: dict[str, Any] = {"day": self.day, "first_month": self.value}
        if self.last_month:
            inner["last_month"] = self.last_month
        return {self.kind: inner}

    @property
    def recurring(self) -> bool:
        """Whether it comes back every month or quarter."""
        return self.kind in _STEP

    @property
    def season(self) -> str:
        """The season's code, or empty: the export's `season` column."""
        return self.value if self.kind == "season" else ""


@dataclass(frozen=True)
class Occurrence:
    """One turn of a recurring duty: the months it speaks of (first and last, `2017-03`) and its nominal due day."""

    first_month: str
    last_month: str
    due: date


def month_end(month: str) -> date:
    """The last day of `2017-10`."""
    year, number = _split(month)
    return date(year, number, calendar.monthrange(year, number)[1])


def month_after(month: str, steps: int = 1) -> str:
    """The month `steps` later (earlier when negative): `2017-12` and 1 give `2018-01`."""
    year, number = _split(month)
    index = year * 12 + number - 1 + steps
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def day_of_following_month(month: str, day: int) -> date:
    """`day` of the month after `month`, never past that month's end: a report on 2017-02 by day 8 is 2017-03-08."""
    last = month_end(month_after(month))
    return last.replace(day=min(day, last.day))


def nominal_due(rule: DueRule | None, seasons: Mapping[str, Season], organisation: str) -> date | None:
    """The last day on which the duty is still in time, before any extension.

    None for duties without a date, which never go overdue, and for recurring ones, whose turns have dates of their
    own (`occurrences`). A seasonal duty is due on the season's last day as this organisation keeps it. KeyError
    for a season that is not in `seasons`.
    """
    if rule is None or rule.recurring:
        return None
    if rule.kind == "on":
        return date.fromisoformat(rule.value)
    if rule.kind == "end_of_month":
        return month_end(rule.value)
    return seasons[rule.value].window_for(organisation).ends_on


def begins_on(rule: DueRule | None, seasons: Mapping[str, Season], organisation: str, plan_start: date) -> date:
    """From which day the duty binds: the season's first day for seasonal duties, else the plan's start."""
    if rule is None or rule.kind != "season":
        return plan_start
    return seasons[rule.value].window_for(organisation).starts_on


def occurrences(rule: DueRule, until: str) -> Iterator[Occurrence]:
    """The turns of a recurring duty, oldest first, up to the one whose last month is `until` or before."""
    if not rule.recurring:
        return
    step = _STEP[rule.kind]
    stop = min(until, rule.last_month or until)
    first = rule.value
    while (last := month_after(first, step - 1)) <= stop:
        yield Occurrence(first, last, day_of_following_month(last, rule.day))
        first = month_after(first, step)


def is_past(due: date | None, today: date) -> bool:
    """Whether `today` (Shanghai) lies after the due day; a duty without a date is never past."""
    return due is not None and today > due


def _split(month: str) -> tuple[int, int]:
    year, number = month.split("-")
    return int(year), int(number)
