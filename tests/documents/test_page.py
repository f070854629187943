"""A document as part of a page: headings in order, tables with captions and scopes, bars without inline style."""

from dataclasses import replace

import pytest
from flask import Flask, render_template_string

from tests.documents.samples import CONTROLS, HOSTILE, bars, bulletin, draft, hostile
from tests.support.html import Element, parse
from tests.support.repository import ROOT
from webapp import i18n
from webapp.documents.model import Document

PAGE = '{% import "macros/document.html" as paper %}{{ paper.document(it) }}'


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask("webapp", root_path=str(ROOT / "webapp"))
    i18n.init(made, lambda: "zh")
    return made


def shown(app: Flask, document: Document) -> Element:
    with app.test_request_context():
        return parse(render_template_string(PAGE, it=document))


def test_headings_follow_the_pages_own(app: Flask) -> None:
    page = shown(app, bulletin("zh"))
    assert [(heading.tag, heading.text) for heading in page.all("h1", "h2", "h3", "h4")] == [
        ("h2", "京津冀及周边地区大气污染防治工作2017年9月调度通报"),
        ("h3", "一、总体情况"),
        ("h4", "（一）分省市"),
        ("h3", "二、各城市"),
    ]


def test_tables_have_a_caption_and_heads_with_a_scope(app: Flask) -> None:
    cities, missing = shown(app, bulletin("zh")).all("table")
    assert next(cities.all("caption")).text == "表1 各城市进展"
    heads = list(cities.all("th"))
    assert [head.get("scope") for head in heads] == ["col"] * 12 + ["row"] * 28
    assert [cell.text for cell in list(cities.all("tr"))[2].all("th", "td")][:4] == ["天津市", "81", "3", "1,234"]
    assert next(missing.all("td")).text == "无"


def test_a_bar_is_a_picture_with_words(app: Flask) -> None:
    page = shown(app, replace(bulletin("zh"), blocks=(bars("zh"),)))
    pictures = [picture for picture in page.all("svg") if picture.get("role") == "img"]
    assert pictures[0].get("aria-label") == "办结 2; 正常 4; 滞后 6; 逾期 8"
    assert [bar.get("width") for bar in pictures[-1].all("rect")] == ["10.0%", "20.0%", "30.0%", "40.0%"]
    assert [name.text for name in page.all("dt")] == ["北京", "天津", "河北", "山西", "山东", "河南"]


def test_nothing_is_styled_or_scripted_inside(app: Flask) -> None:
    for document in (bulletin("zh"), draft("en"), hostile(HOSTILE)):
        elements = list(shown(app, document).all())
        assert not [each for each in elements if "style" in each.attributes or each.tag in {"script", "style"}]


@pytest.mark.parametrize("text", [HOSTILE, CONTROLS, "😀 مرحبا", "", "</table></article><h1>x"])
def test_hostile_text_is_shown_as_it_is(app: Flask, text: str) -> None:
    page = shown(app, hostile(text))
    assert next(page.all("caption")).text == text
    assert [cell.text for cell in page.all("td")] == [text]
    assert len(list(page.all("article"))) == 1
    assert not list(page.all("h1"))


def test_a_draft_and_the_date_are_said(app: Flask) -> None:
    page = shown(app, draft("en"))
    assert next(page.all("p")).text == "Draft"
    assert next(page.all("time")).get("datetime") == "2017-10-12"
    assert next(page.all("article")).get("lang") == "en"
