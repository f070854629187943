"""Counts of chosen lights, and how shares are written."""

import pytest

from webapp.dashboard.pictures import short_percent
from webapp.dashboard.rules import number, of_label, only
from webapp.plans.models import COLOURS, LABELS
from webapp.progress.letters import URGENCY
from webapp.rollups.tally import Cell


def test_every_light_of_the_plan_has_its_place() -> None:
    assert {label for _, label in URGENCY} == set(LABELS)
    assert {colour for colour, _ in URGENCY} == set(COLOURS)


@pytest.mark.parametrize(
    ("lights", "letters", "left"), [("a2b3c4g50", "bc", "b3c4"), ("a2g50", "bc", ""), ("", "a", "")]
)
def test_only_what_was_asked_for_is_left(lights: str, letters: str, left: str) -> None:
    assert only(lights, letters) == left


def test_cells_of_a_label_hold_it_in_all_its_colours() -> None:
    cells = {(1, 1): Cell("a2b3c4g50", 59, 100), (1, 2): Cell("g7", 7, 70)}
    assert of_label(cells, "behind") == {(1, 1): Cell("b3c4", 0, 0)}
    assert number("b3c4") == 7


@pytest.mark.parametrize(
    ("share", "words"), [(None, ""), (0, "0%"), (10_000, "100%"), (9_999, "99.9%"), (5, "0.0%"), (8_333, "83.3%")]
)
def test_percentages_never_round_up_to_the_whole(share: int | None, words: str) -> None:
    assert short_percent(share) == words
