"""Languages: Chinese first, English complete. Which one is spoken, and how dates and figures are written in it.

Messages are written in Chinese in the code and translated in `translations/en`. Texts that come from data have a column
for each language (`title_zh`, `title_en`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from babel import negotiate_locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, has_app_context
from flask_babel import Babel, force_locale, get_locale

from webapp.clock import local

LOCALES = ("zh", "en")
DEFAULT = "zh"


def negotiate(accepted: list[str]) -> str:
    """The language of ours that suits a browser's list best ("zh-CN" is Chinese; nothing that suits is Chinese too)."""
    plain = [tag.split("-")[0].lower() for tag in accepted]
    return negotiate_locale(plain, list(LOCALES), sep="-") or DEFAULT


def language() -> str:
    """The language being spoken now: "zh" or "en"."""
    locale = get_locale() if has_app_context() else None
    return locale.language if locale is not None and locale.language in LOCALES else DEFAULT


@cache
def _bare_app() -> Flask:
    app = Flask("webapp")
    init(app)
    return app


def init(app: Flask, selector: Any = None) -> None:
    """Give an application its languages. `selector` returns the language of a request."""
    app.config.update(BABEL_DEFAULT_LOCALE=DEFAULT, BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    Babel(app, locale_selector=selector or (lambda: DEFAULT))
    app.jinja_env.filters.update(FILTERS)


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Speak a language for a while; works in jobs and commands too, where no request runs."""
    wanted = locale if locale in LOCALES else DEFAULT
    if has_app_context():
        with force_locale(wanted):
            yield
        return
    with _bare_app().app_context(), force_locale(wanted):
        yield


def pick(thing: Any, name: str) -> str:
    """A text of a record in the language being spoken: `pick(task, "title")`; Chinese where the English is empty."""
    for tongue in (language(), DEFAULT):
        key = f"{name}_{tongue}"
        value = thing.get(key) if isinstance(thing, Mapping) else getattr(thing, key, None)
        if value:
            return str(value)
    return ""


def day(value: date | datetime | None) -> str:
    """A date: 2017年10月31日, 31 Oct 2017; an instant is shown as its Shanghai date."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    if language() == "zh":
        return f"{when.year}年{when.month}月{when.day}日"
    return format_date(when, "d MMM yyyy", locale="en_GB")


def day_weekday(value: date | datetime | None) -> str:
    """A date with its weekday: 2017年10月31日（星期二）, Tue 31 Oct 2017."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    if language() == "zh":
        return f"{day(when)}（{format_date(when, 'EEEE', locale='zh')}）"
    return format_date(when, "EEE d MMM yyyy", locale="en_GB")


def weekday(value: date) -> str:
    """The weekday alone: 星期二, Tuesday."""
    return format_date(value, "EEEE", locale="zh" if language() == "zh" else "en_GB")


def short_day(value: date | datetime | None) -> str:
    """A date without its year: 10月31日, 31 Oct."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    return f"{when.month}月{when.day}日" if language() == "zh" else format_date(when, "d MMM", locale="en_GB")


def month(value: date | None) -> str:
    """A month: 2017年9月, September 2017."""
    if value is None:
        return "—"
    return f"{value.year}年{value.month}月" if language() == "zh" else format_date(value, "MMMM yyyy", locale="en_GB")


def moment(value: datetime | None) -> str:
    """An instant with date and time in Shanghai."""
    return "—" if value is None else f"{day(value)} {local(value):%H:%M}"


def number(value: Decimal | float | None) -> str:
    """A figure with thousands separators and no needless zeros."""
    if value is None:
        return "—"
    return format_decimal(value, format="#,##0.####", locale="en")


def percent(value: Decimal | float | None, digits: int = 1) -> str:
    """A share as a percentage with one decimal: 0.5 is 50.0%."""
    return "—" if value is None else f"{Decimal(str(value)) * 100:.{digits}f}%"


def text(thing: Any, name: str) -> str:
    """The template filter form of `pick`: `{{ task|text('title') }}`."""
    return pick(thing, name)


FILTERS = {
    "text": text,
    "day": day,
    "day_weekday": day_weekday,
    "short_day": short_day,
    "month": month,
    "moment": moment,
    "number": number,
    "percent": percent,
}
