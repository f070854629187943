"""The columns of the list of assignments: which there are, how a click on a head sorts, and what a file says there."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.dashboard.wording import STATUS_WORDS, light_words
from webapp.i18n import language
from webapp.lists.files import Field, Share
from webapp.lists.rules import Column
from webapp.plans.units import quantity, target_text
from webapp.plans.words import kind_word

COLUMNS = (
    Column("task", _l("任务"), rising="task", always=True),
    Column("organisation", _l("单位"), rising="organisation"),
    Column("light", _l("亮灯"), rising="light"),
    Column("completion", _l("完成比例"), "completion", "-completion"),
    Column("pace", _l("序时进度")),
    Column("due", _l("期限"), "due", "-due"),
    Column("status", _l("状态")),
    Column("kind", _l("类型"), usual=False),
    Column("target", _l("目标"), usual=False),
    Column("claimed", _l("自报完成"), usual=False),
    Column("verified", _l("已核实"), usual=False),
    Column("as_of", _l("数据截止"), usual=False),
    Column("nominal", _l("方案期限"), usual=False),
    Column("updated", _l("最近填报"), "updated", "-updated", usual=False),
)


def fields(shown: Iterable[Column]) -> list[Field]:
    """The columns of a file: those that are shown, codes beside names."""
    known = _fields()
    return [field for column in shown for field in known[column.code]]


def _fields() -> Mapping[str, list[Field]]:
    lights = light_words()
    statuses = {code: str(word) for code, word in STATUS_WORDS.items()}
    return {
        "task": [
            Field(_("条款"), _attribute("clause_code"), 12), Field(_("条款名称"), _text("clause"), 20),
            Field(_("任务代码"), _attribute("task_code"), 20), Field(_("任务"), _text("title"), 40),
        ],
        "organisation": [
            Field(_("单位代码"), _attribute("organisation_code"), 12),
            Field(_("单位"), _text("organisation")),
        ],
        "light": [
            Field(_("亮灯"), lambda row: lights[row.light_label]),
            Field(_("连续未更新月数"), _attribute("silent_months")),
        ],
        "completion": [Field(_("完成比例"), _share("completion"))],
        "pace": [Field(_("序时进度"), _share("pace"))],
        "due": [Field(_("现行期限"), _attribute("due"))],
        "status": [Field(_("状态"), lambda row: statuses[row.status])],
        "kind": [Field(_("类型"), lambda row: kind_word(row.kind))],
        "target": [Field(_("目标"), target_text, 24)],
        "claimed": [Field(_("自报完成"), _figure("claimed"))],
        "verified": [Field(_("已核实"), _figure("verified"))],
        "as_of": [Field(_("数据截止"), _attribute("as_of"))],
        "nominal": [Field(_("方案期限"), _attribute("nominal_due"))],
        "updated": [Field(_("最近填报"), _attribute("last_update_at"), 18)],
    }  # fmt: skip


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _text(name: str) -> Callable[[Any], Any]:
    """A text in the language being spoken, Chinese where the English is empty; the language is asked for once."""
    own, other = f"{name}_{language()}", f"{name}_zh"
    return lambda row: getattr(row, own) or getattr(row, other)


def _share(name: str) -> Callable[[Any], Any]:
    def share(row: Any) -> Share | None:
        value = getattr(row, name)
        return None if value is None else Share(value)

    return share


def _figure(name: str) -> Callable[[Any], Any]:
    def figure(row: Any) -> str:
        value = getattr(row, name)
        return "" if value is None else quantity(value, row.unit)

    return figure
