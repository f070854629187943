"""What stands on "today", under which heading and in which order. Pure: plain values in, plain values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, Protocol

Heading = Literal["returned", "overdue", "due_soon", "behind", "silent"]
# Most urgent first.
HEADINGS: tuple[Heading, ...] = ("returned", "overdue", "due_soon", "behind", "silent")
SOON = timedelta(days=14)


class Item(Protocol):
    """What the order looks at: an assignment, as a list's row has it."""

    @property
    def status(self) -> str: ...
    @property
    def due(self) -> date | None: ...
    @property
    def light(self) -> str: ...
    @property
    def silent_months(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of "today" with its items, the earliest due date first."""

    heading: Heading
    items: tuple[Any, ...]


def heading_of(item: Item, today: date) -> Heading | None:
    """The first heading an open assignment belongs under; None when nothing is asked of anybody now."""
    if item.status == "returned":
        return "returned"
    if item.due is not None and item.due < today:
        return "overdue"
    if item.due is not None and item.due <= today + SOON:
        return "due_soon"
    if item.light in ("yellow", "red"):
        return "behind"
    return "silent" if item.silent_months > 0 else None


def sections(items: Iterable[Item], today: date) -> list[Section]:
    """The items under their headings, empty headings left out."""
    found: dict[Heading, list[Any]] = {}
    for item in items:
        heading = heading_of(item, today)
        if heading is not None:
            found.setdefault(heading, []).append(item)
    return [Section(heading, tuple(sorted(found[heading], key=_urgency))) for heading in HEADINGS if heading in found]


def _urgency(item: Item) -> tuple[date, int]:
    # Red before yellow before the rest among what is due on the same day.
    return item.due or date.max, {"red": 0, "yellow": 1}.get(item.light, 2)
