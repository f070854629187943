"""Counts of lights without a database: packing, shares, and versions after changes of any day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.progress.letters import LETTERS, LIGHTS, URGENCY, WHOLE, Light, averaged_share
from webapp.rollups.tally import NEVER, Delta, Tally, Version, merged, packed, unpacked, with_changes


def day(number: int) -> date:
    return date(2017, 3, number)


def version(first: int, until: int | None, lights: str, progress: int = 0) -> Version:
    return Version(day(first), day(until) if until else NEVER, lights, progress)


@given(st.dictionaries(st.sampled_from(sorted(LIGHTS)), st.integers(0, 10**6)))
def test_what_is_packed_is_unpacked(counts: dict[str, int]) -> None:
    assert dict(unpacked(packed(counts))) == {letter: number for letter, number in counts.items() if number}


@pytest.mark.parametrize(
    ("label", "completion", "share"),
    [
        ("behind", "0.3333", 3333),
        ("on_pace", "1.5", WHOLE),
        ("behind", None, 0),
        ("done_late", "0.2", WHOLE),
        ("standing", "0.5", 0),
        ("not_applicable", "1", 0),
    ],
)
def test_what_an_assignment_adds_to_an_average(label: str, completion: str | None, share: int) -> None:
    assert averaged_share(label, None if completion is None else Decimal(completion)) == share


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ([], {3: ({"g": 1}, 10)}, [version(3, None, "g1", 10)]),
        # One goes from pace to behind on the 5th.
        ([version(3, None, "g2", 10)], {5: ({"g": -1, "c": 1}, 0)},
         [version(3, 5, "g2", 10), version(5, None, "c1g1", 10)]),
        # Again on the same day: no version of no length.
        ([version(3, 5, "g2", 10), version(5, None, "c1g1", 10)], {5: ({"c": -1, "b": 1}, 2)},
         [version(3, 5, "g2", 10), version(5, None, "b1g1", 12)]),
        # A change of an earlier day, told late, alters what came after too.
        ([version(3, 7, "g2"), version(7, None, "g3")], {5: ({"g": -1, "a": 1}, 0)},
         [version(3, 5, "g2"), version(5, 7, "a1g1"), version(7, None, "a1g2")]),
        # Before anything was known.
        ([version(7, None, "g1")], {2: ({"h": 1}, 0)}, [version(2, 7, "h1"), version(7, None, "g1h1")]),
        # There and back: as if nothing had been.
        ([version(3, None, "g1")], {5: ({"g": -1, "a": 1}, 0), 6: ({"g": 1, "a": -1}, 0)},
         [version(3, 5, "g1"), version(5, 6, "a1"), version(6, None, "g1")]),
        ([version(3, None, "g1")], {5: ({"g": -1, "a": 1}, 0), 3: ({}, 0)},
         [version(3, 5, "g1"), version(5, None, "a1")]),
        # Taken away altogether.
        ([version(3, None, "g1", 4)], {6: ({"g": -1}, -4)}, [version(3, 6, "g1", 4)]),
        ([version(3, 6, "g1")], {3: ({"g": -1}, 0), 6: ({"g": 1}, 0)}, []),
    ],
)  # fmt: skip
def test_versions_after_changes(
    before: list[Version], changes: dict[int, tuple[dict[str, int], int]], after: list[Version]
) -> None:
    assert with_changes(before, {day(number): Delta(*each) for number, each in changes.items()}) == after


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        ([("green", "done"), ("red", "overdue")], ("red", "overdue")),
        ([("red", "behind"), ("yellow", "behind")], ("red", "behind")),
        ([("grey", "awaiting"), ("green", "on_pace")], ("grey", "awaiting")),
        ([("grey", "standing")], ("grey", "standing")),
        ([], ("grey", "not_applicable")),
    ],
)
def test_the_worst_light_stands_for_all(lights: list[Light], expected: Light) -> None:
    assert merged(Tally(f"{LETTERS[each]}1") for each in lights).worst == expected


def test_shares_leave_out_what_does_not_count() -> None:
    tally = Tally(packed({LETTERS[light]: 2 for light in URGENCY}), 70_000)
    assert (tally.total, tally.applicable, tally.averaged, tally.done) == (24, 22, 20, 4)
    assert tally.still_open == 18
    assert tally.average == 3_500
    assert tally.done_share == Decimal("0.1818")
    assert tally.count("behind") == 4
    assert tally.number(("red", "behind")) == 2
    assert Tally().average is None
    assert Tally().done_share is None
