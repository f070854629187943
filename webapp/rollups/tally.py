"""Counts of lights, without a database: packed as they are stored, added up, and what figures follow from them.

Packed, each light is its letter and a number, the most urgent first: `b2g40` is two behind and forty on pace. Those
agreed to be not applicable are left out of every share, standing duties of the average completion too; how many they
are is always told beside it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from webapp.progress.letters import DONE, LEFT_OUT, LETTERS, LIGHTS, NOT_AVERAGED, URGENCY, Light, letters_of
from webapp.rollups.rules import ratio

# A day that never comes: until when the present version holds, and the due date of what has none.
NEVER = date.max

_PAIR = re.compile(r"([a-z])(\d+)")
_AVERAGED = frozenset(LIGHTS) - frozenset(letters_of(*NOT_AVERAGED))


@lru_cache(maxsize=4096)
def unpacked(lights: str) -> Mapping[str, int]:
    """How many show which letter. Not to be changed: it is shared."""
    return {letter: int(number) for letter, number in _PAIR.findall(lights)}


def packed(counts: Mapping[str, int]) -> str:
    """The stored form of counts; what is zero is left out."""
    return "".join(f"{letter}{counts[letter]}" for letter in sorted(counts) if counts[letter])


def averaged(counts: Mapping[str, int]) -> int:
    """How many of them are averaged: the applicable ones that have a date."""
    return sum(number for letter, number in counts.items() if letter in _AVERAGED)


@dataclass
class Tally:
    """The lights of some assignments, and how far they are (`progress` in ten-thousandths, summed)."""

    lights: str = ""
    progress: int = 0
    counts: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = unpacked(self.lights)

    def count(self, *labels: str) -> int:
        """How many show one of the labels, whatever the colour."""
        return sum(self.counts.get(letter, 0) for letter in letters_of(*labels))

    def number(self, *lights: Light) -> int:
        """How many show one of the lights."""
        return sum(self.counts.get(LETTERS[light], 0) for light in lights)

    @cached_property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def applicable(self) -> int:
        """The denominator of the completion ratio: all but those agreed to be not applicable."""
        return self.total - self.count(LEFT_OUT)

    @cached_property
    def averaged(self) -> int:
        """The denominator of the average completion: the applicable ones that have a date."""
        return averaged(self.counts)

    @property
    def done(self) -> int:
        """How many were closed out, late ones included."""
        return self.count(*DONE)

    @property
    def still_open(self) -> int:
        """How many are neither closed out nor agreed to be not applicable."""
        return self.applicable - self.done

    @property
    def done_share(self) -> Decimal | None:
        """Closed out among applicable, rounded down; None where nothing applies."""
        return ratio(self.done, self.applicable)

    @property
    def average(self) -> int | None:
        """The average completion of the dated ones in ten-thousandths, each at most the whole; None of nothing."""
        return average(self.progress, self.averaged)

    @property
    def worst(self) -> Light:
        """The most urgent light among them; of an empty tally, the least."""
        return LIGHTS[self.lights[0]] if self.lights else URGENCY[-1]

    @property
    def by_light(self) -> list[tuple[Light, int]]:
        """How many show which light, in the order of urgency."""
        return [(LIGHTS[letter], number) for letter, number in self.counts.items()]


def average(progress: int, dated: int) -> int | None:
    """The average of summed shares in ten-thousandths, rounded down; None of nothing."""
    return progress // dated if dated else None


def merged(tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one."""
    counts: dict[str, int] = {}
    progress = 0
    for each in tallies:
        progress += each.progress
        for letter, number in each.counts.items():
            counts[letter] = counts.get(letter, 0) + number
    return Tally(packed(counts), progress)


class Cell(NamedTuple):
    """Counts as stored: packed lights, how many are averaged, and the sum of their shares."""

    lights: str
    averaged: int
    progress: int


class Duty(NamedTuple):
    """A task with a due date, as counted within one organisation."""

    clause_id: int
    task_id: int
    due: date


# --- versions


@dataclass(frozen=True, slots=True)
class Delta:
    """By how much counts and summed shares rise or fall from a day on."""

    counts: Mapping[str, int]
    progress: int


@dataclass(frozen=True, slots=True)
class Version:
    """Counts as known from one day until before another."""

    valid_from: date
    valid_to: date
    lights: str
    progress: int


def with_changes(versions: Iterable[Version], changes: Mapping[date, Delta]) -> list[Version]:
    """The versions of one tally after changes that hold each from its day on; empty stretches have no version.

    A change of an earlier day than the last version alters every version since.
    """
    steps: dict[date, Delta] = dict(changes)
    for each in versions:
        steps[each.valid_from] = _plus(steps.get(each.valid_from), unpacked(each.lights), each.progress, 1)
        if each.valid_to != NEVER:
            steps[each.valid_to] = _plus(steps.get(each.valid_to), unpacked(each.lights), each.progress, -1)
    return _cut(steps)


def _plus(one: Delta | None, counts: Mapping[str, int], progress: int, sign: int) -> Delta:
    found = dict(one.counts) if one else {}
    for letter, number in counts.items():
        found[letter] = found.get(letter, 0) + sign * number
    return Delta(found, (one.progress if one else 0) + sign * progress)


def _cut(steps: Mapping[date, Delta]) -> list[Version]:
    """What holds between the days of some steps; neighbours that say the same are one."""
    found: list[Version] = []
    running, days = Delta({}, 0), sorted(steps)
    for day, until in zip(days, [*days[1:], NEVER], strict=True):
        running = _plus(running, steps[day].counts, steps[day].progress, 1)
        lights = packed(running.counts)
        last = found[-1] if found else None
        if last and (last.valid_to, last.lights, last.progress) == (day, lights, running.progress):
            found[-1] = Version(last.valid_from, until, lights, running.progress)
        elif lights:
            found.append(Version(day, until, lights, running.progress))
    return found
