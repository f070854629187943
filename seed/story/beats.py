"""A beat: one thing one person does at one moment of the story. The days of the story, and its working days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from seed.story.figures import Item
from webapp.clock import local_instant
from webapp.workdays.rules import published_calendar

FIRST_DAY = date(2017, 2, 17)
LAST_DAY = date(2017, 10, 19)
CALENDAR = published_calendar()

Act = Literal[
    "progress", "no_change", "claim", "na_claim", "verify", "return", "na_accept", "na_refuse", "extend", "nodes"
]  # fmt: skip
ReportAct = Literal["submit", "accept", "return", "correct"]


@dataclass(frozen=True, slots=True)
class Beat:
    """Somebody (`by`, a mailbox) does something to an assignment; the fields an act does not use are empty."""

    at: datetime
    by: str
    act: Act
    item: Item
    quantity: Decimal | None = None
    note: str = ""
    problem: str = ""
    next_step: str = ""
    reason: str = ""
    due: date | None = None
    shares: tuple[tuple[date, Decimal], ...] = ()
    papers: tuple[str, ...] = ()
    # The day a statement speaks of, where it is not the day it is made.
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class RowBeat:
    """Somebody does the next row of the ledger an assignment is counted from."""

    at: datetime
    by: str
    item: Item
    act: str = "row"


@dataclass(frozen=True, slots=True)
class ReportBeat:
    """Somebody files or decides on the report of a place on a month.

    `waits_no_longer` is why a province would submit without some of its cities; a return points at so many `lines`.
    """

    at: datetime
    by: str
    act: ReportAct
    place: str
    month: date
    remark: str = ""
    problems: str = ""
    reason: str = ""
    waits_no_longer: str = ""
    lines: int = 0


def at_work(day: date, chance: Random, *, first: int = 9, last: int = 17) -> datetime:
    """An instant of a working day's office hours."""
    minutes = chance.randrange(first * 60, last * 60)
    return local_instant(day, time(minutes // 60, minutes % 60, chance.randrange(60)))


def on_or_before(day: date) -> date:
    """The working day itself or the last one before."""
    return CALENDAR.on_or_before(day)


def on_or_after(day: date) -> date:
    """The working day itself or the next one."""
    return CALENDAR.on_or_after(day)


def working_days_later(day: date, count: int) -> date:
    """The working day so many working days later."""
    return CALENDAR.add_workdays(day, count)


def days() -> list[date]:
    """Every day of the story, rest days too."""
    return [FIRST_DAY + timedelta(days=count) for count in range((LAST_DAY - FIRST_DAY).days + 1)]
