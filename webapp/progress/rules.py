"""Pace, completion, silence and lateness: what the light and every progress figure are made of.

Shares are Decimals rounded down to four places (0.3333 is 33.33 %), so that nothing short of the target reads as 100 %.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any, Literal

from webapp.clock import add_months, month_end
from webapp.progress.facts import ONE, AssignmentFacts, Node

ZERO = Decimal(0)
PLACES = Decimal("0.0001")
ONE_DAY = timedelta(days=1)

PaceSource = Literal["nodes", "linear", "milestone"]


@dataclass(frozen=True, slots=True)
class Pace:
    """The share that should be done by now, and where it comes from: the organisation's own nodes or a default."""

    share: Decimal
    source: PaceSource


def required_pace(facts: AssignmentFacts, today: date) -> Pace | None:
    """The share of the target that should be done on a day, 0 to 1; 1 from the day after the due date.

    A node binds once its day is over ("by the end of October"), so the pace moves in steps, as the organisations plan
    and report. Without nodes of its own a quantity is linear over the month ends, and a milestone's pace is 0 until its
    due date. None where nothing is paced: duties without a date, and figures compared with their target directly.
    """
    if facts.due is None or facts.task.is_compared_directly:
        return None
    nodes, source = pace_nodes(facts)
    if today > facts.due:
        return Pace(ONE, source)
    return Pace(max((node.share for node in nodes if node.on < today), default=ZERO), source)


def pace_nodes(facts: AssignmentFacts) -> tuple[tuple[Node, ...], PaceSource]:
    """The nodes the pace follows: the filed ones, or the labelled default. Empty for duties without a date."""
    if facts.nodes:
        return facts.nodes, "nodes"
    if facts.due is None:
        return (), "milestone"
    if facts.task.kind == "milestone":
        return (Node(facts.due, ONE),), "milestone"
    return linear_nodes(facts.starts_on, facts.due), "linear"


@lru_cache(maxsize=4096)
def linear_nodes(starts_on: date, due: date) -> tuple[Node, ...]:
    """The default monthly plan: at each month's end the share of days gone, and all of it on the due date."""
    days = (due - starts_on).days + 1
    nodes, month = [], starts_on
    while (last := month_end(month)) < due:
        nodes.append(Node(last, _down(Decimal((last - starts_on).days + 1) / days)))
        month = add_months(month, 1)
    return (*nodes, Node(due, ONE))


def completion(facts: AssignmentFacts) -> Decimal | None:
    """The claimed figure as a share of the target; more than 1 is over-fulfilment.

    "Between" is met at its lower end. A ceiling that is kept is 1, one that is not kept is target over figure. None
    while a directly compared figure was not filed yet, or where the target has no number.
    """
    return share_of_target(facts, facts.claimed)


def verified_share(facts: AssignmentFacts) -> Decimal | None:
    """The verified figure as a share of the target, by the same measure as `completion`."""
    return share_of_target(facts, facts.verified)


def share_of_target(facts: AssignmentFacts, figure: Decimal | None) -> Decimal | None:
    """A figure in the task's unit as a share of its target (see `completion`); below 1 unless the target is met."""
    task, target = facts.task, facts.task.target
    if target is None or (figure is None and task.is_compared_directly):
        return None
    figure = figure or ZERO
    if task.is_ceiling:
        share = ONE if figure <= target else _down(target / figure)
    else:
        share = ONE if target == ZERO else _down(figure / target)
    # "<" and ">" are not met by the target itself.
    return share if is_met(facts, figure) else min(share, ONE - PLACES)


def is_met(facts: AssignmentFacts, figure: Decimal | None) -> bool:
    """Whether a figure meets the target; a target without a number is met by the claim alone."""
    target = facts.task.target
    if target is None:
        return True
    if figure is None:
        return False
    match facts.task.comparator:
        case "<":
            return figure < target
        case "<=":
            return figure <= target
        case ">":
            return figure > target
        case _:
            return figure >= target


def silent_months(facts: AssignmentFacts, today: date) -> int:
    """How many closed months in a row, up to the last one, nothing was filed for an open assignment with a date.

    A month counts only when the assignment was there on its first day. Any filing, "no change" too, ends the silence.
    """
    if not facts.is_open or facts.due is None or today < facts.starts_on:
        return 0
    began = facts.active_from
    first = _month_number(began) + (began.day > 1)
    if facts.last_update_on:
        first = max(first, _month_number(facts.last_update_on) + 1)
    return max(0, _month_number(today) - first)


def first_missed(versions: Iterable[tuple[date, date]], until: date) -> date | None:
    """The first day on which a due date lay in the past with the duty unmet; None when that never happened.

    `versions` are (day decided, due date) oldest first, `until` the day of completion, or today. An extension decided
    after its predecessor had passed does not undo that it passed.
    """
    ordered = list(versions)
    next_decided = [decided for decided, _ in ordered[1:]] + [until]
    for (_, due), decided in zip(ordered, next_decided, strict=True):
        if due < min(decided, until):
            return due + ONE_DAY
    return None


def is_late(facts: AssignmentFacts) -> bool:
    """Whether completion was claimed after the due date, or a due date had been missed before. Never mended later."""
    if facts.missed_on is not None:
        return True
    stamps = [day for day in (facts.claimed_on, facts.first_done_on) if day]
    return bool(facts.due and stamps and max(stamps) > facts.due)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month


def _down(share: Decimal) -> Decimal:
    return share.quantize(PLACES, rounding=ROUND_DOWN)


def restated(updates: Iterable[Any]) -> Iterator[int]:
    """Which of an assignment's statements, oldest first, put an earlier day's figure right, by id.

    They speak of a day before one that was already spoken of, which no other statement may.
    """
    furthest = date.min
    for each in updates:
        if each.kind == "progress" and each.as_of < furthest:
            yield each.id
        elif each.kind != "withdraw":
            furthest = max(furthest, each.as_of)
