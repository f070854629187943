"""Ladders: on which days before and after a due date somebody is reminded, and who. Data of the plan, read here.

A rung before the due date (the day itself included) counts calendar days and moves back from a rest day to the last
working day; a rung after it counts working days. The weekly rungs follow the last of these at steps of seven calendar
days and move forward from a rest day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from webapp.workdays.calendar import Calendar

SEND_AT = time(8, 30)
WEEK = 7


class Audience(StrEnum):
    """In which capacity a person is told; the order is the one in which a person with several is told once."""

    OFFICER = "officer"
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
    """One step of a ladder; `code` is what the ledger keeps ("before-7", "before-0", "after-3", "weekly-2")."""

    unit: Unit
    offset: int
    province: bool = False
    region: bool = False

    @property
    def code(self) -> str:
        """The rung's name in the ledger."""
        return f"{self.unit}-{self.offset}"

    @property
    def escalations(self) -> frozenset[Audience]:
        """Who is told besides the one whose move it is."""
        told = {Audience.PROVINCE: self.province, Audience.REGION: self.region}
        return frozenset(audience for audience, wanted in told.items() if wanted)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one kind of subject.

    Escalation is cumulative: from `tell_province_after` working days on the province is told at every rung, from
    `tell_region_after` on the region too. So a rung that a stopped scheduler slept through leaves nobody untold.
    """

    before_days: tuple[int, ...] = (30, 14, 7, 3, 1, 0)
    after_working_days: tuple[int, ...] = (1, 3, 7)
    weekly: bool = True
    tell_province_after: int | None = 3
    tell_region_after: int | None = 7

    def rungs(self) -> tuple[Rung, ...]:
        """The rungs without the weekly ones, in the order they pass."""
        before = [Rung(Unit.DAYS_BEFORE, days) for days in sorted(self.before_days, reverse=True)]
        return (*before, *(self._after(Unit.WORKDAYS_AFTER, days, days) for days in sorted(self.after_working_days)))

    def _after(self, unit: Unit, offset: int, working_days: int) -> Rung:
        return Rung(
            unit,
            offset,
            province=self.tell_province_after is not None and working_days >= self.tell_province_after,
            region=self.tell_region_after is not None and working_days >= self.tell_region_after,
        )

    def latest_passed(self, due: date, today: date, calendar: Calendar) -> tuple[Rung, date] | None:
        """The last rung whose day has come, with that day; None before the first."""
        passed = [(rung, day) for rung in self.rungs() if (day := rung_day(rung, due, calendar)) <= today]
        if not passed:
            return None
        return self._latest_weekly(due, today, calendar) or passed[-1]

    def _latest_weekly(self, due: date, today: date, calendar: Calendar) -> tuple[Rung, date] | None:
        if not self.weekly or not self.after_working_days or today <= due:
            return None
        last = max(self.after_working_days)
        start = calendar.add_workdays(due, last)
        for week in range((today - start).days // WEEK, 0, -1):
            day = calendar.on_or_after(start + timedelta(days=WEEK * week))
            if day <= today:
                return self._after(Unit.WEEKS_AFTER, week, last), day
        return None

    def days(self, due: date, until: date, calendar: Calendar) -> Iterator[tuple[Rung, date]]:
        """Every rung with its day up to and including `until`, for previews and calendars."""
        for rung in self.rungs():
            if (day := rung_day(rung, due, calendar)) <= until:
                yield rung, day
        last = max(self.after_working_days, default=0)
        start, week = calendar.add_workdays(due, last), 1
        while self.weekly and last and (day := calendar.on_or_after(start + timedelta(days=WEEK * week))) <= until:
            yield self._after(Unit.WEEKS_AFTER, week, last), day
            week += 1


def rung_day(rung: Rung, due: date, calendar: Calendar) -> date:
    """The working day on which a rung passes. Weekly rungs depend on their ladder: see `Ladder.days`."""
    if rung.unit is Unit.DAYS_BEFORE:
        return calendar.on_or_before(due - timedelta(days=rung.offset))
    return calendar.add_workdays(due, rung.offset)


ASSIGNMENTS = Ladder()
REPORTS = Ladder(before_days=(5, 2, 1, 0), after_working_days=(1, 3), weekly=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """A plan's reminder rules: a ladder for each kind of subject, and when and how long a digest is."""

    ladders: Mapping[str, Ladder] = field(default_factory=lambda: {"assignment": ASSIGNMENTS, "report": REPORTS})
    send_at: time = SEND_AT
    most_items: int = 20

    def ladder(self, kind: str) -> Ladder:
        """The ladder of a kind of subject; kinds without one of their own climb the assignments'."""
        return self.ladders.get(kind, self.ladders["assignment"])


def rules_from(data: Mapping[str, Any]) -> Rules:
    """The rules from the pack's `reminders`; what is left out keeps its default. ValueError for a malformed hour."""
    assignments = Ladder(
        before_days=tuple(data.get("before_days", ASSIGNMENTS.before_days)),
        after_working_days=tuple(data.get("after_working_days", ASSIGNMENTS.after_working_days)),
        weekly=bool(data.get("weekly_after", ASSIGNMENTS.weekly)),
        tell_province_after=data.get("tell_province_after", ASSIGNMENTS.tell_province_after),
        tell_region_after=data.get("tell_region_after", ASSIGNMENTS.tell_region_after),
    )
    reports = Ladder(
        before_days=tuple(data.get("report_before_days", REPORTS.before_days)),
        after_working_days=tuple(data.get("report_after_working_days", REPORTS.after_working_days)),
        weekly=bool(data.get("report_weekly_after", REPORTS.weekly)),
        tell_province_after=assignments.tell_province_after,
        tell_region_after=assignments.tell_region_after,
    )
    send_at = time.fromisoformat(data["send_at"]) if "send_at" in data else SEND_AT
    ladders = {"assignment": assignments, "report": reports}
    return Rules(ladders, send_at, int(data.get("most_items", Rules().most_items)))
