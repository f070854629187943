"""What stands in a cell or an input, as a value of its field; what it cannot be read as is said in words.

A value is kept as JSON: texts as they are, figures as plain text ("3.5"), dates as ISO, choices by their code. What is
empty is not kept at all.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.errors import Text
from webapp.evidence.tables import Worded
from webapp.i18n import DEFAULT, language, number, pick
from webapp.ledgers.kinds import Field, Kind
from webapp.ledgers.rules import CREDIT_SIGNS, credit_code_is_sound, plain
from webapp.ledgers.typed import DAY, DAY_IN_ONE, NO, YES

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
LARGEST = Decimal(10) ** 11
PLACES = 4
FIGURE = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
SHOWN = 20

REQUIRED = _l("必填，请补充。")
A_DATE = _l("这里是日期，请改填文字。")
NOT_A_NUMBER = _l("“%(typed)s”不是数字，请只填数字，不写单位。")
TOO_SMALL = _l("不能小于 %(limit)s，请检查。")
TOO_LARGE = _l("不能大于 %(limit)s，请检查是否多输了位数或用错了单位。")
NOT_WHOLE = _l("这一项按整数计，请填写整数。")
TOO_PRECISE = _l("最多保留 %(places)s 位小数。")
NOT_A_DAY = _l("“%(typed)s”不是日期，请写成 2017-10-31 这样。")
DAY_OUTSIDE = _l("日期 %(typed)s 不合理，请检查年份。")
NOT_A_CHOICE = _l("“%(typed)s”不在可选范围内。可以填：%(options)s。")
NOT_YES_OR_NO = _l("“%(typed)s”看不出是或否，请填“是”或“否”。")
CODE_LENGTH = _l("统一社会信用代码应为 18 位，现有 %(n)s 位。")
CODE_SIGNS = _l("统一社会信用代码中不应有“%(sign)s”（没有字母 I、O、S、V、Z）。")
CODE_CHECK = _l("统一社会信用代码的校验码不对，请对照营业执照检查。")
CODE_AS_NUMBER = _l("这里是数值格式，末几位可能已丢失。请把单元格改为文本格式后重新填写代码。")
TOO_LONG = _l("文字有 %(n)s 字，最多 %(max)s 字，请精简。")

Values = dict[str, Any]
Faults = list[tuple[str, Text]]


class Unreadable(Exception):
    """A value cannot be read as what its field asks for; says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__("unreadable")
        self.reason = reason


class _Options:
    def __init__(self, field: Field) -> None:
        self._field = field

    def __str__(self) -> str:
        return ("、" if language() == DEFAULT else ", ").join(pick(each, "label") for each in self._field.options)


def read_all(kind: Kind, raw: Mapping[str, Any]) -> tuple[Values, Faults]:
    """The values of a row from what was typed or stood in cells, and everything that is wrong with them."""
    values: Values = {}
    faults: Faults = []
    for field in kind.fields:
        try:
            value = read(field, raw.get(field.code))
        except Unreadable as fault:
            faults.append((field.code, fault.reason))
            continue
        if value is not None:
            values[field.code] = value
        elif field.required:
            faults.append((field.code, REQUIRED))
    return values, faults


def read(field: Field, raw: Any) -> Any:
    """One value, None when it is empty. Raises Unreadable."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return READERS[field.kind](field, raw)


def tidy(raw: Any) -> str:
    """A cell as text: width of letters and blanks as usual, no invisible signs; a whole number without ".0"."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return " ".join(CONTROL.sub("", unicodedata.normalize("NFKC", str(raw))).split())


def _text(field: Field, raw: Any) -> str | None:
    if isinstance(raw, date):
        raise Unreadable(A_DATE)
    # Chinese brackets and commas stay as they were written: only letters and digits lose their width.
    text = " ".join(CONTROL.sub("", str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)).split())
    if len(text) > field.longest:
        raise Unreadable(Worded(TOO_LONG, n=len(text), max=field.longest))
    return text or None


def _number(field: Field, raw: Any) -> str:
    if isinstance(raw, (bool, date)):
        raise Unreadable(Worded(NOT_A_NUMBER, typed=raw))
    typed = re.sub(r"[,\s]", "", format(raw, ".15g") if isinstance(raw, float) else tidy(raw))
    if not FIGURE.fullmatch(typed):
        raise Unreadable(Worded(NOT_A_NUMBER, typed=str(raw)[:SHOWN]))
    figure = Decimal(typed)
    _check_bounds(field, figure)
    if field.whole and figure != figure.to_integral_value():
        raise Unreadable(NOT_WHOLE)
    if figure != round(figure, PLACES):
        raise Unreadable(Worded(TOO_PRECISE, places=PLACES))
    return f"{figure.normalize():f}"


def _check_bounds(field: Field, figure: Decimal) -> None:
    least = Decimal(0) if field.least is None else field.least
    most = LARGEST if field.most is None else field.most
    if figure < least:
        raise Unreadable(Worded(TOO_SMALL, limit=number(least)))
    if figure > most:
        raise Unreadable(Worded(TOO_LARGE, limit=number(most)))


def _date(_field: Field, raw: Any) -> str:
    found = raw.date() if isinstance(raw, datetime) else raw
    if not isinstance(found, date):
        found = _typed_day(tidy(raw))
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unreadable(Worded(DAY_OUTSIDE, typed=found.isoformat()))
    return str(found.isoformat())


def _typed_day(typed: str) -> date:
    match = DAY.fullmatch(typed) or DAY_IN_ONE.fullmatch(typed)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise Unreadable(Worded(NOT_A_DAY, typed=typed[:SHOWN]))


def _choice(field: Field, raw: Any) -> str:
    code = _offered(field).get(plain(raw))
    if code is not None:
        return code
    raise Unreadable(Worded(NOT_A_CHOICE, typed=str(raw)[:SHOWN], options=_Options(field)))


@lru_cache(maxsize=256)
def _offered(field: Field) -> Mapping[str, str]:
    """What each option of a choice may be called, without the differences that copying makes."""
    words = [(word, option.code) for option in field.options
             for word in (option.code, option.label_zh, option.label_en)]  # fmt: skip
    return {plain(word): code for word, code in reversed(words)}


def _bool(_field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    typed = tidy(raw).casefold()
    if typed in YES or typed in NO:
        return typed in YES
    raise Unreadable(Worded(NOT_YES_OR_NO, typed=str(raw)[:SHOWN]))


def _credit_code(_field: Field, raw: Any) -> str:
    if isinstance(raw, (int, float)) and abs(raw) >= 10**15:
        raise Unreadable(CODE_AS_NUMBER)
    code = tidy(raw).replace(" ", "").replace("-", "").upper()
    if len(code) != 18:
        raise Unreadable(Worded(CODE_LENGTH, n=len(code)))
    strange = next((sign for sign in code if sign not in CREDIT_SIGNS), None)
    if strange:
        raise Unreadable(Worded(CODE_SIGNS, sign=strange))
    if not credit_code_is_sound(code):
        raise Unreadable(CODE_CHECK)
    return code


READERS: Mapping[str, Callable[[Field, Any], Any]] = {
    "text": _text, "number": _number, "date": _date, "choice": _choice, "bool": _bool, "credit_code": _credit_code,
}  # fmt: skip


def shown(field: Field, value: Any) -> str:
    """A value in the language being spoken; empty for none."""
    if value is None:
        return ""
    if field.kind == "choice":
        option = field.option(value)
        return pick(option, "label") if option else str(value)
    if field.kind == "bool":
        return str(_l("是") if value else _l("否"))
    return str(value)


def quantity_of(kind: Kind, values: Mapping[str, Any]) -> Decimal:
    """What a row adds to the sum; 0 where nothing is summed or the figure is missing."""
    return Decimal(values.get(kind.quantity) or 0) if kind.quantity else Decimal(0)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Each field that differs, as [old, new]."""
    names: Iterable[str] = dict.fromkeys([*before, *after])
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}
