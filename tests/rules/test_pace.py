"""Pace, completion, silence and lateness, as tables."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.progress_facts import BOILERS, CAP, CEILING, MILESTONE, STANDING, assignment
from webapp.progress.facts import Node, TaskFacts, Thresholds
from webapp.progress.rules import (
    completion,
    first_missed,
    is_late,
    is_met,
    linear_nodes,
    required_pace,
    silent_months,
    verified_share,
)

D = Decimal


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2017, 3, 1), D(0)),
        (date(2017, 3, 31), D(0)),
        (date(2017, 4, 1), D("0.1265")),  # 31 of 245 days
        (date(2017, 4, 30), D("0.1265")),
        (date(2017, 10, 20), D("0.8734")),  # 214 of 245 days
        (date(2017, 10, 31), D("0.8734")),
        (date(2017, 11, 1), D(1)),
    ],
)
def test_linear_pace_moves_when_a_month_is_over(today: date, share: D) -> None:
    pace = required_pace(assignment(), today)
    assert pace is not None
    assert (pace.share, pace.source) == (share, "linear")


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2017, 6, 30), D(0)),
        (date(2017, 7, 1), D("0.25")),
        (date(2017, 10, 1), D("0.8")),
        (date(2017, 11, 1), D(1)),
    ],
)
def test_own_nodes_take_the_place_of_the_default(today: date, share: D) -> None:
    nodes = (Node(date(2017, 6, 30), D("0.25")), Node(date(2017, 9, 30), D("0.8")))
    pace = required_pace(assignment(nodes=nodes), today)
    assert pace is not None
    assert (pace.share, pace.source) == (share, "nodes")


def test_a_milestone_has_no_pace_until_its_node() -> None:
    for today, share in ((date(2017, 10, 31), D(0)), (date(2017, 11, 1), D(1))):
        pace = required_pace(assignment(MILESTONE), today)
        assert pace is not None
        assert (pace.share, pace.source) == (share, "milestone")
    earlier = required_pace(assignment(MILESTONE, nodes=(Node(date(2017, 6, 30), D(1)),)), date(2017, 7, 1))
    assert earlier is not None
    assert (earlier.share, earlier.source) == (D(1), "nodes")


@pytest.mark.parametrize("task", [CAP, CEILING, STANDING], ids=["cap", "ceiling", "standing"])
def test_levels_and_duties_without_a_date_have_no_pace(task: TaskFacts) -> None:
    due = None if task is STANDING else date(2018, 3, 15)
    assert required_pace(assignment(task, due=due), date(2017, 12, 1)) is None


@given(st.dates(date(2017, 1, 1), date(2018, 1, 1)), st.integers(0, 800))
def test_linear_nodes_rise_to_one_on_the_due_date(start: date, days: int) -> None:
    due = date.fromordinal(start.toordinal() + days)
    nodes = linear_nodes(start, due)
    assert nodes[-1] == Node(due, D(1))
    assert all(before.on < after.on and before.share <= after.share for before, after in zip(nodes, nodes[1:]))  # noqa: B905, RUF007


@pytest.mark.parametrize(
    ("task", "figure", "share", "met"),
    [
        (BOILERS, None, D(0), False),
        (BOILERS, D(66), D("0.33"), False),
        (BOILERS, D("199.9999"), D("0.9999"), False),
        (BOILERS, D(200), D(1), True),
        (BOILERS, D(250), D("1.25"), True),
        (MILESTONE, None, D(0), False),
        (MILESTONE, D(1), D(1), True),
        (CAP, None, None, False),
        (CAP, D("0.4"), D("0.8"), False),
        (CAP, D("0.55"), D("1.1"), True),
        (CEILING, D(9), D(1), True),
        (CEILING, D(0), D(1), True),
        (CEILING, D(12), D("0.75"), False),
        (TaskFacts("quantity", "<", None, D(9), "t/km2", "level"), D(9), D("0.9999"), False),
        (TaskFacts("standing", "<", None, D(1), "share", "level"), D("1.05"), D("0.9523"), False),
        (TaskFacts("quantity", ">", D("0.5"), None, "share"), D("0.5"), D("0.9999"), False),
        (TaskFacts("quantity", "between", D(50000), D(100000), "household"), D(50000), D(1), True),
        (TaskFacts("quantity", "between", D(50000), D(100000), "household"), D(120000), D("2.4"), True),
        (TaskFacts("quantity", ">=", None, None, "enterprise"), D(12), None, True),
        (TaskFacts("quantity", ">=", D(0), None, "device"), None, D(1), False),
    ],
)
def test_completion_and_whether_the_target_is_met(
    task: TaskFacts, figure: D | None, share: D | None, met: bool
) -> None:
    facts = assignment(task, claimed=figure, verified=figure)
    assert completion(facts) == share
    assert verified_share(facts) == share
    assert is_met(facts, figure) is met


@pytest.mark.parametrize(
    ("today", "changes", "months"),
    [
        (date(2017, 10, 20), {}, 0),
        (date(2017, 10, 31), {"last_update_on": date(2017, 9, 1)}, 0),
        (date(2017, 10, 1), {"last_update_on": date(2017, 8, 31)}, 1),
        (date(2017, 11, 1), {"last_update_on": date(2017, 8, 31)}, 2),
        (date(2017, 4, 1), {"last_update_on": None}, 1),
        (date(2017, 4, 1), {"last_update_on": None, "opened_on": date(2017, 3, 2)}, 0),
        (date(2017, 5, 1), {"last_update_on": None, "opened_on": date(2017, 3, 2)}, 1),
        (date(2017, 10, 1), {"last_update_on": None, "status": "claimed"}, 0),
        (date(2017, 10, 1), {"last_update_on": None, "due": None}, 0),
        (date(2017, 2, 20), {"last_update_on": None}, 0),
    ],
)
def test_silence_counts_closed_months(today: date, changes: dict[str, Any], months: int) -> None:
    assert silent_months(assignment(**changes), today) == months


LOADED, OCTOBER, NOVEMBER = date(2017, 2, 17), date(2017, 10, 31), date(2017, 11, 30)


@pytest.mark.parametrize(
    ("versions", "until", "missed"),
    [
        ([(LOADED, OCTOBER)], date(2017, 10, 31), None),
        ([(LOADED, OCTOBER)], date(2017, 11, 1), date(2017, 11, 1)),
        ([(LOADED, OCTOBER), (date(2017, 10, 20), NOVEMBER)], date(2017, 11, 20), None),
        ([(LOADED, OCTOBER), (date(2017, 11, 5), NOVEMBER)], date(2017, 11, 20), date(2017, 11, 1)),
        ([(LOADED, OCTOBER), (date(2017, 11, 5), NOVEMBER)], date(2017, 10, 30), None),
        ([(LOADED, OCTOBER), (date(2017, 10, 20), NOVEMBER)], date(2017, 12, 2), date(2017, 12, 1)),
    ],
)
def test_an_extension_does_not_undo_a_missed_date(
    versions: list[tuple[date, date]], until: date, missed: date | None
) -> None:
    assert first_missed(versions, until) == missed


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({"claimed_on": date(2017, 10, 31)}, False),
        ({"claimed_on": date(2017, 11, 1)}, True),
        ({"first_done_on": date(2017, 10, 2), "claimed_on": date(2017, 11, 3)}, True),
        ({"claimed_on": date(2017, 11, 10), "due": NOVEMBER, "missed_on": date(2017, 11, 1)}, True),
        ({"claimed_on": date(2017, 11, 10), "due": None}, False),
    ],
)
def test_lateness_stays(changes: dict[str, Any], late: bool) -> None:
    assert is_late(assignment(**changes)) is late


def test_thresholds_come_from_the_pack() -> None:
    assert Thresholds.from_data({}) == Thresholds()
    assert Thresholds.from_data({"red_below": 0.6, "silent_months": 3}) == Thresholds(
        red_below=D("0.6"), silent_months=3
    )
