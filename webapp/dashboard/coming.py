"""What falls due: the next weeks by task, and day by day for the months ahead. Made of counts already read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from webapp.dashboard.pictures import Line, Paper
from webapp.i18n import pick
from webapp.rollups.tally import NEVER, Cell, Duty, Tally
from webapp.rollups.tally_queries import merge

AHEAD = timedelta(days=14)
MOST_DUE = 8
MOST_DAYS = 12


class Coming(NamedTuple):
    """A task with open assignments on one due date."""

    due: date
    title: str
    number: int
    behind: int
    awaiting: int
    url: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which something falls due: how many in all, and how many of them are open, behind and waiting."""

    due: date
    total: int
    number: int
    behind: int
    awaiting: int
    url: str


def falling_due(counted: Iterable[Mapping[Duty, Cell]]) -> dict[Duty, Cell]:
    """The duties of several organisations together, those without a date left out."""
    found: dict[Duty, Cell] = {}
    for each in counted:
        for duty, cell in each.items():
            if duty.due != NEVER:
                merge(found, duty, cell)
    return found


def soonest(duties: Mapping[Duty, Cell], day: date) -> dict[Duty, Cell]:
    """The first tasks with open assignments that fall due within the next weeks."""
    near = [
        (duty, cell)
        for duty, cell in duties.items()
        if day <= duty.due <= day + AHEAD and Tally(cell.lights).still_open
    ]
    near.sort(key=lambda each: (each[0].due, each[0].clause_id, each[0].task_id))
    return dict(near[:MOST_DUE])


def coming(duties: Mapping[Duty, Cell], tasks: Mapping[int, Line], paper: Paper) -> list[Coming]:
    """The same as lines of a list."""
    return [_line(duty, Tally(cell.lights), tasks[duty.task_id], paper) for duty, cell in duties.items()]


def _line(duty: Duty, tally: Tally, task: Line, paper: Paper) -> Coming:
    on = duty.due.isoformat()
    url = paper.list_of(task=task.code, due_after=on, due_before=on, unfinished="1")
    behind = tally.count("behind", "overdue")
    return Coming(duty.due, pick(task, "title"), tally.still_open, behind, tally.count("awaiting"), url)


def in_days(duties: Mapping[Duty, Cell], day: date, paper: Paper) -> list[Day]:
    """The next days on which anything falls due."""
    by_day: dict[date, Cell] = {}
    for duty, cell in duties.items():
        if duty.due >= day:
            merge(by_day, duty.due, cell)
    return [_day(due, Tally(by_day[due].lights), paper) for due in sorted(by_day)[:MOST_DAYS]]


def _day(due: date, tally: Tally, paper: Paper) -> Day:
    url = paper.list_of(due_after=due.isoformat(), due_before=due.isoformat())
    behind = tally.count("behind", "overdue")
    return Day(due, tally.total, tally.still_open, behind, tally.count("awaiting"), url)
