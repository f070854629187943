"""Files that come back as nobody wished: each gets a clear answer, by row and column where it can."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.reports.test_sheet import BOILERS, DEVICES, ELSEWHERE, NOW, SECRET, Desk, values
from tests.support.sheets import HEADER, Sheets, filled
from webapp.db import Database
from webapp.evidence.tables import Refusal
from webapp.reports.spreadsheet import container, examining, identity
from webapp.reports.spreadsheet.comparing import Preview
from webapp.reports.spreadsheet.layout import IDENTITY, MARK

Act = Callable[[Sheets], None]


@pytest.fixture(scope="module")
def desk(september_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One database for all: looking at a file writes nothing."""
    path = tmp_path_factory.mktemp("files") / "september.db"
    shutil.copyfile(september_file, path)
    database = Database(f"sqlite:///{path}")
    yield Desk(database)
    database.dispose()


@pytest.fixture(scope="module")
def taken(desk: Desk) -> bytes:
    """The workbook as it is taken away."""
    return desk.taken()


def said(preview: Preview) -> list[str]:
    """Errors as the page words them."""
    return [str(each) for each in preview.wrong]


def _sort_upside_down(sheets: Sheets) -> None:
    sheet, last = sheets.lines, sheets.lines.max_row
    rows = [[cell.value for cell in sheet[number]] for number in range(HEADER + 1, last + 1)]
    for number, row in enumerate(reversed(rows), start=HEADER + 1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value


def _move_column(sheets: Sheets) -> None:
    """The figures at the far right, behind a column of somebody's own."""
    sheet, place = sheets.lines, sheets.columns["本月累计"]
    figures = [sheet.cell(number, place).value for number in range(1, sheet.max_row + 1)]
    sheet.delete_cols(place)
    sheet.cell(HEADER, 15).value = "备注"
    for number, value in enumerate(figures, start=1):
        sheet.cell(number, 16).value = value


def _drop_row(sheets: Sheets) -> None:
    sheets.lines.delete_rows(sheets.rows[ELSEWHERE])


def _gap(sheets: Sheets) -> None:
    sheets.lines.insert_rows(HEADER + 3, 4)


def _rename(sheets: Sheets) -> None:
    for number, sheet in enumerate(sheets.book.worksheets):
        sheet.title = f"表{number}"


FINE: dict[str, Act] = {
    "rows in another order": _sort_upside_down,
    "columns in another order, one more": _move_column,
    "a row deleted": _drop_row,
    "empty rows inserted": _gap,
    "sheets renamed": _rename,
    "a sheet more": lambda sheets: sheets.book.create_sheet("草稿"),
    "rows above the header": lambda sheets: sheets.lines.insert_rows(1, 5),
    "code in wide letters": lambda sheets: sheets.fill(DEVICES, 任务编号="Ｍ13-fixed "),
}


@pytest.mark.parametrize("act", FINE.values(), ids=FINE)
def test_what_does_no_harm_is_read(desk: Desk, taken: bytes, act: Act) -> None:
    def both(sheets: Sheets) -> None:
        sheets.fill(BOILERS, 本月累计=0.5, 存在问题="慢")
        act(sheets)

    found = desk.seen(filled(taken, both))
    assert said(found) == []
    assert values(found) == {BOILERS: {"figure": "0.5", "problem": "慢"}}


READ: dict[str, tuple[str, str, Any, str]] = {
    "unit": (DEVICES, "本月累计", "12 台", "12"),
    "wide digits": (DEVICES, "本月累计", "１２", "12"),
    "commas": (DEVICES, "本月累计", "1,2", "12"),
    "English unit": (DEVICES, "本月累计", "5 units", "5"),
    "percent as text": (BOILERS, "本月累计", "62.5％", "0.625"),
    "machine's digits": (BOILERS, "本月累计", 0.1 + 0.2, "0.3"),
    "zero": (BOILERS, "本月累计", 0, "0"),
    "state with blanks": (ELSEWHERE, "本月情况", " 已按要求完成 ", "1"),
    "number as text": (BOILERS, "存在问题", 12.0, "12"),
    "several rows": (BOILERS, "存在问题", "一、慢\r\n二、贵", "一、慢\n二、贵"),
}


@pytest.mark.parametrize(("task", "header", "typed", "kept"), READ.values(), ids=READ)
def test_what_people_type_is_understood(
    desk: Desk, taken: bytes, task: str, header: str, typed: Any, kept: str
) -> None:
    found = desk.seen(filled(taken, lambda sheets: sheets.fill(task, **{header: typed})))
    assert said(found) == []
    assert [list(each.values()) for each in values(found).values()] in ([[kept]], [])
    assert values(found) or desk.line(task)["cumulative"] == kept


WRONG: dict[str, tuple[str, str, Any, str]] = {
    "words": (DEVICES, "本月累计", "十二台左右", "不是数字"),
    "ten thousands": (DEVICES, "本月累计", "1.2万", "不是数字"),
    "date": (DEVICES, "本月累计", date(2017, 9, 12), "是日期或时间"),
    "truth": (DEVICES, "本月累计", True, "TRUE 或 FALSE"),
    "half a device": (DEVICES, "本月累计", 1.5, "请填写整数"),
    "negative": (DEVICES, "本月累计", -1, "不能为负数"),
    "huge": (DEVICES, "本月累计", 1e30, "数字过大"),
    "unusual": (DEVICES, "本月累计", 5000, "远超目标"),
    "share as text without a sign": (BOILERS, "本月累计", "62.5", "写上百分号"),
    "share over one": (BOILERS, "本月累计", 62.5, "比例不能超过 100%"),
    "too precise": (BOILERS, "本月累计", "62.5555%", "最多保留"),
    "figure for a milestone": (ELSEWHERE, "本月累计", 1, "不填数字"),
    "other state": (ELSEWHERE, "本月情况", "快了", "下拉列表"),
    "a milestone's state for a figure": (DEVICES, "本月情况", "已按要求完成", "下拉列表"),
    "long": (BOILERS, "存在问题", "长" * 4001, "最多 4000 字"),
    "a date as words": (BOILERS, "下一步打算", date(2017, 10, 31), "是日期或时间"),
    "fault": (BOILERS, "存在问题", "#REF!", "出错的公式"),
    "formula without a result": (DEVICES, "本月累计", "=6*2", "没有保存计算结果"),
}


@pytest.mark.parametrize(("task", "header", "typed", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_said_by_row_and_column(
    desk: Desk, taken: bytes, task: str, header: str, typed: Any, words: str
) -> None:
    row = Sheets(taken).rows[task]
    found = desk.seen(filled(taken, lambda sheets: sheets.fill(task, **{header: typed})))
    shown = header if words != "远超目标" else "数字变化的原因"
    assert len(found.wrong) == 1, said(found)
    assert said(found)[0].startswith(f"第 {row} 行“{shown}”：")
    assert words in said(found)[0]
    assert found.changed == []


def test_figure_and_no_change_contradict_each_other(desk: Desk, taken: bytes) -> None:
    found = desk.seen(filled(taken, lambda sheets: sheets.fill(DEVICES, 本月累计=3, 本月情况="本月无变化")))
    assert "不能同时选择" in said(found)[0]


def test_a_figure_cannot_be_cleared(desk: Desk, taken: bytes) -> None:
    sheets = Sheets(taken)
    shares = [line["task"] for line in desk.lines().lines if line["cumulative"] and line["unit"] == "share"]
    stated = next(task for task in shares if not sheets.cell(task, "本月累计").protection.locked)
    found = desk.seen(filled(taken, lambda sheets: sheets.fill(stated, 本月累计=None)))
    assert "不能清空" in said(found)[0]


def _twice(sheets: Sheets) -> None:
    last = sheets.lines.max_row + 1
    for cell in sheets.lines[sheets.rows[BOILERS]]:
        sheets.lines.cell(last, cell.column).value = cell.value


def _mixed(sheets: Sheets) -> None:
    sheets.fill(BOILERS, 任务编号=DEVICES)
    sheets.fill(DEVICES, 任务编号=BOILERS)


def _merge(sheets: Sheets) -> None:
    row, column = sheets.rows[BOILERS], sheets.columns["存在问题"]
    sheets.lines.merge_cells(start_row=row, end_row=row + 2, start_column=column, end_column=column)


SHAPES: dict[str, tuple[Act, str]] = {
    "a row twice": (_twice, "出现了 2 次"),
    "an unknown code": (lambda sheets: sheets.fill(BOILERS, 任务编号="x99"), "没有任务编号“x99”"),
    "no code": (lambda sheets: sheets.fill(BOILERS, 任务编号=None), "没有任务编号，不知道"),
    "codes moved alone": (_mixed, "对不上"),
    "merged cells": (_merge, "合并了单元格"),
}


@pytest.mark.parametrize(("act", "words"), SHAPES.values(), ids=SHAPES)
def test_rows_that_no_longer_say_which_line_they_are(desk: Desk, taken: bytes, act: Act, words: str) -> None:
    found = desk.seen(filled(taken, act))
    assert words in said(found)[0]
    assert said(found)[0].startswith("第 ")
    assert found.changed == []


# --- files that are refused as a whole


def _zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _replaced(data: bytes, ending: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename.endswith(ending) else content)
    return buffer.getvalue()


def _cells(words: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(b"</sheetData>", words + b"</sheetData>")


def _without_identity(data: bytes) -> bytes:
    return filled(data, lambda sheets: sheets.book.remove(sheets.book[IDENTITY]))


def _copied(data: bytes) -> bytes:
    """The lines' values in a new file of somebody's own."""
    old, new = load_workbook(io.BytesIO(data)).worksheets[1], Workbook()
    for row in old.iter_rows(values_only=True):
        new.active.append(row)  # type: ignore[union-attr]
    buffer = io.BytesIO()
    new.save(buffer)
    return buffer.getvalue()


def _forged(data: bytes) -> bytes:
    def act(sheets: Sheets) -> None:
        cell = sheets.book[IDENTITY]["A2"]
        cell.value = str(cell.value)[:-3] + "abc"

    return filled(data, act)


def _two_tables(sheets: Sheets) -> None:
    sheets.book.copy_worksheet(sheets.lines)


def _drop_column(sheets: Sheets) -> None:
    sheets.lines.delete_cols(sheets.columns["存在问题"])


def _two_columns(sheets: Sheets) -> None:
    sheets.lines.cell(HEADER, 17).value = "存在问题"


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'


def _part(ending: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: _replaced(data, ending, change)


def _swapped(ending: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return _part(ending, lambda content: content.replace(old, new, 1))


def _more(cells: bytes) -> Callable[[bytes], bytes]:
    return _part("sheet1.xml", _cells(cells))


def _long_text(data: bytes) -> bytes:
    longer = _swapped("sharedStrings.xml", b"<t>", b"<t>" + b"a" * 200_000)(data)
    return _more(b'<row><c t="s"><v>0</v></c></row>' * 1500)(longer)


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
LOCKED = COMPOUND + "EncryptedPackage".encode("utf-16-le")
REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _data: b"", "文件是空的"),
    "text": (lambda _data: b"a,b\n1,2\n", ".xlsx 格式"),
    "old compound file": (lambda _data: COMPOUND + b"\0" * 600, ".xlsx 格式"),
    "with a password": (lambda _data: LOCKED, "设有密码"),
    "another zip": (lambda _data: _zipped(**{"a.txt": b"a"}), ".xlsx 格式"),
    "cut off": (lambda data: data[: len(data) // 2], "损坏"),
    "too large": (lambda data: data + b"\0" * container.LARGEST, "超过 2 MB"),
    "a bomb": (_part("styles.xml", lambda part: part + b" " * 9_000_000), "展开后过大"),
    "far away": (_more(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "内容过多"),
    "far away in small letters": (_more(b'<row><c r="xfd9"><v>1</v></c></row>'), "内容过多"),
    "far away without addresses": (_more(b"<row>" + b"<c><v>1</v></c>" * 101 + b"</row>"), "内容过多"),
    "many cells": (_more(b"<row><c/></row>" * 200_000), "内容过多"),
    "no address": (_more(b'<row><c r="12"><v>1</v></c></row>'), "损坏"),
    "a long text for many cells": (_long_text, "展开后过大"),
    "entities": (_swapped("workbook.xml", b"<workbook", DOCTYPE + b"<workbook"), "损坏"),
    "another encoding": (_swapped("sheet1.xml", b"UTF-8", b"UTF-16"), "损坏"),
    "no XML": (_part("sheet1.xml", lambda _part: b"<worksheet><row>"), "损坏"),
    "a sheet elsewhere": (_swapped("workbook.xml.rels", b"worksheets/sheet2.xml", b"media/a.png"), "损坏"),
    "no identity": (_without_identity, "没有身份信息"),
    "copied into another file": (_copied, "没有身份信息"),
    "identity changed": (_forged, "无法核验"),
    "two tables": (lambda data: filled(data, _two_tables), "2 张填报表"),
    "no table": (lambda data: filled(data, lambda sheets: sheets.lines.delete_rows(HEADER)), "找不到填报表"),
    "a column deleted": (lambda data: filled(data, _drop_column), "缺少列：存在问题"),
    "a column twice": (lambda data: filled(data, _two_columns), "两列「存在问题」"),
}


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused_says_why(desk: Desk, taken: bytes, make: Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        desk.seen(make(taken))


def test_a_file_of_another_city_month_plan_report_or_installation(desk: Desk, taken: bytes) -> None:
    with desk.db.reading() as session:
        jinan = desk.report(session, "370100")
        with pytest.raises(Refusal, match="这是保定市的表格，而这里是济南市的月报"):
            examining.preview(session, jinan, taken, secret=SECRET, now=NOW)
        with pytest.raises(Refusal, match="可能来自另一套系统"):
            examining.preview(session, desk.report(session), taken, secret="another" * 9, now=NOW)
    for change, words in (
        ({"month": "2017-08"}, "这是2017年8月的表格"),
        ({"plan": "other-2018"}, "另一个方案"),
        ({"report": 99_999}, "不是从这份月报下载的"),
        ({"revision": 1}, "又报送过"),
        ({"layout": 0}, "格式已经更新"),
    ):
        with pytest.raises(Refusal, match=words):
            desk.seen(filled(taken, _restamp(change)))


def _restamp(change: dict[str, Any]) -> Act:
    """What only this installation could do: the identity with another value, signed."""

    def act(sheets: Sheets) -> None:
        cells = sheets.book[IDENTITY]
        assert cells["A1"].value == MARK
        stamp = identity.unseal(SECRET, str(cells["A2"].value))
        old = {name: getattr(stamp, name) for name in stamp.__slots__}
        cells["A2"].value = identity.seal(SECRET, identity.Stamp(**(old | change)))

    return act


def test_stored_results_of_formulas_are_used(desk: Desk, taken: bytes) -> None:
    row = Sheets(taken).rows[DEVICES]
    place = f"K{row}".encode()

    def change(part: bytes) -> bytes:
        start = part.index(b'<c r="' + place + b'"')
        end = part.index(b">", start)
        assert part[end - 1 : end] == b"/", "an empty cell"
        return part[: end - 1] + b"><f>2*3</f><v>6</v></c>" + part[end + 1 :]

    found = desk.seen(_replaced(taken, "sheet2.xml", change))
    assert (said(found), values(found)) == ([], {DEVICES: {"figure": "6"}})


def test_locked_columns_are_not_read(desk: Desk, taken: bytes) -> None:
    found = desk.seen(filled(taken, lambda sheets: sheets.fill(BOILERS, 上月累计=0.9, 目标="随便", 状态="办结")))
    assert (found.wrong, found.changed) == ([], [])


def test_the_workbook_holds_texts_lists_and_print_set_up(desk: Desk, taken: bytes) -> None:
    sheets = Sheets(taken)
    assert sheets.book.sheetnames[0] == "填表说明"
    assert sheets.book[IDENTITY].sheet_state == "veryHidden"
    sheet = sheets.lines
    assert sheet.freeze_panes == "C4"
    assert sheet.protection.sheet
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$3:$3")
    kinds = {rule.type for rule in sheet.data_validations.dataValidation}
    assert kinds == {"list", "whole", "decimal", "textLength"}
    assert len(sheets.rows) == len(desk.lines().lines)
