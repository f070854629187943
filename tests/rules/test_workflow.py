"""The transition tables: what may follow what, and that nothing else may."""

import pytest

from webapp.errors import Conflict
from webapp.workflow import ASSIGNMENT, REPORT, NotPossible, Table, Who, actions, next_status

STATUSES = {"not_started", "in_progress", "claimed", "returned", "verified", "na_claimed", "not_applicable"}


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (["progress", "no_change", "claim", "verify"], "verified"),
        (["claim", "return", "progress", "claim", "verify", "reopen"], "returned"),
        (["claim", "withdraw", "na_claim", "na_accept"], "not_applicable"),
        (["na_claim", "na_refuse", "claim"], "claimed"),
        (["na_claim", "na_accept", "na_lapse"], "in_progress"),
    ],
)
def test_lives_of_an_assignment(path: list[str], end: str) -> None:
    status = "not_started"
    for action in path:
        status = next_status(status, action)
    assert status == end


def test_life_of_a_report() -> None:
    status = "open"
    for action in ("submit", "return", "submit", "accept", "correct", "submit", "return", "drop"):
        status = next_status(status, action, table=REPORT)
    assert status == "accepted"


@pytest.mark.parametrize(
    ("status", "action"),
    [("not_started", "verify"), ("verified", "claim"), ("claimed", "progress"), ("not_applicable", "progress")],
)
def test_other_moves_do_not_exist(status: str, action: str) -> None:
    with pytest.raises(NotPossible) as caught:
        next_status(status, action)
    assert isinstance(caught.value, Conflict)
    assert (caught.value.present, caught.value.action) == (status, action)


def test_every_status_of_an_assignment_can_be_reached_and_left() -> None:
    assert {row.next for row in ASSIGNMENT} | {"not_started"} == STATUSES
    assert {row.status for row in ASSIGNMENT} == STATUSES


@pytest.mark.parametrize("table", [ASSIGNMENT, REPORT], ids=["assignment", "report"])
def test_a_move_is_listed_once(table: Table) -> None:
    keys = [(row.status, row.action) for row in table]
    assert len(keys) == len(set(keys))


def test_what_each_side_may_do_now() -> None:
    assert actions("claimed", Who.REVIEWER) == ("verify", "return")
    assert actions("claimed", Who.OFFICER) == ("withdraw",)
    assert actions("open", Who.OFFICER, table=REPORT) == ("submit", "drop")
    assert actions("verified", Who.OFFICER) == ()
