"""What the workbook looks like: its sheets, its columns, their headers, and what may be chosen from lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from webapp.i18n import use_locale
from webapp.plans.units import MILESTONE

# The layout's own number: a file of another one is refused.
VERSION = 1
IDENTITY = "_lantian"
MARK = "LANTIAN-REPORT"
# Rows above the lines, counted from 0: title, hint, header.
HEAD = 2
TEXTS = ("problem", "next_step", "reason")
FIELDS = ("figure", "state", *TEXTS)
WITHOUT_STATE = ("standing", "recurring_report")
NOTHING = "nothing"
STATES: Mapping[str, Any] = {
    "0": _l("尚未完成，正在推进"),
    "1": _l("已按要求完成"),
    NOTHING: _l("本月无变化"),
}
LIGHTS: Mapping[str, Any] = {
    "on_pace": _l("正常"),
    "behind": _l("滞后"),
    "overdue": _l("逾期"),
    "not_started": _l("未开始"),
    "standing": _l("长期任务"),
    "done": _l("办结"),
    "done_late": _l("逾期完成"),
    "awaiting": _l("待核验"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` in characters; `fill` says that it is the organisation's to fill in."""

    name: str
    header: Any
    width: int
    fill: bool = False


COLUMNS = (
    Column("task", _l("任务编号"), 20),
    Column("title", _l("任务"), 27),
    Column("clause", _l("条款"), 14),
    Column("due", _l("完成期限"), 12),
    Column("target", _l("目标"), 15),
    Column("unit", lazy_pgettext("figure", "单位"), 7),
    Column("last", _l("上月累计"), 10),
    Column("pace", _l("序时进度"), 9),
    Column("light", _l("状态"), 9),
    Column("hint", _l("系统提示"), 24),
    Column("figure", _l("本月累计"), 12, fill=True),
    Column("state", _l("本月情况"), 18, fill=True),
    Column("problem", _l("存在问题"), 27, fill=True),
    Column("next_step", _l("下一步打算"), 27, fill=True),
    Column("reason", _l("数字变化的原因"), 22, fill=True),
)
# Columns without which a file cannot be read: those that name the line, and those that may be filled in.
NEEDED = ("task", "title", *FIELDS)


def headers(locale: str) -> dict[str, str]:
    """The columns' headers in a language, by the columns' names."""
    with use_locale(locale):
        return {column.name: str(column.header) for column in COLUMNS}


def states(locale: str) -> dict[str, str]:
    """What the lists offer in a language: code by word."""
    with use_locale(locale):
        return {str(word): code for code, word in STATES.items()}


def is_dated(line: Mapping[str, Any]) -> bool:
    """Whether a line is a milestone that is reached or not; a standing duty never is."""
    return bool(line["unit"] == MILESTONE and line["kind"] not in WITHOUT_STATE)


def choices(line: Mapping[str, Any]) -> Sequence[str]:
    """What may be chosen of a line: of a milestone where it stands; of every line that nothing changed."""
    return tuple(STATES) if is_dated(line) else (NOTHING,)
