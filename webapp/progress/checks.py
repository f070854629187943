"""What is wrong with a progress update before it is recorded: codes and figures, worded by the form.

Nothing here stops a figure for being better than the target; a figure that falls, or looks like a slip of the finger,
asks for a reason.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from webapp.progress.facts import ONE, AssignmentFacts, Node, TaskFacts
from webapp.progress.rules import is_met

LARGEST = Decimal(10) ** 9
UNUSUAL_TIMES = 100
DECIMAL_PLACES = 4
LONGEST_TEXT = 2000
SHARE_UNITS = frozenset({"share", "milestone"})
# Things that come whole.
COUNTED_UNITS = frozenset({"device", "household", "enterprise", "vehicle", "station", "site"})

Kind = Literal["progress", "no_change", "claim", "na_claim"]
Code = Literal[
    "quantity_missing", "quantity_not_a_number", "quantity_negative", "quantity_too_large", "quantity_unusual",
    "quantity_too_precise", "quantity_not_whole", "share_over_one", "quantity_falls", "claim_below_target",
    "as_of_future", "as_of_before_start", "claim_before_start", "text_too_long", "na_reason_missing", "na_named",
    "share_out_of_range", "node_falls", "node_after_due",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: which field, which rule, and the figures its message needs."""

    code: Code
    field: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpdateDraft:
    """An update as typed. `quantity` is the new total (a milestone: its share, 1 when done), None when left empty."""

    kind: Kind
    as_of: date
    quantity: Decimal | None = None
    note: str = ""
    problem: str = ""
    next_step: str = ""
    reason: str = ""


def check_update(draft: UpdateDraft, facts: AssignmentFacts, *, plan_starts_on: date, today: date) -> list[Problem]:
    """Everything wrong with an update to an assignment (`facts` as known before it), in the form's order."""
    problems = [*_check_quantity(draft, facts), *_check_day(draft, facts, plan_starts_on, today), *_check_texts(draft)]
    if draft.kind == "na_claim":
        problems += _check_not_applicable(draft, facts)
    return problems


def _check_quantity(draft: UpdateDraft, facts: AssignmentFacts) -> Iterator[Problem]:
    if draft.kind not in ("progress", "claim"):
        return
    figure = draft.quantity if draft.quantity is not None or draft.kind == "progress" else facts.claimed
    if draft.quantity is None and facts.task.unit == "milestone":
        return  # a claim alone says that the milestone is reached, whatever was filed before
    if figure is None:
        yield Problem("quantity_missing", "quantity")
        return
    malformed = _malformed(figure, facts)
    if malformed:
        yield malformed
        return
    yield from _check_against(figure, draft, facts)


def _malformed(figure: Decimal, facts: AssignmentFacts) -> Problem | None:
    """The first reason why the figure cannot be one of this task's at all."""
    return _out_of_range(figure, facts.task) or _ill_shaped(figure, facts.task.unit)


def _out_of_range(figure: Decimal, task: TaskFacts) -> Problem | None:
    """A share of something is 1 at most; held under a ceiling it is a ratio (this year over last) and may be more."""
    if not figure.is_finite():
        return Problem("quantity_not_a_number", "quantity")
    if figure < 0:
        return Problem("quantity_negative", "quantity")
    if task.unit in SHARE_UNITS and figure > ONE and not task.is_ceiling:
        return Problem("share_over_one", "quantity")
    return Problem("quantity_too_large", "quantity", {"limit": LARGEST}) if figure > LARGEST else None


def _ill_shaped(figure: Decimal, unit: str) -> Problem | None:
    if unit in COUNTED_UNITS and figure != figure.to_integral_value():
        return Problem("quantity_not_whole", "quantity")
    if figure != round(figure, DECIMAL_PLACES):
        return Problem("quantity_too_precise", "quantity", {"places": DECIMAL_PLACES})
    return None


def _check_against(figure: Decimal, draft: UpdateDraft, facts: AssignmentFacts) -> Iterator[Problem]:
    """The figure against the target and against what was filed before."""
    target, before, explained = facts.task.target, facts.claimed, bool(draft.reason.strip())
    if target and figure > target * UNUSUAL_TIMES and not explained:
        yield Problem("quantity_unusual", "reason", {"quantity": figure, "target": target})
    falls = before is not None and figure < before and facts.task.measure_kind == "cumulative"
    if falls and not explained:
        yield Problem("quantity_falls", "reason", {"quantity": figure, "before": before})
    if draft.kind == "claim" and not is_met(facts, figure):
        yield Problem("claim_below_target", "quantity", {"quantity": figure, "target": target})


def _check_day(draft: UpdateDraft, facts: AssignmentFacts, plan_starts_on: date, today: date) -> Iterator[Problem]:
    """The day an update speaks of. A season's limit cannot have been kept before the season begins."""
    if draft.as_of > today:
        yield Problem("as_of_future", "as_of", {"today": today})
    if draft.as_of < plan_starts_on:
        yield Problem("as_of_before_start", "as_of", {"starts_on": plan_starts_on})
    elif draft.kind == "claim" and draft.as_of < facts.starts_on:
        yield Problem("claim_before_start", "as_of", {"starts_on": facts.starts_on})


def _check_texts(draft: UpdateDraft) -> Iterator[Problem]:
    for name in ("note", "problem", "next_step", "reason"):
        if len(getattr(draft, name)) > LONGEST_TEXT:
            yield Problem("text_too_long", name, {"limit": LONGEST_TEXT})


def _check_not_applicable(draft: UpdateDraft, facts: AssignmentFacts) -> Iterator[Problem]:
    if facts.task.named:
        yield Problem("na_named", "")
    if not draft.reason.strip():
        yield Problem("na_reason_missing", "reason")


def check_nodes(nodes: Iterable[Node], due: date) -> list[Problem]:
    """Everything wrong with an organisation's monthly plan: shares 0 to 1 that never fall, up to the due date."""
    ordered = sorted(nodes, key=lambda node: node.on)
    problems = [Problem("share_out_of_range", f"{node.on:%Y-%m}") for node in ordered if not 0 <= node.share <= 1]
    problems += [Problem("node_after_due", f"{node.on:%Y-%m}", {"due": due}) for node in ordered if node.on > due]
    falling = [later for earlier, later in pairwise(ordered) if later.share < earlier.share]
    return problems + [Problem("node_falls", f"{node.on:%Y-%m}") for node in falling]
