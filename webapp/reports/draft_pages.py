"""The report while it is written: what needs doing, a line for each task, words that save themselves."""

from flask import flash, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.clock import local
from webapp.errors import Conflict, Forbidden, Invalid, LantianError, Stale
from webapp.permissions import Permission
from webapp.reports import draft_view, pages, people, queries, section_tables, service
from webapp.reports.blueprint import blueprint
from webapp.reports.draft import draft
from webapp.reports.draft_view import TEXTS, Typed
from webapp.reports.forms import ActForm, NoteForm, RemarkForm
from webapp.reports.frame import answered, frame, refuse_unless_editable
from webapp.reports.models import MonthlyReport, ReportNote
from webapp.reports.review_pages import standing_page

Answer = Response | tuple[str, int]


@blueprint.get("/reports/<int:report_id>")
@web.requires(Permission.SEE)
def report(report_id: int) -> str:
    """A report as it stands: its draft, or the revision that counts."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    return draft_page(found) if found.status in service.EDITABLE else standing_page(found)


def draft_page(found: MonthlyReport, form: RemarkForm | None = None, typed: Typed | None = None) -> str:
    """The draft; `form` and `typed` are what was typed and could not be kept."""
    session, around = web.reading(), frame(found)
    lines = draft(session, found, now=web.now())
    examined = service.examine(session, found, lines)
    empty = RemarkForm(formdata=None, remark=found.remark, problems=found.problems, version=found.version)
    return render_template(
        "reports/draft.html",
        form=form or empty,
        typed=typed,
        lines=lines,
        view=draft_view.view(found.id, lines, examined, answered(found, around["last_decision"]), typed),
        sections=section_tables.shown(lines.sections),
        cities=cities(found),
        people=people.of_draft(session, found, lines, today=web.today()),
        accepted=_accepted(found) if around["correcting"] else None,
        **around,
    )


def cities(found: MonthlyReport) -> list[pages.Listed]:
    """The reports of a province's cities on the same month; other organisations have none below them."""
    if found.organisation.kind != "province":
        return []
    return pages.listed(queries.cities_of(web.reading(), found), web.today())


def _accepted(found: MonthlyReport) -> str:
    return url_for("reports.revision", report_id=found.id, revision=found.accepted_revision)


# --- the two free texts


@blueprint.post("/reports/<int:report_id>")
@web.requires(Permission.FILE_REPORT)
def save(report_id: int) -> Answer:
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
    found = _mine(report_id)
    form.version.data = found.version
    return draft_page(found, form), status


def _mine(report_id: int) -> MonthlyReport:
    """A report of one's own that is still being written."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    if not service.may_file(web.actor(), found):
        raise Forbidden(_("月报由本单位人员填写和报送，您的角色不能办理。"))
    refuse_unless_editable(found)
    return found


# --- a line's words


@blueprint.post("/reports/<int:report_id>/notes/<int:assignment_id>")
@web.requires(Permission.FILE_REPORT)
def note(report_id: int, assignment_id: int) -> Answer:
    """Keep what a line says: for the page's script as data, for a browser without it as a page.

    The same words twice change nothing, so that no request key is taken.
    """
    form = NoteForm()
    texts = {name: form[name].data or "" for name in TEXTS}
    if not form.validate():
        message = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return _unsaved(report_id, Typed(assignment_id, texts, message, form.version.data or 0), 422)
    try:
        with web.transaction() as session:
            found = queries.get_report(session, report_id, web.actor())
            kept = service.save_note(
                session, found, assignment_id, version=form.version.data or 0, actor=web.actor(), now=web.now(), **texts
            )
            version = kept.version
    except service.NoteStale as error:
        theirs = error.theirs
        typed = Typed(assignment_id, texts, str(error), theirs.version, _texts(theirs))
        return _unsaved(report_id, typed, error.status)
    except Invalid as error:
        message = " ".join(str(each.message) for each in error.problems)
        return _unsaved(report_id, Typed(assignment_id, texts, message, form.version.data or 0), error.status)
    except LantianError as error:
        if not _asks_for_data():
            raise
        return _data({"message": str(error)}, error.status)
    return _saved(report_id, assignment_id, version)


def _texts(row: ReportNote) -> dict[str, str]:
    return {name: getattr(row, name) for name in TEXTS}


def _asks_for_data() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _data(content: dict[str, object], status: int) -> Response:
    answer = jsonify(content)
    answer.status_code = status
    return answer


def _saved(report_id: int, assignment_id: int, version: int) -> Response:
    message = _("已保存 %(at)s", at=f"{local(web.now()):%H:%M}")
    if _asks_for_data():
        return _data({"message": message, "version": version}, 200)
    flash(message, "success")
    return redirect(url_for("reports.report", report_id=report_id, _anchor=f"line-{assignment_id}"), 303)


def _unsaved(report_id: int, typed: Typed, status: int) -> Answer:
    """Both texts, so that nothing is lost; the next time the form is sent against the version shown."""
    if _asks_for_data():
        return _data({"message": typed.message, "version": typed.version, "theirs": dict(typed.theirs)}, status)
    return draft_page(_mine(report_id), typed=typed), status


# --- all at once


@blueprint.post("/reports/<int:report_id>/no-change")
@web.requires(Permission.FILE_REPORT)
def no_change(report_id: int) -> Response:
    """State “no change” for every line that is left."""
    form, target = ActForm(), url_for("reports.report", report_id=report_id)
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        earlier = web.once(session, form, "report.no_change", target, extra=report_id)
        count = 0 if earlier else service.state_no_change(session, found, actor=web.actor(), now=web.now())
    if earlier is None:
        flash(_no_change_said(count), "success")
    return redirect(target, 303)


def _no_change_said(count: int) -> str:
    if not count:
        return _("没有需要填报的任务。")
    return ngettext("已为 %(num)s 项任务填报“本月无变化”。", "已为 %(num)s 项任务填报“本月无变化”。", count)


@blueprint.post("/reports/<int:report_id>/drop")
@web.requires(Permission.FILE_REPORT)
def drop(report_id: int) -> Response:
    """Give a correction up; the accepted revision stands."""
    form, target = ActForm(), url_for("reports.report", report_id=report_id)
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        earlier = web.once(session, form, "report.drop", target, extra=report_id)
        if earlier is None:
            service.drop_correction(
                session, found, actor=web.actor(), now=web.now(), version=form.version.data or 0
            )  # fmt: skip
    flash(_("已放弃更正，原审核通过的版本继续有效。"), "success")
    return redirect(target, 303)
