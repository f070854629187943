"""Counted lights: the worst of a cell, shares with their denominators."""

from decimal import Decimal

import pytest

from webapp.dashboard.pictures import short_percent
from webapp.dashboard.rules import LETTERS, URGENCY, Light, Tally, board
from webapp.plans.models import COLOURS, LABELS


def letters(*lights: Light) -> str:
    """Some lights as a tally holds them."""
    return "".join(LETTERS[light] for light in lights)


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        ([("green", "done"), ("red", "overdue")], ("red", "overdue")),
        ([("yellow", "behind"), ("red", "behind")], ("red", "behind")),
        ([("green", "on_pace"), ("green", "awaiting")], ("green", "awaiting")),
        ([("grey", "not_started"), ("green", "done")], ("grey", "not_started")),
        ([("grey", "standing")], ("grey", "standing")),
        ([], ("grey", "not_applicable")),
    ],
)
def test_the_worst_light_stands_for_the_cell(lights: list[tuple[str, str]], expected: tuple[str, str]) -> None:
    assert Tally(letters(*lights)).worst == expected


def test_every_light_of_the_plan_has_its_place() -> None:
    assert {label for _, label in URGENCY} == set(LABELS)
    assert {colour for colour, _ in URGENCY} == set(COLOURS)


def test_not_applicable_leaves_the_ratio_and_standing_duties_the_average() -> None:
    rows = [
        (1, 1, letters(("green", "done"), ("yellow", "behind"), ("green", "done")), 25_000),
        (1, 2, letters(*[("grey", "standing")] * 3), 0),
        (2, 1, letters(*[("grey", "not_applicable")] * 4), 0),
    ]
    counted = board(rows)
    total = counted.total
    assert (total.total, total.applicable, total.dated, total.done) == (10, 6, 3, 2)
    assert total.done_share == Decimal("0.3333")
    assert total.average == 8_333
    assert counted.cells[1, 1].worst == ("yellow", "behind")
    assert counted.organisations[2].average is None
    assert counted.cells[1, 1].lights == ((("yellow", "behind"), 1), (("green", "done"), 2))


def test_nothing_has_no_shares() -> None:
    assert Tally().done_share is None
    assert Tally().average is None


@pytest.mark.parametrize(
    ("share", "words"), [(None, ""), (0, "0%"), (10_000, "100%"), (9_999, "99.9%"), (5, "0.0%"), (8_333, "83.3%")]
)
def test_percentages_never_round_up_to_the_whole(share: int | None, words: str) -> None:
    assert short_percent(share) == words
