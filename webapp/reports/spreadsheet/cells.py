"""What stands in a cell, as a figure, a choice or a text; what it cannot be read as is said in words."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.errors import Invalid, Text
from webapp.i18n import use_locale
from webapp.plans.units import SHARE, unit_word
from webapp.progress import figures
from webapp.reports.guard import LONGEST_TEXT
from webapp.reports.spreadsheet.book import tidy
from webapp.reports.spreadsheet.identity import plain

# Spreadsheets keep fifteen digits; what comes behind is the machine's way of writing them.
DIGITS = 15
SHOWN = 20

A_DATE = _l("这里是日期或时间，不是数字。请把单元格格式改为数值后重新填写。")
A_TRUTH = _l("这里是 TRUE 或 FALSE，请改填数字或文字。")
NOT_A_FIGURE = _l("“%(typed)s”不是数字。请只填数字，例如 62 或 62.5，单位以“单位”列为准。")
NO_PERCENT = _l("“%(typed)s”是文字，看不出是否为百分数。请写上百分号，例如 62.5%%。")
NOT_A_CHOICE = _l("“%(typed)s”不在可选范围内，请从下拉列表中选择。")
TOO_LONG = _l("文字有 %(n)s 字，最多 %(max)s 字，请精简。")


class Unreadable(Exception):
    """A cell cannot be read as what its column asks for; says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def figure(cell: Any, unit: str) -> Decimal | None:
    """A cell as a figure in the task's unit, None when empty. Raises Unreadable."""
    _refuse_others(cell)
    if isinstance(cell, int | float):
        return _decimal(cell)
    typed = unicodedata.normalize("NFKC", cell).strip()
    if not typed:
        return None
    if unit == SHARE and not typed.endswith("%"):
        raise Unreadable(NO_PERCENT % {"typed": typed[:SHOWN]})
    try:
        return figures.parse(_without_unit(typed, unit), unit, "figure")
    except Invalid as error:
        if unit == SHARE and re.fullmatch(r"[\d.,\s]+%", typed):
            raise Unreadable(error.problems[0].message) from None
        raise Unreadable(NOT_A_FIGURE % {"typed": typed[:SHOWN]}) from None


def _decimal(cell: float) -> Decimal:
    found = Decimal(f"{cell:.{DIGITS}g}")
    # A figure of a thousand digits is nobody's; the rules then say that it is too large.
    return found if abs(found) < Decimal(10) ** 18 else Decimal(10) ** 18


def _without_unit(typed: str, unit: str) -> str:
    """A typed figure without its unit, in either language, once, at the end: of "12 台" the "12"."""
    for locale in ("zh", "en"):
        with use_locale(locale):
            words = {unit_word(unit), unit_word(unit, Decimal(1))} - {""}
        for word in words:
            shorter = typed.removesuffix(unicodedata.normalize("NFKC", word)).rstrip()
            if shorter != typed:
                return shorter
    return typed


def choice(cell: Any, offered: Mapping[str, str]) -> str:
    """A cell as one of the words offered; its code, empty for none. Raises Unreadable."""
    _refuse_others(cell)
    typed = tidy(cell)
    codes = {tidy(word): code for word, code in offered.items()}
    if typed and typed not in codes:
        raise Unreadable(NOT_A_CHOICE % {"typed": str(cell)[:SHOWN]})
    return codes[typed] if typed else ""


def text(cell: Any) -> str:
    """A cell as a text: a figure is written out. Raises Unreadable."""
    _refuse_others(cell)
    said = f"{_decimal(cell):f}" if isinstance(cell, int | float) else plain(cell)
    if len(said) > LONGEST_TEXT:
        raise Unreadable(TOO_LONG % {"n": len(said), "max": LONGEST_TEXT})
    return said


def _refuse_others(cell: Any) -> None:
    if isinstance(cell, bool):
        raise Unreadable(A_TRUTH)
    if isinstance(cell, date | time | timedelta):
        raise Unreadable(A_DATE)


def shown_code(cell: Any) -> str:
    """A code or a title as a text, whatever the cell holds."""
    return f"{_decimal(cell):f}" if isinstance(cell, int | float) and not isinstance(cell, bool) else plain(str(cell))
