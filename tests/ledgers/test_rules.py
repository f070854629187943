"""Counting, credit codes, likeness and samples: ten ledgers worked out by hand, and what must hold for any."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.ledgers.kinds import SampleRule, Step, Use
from webapp.ledgers.rules import (
    CREDIT_SIGNS,
    Row,
    count,
    credit_code_is_sound,
    draw,
    figure,
    identity_of,
    likeness_of,
    sample_fails,
    sample_size,
    undo,
    verified_figure,
)
from webapp.ledgers.values import changes

MARCH, JUNE = date(2017, 3, 20), date(2017, 6, 1)
SURVEY = date(2017, 3, 31)
BOILERS = Use("boilers")
TONS = Use("boilers", "quantity")
BUILT_UP = Use("boilers", where=(("what", ("boiler",)), ("zone", ("built_up", "county_town"))))
CLOSE = Use("scattered", where=(("way", ("close",)),))
HOUSES = Use("households", "quantity")
VAPOUR = Use("stations", where=(("petrol", (True,)),), done=("vapour",))
FIVE = Use("sites", done=("fence", "cover"))
SURVEYED = Use("scattered", "listed")


def row(state: str, quantity: Any = 0, listed: date = MARCH, **values: Any) -> Row:
    """A row of a worked ledger."""
    return Row(state, Decimal(str(quantity)), listed, values)


# What each holds: see the names of the test below.
WORKED = [
    pytest.param([], BOILERS, "share", 0, 0, 0, 0, 0, None, id="1 an empty ledger has no figure"),
    pytest.param(
        [row("listed"), row("done"), row("verified"), row("listed")], BOILERS, "share", 4, 2, 1, 0, 0, "0.5",
        id="2 two of four, one of them verified",
    ),
    pytest.param(
        [row("done"), row("listed"), row("listed")], BOILERS, "share", 3, 1, 0, 0, 0, "0.3333", id="3 rounded down",
    ),
    pytest.param(
        [row("done"), row("removed"), row("listed")], BOILERS, "share", 2, 1, 0, 1, 0, "0.5",
        id="4 what was removed leaves the base",
    ),
    pytest.param(
        [row("done", 4), row("listed", 6), row("verified", 2)], TONS, "share", 12, 6, 2, 0, 0, "0.5",
        id="5 by tonnes of steam",
    ),
    pytest.param(
        [row("done", 320), row("done", 180), row("listed", 500), row("removed", 70)], HOUSES, "household", 1000, 500, 0,
        70, 0, "500", id="6 households are summed",
    ),
    pytest.param(
        [row("listed"), row("done", listed=JUNE), row("listed", listed=SURVEY)], BOILERS, "share", 3, 1, 0, 0, 1,
        "0.3333", id="7 one was listed after the survey, and counts",
    ),
    pytest.param(
        [row("done", what="boiler", zone="built_up"), row("listed", what="boiler", zone="county_town"),
         row("listed", what="boiler", zone="elsewhere"), row("done", what="tea_stove", zone="built_up")],
        BUILT_UP, "share", 2, 1, 0, 0, 0, "0.5", id="8 only boilers in towns",
    ),
    pytest.param(
        [row("listed", petrol=True, vapour=True), row("listed", petrol=True, vapour=False), row("listed", vapour=True),
         row("done", petrol=True), row("listed", petrol=True)],
        VAPOUR, "share", 4, 1, 0, 0, 0, "0.25", id="9 a field makes it done, not the state; an empty one is a no",
    ),
    pytest.param(
        [row("removed"), row("removed")], BOILERS, "share", 0, 0, 0, 2, 0, "0", id="10 everything was removed",
    ),
    pytest.param(
        [row("listed", fence=True, cover=True), row("listed", fence=True), row("verified")], FIVE, "share", 3, 1, 0, 0,
        0, "0.3333", id="11 all fields have to hold",
    ),
    pytest.param(
        [row("listed", way="close"), row("listed", way="rectify"), row("done", way="close")], CLOSE, "share", 2, 1,
        0, 0, 0, "0.5", id="12 those to be put right are not counted",
    ),
    pytest.param(
        [row("done"), row("listed")], SURVEYED, "milestone", 2, 1, 0, 0, 0, None, id="13 the list is the duty",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "use", "unit", "base", "done", "verified", "removed", "late", "expected"), WORKED)
def test_worked_ledgers(
    rows: list[Row], use: Use, unit: str, base: int, done: int, verified: int, removed: int, late: int,
    expected: str | None,
) -> None:  # fmt: skip
    found = count(use, rows, SURVEY)
    sums = [each.by(use.by) for each in (found.base, found.done, found.verified, found.removed, found.late)]
    assert sums == [base, done, verified, removed, late]
    assert figure(use, found, unit) == (None if expected is None else Decimal(expected))
    assert found.ever == found.base.rows + found.removed.rows


rows_of = st.builds(
    row,
    st.sampled_from(["listed", "done", "verified", "removed"]),
    st.integers(0, 1000),
    st.sampled_from([MARCH, JUNE]),
)


@given(st.lists(rows_of, max_size=30), st.sampled_from([BOILERS, TONS]))
def test_counts_fit_together(rows: list[Row], use: Use) -> None:
    found = count(use, rows, SURVEY)
    assert found.ever == len(rows)
    assert found.verified.rows <= found.done.rows <= found.base.rows
    assert found.late.quantity <= found.base.quantity
    share = found.share(use.by)
    assert share is None or 0 <= share <= 1
    assert (share == 1) == (found.base.by(use.by) > 0 and found.done.by(use.by) == found.base.by(use.by))
    assert count(use, reversed(rows), SURVEY) == found


# --- codes


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "914403001922038216", "9144030071526726XG"], ids=["standard", "a", "b"]
)
def test_sound_credit_codes(code: str) -> None:
    assert credit_code_is_sound(code)


@pytest.mark.parametrize("code", ["", "91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "九" * 18])
def test_unsound_credit_codes(code: str) -> None:
    assert not credit_code_is_sound(code)


@given(st.text(CREDIT_SIGNS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(CREDIT_SIGNS))
def test_one_wrong_sign_is_noticed(head: str, place: int, other: str) -> None:
    code = next(head + sign for sign in CREDIT_SIGNS if credit_code_is_sound(head + sign))
    changed = code[:place] + other + code[place + 1 :]
    assert credit_code_is_sound(changed) == (changed == code)


# --- telling apart

NAMES = [
    ("安新县宏达铸造有限公司", "安新县宏达铸造", True),
    ("宏达（铸造）有限责任公司", "宏达(铸造)", True),
    ("宏 达 铸 造", "宏达铸造股份有限公司", True),
    ("ＨＤ铸造", "hd铸造", True),
    ("宏达铸造一厂", "宏达铸造二厂", False),
]


@pytest.mark.parametrize(("one", "other", "alike"), NAMES)
def test_likeness(one: str, other: str, alike: bool) -> None:
    place = {"county": "安新县", "township": "三台镇"}
    assert (likeness_of({"name": one, **place}) == likeness_of({"name": other, **place})) is alike


def test_the_same_name_elsewhere_is_another() -> None:
    assert likeness_of({"name": "宏达", "county": "安新县"}) != likeness_of({"name": "宏达", "county": "雄县"})


def test_identity_uses_its_fields_alone() -> None:
    one, other = {"name": "甲", "county": "安新县", "fuel": "煤"}, {"name": " 甲 ", "county": "安新县", "fuel": "气"}
    assert identity_of(one, ("name", "county")) == identity_of(other, ("name", "county"))
    assert identity_of(one, ("name", "fuel")) != identity_of(other, ("name", "fuel"))
    # Parts do not run into each other.
    assert identity_of({"name": "ab", "county": "c"}, ("name", "county")) != identity_of(
        {"name": "a", "county": "bc"}, ("name", "county")
    )


# --- samples

RULE = SampleRule(Decimal("0.1"), (Step(10, 10), Step(50, 13), Step(500, 32), Step(None, 80)))


@pytest.mark.parametrize(
    ("population", "size"),
    [(0, 0), (1, 1), (10, 10), (11, 11), (14, 13), (50, 13), (51, 32), (500, 32), (501, 80), (20_000, 80)],
)
def test_sample_sizes(population: int, size: int) -> None:
    assert sample_size(RULE, population) == size


@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=60), st.text("0123456789abcdef", max_size=32), st.data())
def test_the_same_seed_draws_the_same_rows(population: set[int], seed: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(population)))
    drawn = draw(population, seed, size)
    assert len(drawn) == len(set(drawn)) == size
    assert set(drawn) <= population
    assert draw(data.draw(st.permutations(sorted(population))), seed, size) == drawn
    assert draw(population, seed, len(population))[:size] == drawn


def test_a_draw_is_the_same_for_ever() -> None:
    assert draw(range(1, 101), "2017-seed", 5) == [20, 45, 11, 55, 43]


@pytest.mark.parametrize(
    ("failed", "size", "fails"), [(0, 10, False), (1, 10, False), (2, 10, True), (1, 9, True), (0, 0, False)]
)
def test_more_than_the_limit_fails(failed: int, size: int, fails: bool) -> None:
    assert sample_fails(failed, size, Decimal("0.1")) is fails


VALUES = st.dictionaries(
    st.sampled_from(["name", "way", "capacity", "done"]), st.sampled_from(["a", "b", True, False]), max_size=4
)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_undoing_what_was_changed_leads_back(told: list[dict[str, Any]]) -> None:
    """Each earlier state of a row comes out again, the newest change undone first."""
    values = dict(told[-1])
    for earlier, later in reversed(list(pairwise(told))):
        undo(values, changes(earlier, later))
        assert values == earlier


@pytest.mark.parametrize(
    ("use", "unit", "expected"), [(BOILERS, "share", "0.25"), (TONS, "share", "0.3"), (TONS, "steam_t/h", "3")]
)
def test_the_verified_figure_is_counted_as_the_figure_is(use: Use, unit: str, expected: str) -> None:
    rows = [row("verified", 3), row("done", 3), row("listed", 3), row("listed", 1), row("removed", 9)]
    assert verified_figure(use, count(use, rows), unit) == Decimal(expected)
