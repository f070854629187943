"""Years whose holidays are not published: dates in them are worked out from weekends alone, and somebody must know.

The calendar comes with each release. From December on, and until a release knows the year, the administrators of a plan
that reaches into it find a line in the first digest of each month.
"""

from datetime import date, timedelta

from webapp.workdays.calendar import Calendar

KIND = "calendar"
# The State Council publishes a year's holidays in November; the last reports of a plan are due after its end.
AHEAD, AFTER = timedelta(days=31), timedelta(days=60)


def unpublished_year(calendar: Calendar, today: date) -> int | None:
    """The year somebody should be told of on a day: this one, or in December the next; None when both are known."""
    for day in (today, today + AHEAD):
        if calendar.is_provisional(day):
            return day.year
    return None
