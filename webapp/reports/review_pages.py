"""What was frozen, and what follows from it: a revision, its decision, the correction of an accepted report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Invalid, Stale
from webapp.i18n import month as month_word
from webapp.i18n import pick
from webapp.permissions import Permission, can
from webapp.reports import pages, queries, rules, section_tables, service
from webapp.reports.blueprint import blueprint
from webapp.reports.compare import compare
from webapp.reports.forms import CorrectForm, DecideForm
from webapp.reports.frame import frame
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.workdays.rules import published_calendar

Answer = BaseResponse | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Ticked:
    """The lines a return points at, as typed: reasons and what is wrong with them, by assignment."""

    reasons: Mapping[int, str] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)


NOTHING = Ticked()


def standing_page(found: MonthlyReport) -> str:
    """The revision of a report that stands."""
    return _page(found, queries.get_revision(web.reading(), found.id, queries.standing_revision(found)))


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>")
@web.requires(Permission.SEE)
def revision(report_id: int, revision: int) -> str:
    """A revision as it was submitted, from the copy alone."""
    return _page(*_load(report_id, revision))


def _load(report_id: int, revision: int) -> tuple[MonthlyReport, ReportRevision]:
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    return found, queries.get_revision(session, found.id, revision)


def _page(
    found: MonthlyReport,
    row: ReportRevision,
    form: DecideForm | None = None,
    ticked: Ticked = NOTHING,
    correction: CorrectForm | None = None,
) -> str:
    waits = found.status == "submitted" and row.revision == found.revision
    above = can(web.actor(), Permission.DECIDE_REPORT, found.organisation.path)
    stands = found.status == "accepted" and row.revision == found.accepted_revision
    return render_template(
        "reports/revision.html",
        form=form or DecideForm(formdata=None, version=found.version),
        correction=correction or CorrectForm(formdata=None, version=found.version),
        ticked=ticked,
        revision=row,
        content=row.content,
        name_of=pages.name_of,
        attention=pages.attention(row.content["lines"]),
        clauses=pages.clauses(row.content["lines"], _changed(found, row), ticked.reasons),
        sections=section_tables.shown(row.content),
        clock=_clock(row) if waits and above else None,
        may_decide=waits and service.may_decide(web.actor(), found, row.submitted_by),
        may_correct=stands and service.may_file(web.actor(), found),
        own_submission=waits and above and row.submitted_by == web.actor().id,
        standing_revision=queries.standing_revision(found),
        **frame(found),
    )


def _changed(found: MonthlyReport, row: ReportRevision) -> set[str]:
    """The tasks of which a revision says something else than the one before it; none of the first."""
    if row.revision == 1:
        return set()
    before = queries.get_revision(web.reading(), found.id, row.revision - 1)
    return {each.line["task"] for each in compare(before.content, row.content).changed}


@dataclass(frozen=True, slots=True)
class _Clock:
    """How long a revision has waited: its working day, by when it is to be decided, by how many days that is over."""

    day: int
    due: date
    over: int


def _clock(row: ReportRevision) -> _Clock:
    calendar, received = published_calendar(), local_date(row.submitted_at)
    waited = calendar.workdays_between(received, web.today())
    return _Clock(waited, calendar.add_workdays(received, rules.REVIEW_WITHIN), waited - rules.REVIEW_WITHIN)


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>.json")
@web.requires(Permission.SEE)
def download(report_id: int, revision: int) -> Response:
    """The canonical content: its SHA-256 is the one on the receipt."""
    _found, row = _load(report_id, revision)
    answer = Response(rules.canonical(row.content), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.receipt}.json"'
    return answer


# --- deciding


@blueprint.post("/reports/<int:report_id>/decide")
@web.requires(Permission.DECIDE_REPORT)
def decide(report_id: int) -> Answer:
    """Accept the report, or return it with a reason, as a whole or line by line."""
    form, ticked = DecideForm(), Ticked(_ticked())
    if not form.validate():
        return _decide_again(report_id, form, ticked, 422)
    target = url_for("reports.report", report_id=report_id)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            earlier = web.once(
                session, form, "report.decide", target, extra=[report_id, sorted(ticked.reasons.items())]
            )  # fmt: skip
            if earlier is None:
                service.decide(
                    session, found, actor=web.actor(), now=web.now(), decision=form.decision.data,
                    version=form.version.data or 0, reason=form.reason.data or "",
                    lines=[{"assignment": number, "reason": text} for number, text in ticked.reasons.items()],
                )  # fmt: skip
    except Invalid as error:
        return _decide_again(report_id, form, _with_problems(form, ticked, error), error.status)
    except Stale as error:
        form.form_errors.append(str(error))
        return _decide_again(report_id, form, ticked, error.status)
    if earlier is None:
        flash(_decided(found, form.decision.data), "success")
    return redirect(earlier or target, 303)


def _ticked() -> dict[int, str]:
    """The ticked lines with their reasons; what is no number is no line."""
    numbers = [each for each in request.form.getlist("line") if each.isascii() and each.isdigit() and len(each) < 16]
    return {int(each): request.form.get(f"line-{each}", "") for each in numbers}


def _with_problems(form: DecideForm, ticked: Ticked, error: Invalid) -> Ticked:
    """Put what is wrong where it was typed."""
    at_lines = {f"line-{number}": number for number in ticked.reasons}
    mine = {at_lines[each.field]: str(each.message) for each in error.problems if each.field in at_lines}
    web.show_problems(form, Invalid([each for each in error.problems if each.field not in at_lines]))
    return Ticked(ticked.reasons, mine)


def _decided(found: MonthlyReport, decision: str) -> str:
    values = {"org": pick(found.organisation, "name"), "month": month_word(found.month)}
    if decision == "accept":
        return _("已审核通过%(org)s%(month)s月报，数据从此固定；已邮件告知报送人。", **values)
    return _("已退回%(org)s%(month)s月报；已邮件告知报送人，修改后将重新报送。", **values)


def _decide_again(report_id: int, form: DecideForm, ticked: Ticked, status: int) -> tuple[str, int]:
    """The report with what was typed, if it still waits for a decision of this person."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not can(web.actor(), Permission.DECIDE_REPORT, found.organisation.path):
        raise Forbidden(_("月报由上一级单位审核，您的角色不能办理。"))
    if found.status != "submitted":
        raise Conflict(_("这份月报已经由他人办理，无需重复操作。"))
    form.version.data = found.version
    row = queries.get_revision(web.reading(), found.id, found.revision)
    return _page(found, row, form, ticked), status


# --- correcting


@blueprint.post("/reports/<int:report_id>/correct")
@web.requires(Permission.FILE_REPORT)
def correct(report_id: int) -> Answer:
    """Open an accepted report again, with a reason."""
    form, target = CorrectForm(), url_for("reports.report", report_id=report_id)
    try:
        if form.validate():
            with web.transaction() as session:
                found = queries.get_report(session, report_id, web.actor())
                earlier = web.once(session, form, "report.correct", target, extra=report_id)
                if earlier is None:
                    service.correct(
                        session, found, reason=form.why.data or "", actor=web.actor(), now=web.now(),
                        version=form.version.data or 0,
                    )  # fmt: skip
            flash(_("月报已重新打开，可以更正。原审核通过的版本继续有效，直到更正后的版本审核通过。"), "success")
            return redirect(target, 303)
        status = 422
    except Invalid as error:
        form.why.errors = [str(each.message) for each in error.problems]
        status = error.status
    except Stale as error:
        form.form_errors.append(str(error))
        status = error.status
    return _correct_again(report_id, form, status)


def _correct_again(report_id: int, form: CorrectForm, status: int) -> tuple[str, int]:
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    if found.status != "accepted":
        raise Conflict(_("这份月报现在不能更正，请刷新页面查看当前状态。"))
    form.version.data = found.version
    row = queries.get_revision(web.reading(), found.id, queries.standing_revision(found))
    return _page(found, row, correction=form), status
