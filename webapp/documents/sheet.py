"""A document as a workbook: its words on the first sheet, then a sheet for each table and each chart.

Figures are figures, shares are per cent, charts are the spreadsheet's own. A text that a spreadsheet would take for a
formula is disarmed with an apostrophe, as in every file of ours that spreadsheets open. The same bytes for the same
document: the date of making is the document's own.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import ceil, isfinite
from typing import Any

from webapp.documents import words
from webapp.documents.colours import pale
from webapp.documents.model import Bars, Block, Cell, Column, Document, Heading, Items, Paragraph, Row, Table
from webapp.documents.sayings import PAGES, SHEETS

# What a cell holds, by the file format; and what a row of wrapped text shows before a spreadsheet cuts its height.
LONGEST_CELL = 32_767
READABLE = 700
CUT = "…"
NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST_NAME = 31
# Points: no row may be taller.
TALLEST = 409
TEXT_WIDTH = 72
NARROWEST, WIDEST = 6, 60
# Texts stay texts: neither formulas nor links nor figures are made of them.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def xlsx(document: Document) -> bytes:
    """The document as a workbook."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    _Workbook(book, words.cleaned(document)).write()
    book.close()
    return buffer.getvalue()


def sheet_name(wanted: str, taken: set[str], fallback: str) -> str:
    """A name a spreadsheet accepts, not among `taken` (lower case), to which it is added."""
    base = " ".join(NAME_FORBIDDEN.sub(" ", wanted).split()).strip("' ")[:LONGEST_NAME].strip("' ")
    # Excel keeps this name for itself.
    if not base or base.lower() == "history":
        base = fallback
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base[: LONGEST_NAME - len(str(number)) - 1].rstrip()} {number}"
    taken.add(name.lower())
    return name


def pieces(text: str) -> Iterator[str]:
    """A long text in pieces that a row can show, cut behind a sentence where there is one."""
    while len(text) > READABLE:
        ends = [found.end() for found in re.finditer(r"[。！？；\n]|[.!?;] ", text[:READABLE])]
        cut = ends[-1] if ends else READABLE
        yield text[:cut].rstrip()
        text = text[cut:]
    yield text


class _Workbook:
    """A workbook being written: its formats and the names of its sheets."""

    def __init__(self, book: Any, document: Document) -> None:
        self.book, self.document, self.say = book, document, SHEETS[document.language]
        self.taken: set[str] = set()
        self.formats: dict[str, Any] = {}
        day = document.issued
        book.set_properties(
            {
                "title": document.title[:255],
                "author": document.issuer[:255],
                "created": datetime(day.year, day.month, day.day, tzinfo=UTC),
            }
        )
        font = "SimSun" if document.language == "zh" else "Calibri"
        book.formats[0].set_font_name(font)
        self.base = {"font_name": font, "font_size": 11, "valign": "vcenter"}

    def write(self) -> None:
        """All sheets; the first one is written last, for it names the others."""
        text = self._sheet(self.say["text"], self.say["text"])
        names = {at: self._write_block(block) for at, block in enumerate(self.document.blocks)}
        self._write_text(text, [name for _, name in sorted(names.items())])

    def _sheet(self, wanted: str, fallback: str) -> Any:
        sheet = self.book.add_worksheet(sheet_name(wanted, self.taken, fallback))
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        before, between, after = PAGES[self.document.language]
        sheet.set_footer(f"&C{before}&P{between}&N{after}")
        if self.document.draft:
            sheet.set_header("&R" + self.document.draft[:100].replace("&", "&&"))
        return sheet

    def format(self, **properties: Any) -> Any:
        """A format, made once for its properties."""
        key = repr(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({**self.base, **properties})
        return self.formats[key]

    # --- the first sheet

    def _write_text(self, sheet: Any, names: Sequence[str]) -> None:
        sheet.set_column(0, 0, TEXT_WIDTH)
        sheet.set_portrait()
        for number, (text, properties) in enumerate(self._lines(names)):
            room = TEXT_WIDTH - 2 * properties.get("indent", 0)
            sheet.set_row(number, _height(text, room, properties.get("font_size", 11)))
            sheet.write_string(number, 0, _armless(text), self.format(text_wrap=True, **properties))
        sheet.print_area(0, 0, number, 0)

    def _lines(self, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        document = self.document
        if document.draft:
            yield document.draft, {"bold": True, "font_color": "#C3261F", "align": "right"}
        yield document.issuer, {"bold": True, "font_color": "#C3261F", "font_size": 18, "align": "center"}
        if document.number:
            yield document.number, {"align": "center", "bottom": 2, "bottom_color": "#C3261F"}
        yield document.title, {"bold": True, "font_size": 16, "align": "center"}
        if document.to:
            yield document.addressed, {}
        for block, name in zip(document.blocks, names, strict=True):
            yield from self._block_lines(block, name)
        yield document.issuer, {"align": "right"}
        yield document.day, {"align": "right"}
        for note in document.notes:
            yield from ((piece, {"font_size": 9, "font_color": "#5D6B7B"}) for piece in pieces(note))

    def _block_lines(self, block: Block, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        match block:
            case Heading():
                yield block.text, {"bold": True, "font_size": 14 if block.level == 1 else 12}
            case Paragraph():
                between = " " if block.lead and self.document.language == "en" else ""
                indent = {"indent": 2} if self.document.language == "zh" else {}
                yield from ((piece, indent) for piece in pieces(block.lead + between + block.text))
            case Items():
                for number, text in enumerate(block.texts, start=1):
                    yield from ((piece, {"indent": 2}) for piece in pieces(f"{number}. {text}"))
            case Table() | Bars():
                yield block.caption + self.say["see"].format(name=name), {"font_color": "#4A5868"}

    # --- tables and charts

    def _write_block(self, block: Block) -> str:
        """The sheet of a table or a chart; its name, or nothing for words."""
        if isinstance(block, Table):
            sheet = self._sheet(block.sheet or block.caption, self.say["table"])
            self._write_table(sheet, block)
        elif isinstance(block, Bars):
            sheet = self._sheet(block.caption, self.say["chart"])
            table = self._figures(block)
            self._write_table(sheet, table)
            if block.bars and block.legend:
                self._add_chart(sheet, block)
        else:
            return ""
        return str(sheet.get_name())

    def _write_table(self, sheet: Any, table: Table) -> None:
        """Caption, head, rows, note; the caption and the head stay in sight and are repeated in print."""
        sheet.set_landscape()
        sheet.freeze_panes(2, 1)
        sheet.repeat_rows(0, 1)
        sheet.write_string(0, 0, _armless(table.caption), self.format(bold=True, font_size=13))
        head = {"bold": True, "bg_color": "#E4EAF1", "border": 1, "border_color": "#8592A1", "text_wrap": True}
        for at, column in enumerate(table.columns):
            sheet.write_string(1, at, _armless(column.label), self.format(align="center", **head))
            sheet.set_column(at, at, _width(table, at))
        for number, row in enumerate(table.rows, start=2):
            self._write_row(sheet, number, row, table.columns)
            lines = (_height(cell.text, _width(table, at)) for at, cell in enumerate(row.cells))
            sheet.set_row(number, max(lines))
        if not table.rows:
            sheet.write_string(2, 0, _armless(table.empty), self.format(font_color="#5D6B7B"))
        if table.note:
            self._write_note(sheet, 2 + max(len(table.rows), 1), table)

    def _write_note(self, sheet: Any, number: int, table: Table) -> None:
        """Small print as wide as its table, so that the sheet is not printed smaller for its sake."""
        last, text = len(table.columns) - 1, _armless(table.note)
        looks = self.format(font_color="#5D6B7B", font_size=10, text_wrap=True, valign="top")
        sheet.set_row(number, _height(table.note, sum(_width(table, at) for at in range(last + 1)), 10))
        if last:
            sheet.merge_range(number, 0, number, last, "", looks)
        sheet.write_string(number, 0, text, looks)

    def _write_row(self, sheet: Any, number: int, row: Row, columns: Sequence[Column]) -> None:
        for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            properties: dict[str, Any] = {"border": 1, "border_color": "#C3CDD8", "bold": row.strong, "indent": 1}
            if row.strong:
                properties["bg_color"] = "#F1F4F7"
            elif row.indent and at == 0:
                properties["indent"] = 2
            if cell.tone:
                properties["bg_color"] = pale(cell.tone)
            if not cell.text and cell.number is None:
                sheet.write_blank(number, at, None, self.format(**properties))
            elif cell.number is not None and isfinite(cell.number):
                sheet.write_number(
                    number, at, cell.number, self.format(align="right", num_format=_number_format(cell), **properties)
                )
            else:
                side = {"start": "left", "end": "right", "center": "center"}[column.align]
                wrapped = {"text_wrap": True, "align": side} | properties
                sheet.write_string(number, at, _armless(cell.text), self.format(**wrapped))

    def _figures(self, chart: Bars) -> Table:
        """The figures behind a chart as a table: a row for each bar, a column for each part."""
        labels = [key.label for key in chart.legend]
        rows = []
        for bar in chart.bars:
            sums = dict.fromkeys(labels, 0.0)
            for part in bar.parts:
                sums[part.label] += part.value
            figures = [Cell(f"{value:g}", value) for value in sums.values()]
            rows.append(Row((Cell(bar.label), *figures, Cell(bar.text))))
        columns = (Column(self.say["item"]), *(Column(label, "end") for label in labels), Column(self.say["told"]))
        return Table(chart.caption, columns, tuple(rows), empty="—")

    def _add_chart(self, sheet: Any, chart: Bars) -> None:
        drawn = self.book.add_chart({"type": "bar", "subtype": "stacked"})
        name, last = sheet.get_name(), 1 + len(chart.bars)
        for at, key in enumerate(chart.legend, start=1):
            drawn.add_series(
                {
                    "name": [name, 1, at],
                    "categories": [name, 2, 0, last, 0],
                    "values": [name, 2, at, last, at],
                    "fill": {"color": key.colour},
                    "border": {"color": "#FFFFFF", "width": 0.5},
                    "gap": 40,
                }
            )
        # By reference: a name given as text could be taken for a formula.
        drawn.set_title({"name": [name, 0, 0], "name_font": {"size": 12}})
        drawn.set_legend({"position": "top"})
        # The first bar stands on top, as it does on paper.
        drawn.set_y_axis({"reverse": True, "crossing": "max"})
        grid = {"visible": True, "line": {"color": "#E1E7EE"}}
        drawn.set_x_axis({"min": 0, "max": chart.scale if chart.full else None, "major_gridlines": grid})
        drawn.set_size({"width": 720, "height": max(260, 110 + 26 * len(chart.bars))})
        sheet.insert_chart(1, len(chart.legend) + 3, drawn, {"description": chart.caption[:200]})


def _height(text: str, width: float, size: float = 11) -> float:
    """Points that a wrapped text takes in so many letters' width: programs do not agree on working it out."""
    room = max(width * 11 / size - 2, 1)
    lines = sum(max(1, ceil(_letters(line) / room)) for line in text.split("\n"))
    return float(min(lines * size * 1.4 + 4, TALLEST))


def _armless(text: str) -> str:
    """A text as a cell may hold it."""
    safe = words.disarmed(text)
    return safe if len(safe) <= LONGEST_CELL else safe[: LONGEST_CELL - 1] + CUT


def _number_format(cell: Cell) -> str:
    """As the number is written in the text: per cent, and as many decimals."""
    match = re.search(r"[.](\d+)", cell.text)
    decimals = "." + "0" * min(len(match.group(1)), 6) if match else ""
    if cell.share:
        return f"0{decimals}%"
    return f"#,##0{decimals}" if decimals or float(cell.number or 0).is_integer() else "#,##0.####"


def _width(table: Table, at: int) -> float:
    """A column's width in letters: a Chinese one counts as two."""
    texts = [table.columns[at].label, *(row.cells[at].text for row in table.rows)]
    longest = max(_letters(line) for text in texts for line in (text.split("\n") or [""]))
    return float(min(max(longest + 3, NARROWEST), WIDEST))


def _letters(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
