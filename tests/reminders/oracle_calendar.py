"""The oracle's own calendar and ladders: which days are worked in 2017 and early 2018, and when a rung has come."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

DAY = timedelta(days=1)
# --- the calendar, as the State Council's notices for 2017 and 2018 have it


def _days(text: str) -> set[date]:
    """`2017-04-02..2017-04-04 2017-05-01` as days."""
    found: set[date] = set()
    for part in text.split():
        first, _, last = part.partition("..")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            found.add(day)
            day += DAY
    return found


OFF = _days(
    "2017-01-01..2017-01-02 2017-01-27..2017-02-02 2017-04-02..2017-04-04 2017-04-29..2017-05-01 "
    "2017-05-28..2017-05-30 2017-10-01..2017-10-08 2017-12-30..2018-01-01 2018-02-15..2018-02-21 "
    "2018-04-05..2018-04-07 2018-04-29..2018-05-01 2018-06-16..2018-06-18"
)
MADE_UP = _days(
    "2017-01-22 2017-02-04 2017-04-01 2017-05-27 2017-09-30 2018-02-11 2018-02-24 2018-04-08 2018-04-28"
)  # fmt: skip
FIRST_KNOWN, LAST_KNOWN = date(2017, 1, 1), date(2018, 6, 30)


def works(day: date) -> bool:
    """Whether a day of 2017 or of the first half of 2018 is worked."""
    assert FIRST_KNOWN <= day <= LAST_KNOWN, day
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def working(day: date, step: int) -> date:
    """The day itself if it is worked, else the next one that is (step 1) or the last one (step -1)."""
    while not works(day):
        day += step * DAY
    return day


def workdays_on(day: date, count: int) -> date:
    """The `count`-th working day after a day; before it, if negative."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = working(day + step * DAY, step)
    return day


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of a day's month, or of the month so many later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


# --- the ladders: calendar days before (-), working days after (+), then weekly; officer, deputy, coordinator, region

LADDERS = {
    "assignment": "-30:o -14:o -7:o -3:od -1:od -0:od +1:od +3:odc +7:odcr weekly:odcr",
    "contact": "-7:od -3:od -1:od -0:od +1:odc +3:odcr weekly:odcr",
    "report": "-5:o -2:o -1:od -0:od +1:od +3:odc",
    "review": "-2:c -0:c +1:c +3:cr weekly:cr",
    "na_claim": "-2:c -0:c +1:c +3:cr weekly:cr",
    "returned": "-2:o -0:o +1:od +3:odc",
    "silence": "+1:o +5:od +10:odc",
    "season_start": "-30:o -14:o -7:o -1:o -0:od",
    "cap_check": "-5:o -1:o -0:o +3:od +7:odc",
}
WITHIN = {"review": 3, "na_claim": 3, "returned": 5}
# Subjects that climb the ladder of another.
CLIMBS = {"report_review": "review", "report_returned": "returned"}


def rungs(ladder: str, due: date, today: date, *, fixed: bool = False) -> Iterator[tuple[date, int, str, str]]:
    """The rungs whose day may have come: (day, place in the ladder, code, letters of whom to tell).

    A rung before the due date that falls on a rest day comes earlier, a weekly one later; `fixed` ones stay.
    """
    last_after = due
    for place, rung in enumerate(ladder.split()):
        when, _, tell = rung.partition(":")
        if when == "weekly":
            for week in range(1, (today - last_after).days // 7 + 1):
                day = last_after + 7 * week * DAY
                yield day if fixed else working(day, 1), place + week, f"weekly-{week}", tell
        elif when.startswith("-"):
            day = due - int(when[1:]) * DAY
            yield day if fixed else working(day, -1), place, f"before-{when[1:]}", tell
        else:
            last_after = workdays_on(due, int(when[1:]))
            yield last_after, place, f"after-{when[1:]}", tell


@cache
def latest_rung(ladder: str, due: date, today: date, *, fixed: bool = False) -> tuple[str, str] | None:
    """Code and letters of the rung that counts today; None before the first."""
    passed = [each for each in rungs(ladder, due, today, fixed=fixed) if each[0] <= today]
    return max(passed)[2:] if passed else None
