"""A table somebody filled in and sent back: what is common to all of them, whatever their columns are.

What is wrong is said of the whole file (`Refusal`) or of single cells by row and column (`Wrong`). What else stands in
the way of reading a sheet is found here: cells that were merged, formulas without a result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.errors import Text
from webapp.evidence.workbook import Bounds, Fault, Sheet, Unfit, sheets

MERGED = _l("这里合并了单元格（第 %(top)s 至 %(bottom)s 行），分不清各行的内容。请取消合并后逐行填写。")
NO_RESULT = _l("这里是公式，文件里没有保存计算结果。请改填数值或文字，或重新计算并保存后上传。")
FAULTY = _l("这里是出错的公式（例如 #REF!），请改正公式或直接填写数字、文字。")

Columns = Mapping[str, int]
"""Where each column stands, by its name in the code."""


class Refusal(Exception):
    """The whole file is not taken; says why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong: the row as the spreadsheet numbers it, the column's header, and the words."""

    row: int
    column: str
    message: Text

    def __str__(self) -> str:
        if not self.column:
            return _("第 %(row)s 行：%(message)s", row=self.row, message=self.message)
        return _("第 %(row)s 行“%(column)s”：%(message)s", row=self.row, column=self.column, message=self.message)


class Worded:
    """A message with figures that is put together only when it is shown: a file may hold thousands of faults."""

    def __init__(self, message: Text, **params: Any) -> None:
        self._message, self._params = message, params

    def __str__(self) -> str:
        return str(self._message) % {name: str(value) for name, value in self._params.items()}


def read(data: bytes, bounds: Bounds, refusals: Mapping[Fault, Text]) -> list[Sheet]:
    """The sheets of a workbook within bounds. Raises Refusal in the caller's words."""
    try:
        return sheets(data, bounds)
    except Unfit as unfit:
        raise Refusal(refusals[unfit.fault]) from None


def below(rows: Sequence[Sequence[Any]], header: int, columns: Columns) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the header that hold anything: (number as the spreadsheet shows it, cells by column)."""
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {code: row[place] if place < len(row) else "" for code, place in columns.items()}
        if any(cell not in ("", None) and str(cell).strip() for cell in cells.values()):
            yield number, cells


def unreadable(sheet: Sheet, header: int, columns: Columns, titles: Mapping[str, str]) -> list[Wrong]:
    """The cells below the header that cannot be told apart, or hold no value; `titles` are the columns' headers."""
    return [*_merged(sheet, header, columns, titles), *_hollow(sheet, header, columns, titles)]


def _merged(sheet: Sheet, header: int, columns: Columns, titles: Mapping[str, str]) -> Iterator[Wrong]:
    for (top, left), (bottom, right) in sheet.merged:
        inside = [code for code, place in columns.items() if left <= place <= right]
        if bottom > header and inside:
            message = Worded(MERGED, top=top + 1, bottom=bottom + 1)
            yield Wrong(max(top, header + 1) + 1, titles[inside[0]], message)


def _hollow(sheet: Sheet, header: int, columns: Columns, titles: Mapping[str, str]) -> Iterator[Wrong]:
    at = {place: code for code, place in columns.items()}
    for (row, column), why in sorted(sheet.hollow.items()):
        if row > header and column in at:
            yield Wrong(row + 1, titles[at[column]], NO_RESULT if why == "formula" else FAULTY)
