"""Lines of frozen reports counted by light, with their average completion. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from webapp.reports.rules import share_text

# The lights of a line by the words of the content; every line has exactly one of them.
LIGHTS: Mapping[str, tuple[str, ...]] = {
    "done": ("done", "done_late"),
    "awaiting": ("awaiting",),
    "on_pace": ("on_pace",),
    "behind": ("behind",),
    "overdue": ("overdue",),
    "not_started": ("not_started",),
    "standing": ("standing",),
}
PLACES = Decimal("0.0001")


def figures(lists: Iterable[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The lines of one or several reports counted by light, and their average completion.

    `dated` are the lines with something to be done by a day: all but standing duties. `completion` is the plain average
    over the `measured` ones of them, those whose completion is known, each counted as 1 at most.
    """
    every = [line for lines in lists for line in lines]
    labels = Counter(line["label"] for line in every)
    counts = {word: sum(labels[label] for label in under) for word, under in LIGHTS.items()}
    dated = [line for line in every if line["label"] != "standing"]
    shares = [min(Decimal(line["completion"]), Decimal(1)) for line in dated if line["completion"] is not None]
    average = (sum(shares, Decimal(0)) / len(shares)).quantize(PLACES) if shares else None
    return {
        "lines": len(every),
        "dated": len(dated),
        **counts,
        "silent": sum(line["silent_months"] > 0 for line in every),
        "measured": len(shares),
        "completion": share_text(average),
    }
