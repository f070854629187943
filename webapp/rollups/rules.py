"""From lights to counts: what a roll-up row says of one organisation's assignments under one measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

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


COLUMNS = {
    "not_applicable": "left_out",
    "done": "done",
    "done_late": "done",
    "overdue": "overdue",
    "behind": "behind",
    "on_pace": "on_pace",
}


def column_of(light: Light) -> str:
    """Which count an assignment belongs to. A claim that waits is on pace when it was made in time, else behind."""
    if light.label == "awaiting":
        return "behind" if light.colour == "yellow" else "on_pace"
    return COLUMNS.get(light.label, "not_due")


def add_up(lights: Iterable[Light]) -> Counts:
    """The counts of some assignments by their lights."""
    found = dict.fromkeys(("left_out", "done", "on_pace", "behind", "overdue", "not_due"), 0)
    silent = 0
    for light in lights:
        found[column_of(light)] += 1
        silent += light.silent
    return Counts(applicable=sum(found.values()) - found["left_out"], silent=silent, **found)
