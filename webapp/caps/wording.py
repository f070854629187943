"""The words of lights, grounds and findings, and the figures that explain them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.caps.facts import Cap
from webapp.caps.policy import CapRule, Policy
from webapp.caps.rules import Light, Standing
from webapp.i18n import percent, pick

# The shape and word of a light beside its colour.
_LABELS: Mapping[str, str] = {
    "nothing_asked": "not_applicable", "not_bound": "not_applicable",
    "before_season": "not_started", "ended_kept": "done", "ended_below": "overdue",
    "kept": "on_pace", "above_range": "on_pace",
}  # fmt: skip
REASONS: Mapping[str, Any] = {
    "nothing_asked": _l("没有应停产能：未登记应停的生产线，或都已豁免、采暖季前已停。"),
    "not_bound": _l("方案没有把这项要求交给本市，这里只作登记，企业对照自己的错峰计划。"),
    "before_season": _l("采暖季还没有开始。"),
    "no_plan": _l("还没有提交错峰生产计划。"),
    "plan_below_cap": _l("错峰生产计划合计 %(planned)s，低于要求的 %(least)s。"),
    "cannot_be_kept": _l("剩下的日子全部停产也达不到要求的 %(least)s。"),
    "far_below_plan": _l("实际停产 %(share)s，远低于计划到目前应停的 %(planned_to_date)s。"),
    "suspect": _l("有停产情况与用电量不符，待核实。"),
    "month_missing": _l("有月份未按时报送停产实绩，暂按正常生产计算。"),
    "below_plan": _l("实际停产 %(share)s，低于计划到目前应停的 %(planned_to_date)s。"),
    "forecast_below": _l("即使今后按计划停产，全季也只有 %(by_plan)s，低于要求的 %(least)s。"),
    "kept": _l("停产达到计划，按计划可以完成。"),
    "above_range": _l("停产达到要求，按计划全季 %(by_plan)s，高于要求的区间，不算违规。"),
    "ended_kept": _l("采暖季已结束，停产 %(share)s，达到要求。"),
    "ended_below": _l("采暖季已结束，停产 %(share)s，没有达到要求。"),
}
GROUNDS: Mapping[str, Any] = {
    "livelihood": _l("承担保民生任务（备案最大负荷）"),
    "approval": _l("省级政府批准生产"),
}
FINDINGS: Mapping[str, Any] = {
    "clear": _l("与用电量相符"),
    "suspect": _l("待核实"),
    "confirmed": _l("核实认可"),
    "rejected": _l("核实不认可"),
    "unchecked": _l("未核对"),
}
LIMITS: Mapping[str, Any] = {
    "any": "", "fails": _l("（未达到特别排放限值）"), "meets": _l("（达到特别排放限值）"),
}  # fmt: skip
COLOURS: Mapping[str, Any] = {"red": _l("红灯"), "yellow": _l("黄灯"), "green": _l("绿灯"), "grey": _l("灰灯")}
SHOWS: Mapping[str, Any] = {
    "unplanned": _l("没有提交计划"), "unstated": _l("实绩未报"), "suspect": _l("有待核实"),
}  # fmt: skip
# What a light is called in a file; on pages it has its shape beside it.
_LIGHT_WORDS: Mapping[str, Any] = {
    "on_pace": _l("正常"), "behind": _l("滞后"), "overdue": _l("逾期"), "not_started": _l("未开始"),
    "not_applicable": _l("不涉及"), "done": _l("办结"),
}  # fmt: skip
BINDS: Mapping[str, Any] = {"city": _l("按全市合计"), "enterprise": _l("按企业分别")}


def label(light: Light) -> str:
    """The word and shape of a light."""
    return _LABELS.get(light.reason, "behind")


def light_word(light: Light) -> str:
    """The word of a light alone."""
    return str(_LIGHT_WORDS[label(light)])


def cap_name(policy: Policy, rule: CapRule) -> str:
    """The sector, and of it the part a cap binds."""
    return f"{pick(policy.sectors[rule.sector], 'name')}{LIMITS[rule.limits]}"


def why(light: Light, found: Standing, cap: Cap | None) -> str:
    """Why a light has its colour, with the figures it was judged by."""
    return str(REASONS[light.reason]) % {
        "share": percent(found.share, 2),
        "planned": percent(found.planned_share, 2),
        "planned_to_date": percent(found.planned_to_date, 2),
        "by_plan": percent(found.forecast_by_plan, 2),
        "least": percent(cap.least, 0) if cap else "",
    }


def asked(cap: Cap) -> str:
    """What a cap asks for: ≥ 50 %, or a range."""
    if cap.most is None:
        return f"≥ {percent(cap.least, 0)}"
    return f"{percent(cap.least, 0)}–{percent(cap.most, 0)}"
