"""The light of an assignment, and until when it holds if nothing is filed.

Green on pace. Yellow below pace, or within the last days before the due date with too little done, or after months of
silence. Red past the due date and unclaimed, or far below pace. Grey where there is nothing to be behind with. A claim
made in time waits in green and counts against its reviewer; one made late waits in yellow. A completed assignment is
green, and says so when it was late.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from webapp.clock import add_months
from webapp.progress.facts import AssignmentFacts, Thresholds
from webapp.progress.rules import ONE_DAY, ZERO, completion, is_late, is_met, pace_nodes, required_pace, silent_months

Colour = Literal["green", "yellow", "red", "grey"]
Label = Literal[
    "on_pace", "behind", "overdue", "not_started", "standing", "not_applicable", "done", "done_late", "awaiting"
]
Reason = Literal[
    "verified_in_time", "verified_late", "claimed_in_time", "claimed_late", "na_claimed", "na_agreed", "no_date",
    "before_start", "no_figure", "past_due", "far_below_pace", "below_pace", "target_not_met", "near_due", "silent",
    "on_pace", "target_met",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Light:
    """A colour, its word, and why.

    Two lights are equal when everything a page or the database keeps of them is: `until` (the last day on which it
    stays equal, None for as long as nothing is filed) and `params` (figures for the explaining sentence: `due`,
    `share`, `pace`, `starts_on`) are left out.
    """

    colour: Colour
    label: Label
    reason: Reason
    silent_months: int = 0
    pace: Decimal | None = None
    until: date | None = field(default=None, compare=False)
    params: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def silent(self) -> bool:
        """The mark 未更新: nothing was filed in the last closed month."""
        return self.silent_months > 0


def light(facts: AssignmentFacts, today: date, thresholds: Thresholds) -> Light:
    """The light on a day (Shanghai), with the last day on which it holds if nothing is filed."""
    present = light_on(facts, today, thresholds)
    for day in sorted(_turning_days(facts, today, thresholds)):
        if day > today and light_on(facts, day, thresholds) != present:
            return replace(present, until=day - ONE_DAY)
    return present


def _turning_days(facts: AssignmentFacts, today: date, thresholds: Thresholds) -> Iterator[date]:
    """Every day on which time alone can change the light: nothing else in the rules looks at the date."""
    yield facts.starts_on
    if facts.due:
        yield facts.due - timedelta(days=thresholds.yellow_days)
        yield facts.due + ONE_DAY
    for node in pace_nodes(facts)[0]:
        yield node.on + ONE_DAY
    quiet_from = max(today, facts.active_from, facts.last_update_on or today)
    yield add_months(quiet_from, 1)
    yield add_months(quiet_from, 2)


def light_on(facts: AssignmentFacts, today: date, thresholds: Thresholds) -> Light:
    """The light on a day, for lists that do not ask how long it holds (`until` stays empty)."""
    match facts.status:
        case "verified":
            late = is_late(facts)
            return Light("green", "done_late", "verified_late") if late else Light("green", "done", "verified_in_time")
        case "not_applicable":
            return Light("grey", "not_applicable", "na_agreed")
        case "claimed":
            late = is_late(facts)
            return Light("yellow" if late else "green", "awaiting", "claimed_late" if late else "claimed_in_time")
        case "na_claimed" if not is_late(facts):
            return Light("grey", "awaiting", "na_claimed")
        case _:
            return _open_light(facts, today, thresholds)


def _open_light(facts: AssignmentFacts, today: date, thresholds: Thresholds) -> Light:
    due = facts.due
    if due is None:
        return Light("grey", "standing", "no_date")
    if today < facts.starts_on:
        return Light("grey", "not_started", "before_start", params={"starts_on": facts.starts_on})
    pace = required_pace(facts, today)
    colour, label, reason = _past_due(due, today) or _by_progress(facts, today, thresholds)
    silent = silent_months(facts, today)
    if silent >= thresholds.silent_months and colour in ("green", "grey"):
        colour, label, reason = "yellow", "behind", "silent"
    share = completion(facts)
    required = pace.share if pace else None
    params = {"due": due, "share": share, "pace": required, "months": silent}
    return Light(colour, label, reason, silent, required, params=params)


Verdict = tuple[Colour, Label, Reason]


def _past_due(due: date, today: date) -> Verdict | None:
    return ("red", "overdue", "past_due") if today > due else None


def _by_progress(facts: AssignmentFacts, today: date, thresholds: Thresholds) -> Verdict:
    assert facts.due is not None
    share = completion(facts)
    if facts.task.is_compared_directly:
        verdict = _by_level(facts, share, thresholds)
    else:
        verdict = _by_pace(facts, today, share or ZERO, thresholds)
    near = today >= facts.due - timedelta(days=thresholds.yellow_days)
    if near and verdict[0] in ("green", "grey") and (share or ZERO) < thresholds.yellow_under:
        return "yellow", "behind", "near_due"
    return verdict


def _by_pace(facts: AssignmentFacts, today: date, share: Decimal, thresholds: Thresholds) -> Verdict:
    pace = required_pace(facts, today)
    required = pace.share if pace else ZERO
    if share < required * thresholds.red_below:
        return "red", "behind", "far_below_pace"
    return ("yellow", "behind", "below_pace") if share < required else ("green", "on_pace", "on_pace")


def _by_level(facts: AssignmentFacts, share: Decimal | None, thresholds: Thresholds) -> Verdict:
    """A level or a ceiling is held against its target as it is: the whole target is its pace."""
    if facts.claimed is None:
        return "grey", "not_started", "no_figure"
    if is_met(facts, facts.claimed):
        return "green", "on_pace", "target_met"
    far = share is not None and share < thresholds.red_below
    return ("red" if far else "yellow"), "behind", "target_not_met"
