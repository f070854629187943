"""Sentences of the desk: what is missing, why a light shows what it shows, what follows after a save."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from webapp.desk.rules import Heading
from webapp.i18n import day, percent, sentences, short_day
from webapp.plans.units import MILESTONE, SHARE, points, quantity, target_text
from webapp.progress.lights import Light
from webapp.progress.rules import PaceSource
from webapp.reminders.emails import days_in_words

HEADINGS: dict[Heading, Any] = {
    "returned": lazy_gettext("退回整改"),
    "overdue": lazy_gettext("逾期"),
    "due_soon": lazy_gettext("即将到期"),
    "behind": lazy_gettext("滞后"),
    "silent": lazy_gettext("未更新"),
}
NOTES: dict[Heading, Any] = {
    "returned": lazy_gettext("按意见整改后重新填报"),
    "overdue": lazy_gettext("期限已过，尚未申请销号"),
    "due_soon": lazy_gettext("14 天内到期"),
    "behind": lazy_gettext("低于序时进度"),
    "silent": lazy_gettext("上月没有填报；没有变化也请报一下“无变化”"),
}
VERBS: dict[Heading, Any] = {"returned": lazy_gettext("整改"), "silent": lazy_gettext("更新")}
PACE_SOURCES: dict[PaceSource, Any] = {
    "nodes": lazy_gettext("按本单位报送的分月计划"),
    "linear": lazy_gettext("本单位未报分月计划，按时间均匀推算"),
    "milestone": lazy_gettext("节点任务，到期前不要求进度"),
}


def _(message: str, **values: Any) -> str:
    return str(gettext(message, **values))


def verb(heading: Heading, item: Any) -> str:
    """What is to be done with an item."""
    if heading != "returned" and is_reached(item):
        return _("销号")
    return str(VERBS.get(heading, _("填报")))


def is_reached(item: Any) -> bool:
    """Whether what was filed would do for a claim: a grown figure or a milestone, never a level."""
    if item.kind in ("standing", "recurring_report") or item.measure_kind == "level" or item.comparator in ("<", "<="):
        return False
    return (item.claimed or Decimal(0)) >= (item.target_min or Decimal(1))


def days_words(due: date, today: date) -> str:
    """How long there is still, with the day: 还有 11 天（10月31日到期）."""
    return _("%(days)s（%(date)s到期）", days=days_in_words((due - today).days), date=short_day(due))


def remaining(item: Any) -> str:
    """How much is missing, from a row with the columns of a list (or an assignment's figures joined with its task)."""
    if item.kind in ("standing", "recurring_report"):
        return _("请填报最新情况")
    if item.unit == MILESTONE:
        return _("已完成，可以申请销号") if (item.claimed or 0) >= 1 else _("尚未完成")
    if item.measure_kind == "level" or item.comparator in ("<", "<="):
        return _level(item)
    return _gap((item.target_min or Decimal(0)) - (item.claimed or Decimal(0)), item.unit)


def _level(item: Any) -> str:
    if item.claimed is None:
        return _("还没有数据，要求%(target)s", target=target_text(item))
    return _("现为 %(now)s，要求%(target)s", now=quantity(item.claimed, item.unit), target=target_text(item))


def _gap(gap: Decimal, unit: str) -> str:
    if gap <= 0:
        return _("已达到目标，可以申请销号")
    if unit == SHARE:
        return _("还差 %(n)s 个百分点", n=points(gap))
    return _("还差 %(quantity)s", quantity=quantity(gap, unit))


def sentence(item: Any, today: date) -> str:
    """An item of "today" in one sentence after its title."""
    missing = _("整改后重新申请销号") if item.status == "returned" else remaining(item)
    if item.due is None:
        return missing
    return _("%(missing)s，%(days)s", missing=missing, days=days_words(item.due, today))


def reached(figure: Decimal | None, share: Decimal | None, unit: str) -> str:
    """A saved figure with its share of the target."""
    if figure is None or unit == MILESTONE:
        return ""
    if share is None:
        return _("最新数据 %(figure)s。", figure=quantity(figure, unit))
    return _("累计 %(figure)s，为目标的 %(share)s。", figure=quantity(figure, unit), share=percent(share))


# --- why a light shows what it shows

Say = Callable[[Light], str]


def _past_due(light: Light) -> str:
    return _("已过期限（%(due)s），尚未申请销号。", due=day(light.params["due"]))


def _paced(light: Light) -> dict[str, str]:
    return {"share": percent(light.params["share"] or 0), "pace": percent(light.params["pace"] or 0)}


def _on_pace(light: Light) -> str:
    if not light.params["pace"]:
        return _("现阶段不要求进度。")
    return _("完成 %(share)s，不低于序时进度 %(pace)s。", **_paced(light))


def _silent(light: Light) -> str:
    months = light.params["months"]
    return str(ngettext("连续 %(num)s 个月没有更新。", "连续 %(num)s 个月没有更新。", months))


REASONS: dict[str, Say] = {
    "verified_in_time": lambda _light: _("按期完成，已核实销号。"),
    "verified_late": lambda _light: _("已核实销号；完成时已超过期限，逾期记录保留。"),
    "claimed_in_time": lambda _light: _("已按期申请销号，等待上级核验。"),
    "claimed_late": lambda _light: _("逾期后申请销号，等待上级核验。"),
    "na_claimed": lambda _light: _("已申报不涉及，等待上级确认。"),
    "na_agreed": lambda _light: _("上级已同意不涉及，不计入任务总数。"),
    "no_date": lambda _light: _("方案未规定期限的长期任务，不亮逾期灯。"),
    "before_start": lambda light: _("%(day)s起开始执行，现在不要求进度。", day=day(light.params["starts_on"])),
    "no_figure": lambda _light: _("还没有填报数据。"),
    "past_due": _past_due,
    "far_below_pace": lambda light: _("完成 %(share)s，远低于序时进度 %(pace)s。", **_paced(light)),
    "below_pace": lambda light: _("完成 %(share)s，低于序时进度 %(pace)s。", **_paced(light)),
    "target_not_met": lambda _light: _("最新数据未达到要求。"),
    "near_due": lambda light: _("临近期限，完成 %(share)s，不足九成。", **_paced(light)),
    "silent": _silent,
    "on_pace": _on_pace,
    "target_met": lambda _light: _("最新数据符合要求。"),
}


def light_reason(light: Light) -> str:
    """Why the light is as it is, and how long it holds if nothing is filed."""
    why = REASONS[light.reason](light)
    if light.until is None:
        return why
    return sentences(why, _("如不再填报，此灯保持到 %(day)s。", day=day(light.until)))
