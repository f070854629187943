"""What the figures of the overview are made of: lights counted, the worst of them, shares with their denominators.

A tally holds a letter for each assignment, `a` for the most urgent light: counting lights is counting letters, the
worst is the least letter, adding up is joining. Those agreed to be not applicable are left out of every share, standing
duties of the average completion too; how many they are is always told beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from string import ascii_lowercase

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
LETTERS: dict[Light, str] = dict(zip(URGENCY, ascii_lowercase, strict=False))
LIGHTS = {letter: light for light, letter in LETTERS.items()}
DONE = ("done", "done_late")
LEFT_OUT = "not_applicable"
STANDING = "standing"
NOT_AVERAGED = (LEFT_OUT, STANDING)


@cache
def _letters(*labels: str) -> str:
    """The letters of the lights with one of the labels, whatever the colour."""
    return "".join(letter for (_, label), letter in LETTERS.items() if label in labels)


# The assignments of one organisation and clause: organisation, clause, a letter for the light of each, and the sum of
# the shares of those averaged (each at most the whole, in ten-thousandths).
Counted = tuple[int, int, str, int]


@dataclass(slots=True)
class Tally:
    """The lights of some assignments as letters, and how far they are (`progress` in ten-thousandths, summed)."""

    letters: str = ""
    progress: int = 0

    def count(self, *labels: str) -> int:
        """How many show one of the labels, whatever the colour."""
        return sum(map(self.letters.count, _letters(*labels)))

    def number(self, *lights: Light) -> int:
        """How many show one of the lights."""
        return sum(self.letters.count(LETTERS[light]) for light in lights)

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.letters)

    @property
    def applicable(self) -> int:
        """The denominator of the completion ratio: all but those agreed to be not applicable."""
        return self.total - self.count(LEFT_OUT)

    @property
    def dated(self) -> int:
        """The denominator of the average completion: the applicable ones that have a date."""
        return _dated(self.letters)

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
        return average(self.progress, self.dated)

    @property
    def worst(self) -> Light:
        """The most urgent light among them; of an empty tally, the least."""
        return LIGHTS[min(self.letters)] if self.letters else URGENCY[-1]

    @property
    def lights(self) -> tuple[tuple[Light, int], ...]:
        """How many show which light, in the order of urgency."""
        return _lights(self.letters)


def average(progress: int, dated: int) -> int | None:
    """The average of summed shares in ten-thousandths, rounded down; None of nothing."""
    return progress // dated if dated else None


# Hundreds of cells come in some dozens of combinations.
@lru_cache(maxsize=4096)
def _lights(letters: str) -> tuple[tuple[Light, int], ...]:
    return tuple((LIGHTS[letter], letters.count(letter)) for letter in sorted(set(letters)))


@lru_cache(maxsize=4096)
def _dated(letters: str) -> int:
    return len(letters) - sum(map(letters.count, _letters(*NOT_AVERAGED)))


@dataclass(slots=True)
class Board:
    """The area's assignments counted once: by cell (organisation and clause), by organisation, and in all."""

    cells: dict[tuple[int, int], Tally] = field(default_factory=dict)
    organisations: dict[int, Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)


def board(rows: Iterable[Counted]) -> Board:
    """Fold the counted cells into organisations, and these into the whole."""
    cells: dict[tuple[int, int], Tally] = {}
    inside: dict[int, list[Tally]] = {}
    for organisation, clause, letters, progress in rows:
        cell = cells[organisation, clause] = Tally(letters, progress)
        inside.setdefault(organisation, []).append(cell)
    organisations = {organisation: merged(tallies) for organisation, tallies in inside.items()}
    return Board(cells, organisations, merged(organisations.values()))


def merged(tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one."""
    given = list(tallies)
    return Tally("".join(each.letters for each in given), sum(each.progress for each in given))
