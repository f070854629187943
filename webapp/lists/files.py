"""A list as a file: the heads that are shown and every row, as CSV line by line or as a workbook in constant memory.

No text becomes a formula: what a spreadsheet would take for one is disarmed. Figures, shares and days stay such in the
workbook, and are written as the page writes them in CSV.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from flask import Response, send_file

from webapp import web
from webapp.clock import local
from webapp.documents.sheet import sheet_name
from webapp.documents.words import clean, disarmed
from webapp.errors import NotFound, TooLarge
from webapp.lists.wording import NO_FORMAT, TOO_LONG

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")
# Rows put together before they are handed on.
BATCH = 500
MOST_SAID = 20_000
# A workbook takes some tenth of a millisecond a row, and nobody waits for minutes.
MOST_IN_WORKBOOK = 50_000
WIDEST = 40


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: per cent with one decimal."""

    value: Decimal


Cell = str | int | Decimal | Share | date | datetime | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file: its head, what a row holds there, how wide it is, and how that is said where it is not plain.

    What a row holds repeats itself from row to row and can be a key: it is worded once for each value.
    """

    label: str
    value: Callable[[Any], Any]
    width: int = 14
    say: Callable[[Any], Cell] | None = None


def answer(fmt: str, name: str, title: str, fields: Sequence[Field], rows: Iterable[Any]) -> Response:
    """The download of a list. `name` is the file's without its ending. Raises NotFound for another format."""
    if fmt not in FORMATS:
        raise NotFound(NO_FORMAT)
    if fmt == "xlsx":
        found = send_file(workbook(title, fields, rows), XLSX, as_attachment=True, download_name=f"{name}.xlsx")
        # Not a file of everybody's, which browsers may keep for an hour.
        del found.headers["Cache-Control"]
        return found
    told = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return web.streamed(csv_lines(fields, rows), "text/csv; charset=utf-8", **told)


def csv_lines(fields: Sequence[Field], rows: Iterable[Any]) -> Iterator[str]:
    """The file some hundred lines at a time, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([disarmed(field.label) for field in fields])
    getters = [(_Said(field.say, _plain), field.value) for field in fields]
    for number, row in enumerate(rows, start=1):
        writer.writerow([said[value(row)] for said, value in getters])
        if number % BATCH == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


class _Said(dict[Any, Any]):
    """What the values of a column become, each worked out once as long as there are not too many."""

    def __init__(self, say: Callable[[Any], Cell] | None, make: Callable[[Cell], Any]) -> None:
        super().__init__()
        self.say, self.make = say, make

    def __missing__(self, value: Any) -> Any:
        found = self.make(self.say(value) if self.say else value)
        if len(self) < MOST_SAID:
            self[value] = found
        return found


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return disarmed(cell)
    if cell is None:
        return ""
    if isinstance(cell, Share):
        return f"{cell.value * 100:.1f}%"
    if isinstance(cell, datetime):
        return f"{local(cell):%Y-%m-%d %H:%M}"
    return cell.isoformat() if isinstance(cell, date) else f"{cell}"


def workbook(title: str, fields: Sequence[Field], rows: Iterable[Any]) -> IO[bytes]:
    """The workbook as an open file at its beginning; whatever the number of rows, one of them is in memory.

    Raises TooLarge for more rows than a person would wait for.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        _fill(file, title, fields, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(file: IO[bytes], title: str, fields: Sequence[Field], rows: Iterable[Any]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "remove_timezone": True}  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        _fill_sheet(book, title, fields, rows)


def _fill_sheet(book: Any, title: str, fields: Sequence[Field], rows: Iterable[Any]) -> None:
    sheet = book.add_worksheet(sheet_name(title, set(), "1"))
    looks = _Looks(book)
    for at, field in enumerate(fields):
        sheet.set_column(at, at, min(field.width, WIDEST))
    for at, field in enumerate(fields):
        sheet.write_string(0, at, disarmed(field.label), looks.head)
    sheet.freeze_panes(1, 1)
    last = 0
    getters = [(at, _Said(field.say, _kept), field.value) for at, field in enumerate(fields)]
    for last, row in enumerate(rows, start=1):
        if last > MOST_IN_WORKBOOK:
            raise TooLarge(TOO_LONG)
        for at, said, value in getters:
            looks.write(sheet, last, at, said[value(row)])
    if fields:
        sheet.autofilter(0, 0, last, len(fields) - 1)


def _kept(cell: Cell) -> Cell:
    return disarmed(clean(cell)) if isinstance(cell, str) else cell


class _Looks:
    """The formats of a workbook, and which a value takes."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bg_color": "#E4EAF1", "bottom": 1})
        self.share = book.add_format({"num_format": "0.0%"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})

    def write(self, sheet: Any, row: int, at: int, cell: Cell) -> None:
        """Write one value as what it is."""
        if isinstance(cell, str):
            sheet.write_string(row, at, cell)
        elif isinstance(cell, Share):
            sheet.write_number(row, at, float(cell.value), self.share)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, at, local(cell).replace(tzinfo=None), self.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, at, cell, self.day)
        elif cell is not None:
            sheet.write_number(row, at, float(cell))
