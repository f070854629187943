"""The columns of a ledger's file: the same words for taking it away and for bringing it back, in either language."""

from collections.abc import Mapping
from functools import lru_cache

from flask_babel import lazy_gettext as _l

from webapp.errors import Text
from webapp.i18n import LOCALES, pick, use_locale
from webapp.ledgers.kinds import Field, Kind
from webapp.ledgers.rules import plain
from webapp.plans.units import unit_word

STATE, DONE_ON = "state", "done_on"
# Columns that every file has behind the fields. The first two are read again, the others are for reading alone.
EXTRA: Mapping[str, Text] = {
    STATE: _l("状态"),
    DONE_ON: _l("完成日期"),
    "listed_on": _l("列入日期"),
    "verified_how": _l("核实方式"),
    "removed_reason": _l("移出理由"),
}
STATES: Mapping[str, Text] = {
    "listed": _l("未完成"),
    "done": _l("已完成"),
    "verified": _l("已核实"),
    "removed": _l("已移出"),
}
HOWS: Mapping[str, Text] = {"": "", "on_site": _l("现场核实"), "sample": _l("抽查通过")}


def heading(field: Field) -> str:
    """A field's column in the language being spoken, with its unit."""
    label = pick(field, "label")
    return f"{label}（{unit_word(field.unit)}）" if field.unit else label


@lru_cache(maxsize=64)
def known(kind: Kind) -> Mapping[str, str]:
    """What a column may be called, without the differences that copying makes, and the field it then is."""
    found: dict[str, str] = {}
    for locale in LOCALES:
        with use_locale(locale):
            for code, words in EXTRA.items():
                found.setdefault(plain(words), code)
            for field in kind.fields:
                for words in (pick(field, "label"), heading(field), field.code):
                    found[plain(words)] = field.code
    return found


@lru_cache(maxsize=4)
def states() -> Mapping[str, str]:
    """What a state may be called in a file."""
    found = {plain(code): code for code in STATES}
    for locale in LOCALES:
        with use_locale(locale):
            found |= {plain(words): code for code, words in STATES.items()}
    return found
