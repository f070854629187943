"""Legal and internal dates of the monthly report: every month of the covered years, and known ones by hand."""

from datetime import date, time, timedelta

import pytest

from webapp.clock import add_months, month_end
from webapp.workdays.rules import DueReason, explain, explain_internal, internal_due, published_calendar, report_due

CALENDAR = published_calendar()
FIRST, LAST = date(2017, 2, 1), date(2026, 11, 1)
MONTHS = [add_months(FIRST, n) for n in range((LAST.year - FIRST.year) * 12 + LAST.month - FIRST.month + 1)]

# Worked out by hand from the State Council's notices: month reported on, legal date, reason.
BY_HAND = [
    ("2017-02", "2017-03-08", DueReason.WORKDAY),
    ("2017-03", "2017-04-10", DueReason.WEEKEND),
    ("2017-06", "2017-07-10", DueReason.WEEKEND),
    ("2017-08", "2017-09-08", DueReason.WORKDAY),
    ("2017-09", "2017-10-09", DueReason.HOLIDAY),
    ("2017-12", "2018-01-08", DueReason.WORKDAY),
    ("2018-01", "2018-02-08", DueReason.WORKDAY),
    ("2018-03", "2018-04-08", DueReason.MAKEUP_WORKDAY),
    ("2018-06", "2018-07-09", DueReason.WEEKEND),
    ("2018-08", "2018-09-10", DueReason.WEEKEND),
    ("2019-01", "2019-02-11", DueReason.HOLIDAY),
    ("2019-05", "2019-06-10", DueReason.HOLIDAY),
    ("2020-01", "2020-02-10", DueReason.WEEKEND),
    ("2020-09", "2020-10-09", DueReason.HOLIDAY),
    ("2021-04", "2021-05-08", DueReason.MAKEUP_WORKDAY),
    ("2022-09", "2022-10-08", DueReason.MAKEUP_WORKDAY),
    ("2023-09", "2023-10-08", DueReason.MAKEUP_WORKDAY),
    ("2024-05", "2024-06-11", DueReason.WEEKEND),
    ("2025-01", "2025-02-08", DueReason.MAKEUP_WORKDAY),
    ("2025-09", "2025-10-09", DueReason.HOLIDAY),
    ("2026-01", "2026-02-09", DueReason.WEEKEND),
    ("2026-10", "2026-11-09", DueReason.WEEKEND),
]


@pytest.mark.parametrize(("month", "due", "reason"), BY_HAND)
def test_known_months(month: str, due: str, reason: DueReason) -> None:
    found = report_due(date.fromisoformat(f"{month}-01"), 8, True, CALENDAR)
    assert (found.due.isoformat(), found.reason) == (due, reason)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_every_month_lands_on_the_first_working_day_from_the_8th(month: date) -> None:
    found = report_due(month, 8, True, CALENDAR)
    assert found.nominal == add_months(month, 1).replace(day=8)
    assert CALENDAR.is_workday(found.due)
    assert timedelta() <= found.due - found.nominal <= timedelta(days=8)
    passed = [found.nominal + timedelta(days=n) for n in range((found.due - found.nominal).days)]
    assert not any(CALENDAR.is_workday(each) for each in passed)
    assert not found.provisional
    assert found.moved is (found.reason in (DueReason.HOLIDAY, DueReason.WEEKEND))
    assert all(explain(found, locale) for locale in ("zh", "en"))


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_every_month_has_an_internal_date_after_the_month_and_not_after_the_legal_one(month: date) -> None:
    legal = report_due(month, 8, True, CALENDAR).due
    found = internal_due(month, legal, CALENDAR)
    assert month_end(month) < found.due <= legal
    assert CALENDAR.is_workday(found.due)
    if found.at is None:
        assert CALENDAR.workdays_between(found.due, legal) == 3
    else:
        assert (found.due, found.at) == (legal, time(12))
        assert found.counted <= month_end(month)


def test_september_2017_files_inside_by_noon_of_the_legal_date() -> None:
    found = internal_due(date(2017, 9, 1), date(2017, 10, 9), CALENDAR)
    assert (found.due, found.at, found.counted) == (date(2017, 10, 9), time(12), date(2017, 9, 28))
    assert explain_internal(found, "zh") == (
        "上报期限10月9日之前第3个工作日为2017年9月28日，尚在报告月内，改为10月9日12:00前报送"
    )
    assert explain_internal(found, "en") == (
        "28 September 2017 is 3 working days before the legal date, 9 October, still inside the month reported on; "
        "due 9 October at 12:00 instead"
    )


def test_a_province_may_set_another_distance() -> None:
    found = internal_due(date(2017, 2, 1), date(2017, 3, 8), CALENDAR, working_days_before=1)
    assert (found.due, found.at) == (date(2017, 3, 7), None)
    assert explain_internal(found, "en") == "7 March 2017 is 1 working day before the legal date, 8 March"


@pytest.mark.parametrize(
    ("month", "chinese", "english"),
    [
        (
            date(2017, 9, 1),
            "2017年10月8日在国庆节、中秋节假期内，顺延至下一个工作日10月9日（星期一）",
            "8 October 2017 is in the National Day holiday; moved to the next working day, 9 October",
        ),
        (
            date(2018, 3, 1),
            "2018年4月8日虽是星期日，但为调休上班日，不顺延",
            "8 April 2018 is a Sunday but a make-up working day; it stays",
        ),
        (
            date(2017, 6, 1),
            "2017年7月8日是星期六，顺延至下一个工作日7月10日（星期一）",
            "8 July 2017 is a Saturday; moved to the next working day, 10 July",
        ),
        (
            date(2017, 2, 1),
            "2017年3月8日（星期三）是工作日，不顺延",
            "8 March 2017 is a Wednesday and a working day; it stays",
        ),
    ],
)
def test_the_sentence(month: date, chinese: str, english: str) -> None:
    found = report_due(month, 8, True, CALENDAR)
    assert explain(found, "zh") == chinese
    assert explain(found, "en") == english


def test_unpublished_years_are_provisional_and_say_so() -> None:
    found = report_due(date(2026, 12, 1), 8, True, CALENDAR)
    assert found.provisional
    assert explain(found, "en").endswith("the 2027 holidays are not published yet, only weekends are counted)")
    assert explain(found, "zh").endswith("（2027年放假安排尚未公布，暂按周末推算）")


def test_other_plans_other_days() -> None:
    unshifted = report_due(date(2017, 9, 1), 8, False, CALENDAR)
    assert (unshifted.due, unshifted.reason) == (date(2017, 10, 8), DueReason.NOT_SHIFTED)
    assert report_due(date(2018, 1, 1), 31, True, CALENDAR).nominal == date(2018, 2, 28)
    with pytest.raises(ValueError, match="1-31"):
        report_due(date(2018, 1, 1), 0, True, CALENDAR)
