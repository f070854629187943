"""What the figures of the overview are made of: lights counted, the worst of them, shares with their denominators.

A tally adds up groups of assignments that show the same light. Those agreed to be not applicable are left out of every
share, standing duties of the average completion too; how many they are is always told beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from webapp.rollups.rules import ratio

WHOLE = 10_000

Light = tuple[str, str]

# The worst first: what is late, what is behind, what waits for somebody, what runs, what is over.
URGENCY: tuple[Light, ...] = (
    ("red", "overdue"),
    ("red", "behind"),
    ("yellow", "behind"),
    ("yellow", "awaiting"),
    ("green", "awaiting"),
    ("grey", "awaiting"),
    ("green", "on_pace"),
    ("grey", "not_started"),
    ("green", "done_late"),
    ("green", "done"),
    ("grey", "standing"),
    ("grey", "not_applicable"),
)
_RANK: Mapping[Light, int] = {light: place for place, light in enumerate(URGENCY)}
UNKNOWN = _RANK["green", "on_pace"]
DONE = ("done", "done_late")
LEFT_OUT = "not_applicable"
STANDING = "standing"
NOT_AVERAGED = (LEFT_OUT, STANDING)


# Assignments of one organisation and clause that show one light: organisation, clause, colour, label, how many, the sum
# of their shares (each at most the whole, in ten-thousandths), how many are due this month, how many of these are open.
Counted = tuple[int, int, str, str, int, int, int, int]


@dataclass(slots=True)
class Tally:
    """How many assignments show which light, and how far they are (`progress` in ten-thousandths, summed)."""

    lights: dict[Light, int] = field(default_factory=dict)
    progress: int = 0
    due_this_month: int = 0
    open_this_month: int = 0

    def add(self, light: Light, number: int, progress: int, due: int, still_open: int) -> None:
        """Take in assignments that show the same light."""
        self.lights[light] = self.lights.get(light, 0) + number
        if light[1] not in NOT_AVERAGED:
            self.progress += progress
            self.due_this_month += due
            self.open_this_month += still_open

    def merge(self, other: "Tally") -> None:
        """Take in another tally."""
        lights = self.lights
        for light, number in other.lights.items():
            lights[light] = lights.get(light, 0) + number
        self.progress += other.progress
        self.due_this_month += other.due_this_month
        self.open_this_month += other.open_this_month

    def count(self, *labels: str) -> int:
        """How many show one of the labels, whatever the colour."""
        return sum(number for (_, label), number in self.lights.items() if label in labels)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.lights.values())

    @property
    def applicable(self) -> int:
        """The denominator of the completion ratio: all but those agreed to be not applicable."""
        return self.total - self.count(LEFT_OUT)

    @property
    def dated(self) -> int:
        """The denominator of the average completion: the applicable ones that have a date."""
        return self.applicable - self.count(STANDING)

    @property
    def done(self) -> int:
        """How many were closed out, late ones included."""
        return self.count(*DONE)

    @property
    def done_share(self) -> Decimal | None:
        """Closed out among applicable, rounded down; None where nothing applies."""
        return ratio(self.done, self.applicable)

    @property
    def average(self) -> int | None:
        """The average completion of the dated ones in ten-thousandths, each at most the whole; None of nothing."""
        dated = 0
        for (_, label), number in self.lights.items():
            if label not in NOT_AVERAGED:
                dated += number
        return self.progress // dated if dated else None

    @property
    def worst(self) -> Light:
        """The most urgent light among them; of an empty tally, the least."""
        return worst(self.lights)


def worst(lights: Iterable[Light]) -> Light:
    """The most urgent of some lights; of none, the least urgent."""
    return min(lights, key=urgency, default=URGENCY[-1])


def urgency(light: Light) -> int:
    """A light's place in the order of urgency, 0 the worst; unknown ones stand before the unstarted."""
    return _RANK.get(light, UNKNOWN)


def by_urgency(lights: Mapping[Light, int]) -> list[tuple[Light, int]]:
    """The counts in the order of urgency."""
    items = list(lights.items())
    if len(items) > 1:
        items.sort(key=_by_rank)
    return items


def _by_rank(item: tuple[Light, int]) -> int:
    return _RANK.get(item[0], UNKNOWN)


@dataclass(slots=True)
class Board:
    """The area's assignments counted once: by cell (organisation and clause), by organisation, and in all."""

    cells: dict[tuple[int, int], Tally] = field(default_factory=dict)
    organisations: dict[int, Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)


def board(rows: Iterable[Counted]) -> Board:
    """Fold grouped rows into cells and organisations, and these into the whole."""
    cells: dict[tuple[int, int], Tally] = {}
    for organisation, clause, colour, label, number, progress, due, still_open in rows:
        cell = cells.get((organisation, clause))
        if cell is None:
            cell = cells[organisation, clause] = Tally()
        cell.add((colour, label), number, progress, due, still_open)
    organisations: defaultdict[int, Tally] = defaultdict(Tally)
    for (organisation, _), cell in cells.items():
        organisations[organisation].merge(cell)
    return Board(cells, dict(organisations), merged(organisations.values()))


def merged(tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one."""
    result = Tally()
    for tally in tallies:
        result.merge(tally)
    return result
