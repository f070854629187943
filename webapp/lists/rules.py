"""What the address of a list may say, decided without a database: its words, its columns, its orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

LONGEST_NAME = 40
LONGEST_QUERY = 1000
LONGEST_VALUE = 100
# So many views a person may keep of one list.
MOST_VIEWS = 20

# The lists, each with the words of its address that narrow, sort or choose columns. Never the page, never the plan.
WORDS: Mapping[str, tuple[str, ...]] = {
    "assignments": (
        "organisation", "task", "kind", "status", "light", "label", "measure", "text", "due_after", "due_before",
        "silent", "unfinished", "order", "columns",
    ),
    "reports": ("month", "state", "timeliness", "province", "order", "columns"),
    "ledger": ("q", "state", "county", "order", "columns"),
    "people": ("q", "organisation", "role", "state", "duty", "order", "columns"),
}  # fmt: skip
PAGES = tuple(WORDS)
# The word that opens a list without the person's default view.
PLAIN = "all"
COLUMNS, ORDER = "columns", "order"


def kept(page: str, given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The words of an address that belong to a list, in the list's order; empty ones narrow nothing.

    Columns may be given one by one, as a form's ticks are.
    """
    found: dict[str, str] = {}
    for name, value in given:
        before = found.get(name, "") if name == COLUMNS else ""
        found[name] = ",".join(filter(None, (before, value.strip()[:LONGEST_VALUE])))
    return {name: found[name] for name in WORDS[page] if found.get(name)}


def query_of(page: str, given: Iterable[tuple[str, str]]) -> str:
    """The same as the query of an address."""
    return urlencode(kept(page, given))


def checked(page: str, query: str) -> dict[str, str]:
    """A stored or sent query as arguments; what the list does not know is left out."""
    return kept(page, parse_qsl(query[:LONGEST_QUERY]))


# --- columns


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its word in addresses, its head, and the orders a click on the head asks for, if any."""

    code: str
    label: Any
    rising: str = ""
    falling: str = ""
    always: bool = False
    usual: bool = True


def shown(columns: Sequence[Column], asked: str) -> tuple[Column, ...]:
    """The columns an address asks for, in the list's order; the usual ones where it asks for none that exists."""
    wanted = set(asked.split(","))
    found = tuple(each for each in columns if each.code in wanted or each.always)
    some = any(each.code in wanted for each in found)
    return found if some else tuple(each for each in columns if each.usual or each.always)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head as it stands: how the list is sorted by it (aria-sort), and the order a click leads to."""

    column: Column
    sorted: str = ""
    click: str = ""


def heads(columns: Iterable[Column], order: str) -> list[Head]:
    """The heads of columns under an order: a click sorts upwards first, then downwards where that exists."""
    return [_head(each, order) for each in columns]


def _head(column: Column, order: str) -> Head:
    if column.rising and order == column.rising:
        return Head(column, "ascending", column.falling)
    if column.falling and order == column.falling:
        return Head(column, "descending", column.rising)
    return Head(column, "", column.rising or column.falling)
