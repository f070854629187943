"""Tables and charts of a DOCX as Word's own tables."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from webapp.documents.model import Bar, Bars, Column, Row, Span, Table
from webapp.documents.widths import fitted
from webapp.documents.word_xml import POINT, cell, element, paragraph, row, run, table

TEXT, NOTE, CAPTION, CHART = "TableText", "TableNote", "Caption", "ChartText"
HEAD_FILL, STRONG_FILL = "E4EAF1", "F1F4F7"
ALIGN = {"start": "left", "end": "right", "center": "center"}
SQUARE = "■"
# A chart's bar is this many narrow columns wide; a part is so many of them, and shows its figure where it has room.
UNITS = 60
LETTER = 100
INDENT = 200
# Letters of a cell whose row could fill a page by itself: it may be split.
LONG = 1500
# Points: letters of a table are as large as its columns allow.
SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5)
# Between a bar and the words beside it.
SPACE = 90


def table_parts(it: Table, width: int) -> Iterator[Any]:
    """Caption, table and note; `width` is that of the text in twentieths of a point."""
    yield paragraph([run(it.caption)], style=CAPTION)
    size, shares = fitted(it, width / POINT, SIZES)
    columns = [round(share * width) for share in shares]
    rows = [_head(it.columns, columns, size), *(_row(each, it.columns, columns, size) for each in it.rows)]
    if not it.rows:
        empty = paragraph([run(it.empty)], style=TEXT, align="center")
        rows.append(row([cell(empty, sum(columns), span=len(columns))]))
    yield table(columns, rows, description=it.caption)
    # Word joins tables that touch: a paragraph stands behind each.
    yield paragraph([run(it.note)] if it.note else [], style=NOTE)


def _head(columns: tuple[Column, ...], widths: list[int], size: float) -> Any:
    cells = [
        cell(paragraph([run(column.label, bold=True, size=size)], style=TEXT, align="center"), width, fill=HEAD_FILL)
        for column, width in zip(columns, widths, strict=True)
    ]
    return row(cells, head=True)


def _row(it: Row, columns: tuple[Column, ...], widths: list[int], size: float) -> Any:
    cells = []
    for number, (value, column, width) in enumerate(zip(it.cells, columns, widths, strict=True)):
        runs = [run(f"{SQUARE} ", colour=value.colour.lstrip("#"), size=size)] if value.colour else []
        runs.append(run(value.text, bold=it.strong, size=size))
        indent = INDENT if it.indent and number == 0 else 0
        content = paragraph(runs, style=TEXT, align=ALIGN[column.align], left=indent)
        cells.append(cell(content, width, fill=STRONG_FILL if it.strong else ""))
    return row(cells, whole=all(len(value.text) <= LONG for value in it.cells))


def bars_parts(it: Bars, width: int) -> Iterator[Any]:
    """Caption, legend, and a table whose shaded cells are as wide as the parts they stand for."""
    yield paragraph([run(it.caption)], style=CAPTION)
    yield paragraph(list(_legend(it)), style=CHART, align="center")
    unit = int(width * 0.54 / UNITS)
    ends = (int(width * 0.22), width - int(width * 0.22) - unit * UNITS)
    rows = [made for bar in it.bars for made in (_bar(it, bar, unit, ends), _gap(unit, ends))]
    yield table([ends[0], *[unit] * UNITS, ends[1]], rows, description=it.caption, ruled=False)
    yield paragraph([], style=NOTE)


def _legend(it: Bars) -> Iterator[Any]:
    for key in it.legend:
        yield run(SQUARE, colour=key.colour.lstrip("#"))
        yield run(f" {key.label}    ")


def _bar(it: Bars, bar: Bar, unit: int, ends: tuple[int, int]) -> Any:
    spans = list(zip(it.drawn(bar), _units(it.drawn(bar)), strict=True))
    name = paragraph([run(bar.label)], style=CHART, align="right", right=SPACE)
    cells = [cell(name, ends[0]), *(_part(span, count, unit) for span, count in spans if count)]
    left = UNITS - sum(count for _, count in spans)
    if left:
        cells.append(cell(paragraph([], style=CHART), left * unit, span=left))
    return row([*cells, cell(paragraph([run(bar.text)], style=CHART, left=SPACE), ends[1])])


def _part(span: Span, count: int, unit: int) -> Any:
    fits = count * unit > len(span.text) * LETTER
    runs = [run(span.text, colour=span.key.ink.lstrip("#"))] if fits else []
    return cell(paragraph(runs, style=CHART, align="center"), count * unit, fill=span.key.colour, span=count)


def _units(spans: tuple[Span, ...]) -> list[int]:
    """How many narrow columns each part takes: ends are rounded, not widths, so that no error adds up."""
    edges = [0, *(round((span.start + span.width) * UNITS) for span in spans)]
    return [after - before for before, after in pairwise(edges)]


def _gap(unit: int, ends: tuple[int, int]) -> Any:
    """A thin row between two bars."""
    whole = ends[0] + unit * UNITS + ends[1]
    made = row([cell(_thin(), whole, span=UNITS + 2)])
    made[0].append(element("w:trHeight", val=60, hRule="exact"))
    return made


def _thin() -> Any:
    made = paragraph([], style=CHART)
    made[0].append(element("w:rPr", [element("w:sz", val=2)]))
    return made
