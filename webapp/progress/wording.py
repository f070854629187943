"""What is wrong with an input, in words: each says what is wrong and what to do."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp import errors
from webapp.i18n import day, number
from webapp.plans.units import MILESTONE, quantity
from webapp.progress.checks import Problem

# Figures a message takes from the task, to be read in its unit.
OF_THE_TASK = frozenset({"quantity", "before", "target"})

MESSAGES: dict[str, Any] = {
    "quantity_missing": _l("请填写累计完成数。"),
    "quantity_not_a_number": _l("累计完成数不是有效的数字，请重新填写。"),
    "quantity_negative": _l("累计完成数不能为负数，请重新填写。"),
    "quantity_too_large": _l("数字过大（上限 %(limit)s），请检查是否多输了位数或用错了单位。"),
    "quantity_unusual": _l("填报数 %(quantity)s 远超目标 %(target)s，请检查单位；如属实，请填写说明。"),
    "quantity_too_precise": _l("最多保留 %(places)s 位小数。"),
    "quantity_not_whole": _l("这一项按整数计，请填写整数。"),
    "share_over_one": _l("比例不能超过 100%%，请检查。"),
    "quantity_falls": _l("填报数 %(quantity)s 小于上次的 %(before)s；如需核减，请填写核减原因。"),
    "claim_below_target": _l("完成数 %(quantity)s 未达到目标 %(target)s，还不能申请销号，请先填报进展。"),
    "as_of_future": _l("数据截止日期不能晚于今天（%(today)s）。"),
    "as_of_before_start": _l("数据截止日期不能早于方案开始日（%(starts_on)s）。"),
    "claim_before_start": _l("这项任务自 %(starts_on)s 起执行，此前不能申请销号。"),
    "as_of_goes_back": _l("上次填报的数据截至 %(before)s，请填写不早于这一天的日期。"),
    "text_too_long": _l("文字过长，请控制在 %(limit)s 字以内。"),
    "na_reason_missing": _l("请说明为什么本单位不涉及此项任务。"),
    "na_named": _l("方案条款点名了本单位，不能申报不涉及；如有疑问请联系上级。"),
    "share_out_of_range": _l("计划完成比例应在 0 到 100%% 之间。"),
    "node_falls": _l("计划完成比例不能低于上一个月。"),
    "node_after_due": _l("分月计划不能晚于完成期限（%(due)s）。"),
    "node_before_start": _l("分月计划不能早于任务开始的月份（%(starts_on)s）。"),
    "nodes_missing": _l("请至少填写一个月的计划。"),
    "nodes_unfinished": _l("到完成期限（%(due)s）所在的月份，计划应达到 100%%。"),
    "reason_missing": _l("请填写理由，对方会看到。"),
    "due_not_later": _l("新的期限应晚于现在的期限（%(due)s）。"),
    "due_too_late": _l("新的期限过晚，最晚为 %(limit)s。"),
    "evidence_unknown": _l("有附件不属于本单位或已失效，请重新上传。"),
}


def worded(problems: Iterable[Problem], unit: str = "") -> errors.Invalid:
    """An `Invalid` that carries the problems in the words of whoever reads them; figures in the task's unit."""
    return errors.Invalid(
        [errors.Problem(each.field, _Worded(MESSAGES[each.code], each.params, unit)) for each in problems]
    )


def problem(code: str, field: str, **params: Any) -> errors.Problem:
    """One problem in words; dates and figures are written in the reader's language when it is shown."""
    return errors.Problem(field, _Worded(MESSAGES[code], params))


class _Worded:
    """A message whose figures are formatted when it is shown, not when it is raised."""

    def __init__(self, message: Any, params: Mapping[str, Any], unit: str = "") -> None:
        self._message, self._params, self._unit = message, params, unit

    def __str__(self) -> str:
        shown = {name: self._shown(name, value) for name, value in self._params.items()}
        return str(self._message) % shown if shown else str(self._message).replace("%%", "%")

    def _shown(self, name: str, value: Any) -> str:
        if hasattr(value, "isoformat"):
            return day(value)
        in_unit = name in OF_THE_TASK and self._unit not in ("", MILESTONE)
        return quantity(value, self._unit) if in_unit else number(value)
