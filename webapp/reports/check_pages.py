"""Before a report leaves its organisation: what will be sent, who stands for it, confirming it, signing it."""

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Conflict, Forbidden, Invalid, RequestReused
from webapp.permissions import Permission
from webapp.reports import draft_view, pages, people, queries, rules, section_tables, service
from webapp.reports.blueprint import blueprint
from webapp.reports.draft import draft
from webapp.reports.forms import ActForm, ConfirmForm, SubmitForm
from webapp.reports.frame import frame
from webapp.reports.models import MonthlyReport
from webapp.workdays.rules import published_calendar

Answer = Response | tuple[str, int]


@blueprint.get("/reports/<int:report_id>/check")
@web.requires(Permission.FILE_REPORT)
def check(report_id: int) -> str | Response:
    """What will be sent, once more, and what follows."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    if found.status not in service.EDITABLE:
        return web.see_other("reports.report", report_id=report_id)
    return _check_page(found)


def _check_page(found: MonthlyReport, problem: str = "", sent: SubmitForm | None = None) -> str:
    session = web.reading()
    lines = draft(session, found, now=web.now())
    seen = service.fingerprint(found, lines)
    form = SubmitForm(formdata=None, version=found.version, seen=seen)
    if sent is not None:
        form.missing_reason.data, form.missing_reason.errors = sent.missing_reason.data, sent.missing_reason.errors
    cities = queries.cities_of(session, found)
    return render_template(
        "reports/check.html",
        form=form,
        lines=lines,
        view=draft_view.view(found.id, lines, service.examine(session, found, lines), None, None),
        attention=pages.attention(lines.lines),
        sections=section_tables.shown(lines.sections),
        problem=problem,
        cities=pages.listed(cities, web.today()),
        missing=[city for city in cities if rules.is_missing(city)],
        people=people.of_draft(session, found, lines, today=web.today()),
        days_late=rules.days_late(found.due, web.today(), published_calendar()),
        **_parts(found),
        **frame(found),
    )


def _parts(found: MonthlyReport) -> dict[str, Any]:
    """Which parts the person may take."""
    actor = web.actor()
    return {"may_check": service.may_check(actor, found), "may_sign": service.may_sign(actor, found)}


@blueprint.post("/reports/<int:report_id>/confirm")
@web.requires(Permission.FILE_REPORT)
def confirm(report_id: int) -> Answer:
    """The checker confirms the draft as it was seen."""
    form, target = ConfirmForm(), url_for("reports.check", report_id=report_id)
    if not form.validate():
        return _check_again(report_id, _("表单内容不完整，请重新核对。"), 422)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            earlier = web.once(session, form, "report.check", target, extra=report_id)
            if earlier is None:
                service.check(
                    session, found, actor=web.actor(), now=web.now(), version=form.version.data or 0,
                    seen=form.seen.data or "",
                )  # fmt: skip
    except RequestReused:
        raise
    except Conflict as error:
        return _check_again(report_id, str(error), error.status)
    if earlier is None:
        flash(_("已确认审核无误。内容如有变化，需要重新审核。"), "success")
    return redirect(earlier or target, 303)


@blueprint.post("/reports/<int:report_id>/unconfirm")
@web.requires(Permission.FILE_REPORT)
def unconfirm(report_id: int) -> Response:
    """The confirmation is taken back."""
    form, target = ActForm(), url_for("reports.check", report_id=report_id)
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        if web.once(session, form, "report.uncheck", target, extra=report_id) is None:
            service.uncheck(session, found, actor=web.actor(), now=web.now(), version=form.version.data or 0)
    return redirect(target, 303)


@blueprint.post("/reports/<int:report_id>/submit")
@web.requires(Permission.FILE_REPORT)
def submit(report_id: int) -> Answer:
    """Send the report; the receipt follows."""
    form = SubmitForm()
    if not form.validate():
        return _check_again(report_id, _("表单内容不完整，请重新核对后报送。"), 422, form)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            target = url_for("reports.receipt", report_id=report_id, revision=found.revision + 1)
            earlier = web.once(session, form, "report.submit", target, extra=report_id)
            if earlier is None:
                service.submit(
                    session, found, actor=web.actor(), now=web.now(), version=form.version.data or 0,
                    seen=form.seen.data or "", confirm_check=bool(form.confirm.data),
                    missing_reason=form.missing_reason.data or "",
                )  # fmt: skip
    except RequestReused:
        raise
    except Invalid as error:
        web.show_problems(form, error)
        return _check_again(report_id, "", error.status, form)
    except Conflict as error:
        return _check_again(report_id, str(error), error.status, form)
    return redirect(earlier or target, 303)


def _check_again(report_id: int, problem: str, status: int, form: SubmitForm | None = None) -> tuple[str, int]:
    """The check page with the newest figures, and why it is shown again."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    if found.status not in service.EDITABLE:
        raise Conflict(_("这份月报已经报送，无需重复操作。"))
    return _check_page(found, problem, form), status


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>/receipt")
@web.requires(Permission.SEE)
def receipt(report_id: int, revision: int) -> str:
    """The receipt of a submission, and what follows."""
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    row = queries.get_revision(session, found.id, revision)
    return render_template("reports/receipt.html", revision=row, **frame(found))
