"""A stretch of the past as the append-only records tell it: what there was, what happened when, and who held a role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from webapp.accounts.queries import Recipient
from webapp.reminders.subjects import Place


@dataclass(frozen=True, slots=True)
class Days:
    """A season as an organisation keeps it, first and last day included."""

    starts_on: date
    ends_on: date
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Duty:
    """An assignment as it was given; its status, date and figures follow from the happenings."""

    id: int
    place: int
    task: str
    kind: str
    starts_on: date
    season: Days | None = None
    counted: bool = False


class Happening(NamedTuple):
    """Something that was put on record of an assignment or a report (`thing`). What it leaves as it was is None.

    The first of a thing is its opening, with its first status and date. `as_of` is the latest day spoken of so far;
    where it is given, something was filed.
    """

    at: datetime
    thing: str
    id: int
    status: str | None = None
    due: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody held from a day until (and including) another, or for good."""

    who: Recipient
    first: date
    last: date | None

    def on(self, day: date) -> bool:
        """Whether it was held on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Past:
    """A plan's assignments by id, its reports' organisations by id, and all that happened, oldest first.

    Of things that did not move in the month only the last happenings are there.
    """

    plan: int
    region: int
    places: Mapping[int, Place]
    duties: Mapping[int, Duty]
    reports: Mapping[int, int]
    happenings: Sequence[Happening]
    held: Sequence[Held]
