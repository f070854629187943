"""Burn-ups: how far one should be, when all will be done at the present rate, and the page that shows both."""

from datetime import date

import pytest

from tests.support.site import Site
from webapp.dashboard.burnup import Due, Forecast, Point, drawing, forecast, month_ends, required
from webapp.dashboard.visits import seen_until
from webapp.permissions import Actor

START = date(2017, 3, 1)
JUNE, OCTOBER = date(2017, 6, 30), date(2017, 10, 31)


def figure(due: date, number: int = 1) -> Due:
    return Due(START, due, number, milestone=False)


def milestone(due: date, number: int = 1) -> Due:
    return Due(START, due, number, milestone=True)


@pytest.mark.parametrize(
    ("duties", "day", "share"),
    [
        ([], JUNE, None),
        ([milestone(JUNE)], date(2017, 6, 29), 0),
        ([milestone(JUNE)], JUNE, 10_000),
        # 31 of 122 days by the end of March, as the default monthly plan has it.
        ([figure(JUNE)], date(2017, 3, 31), 2_540),
        ([figure(JUNE)], date(2017, 3, 30), 0),
        ([figure(JUNE)], date(2017, 12, 1), 10_000),
        # Three milestones reached, one not asked for yet.
        ([milestone(JUNE, 3), milestone(OCTOBER, 1)], JUNE, 7_500),
    ],
)
def test_how_far_one_should_be(duties: list[Due], day: date, share: int | None) -> None:
    assert required(duties, day) == share


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], None),
        ([(JUNE, 4_000)], None),
        # 1,000 in 30 days, 6,000 left: 180 days.
        ([(date(2017, 5, 31), 3_000), (JUNE, 4_000)], Forecast(date(2017, 12, 27), 1_000)),
        # What is older than three months says nothing of the present rate.
        ([(date(2017, 1, 31), 0), (date(2017, 5, 31), 3_000), (JUNE, 4_000)], Forecast(date(2017, 12, 27), 1_000)),
        ([(date(2017, 5, 31), 4_000), (JUNE, 4_000)], Forecast(None, 0)),
        ([(date(2017, 5, 31), 4_000), (JUNE, 3_000)], Forecast(None, -1_000)),
        ([(date(2017, 5, 31), 9_000), (JUNE, 10_000)], Forecast(JUNE, 1_000)),
        # So slow that no day can be named in earnest.
        ([(date(2017, 5, 31), 100), (JUNE, 101)], Forecast(None, 1)),
    ],
)
def test_when_all_will_be_done(known: list[tuple[date, int]], expected: Forecast | None) -> None:
    assert forecast(known) == expected


def test_the_months_of_a_plan() -> None:
    assert month_ends(date(2017, 11, 15), date(2018, 1, 3)) == [
        date(2017, 11, 30), date(2017, 12, 31), date(2018, 1, 31)
    ]  # fmt: skip


def test_lines_end_where_the_drawing_does() -> None:
    march, april = Point(date(2017, 3, 31), 5_000, 10_000), Point(date(2017, 4, 30), None, 10_000)
    points = [Point(START, 0, 0), march, april]
    drawn = drawing(points, Forecast(date(2017, 5, 30), 5_000), date(2017, 3, 31))
    assert drawn.actual == "0,180 300,90"
    assert drawn.required == "0,180 300,0 600,0"
    assert drawn.going == "300,90 600,45", "cut off at the right edge, half way up what is left"
    assert drawn.today == 300


@pytest.mark.parametrize("query", ["", "?measure=measure-4", "?province=130000", "?on=2017-08-31"])
def test_the_page_has_a_table_for_every_chart(shared_site: Site, query: str) -> None:
    page = shared_site.client(shared_site.people.overseer).get(f"/overview/burn-ups{query}")
    assert page.status_code == 200
    assert page.text.count('class="lt-db-burnup"') == page.text.count('class="lt-db-data"') > 0


def test_what_was_seen_is_not_told_again(own_site: Site) -> None:
    person, today = own_site.people.overseer, date(2017, 10, 20)
    who = Actor(person.id, "某", "zh")
    with own_site.database.reading() as session:
        assert seen_until(session, who, today) == date(2017, 10, 12), "a week, for whoever never said so"
    client = own_site.client(person)
    for _ in range(2):
        assert client.post("/overview/visits").headers["Location"] == "/overview"
    with own_site.database.reading() as session:
        assert seen_until(session, who, today) == date(2017, 10, 19), "the day itself is told again"
