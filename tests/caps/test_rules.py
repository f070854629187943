"""Shares, budgets, lights: the worked examples, and what holds whatever the lines."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.caps.worked import (
    ABOUT,
    ALL,
    EXAMPLES,
    HALF,
    LIMIT,
    OVER,
    SEASON,
    THIRTY,
    Worked,
    all_months,
    d,
    done,
    line,
    plan,
    stated,
    stop,
    w,
)
from webapp.caps.counting import finding, load, load_kept, meter, on_day, timeline
from webapp.caps.facts import Electricity, Line, Stop, Window
from webapp.caps.rules import Sum, exempt_from, figure, judge, share_on, stand, stated_window, worst

RULE = Electricity()


@pytest.mark.parametrize("worked", EXAMPLES, ids=lambda each: each.name)
def test_a_worked_example(worked: Worked) -> None:
    found = stand(worked.lines, worked.season, worked.today, LIMIT)
    light = judge(found, worked.cap, LIMIT)
    assert (None if found.share is None else str(found.share.normalize() + 0)) == worked.share
    assert (light.colour, light.reason) == (worked.colour, worked.reason)
    if worked.planned is not None:
        assert found.planned_share == Decimal(worked.planned)
    if worked.owed is not None:
        assert found.budget(worked.cap).owed == Decimal(worked.owed)
    if worked.may_run is not None:
        assert found.budget(worked.cap).may_run == Decimal(worked.may_run)


def test_days_of_seasons() -> None:
    assert SEASON.days == 121
    assert [month.days for month in SEASON.months()] == [16, 31, 31, 28, 15]
    leap = Window(date(2019, 11, 15), date(2020, 3, 15))
    assert (leap.days, [month.days for month in leap.months()]) == (122, [16, 31, 31, 29, 15])


def test_a_month_is_held_against_the_plan_in_force() -> None:
    one = line(1, 100, plans=(plan(stop("11-15", "11-20")), plan(stop("12-11", "12-31"), on=d("12-11"))),
               reports=(stated("11-15", "11-30", stop("11-15", "11-18")),
                        stated("12-1", "12-31", stop("12-1", "12-31"))))  # fmt: skip
    november, december, january = stand([one], SEASON, d("1-2"), LIMIT).months[:3]
    assert (november.figures.planned, november.figures.stopped, november.kept) == (600, 400, False)
    assert (december.figures.planned, december.figures.stopped, december.kept) == (2100, 3100, True)
    assert (january.kept, january.stated, january.missing) == (None, False, False)


def test_a_month_that_nobody_stated_is_missing_from_the_sixth() -> None:
    one = line(1, 100, plans=(plan(stop("11-15", "3-15")),), reports=all_months(stop("11-15", "3-15"))[:1])
    assert judge(stand([one], SEASON, d("1-5"), LIMIT), HALF, LIMIT).reason == "kept"
    late = stand([one], SEASON, d("1-6"), LIMIT)
    assert [month.missing for month in late.months] == [False, True, False, False, False]
    assert (late.to_date.base, late.to_date.stopped) == (4700, 1600)


def test_a_forecast_at_the_present_rate_names_the_day_the_cap_is_lost() -> None:
    one = line(1, 100, plans=(plan(stop("1-1", "3-15")),), reports=all_months()[:2])
    found = stand([one], SEASON, d("1-2"), LIMIT)
    # 74 days to come, 60.5 owed: 13.5 may run, the fourteenth running day from 1 January on breaks it.
    assert found.budget(HALF).may_run == 1350
    assert (found.rate, found.forecast, found.breach_on(HALF)) == (0, 0, d("1-14"))
    assert found.forecast_by_plan == Decimal("0.6115")


def test_a_rate_that_suffices_breaks_nothing() -> None:
    found = stand([done(1, 100, stop("11-15", "3-15")), done(2, 100)], SEASON, d("1-2"), LIMIT)
    assert (found.forecast, found.breach_on(HALF)) == (Decimal("0.5"), None)


def test_enterprises_bound_each_by_itself_show_their_least() -> None:
    good, poor = [done(1, 200, stop("11-15", "3-15", 100))], [done(2, 200, stop("11-15", "3-15", 20))]
    groups = {1: stand(good, SEASON, OVER, LIMIT), 2: stand(poor, SEASON, OVER, LIMIT)}
    together = stand([*good, *poor], SEASON, OVER, LIMIT)
    assert figure(groups, together, THIRTY) == Decimal("0.1")
    assert figure(groups, together, HALF) == Decimal("0.3")
    assert worst(judge(each, THIRTY, LIMIT) for each in groups.values()).reason == "ended_below"
    assert figure({}, stand([], SEASON, OVER, LIMIT), ABOUT) is None


def test_an_enterprise_of_a_city_that_is_bound_as_one_is_held_against_its_own_plan() -> None:
    runs = stand([done(1, 100)], SEASON, d("2-1"), LIMIT)
    assert judge(runs, None, LIMIT).reason == "kept"
    lags = stand(
        [line(1, 100, plans=(plan(stop("11-15", "3-15")),), reports=all_months()[:2])], SEASON, d("1-2"), LIMIT
    )
    assert judge(lags, None, LIMIT).reason == "far_below_plan"


@pytest.mark.parametrize(
    ("power", "stops", "verdict", "expected"),
    [
        (9300, (stop("12-1", "12-31"),), None, "clear"),
        (9301, (stop("12-1", "12-31"),), None, "suspect"),
        (9301, (stop("12-1", "12-31"),), "confirmed", "confirmed"),
        (9301, (stop("12-1", "12-31"),), "rejected", "rejected"),
        # Ten days at 110 % and 21 at 15 %: 22 000 + 6 300.
        (28300, (stop("12-11", "12-31"),), None, "clear"),
        (28301, (stop("12-11", "12-31"),), None, "suspect"),
        # Half of it all month: 15.5 days each way, 34 100 + 4 650.
        (38750, (stop("12-1", "12-31", 50),), None, "clear"),
        (38751, (stop("12-1", "12-31", 50),), None, "suspect"),
        (99999, (), None, "unchecked"),
        (None, (stop("12-1", "12-31"),), None, "unchecked"),
    ],
)
def test_statement_and_meter(power: int | None, stops: tuple[Stop, ...], verdict: str | None, expected: str) -> None:
    said = stated("12-1", "12-31", *stops, power=power, verdict=verdict)
    assert finding(line(1, 100, baseline=Decimal(2000)), said, RULE) == expected


def test_a_decision_moves_what_waits() -> None:
    stops, base = (stop("12-1", "12-31"),), Decimal(2000)
    figures = {}
    for verdict in (None, "confirmed", "rejected"):
        said = stated("12-1", "12-31", *stops, power=62000, verdict=verdict)
        one = line(1, 100, baseline=base, plans=(plan(*stops),), reports=(said,))
        figures[verdict] = stand([one], SEASON, d("1-2"), LIMIT).to_date
    assert [(each.stopped, each.pending, each.rejected) for each in figures.values()] == [
        (0, 3100, 0), (3100, 0, 0), (0, 0, 3100),
    ]  # fmt: skip


def test_the_load_of_a_line_that_serves_basic_needs() -> None:
    kiln, said = line(1, 100, baseline=Decimal(1000)), stated("12-1", "12-31", power=12400)
    assert load(kiln, said) == Decimal("0.4")
    assert load_kept(kiln, said, Decimal("0.4"), RULE) is True
    assert load_kept(kiln, said, Decimal("0.3"), RULE) is False
    assert load_kept(line(2, 100), said, Decimal("0.3"), RULE) is None


def test_exemptions_and_statements_are_cut_to_the_season() -> None:
    deadline = date(2017, 9, 30)
    assert exempt_from(date(2017, 9, 30), deadline, SEASON) == SEASON
    assert exempt_from(d("12-15"), deadline, SEASON) == w("12-15", "3-15")
    assert exempt_from(date(2018, 4, 1), deadline, SEASON) is None
    assert stated_window(d("11-1"), d("11-30"), SEASON) == w("11-15", "11-30")
    assert stated_window(d("10-1"), d("10-31"), SEASON) is None


# --- whatever the lines

days = st.dates(date(2017, 10, 1), date(2018, 4, 15))
maybe_day = st.none() | days
stretches = st.tuples(days, days).map(lambda two: Window(min(two), max(two)))
capacities = st.integers(1, 300).map(Decimal)
stops_drawn = st.builds(Stop, stretches, st.none() | st.integers(0, 400).map(Decimal))


@st.composite
def lines_drawn(draw: st.DrawFn) -> Line:
    months = draw(st.lists(st.sampled_from(range(5)), unique=True))
    stops = draw(st.lists(stops_drawn, max_size=3))
    power = draw(st.none() | st.integers(0, 100_000).map(Decimal))
    reports = [all_months(*stops)[index] for index in months]
    reports = [
        type(each)(each.window, each.stops, power, draw(st.sampled_from([None, "rejected"]))) for each in reports
    ]
    plans = draw(st.lists(st.tuples(days, st.lists(stops_drawn, max_size=2)), max_size=2, unique_by=lambda two: two[0]))
    return line(
        draw(st.integers(1, 10**6)), int(draw(capacities)), in_service_from=draw(maybe_day), closed_on=draw(maybe_day),
        idle_since=draw(maybe_day), restarted_on=draw(maybe_day), baseline=Decimal(2000),
        exempt=tuple(draw(st.lists(stretches, max_size=1))), reports=tuple(reports),
        plans=tuple(plan(*each, on=on) for on, each in sorted(plans, key=lambda two: two[0])),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(lines_drawn())
def test_pieces_sum_to_the_days(one: Line) -> None:
    by_day = Sum()
    for offset in range(SEASON.days):
        by_day += on_day(one, SEASON.first + timedelta(days=offset), SEASON, RULE)
    assert timeline(one, SEASON, RULE).count(SEASON) == by_day


@settings(max_examples=60, deadline=None)
@given(st.lists(lines_drawn(), max_size=4, unique_by=lambda each: each.key), days)
def test_figures_never_leave_their_bounds(lines: list[Line], today: date) -> None:
    found = stand(lines, SEASON, today, LIMIT)
    for each in (found.to_date, found.ahead, found.whole, *(month.figures for month in found.months)):
        assert 0 <= each.stopped + each.pending + each.rejected <= each.base
        assert 0 <= each.planned <= each.base
    assert found.to_date.base + found.ahead.base == found.whole.base
    assert found.ahead.base <= found.whole.base <= sum(each.capacity for each in lines) * SEASON.days
    for share in (found.share, found.forecast, found.forecast_by_plan, found.planned_share):
        assert share is None or 0 <= share <= 1
    # Months, summed as accounted for, are what is accounted for.
    summed = Sum()
    for month in found.months:
        summed += month.figures
    assert (summed.base, summed.stopped) == (found.to_date.base, found.to_date.stopped)
    assert judge(found, HALF, LIMIT).colour in ("green", "yellow", "red", "grey")


@settings(max_examples=40, deadline=None)
@given(lines_drawn(), stretches, days)
def test_one_more_stop_never_lowers_a_share(one: Line, more: Window, today: date) -> None:
    wider = line(
        one.key, int(one.capacity), in_service_from=one.in_service_from, closed_on=one.closed_on, exempt=one.exempt,
        reports=tuple(type(each)(each.window, (*each.stops, Stop(more))) for each in one.reports),
    )  # fmt: skip
    plain = line(
        one.key, int(one.capacity), in_service_from=one.in_service_from, closed_on=one.closed_on, exempt=one.exempt,
        reports=tuple(type(each)(each.window, each.stops) for each in one.reports),
    )  # fmt: skip
    before, after = stand([plain], SEASON, today, LIMIT), stand([wider], SEASON, today, LIMIT)
    assert (after.share or 0) >= (before.share or 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 500), st.integers(0, 121))
def test_rotation_counts_as_line_days(capacity: int, days_off: int) -> None:
    """Who stands still does not matter, only how long."""
    turn = SEASON.first + timedelta(days=days_off)
    first = [Stop(Window(SEASON.first, turn - timedelta(days=1)))] if days_off else []
    second = [Stop(Window(turn, SEASON.last))] if days_off < SEASON.days else []
    two = [done(1, capacity, *first), done(2, capacity, *second)]
    assert stand(two, SEASON, OVER, LIMIT).share == Decimal("0.5")
    assert judge(stand(two, SEASON, OVER, LIMIT), HALF, LIMIT).reason == "ended_kept"


def test_the_meter_is_worked_out_from_pieces() -> None:
    one = line(1, 200, baseline=Decimal(1000))
    measured = meter(one, stated("12-1", "12-31", stop("12-1", "12-10", 100), power=1), RULE)
    assert measured is not None
    assert (measured.standing_days, measured.running_days) == (5, 26)
    assert measured.allowed == Decimal(1000) * (26 * Decimal("1.10") + 5 * Decimal("0.15"))


def test_all_of_it_is_all_of_it() -> None:
    found = stand([done(1, 7, stop("11-15", "3-14"))], SEASON, OVER, LIMIT)
    assert (found.share, judge(found, ALL, LIMIT).reason) == (Decimal("0.9917"), "ended_below")


def test_a_stop_by_a_day_counts_what_stands_still_on_it() -> None:
    units = [
        Line(1, Decimal(300), idle_since=date(2017, 10, 20)), Line(2, Decimal(200), closed_on=date(2017, 11, 10)),
        Line(3, Decimal(100), idle_since=date(2017, 9, 1), restarted_on=date(2018, 1, 1)),
        Line(4, Decimal(400), baseline=Decimal(1000), reports=(stated("11-15", "11-30", stop("11-20", "11-30")),)),
        Line(5, Decimal(999), counted=False),
    ]  # fmt: skip
    told = {
        day: share_on(units, date.fromisoformat(day), RULE)
        for day in ("2017-10-19", "2017-10-20", "2017-11-10", "2017-11-29", "2017-11-30", "2018-01-01")
    }
    assert list(told.values()) == [Decimal(each) for each in ("0.1", "0.4", "0.6", "0.6", "1", "0.9")]
    drew = Line(4, Decimal(400), baseline=Decimal(1000), reports=(
        stated("11-15", "11-30", stop("11-15", "11-30"), power=16_000),))  # fmt: skip
    assert share_on([drew], date(2017, 12, 1), RULE) == 0
    assert share_on([], date(2017, 12, 1), RULE) is None
