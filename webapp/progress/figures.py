"""Figures as people type them: separators and full-width digits are understood, shares are typed as percentages."""

import re
import unicodedata
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from webapp.errors import Invalid, Problem
from webapp.i18n import number
from webapp.plans.units import SHARE

PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?")
PERCENT_PLACES = 2


def parse(text: str | None, unit: str, field: str) -> Decimal | None:
    """A typed figure in the task's unit: "1,200", "１２", and for shares "62.5" or "62.5%" as 0.625; None when empty.

    Raises Invalid at `field` for what is no figure; how large it may be is for the rules to say.
    """
    plain = re.sub(r"[\s,，]", "", unicodedata.normalize("NFKC", text or ""))
    if unit == SHARE:
        plain = plain.removesuffix("%")
    if not plain:
        return None
    if not PLAIN.fullmatch(plain):
        raise Invalid([Problem(field, _l("请填写数字，例如 62 或 62.5。"))])
    figure = Decimal(plain)
    if unit != SHARE:
        return figure
    if figure != round(figure, PERCENT_PLACES):
        raise Invalid([Problem(field, _l("百分数最多保留 %(n)s 位小数。", n=PERCENT_PLACES))])
    return figure / 100


def shown(figure: Decimal | None, unit: str) -> str:
    """A figure as it stands in an input: without separators, shares as percentages; empty for None."""
    if figure is None:
        return ""
    return number(figure * 100 if unit == SHARE else figure).replace(",", "")


def total(typed_total: Decimal | None, typed_added: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The new total from either input. Raises Invalid when both were typed and disagree."""
    if typed_added is None:
        return typed_total
    summed = (before or Decimal(0)) + typed_added
    if typed_total is not None and typed_total != summed:
        raise Invalid([Problem("added", _l("累计完成与本次新增对不上，请只填一项，或改正其中一项。"))])
    return summed
