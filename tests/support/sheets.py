"""A report's workbook as somebody fills it in with another program: openpyxl stands for it."""

import io
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from webapp.reports.spreadsheet.layout import HEAD

LINES = 1
HEADER = HEAD + 1


class Sheets:
    """A workbook that is open: cells by task and header."""

    def __init__(self, data: bytes) -> None:
        self.book: Workbook = load_workbook(io.BytesIO(data))
        self.lines: Worksheet = self.book.worksheets[LINES]

    @property
    def columns(self) -> dict[str, int]:
        """Columns, from 1, by header."""
        found = {str(cell.value): cell.column for cell in self.lines[HEADER] if cell.value}
        return {name: int(column) for name, column in found.items() if column}

    @property
    def rows(self) -> dict[str, int]:
        """Rows, from 1, by task."""
        column = self.columns["任务编号"]
        found = {}
        for number in range(HEADER + 1, self.lines.max_row + 1):
            if code := self.lines.cell(number, column).value:
                found[str(code)] = number
        return found

    def cell(self, task: str, header: str) -> Any:
        """One cell."""
        return self.lines.cell(self.rows[task], self.columns[header])

    def fill(self, task: str, **values: Any) -> None:
        """Type into a line; headers as keywords."""
        for header, value in values.items():
            self.cell(task, header).value = value

    def saved(self) -> bytes:
        """The file as openpyxl writes it."""
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def filled(data: bytes, act: Callable[[Sheets], None]) -> bytes:
    """A workbook after somebody did something to it."""
    sheets = Sheets(data)
    act(sheets)
    return sheets.saved()
