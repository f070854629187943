"""Words of the coordinator's pages that are needed outside a template: filters, the sheet, summaries of cells."""

from typing import Any

from flask_babel import lazy_gettext as _l

LIGHT_WORDS: dict[str, Any] = {
    "overdue": _l("逾期"),
    "behind": _l("滞后"),
    "awaiting": _l("待核验"),
    "on_pace": _l("正常"),
    "not_started": _l("未开始"),
    "done": _l("办结"),
    "done_late": _l("逾期完成"),
    "standing": _l("长期任务"),
    "not_applicable": _l("不涉及"),
}
STATUS_WORDS: dict[str, Any] = {
    "not_started": _l("未开始"),
    "in_progress": _l("进行中"),
    "claimed": _l("申请销号"),
    "returned": _l("退回整改"),
    "verified": _l("办结销号"),
    "na_claimed": _l("申报不涉及"),
    "not_applicable": _l("不涉及"),
}
COLOUR_WORDS: dict[str, Any] = {
    "red": _l("红灯"),
    "yellow": _l("黄灯"),
    "green": _l("绿灯"),
    "grey": _l("灰灯"),
}
ORDER_WORDS: dict[str, Any] = {
    "light": _l("最紧急在前"),
    "due": _l("到期日由近到远"),
    "-due": _l("到期日由远到近"),
    "completion": _l("完成比例由低到高"),
    "-completion": _l("完成比例由高到低"),
    "updated": _l("最久未填报在前"),
    "-updated": _l("最近填报在前"),
    "organisation": _l("按单位"),
    "task": _l("按条款"),
}

# Why a light, a due date or a share changed (`progress.tallying.Cause`).
CAUSE_WORDS: dict[str, Any] = {
    "loaded": _l("载入方案"),
    "filed": _l("填报"),
    "decided": _l("审核"),
    "dated": _l("调整期限或分月计划"),
    "time": _l("时间推移"),
    "recounted": _l("重新统计"),
}


def light_words() -> dict[str, str]:
    """The word of each light in the language being spoken."""
    return {label: str(word) for label, word in LIGHT_WORDS.items()}


def choices(words: dict[str, Any]) -> list[tuple[str, str]]:
    """Values and words for a filter's list."""
    return [(value, str(word)) for value, word in words.items()]
