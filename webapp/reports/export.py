"""The monthly reports as a table for other programs: CSV, XLSX or JSON, from the frozen revisions.

A row is a report with its newest revision, or with each of them. A report that was never submitted is a row with an
empty revision; an organisation that need not report on a month has no row. `status` is the report's, whatever the
row's revision; `timeliness`, `days_late` and `completeness` come from the first submission. Text a spreadsheet would
take for a formula is disarmed.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.documents.words import disarmed
from webapp.plans.queries import get_plan
from webapp.reports import rules
from webapp.reports.content import instant
from webapp.reports.release_queries import AnyRow, export_rows
from webapp.workdays.rules import published_calendar

FORMATS = ("csv", "xlsx", "json")
HEADER = (
    "plan", "month", "org", "org_name", "kind", "revision", "status", "due", "internal_due", "first_submitted_at",
    "submitted_at", "days_late", "timeliness", "completeness", "accepted_revision", "correction_reason", "receipt",
    "sha256",
)  # fmt: skip
# Wide enough to read without dragging the columns' edges.
WIDTHS = {
    "org_name": 14,
    "first_submitted_at": 27,
    "submitted_at": 27,
    "correction_reason": 40,
    "receipt": 26,
    "sha256": 68,
}

Record = dict[str, Any]


def export_reports(
    session: Session, plan_code: str, fmt: str, *, now: datetime, month: date | None = None, all_revisions: bool = False
) -> bytes:
    """All reports of a plan, or those of a month, as they stand at `now`. Raises NotFound for the plan."""
    plan = get_plan(session, plan_code)
    rows = export_rows(session, plan.id, month, all_revisions=all_revisions)
    records = [_record(plan.code, row, local_date(now)) for row in rows]
    if fmt == "xlsx":
        return _as_xlsx(records, now)
    return (_as_json(records) if fmt == "json" else _as_csv(records)).encode()


def _record(plan_code: str, row: AnyRow, today: date) -> Record:
    late = row.days_late if row.first_submitted_at is not None else None
    standing = rules.standing(row.due, late, today, published_calendar())
    counts = None if row.lines is None else {"lines": row.lines, "silent": row.silent}
    computed = {
        "plan": plan_code,
        "month": f"{row.month:%Y-%m}",
        "kind": "light" if row.light else "full",
        "first_submitted_at": _instant(row.first_submitted_at),
        "submitted_at": _instant(row.submitted_at),
        "days_late": late,
        "timeliness": standing.timeliness.value,
        "completeness": rules.completeness(counts) if counts else None,
        "correction_reason": row.correction_reason or None,
    }
    return {name: computed[name] if name in computed else getattr(row, name) for name in HEADER}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def _as_csv(records: Iterable[Record]) -> str:
    return csv_text(HEADER, ([_text(value) for value in record.values()] for record in records))


def csv_text(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV with Unix line ends; cells are disarmed, and none holds a lone carriage return."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([disarmed(cell).replace("\r", " ") for cell in row])
    return buffer.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return str(rules.share_text(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _as_json(records: Sequence[Record]) -> str:
    plain = [{name: _plain(value) for name, value in record.items()} for record in records]
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _as_xlsx(records: Iterable[Record], now: datetime) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    # Texts stay texts: neither formulas nor links are made of them.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": now.replace(tzinfo=None)})
    sheet = book.add_worksheet("reports")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADER, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(HEADER):
        sheet.set_column(column, column, WIDTHS.get(name, 12))
    for number, record in enumerate(records, start=1):
        _write_row(sheet, number, record, day)
    book.close()
    return buffer.getvalue()


def _write_row(sheet: Any, number: int, record: Mapping[str, Any], day: Any) -> None:
    for column, value in enumerate(record.values()):
        if isinstance(value, date):
            sheet.write_datetime(number, column, value, day)
        elif isinstance(value, int | Decimal):
            sheet.write_number(number, column, value)
        elif value is not None:
            sheet.write_string(number, column, disarmed(str(value)))
