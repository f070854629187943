"""What is wrong with an update before it is recorded."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.rules.progress_facts import BOILERS, CAP, MILESTONE, assignment
from webapp.progress.checks import LONGEST_TEXT, UpdateDraft, check_nodes, check_update
from webapp.progress.facts import Node, TaskFacts

D = Decimal

TODAY, PLAN_STARTS = date(2017, 10, 20), date(2017, 2, 17)
COAL_RATIO = TaskFacts("standing", "<", None, D(1), "share", "level")
COAL = TaskFacts("quantity", ">=", D(1000), None, "t")
NAMED = TaskFacts("quantity", ">=", D(10), None, "device", named=True)

CASES: list[tuple[str, TaskFacts, dict[str, Any], list[tuple[str, str]]]] = [
    ("fine", BOILERS, {"quantity": D(162)}, []),
    ("over-fulfilled", BOILERS, {"quantity": D(400)}, []),
    ("missing", BOILERS, {"quantity": None}, [("quantity_missing", "quantity")]),
    ("milestone without a figure", MILESTONE, {"quantity": None}, []),
    ("negative", BOILERS, {"quantity": D(-1)}, [("quantity_negative", "quantity")]),
    ("not a number", BOILERS, {"quantity": D("NaN")}, [("quantity_not_a_number", "quantity")]),
    ("endless", BOILERS, {"quantity": D("Infinity")}, [("quantity_not_a_number", "quantity")]),
    ("astronomic", COAL, {"quantity": D("1E+40")}, [("quantity_too_large", "quantity")]),
    ("beyond a billion", COAL, {"quantity": D("1000000000.01")}, [("quantity_too_large", "quantity")]),
    ("a hundred times the target", COAL, {"quantity": D(100001)}, [("quantity_unusual", "reason")]),
    ("the same, explained", COAL, {"quantity": D(100001), "reason": "按全口径统计"}, []),
    ("half a boiler", BOILERS, {"quantity": D("162.5")}, [("quantity_not_whole", "quantity")]),
    ("too precise", COAL, {"quantity": D("162.12345")}, [("quantity_too_precise", "quantity")]),
    ("precise enough", COAL, {"quantity": D("162.1234")}, []),
    ("share above one", CAP, {"quantity": D(50)}, [("share_over_one", "quantity")]),
    ("a ratio above its ceiling", COAL_RATIO, {"quantity": D("1.05")}, []),
    ("a ratio claimed above its ceiling", COAL_RATIO, {"kind": "claim", "quantity": D("1.05")},
     [("claim_below_target", "quantity")]),
    ("falling", BOILERS, {"quantity": D(100)}, [("quantity_falls", "reason")]),
    ("falling, explained", BOILERS, {"quantity": D(100), "reason": "核减重复计算的锅炉"}, []),
    ("a level may fall", CAP, {"quantity": D("0.2")}, []),
    ("tomorrow", BOILERS, {"quantity": D(162), "as_of": date(2017, 10, 21)}, [("as_of_future", "as_of")]),
    ("before the plan", BOILERS, {"quantity": D(162), "as_of": date(2017, 2, 16)}, [("as_of_before_start", "as_of")]),
    ("long note", BOILERS, {"quantity": D(162), "note": "长" * (LONGEST_TEXT + 1)}, [("text_too_long", "note")]),
    ("no change", BOILERS, {"kind": "no_change"}, []),
    ("claim short of the target", BOILERS, {"kind": "claim", "quantity": D(199)}, [("claim_below_target", "quantity")]),
    ("claim on the last figure", BOILERS, {"kind": "claim"}, [("claim_below_target", "quantity")]),
    ("claim", BOILERS, {"kind": "claim", "quantity": D(200)}, []),
    ("not applicable", BOILERS, {"kind": "na_claim", "reason": "辖区内无此类锅炉"}, []),
    ("not applicable, silent", BOILERS, {"kind": "na_claim", "reason": " "}, [("na_reason_missing", "reason")]),
    ("not applicable, named", NAMED, {"kind": "na_claim", "reason": "无"}, [("na_named", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("task", "changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_update(task: TaskFacts, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    before = D("0.3") if task is CAP else D(150)
    facts = assignment(task, claimed=None if task is MILESTONE else before)
    values: dict[str, Any] = {"kind": "progress", "as_of": TODAY} | changes
    draft = UpdateDraft(**values)
    found = check_update(draft, facts, plan_starts_on=PLAN_STARTS, today=TODAY)
    assert [(problem.code, problem.field) for problem in found] == expected


@pytest.mark.parametrize("before", [None, D(0), D("0.5")])
def test_a_claim_alone_says_that_a_milestone_is_reached(before: D | None) -> None:
    draft = UpdateDraft("claim", TODAY)
    assert check_update(draft, assignment(MILESTONE, claimed=before), plan_starts_on=PLAN_STARTS, today=TODAY) == []


@pytest.mark.parametrize(
    ("kind", "as_of", "codes"),
    [
        ("progress", date(2017, 11, 14), []),
        ("claim", date(2017, 11, 14), ["claim_before_start"]),
        ("claim", date(2017, 11, 15), []),
        ("claim", date(2018, 3, 15), []),
    ],
)
def test_a_cap_is_not_claimed_before_its_season(kind: Any, as_of: date, codes: list[str]) -> None:
    facts = assignment(CAP, starts_on=date(2017, 11, 15), due=date(2018, 3, 15))
    draft = UpdateDraft(kind, as_of, D("0.5"))
    found = check_update(draft, facts, plan_starts_on=PLAN_STARTS, today=date(2018, 3, 20))
    assert [each.code for each in found] == codes


def test_problems_carry_the_figures_their_message_needs() -> None:
    draft = UpdateDraft("progress", date(2017, 10, 21), D(100))
    found = check_update(draft, assignment(claimed=D(150)), plan_starts_on=PLAN_STARTS, today=TODAY)
    assert [dict(problem.params) for problem in found] == [{"quantity": D(100), "before": D(150)}, {"today": TODAY}]


def test_monthly_nodes_rise_within_range_up_to_the_due_date() -> None:
    due = date(2017, 10, 31)
    june, july, november = date(2017, 6, 30), date(2017, 7, 31), date(2017, 11, 30)
    assert check_nodes([Node(june, D("0.5")), Node(july, D(1))], due) == []
    found = check_nodes([Node(june, D("0.5")), Node(july, D("0.4")), Node(november, D("1.2"))], due)
    assert [(problem.code, problem.field) for problem in found] == [
        ("share_out_of_range", "2017-11"),
        ("node_after_due", "2017-11"),
        ("node_falls", "2017-07"),
    ]
