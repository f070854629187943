"""A task's rule in words: what kind of duty it is, by when, and how exactly its target is meant."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext

from webapp.i18n import day
from webapp.plans.models import Season, Task
from webapp.plans.rules import DueRule, month_end
from webapp.plans.units import MILESTONE

KINDS: dict[str, Any] = {
    "milestone": lazy_gettext("节点任务"),
    "quantity": lazy_gettext("量化任务"),
    "seasonal_cap": lazy_gettext("采暖季限产"),
    "standing": lazy_gettext("长期任务"),
    "recurring_report": lazy_gettext("定期报送"),
}


def _(message: str, **values: Any) -> str:
    return str(gettext(message, **values))


def kind_word(kind: str) -> str:
    """What a kind of task is called."""
    return str(KINDS.get(kind, kind))


def due_words(due_rule: Mapping[str, Any], season: Season | None = None) -> str:
    """When a task falls due, in words; "no date" for duties that stand for good."""
    if not due_rule:
        return _("方案未规定期限，长期坚持")
    rule = DueRule.from_data(due_rule)
    if rule.recurring:
        every = _("每月") if rule.kind == "monthly" else _("每季度")
        return _("%(every)s报送一次，次月 %(day)s 日前", every=every, day=rule.day)
    if rule.kind == "season":
        return _season_words(season)
    last = date.fromisoformat(rule.value) if rule.kind == "on" else month_end(rule.value)
    return _("%(date)s前（含当日）", date=day(last))


def _season_words(season: Season | None) -> str:
    if season is None:
        return _("采暖季期间")
    return _("采暖季期间（%(first)s至%(last)s）", first=day(season.starts_on), last=day(season.ends_on))


def target_notes(task: Task) -> list[str]:
    """How the target is meant where its words leave room: the comparator, "basically", a share taken out."""
    notes = []
    if task.unit == MILESTONE:
        notes.append(_("没有数量指标，按要求完成并提交佐证材料即为达到。"))
    elif task.basically:
        notes.append(_("方案称“基本”完成，没有给出数字；按全部完成计算，并保留“基本”的标注。"))
    elif task.comparator == "between":
        notes.append(_("方案给出一个区间；达到下限即为达到目标，超过上限不算错。"))
    elif task.comparator in (">=", ">"):
        notes.append(_("方案给出下限；多完成的照实填报，不会当作错误。"))
    elif task.comparator in ("<=", "<"):
        notes.append(_("方案给出上限；数值越低越好，不与序时进度比较。"))
    if task.kind == "seasonal_cap":
        notes.append(_("比例指减下来的部分，不是保留的部分。"))
    return notes
