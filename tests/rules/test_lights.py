"""The light: a table of cases, and the promise that it holds exactly until the day it names."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.progress_facts import BOILERS, CAP, CEILING, MILESTONE, STANDING, assignment
from webapp.progress.facts import AssignmentFacts, Node, TaskFacts, Thresholds
from webapp.progress.lights import light

D = Decimal

THRESHOLDS = Thresholds()
WINTER = {"starts_on": date(2017, 11, 15), "due": date(2018, 3, 15)}
OCT_20, NOV_1 = date(2017, 10, 20), date(2017, 11, 1)

# Required on 20 October: 0.8734 of 200 boilers = 174.68; 70 % of that = 122.28.
CASES: list[tuple[str, TaskFacts, dict[str, Any], date, str, str, str]] = [
    ("on pace", BOILERS, {"claimed": D(175)}, OCT_20, "green", "on_pace", "on_pace"),
    ("just below", BOILERS, {"claimed": D(174)}, OCT_20, "yellow", "behind", "below_pace"),
    ("far below", BOILERS, {"claimed": D(122)}, OCT_20, "red", "behind", "far_below_pace"),
    ("nothing yet, first month", BOILERS, {}, date(2017, 3, 20), "green", "on_pace", "on_pace"),
    ("eight days before", BOILERS, {"claimed": D(179)}, date(2017, 10, 23), "green", "on_pace", "on_pace"),
    ("seven days before", BOILERS, {"claimed": D(179)}, date(2017, 10, 24), "yellow", "behind", "near_due"),
    ("seven days, 90 %", BOILERS, {"claimed": D(180)}, date(2017, 10, 24), "green", "on_pace", "on_pace"),
    ("the day itself", BOILERS, {"claimed": D(200)}, date(2017, 10, 31), "green", "on_pace", "on_pace"),
    ("met but unclaimed", BOILERS, {"claimed": D(200)}, NOV_1, "red", "overdue", "past_due"),
    ("milestone far off", MILESTONE, {}, OCT_20, "green", "on_pace", "on_pace"),
    ("milestone near", MILESTONE, {}, date(2017, 10, 24), "yellow", "behind", "near_due"),
    ("milestone past", MILESTONE, {}, NOV_1, "red", "overdue", "past_due"),
    ("returned in time", MILESTONE, {"status": "returned"}, OCT_20, "green", "on_pace", "on_pace"),
    ("returned late", MILESTONE, {"status": "returned"}, NOV_1, "red", "overdue", "past_due"),
    ("one silent month", MILESTONE, {"last_update_on": date(2017, 8, 2)}, OCT_20, "green", "on_pace", "on_pace"),
    ("two silent months", MILESTONE, {"last_update_on": date(2017, 7, 2)}, OCT_20, "yellow", "behind", "silent"),
    ("claimed in time", BOILERS, {"status": "claimed", "claimed_on": date(2017, 10, 31)}, NOV_1, "green", "awaiting",
     "claimed_in_time"),
    ("claimed late", BOILERS, {"status": "claimed", "claimed_on": NOV_1}, NOV_1, "yellow", "awaiting", "claimed_late"),
    ("done", BOILERS, {"status": "verified", "claimed_on": OCT_20}, NOV_1, "green", "done", "verified_in_time"),
    ("done late", BOILERS, {"status": "verified", "claimed_on": NOV_1}, NOV_1, "green", "done_late", "verified_late"),
    ("not applicable, asked", BOILERS, {"status": "na_claimed", "claimed_on": OCT_20}, NOV_1, "grey", "awaiting",
     "na_claimed"),
    ("not applicable, too late", BOILERS, {"status": "na_claimed", "claimed_on": NOV_1}, NOV_1, "red", "overdue",
     "past_due"),
    ("not applicable", BOILERS, {"status": "not_applicable"}, NOV_1, "grey", "not_applicable", "na_agreed"),
    ("standing", STANDING, {"due": None, "last_update_on": None}, NOV_1, "grey", "standing", "no_date"),
    ("before the season", CAP, WINTER, OCT_20, "grey", "not_started", "before_start"),
    ("season, no figure", CAP, WINTER, date(2017, 11, 15), "grey", "not_started", "no_figure"),
    ("season, kept", CAP, WINTER | {"claimed": D("0.5")}, date(2017, 11, 20), "green", "on_pace", "target_met"),
    ("season, short", CAP, WINTER | {"claimed": D("0.4")}, date(2017, 11, 20), "yellow", "behind", "target_not_met"),
    ("season, far short", CAP, WINTER | {"claimed": D("0.3")}, date(2017, 11, 20), "red", "behind", "target_not_met"),
    ("season, no figure near its end", CAP, WINTER | {"last_update_on": date(2018, 3, 1)}, date(2018, 3, 8), "yellow",
     "behind", "near_due"),
    ("ceiling kept", CEILING, {"claimed": D(8)}, OCT_20, "green", "on_pace", "target_met"),
    ("ceiling broken", CEILING, {"claimed": D(10)}, OCT_20, "yellow", "behind", "target_not_met"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "changes", "today", "colour", "label", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_light(task: TaskFacts, changes: dict[str, Any], today: date, colour: str, label: str, reason: str) -> None:
    found = light(assignment(task, **changes), today, THRESHOLDS)
    assert (found.colour, found.label, found.reason) == (colour, label, reason)


def test_silence_is_a_mark_before_it_is_a_colour() -> None:
    found = light(assignment(MILESTONE, last_update_on=date(2017, 8, 2)), OCT_20, THRESHOLDS)
    assert (found.colour, found.silent, found.silent_months) == ("green", True, 1)


@pytest.mark.parametrize(
    ("facts", "today", "until"),
    [
        (assignment(MILESTONE), OCT_20, date(2017, 10, 23)),
        (assignment(MILESTONE, last_update_on=OCT_20), date(2017, 10, 24), date(2017, 10, 31)),
        (assignment(BOILERS, claimed=D(190)), OCT_20, date(2017, 10, 31)),
        (assignment(BOILERS, status="claimed", claimed_on=OCT_20), OCT_20, None),
        (assignment(CAP, **WINTER), OCT_20, date(2017, 11, 14)),
        (assignment(STANDING, due=None), OCT_20, None),
    ],
)
def test_until_when_it_holds(facts: AssignmentFacts, today: date, until: date | None) -> None:
    assert light(facts, today, THRESHOLDS).until == until


START = date(2017, 1, 1)
DAYS = st.integers(0, 500).map(lambda n: START + timedelta(days=n))
TASKS = st.sampled_from([BOILERS, MILESTONE, CAP, CEILING, STANDING])
FIGURES = st.one_of(st.none(), st.decimals(0, 300, places=2))
STATUSES = st.sampled_from(
    ["not_started", "in_progress", "returned", "claimed", "verified", "na_claimed", "not_applicable"]
)


@st.composite
def assignments(draw: Callable[..., Any]) -> tuple[AssignmentFacts, date]:
    starts_on = draw(DAYS)
    due = draw(st.one_of(st.none(), st.integers(0, 400).map(lambda n: starts_on + timedelta(days=n))))
    node_days = draw(st.lists(DAYS, max_size=4, unique=True))
    shares = sorted(draw(st.lists(st.decimals(0, 1, places=2), min_size=len(node_days), max_size=len(node_days))))
    nodes = tuple(Node(day, share) for day, share in zip(sorted(node_days), shares, strict=True))
    today = draw(DAYS)
    last = draw(st.one_of(st.none(), st.dates(START, max(START, today))))
    facts = AssignmentFacts(
        draw(TASKS), draw(STATUSES), starts_on, due, nodes=nodes, claimed=draw(FIGURES), last_update_on=last,
        claimed_on=draw(st.one_of(st.none(), DAYS)), opened_on=draw(st.one_of(st.none(), DAYS)),
        missed_on=draw(st.one_of(st.none(), DAYS)),
    )  # fmt: skip
    return facts, today


@settings(deadline=None)
@given(assignments(), st.integers(1, 3), st.integers(0, 20))
def test_it_holds_exactly_until_the_day_it_names(
    case: tuple[AssignmentFacts, date], silent: int, yellow_days: int
) -> None:
    facts, today = case
    thresholds = Thresholds(silent_months=silent, yellow_days=yellow_days)
    present = light(facts, today, thresholds)
    last = present.until or today + timedelta(days=1500)
    step = 1 if present.until else 3
    for ahead in range(step, (last - today).days + 1, step):
        assert light(facts, today + timedelta(days=ahead), thresholds) == present
    if present.until:
        assert present.until >= today
        assert light(facts, present.until + timedelta(days=1), thresholds) != present


@given(assignments())
def test_red_and_grey_keep_their_meaning(case: tuple[AssignmentFacts, date]) -> None:
    facts, today = case
    found = light(facts, today, THRESHOLDS)
    overdue = facts.is_open and facts.due is not None and today > facts.due and today >= facts.starts_on
    assert (found.label == "overdue") is overdue or facts.status == "na_claimed"
    if facts.due is None and facts.is_open:
        assert found.label == "standing"
    if facts.status == "verified":
        assert found.colour == "green"
