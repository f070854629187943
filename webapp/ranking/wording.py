"""Columns and words of the ranking's tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.i18n import pick

TABLES = {"city": _l("城市排名"), "province": _l("省级排名")}
STATES = {"on_time": _l("按时报送"), "late": _l("迟报"), "missing": _l("未报"), "pending": _l("未到期")}
PACED = {
    "done": _l("办结"), "on_pace": _l("达到序时"), "behind": _l("滞后"), "overdue": _l("逾期"),
    "base": _l("应计任务"), "not_due": _l("不计入"),
}  # fmt: skip
NO_DATA = _l("无数据")


def how_paced(facts: Mapping[str, int], formula: Mapping[str, Any]) -> str:
    """(done + on pace + 0.5 × behind) ÷ base, with its figures."""
    return _(
        "（办结 %(done)s ＋ 达到序时 %(on_pace)s ＋ %(behind_share)s × 滞后 %(behind)s ＋ 0 × 逾期 %(overdue)s）"
        "÷ 应计 %(base)s",
        behind_share=plain(formula["behind"]), **{name: facts[name] for name in PACED if name != "not_due"},
    )  # fmt: skip


def how_reported(facts: Mapping[str, Any]) -> str:
    """Earned ÷ due, and how many came in time, late or not at all, and the days that cost points."""
    said = [
        _("按时 %(n)s 份", n=facts["on_time"]),
        _("迟报 %(n)s 份", n=facts["late"]) if facts["late"] else "",
        ngettext("共迟 %(num)s 个工作日", "共迟 %(num)s 个工作日", facts["days"]) if facts["days"] else "",
        _("未报 %(n)s 份", n=facts["missing"]) if facts["missing"] else "",
        _("未到期 %(n)s 份", n=facts["pending"]) if facts["pending"] else "",
    ]
    counts = _("、").join(filter(None, said))
    return _(
        "得 %(earned)s ÷ 应报 %(due)s（%(counts)s）", earned=plain(facts["earned"]), due=facts["due"], counts=counts
    )


def how_checked(facts: Mapping[str, int]) -> str:
    """Verified ÷ (verified + waiting)."""
    return _("已核实 %(verified)s ÷（已核实 %(verified)s ＋ 待核验 %(waiting)s）", **facts)


def how(line: Mapping[str, Any], part: Mapping[str, Any], formula: Mapping[str, Any]) -> str:
    """How the points of a part came about; what there is no data of says so."""
    if line["points"][part["code"]] is None:
        return str(NO_DATA)
    facts = line["facts"][part["code"]]
    if part["code"] == "pace":
        return how_paced(facts, formula)
    return how_reported(facts) if part["code"] == "reports" else how_checked(facts)


def plain(value: object) -> str:
    """A figure without needless zeros."""
    return f"{Decimal(str(value)).normalize():f}"


def missing(line: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> str:
    """What is to be said of a line with a part without data; empty where all is there."""
    lacking = [part for part in parts if line["points"][part["code"]] is None]
    names = _("、").join(pick(part, "name") for part in lacking)
    if not lacking:
        return ""
    if line["total"] is None:
        return _("%(parts)s无数据，不排名次", parts=names)
    return _("%(parts)s无数据，其余部分折算为百分制", parts=names)
