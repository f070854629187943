"""A ledger as a file to take away: XLSX or CSV with the columns that `reading` knows; a template is one without rows.

No text becomes a formula: in the workbook texts are written as texts, in CSV what looks like a formula is disarmed.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.documents.words import disarmed
from webapp.i18n import pick
from webapp.ledgers import queries
from webapp.ledgers.headers import EXTRA, HOWS, STATES, heading
from webapp.ledgers.kinds import Field, Kind, Use
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import Filter, Ledger
from webapp.ledgers.values import shown

# Texts stay texts: neither formulas nor links nor figures are made of them.
OPTIONS = {
    "in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
FONT = {"font_size": 10}
BATCH = 1_000
BLANK_ROWS = 2_000
COLUMNS = (
    LedgerRow.values, LedgerRow.state, LedgerRow.done_on, LedgerRow.listed_on, LedgerRow.verified_how,
    LedgerRow.removed_reason,
)  # fmt: skip
AnyRow = Row[*tuple[Any, ...]]


def rows_of(session: Session, ledger: Ledger, use: Use, where: Filter) -> Iterator[AnyRow]:
    """The rows a task counts, narrowed as on the page. The ledger was loaded inside the actor's area."""
    query = (
        select(*COLUMNS)
        .where(ledger.mine, queries.concerned(use), *queries.conditions(ledger.kind, where))
        .order_by(LedgerRow.county, LedgerRow.township, LedgerRow.name, LedgerRow.id)
    )
    return iter(session.execute(query, execution_options={"yield_per": BATCH}))


def header(kind: Kind) -> list[str]:
    """The titles of all columns, in the language being spoken."""
    return [*(heading(field) for field in kind.fields), *(str(words) for words in EXTRA.values())]


def as_csv(kind: Kind, rows: Iterable[AnyRow]) -> Iterator[str]:
    """The file line by line, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield "\ufeff"
    for cells in ([header(kind)], (_cells(kind, row) for row in rows)):
        for line in cells:
            writer.writerow([disarmed(text) for text in line])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()


def _cells(kind: Kind, row: AnyRow) -> list[str]:
    return [*(shown(field, row.values.get(field.code)) for field in kind.fields), *_extra(row)]


def _extra(row: AnyRow) -> list[str]:
    return [
        str(STATES[row.state]), _day(row.done_on), _day(row.listed_on), str(HOWS[row.verified_how]), row.removed_reason,
    ]  # fmt: skip


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def as_workbook(kind: Kind, rows: Iterable[AnyRow]) -> bytes:
    """The workbook's bytes; choices and yes-or-no come with lists to choose from."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({"title": pick(kind, "name")})
    sheet = book.add_worksheet(pick(kind, "name")[:31].translate(str.maketrans("[]:*?/\\", "       ")))
    top = book.add_format(
        {**FONT, "bold": True, "bg_color": "#eef2f7", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    plain, text = book.add_format(FONT), book.add_format({**FONT, "num_format": "@"})
    sheet.write_row(0, 0, header(kind), top)
    sheet.freeze_panes(1, 1)
    for place, field in enumerate(kind.fields):
        sheet.set_column(place, place, _width(field), plain if field.kind == "number" else text)
    sheet.set_column(len(kind.fields), len(kind.fields) + len(EXTRA) - 1, 12, text)
    last = 0
    for last, row in enumerate(rows, start=1):
        _write(sheet, kind, last, row)
    _offer_choices(sheet, kind, max(last, BLANK_ROWS))
    book.close()
    return buffer.getvalue()


def _width(field: Field) -> int:
    if field.kind == "text":
        return min(40, max(12, field.longest // 4))
    return 22 if field.kind == "credit_code" else 14


def _write(sheet: Any, kind: Kind, place: int, row: AnyRow) -> None:
    for column, field in enumerate(kind.fields):
        value = row.values.get(field.code)
        if value is None:
            continue
        if field.kind == "number":
            sheet.write_number(place, column, float(value))
        else:
            sheet.write_string(place, column, shown(field, value))
    for column, words in enumerate(_extra(row), start=len(kind.fields)):
        if words:
            sheet.write_string(place, column, words)


def _offer_choices(sheet: Any, kind: Kind, last: int) -> None:
    for column, field in enumerate(kind.fields):
        options = _options(field)
        if options and len(",".join(options)) < 255:
            rule = {"validate": "list", "source": options, "error_type": "warning"}
            sheet.data_validation(1, column, last, column, rule)


def _options(field: Field) -> Sequence[str]:
    if field.kind == "bool":
        return [shown(field, True), shown(field, False)]
    return [pick(option, "label") for option in field.options]
