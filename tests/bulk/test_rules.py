"""Which rows an act can be done to, and how rows travel in a form."""

from datetime import date

import pytest

from webapp.bulk import rules
from webapp.bulk.rules import REMIND, RETURN, VERIFY, Facts

DUE = date(2017, 10, 31)
TOO_MANY = " ".join(f"{each}:1" for each in range(rules.MOST + 1))


@pytest.mark.parametrize(
    ("act", "facts", "against"),
    [
        (VERIFY, Facts("claimed", DUE, decides=True, reminds=True), None),
        (VERIFY, Facts("claimed", None, decides=True, reminds=True), None),
        (VERIFY, Facts("claimed", DUE, decides=False, reminds=True), rules.NOT_ABOVE),
        (VERIFY, Facts("claimed", DUE, decides=True, reminds=True, own_claim=True), rules.OWN_CLAIM),
        (VERIFY, Facts("na_claimed", DUE, decides=True, reminds=True), rules.NOT_APPLICABLE),
        (VERIFY, Facts("in_progress", DUE, decides=True, reminds=True), rules.NOT_CLAIMED),
        (VERIFY, Facts("verified", DUE, decides=True, reminds=True), rules.NOT_CLAIMED),
        (RETURN, Facts("claimed", DUE, decides=True, reminds=True), None),
        (RETURN, Facts("na_claimed", DUE, decides=True, reminds=True), None),
        (RETURN, Facts("returned", DUE, decides=True, reminds=True), rules.NOT_CLAIMED),
        (REMIND, Facts("not_started", DUE, decides=False, reminds=True), None),
        (REMIND, Facts("returned", DUE, decides=True, reminds=True), None),
        (REMIND, Facts("in_progress", DUE, decides=True, reminds=False), rules.NOT_YOURS),
        (REMIND, Facts("claimed", DUE, decides=True, reminds=True), rules.CLAIMED),
        (REMIND, Facts("not_applicable", DUE, decides=True, reminds=True), rules.SETTLED),
        (REMIND, Facts("in_progress", None, decides=True, reminds=True), rules.UNDATED),
        (REMIND, Facts("in_progress", DUE, decides=True, reminds=True, reminded=True), rules.REMINDED),
    ],
)
def test_what_stands_against_an_act(act: str, facts: Facts, against: object) -> None:
    assert rules.obstacle(act, facts) is against


def test_a_return_of_not_applicable_is_a_refusal() -> None:
    assert [rules.verdict(RETURN, status) for status in ("claimed", "na_claimed")] == ["return", "na_refuse"]
    assert rules.verdict(VERIFY, "claimed") == "verify"


def test_rows_travel_as_one_field() -> None:
    pairs = [(7, 3), (12, 1)]
    assert list(rules.unpacked(rules.packed(pairs))) == pairs
    assert list(rules.unpacked("7:3 7:3")) == [(7, 3)]
    assert list(rules.unpacked("")) == []


@pytest.mark.parametrize(
    "text",
    ["7", "7:", ":1", "a:1", "7:-1", "٧:1", f"{2**53}:1", TOO_MANY],
)
def test_nonsense_is_no_row(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        rules.unpacked(text)
