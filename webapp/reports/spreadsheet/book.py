"""A workbook that came back, as plain tables: found by what stands in them, whatever their sheets are called now."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.reports.spreadsheet import container, layout
from webapp.reports.spreadsheet.container import Sheet
from webapp.reports.spreadsheet.identity import Stamp, unseal
from webapp.reports.spreadsheet.wrong import Refusal, Wrong

# How far down the header may have been pushed by rows that somebody put above it.
HEADER_WITHIN = 60
NO_IDENTITY = _l(
    "文件里没有身份信息，无法确认是哪个单位、哪个月的表格。请在从本系统下载的表格里填写，不要把内容复制到新文件。"
)
NO_TABLE = _l("文件里找不到填报表（标题行中应有“%(task)s”等列）。请重新下载表格填写。")
TWO_TABLES = _l("文件里有 %(n)s 张填报表（%(names)s），无法判断以哪一张为准。请只保留一张后再上传。")
MISSING = _l("填报表缺少列：%(names)s。请重新下载表格填写，不要删除列或修改标题。")
MERGED = _l("这里合并了单元格（%(top)s 至 %(bottom)s 行），分不清各行填了什么。请取消合并后逐行填写。")
NO_RESULT = _l("这里是公式，文件里没有保存计算结果。请直接填写数字或文字，或用表格软件重新计算并保存后上传。")
A_FAULT = _l("这里是出错的公式（例如 #REF!），请改正公式或直接填写数字、文字。")


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
        raise Refusal(
            _l("填报表缺少列：%(names)s。请重新下载表格填写，不要删除列或修改标题。", names="、".join(missing))
        )
    rows = list(_rows(sheet, header, columns))
    return Table(
        stamp,
        headers,
        rows,
        [*_merged(sheet, header, columns, headers), *_hollow(sheet, header, columns, headers)],
        ignored,
    )


def _rows(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[Row]:
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        if any(cell not in ("", None) for cell in cells.values()):
            yield Row(number, cells)


def _merged(sheet: Sheet, header: int, columns: Mapping[str, int], headers: Mapping[str, str]) -> Iterator[Wrong]:
    for (top, left), (bottom, right) in sheet.merged:
        inside = [name for name in layout.NEEDED if left <= columns[name] <= right]
        if bottom > header and inside:
            message = _l(
                "这里合并了单元格（%(top)s 至 %(bottom)s 行），分不清各行填了什么。请取消合并后逐行填写。",
                top=top + 1,
                bottom=bottom + 1,
            )
            yield Wrong(max(top, header + 1) + 1, headers[inside[0]], message)


def _hollow(sheet: Sheet, header: int, columns: Mapping[str, int], headers: Mapping[str, str]) -> Iterator[Wrong]:
    for (row, column), kind in sorted(sheet.hollow.items()):
        name = next((name for name in layout.NEEDED if columns[name] == column), None)
        if row > header and name:
            yield Wrong(row + 1, headers[name], A_FAULT if kind == "fault" else NO_RESULT)
