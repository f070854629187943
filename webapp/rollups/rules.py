"""From lights to counts: what a roll-up row says of one organisation's assignments under one measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from webapp.progress.facts import AssignmentFacts
from webapp.progress.lights import Light

PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a row. Every applicable assignment is counted once in done, on_pace, behind, overdue or not_due.

    `left_out` (agreed to be not applicable) stands beside `applicable`; `silent` is a mark across the others.
    `completion` is done over applicable, None where nothing is applicable.
    """

    applicable: int = 0
    left_out: int = 0
    done: int = 0
    on_pace: int = 0
    behind: int = 0
    overdue: int = 0
    silent: int = 0
    not_due: int = 0

    @property
    def completion(self) -> Decimal | None:
        """The share of applicable assignments that are done, rounded down: only all of them read as 100 %."""
        return ratio(self.done, self.applicable)


def ratio(part: int, whole: int) -> Decimal | None:
    """A share to four places, rounded down; None of nothing."""
    return (Decimal(part) / whole).quantize(PLACES, rounding=ROUND_DOWN) if whole else None


def column_of(facts: AssignmentFacts, light: Light) -> str:
    """Which count an assignment belongs to. A claim that waits counts by when it was made, as its colour says."""
    match light.label:
        case "not_applicable":
            return "left_out"
        case "done" | "done_late":
            return "done"
        case "overdue":
            return "overdue"
        case "behind":
            return "behind"
        case "on_pace":
            return "on_pace"
        case "awaiting":
            late = facts.due is not None and light.colour != "green" and facts.status == "claimed"
            return "behind" if late else "on_pace"
        case _:
            return "not_due"


def add_up(lit: Iterable[tuple[AssignmentFacts, Light]]) -> Counts:
    """The counts of some assignments with their lights."""
    found = dict.fromkeys(("left_out", "done", "on_pace", "behind", "overdue", "not_due"), 0)
    silent = 0
    for facts, light in lit:
        found[column_of(facts, light)] += 1
        silent += light.silent
    return Counts(applicable=sum(found.values()) - found["left_out"], silent=silent, **found)


def is_counted(facts: AssignmentFacts, cutoff: date) -> bool:
    """Whether an assignment belongs to a month at all: it had begun by the last day that counts."""
    return facts.starts_on <= cutoff
