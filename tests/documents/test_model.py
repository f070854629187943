"""Documents as data: bars are reckoned, tables are square, texts are cleaned."""

import sys
from dataclasses import replace
from datetime import date

import pytest

from tests.documents.samples import CONTROLS, bars, bulletin, city_table, hostile
from webapp.documents import colours, words
from webapp.documents.model import Bar, Bars, Cell, Column, Document, Part, Row, Table
from webapp.documents.widths import fitted


def test_a_bar_is_drawn_on_the_scale_of_the_longest() -> None:
    chart = bars("zh")
    first, last = chart.drawn(chart.bars[0]), chart.drawn(chart.bars[-1])
    assert chart.scale == 70
    assert [span.text for span in first] == ["2", "4", "6", "8"]
    assert [round(span.width * 70, 2) for span in first] == [2, 4, 6, 8]
    assert last[-1].start + last[-1].width == pytest.approx(1, abs=0.001)


def test_a_bar_beyond_the_scale_stays_within_it_and_odd_values_draw_nothing() -> None:
    parts = (Part("a", -3, "red"), Part("b", float("nan"), "red"), Part("c", float("inf"), ""), Part("d", 30, "green"))
    chart = Bars("x", (Bar("y", parts, ""),), full=20)
    assert [(span.key.label, span.start, span.width) for span in chart.drawn(chart.bars[0])] == [("d", 0, 1)]
    assert Bars("x", (), full=0).scale == 1


def test_parts_of_one_tone_are_told_apart() -> None:
    legend = bars("zh").legend
    assert [key.label for key in legend] == ["办结", "正常", "滞后", "逾期"]
    assert len({key.colour for key in legend}) == 4


def test_letters_on_a_colour_can_be_read() -> None:
    assert colours.ink("#ffffff") == colours.DARK
    assert colours.ink("#07427a") == colours.LIGHT


def test_a_row_must_have_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="表1"):
        Table("表1", (Column("a"), Column("b")), (Row((Cell("1"), Cell("2"))), Row((Cell("1"),))))


def test_texts_lose_what_files_cannot_hold_and_nothing_else() -> None:
    assert words.clean(CONTROLS) == "a□b□c□d□e□f□g\nh i"
    assert words.cleaned(bulletin()) == bulletin()
    assert CONTROLS not in repr(words.cleaned(hostile(CONTROLS)))


def test_the_line_of_whom_it_is_for_ends_in_a_colon_once() -> None:
    document = Document("zh", "题", "办", date(2017, 10, 12), (), to="各市")
    assert document.addressed == "各市："
    assert replace(document, to="各市：").addressed == "各市："
    assert replace(document, to="").addressed == ""
    assert replace(document, language="en", to="All").addressed == "All:"


def test_dates_are_written_out() -> None:
    assert bulletin("zh").day == "2017年10月12日"
    assert bulletin("en").day == "12 October 2017"


def test_columns_have_room_for_their_longest_word() -> None:
    size, shares = fitted(city_table("en"), 453, (9.5, 8.0, 7.0))
    assert sum(shares) == pytest.approx(1)
    # "Completion" takes more than "Tasks".
    assert shares[7] > shares[1]
    assert shares[0] * 453 > len("Shijiazhuang") * 0.6 * size


def test_widths_asked_for_are_kept_where_there_is_room() -> None:
    table = Table("t", (Column("a", width=1), Column("b", width=3)), (Row((Cell("x"), Cell("y"))),))
    assert fitted(table, 453, (9.5,))[1] == pytest.approx([0.25, 0.75])
    nothing = Table("t", (Column("a", width=0), Column("b", width=-1)), ())
    assert min(fitted(nothing, 453, (9.5,))[1]) > 0


def test_libraries_are_imported_only_when_a_document_is_made() -> None:
    import subprocess

    program = (
        "import sys, webapp.documents.faces; print(sorted({'typst', 'docx', 'xlsxwriter', 'lxml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
