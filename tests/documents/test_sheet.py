"""The XLSX, as openpyxl and calamine read it: figures are figures, texts are texts, sheets have names."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from tests.documents.samples import CONTROLS, HOSTILE, bars, bulletin, city_table, draft, hostile
from webapp.documents.model import Cell, Column, Document, Paragraph, Row, Table
from webapp.documents.sheet import pieces, sheet_name, xlsx
from webapp.documents.words import clean


def opened(document: Document) -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx(document)))


def test_words_come_first_then_a_sheet_for_each_table_and_chart() -> None:
    book = opened(bulletin("zh"))
    assert book.sheetnames == ["正文", "图1 各省市任务进展", "城市", "表2 未报送单位"]
    words = [row[0] for row in book["正文"].iter_rows(values_only=True)]
    assert words[:2] == ["京津冀及周边地区大气污染防治领导小组办公室", "〔2017〕第8期"]
    assert "1. 请滞后城市于10月底前赶上进度。" in words
    assert "表1 各城市进展（见工作表“城市”）" in words
    assert "2017年10月12日" in words


def test_figures_are_figures_with_their_formats_for_both_readers() -> None:
    data = xlsx(bulletin("zh"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["城市"]
    row = [cell.value for cell in sheet[4]]
    assert row == ["天津市", 81, 3, 1234, 1, 1, 1, 0.37, 0.185, "按时", "滞后", None]
    assert [sheet.cell(4, at).number_format for at in (4, 8)] == ["#,##0", "0.0%"]
    read = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("城市").to_python()
    assert read[3][:9] == ["天津市", 81, 3, 1234, 1, 1, 1, 0.37, 0.185]


def test_a_head_stays_in_sight_and_is_printed_on_every_page_across() -> None:
    sheet = opened(bulletin("zh"))["城市"]
    assert sheet.freeze_panes == "B3"
    assert sheet.print_title_rows == "$1:$2"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.column_dimensions["A"].width > len("石家庄市") * 2


def test_a_chart_is_the_spreadsheets_own_beside_its_figures() -> None:
    data = xlsx(bulletin("zh"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["图1 各省市任务进展"]
    assert [cell.value for cell in sheet[2]] == ["名称", "办结", "正常", "滞后", "逾期", "说明"]
    assert [cell.value for cell in sheet[3]] == ["北京", 2, 4, 6, 8, "20"]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        chart = file.read("xl/charts/chart1.xml").decode()
    assert '<c:barDir val="bar"/><c:grouping val="stacked"/>' in chart
    assert chart.count("<c:ser>") == 4


@pytest.mark.parametrize(
    "text", [HOSTILE, "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "{=1}", "http://a.b"]
)
def test_no_text_becomes_a_formula_or_a_link(text: str) -> None:
    data = xlsx(hostile(text))
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [
        cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert not [name for name in file.namelist() if b"hyperlink" in file.read(name)]
        sheets = b"".join(file.read(name) for name in file.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets


def test_text_that_starts_a_formula_is_disarmed_as_in_our_other_files() -> None:
    table = Table("t", (Column("a"),), (Row((Cell("=1+1"),)), Row((Cell("-5", -5),)), Row((Cell("-5"),))))
    sheet = opened(replace(bulletin(), blocks=(table,)))["t"]
    assert [sheet.cell(row, 1).value for row in (3, 4, 5)] == ["'=1+1", -5, "'-5"]


@pytest.mark.parametrize("text", [CONTROLS, "", "😀 مرحبا 👨‍👩‍👧", "污" * 40_000])
def test_any_text_can_be_read_back(text: str) -> None:
    book = opened(hostile(text))
    words = "".join(str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True) if row[0])
    assert clean(text).replace("\n", "")[:9000] in words.replace("\n", "")


def test_sheets_have_names_a_spreadsheet_accepts() -> None:
    taken: set[str] = set()
    assert sheet_name("各城市：9月/10月 [草稿]*?", taken, "表") == "各城市：9月 10月 草稿"
    assert sheet_name("a" * 40, taken, "表") == "a" * 31
    assert sheet_name("A" * 40, taken, "表") == "A" * 29 + " 2"
    assert [sheet_name(name, taken, "表") for name in ("", "''", "History", "\x00")] == ["表", "表 2", "表 3", "表 4"]


def test_a_hundred_tables_of_one_name_have_a_sheet_each() -> None:
    table = replace(city_table("zh", 1), sheet="城" * 31)
    names = opened(replace(bulletin(), blocks=(table,) * 100)).sheetnames
    assert len({name.lower() for name in names}) == 101
    assert max(map(len, names)) <= 31


def test_a_long_paragraph_is_cut_behind_sentences_and_loses_nothing() -> None:
    text = "污染防治工作进展。" * 1000
    cut = list(pieces(text))
    assert "".join(cut) == text
    assert all(piece.endswith("。") for piece in cut)
    assert max(map(len, pieces("a" * 10_000))) <= 700
    words = [
        row[0] for row in opened(replace(bulletin(), blocks=(Paragraph(text),)))["正文"].iter_rows(values_only=True)
    ]
    assert text in "".join(str(word) for word in words)


def test_numbers_that_are_none_are_written_as_they_are_read() -> None:
    table = Table("t", (Column("a"),), (Row((Cell("—", float("nan")),)), Row((Cell("∞", float("inf")),))))
    sheet = opened(replace(bulletin(), blocks=(table,)))["t"]
    assert [sheet.cell(row, 1).value for row in (3, 4)] == ["—", "∞"]


def test_numbers_keep_the_decimals_of_their_text() -> None:
    cells = (Cell("1,234.50", 1234.5), Cell("12%", 0.12, share=True), Cell("0.3", 0.3), Cell("约3", 3.25))
    table = Table("t", tuple(Column(str(at)) for at in range(4)), (Row(cells),))
    sheet = opened(replace(bulletin(), blocks=(table,)))["t"]
    assert [cell.number_format for cell in sheet[3]] == ["#,##0.00", "0%", "#,##0.0", "#,##0.####"]


def test_an_empty_table_says_so_and_a_draft_is_marked_in_print() -> None:
    assert opened(bulletin("zh"))["表2 未报送单位"]["A3"].value == "无"
    book = opened(draft("zh"))
    assert book["正文"]["A1"].value == "草稿"
    assert book["城市"].oddHeader.right.text == "草稿"


def test_the_date_of_making_is_the_documents_own() -> None:
    book = opened(bulletin("zh"))
    assert f"{book.properties.created:%Y-%m-%d %H:%M}" == "2017-10-12 00:00"
    assert book.properties.creator == "京津冀及周边地区大气污染防治领导小组办公室"


def test_a_document_of_nothing_has_a_sheet() -> None:
    assert opened(replace(bulletin("en"), blocks=())).sheetnames == ["Text"]
    assert opened(replace(bulletin("en"), blocks=(replace(bars("en"), bars=()),))).sheetnames[1].startswith("Figure")
