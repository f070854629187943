"""The calendar: festivals, make-up days, counting, and years nobody has published."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.workdays.rules import Holiday, SpecialDay, build_calendar, published_calendar

CALENDAR = published_calendar()
DAYS = st.dates(date(2016, 6, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("day", "works", "holiday"),
    [
        (date(2017, 2, 17), True, None),
        (date(2017, 9, 30), True, None),
        (date(2017, 10, 1), False, Holiday.NATIONAL_DAY),
        (date(2017, 10, 4), False, Holiday.MID_AUTUMN),
        (date(2017, 10, 8), False, Holiday.NATIONAL_DAY),
        (date(2017, 10, 9), True, None),
        (date(2017, 7, 8), False, None),
        (date(2018, 2, 24), True, None),
        (date(2018, 4, 7), False, Holiday.QINGMING),
        (date(2018, 4, 8), True, None),
        (date(2015, 9, 4), False, Holiday.VICTORY_DAY),
        (date(2026, 2, 14), True, None),
    ],
)
def test_known_days(day: date, works: bool, holiday: Holiday | None) -> None:
    assert CALENDAR.is_workday(day) is works
    assert CALENDAR.holiday(day) is holiday


def test_festivals_of_a_rest_period_and_their_names() -> None:
    around = CALENDAR.holidays_around(date(2017, 10, 8))
    assert [each.name_in("zh_Hans_CN") for each in around] == ["国庆节", "中秋节"]
    assert [each.name_in("en") for each in around] == ["National Day", "Mid-Autumn Festival"]
    assert CALENDAR.holidays_around(date(2017, 10, 9)) == ()


def test_makeup_days_are_only_weekends_that_work() -> None:
    assert CALENDAR.is_makeup_workday(date(2018, 4, 8))
    assert not CALENDAR.is_makeup_workday(date(2018, 4, 9))
    assert not CALENDAR.is_makeup_workday(date(2018, 4, 7))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2017, 10, 9), -3, date(2017, 9, 28)),
        (date(2017, 10, 8), 1, date(2017, 10, 9)),
        (date(2017, 10, 31), 1, date(2017, 11, 1)),
        (date(2017, 10, 31), 3, date(2017, 11, 3)),
        (date(2017, 10, 31), 7, date(2017, 11, 9)),
        (date(2018, 4, 4), 1, date(2018, 4, 8)),
        (date(2017, 10, 8), 0, date(2017, 10, 8)),
    ],
)
def test_counting_from_a_day(day: date, count: int, expected: date) -> None:
    assert CALENDAR.add_workdays(day, count) == expected


@given(DAYS, st.integers(1, 30))
def test_counting_out_and_back_agree(day: date, count: int) -> None:
    later = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(later)
    assert CALENDAR.workdays_between(day, later) == count
    assert CALENDAR.workdays_between(later, day) == -count


@given(DAYS)
def test_neighbours_are_the_nearest_working_days(day: date) -> None:
    following, previous = CALENDAR.next_workday(day), CALENDAR.previous_workday(day)
    assert previous < day < following
    between = [day + timedelta(days=n) for n in range(1, (following - day).days)]
    assert not any(CALENDAR.is_workday(each) for each in between)
    assert CALENDAR.on_or_after(day) in (day, following)
    assert CALENDAR.on_or_before(day) in (day, previous)


def test_unpublished_years_know_weekends_only_and_say_so() -> None:
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_workday(date(2027, 10, 1))
    assert not CALENDAR.is_workday(date(2027, 10, 2))


def test_an_overlay_covers_its_year_and_changes_the_version() -> None:
    overlay = {
        date(2027, 10, 1): SpecialDay(works=False, holiday=Holiday.NATIONAL_DAY),
        date(2027, 10, 9): SpecialDay(works=True, holiday=Holiday.NATIONAL_DAY),
    }
    extended = build_calendar(overlay)
    assert not extended.is_provisional(date(2027, 1, 1))
    assert not extended.is_workday(date(2027, 10, 1))
    assert extended.is_makeup_workday(date(2027, 10, 9))
    assert extended.calendar_version.startswith(CALENDAR.calendar_version + " + ")
    assert build_calendar(overlay).calendar_version == extended.calendar_version
