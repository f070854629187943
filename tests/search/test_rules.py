"""The tokeniser, reading a query and marking what was found: tables, and what holds for any text."""

import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.search.rules import LONGEST_QUERY, Piece, Query, as_fts5, as_tsquery, name_token, pieces, read, tokens

TOKENS = [
    ("锅炉", ["锅炉", "炉"]),
    ("小燃煤锅炉", ["小燃", "燃煤", "煤锅", "锅炉", "炉"]),
    ("炉", ["炉"]),
    ("锅炉、窑炉", ["锅炉", "炉", "窑炉", "炉"]),
    ("「取缔」", ["取缔", "缔"]),
    ("10蒸吨", ["10", "蒸吨", "吨"]),
    ("１０ｔ／ｈ", ["10t", "h"]),
    ("62.5%", ["62", "5"]),
    ("1,200台，3,400", ["1200", "台", "3400"]),
    ("Boilers RETIRED", ["boilers", "retired"]),
    ("Bǎodìng Straße", ["baoding", "strasse"]),
    ("coal-fired m04_all", ["coal", "fired", "m04", "all"]),
    ("ＶＯＣｓ治理", ["vocs", "治理", "理"]),
    ("〇五号", ["〇五", "五号", "号"]),
    ("𠀀𠀁", ["𠀀𠀁", "𠀁"]),
    ("🔥🔥 !?，。——", []),
    ("\x00\x01", []),
    ("", []),
    ("x" * 99, ["x" * 40]),
]
QUERIES = [
    ("锅炉", '"锅炉"', "('锅炉')"),
    ("小燃煤", '"小燃 燃煤"', "('小燃'<->'燃煤')"),
    ("炉", '"炉" *', "('炉':*)"),
    ("boil", '"boil" *', "('boil':*)"),
    ("boilers 保定", '"boilers" AND "保定"', "('boilers') & ('保定')"),
    ("保定 boil", '"保定" AND "boil" *', "('保定') & ('boil':*)"),
    ("保定保定 保定保定", '"保定 定保 保定"', "('保定'<->'定保'<->'保定')"),
    ("A 锅炉", '"a" AND "锅炉"', "('a') & ('锅炉')"),
    ('"锅炉" OR NEAR(x) -y*', None, None),
]
MARKED = [
    ("拆除锅炉12台", "锅炉", 0, "拆除[锅炉]12台"),
    ("Boilers, boiler; reboil", "boil", 0, "[Boil]ers, [boil]er; reboil"),
    ("boilers and boiler", "boiler x1", 0, "boilers and [boiler]"),
    ("锅炉锅炉房", "锅炉 炉房", 0, "[锅炉锅炉房]"),
    ("共１，２００台", "1200", 0, "共[１，２００]台"),
    ("Bǎodìng", "baoding", 0, "[Bǎodìng]"),
    ("一二三四五六七八九十锅炉甲乙丙", "锅炉", 8, "…八九十[锅炉]甲乙丙"),
    ("一二三四五六七八九十", "锅炉", 4, "一二三四…"),
    ("in the seventh month coal boilers go and stay away", "boilers", 30, "…coal [boilers] go and stay away"),
    ("<b>锅炉</b>", "锅炉", 0, "<b>[锅炉]</b>"),
]
# Letters, figures, punctuation and signs of many scripts; what is written with separate accents is not looked for.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Mn", "Mc", "Me")), max_size=40)
CHINESE = st.text(st.sampled_from("锅炉小散乱污企业拆除十〇々"), min_size=1, max_size=12)


def shown(found: list[Piece]) -> str:
    return "".join(f"[{each.text}]" if each.marked else each.text for each in found)


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_a_text_becomes_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(("typed", "fts5", "tsquery"), QUERIES)
def test_a_query_is_said_to_either_database_without_its_operators(
    typed: str, fts5: str | None, tsquery: str | None
) -> None:
    found = read(typed)
    if fts5 is None:
        assert [each.text for each in found.terms] == ["锅炉", "or", "near", "x", "y"]
        return
    assert (as_fts5(found.terms), as_tsquery(found.terms)) == (fts5, tsquery)


def test_what_limits_a_query_stands_beside_its_words() -> None:
    terms, scopes = read("锅炉").terms, (("@knote",), ("@a1", "@a2"))
    assert as_fts5(terms, scopes) == '("@knote") AND ("@a1" OR "@a2") AND "锅炉"'
    assert as_tsquery(terms, scopes) == "('@knote') & ('@a1'|'@a2') & ('锅炉')"


def test_a_query_that_finds_nothing_says_why() -> None:
    assert read("  ") == Query("")
    assert read("a 1") == Query("a 1", name="=a1", short=True)
    assert read("，。*") == Query("，。*")
    long = read("锅炉" * 5_000)
    assert long.cut
    assert len(long.text) == LONGEST_QUERY
    assert read("锅\x00炉").text == "锅 炉"


@pytest.mark.parametrize(("text", "typed", "width", "expected"), MARKED)
def test_what_was_looked_for_is_marked(text: str, typed: str, width: int, expected: str) -> None:
    assert shown(pieces(text, read(typed).terms, width)) == expected


@pytest.mark.parametrize(("one", "other"), [("小燃煤 锅炉", "小燃煤锅炉"), ("M04-Boilers", "ｍ04 boilers"), ("！", "")])
def test_a_whole_name_is_one_token(one: str, other: str) -> None:
    assert name_token(one) == name_token(other)


@given(CHINESE, st.data())
def test_any_part_of_a_chinese_word_finds_it(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    part = text[first : data.draw(st.integers(first + 1, len(text)))]
    (term,) = read(part).terms
    held = tokens(text)
    if term.begun:
        assert any(each.startswith(term.tokens[0]) for each in held)
    else:
        length = len(term.tokens)
        assert any(tuple(held[at : at + length]) == term.tokens for at in range(len(held)))


@given(TEXTS)
def test_tokens_do_not_depend_on_how_letters_are_put_together(text: str) -> None:
    assert tokens(unicodedata.normalize("NFKC", text)) == tokens(text)
    assert all("'" not in each and '"' not in each and " " not in each for each in tokens(text))


@given(TEXTS, st.integers(1, 30))
def test_marking_loses_no_letter(text: str, width: int) -> None:
    terms = read(text[:3]).terms
    assert "".join(each.text for each in pieces(text, terms)) == text
    assert len("".join(each.text for each in pieces(text, terms, width))) <= width + 2


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_fts5_takes_the_tokens_as_they_are(texts: list[str]) -> None:
    """Neither its table of letters nor its case folding changes what is told apart."""
    held = tokens(*texts)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE w USING fts5(t, tokenize=\"unicode61 remove_diacritics 0 tokenchars '@='\")"
        )
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(w, 'row')")
        connection.execute("INSERT INTO w VALUES (?)", [" ".join(held)])
        assert {row[0] for row in connection.execute("SELECT term FROM v")} == {each.lower() for each in held}
