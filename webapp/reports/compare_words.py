"""A comparison of two revisions in words: figures with their units and differences, labels of what changed. No HTML."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.i18n import day, number, percent, pick
from webapp.plans.units import MILESTONE, SHARE, points, quantity
from webapp.reports.compare import Change, LineChange
from webapp.reports.section_tables import exact

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
    "rows.listed": _l("在册"),
    "rows.late": _l("其中排查后新增"),
    "rows.removed": _l("移出"),
    "rows.done": _l("完成"),
    "rows.verified": _l("已核实"),
    "share": _l("完成比例"),
    "verified_share": _l("核实比例"),
    "works": _l("企业"),
    "lines": _l("生产线"),
    "month.stopped": _l("本月停产（产能·天）"),
    "month.planned": _l("本月计划（产能·天）"),
    "counted": _l("采暖季停产比例"),
    "suspects": _l("待核实"),
    "exempt": _l("豁免"),
}
SHARES = frozenset({"completion", "pace"})
# Of sections: shares shown to their last place, and plain numbers.
EXACT = frozenset({"share", "verified_share", "counted"})
NUMBERS = frozenset(name for name in LABELS if name.startswith(("rows.", "month."))) | {
    "works", "lines", "suspects", "exempt",
}  # fmt: skip
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


def said_of_section(entry: Mapping[str, Any], changes: Iterable[Change]) -> tuple[str, list[Said]]:
    """A ledger's or a sector's name and its changes."""
    return pick(entry, "name"), [said(each) for each in changes]


def _value(field: str, value: Any, unit: str) -> Any:
    if field in MEASURED:
        return MEASURED[field](value, unit)
    if field == "due":
        return day(date.fromisoformat(value)) if value else "—"
    if field == "silent_months":
        return ngettext("%(num)s 个月", "%(num)s 个月", value) if value else "—"
    if field in ("light", "status", "state"):
        return value
    return str(value) if value else "—"


def _number(value: Any, _unit: str) -> str:
    return "—" if value is None else number(Decimal(value))


# How figures are written, by their field.
MEASURED: Mapping[str, Callable[[Any, str], str]] = {
    **dict.fromkeys(FIGURES, quantity),
    **dict.fromkeys(SHARES, lambda value, _unit: percent(value)),
    **dict.fromkeys(EXACT, lambda value, _unit: exact(value)),
    **dict.fromkeys(NUMBERS, _number),
}


def _difference(change: Change, unit: str) -> str:
    """+12 台, −3 个百分点; nothing for milestones, which are reached or not."""
    gap = change.difference
    if gap is None or unit == MILESTONE:
        return ""
    sign = "+" if gap > 0 else "−"
    if unit == SHARE or change.field in SHARES:
        return _("%(sign)s%(n)s 个百分点", sign=sign, n=points(abs(gap)))
    return f"{sign}{quantity(abs(Decimal(gap)), unit)}"
