"""Pages of the monthly report: lists, the draft, check before sending, the frozen revision, the decision on it."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.clock import month_start
from webapp.errors import Conflict, Forbidden, Invalid, RequestReused, Stale
from webapp.i18n import month as month_word
from webapp.i18n import pick
from webapp.permissions import Permission, can, can_anywhere
from webapp.plans.queries import current_plan
from webapp.reports import pages, queries, rules, service
from webapp.reports.draft import draft, is_running
from webapp.reports.forms import DecideForm, RemarkForm, SubmitForm
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.workdays.rules import published_calendar

blueprint = Blueprint("reports", __name__, template_folder="templates")


# --- lists


@blueprint.get("/reports")
@web.requires(Permission.SEE)
def index() -> str:
    """Officers: their own reports by month. Coordinators and readers: a month of their whole area."""
    session, actor = web.reading(), web.actor()
    plan = current_plan(session)
    own = pages.listed(queries.own_rows(session, plan.id, actor), web.today())
    if not can_anywhere(actor, Permission.OVERVIEW):
        return render_template("reports/own.html", own=own, words=pages.timeliness_word)
    return _month_page(plan.id, own)


def _month_page(plan_id: int, own: list[pages.Listed]) -> str:
    session, actor = web.reading(), web.actor()
    months = queries.months(session, plan_id, actor)
    month = _chosen(months)
    found = queries.month_rows(session, plan_id, month, actor) if month else []
    reports = pages.listed(found, web.today())
    state = request.args.get("state", "")
    state = state if state in pages.STATES else ""
    return render_template(
        "reports/month.html",
        months=months,
        month=month,
        reports=reports,
        groups=pages.groups(reports, state),
        counts=pages.tally(reports),
        state=state,
        state_words=pages.STATE_WORDS,
        words=pages.timeliness_word,
        waiting={row.id for row in queries.waiting_rows(session, plan_id, actor)},
        own=[each for each in reversed(own) if each.row.status in ("open", "returned") and _is_over(each.row.month)],
        holding=actor.home,
    )


def _is_over(month: date) -> bool:
    return month < month_start(web.today())


def _chosen(months: list[date]) -> date | None:
    """The month of the address if there is one, else the newest that is over: the running one nobody can file yet."""
    wanted = request.args.get("month", "")
    ended = [month for month in months if _is_over(month)]
    return next((month for month in months if f"{month:%Y-%m}" == wanted), next(iter(ended or months), None))


# --- one report: the draft while it is open, the newest revision afterwards


@blueprint.get("/reports/<int:report_id>")
@web.requires(Permission.SEE)
def report(report_id: int) -> str:
    """A report as it stands."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if found.status in service.EDITABLE:
        return _draft_page(found, _remark_form(found))
    revision = queries.get_revision(web.reading(), found.id, found.revision)
    return _revision_page(found, revision, DecideForm(formdata=None, version=found.version))


def _remark_form(found: MonthlyReport) -> RemarkForm:
    return RemarkForm(formdata=None, remark=found.remark, problems=found.problems, version=found.version)


def _draft_page(found: MonthlyReport, form: RemarkForm) -> str:
    session = web.reading()
    lines = draft(session, found, now=web.now())
    return render_template(
        "reports/draft.html",
        form=form,
        lines=lines,
        attention=pages.attention(lines.lines),
        clauses=pages.by_clause(lines.lines),
        **_frame(found),
    )


def _frame(found: MonthlyReport) -> dict[str, Any]:
    """What every page of one report shows around its lines."""
    session, actor = web.reading(), web.actor()
    decisions = queries.decisions(session, found.id)
    past = pages.history(queries.revisions(session, found.id), decisions, lambda n: _revision_url(found.id, n))
    return {
        "report": found,
        "deadline": pages.deadline(found),
        "standing": pages.standing_of(found, web.today(), published_calendar()),
        "words": pages.timeliness_word,
        "after_internal": pages.is_after_internal(found),
        "running": is_running(found, now=web.now()),
        "may_file": service.may_file(actor, found),
        "last_decision": decisions[-1] if decisions else None,
        "history": past,
    }


def _revision_url(report_id: int, revision: int) -> str:
    return url_for("reports.revision", report_id=report_id, revision=revision)


@blueprint.post("/reports/<int:report_id>")
@web.requires(Permission.FILE_REPORT)
def save(report_id: int) -> BaseResponse | tuple[str, int]:
    """Keep the two texts; then stay, or go on to check before sending."""
    form, go_on = RemarkForm(), request.form.get("then") == "check"
    target = url_for("reports.check" if go_on else "reports.report", report_id=report_id)
    if not form.validate():
        return _again(report_id, form, 422)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            earlier = web.once(session, form, "report.remark", target, extra=[report_id, go_on])
            if earlier is None:
                texts = {"remark": form.remark.data or "", "problems": form.problems.data or ""}
                version = form.version.data or 0
                service.save_remark(session, found, actor=web.actor(), now=web.now(), version=version, **texts)
    except Invalid as error:
        web.show_problems(form, error)
        return _again(report_id, form, error.status)
    except Stale as error:
        form.form_errors.append(str(error))
        return _again(report_id, form, error.status)
    if not go_on and earlier is None:
        flash(_("填写内容已保存，尚未报送。"), "success")
    return redirect(earlier or target, 303)


def _again(report_id: int, form: RemarkForm, status: int) -> tuple[str, int]:
    """The draft with what was typed. A stale form is sent next time against the version it is shown with."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    if found.status not in service.EDITABLE:
        raise Conflict(_("这份月报已经报送，不能再修改。"))
    form.version.data = found.version
    return _draft_page(found, form), status


# --- sending


@blueprint.get("/reports/<int:report_id>/check")
@web.requires(Permission.FILE_REPORT)
def check(report_id: int) -> str | BaseResponse:
    """What will be sent, once more, and what follows."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    if found.status not in service.EDITABLE:
        return web.see_other("reports.report", report_id=report_id)
    return _check_page(found)


def _check_page(found: MonthlyReport, problem: str = "") -> str:
    lines = draft(web.reading(), found, now=web.now())
    seen = service.fingerprint(found, lines)
    return render_template(
        "reports/check.html",
        form=SubmitForm(formdata=None, version=found.version, seen=seen),
        lines=lines,
        attention=pages.attention(lines.lines),
        problem=problem,
        days_late=rules.days_late(found.due, web.today(), published_calendar()),
        **_frame(found),
    )


@blueprint.post("/reports/<int:report_id>/submit")
@web.requires(Permission.FILE_REPORT)
def submit(report_id: int) -> BaseResponse | tuple[str, int]:
    """Send the report; the receipt follows."""
    form = SubmitForm()
    if not form.validate():
        return _check_again(report_id, _("表单内容不完整，请重新核对后报送。"), 422)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            target = url_for("reports.receipt", report_id=report_id, revision=found.revision + 1)
            earlier = web.once(session, form, "report.submit", target, extra=report_id)
            if earlier is None:
                service.submit(
                    session, found, actor=web.actor(), now=web.now(), version=form.version.data or 0,
                    seen=form.seen.data or "", confirm_check=True,
                )  # fmt: skip
    except RequestReused:
        raise
    except Conflict as error:
        return _check_again(report_id, str(error), error.status)
    return redirect(earlier or target, 303)


def _check_again(report_id: int, problem: str, status: int) -> tuple[str, int]:
    """The check page with the newest figures, and why it is shown again."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if found.status not in service.EDITABLE:
        raise Conflict(_("这份月报已经报送，无需重复操作。"))
    return _check_page(found, problem), status


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>/receipt")
@web.requires(Permission.SEE)
def receipt(report_id: int, revision: int) -> str:
    """The receipt of a submission, and what follows."""
    found, row = _load_revision(report_id, revision)
    return render_template("reports/receipt.html", revision=row, **_frame(found))


# --- frozen revisions


def _load_revision(report_id: int, revision: int) -> tuple[MonthlyReport, ReportRevision]:
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    return found, queries.get_revision(session, found.id, revision)


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>")
@web.requires(Permission.SEE)
def revision(report_id: int, revision: int) -> str:
    """A revision as it was submitted, from the copy alone."""
    found, row = _load_revision(report_id, revision)
    return _revision_page(found, row, DecideForm(formdata=None, version=found.version))


def _revision_page(found: MonthlyReport, row: ReportRevision, form: DecideForm) -> str:
    waits = found.status == "submitted" and row.revision == found.revision
    content = row.content
    return render_template(
        "reports/revision.html",
        form=form,
        revision=row,
        content=content,
        attention=pages.attention(content["lines"]),
        clauses=pages.by_clause(content["lines"]),
        may_decide=waits and service.may_decide(web.actor(), found, row.submitted_by),
        own_submission=waits
        and row.submitted_by == web.actor().id
        and can(web.actor(), Permission.DECIDE_REPORT, found.organisation.path),
        **_frame(found),
    )


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>.json")
@web.requires(Permission.SEE)
def download(report_id: int, revision: int) -> Response:
    """The canonical content: its SHA-256 is the one on the receipt."""
    _found, row = _load_revision(report_id, revision)
    answer = Response(rules.canonical(row.content), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.receipt}.json"'
    return answer


@blueprint.post("/reports/<int:report_id>/decide")
@web.requires(Permission.DECIDE_REPORT)
def decide(report_id: int) -> BaseResponse | tuple[str, int]:
    """Accept the report, or return it with a reason."""
    form = DecideForm()
    if not form.validate():
        return _decide_again(report_id, form, 422)
    target = url_for("reports.report", report_id=report_id)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            earlier = web.once(session, form, "report.decide", target, extra=report_id)
            if earlier is None:
                service.decide(
                    session, found, actor=web.actor(), now=web.now(), decision=form.decision.data,
                    version=form.version.data or 0, reason=form.reason.data or "",
                )  # fmt: skip
    except Invalid as error:
        web.show_problems(form, error)
        return _decide_again(report_id, form, error.status)
    except Stale as error:
        form.form_errors.append(str(error))
        return _decide_again(report_id, form, error.status)
    if earlier is None:
        flash(_decided(found, form.decision.data), "success")
    return redirect(earlier or target, 303)


def _decided(found: MonthlyReport, decision: str) -> str:
    values = {"org": pick(found.organisation, "name"), "month": month_word(found.month)}
    if decision == "accept":
        return _("已审核通过%(org)s%(month)s月报，数据从此固定；已邮件告知报送人。", **values)
    return _("已退回%(org)s%(month)s月报；已邮件告知报送人，修改后将重新报送。", **values)


def _decide_again(report_id: int, form: DecideForm, status: int) -> tuple[str, int]:
    """The report with what was typed, if it still waits for a decision of this person."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not can(web.actor(), Permission.DECIDE_REPORT, found.organisation.path):
        raise Forbidden(_("月报由上一级单位审核，您的角色不能办理。"))
    if found.status != "submitted":
        raise Conflict(_("这份月报已经由他人办理，无需重复操作。"))
    form.version.data = found.version
    row = queries.get_revision(web.reading(), found.id, found.revision)
    return _revision_page(found, row, form), status
