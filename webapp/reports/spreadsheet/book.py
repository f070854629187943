"""A workbook that came back, as plain tables: found by what stands in them, whatever their sheets are called now."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.evidence import tables
from webapp.evidence.tables import Refusal, Wrong
from webapp.reports.spreadsheet import container, layout
from webapp.reports.spreadsheet.container import Sheet
from webapp.reports.spreadsheet.identity import Stamp, unseal

# How far down the header may have been pushed by rows that somebody put above it.
HEADER_WITHIN = 60
NO_IDENTITY = _l(
    "文件里没有身份信息，无法确认是哪个单位、哪个月的表格。请在从本系统下载的表格里填写，不要把内容复制到新文件。"
)
NO_TABLE = _l("文件里找不到填报表（标题行中应有“%(task)s”等列）。请重新下载表格填写。")
TWO_TABLES = _l("文件里有 %(n)s 张填报表（%(names)s），无法判断以哪一张为准。请只保留一张后再上传。")
MISSING = _l("填报表缺少列：%(names)s。请重新下载表格填写，不要删除列或修改标题。")


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the header: its number as a spreadsheet shows it, its cells by the columns' names."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The sheet of lines: headers as the file has them, rows that hold anything, what is wrong with its shape."""

    stamp: Stamp
    headers: Mapping[str, str]
    rows: Sequence[Row]
    wrong: Sequence[Wrong]
    ignored: Sequence[str]


def open_book(data: bytes, secret: str) -> Table:
    """The table of a file that was uploaded. Raises Refusal."""
    sheets = container.sheets(data)
    stamp = unseal(secret, _sealed(sheets))
    headers = layout.headers(stamp.locale)
    found = [(sheet, row) for sheet in sheets if (row := _header_row(sheet, headers["task"])) is not None]
    if not found:
        raise Refusal(NO_TABLE % {"task": headers["task"]})
    if len(found) > 1:
        names = "、".join(sheet.name for sheet, _row in found)
        raise Refusal(TWO_TABLES % {"n": len(found), "names": names})
    return _table(*found[0], stamp, headers)


def _sealed(sheets: Sequence[Sheet]) -> str:
    """The signed text: in the first column below the mark, on whatever sheet it is found."""
    for sheet in sheets:
        if sheet.rows and sheet.rows[0] and sheet.rows[0][0] == layout.MARK:
            return "".join(str(row[0]) for row in sheet.rows[1:] if row and row[0])
    raise Refusal(NO_IDENTITY)


def tidy(value: Any) -> str:
    """A header or a code without the differences that copying makes: width of letters, blanks."""
    return "".join(unicodedata.normalize("NFKC", str(value)).split()).casefold()


def _header_row(sheet: Sheet, wanted: str) -> int | None:
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if any(tidy(cell) == tidy(wanted) for cell in row):
            return number
    return None


def _table(sheet: Sheet, header: int, stamp: Stamp, headers: Mapping[str, str]) -> Table:
    names = {tidy(words): name for name, words in headers.items()}
    columns: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(sheet.rows[header]):
        name = names.get(tidy(cell))
        if name in columns:
            raise Refusal(_l("标题行里有两列「%(name)s」，请删去多余的一列。", name=headers[name]))
        if name:
            columns[name] = place
        elif str(cell).strip():
            ignored.append(str(cell).strip()[:40])
    missing = [headers[name] for name in layout.NEEDED if name not in columns]
    if missing:
        raise Refusal(MISSING % {"names": "、".join(missing)})
    needed = {name: columns[name] for name in layout.NEEDED}
    rows = [Row(number, cells) for number, cells in tables.below(sheet.rows, header, columns)]
    return Table(stamp, headers, rows, tables.unreadable(sheet, header, needed, headers), ignored)
