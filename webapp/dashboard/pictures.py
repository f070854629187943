"""From counted lights to what the charts draw: matrix, tile map, bars. No database, no request.

Addresses are put together from one prefix, summaries from words looked up once: a matrix has hundreds of cells.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from markupsafe import Markup, escape
from sqlalchemy import Row

from webapp.dashboard.rules import Board, number
from webapp.i18n import pick
from webapp.organisations.models import CITY_KINDS
from webapp.progress.letters import LIGHTS, WHOLE, Light
from webapp.rollups.tally import Tally, average

Line = Row[*tuple[Any, ...]]
# The parts of a bar from left to right: over, running, waiting, behind.
PARTS: tuple[tuple[str, str, tuple[Light, ...]], ...] = (
    ("done", "green", (("green", "done"), ("green", "done_late"))),
    ("on_pace", "green", (("green", "on_pace"),)),
    ("awaiting", "grey", (("green", "awaiting"), ("yellow", "awaiting"), ("grey", "awaiting"))),
    ("behind", "yellow", (("yellow", "behind"),)),
    ("behind", "red", (("red", "behind"),)),
    ("overdue", "red", (("red", "overdue"),)),
    ("not_started", "grey", (("grey", "not_started"),)),
)


SIGNS = (("overdue", "red"), ("behind", "yellow"), ("on_pace", "green"))


@dataclass(frozen=True, slots=True)
class Pen:
    """How a cell is drawn: the form of a light cut at its five blanks (see macros/charts.html), and that of no cell."""

    cell_form: Callable[[str, str], Sequence[str]]
    gap: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What all pictures of a page share: where lists open, the filters to keep, the words of lights."""

    prefix: str
    keep: Mapping[str, str]
    words: Mapping[str, str]
    pen: Pen

    @property
    def by_letter(self) -> dict[str, str]:
        """The word of each letter: what a cell's packed counts are read with."""
        return {letter: self.words[label] for letter, (_, label) in LIGHTS.items()}

    def list_of(self, **values: str) -> str:
        """The address of the list behind a figure."""
        # Names are ours and need no quoting; `urlencode` would take three times as long.
        chosen = "&".join([f"{name}={quote_plus(value)}" for name, value in {**self.keep, **values}.items() if value])
        return f"{self.prefix}?{chosen}" if chosen else self.prefix


class Column(NamedTuple):
    """The head of a clause's column."""

    label: str
    url: str
    title: str


class MatrixRow(NamedTuple):
    """A row of the matrix: its cells as markup, and how many of them are red, yellow and green."""

    label: str
    url: str
    line: Markup
    tally: list[tuple[str, str, int]]


class Group(NamedTuple):
    """Rows of the matrix under one heading."""

    label: str
    rows: list[MatrixRow]


class Tile(NamedTuple):
    """A place of the schematic map."""

    col: int
    row: int
    name: str
    url: str
    label: str
    colour: str
    text: str


class Part(NamedTuple):
    """A part of a bar: a light, how many, the list of them, where it starts and how wide it is."""

    label: str
    colour: str
    number: int
    url: str
    start: str
    width: str


class Bar(NamedTuple):
    """A bar with those of its parts that are not empty."""

    name: str
    url: str
    parts: list[Part]


def is_city(organisation: Line) -> bool:
    """Whether it is one of the plan's cities (a municipality is city and province at once)."""
    return organisation.kind in CITY_KINDS


def matrix(
    board: Board, rows: Mapping[str, Sequence[Line]], clauses: Sequence[Line], paper: Paper
) -> tuple[list[Column], list[Group]]:
    """Columns and groups of the matrix: a group a heading, a row an organisation, a cell a clause."""
    columns = [_column(clause, paper) for clause in clauses]
    titles = [(clause.id, clause.code, str(escape(pick(clause, "title")))) for clause in clauses]
    shared = ink(paper, of_lights=board.of_lights)
    groups = [
        Group(label, [_row(board, each, titles, shared) for each in members])
        for label, members in rows.items()
        if members
    ]
    return columns, groups


def _column(clause: Line, paper: Paper) -> Column:
    return Column(pick(clause, "title"), paper.list_of(measure=clause.code), clause.code)


@dataclass(frozen=True, slots=True)
class Ink:
    """What all cells of a page share: the form of a cell by its most urgent letter, and whether numbers are shown."""

    paper: Paper
    forms: Mapping[str, Sequence[str]]
    of_lights: bool


def ink(paper: Paper, *, of_lights: bool) -> Ink:
    """The forms of a page's cells."""
    forms = {letter: paper.pen.cell_form(label, colour) for letter, (colour, label) in LIGHTS.items()}
    return Ink(paper, forms, of_lights)


def _row(board: Board, organisation: Line, titles: Sequence[tuple[int, str, str]], ink: Ink) -> MatrixRow:
    paper, cells, here = ink.paper, board.cells, organisation.id
    name = pick(organisation, "short")
    address = paper.list_of(organisation=organisation.code)
    kept = paper.list_of(organisation=organisation.code, measure="")
    place, url = str(escape(name)), str(escape(kept)) + "&amp;measure="
    worst = ""
    line = []
    for clause_id, code, title in titles:
        cell = cells.get((here, clause_id))
        if cell is None or not cell.lights:
            line.append(paper.pen.gap)
            continue
        lights, averaged, progress = cell
        letter = lights[0]
        worst += letter
        start, after_url, between, before_column, after_column, end = ink.forms[letter]
        shown = number(lights) if ink.of_lights else short_percent(average(progress, averaged))
        # The counts stay packed, and the reader's browser unpacks the one that is looked at: hundreds are not.
        line.append(
            f"{start}{url}{code}{after_url}{lights}{between}{place}{before_column}{title}{after_column}{shown}{end}"
        )
    # Forms come from a template, and what fills them was escaped above.
    return MatrixRow(name, address, Markup("".join(line)), _signs(Counter(LIGHTS[each][0] for each in worst)))  # noqa: S704


def _signs(colours: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """How many cells of a row are red, yellow and green, under the sign of each colour."""
    return [(label, colour, colours[colour]) for label, colour in SIGNS if colours[colour]]


@lru_cache(maxsize=4096)
def short_percent(share: int | None) -> str:
    """Ten-thousandths as a percentage to one decimal, rounded down; the two ends without; of nothing, nothing."""
    if share is None:
        return ""
    return f"{share // 100}%" if share in (0, WHOLE) else f"{share // 100}.{share // 10 % 10}%"


def tiles(board: Board, organisations: Iterable[Line], paper: Paper) -> list[Tile]:
    """The tiles of the schematic map, which begins at the first: a city's worst light and average completion."""
    shown = [each for each in organisations if each.grid_col is not None and each.id in board.organisations]
    left = min((each.grid_col for each in shown), default=0)
    top = min((each.grid_row for each in shown), default=0)
    return [_tile(each, board.organisations[each.id], (left, top), paper) for each in shown]


def _tile(organisation: Line, tally: Tally, corner: tuple[int, int], paper: Paper) -> Tile:
    place = organisation.grid_col - corner[0], organisation.grid_row - corner[1]
    name, url = pick(organisation, "short"), paper.list_of(organisation=organisation.code)
    colour, label = tally.worst
    return Tile(*place, name, url, label, colour, short_percent(tally.average))


def bars(board: Board, organisations: Sequence[Line], paper: Paper) -> list[Bar]:
    """The rows of the stacked bars: each organisation given, with all that lies below it."""
    given = tops(organisations)
    return [_bar(board.organisations[each.id], each, paper) for each in given if each.id in board.organisations]


def _bar(tally: Tally, top: Line, paper: Paper) -> Bar:
    counts = [tally.number(*lights) for _, _, lights in PARTS]
    total, before = sum(counts) or 1, 0
    address = paper.list_of(organisation=top.code)
    parts = []
    for (label, colour, _), count in zip(PARTS, counts, strict=True):
        if count:
            url = paper.list_of(organisation=top.code, label=label, light=colour if label == "behind" else "")
            parts.append(Part(label, colour, count, url, f"{before / total:.2%}", f"{count / total:.2%}"))
        before += count
    return Bar(pick(top, "short"), address, parts)


def tops(organisations: Sequence[Line]) -> list[Line]:
    """What the bars stand for: the provinces of a region, the cities of a province, a city alone."""
    provinces = [each for each in organisations if each.kind in ("province", "municipality")]
    if len(provinces) > 1:
        return provinces
    return [each for each in organisations if is_city(each)] or list(organisations)
