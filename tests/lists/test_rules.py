"""What an address of a list may say, and how its heads stand."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.lists.rules import LONGEST_VALUE, PAGES, WORDS, Column, checked, heads, kept, query_of, shown

COLUMNS = (
    Column("name", "Name", "name", always=True),
    Column("due", "Due", "due", "-due"),
    Column("done", "Done", falling="-done"),
    Column("note", "Note", usual=False),
)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", ["name", "due", "done"]),
        ("note,due", ["name", "due", "note"]),
        ("nothing", ["name", "due", "done"]),
        ("name", ["name"]),
    ],
)
def test_columns_of_an_address(asked: str, codes: list[str]) -> None:
    assert [each.code for each in shown(COLUMNS, asked)] == codes


@pytest.mark.parametrize(
    ("order", "stand"),
    [
        ("due", [("", "name"), ("ascending", "-due"), ("", "-done"), ("", "")]),
        ("-due", [("", "name"), ("descending", "due"), ("", "-done"), ("", "")]),
        ("name", [("ascending", ""), ("", "due"), ("", "-done"), ("", "")]),
        ("-done", [("", "name"), ("", "due"), ("descending", ""), ("", "")]),
    ],
)
def test_heads_under_an_order(order: str, stand: list[tuple[str, str]]) -> None:
    assert [(each.sorted, each.click) for each in heads(COLUMNS, order)] == stand


def test_ticks_become_one_word_and_strangers_go() -> None:
    words = [("columns", "due"), ("columns", "note"), ("page", "3"), ("plan", "x"), ("order", " due "), ("state", "")]
    assert kept("reports", words) == {"order": "due", "columns": "due,note"}


@given(
    st.sampled_from(PAGES), st.lists(st.tuples(st.sampled_from(sorted(sum(WORDS.values(), ()))), st.text()), max_size=8)
)
def test_what_is_kept_stays_when_read_again(page: str, words: list[tuple[str, str]]) -> None:
    query = query_of(page, [(name, value[:9]) for name, value in words])
    assert dict(parse_qsl(query)).keys() <= set(WORDS[page])
    assert query_of(page, checked(page, query).items()) == query


def test_a_value_is_bounded() -> None:
    assert len(kept("people", [("q", "x" * 500)])["q"]) == LONGEST_VALUE
