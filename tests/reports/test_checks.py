"""What a draft is examined for, case by case: tables of a line, what is known besides, and what is found."""

from datetime import date
from typing import Any

import pytest

from webapp.reports.checks import errors, findings

MONTH_END = date(2017, 9, 30)
LINE: dict[str, Any] = {
    "assignment": 5, "task": "boilers", "status": "in_progress", "unit": "device", "kind": "quantity",
    "measure_kind": "cumulative", "comparator": ">=", "due": "2017-10-31", "last": "40", "cumulative": "60",
    "verified": None, "silent_months": 0, "updated_on": "2017-09-20", "reason": "",
}  # fmt: skip


def found(accepted: dict[str, Any] | None = None, *, bare: bool = False, later: bool = False, **line: Any) -> list[str]:
    """What is found about the usual line with some changes, as "level code"."""
    known = {"boilers": LINE | accepted} if accepted else {}
    return [
        f"{each.level} {each.code}"
        for each in findings(
            [LINE | line], last_accepted=known, month_end=MONTH_END, bare_claims={5} if bare else (),
            later={5} if later else (),
        )
    ]  # fmt: skip


def test_an_ordinary_line_asks_for_nothing() -> None:
    assert found({"cumulative": "40"}) == []


BELOW = "error below_accepted"


@pytest.mark.parametrize(
    ("accepted", "line", "expected"),
    [
        ("61", {}, [BELOW]),
        ("60", {}, []),
        ("60.0001", {}, [BELOW]),
        (None, {}, []),
        ("61", {"reason": "两个县重复统计"}, []),
        ("61", {"measure_kind": "level"}, []),
        ("61", {"comparator": "<="}, []),
        ("1", {"unit": "milestone", "cumulative": "0", "last": "1"}, [BELOW]),
        ("61", {"cumulative": None}, []),
    ],
)
def test_a_figure_below_the_accepted_one_needs_a_reason(
    accepted: str | None, line: dict[str, Any], expected: list[str]
) -> None:
    assert found({"cumulative": accepted}, **line) == expected


ABOVE = "error verified_above_claimed"


@pytest.mark.parametrize(
    ("verified", "line", "expected"),
    [
        ("61", {}, [ABOVE]),
        ("60", {}, []),
        ("61", {"reason": "不算理由"}, [ABOVE]),
        ("61", {"cumulative": None}, []),
        ("61", {"comparator": "<"}, []),
    ],
)
def test_no_more_is_verified_than_claimed(verified: str, line: dict[str, Any], expected: list[str]) -> None:
    assert found(verified=verified, **line) == expected


MISSING = "error missing_due"
UNSAID: dict[str, Any] = {"cumulative": None, "last": None, "updated_on": None, "status": "not_started"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"due": "2017-09-30"}, [MISSING]),
        ({"due": "2017-03-31"}, [MISSING]),
        ({"due": "2017-10-01"}, []),
        ({"due": None}, []),
        ({"due": "2017-09-30", "cumulative": "0"}, []),
        # Words alone are no figure; of a milestone they say where it stands.
        ({"due": "2017-09-30", "updated_on": "2017-09-20"}, [MISSING]),
        ({"due": "2017-09-30", "updated_on": "2017-09-20", "unit": "milestone"}, []),
        ({"due": "2017-09-30", "unit": "milestone"}, [MISSING]),
        ({"due": "2017-09-30", "status": "na_claimed"}, []),
        ({"due": "2017-09-30", "status": "verified"}, []),
        ({"due": "2017-09-30", "status": "returned"}, [MISSING]),
    ],
)
def test_what_was_due_has_a_figure(line: dict[str, Any], expected: list[str]) -> None:
    assert found(**UNSAID | line) == expected


def test_what_nobody_can_state_any_more_is_no_error() -> None:
    assert found(**UNSAID | {"due": "2017-09-30"}, later=True) == ["warning missing_due"]


JUMP = "warning jump"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"last": "20", "cumulative": "60"}, []),
        ({"last": "20", "cumulative": "60.0001"}, [JUMP]),
        ({"last": "20", "cumulative": "61", "reason": "集中验收"}, []),
        ({"last": "0", "cumulative": "61"}, []),
        ({"last": None, "cumulative": "61"}, []),
        ({"last": "20", "cumulative": "61", "measure_kind": "level"}, []),
    ],
)
def test_a_figure_that_jumps_is_pointed_at(line: dict[str, Any], expected: list[str]) -> None:
    assert found(**line) == expected


def test_claims_without_files_and_silence_are_warnings() -> None:
    assert found(bare=True) == ["warning no_evidence"]
    assert found(silent_months=2) == ["warning silent"]


def test_errors_come_first_and_name_their_figures() -> None:
    lines = [LINE | {"silent_months": 1}, LINE | {"assignment": 6, "verified": "70"}]
    every = findings(lines, last_accepted={}, month_end=MONTH_END)
    assert [(each.code, each.assignment) for each in every] == [("verified_above_claimed", 6), ("silent", 5)]
    assert errors(every) == every[:1]
    assert every[0].params == {"now": "60", "verified": "70"}
