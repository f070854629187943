"""Words for the units of the packs, and figures with their unit in the language being spoken.

A unit the product has no word for is shown as the pack writes it: a later plan needs no code.
"""

from decimal import Decimal
from typing import Any, Protocol

from flask_babel import gettext, lazy_pgettext

from webapp.i18n import number

SHARE = "share"
MILESTONE = "milestone"

WORDS: dict[str, Any] = {
    "household": lazy_pgettext("unit", "户"),
    "device": lazy_pgettext("unit", "台"),
    "enterprise": lazy_pgettext("unit", "家"),
    "vehicle": lazy_pgettext("unit", "辆"),
    "site": lazy_pgettext("unit", "个点位"),
    "station": lazy_pgettext("unit", "个站点"),
    "item": lazy_pgettext("unit", "项"),
    "day": lazy_pgettext("unit", "天"),
    "tonne": lazy_pgettext("unit", "吨"),
    "t": lazy_pgettext("unit", "吨"),
    "km": lazy_pgettext("unit", "公里"),
    "km2": lazy_pgettext("unit", "平方公里"),
    "steam_t/h": lazy_pgettext("unit", "蒸吨/小时"),
    "t/km2/month": lazy_pgettext("unit", "吨/月·平方公里"),
    "ug/m3": lazy_pgettext("unit", "微克/立方米"),
}


def _(message: str, **values: Any) -> str:
    return str(gettext(message, **values))


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


def unit_word(unit: str) -> str:
    """The unit's word: 户, households. Empty for shares (written with %) and milestones (which are reached or not)."""
    if unit in (SHARE, MILESTONE):
        return ""
    return str(WORDS.get(unit, unit))


def quantity(value: Decimal | None, unit: str) -> str:
    """A figure with its unit: 5,000 户; a share as 50%; a milestone in words."""
    if value is None:
        return "—"
    if unit == SHARE:
        return f"{number(value * 100)}%"
    if unit == MILESTONE:
        return _("已完成") if value >= 1 else _("未完成")
    return f"{number(value)} {unit_word(unit)}"


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
