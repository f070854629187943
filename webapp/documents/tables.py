"""A plain table as a file to take away, XLSX or CSV: one row of titles and the rows below it, nothing else.

No text becomes a formula: in the workbook texts are written as texts, in CSV what looks like a formula is disarmed.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from webapp.documents.sheet import OPTIONS, sheet_name
from webapp.documents.words import clean, disarmed

TableCell = str | Decimal | int | date | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
NARROWEST, WIDEST = 8, 40
# So many rows below the last one still offer what a column may hold.
BLANK_ROWS = 500
LONGEST_CHOICES = 255


def as_csv(header: Sequence[str], rows: Iterable[Sequence[TableCell]]) -> Iterator[str]:
    """The file line by line, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield "\ufeff"
    for lines in ([header], rows):
        for line in lines:
            writer.writerow([disarmed(clean(words(cell))) if isinstance(cell, str) else words(cell) for cell in line])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()


def words(cell: TableCell) -> str:
    """A cell as text: figures without an exponent, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_workbook(
    title: str, header: Sequence[str], rows: Iterable[Sequence[TableCell]],
    choices: Mapping[int, Sequence[str]] | None = None,
) -> bytes:  # fmt: skip
    """The workbook's bytes; `choices` are what columns may hold, by their place."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({"title": title})
    sheet = book.add_worksheet(sheet_name(title, set(), "1"))
    top = book.add_format(
        {"font_size": 10, "bold": True, "bg_color": "#eef2f7", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    plain, text = book.add_format({"font_size": 10}), book.add_format({"font_size": 10, "num_format": "@"})
    sheet.write_row(0, 0, [clean(each) for each in header], top)
    sheet.freeze_panes(1, 1)
    found = list(rows)
    for place, name in enumerate(header):
        cells = [line[place] for line in found]
        is_text = not any(isinstance(cell, Decimal | int) for cell in cells)
        sheet.set_column(place, place, _width(name, cells), text if is_text else plain)
    for number, line in enumerate(found, start=1):
        for place, cell in enumerate(line):
            if isinstance(cell, Decimal | int):
                sheet.write_number(number, place, float(cell))
            elif told := clean(words(cell)):
                sheet.write_string(number, place, told)
    for place, options in (choices or {}).items():
        if options and len(",".join(options)) < LONGEST_CHOICES:
            rule = {"validate": "list", "source": list(options), "error_type": "warning"}
            sheet.data_validation(1, place, len(found) + BLANK_ROWS, place, rule)
    book.close()
    return buffer.getvalue()


def _width(name: str, cells: Iterable[TableCell]) -> int:
    """Wide enough for the texts, counting a Chinese character twice."""
    longest = max((_columns(words(cell)) for cell in cells), default=0)
    return min(WIDEST, max(NARROWEST, longest + 2, _columns(name) // 2 + 2))


def _columns(told: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in told)
