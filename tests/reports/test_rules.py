"""Lateness, receipts and the canonical form."""

import hashlib
from datetime import date, time

import pytest

from webapp.reports import guard, rules
from webapp.reports.rules import Standing, Timeliness
from webapp.workdays.rules import published_calendar

CALENDAR = published_calendar()
DUE = date(2017, 10, 9)


@pytest.mark.parametrize(
    ("due", "filed", "late"),
    [
        (DUE, date(2017, 9, 30), 0),
        (DUE, DUE, 0),
        (DUE, date(2017, 10, 10), 1),
        (DUE, date(2017, 10, 16), 5),
        pytest.param(date(2017, 12, 8), date(2017, 12, 9), 1, id="a Saturday right after is late all the same"),
        pytest.param(date(2017, 12, 8), date(2017, 12, 11), 1, id="a weekend does not count"),
        pytest.param(date(2018, 4, 8), date(2018, 4, 9), 1, id="after a make-up Sunday"),
    ],
)
def test_lateness_is_counted_in_working_days(due: date, filed: date, late: int) -> None:
    assert rules.days_late(due, filed, CALENDAR) == late


@pytest.mark.parametrize(
    ("first", "today", "expected"),
    [
        (None, DUE, Standing(Timeliness.PENDING)),
        (None, date(2017, 10, 11), Standing(Timeliness.MISSING, 2)),
        (0, date(2018, 1, 1), Standing(Timeliness.ON_TIME)),
        (3, date(2018, 1, 1), Standing(Timeliness.LATE, 3)),
    ],
)
def test_the_first_submission_counts_for_good(first: int | None, today: date, expected: Standing) -> None:
    assert rules.standing(DUE, first, today, CALENDAR) == expected


def test_an_internal_date_with_an_hour() -> None:
    noon = time(12)
    assert not rules.is_after_internal(None, None, DUE, time(23))
    assert not rules.is_after_internal(DUE, noon, DUE, noon)
    assert rules.is_after_internal(DUE, noon, DUE, time(12, 1))
    assert not rules.is_after_internal(DUE, None, DUE, time(23, 59))
    assert rules.is_after_internal(DUE, noon, date(2017, 10, 10), time(8))


def test_receipts_fit_and_name_the_report() -> None:
    assert rules.receipt_number("jjj-2017", "130600", date(2017, 9, 1), 1) == "JJJ2017-130600-201709-1"
    long = rules.receipt_number("a-very-long-plan-code-indeed-2021-2025", "upper-shore-office", date(2021, 1, 1), 12)
    assert len(long) <= 40
    assert long.endswith("-UPPER-SHORE-OFFICE-202101-12")


def test_the_canonical_form_does_not_depend_on_order() -> None:
    content = {"b": "北京", "a": [1, None, {"y": "2", "x": "1.5"}]}
    again = {"a": [1, None, {"x": "1.5", "y": "2"}], "b": "北京"}
    assert rules.canonical(content) == '{"a":[1,null,{"x":"1.5","y":"2"}],"b":"北京"}'
    assert rules.digest(content) == rules.digest(again)
    assert rules.digest(content) == hashlib.sha256(rules.canonical(content).encode()).hexdigest()


def test_what_needs_attention_comes_worst_first() -> None:
    def line(label: str, light: str, due: str | None = None, silent: int = 0) -> dict[str, object]:
        return {"label": label, "light": light, "due": due, "silent_months": silent}

    overdue, far, near = line("overdue", "red"), line("behind", "red"), line("behind", "yellow", "2017-10-31")
    silent, fine = line("on_pace", "green", silent=1), line("on_pace", "green")
    assert rules.attention_first([fine, silent, near, far, overdue]) == [overdue, far, near, silent]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  资金\x00未到位 ", "资金未到位"),
        ("一\x0b二\r\n三", "一\n二\n三"),
        ("\x1b[2J", "[2J"),
        ("\ud800甲", "甲"),
        ("\x00", ""),
    ],
)
def test_what_nobody_sees_is_not_kept(typed: str, kept: str) -> None:
    """A database need not take it, and no document can show it."""
    assert guard.tidy(typed) == kept
