"""What a finding says to the person who has to mend it, and where that is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.i18n import day
from webapp.plans.units import quantity
from webapp.progress.facts import OPEN_STATUSES
from webapp.reports.checks import Finding

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mend:
    """A finding as the page shows it: the line's title comes from the line."""

    finding: Finding
    line: Line
    words: str
    url: str
    action: str


def mend(finding: Finding, line: Line, report_id: int) -> Mend:
    """A finding with its sentence, and the link that mends it."""
    url, action = _place(finding, line, report_id)
    return Mend(finding, line, words(finding, line), url, action)


def words(finding: Finding, line: Line) -> str:
    """The finding in a sentence, in the language being spoken."""
    given = finding.params
    if finding.code == "missing_due":
        return _missing(given)
    if finding.code == "no_evidence":
        return _("本月申请销号，没有附佐证材料。")
    if finding.code == "silent":
        return ngettext("已有 %(num)s 个月没有填报。", "已有 %(num)s 个月没有填报。", given["months"])
    figures = {name: quantity(Decimal(figure), line["unit"]) for name, figure in given.items()}
    if finding.code == "below_accepted":
        return _("累计%(now)s，低于上次审核通过的%(before)s，须说明原因。", **figures)
    if finding.code == "verified_above_claimed":
        return _("已核实%(verified)s，高于填报的%(now)s，请核对。", **figures)
    return _("累计%(now)s，超过上月%(before)s的三倍，请核对或说明原因。", **figures)


def _missing(given: Mapping[str, Any]) -> str:
    due = day(date.fromisoformat(given["due"]))
    if given["milestone"]:
        return _("%(due)s到期，还没有填报完成情况。", due=due)
    return _("%(due)s到期，还没有填报数据。", due=due)


def _place(finding: Finding, line: Line, report_id: int) -> tuple[str, str]:
    number = finding.assignment
    if finding.code in ("below_accepted", "jump"):
        return f"#reason-{number}", _("说明原因")
    if finding.code in ("missing_due", "silent") and line["status"] in OPEN_STATUSES:
        back = url_for("reports.report", report_id=report_id)
        return url_for("desk.update_form", assignment_id=number, back=back), _("去填报")
    return url_for("desk.assignment", assignment_id=number), _("查看任务")
