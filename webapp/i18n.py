"""Languages: Chinese first, English complete. Which one is spoken, and how dates and figures are written in it.

Messages are written in Chinese in the code and translated in `translations/en`. Texts that come from data have a column
for each language (`title_zh`, `title_en`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel import negotiate_locale
from babel.dates import format_date
from flask import Flask, g, has_app_context
from flask_babel import Babel, Domain, force_locale, get_locale, get_translations, gettext, ngettext
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from webapp.clock import local

LOCALES = ("zh", "en")
DEFAULT = "zh"


def negotiate(accepted: list[str]) -> str:
    """The language of ours that suits a browser's list best ("zh-CN" is Chinese; nothing that suits is Chinese too)."""
    plain = [tag.split("-")[0].lower() for tag in accepted]
    return negotiate_locale(plain, list(LOCALES), sep="-") or DEFAULT


def language() -> str:
    """The language being spoken now: "zh" or "en"; worked out once a request, for pages ask hundreds of times."""
    try:
        kept = g._get_current_object()  # the thing itself: through the proxy it would take twice as long
    except RuntimeError:  # no application is at work: asked first, it would be asked twice every time
        return DEFAULT
    spoken: str | None = kept.get("language")
    if spoken is None:
        locale = get_locale()
        spoken = locale.language if locale is not None and locale.language in LOCALES else DEFAULT
        kept.language = spoken
    return spoken


class _Catalogues(Domain):
    """The translations of each language, found without asking Babel for its state again for every message."""

    def get_translations(self) -> Any:
        tongue = language()
        if tongue not in self.cache:
            self.cache[tongue] = super().get_translations()  # type: ignore[no-untyped-call]
        return self.cache[tongue]


@lru_cache(maxsize=8192)
def _words(_tongue: str, message: str) -> str:
    # The language is a key alone.
    return gettext(message)


def said(message: str, **values: Any) -> str:
    """`gettext` in one step, for code that says hundreds of things a page."""
    text = _words(language(), message)
    return text % values if values else text


@lru_cache(maxsize=8192)
def _phrase(_tongue: str, message: str) -> Markup:
    # A translation is markup already, as Jinja's own gettext has it.
    return Markup(gettext(message) % {})  # noqa: S704


@pass_eval_context
def _say(place: EvalContext, message: str, /, **values: Any) -> str:
    """`_('…')` of templates: Jinja's own in one step, and phrases without values are put together once."""
    if place.autoescape and not values:
        return _phrase(language(), message)
    text = _words(language(), message)
    # What is filled in is escaped by the markup.
    return (Markup(text) if place.autoescape else text) % values  # noqa: S704


@lru_cache(maxsize=8192)
def _counted(_tongue: str, singular: str, plural: str, num: int) -> Markup:
    return Markup(ngettext(singular, plural, num))  # noqa: S704 - as above


@pass_eval_context
def _say_count(place: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    """`ngettext('…', '…', n)` of templates, in the same way."""
    if place.autoescape and not values:
        return _counted(language(), singular, plural, num)
    text = get_translations().ungettext(singular, plural, num)
    return (Markup(text) if place.autoescape else text) % {"num": num, **values}  # noqa: S704


# For the templates of pages and of mails.
SAYINGS = {"_": _say, "gettext": _say, "ngettext": _say_count}


def remembered(macro: Any) -> Any:
    """A macro that depends on its arguments (codes, dates, figures) and the language alone, made once for each."""

    @lru_cache(maxsize=2048, typed=True)
    def made(_tongue: str, *args: Any, **kwargs: Any) -> Any:
        return macro(*args, **kwargs)

    return lambda *args, **kwargs: made(language(), *args, **kwargs)


@cache
def _bare_app() -> Flask:
    app = Flask("webapp")
    init(app)
    return app


def init(app: Flask, selector: Any = None) -> None:
    """Give an application its languages. `selector` returns the language of a request."""
    app.config.update(BABEL_DEFAULT_LOCALE=DEFAULT, BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    babel = Babel(app, locale_selector=selector or (lambda: DEFAULT))
    babel.domain_instance = _Catalogues()  # type: ignore[no-untyped-call]
    app.jinja_env.globals.update({**SAYINGS, "remembered": remembered})
    app.jinja_env.filters.update(FILTERS)


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Speak a language for a while; works in jobs and commands too, where no request runs."""
    wanted = locale if locale in LOCALES else DEFAULT
    if has_app_context():
        with _spoken(wanted):
            yield
        return
    with _bare_app().app_context(), _spoken(wanted):
        yield


@contextmanager
def _spoken(wanted: str) -> Iterator[None]:
    before = g.get("language")
    with force_locale(wanted):
        g.language = wanted
        try:
            yield
        finally:
            g.language = before


def pick(thing: Any, name: str) -> str:
    """A text of a record in the language being spoken: `pick(task, "title")`; Chinese where the English is empty."""
    return _column(thing, f"{name}_{language()}") or _column(thing, f"{name}_{DEFAULT}")


def _column(thing: Any, key: str) -> str:
    value = getattr(thing, key, None)
    if value is None and isinstance(thing, Mapping):
        value = thing.get(key)
    return str(value) if value else ""


@lru_cache(maxsize=4096)
def _date(when: date, pattern: str, locale: str = "en_GB") -> str:
    return str(format_date(when, pattern, locale=locale))


def day(value: date | datetime | None) -> str:
    """A date: 2017年10月31日, 31 Oct 2017; an instant is shown as its Shanghai date."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    if language() == "zh":
        return f"{when.year}年{when.month}月{when.day}日"
    return _date(when, "d MMM yyyy")


def day_weekday(value: date | datetime | None) -> str:
    """A date with its weekday: 2017年10月31日（星期二）, Tue 31 Oct 2017."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    if language() == "zh":
        return f"{day(when)}（{_date(when, 'EEEE', 'zh')}）"
    return _date(when, "EEE d MMM yyyy")


def weekday(value: date) -> str:
    """The weekday alone: 星期二, Tuesday."""
    return _date(value, "EEEE", "zh" if language() == "zh" else "en_GB")


def short_day(value: date | datetime | None) -> str:
    """A date without its year: 10月31日, 31 Oct."""
    if value is None:
        return "—"
    when = local(value).date() if isinstance(value, datetime) else value
    return f"{when.month}月{when.day}日" if language() == "zh" else _date(when, "d MMM")


def month(value: date | None) -> str:
    """A month: 2017年9月, September 2017."""
    if value is None:
        return "—"
    return f"{value.year}年{value.month}月" if language() == "zh" else _date(value, "MMMM yyyy")


def moment(value: datetime | None) -> str:
    """An instant with date and time in Shanghai."""
    return "—" if value is None else f"{day(value)} {local(value):%H:%M}"


def number(value: Decimal | float | None) -> str:
    """A figure with thousands separators and no needless zeros."""
    if value is None:
        return "—"
    if isinstance(value, int):
        return f"{value:,}"
    written = f"{round(Decimal(str(value)), 4):,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(value: Decimal | float | None, digits: int = 1) -> str:
    """A share as a percentage with one decimal: 0.5 is 50.0%."""
    return "—" if value is None else f"{Decimal(str(value)) * 100:.{digits}f}%"


def short_month(value: date) -> str:
    """A month where there is little room: 9月, Sept."""
    return f"{value.month}月" if language() == "zh" else _date(value, "MMM")


def sentences(*parts: str) -> str:
    """Sentences one after the other: English wants a space between them. Empty ones are left out."""
    return ("" if language() == "zh" else " ").join(part for part in parts if part)


def text(thing: Any, name: str) -> str:
    """The template filter form of `pick`: `{{ task|text('title') }}`."""
    return pick(thing, name)


FILTERS = {
    "text": text,
    "day": day,
    "day_weekday": day_weekday,
    "short_day": short_day,
    "month": month,
    "short_month": short_month,
    "moment": moment,
    "number": number,
    "percent": percent,
}
