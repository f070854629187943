"""From counted lights to what the charts draw: matrix, tile map, bars. No database, no request.

Addresses are put together from one prefix, summaries from words looked up once: a matrix has hundreds of cells.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape
from sqlalchemy import Row

from webapp.dashboard.rules import WHOLE, Board, Light, Tally, by_urgency, merged
from webapp.i18n import pick
from webapp.organisations.models import CITY_KINDS

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
    """How a cell is drawn: the form of a light with its five blanks (see macros/charts.html), and that of no cell."""

    cell_form: Callable[[str, str], str]
    gap: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What all pictures of a page share: where lists open, the filters to keep, the words of lights."""

    prefix: str
    keep: Mapping[str, str]
    words: Mapping[str, str]
    pen: Pen

    def list_of(self, **values: str) -> str:
        """The address of the list behind a figure."""
        chosen = {name: value for name, value in {**self.keep, **values}.items() if value}
        return f"{self.prefix}?{urlencode(chosen)}" if chosen else self.prefix


def is_city(organisation: Line) -> bool:
    """Whether it is one of the plan's cities (a municipality is city and province at once)."""
    return organisation.kind in CITY_KINDS


def matrix(
    board: Board, rows: Mapping[str, Sequence[Line]], clauses: Sequence[Line], paper: Paper
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and groups of the matrix macro: a group a heading, a row an organisation, a cell a clause."""
    columns = [_column(clause, paper) for clause in clauses]
    titles = [(clause.id, clause.code, str(escape(pick(clause, "title")))) for clause in clauses]
    forms: dict[Light, str] = {}
    groups = [
        {"label": label, "rows": [_row(board, each, titles, forms, paper) for each in members]}
        for label, members in rows.items()
        if members
    ]
    return columns, groups


def _column(clause: Line, paper: Paper) -> dict[str, Any]:
    return {"label": pick(clause, "title"), "title": clause.code, "url": paper.list_of(measure=clause.code)}


def _row(
    board: Board, organisation: Line, titles: Sequence[tuple[int, str, str]], forms: dict[Light, str], paper: Paper
) -> dict[str, Any]:
    name = pick(organisation, "short")
    address = f"{paper.prefix}?{urlencode({'organisation': organisation.code})}"
    place, start = str(escape(name)), str(escape(address)) + "&amp;measure="
    colours: Counter[str] = Counter()
    line = []
    for clause_id, code, title in titles:
        tally = board.cells.get((organisation.id, clause_id))
        if tally is None:
            line.append(paper.pen.gap)
            continue
        lights = by_urgency(tally.lights)
        light = lights[0][0]
        colours[light[0]] += 1
        form = forms.get(light) or _form(forms, light, paper)
        line.append(_cell(tally, lights, (start + code, place, title), form, paper.words))
    # Forms come from a template, and what fills them was escaped above.
    cells = Markup("".join(line))  # noqa: S704
    return {"label": name, "url": address, "line": cells, "tally": _signs(colours)}


def _form(forms: dict[Light, str], light: Light, paper: Paper) -> str:
    colour, label = light
    forms[light] = paper.pen.cell_form(label, colour)
    return forms[light]


def _cell(
    tally: Tally, lights: Sequence[tuple[Light, int]], where: tuple[str, str, str], form: str, words: Mapping[str, str]
) -> str:
    """A cell as markup; `where` is its address, its row and its column, escaped."""
    url, place, title = where
    counts = "  ".join([f"{words[label]} {number}" for (_, label), number in lights])
    return form % (url, counts, place, title, short_percent(tally.average))


def _signs(colours: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """How many cells of a row are red, yellow and green, under the sign of each colour."""
    return [(label, colour, colours[colour]) for label, colour in SIGNS if colours[colour]]


def short_percent(average: int | None) -> str:
    """Ten-thousandths as a percentage to one decimal, rounded down; the two ends without; of nothing, nothing."""
    if average is None:
        return ""
    return f"{average // 100}%" if average in (0, WHOLE) else f"{average // 100}.{average // 10 % 10}%"


def tiles(board: Board, organisations: Iterable[Line], paper: Paper) -> list[dict[str, Any]]:
    """The tiles of the schematic map, which begins at the first: a city's worst light and average completion."""
    shown = [each for each in organisations if each.grid_col is not None and each.id in board.organisations]
    left = min((each.grid_col for each in shown), default=0)
    top = min((each.grid_row for each in shown), default=0)
    return [_tile(each, board.organisations[each.id], (left, top), paper) for each in shown]


def _tile(organisation: Line, tally: Tally, corner: tuple[int, int], paper: Paper) -> dict[str, Any]:
    colour, label = tally.worst
    return {
        "col": organisation.grid_col - corner[0],
        "row": organisation.grid_row - corner[1],
        "name": pick(organisation, "short"),
        "url": paper.list_of(organisation=organisation.code),
        "label": label,
        "colour": colour,
        "text": short_percent(tally.average),
    }


def bars(board: Board, organisations: Sequence[Line], paper: Paper) -> list[dict[str, Any]]:
    """The rows of the stacked bars: each organisation given, with all that lies below it."""
    return [_bar(board, each, organisations, paper) for each in tops(organisations)]


def _bar(board: Board, top: Line, organisations: Sequence[Line], paper: Paper) -> dict[str, Any]:
    inside = [board.organisations[each.id] for each in organisations if each.path.startswith(top.path)
              and each.id in board.organisations]  # fmt: skip
    tally = merged(inside)
    parts = [
        {
            "label": label,
            "colour": colour,
            "count": sum(tally.lights.get(light, 0) for light in lights),
            "url": paper.list_of(organisation=top.code, label=label, light=colour if label == "behind" else ""),
        }
        for label, colour, lights in PARTS
    ]
    return {"name": pick(top, "short"), "url": paper.list_of(organisation=top.code), "parts": parts, "tally": tally}


def tops(organisations: Sequence[Line]) -> list[Line]:
    """What the bars stand for: the provinces of a region, the cities of a province, a city alone."""
    provinces = [each for each in organisations if each.kind in ("province", "municipality")]
    if len(provinces) > 1:
        return provinces
    return [each for each in organisations if is_city(each)] or list(organisations)
