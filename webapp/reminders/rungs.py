"""Rungs and ladders: on which days before and after a due date somebody is reminded, and who. Pure data and dates.

A rung before the due date (the day itself included) counts calendar days, a rung after it working days. The weekly
rungs follow the last of these at steps of seven calendar days. On a ladder that shifts, rungs before the date move back
from a rest day to the last working day, and weekly ones forward to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal

from webapp.workdays.calendar import Calendar

WEEK = 7
Delivery = Literal["digest", "at_once"]


class Tell(StrEnum):
    """Whom a rung tells, as the rules name them."""

    OFFICER = "officer"
    DEPUTY = "deputy"
    COORDINATOR = "coordinator"
    REGION = "region"


class Audience(StrEnum):
    """In which capacity a person is told; the order is the one in which a person with several is told once."""

    OFFICER = "officer"
    DEPUTY = "deputy"
    REVIEWER = "reviewer"
    PROVINCE = "province"
    REGION = "region"


ESCALATIONS = frozenset({Audience.PROVINCE, Audience.REGION})


class Unit(StrEnum):
    """What a rung's offset counts."""

    DAYS_BEFORE = "before"
    WORKDAYS_AFTER = "after"
    WEEKS_AFTER = "weekly"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder. A ladder's weekly rung has the offset 0, its repetitions 1, 2 and so on."""

    unit: Unit
    offset: int
    tell: tuple[Tell, ...]

    @property
    def code(self) -> str:
        """The rung's name in the ledger: "before-7", "before-0", "after-3", "weekly-2"."""
        return f"{self.unit}-{self.offset}"

    @property
    def rank(self) -> tuple[int, int]:
        """Where the rung stands on a ladder: those before the date, those after it, the weekly one."""
        return list(Unit).index(self.unit), -self.offset if self.unit is Unit.DAYS_BEFORE else self.offset

    def as_data(self) -> dict[str, Any]:
        """The rung as the rules write it."""
        tell = [str(each) for each in self.tell]
        if self.unit is Unit.WEEKS_AFTER:
            return {"weekly": True, "tell": tell}
        field = "days_before" if self.unit is Unit.DAYS_BEFORE else "workdays_after"
        return {field: self.offset, "tell": tell}


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one kind of subject, in the order they pass.

    `within` are the working days a decision or a correction may take. `tasks` are the codes of the tasks that climb a
    ladder of the plan's own.
    """

    rungs: tuple[Rung, ...]
    shift: bool = True
    delivery: Delivery = "digest"
    within: int | None = None
    tasks: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The ladder as the rules write it."""
        data: dict[str, Any] = {"rungs": [rung.as_data() for rung in self.rungs]}
        data |= {"shift": self.shift, "delivery": self.delivery}
        if self.within is not None:
            data["within"] = self.within
        return data | ({"tasks": list(self.tasks)} if self.tasks else {})

    @property
    def weekly(self) -> Rung | None:
        """The rung that repeats, if there is one."""
        return next((rung for rung in self.rungs if rung.unit is Unit.WEEKS_AFTER), None)

    @property
    def last_after(self) -> int:
        """The greatest offset of the rungs after the date; 0 when there is none."""
        return max((rung.offset for rung in self.rungs if rung.unit is Unit.WORKDAYS_AFTER), default=0)

    def latest_passed(self, due: date, today: date, calendar: Calendar) -> tuple[Rung, date] | None:
        """The last rung whose day has come, with that day; None before the first. Of one day's rungs the later."""
        found: tuple[Rung, date] | None = None
        for rung in self._single():
            if (day := self._day(rung, due, calendar)) <= today:
                found = rung, day
        return self._latest_weekly(due, today, calendar) or found

    def days(self, due: date, until: date, calendar: Calendar) -> Iterator[tuple[Rung, date]]:
        """Every rung with its day up to and including `until`, for previews and calendars."""
        for rung in self._single():
            if (day := self._day(rung, due, calendar)) <= until:
                yield rung, day
        week, first = 1, self._weekly_from(due, calendar) if due < until else None
        while first and (day := self._week(first, week, calendar)) <= until:
            yield self._repetition(week), day
            week += 1

    def _single(self) -> Iterator[Rung]:
        return (rung for rung in self.rungs if rung.unit is not Unit.WEEKS_AFTER)

    def _day(self, rung: Rung, due: date, calendar: Calendar) -> date:
        if rung.unit is Unit.WORKDAYS_AFTER:
            return calendar.add_workdays(due, rung.offset)
        day = due - timedelta(days=rung.offset)
        return calendar.on_or_before(day) if self.shift else day

    def _weekly_from(self, due: date, calendar: Calendar) -> date | None:
        last = self.last_after
        return calendar.add_workdays(due, last) if last and self.weekly else None

    def _latest_weekly(self, due: date, today: date, calendar: Calendar) -> tuple[Rung, date] | None:
        first = self._weekly_from(due, calendar) if today > due else None
        if first is None:
            return None
        for week in range((today - first).days // WEEK, 0, -1):
            if (day := self._week(first, week, calendar)) <= today:
                return self._repetition(week), day
        return None

    def _week(self, first: date, week: int, calendar: Calendar) -> date:
        day = first + timedelta(days=WEEK * week)
        return calendar.on_or_after(day) if self.shift else day

    def _repetition(self, week: int) -> Rung:
        weekly = self.weekly
        assert weekly is not None
        return Rung(weekly.unit, week, weekly.tell)
