"""What the pictures of the overview are made of: the area's counts of lights, whole or of chosen lights alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from webapp.progress.letters import letters_of
from webapp.rollups.tally import Cell, Tally, packed, unpacked

K = TypeVar("K")


@dataclass(slots=True)
class Board:
    """The counts of a page: by cell (organisation and clause), by organisation with all below it, and in all.

    `of_lights`: only some lights are counted, so that a cell shows a number and no share.
    """

    cells: Mapping[tuple[int, int], Cell] = field(default_factory=dict)
    organisations: Mapping[int, Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)
    of_lights: bool = False


@lru_cache(maxsize=4096)
def only(lights: str, letters: str) -> str:
    """Packed counts without the lights that were not asked for."""
    return packed({letter: number for letter, number in unpacked(lights).items() if letter in letters})


def of_label(cells: Mapping[K, Cell], label: str) -> dict[K, Cell]:
    """The cells that show a label, with nothing else counted in them."""
    letters = letters_of(label)
    left = {key: only(cell.lights, letters) for key, cell in cells.items()}
    return {key: Cell(lights, 0, 0) for key, lights in left.items() if lights}


@lru_cache(maxsize=4096)
def number(lights: str) -> int:
    """How many are counted."""
    return sum(unpacked(lights).values())
