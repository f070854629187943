"""The PDF: one embedded font, numbered A4 pages, texts shown as they are."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.documents.samples import CONTROLS, DIGEST, HOSTILE, bulletin, city_table, draft, hostile
from tests.support.pdf import read
from webapp.documents import pdf as module
from webapp.documents.glyphs import lacking
from webapp.documents.model import Cell, Column, Items, Paragraph, Row, Table
from webapp.documents.pdf import FontMissing, pdf, pictures

FONT = module.FONTS / "NotoSansSC-Regular.ttf"


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_bulletin_is_set_in_one_embedded_font_on_numbered_pages() -> None:
    made = read(pdf(bulletin("zh")))
    assert made.fonts == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
    assert made.embedded
    assert len(made.pages) == 2
    assert "第 1 页 共 2 页" in made.pages[0]
    assert "第 2 页 共 2 页" in made.pages[1]
    for text in (
        "京津冀及周边地区大气污染防治领导小组办公室",
        "〔2017〕第8期",
        "各省（市）人民政府，各有关单位：",
        "2017年10月12日",
    ):
        assert bare(text) in made.text


def test_an_english_bulletin_counts_its_pages_in_english() -> None:
    made = read(pdf(bulletin("en")))
    assert f"Page 1 of {len(made.pages)}" in made.pages[0]
    assert "12October2017" in made.text
    assert "页" not in made.text


def test_pages_are_a4_upright_or_wide() -> None:
    assert set(read(pdf(bulletin())).sizes) == {"0 0 595.2756 841.8898"}
    assert set(read(pdf(draft())).sizes) == {"0 0 841.8898 595.2756"}


def test_a_long_table_repeats_its_head_and_a_draft_says_so_on_every_page() -> None:
    made = read(pdf(draft("zh")))
    assert len(made.pages) >= 3
    assert all(page.count("草稿") == 2 for page in made.pages)
    heads = [page for page in made.pages if "未开始\n完成率" in page]
    assert len(heads) >= 2
    assert "草稿" not in read(pdf(bulletin("zh"))).text


def test_hostile_text_is_shown_as_it_is_wherever_it_stands() -> None:
    made = read(pdf(hostile()))
    # Issuer twice, number, title, to, two headings, lead, text, item, caption, two heads, two cells, note, chart's
    # caption, legend, bar's name and words, small print; the draft's word twice on each page.
    assert made.text.count(bare(HOSTILE)) == 20 + 1 + 2 * len(made.pages)


def test_control_characters_are_replaced() -> None:
    assert "a□b□c□d" in read(pdf(hostile(CONTROLS))).text


def test_what_the_font_lacks_is_admitted_in_the_small_print() -> None:
    document = replace(bulletin("zh"), blocks=(Paragraph("进展😀 مرحبا"),))
    made = read(pdf(document))
    assert "个别字符不在本文件的字库中" in made.text
    assert "个别字符" not in read(pdf(bulletin("zh"))).text
    assert "not in this file's font".replace(" ", "") in read(pdf(replace(document, language="en"))).text


def test_what_a_font_has_is_read_from_its_own_table() -> None:
    assert not lacking("污染防治 PM2.5 μg/m³ ①〔〕—— é\u200b\n", FONT)
    assert lacking("\U0001f600", FONT)
    assert lacking("\u0645", FONT)


def test_long_texts_and_words_break_and_nothing_is_lost() -> None:
    long = "大气污染防治" * 1700
    name = "京津冀及周边地区大气污染防治领导小组办公室重点行业挥发性有机物综合治理专项工作推进协调组"
    address = "https://lantian.example/" + "a" * 300
    table = Table(
        "表", (Column(name), Column("数", "end")), (Row((Cell(address), Cell(long))), Row((Cell(name), Cell("1"))))
    )
    made = read(pdf(replace(bulletin(), blocks=(Paragraph(long), Items((address,)), table))))
    assert bare(long) in re.sub(r"第\d+页共\d+页", "", made.text)
    assert made.text.count(address) == 2
    # A check sum can be copied: nothing invisible stands between its letters.
    assert DIGEST in made.text


def test_an_empty_table_says_so() -> None:
    assert "单位\n原因\n无" in read(pdf(bulletin("zh"))).pages[-1]


def test_nothing_is_set_without_the_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module._fonts.cache_clear()
    monkeypatch.setattr(module, "FONTS", tmp_path)
    with pytest.raises(FontMissing, match="make setup"):
        pdf(bulletin())
    (tmp_path / "NotoSansSC-Regular.ttf").symlink_to(FONT)
    with pytest.raises(FontMissing):
        pdf(bulletin())
    module._fonts.cache_clear()


def test_pages_can_be_looked_at() -> None:
    pages = pictures(bulletin("zh"))
    assert len(pages) == 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_the_template_reads_no_file_and_loads_no_package() -> None:
    template = module.TEMPLATE.read_text(encoding="utf-8")
    assert not re.findall(r"#?(?:import|include|read|image|plugin|eval)\b\s*[(\"]", template)
    assert "@preview" not in template
    assert [path.name for path in module.TEMPLATE.parent.iterdir()] == ["official.typ"]


def test_a_document_of_nothing_has_a_page() -> None:
    empty = replace(bulletin("en"), blocks=(), number="", to="", notes=())
    assert len(read(pdf(empty)).pages) == 1


def test_a_table_of_many_columns_keeps_its_words() -> None:
    made = read(pdf(replace(bulletin("en"), blocks=(city_table("en"),))))
    for word in ("Completion", "Shijiazhuang", "Overdue"):
        assert word in "".join(made.pages)
