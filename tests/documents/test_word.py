"""The DOCX: opened by python-docx, with styles, lists, tables and fields that can be edited."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import docx as library
import pytest

from tests.documents.samples import CONTROLS, HOSTILE, bars, bulletin, city_table, draft, hostile
from webapp.documents.model import Bar, Bars, Cell, Column, Document, Items, Paragraph, Part, Row, Table
from webapp.documents.word import docx
from webapp.documents.words import clean


def opened(document: Document) -> Any:
    return library.Document(io.BytesIO(docx(document)))


def member(document: Document, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(docx(document))) as file:
        return file.read(name).decode()


def styled(made: Any, style: str) -> list[str]:
    return [paragraph.text for paragraph in made.paragraphs if paragraph.style.name == style]


def test_headings_lists_and_texts_have_the_styles_word_knows() -> None:
    made = opened(bulletin("zh"))
    assert styled(made, "Title") == ["京津冀及周边地区大气污染防治工作2017年9月调度通报"]
    assert styled(made, "Heading 1") == ["一、总体情况", "二、各城市"]
    assert styled(made, "Heading 2") == ["（一）分省市"]
    assert styled(made, "List Number") == ["请滞后城市于10月底前赶上进度。", "请未报送单位尽快补报。"]
    assert styled(made, "Issuer") == ["京津冀及周边地区大气污染防治领导小组办公室"]
    assert styled(made, "Signature")[-1] == "2017年10月12日"
    assert styled(made, "Body Text")[1].startswith("报送情况。截至")


def test_tables_are_real_ones_with_a_repeated_head() -> None:
    made = opened(bulletin("zh"))
    table = next(table for table in made.tables if table.style.name == "Table Grid")
    assert len(table.rows) == 29
    assert [cell.text for cell in table.rows[0].cells][:3] == ["城市", "任务数", "办结"]
    assert [cell.text for cell in table.rows[2].cells][:4] == ["天津市", "81", "3", "1,234"]
    assert table.rows[2].cells[10].text == "■ 滞后"
    assert len(table.rows[0]._tr.xpath("w:trPr/w:tblHeader")) == 1
    assert len(table._tbl.xpath("w:tr/w:trPr/w:cantSplit")) == 29
    assert [cell.text for cell in made.tables[-1].rows[1].cells] == ["无", "无"]


def test_fonts_are_those_of_official_documents() -> None:
    styles = member(bulletin("zh"), "word/styles.xml")
    for font in ("仿宋_GB2312", "黑体", "Times New Roman"):
        assert font in styles
    fonts = member(bulletin("zh"), "word/fontTable.xml")
    assert re.search(r'w:name="仿宋_GB2312"><w:altName w:val="仿宋;FangSong"', fonts)


def test_page_numbers_are_fields() -> None:
    footer = member(bulletin("zh"), "word/footer1.xml")
    assert [code.strip() for code in re.findall(r"<w:instrText>(.*?)</w:instrText>", footer)] == ["PAGE", "NUMPAGES"]
    assert re.sub(r"<[^>]+>|\s", "", footer) == "第PAGE1页共NUMPAGES1页"


def test_each_list_counts_from_one() -> None:
    document = replace(bulletin("en"), blocks=(Items(("a", "b")), Paragraph("x"), Items(("c",))))
    made = opened(document)
    listed = [paragraph for paragraph in made.paragraphs if paragraph.style.name == "List Number"]
    numbers = [paragraph._p.pPr.numPr.numId.val for paragraph in listed]
    assert numbers[0] == numbers[1] != numbers[2]
    starts = made.part.numbering_part.element.xpath("w:num/w:lvlOverride/w:startOverride/@w:val")
    assert starts == ["1", "1"]


def test_the_sheet_is_a4_upright_or_wide_and_a_draft_says_so() -> None:
    wide, upright = opened(draft("zh")).sections[0], opened(bulletin("zh")).sections[0]
    assert (round(wide.page_width.cm, 1), round(wide.page_height.cm, 1)) == (29.7, 21.0)
    assert (round(upright.page_width.cm, 1), round(upright.page_height.cm, 1)) == (21.0, 29.7)
    assert [section.header.paragraphs[0].text for section in (wide, upright)] == ["草稿", ""]


def test_properties_are_the_documents_own() -> None:
    properties = opened(bulletin("en")).core_properties
    assert properties.created == properties.modified == datetime(2017, 10, 12, tzinfo=UTC)
    assert properties.author == "Regional Office for Clean Air"
    assert properties.title.startswith("Monthly bulletin")


def test_members_carry_a_fixed_date() -> None:
    with zipfile.ZipFile(io.BytesIO(docx(bulletin()))) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.testzip() is None


def test_a_bar_is_a_row_of_shaded_cells_as_wide_as_its_parts() -> None:
    table = opened(replace(bulletin("zh"), blocks=(bars("zh"),))).tables[0]
    cells = table.rows[-2]._tr.xpath("w:tc")
    spans = [int(cell.xpath("string(w:tcPr/w:gridSpan/@w:val)") or 1) for cell in cells]
    assert sum(spans) == 62
    assert spans[1:-1] == [6, 12, 18, 24]
    assert [cell.xpath("string(.//w:t)") for cell in cells] == ["河南", "7", "14", "21", "28", "70"]
    assert all(cell.xpath("w:tcPr/w:shd/@w:fill") for cell in cells[1:-1])


def test_a_chart_of_nothing_and_of_parts_too_small_to_see() -> None:
    tiny = Bars("图", (Bar("a", (Part("x", 1, "red"), Part("y", 100_000, "green")), "w"), Bar("b", (), "")))
    made = opened(replace(bulletin(), blocks=(Bars("空", ()), tiny)))
    assert [row.cells[0].text for row in made.tables[-1].rows][::2] == ["a", "b"]


@pytest.mark.parametrize("text", [HOSTILE, CONTROLS, "", "😀 مرحبا שלום 👨‍👩‍👧", "污" * 10_000])
def test_any_text_is_shown_as_it_is(text: str) -> None:
    made = opened(hostile(text))
    assert styled(made, "Heading 1") == [clean(text)]
    assert styled(made, "Body Text") == [clean(text) * 2]
    assert made.tables[0].rows[1].cells[1].text == clean(text)


def test_a_row_that_fills_a_page_may_be_split() -> None:
    table = Table("t", (Column("a"),), (Row((Cell("字" * 4000),)), Row((Cell("b"),))))
    made = opened(replace(bulletin(), blocks=(table,)))
    assert len(made.tables[0]._tbl.xpath("w:tr/w:trPr/w:cantSplit")) == 2


def test_columns_fill_the_width_of_the_text() -> None:
    made = opened(replace(draft("en"), blocks=(city_table("en"),)))
    widths = [int(width) for width in made.tables[0]._tbl.xpath("w:tblGrid/w:gridCol/@w:w")]
    assert sum(widths) == pytest.approx((29.7 - 2 * 2.6) * 567, abs=12)
