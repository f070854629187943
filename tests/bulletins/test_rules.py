"""Which periods there are, when one is closed, and who may read and publish."""

from datetime import date

import pytest

from webapp.bulletins.rules import (
    Progress,
    bulletin_periods,
    is_code,
    may_publish,
    may_read,
    number_text,
    reported_months,
    upward_periods,
)
from webapp.permissions import Actor, Grant, Role

REPORTING = {"first_month": "2017-02", "last_month": "2018-03"}
HEATING = {"heating": (date(2017, 11, 15), date(2018, 3, 15))}
MONTHS = reported_months(REPORTING, date(2018, 3, 31))


def test_a_bulletin_for_every_month_reported_on() -> None:
    codes = [period.code for period in bulletin_periods(MONTHS)]
    assert codes == [f"2017-{month:02}" for month in range(2, 13)] + ["2018-01", "2018-02", "2018-03"]


def test_upward_every_quarter_and_every_month_the_heating_season_touches() -> None:
    """Safeguard-1.4: quarterly; in the season monthly. The quarters go on, as the sentence says every quarter."""
    found = upward_periods(MONTHS, {"monthly_in": "heating"}, HEATING)
    assert [period.code for period in found] == [
        "2017-Q1", "2017-Q2", "2017-Q3", "2017-11", "2017-12", "2017-Q4", "2018-01", "2018-02", "2018-03", "2018-Q1",
    ]  # fmt: skip
    first = found[0]
    assert (first.months, first.ends_on) == ((date(2017, 2, 1), date(2017, 3, 1)), date(2017, 3, 31))


@pytest.mark.parametrize("rule", [{}, {"monthly_in": None}, {"monthly_in": "monsoon"}])
def test_without_a_season_quarters_alone(rule: dict[str, str]) -> None:
    assert all(period.is_quarter for period in upward_periods(MONTHS, rule, HEATING))


def test_a_plan_that_reports_to_nobody() -> None:
    assert upward_periods(MONTHS, None, HEATING) == []
    assert reported_months({}, date(2018, 3, 31)) == []


def test_the_last_month_is_the_plans_where_the_pack_names_none() -> None:
    assert reported_months({"first_month": "2017-12"}, date(2018, 2, 28))[-1] == date(2018, 2, 1)


DUE = date(2017, 10, 9)


@pytest.mark.parametrize(
    ("filed", "accepted", "today", "closed"),
    [
        pytest.param(50, 49, DUE, False, id="on the due date a report may still come in time"),
        pytest.param(0, 0, date(2017, 10, 10), True, id="after it, whoever is missing is named"),
        pytest.param(50, 50, date(2017, 10, 3), True, id="before it, when all is accepted"),
        pytest.param(50, 45, date(2017, 10, 20), True, id="not everything accepted"),
    ],
)
def test_closed(filed: int, accepted: int, today: date, *, closed: bool) -> None:
    assert Progress(50, filed, accepted, DUE).is_closed(today) is closed


def test_nothing_is_closed_without_reports() -> None:
    assert not Progress(0, 0, 0, None).is_closed(date(2030, 1, 1))


@pytest.mark.parametrize("text", ["2017-9", "2017-13", "2017-Q5", "../etc", "2017-09\n", "", "２０１７-09"])
def test_codes(text: str) -> None:
    assert not is_code(text)


def test_numbers() -> None:
    assert (number_text(2017, 8, "zh"), number_text(2017, 8, "en")) == ("〔2017〕第8期", "No. 8 (2017)")


def somebody(role: Role, path: str) -> Actor:
    return Actor(7, "某", "zh", (Grant(role, 1, path.rstrip("/").rpartition("/")[2], path),))


@pytest.mark.parametrize(
    ("role", "path", "reads", "publishes"),
    [
        (Role.COORDINATOR, "jjj/", True, True),
        (Role.ADMINISTRATOR, "jjj/", True, False),
        (Role.READER, "jjj/", True, False),
        (Role.COORDINATOR, "jjj/130000/", True, False),
        (Role.OFFICER, "jjj/130000/130600/", True, False),
        (Role.COORDINATOR, "delta/", False, False),
        (Role.OFFICER, "jjj-2/100/", False, False),
    ],
)
def test_who_reads_and_who_publishes(role: Role, path: str, *, reads: bool, publishes: bool) -> None:
    who = somebody(role, path)
    assert (may_read(who, "jjj/"), may_publish(who, "jjj/")) == (reads, publishes)
