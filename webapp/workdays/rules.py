"""Legal dates: when a monthly report is due, by law and inside the province, and the sentence that explains it.

Source: notice-4.1 (by the 8th of each month for the month before, moved past holidays). Rest days include weekends; a
make-up working day is a working day. Only the report is moved past rest days, no other deadline of the plan.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from webapp.clock import add_months, month_end, month_start
from webapp.workdays.calendar import Calendar, Holiday, SpecialDay, build_calendar, published_calendar
from webapp.workdays.wording import day_and_month, full_date, is_chinese, joined_names, weekday_name

__all__ = [
    "Calendar",
    "DueReason",
    "Holiday",
    "InternalDue",
    "ReportDue",
    "SpecialDay",
    "build_calendar",
    "explain",
    "explain_internal",
    "internal_due",
    "published_calendar",
    "report_due",
]

NOON = time(12)


class DueReason(StrEnum):
    """Why a nominal date stays or moves."""

    WORKDAY = "workday"
    MAKEUP_WORKDAY = "makeup_workday"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    NOT_SHIFTED = "not_shifted"


@dataclass(frozen=True, slots=True)
class ReportDue:
    """The legal date of one month's report, and how it came about.

    `month` is the first day of the month reported on. `holiday` is the festival the nominal day belongs to, `holidays`
    every festival of the same rest period. `provisional` says that the holidays of a year involved are not published.
    """

    month: date
    nominal: date
    due: date
    reason: DueReason
    holiday: Holiday | None
    holidays: tuple[Holiday, ...]
    provisional: bool
    calendar_version: str

    @property
    def moved(self) -> bool:
        """Whether the date was moved past rest days."""
        return self.due != self.nominal


@dataclass(frozen=True, slots=True)
class InternalDue:
    """By when a city files so that its province can be on time; `at` is a Shanghai wall time, None for the day's end.

    `counted` is the day found by counting back; it differs from `due` where it fell inside the month reported on.
    """

    due: date
    at: time | None
    counted: date
    legal: date
    working_days_before: int


def report_due(month: date, day: int, shift: bool, calendar: Calendar) -> ReportDue:
    """The legal date of the report on `month`: `day` of the following month, past rest days when `shift`.

    A `day` the following month lacks means its last day. ValueError for a day outside 1-31.
    """
    if not 1 <= day <= 31:
        raise ValueError(f"report day must be 1-31, got {day}")
    last = month_end(add_months(month, 1))
    nominal = last.replace(day=min(day, last.day))
    due = calendar.on_or_after(nominal) if shift else nominal
    return ReportDue(
        month=month_start(month),
        nominal=nominal,
        due=due,
        reason=_reason(nominal, shift, calendar),
        holiday=calendar.holiday(nominal),
        holidays=calendar.holidays_around(nominal),
        provisional=calendar.is_provisional(nominal) or calendar.is_provisional(due),
        calendar_version=calendar.calendar_version,
    )


def _reason(nominal: date, shift: bool, calendar: Calendar) -> DueReason:
    if not shift:
        return DueReason.NOT_SHIFTED
    if calendar.is_makeup_workday(nominal):
        return DueReason.MAKEUP_WORKDAY
    if calendar.is_workday(nominal):
        return DueReason.WORKDAY
    return DueReason.HOLIDAY if calendar.holiday(nominal) else DueReason.WEEKEND


def internal_due(month: date, legal: date, calendar: Calendar, *, working_days_before: int = 3) -> InternalDue:
    """A city's own date: the given number of working days before the legal one.

    Where that would still lie inside the month reported on (September 2017: 28 September), the legal date at noon.
    """
    counted = calendar.add_workdays(legal, -working_days_before)
    if counted <= month_end(month):
        return InternalDue(legal, NOON, counted, legal, working_days_before)
    return InternalDue(counted, None, counted, legal, working_days_before)


def explain(due: ReportDue, locale: str) -> str:
    """One sentence, in "zh" or "en", saying why the report is due on the day it is."""
    chinese = is_chinese(locale)
    sentence = _explain_zh(due) if chinese else _explain_en(due)
    if not due.provisional:
        return sentence
    year = due.due.year
    if chinese:
        return f"{sentence}（{year}年放假安排尚未公布，暂按周末推算）"
    return f"{sentence} (provisional: the {year} holidays are not published yet, only weekends are counted)"


def _explain_zh(due: ReportDue) -> str:
    nominal, weekday = full_date(due.nominal, "zh"), weekday_name(due.nominal, "zh")
    moved = f"顺延至下一个工作日{day_and_month(due.due, 'zh')}（{weekday_name(due.due, 'zh')}）"
    match due.reason:
        case DueReason.HOLIDAY:
            return f"{nominal}在{joined_names(due.holidays, 'zh')}假期内，{moved}"
        case DueReason.WEEKEND:
            return f"{nominal}是{weekday}，{moved}"
        case DueReason.MAKEUP_WORKDAY:
            return f"{nominal}虽是{weekday}，但为调休上班日，不顺延"
        case DueReason.WORKDAY:
            return f"{nominal}（{weekday}）是工作日，不顺延"
        case DueReason.NOT_SHIFTED:
            return f"{nominal}（{weekday}），本方案规定遇休息日不顺延"


def _explain_en(due: ReportDue) -> str:
    nominal, weekday = full_date(due.nominal, "en"), weekday_name(due.nominal, "en")
    moved = f"moved to the next working day, {day_and_month(due.due, 'en')}"
    match due.reason:
        case DueReason.HOLIDAY:
            return f"{nominal} is in the {joined_names([h for h in [due.holiday] if h], 'en')} holiday; {moved}"
        case DueReason.WEEKEND:
            return f"{nominal} is a {weekday}; {moved}"
        case DueReason.MAKEUP_WORKDAY:
            return f"{nominal} is a {weekday} but a make-up working day; it stays"
        case DueReason.WORKDAY:
            return f"{nominal} is a {weekday} and a working day; it stays"
        case DueReason.NOT_SHIFTED:
            return f"{nominal} is a {weekday}; this plan does not move its dates past rest days"


def explain_internal(due: InternalDue, locale: str) -> str:
    """One sentence, in "zh" or "en", saying why a city files by its own earlier date."""
    counted, legal = full_date(due.counted, locale), day_and_month(due.legal, locale)
    days = due.working_days_before
    if is_chinese(locale):
        base = f"上报期限{legal}之前第{days}个工作日为{counted}"
        return base if due.at is None else f"{base}，尚在报告月内，改为{legal}{due.at:%H:%M}前报送"
    base = f"{counted} is {days} working day{'s' if days != 1 else ''} before the legal date, {legal}"
    return (
        base if due.at is None else f"{base}, still inside the month reported on; due {legal} at {due.at:%H:%M} instead"
    )
