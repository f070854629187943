"""From due rules to dates: the tables a person would check with a calendar on the wall."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.plans.rules import (
    DueRule,
    Season,
    SeasonWindow,
    begins_on,
    day_of_following_month,
    is_past,
    month_after,
    month_end,
    nominal_due,
    occurrences,
)

HEATING = Season(
    "heating",
    SeasonWindow(date(2017, 11, 15), date(2018, 3, 15)),
    {"140100": SeasonWindow(date(2017, 11, 1), date(2018, 3, 31))},
)
SEASONS = {"heating": HEATING}


@pytest.mark.parametrize(
    ("data", "organisation", "expected"),
    [
        ({"on": "2017-02-28"}, "130000", date(2017, 2, 28)),
        ({"end_of_month": "2017-10"}, "130600", date(2017, 10, 31)),
        ({"end_of_month": "2017-06"}, "130600", date(2017, 6, 30)),
        ({"end_of_month": "2020-02"}, "130600", date(2020, 2, 29)),
        ({"end_of_month": "2100-02"}, "130600", date(2100, 2, 28)),
        ({"season": "heating"}, "130600", date(2018, 3, 15)),
        ({"season": "heating"}, "140100", date(2018, 3, 31)),
        ({"monthly": {"day": 8, "first_month": "2017-02"}}, "130000", None),
        ({"quarterly": {"day": 31, "first_month": "2017-01"}}, "mep", None),
    ],
)
def test_nominal_due(data: dict[str, Any], organisation: str, expected: date | None) -> None:
    assert nominal_due(DueRule.from_data(data), SEASONS, organisation) == expected


def test_a_duty_without_a_rule_has_no_date_and_is_never_past() -> None:
    assert nominal_due(None, SEASONS, "130600") is None
    assert not is_past(None, date(2099, 1, 1))


def test_the_due_day_itself_is_still_in_time() -> None:
    assert not is_past(date(2017, 10, 31), date(2017, 10, 31))
    assert is_past(date(2017, 10, 31), date(2017, 11, 1))


def test_an_unknown_season_is_an_error() -> None:
    with pytest.raises(KeyError):
        nominal_due(DueRule("season", "monsoon"), SEASONS, "130600")


@pytest.mark.parametrize(
    ("data", "organisation", "expected"),
    [
        ({"season": "heating"}, "130600", date(2017, 11, 15)),
        ({"season": "heating"}, "140100", date(2017, 11, 1)),
        ({"on": "2017-10-31"}, "130600", date(2017, 2, 17)),
    ],
)
def test_duties_bind_from_the_seasons_or_the_plans_first_day(
    data: dict[str, Any], organisation: str, expected: date
) -> None:
    assert begins_on(DueRule.from_data(data), SEASONS, organisation, date(2017, 2, 17)) == expected


def test_a_season_includes_its_first_and_last_day() -> None:
    window = HEATING.window_for("130600")
    inside = [date(2017, 11, 14), date(2017, 11, 15), date(2018, 3, 15), date(2018, 3, 16)]
    assert [day in window for day in inside] == [False, True, True, False]


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        ("2017-02", 8, date(2017, 3, 8)),
        ("2017-12", 8, date(2018, 1, 8)),
        ("2018-01", 31, date(2018, 2, 28)),
        ("2018-03", 31, date(2018, 4, 30)),
    ],
)
def test_day_of_the_following_month(month: str, day: int, expected: date) -> None:
    assert day_of_following_month(month, day) == expected


def test_monthly_turns_start_with_the_first_month_reported_on() -> None:
    turns = list(occurrences(DueRule.from_data({"monthly": {"day": 8, "first_month": "2017-02"}}), "2017-12"))
    assert len(turns) == 11
    assert (turns[0].first_month, turns[0].due) == ("2017-02", date(2017, 3, 8))
    assert turns[-1].due == date(2018, 1, 8)


def test_quarterly_turns_span_three_months_and_wait_for_the_quarters_end() -> None:
    turns = list(occurrences(DueRule.from_data({"quarterly": {"day": 31, "first_month": "2017-01"}}), "2017-08"))
    assert [(turn.first_month, turn.last_month, turn.due) for turn in turns] == [
        ("2017-01", "2017-03", date(2017, 4, 30)),
        ("2017-04", "2017-06", date(2017, 7, 31)),
    ]


def test_turns_stop_with_the_rules_own_last_month() -> None:
    rule = DueRule.from_data({"monthly": {"day": 31, "first_month": "2017-11", "last_month": "2018-03"}})
    assert [turn.first_month for turn in occurrences(rule, "2019-01")] == [
        "2017-11",
        "2017-12",
        "2018-01",
        "2018-02",
        "2018-03",
    ]


def test_a_rule_that_does_not_recur_has_no_turns() -> None:
    assert not list(occurrences(DueRule("on", "2017-10-31"), "2018-01"))


@pytest.mark.parametrize(
    "data",
    [
        {"on": "2017-10-31"},
        {"end_of_month": "2017-10"},
        {"season": "heating"},
        {"monthly": {"day": 8, "first_month": "2017-02"}},
        {"quarterly": {"day": 31, "first_month": "2017-01", "last_month": "2017-12"}},
    ],
)
def test_a_rule_survives_being_stored(data: dict[str, Any]) -> None:
    assert DueRule.from_data(data).as_data() == data


@pytest.mark.parametrize("data", [{}, {"sometime": "soon"}, {"on": "2017-10-31", "season": "heating"}])
def test_a_rule_is_exactly_one_thing(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        DueRule.from_data(data)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(-120, 120))
def test_months_move_there_and_back(day: date, steps: int) -> None:
    month = f"{day:%Y-%m}"
    assert month_after(month_after(month, steps), -steps) == month
    assert month_end(month) >= day


@given(st.dates(date(2000, 1, 1), date(2098, 12, 31)), st.integers(1, 31))
def test_a_report_is_always_due_in_the_month_after(day: date, due_day: int) -> None:
    month = f"{day:%Y-%m}"
    assert f"{day_of_following_month(month, due_day):%Y-%m}" == month_after(month)
