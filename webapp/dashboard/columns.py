"""The columns of the list of assignments: which there are, how a click on a head sorts, and what a file says there."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.dashboard.wording import STATUS_WORDS, light_words
from webapp.i18n import DEFAULT, language
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
            Field(_("条款"), attrgetter("clause_code"), 12), Field(_("条款名称"), _text("clause"), 20),
            Field(_("任务代码"), attrgetter("task_code"), 20), Field(_("任务"), _text("title"), 40),
        ],
        "organisation": [
            Field(_("单位代码"), attrgetter("organisation_code"), 12),
            Field(_("单位"), _text("organisation")),
        ],
        "light": [
            Field(_("亮灯"), attrgetter("light_label"), say=lights.__getitem__),
            Field(_("连续未更新月数"), attrgetter("silent_months")),
        ],
        "completion": [Field(_("完成比例"), attrgetter("completion"), say=_share)],
        "pace": [Field(_("序时进度"), attrgetter("pace"), say=_share)],
        "due": [Field(_("现行期限"), attrgetter("due"))],
        "status": [Field(_("状态"), attrgetter("status"), say=statuses.__getitem__)],
        "kind": [Field(_("类型"), attrgetter("kind"), say=kind_word)],
        "target": [Field(_("目标"), attrgetter(*_Target._fields), 24, say=lambda given: target_text(_Target(*given)))],
        "claimed": [Field(_("自报完成"), attrgetter("claimed", "unit"), say=_figure)],
        "verified": [Field(_("已核实"), attrgetter("verified", "unit"), say=_figure)],
        "as_of": [Field(_("数据截止"), attrgetter("as_of"))],
        "nominal": [Field(_("方案期限"), attrgetter("nominal_due"))],
        "updated": [Field(_("最近填报"), attrgetter("last_update_at"), 18)],
    }  # fmt: skip


def _text(name: str) -> Callable[[Any], Any]:
    """A text in the language being spoken, Chinese where the English is empty; the language is asked for once."""
    if language() == DEFAULT:
        return attrgetter(f"{name}_{DEFAULT}")
    own, other = f"{name}_{language()}", f"{name}_{DEFAULT}"
    return lambda row: getattr(row, own) or getattr(row, other)


def _share(value: Decimal | None) -> Share | None:
    return None if value is None else Share(value)


def _figure(given: tuple[Decimal | None, str]) -> str:
    value, unit = given
    return "" if value is None else quantity(value, unit)


class _Target(NamedTuple):
    """What a target is made of."""

    comparator: str
    target_min: Decimal | None
    target_max: Decimal | None
    unit: str
    basically: bool
