"""A list as a file: the same in both formats, and nothing in it a formula."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
import python_calamine

from webapp.clock import parse_instant
from webapp.errors import TooLarge
from webapp.lists import files
from webapp.lists.files import Field, Share, csv_lines, workbook

NOW = parse_instant("2017-10-20T08:25")
ROWS = [
    SimpleNamespace(
        name="=1+1", share=Decimal("0.625"), day=date(2017, 10, 31), at=parse_instant("2017-10-20T08:25"), n=3
    ),
    SimpleNamespace(name="a\x00b", share=None, day=None, at=None, n=None),
]
FIELDS = [
    Field("@head", lambda row: row.name),
    Field("Share", lambda row: None if row.share is None else Share(row.share)),
    Field("Day", lambda row: row.day),
    Field("At", lambda row: row.at),
    Field("Number", lambda row: row.n),
]


def test_csv_is_disarmed_and_marked_as_utf8() -> None:
    lines = "".join(csv_lines(FIELDS, ROWS)).split("\r\n")
    assert lines[0] == "\ufeff'@head,Share,Day,At,Number"
    assert lines[1] == "'=1+1,62.5%,2017-10-31,2017-10-20 08:25,3"


def test_csv_comes_in_pieces() -> None:
    pieces = list(csv_lines(FIELDS, ROWS * 600))
    assert len(pieces) > 2
    assert sum(piece.count("\r\n") for piece in pieces) == 1201


def test_a_workbook_keeps_figures_and_days() -> None:
    with workbook("清单: [1]", FIELDS, ROWS) as file:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
    head, first, second = book.get_sheet_by_index(0).to_python()
    assert head[0] == "'@head"
    assert first[0] == "'=1+1"
    assert first[1] == 0.625
    assert (first[2], first[4]) == (date(2017, 10, 31), 3)
    assert f"{first[3]:%Y-%m-%d %H:%M}" == "2017-10-20 08:25"
    assert second[0] == "a□b"
    assert second[1:] == ["", "", "", ""]


def test_a_workbook_nobody_would_wait_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_IN_WORKBOOK", 3)
    with pytest.raises(TooLarge, match="CSV"):
        workbook("list", FIELDS, ROWS * 2)


def test_a_value_is_worded_once() -> None:
    asked: list[str] = []

    def said(name: str) -> str:
        asked.append(name)
        return name.upper()

    field = Field("Name", lambda row: row.name, say=said)
    assert "".join(csv_lines([field], ROWS * 3)).count("A\x00B") == 3
    assert len(asked) == 2
