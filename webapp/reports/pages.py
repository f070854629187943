"""What the pages of the monthly report show, worked out from rows and frozen contents. No SQL, no HTML."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.clock import local
from webapp.i18n import language, pick
from webapp.plans.units import MILESTONE, SHARE, points, quantity, target_text
from webapp.reports import rules
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.reports.rules import Standing, Timeliness
from webapp.workdays.rules import Calendar, published_calendar

STATE_WORDS: Mapping[str, Any] = {
    "on_time": _l("按时报送"),
    "late": _l("迟报"),
    "missing": _l("未报"),
    "pending": _l("未到期"),
    "not_required": _l("无需报送"),
    "submitted": _l("待审核"),
    "returned": _l("退回修改"),
    "accepted": _l("审核通过"),
}


# --- lists


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in a list, with how it stands today."""

    row: Any
    standing: Standing
    after_internal: bool

    @property
    def states(self) -> frozenset[str]:
        """The filters this report is found under."""
        return frozenset({self.standing.timeliness.value, self.row.status})


def listed(rows: Iterable[Any], today: date) -> list[Listed]:
    """The rows of a query with their standing."""
    calendar = published_calendar()
    return [Listed(row, standing_of(row, today, calendar), is_after_internal(row)) for row in rows]


def standing_of(report: Any, today: date, calendar: Calendar) -> Standing:
    """How a report (a row of a list or the record itself) stands today."""
    late = report.days_late if report.first_submitted_at is not None else None
    return rules.standing(report.due, late, today, calendar)


def is_after_internal(report: Any) -> bool:
    """Whether a report was first filed after its internal date."""
    if report.first_submitted_at is None:
        return False
    stamp = local(report.first_submitted_at)
    return rules.is_after_internal(report.internal_due, report.internal_due_at, stamp.date(), stamp.time())


def tally(reports: Iterable[Listed]) -> Counter[str]:
    """How many reports each filter finds."""
    return Counter(state for each in reports for state in each.states)


def timeliness_word(standing: Standing) -> str:
    """按时报送, 迟报 2 个工作日, 未报（已超期 1 个工作日）, 未到期."""
    if standing.timeliness is Timeliness.LATE:
        return ngettext("迟报 %(num)s 个工作日", "迟报 %(num)s 个工作日", standing.days_late)
    if standing.timeliness is Timeliness.MISSING:
        return ngettext("未报，已超期 %(num)s 个工作日", "未报，已超期 %(num)s 个工作日", standing.days_late)
    return str(STATE_WORDS[standing.timeliness.value])


# --- lines


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words: figures with their units in the language being spoken."""

    line: Mapping[str, Any]
    target: str
    last: str
    this: str
    cumulative: str
    verified: str
    completion: Decimal | None
    pace: Decimal | None
    due: date | None
    milestone: bool


@dataclass(frozen=True, slots=True)
class _Target:
    comparator: str
    target_min: Decimal | None
    target_max: Decimal | None
    unit: str
    basically: bool


def shown(line: Mapping[str, Any]) -> Shown:
    """A line, of a draft or frozen, in words."""
    unit = line["unit"]
    low, high = _decimal(line["target_min"]), _decimal(line["target_max"])
    return Shown(
        line=line,
        target=target_text(_Target(line["comparator"], low, high, unit, line["basically"])),
        last=quantity(_decimal(line["last"]), unit),
        this=_change(_decimal(line["this"]), unit),
        cumulative=quantity(_reached(line), unit),
        verified=quantity(_decimal(line["verified"]), unit),
        completion=_decimal(line["completion"]),
        pace=_decimal(line["pace"]),
        due=date.fromisoformat(line["due"]) if line["due"] else None,
        milestone=unit == MILESTONE,
    )


def _reached(line: Mapping[str, Any]) -> Decimal | None:
    """The cumulative figure; a dated milestone of which nothing was said is not reached."""
    figure = _decimal(line["cumulative"])
    return Decimal(0) if figure is None and line["unit"] == MILESTONE and line["due"] else figure


def _change(figure: Decimal | None, unit: str) -> str:
    """This month's part: +12 台, −3 台, 0; a milestone is reached or not, it does not grow."""
    if figure is None:
        return "—"
    if unit == MILESTONE:
        return _("本月完成") if figure >= 1 else "—"
    sign = "+" if figure > 0 else "−" if figure < 0 else ""
    if unit == SHARE:
        return _("%(sign)s%(n)s 个百分点", sign=sign, n=points(abs(figure))) if figure else "0"
    return f"{sign}{quantity(abs(figure), unit)}" if figure else "0"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def by_clause(lines: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, list[Shown]]]:
    """Lines under their clauses, in the report's order: (code, title, lines)."""
    return [
        (code, pick(members[0], "clause"), [shown(line) for line in members])
        for code, found in groupby(lines, key=lambda line: str(line["clause"]))
        if (members := list(found))
    ]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its lines: `changed` counts those that differ from the revision before."""

    code: str
    title: str
    lines: Sequence[Shown]
    changed: int = 0
    ticked: bool = False

    @property
    def overdue(self) -> int:
        """How many of them are overdue."""
        return sum(each.line["label"] == "overdue" for each in self.lines)

    @property
    def behind(self) -> int:
        """How many are behind."""
        return sum(each.line["label"] == "behind" for each in self.lines)

    @property
    def is_open(self) -> bool:
        """Whether there is something to look at: a red light, a change, a line that is ticked."""
        return self.ticked or bool(self.changed) or any(each.line["light"] == "red" for each in self.lines)


def clauses(
    lines: Iterable[Mapping[str, Any]], changed: Collection[str] = (), ticked: Collection[int] = ()
) -> list[Clause]:
    """Lines under their clauses; `changed` are tasks, `ticked` the assignments somebody points at."""
    return [
        Clause(
            code, title, members, sum(each.line["task"] in changed for each in members),
            any(each.line["assignment"] in ticked for each in members),
        )
        for code, title, members in by_clause(lines)
    ]  # fmt: skip


def attention(lines: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """The lines that are overdue, behind or silent, the worst first."""
    return [shown(line) for line in rules.attention_first(lines)]


# --- one report


@dataclass(frozen=True, slots=True)
class Deadline:
    """The date a report is wanted by, and the sentences that explain it; `own` is the level above's earlier date."""

    legal: date
    legal_explained: str
    own: date | None
    own_at: str
    own_explained: str

    @property
    def first(self) -> date:
        """The date that comes first."""
        return self.own or self.legal


def deadline(report: MonthlyReport) -> Deadline:
    """By when a report is due and why."""
    own_at = f"{report.internal_due_at:%H:%M}" if report.internal_due_at else ""
    return Deadline(report.due, pick(report, "due_explained"), report.internal_due, own_at, _own_words(report, own_at))


def _own_words(report: MonthlyReport, own_at: str) -> str:
    if report.internal_due is None:
        return ""
    if own_at:
        return _("由上一级汇总后统一上报；提前期限落在报告月内，因此改为法定期限当日 %(at)s 前。", at=own_at)
    days = published_calendar().workdays_between(report.internal_due, report.due)
    return ngettext(
        "由上一级汇总后统一上报，请提前 %(num)s 个工作日报送。",
        "由上一级汇总后统一上报，请提前 %(num)s 个工作日报送。",
        days,
    )


def history(
    revisions: Iterable[ReportRevision],
    decisions: Iterable[ReportDecision],
    names: Mapping[int, str],
    url_of: Any,
    compared_at: Any,
) -> list[dict[str, Any]]:
    """Submissions and decisions, newest first, as `ui.timeline` shows them.

    `names` are those to be shown instead of the recorded ones, `url_of` gives the address of a revision, `compared_at`
    that of its comparison with the one before.
    """
    entries = [(each.submitted_at, 0, each.submitted_by, _submitted(each, url_of, compared_at)) for each in revisions]
    entries += [(each.recorded_at, 1, each.actor_id, _decided(each)) for each in decisions]
    for _at, _kind, person, entry in entries:
        entry["who"] = names.get(person, entry["who"])
    return [entry for *_order, entry in sorted(entries, key=lambda each: each[:2], reverse=True)]


def name_of(person: Mapping[str, str] | None) -> str:
    """Who stands in a frozen report, named in the language being spoken."""
    if not person:
        return "—"
    return (person.get("name_en") if language() == "en" else "") or person["name"]


def _submitted(revision: ReportRevision, url_of: Any, compared_at: Any) -> dict[str, Any]:
    number = revision.revision
    compared = [{"url": compared_at(number), "name": _("与上一版对比")}] if number > 1 else []
    return {
        "at": f"{local(revision.submitted_at):%Y-%m-%d %H:%M}",
        "who": revision.submitted_by_label,
        "title": _("报送第 %(n)s 版", n=number),
        "body": _("更正：%(reason)s", reason=revision.correction_reason) if revision.correction_reason else "",
        "tone": "blue",
        "files": [{"url": url_of(number), "name": revision.receipt}, *compared],
    }


def _pointed(decision: ReportDecision) -> str:
    """How many lines a return points at: the reasons stand at the lines."""
    count = len(decision.lines)
    return ngettext("指出 %(num)s 项任务需要修改", "指出 %(num)s 项任务需要修改", count) if count else ""


def _decided(decision: ReportDecision) -> dict[str, Any]:
    accepted = decision.decision == "accept"
    return {
        "at": f"{local(decision.recorded_at):%Y-%m-%d %H:%M}",
        "who": decision.actor_label,
        "title": _("审核通过") if accepted else _("退回修改"),
        "body": "\n".join(filter(None, (decision.reason, _pointed(decision)))),
        "tone": "green" if accepted else "amber",
    }
