"""A comparison of two revisions in words: figures with their units and differences, labels of what changed. No HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.i18n import day, percent
from webapp.plans.units import MILESTONE, SHARE, points, quantity
from webapp.reports.compare import Change, LineChange

LABELS: Mapping[str, Any] = {
    "cumulative": _l("累计完成"),
    "this": _l("本月新增"),
    "last": _l("上月累计"),
    "verified": _l("已核实"),
    "target_min": _l("目标（下限）"),
    "target_max": _l("目标（上限）"),
    "completion": _l("完成比例"),
    "pace": _l("序时进度"),
    "problem": _l("问题"),
    "next_step": _l("下一步"),
    "reason": _l("数字下降的原因"),
    "due": _l("到期日"),
    "status": _l("办理状态"),
    "light": _l("亮灯状态"),
    "silent_months": _l("连续未更新"),
    "title_zh": _l("任务名称"),
    "problems": _l("存在的问题和需要协调的事项"),
    "remark": _l("其他情况说明"),
    "missing_reason": _l("不再等候缺报城市的原因"),
    "filler": _l("填报人"),
    "checker": _l("审核人"),
    "signatory": _l("签发人"),
    "revision": _l("版次"),
    "state": _l("状态"),
}
SHARES = frozenset({"completion", "pace"})
FIGURES = frozenset({"cumulative", "this", "last", "verified", "target_min", "target_max"})


@dataclass(frozen=True, slots=True)
class Said:
    """One change in words; `field` lets the page draw lights and states as such. `difference` is empty without one."""

    field: str
    label: str
    old: Any
    new: Any
    difference: str = ""


def said(change: Change, unit: str = "") -> Said:
    """A change of a text, a person, a city, or of a line whose figures are in `unit`."""
    old, new = (_value(change.field, value, unit) for value in (change.old, change.new))
    return Said(change.field, str(LABELS[change.field]), old, new, _difference(change, unit))


def said_of(line: LineChange) -> list[Said]:
    """The changes of a line."""
    return [said(change, line.line["unit"]) for change in line.changes]


def _value(field: str, value: Any, unit: str) -> Any:
    if field in FIGURES:
        return quantity(value, unit)
    if field in SHARES:
        return percent(value)
    if field == "due":
        return day(date.fromisoformat(value)) if value else "—"
    if field == "silent_months":
        return ngettext("%(num)s 个月", "%(num)s 个月", value) if value else "—"
    if field in ("light", "status", "state"):
        return value
    return str(value) if value else "—"


def _difference(change: Change, unit: str) -> str:
    """+12 台, −3 个百分点; nothing for milestones, which are reached or not."""
    gap = change.difference
    if gap is None or unit == MILESTONE:
        return ""
    sign = "+" if gap > 0 else "−"
    if unit == SHARE or change.field in SHARES:
        return _("%(sign)s%(n)s 个百分点", sign=sign, n=points(abs(gap)))
    return f"{sign}{quantity(abs(Decimal(gap)), unit)}"
