"""Words for the units of the packs, and figures with their unit in the language being spoken.

A unit the product has no word for is shown as the pack writes it: a later plan needs no code.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from flask_babel import npgettext

from webapp.i18n import language, number, said

SHARE = "share"
MILESTONE = "milestone"

# Each takes how many there are: English says 1 boiler, 2 boilers.
WORDS: dict[str, Callable[[int], str]] = {
    "household": lambda n: npgettext("unit", "户", "户", n),
    "device": lambda n: npgettext("unit", "台", "台", n),
    "enterprise": lambda n: npgettext("unit", "家", "家", n),
    "vehicle": lambda n: npgettext("unit", "辆", "辆", n),
    "site": lambda n: npgettext("unit", "个点位", "个点位", n),
    "station": lambda n: npgettext("unit", "个站点", "个站点", n),
    "item": lambda n: npgettext("unit", "项", "项", n),
    "day": lambda n: npgettext("unit", "天", "天", n),
    "tonne": lambda n: npgettext("unit", "吨", "吨", n),
    "t": lambda n: npgettext("unit", "吨", "吨", n),
    "km": lambda n: npgettext("unit", "公里", "公里", n),
    "km2": lambda n: npgettext("unit", "平方公里", "平方公里", n),
    "steam_t/h": lambda n: npgettext("unit", "蒸吨/小时", "蒸吨/小时", n),
    "m2": lambda n: npgettext("unit", "平方米", "平方米", n),
    "percent": lambda _n: "%",
    "t/km2/month": lambda n: npgettext("unit", "吨/月·平方公里", "吨/月·平方公里", n),
    "ug/m3": lambda n: npgettext("unit", "微克/立方米", "微克/立方米", n),
}


def _(message: str, **values: Any) -> str:
    return said(message, **values)


class Target(Protocol):
    """What a target is made of: a task, or a row of a list with the same columns."""

    @property
    def comparator(self) -> str: ...
    @property
    def target_min(self) -> Decimal | None: ...
    @property
    def target_max(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def basically(self) -> bool: ...


def unit_word(unit: str, value: Decimal | None = None) -> str:
    """The unit's word: 户, households; of one thing, household. Empty for shares and milestones, which need none."""
    if unit in (SHARE, MILESTONE):
        return ""
    return _word(language(), unit, 1 if value == 1 else 2) if unit in WORDS else unit


@cache
def _word(_tongue: str, unit: str, how_many: int) -> str:
    # The language is a key alone.
    return WORDS[unit](how_many)


def quantity(value: Decimal | None, unit: str) -> str:
    """A figure with its unit: 5,000 户; a share as 50%; a milestone in words."""
    if value is None:
        return "—"
    if unit == SHARE:
        return f"{number(value * 100)}%"
    if unit == MILESTONE:
        return _("已完成") if value >= 1 else _("未完成")
    return f"{number(value)} {unit_word(unit, value)}"


def points(gap: Decimal) -> str:
    """A difference between two shares in percentage points, to one decimal; what would round to nothing stays exact."""
    exact = gap * 100
    return number(round(exact, 1) or exact)


def target_text(target: Target) -> str:
    """What has to be reached, in words: 不少于 50,000 户; 基本完成; 100%."""
    if target.unit == MILESTONE:
        return _("按要求完成")
    if target.basically:
        return _("基本完成（以 %(figure)s 计）", figure=quantity(target.target_min or target.target_max, target.unit))
    if target.comparator == "between":
        low, high = quantity(target.target_min, target.unit), quantity(target.target_max, target.unit)
        return _("%(low)s 至 %(high)s", low=low, high=high)
    figure = quantity(target.target_min if target.target_min is not None else target.target_max, target.unit)
    return _bounded(target.comparator, figure)


def _bounded(comparator: str, figure: str) -> str:
    if comparator == ">=":
        return _("不少于 %(figure)s", figure=figure)
    if comparator == ">":
        return _("多于 %(figure)s", figure=figure)
    if comparator == "<=":
        return _("不超过 %(figure)s", figure=figure)
    if comparator == "<":
        return _("低于 %(figure)s", figure=figure)
    return figure
