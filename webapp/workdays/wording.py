"""Dates, weekdays and festivals in words, for the sentences that explain a legal date.

Kept apart from the page's own formatting because commands and exports word these sentences without a web request.
"""

from collections.abc import Iterable
from datetime import date

from webapp.workdays.calendar import Holiday

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def is_chinese(locale: str) -> bool:
    """Whether a locale asks for Chinese; everything else reads English."""
    return locale.startswith("zh")


def weekday_name(day: date, locale: str) -> str:
    """As "星期一" or "Monday"."""
    number = day.weekday()
    return f"星期{_WEEKDAYS_ZH[number]}" if is_chinese(locale) else _WEEKDAYS_EN[number]


def day_and_month(day: date, locale: str) -> str:
    """As "10月9日" or "9 October"."""
    return f"{day.month}月{day.day}日" if is_chinese(locale) else f"{day.day} {_MONTHS_EN[day.month - 1]}"


def full_date(day: date, locale: str) -> str:
    """As "2017年10月9日" or "9 October 2017"."""
    short = day_and_month(day, locale)
    return f"{day.year}年{short}" if is_chinese(locale) else f"{short} {day.year}"


def joined_names(holidays: Iterable[Holiday], locale: str) -> str:
    """The festivals' names in one phrase: "国庆节、中秋节" or "National Day and Mid-Autumn Festival"."""
    names = [each.name_in(locale) for each in holidays]
    return "、".join(names) if is_chinese(locale) else " and ".join(names)
