"""The pages of filling a draft in offline: take the workbook, bring it back, look at what it would change, keep it."""

import hashlib
from urllib.parse import quote

from flask import Response, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from webapp import web
from webapp.errors import Conflict
from webapp.evidence.tables import Refusal
from webapp.i18n import pick
from webapp.permissions import Permission
from webapp.reports import guard, queries
from webapp.reports.blueprint import blueprint
from webapp.reports.draft import cutoff_of
from webapp.reports.frame import answered, refuse_unless_editable
from webapp.reports.models import MonthlyReport
from webapp.reports.spreadsheet import applying, examining
from webapp.reports.spreadsheet.container import LARGEST

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# More errors than anybody mends at once.
MOST_WRONG = 200


class UploadForm(web.GuardedForm):
    """The workbook that comes back."""

    file = FileField(_l("填好的表格"))


class ConfirmForm(web.GuardedForm):
    """What was previewed, signed; the lines whose clashes go to the file are ticked beside it."""

    content = HiddenField()


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _mine(report_id: int) -> MonthlyReport:
    """A report of one's own that one may write in. Raises NotFound, Forbidden or Conflict."""
    found = queries.get_report(web.reading(), report_id, web.actor())
    guard.allow_filling(web.actor(), found)
    refuse_unless_editable(found)
    return found


@blueprint.get("/reports/<int:report_id>/spreadsheet")
@web.requires(Permission.FILE_REPORT)
def spreadsheet(report_id: int) -> str:
    """What to do, the workbook, and where to bring it back."""
    return _page(_mine(report_id), UploadForm(formdata=None))


def _page(found: MonthlyReport, form: UploadForm, refused: str = "") -> str:
    return render_template(
        "reports/spreadsheet.html",
        report=found,
        form=form,
        refused=refused,
        as_of=cutoff_of(found, now=web.now()),
        limit=LARGEST // 1024 // 1024,
    )


@blueprint.get("/reports/<int:report_id>/spreadsheet.xlsx")
@web.requires(Permission.FILE_REPORT)
def spreadsheet_file(report_id: int) -> Response:
    """The draft as a workbook."""
    found, session = _mine(report_id), web.reading()
    decisions = queries.decisions(session, found.id)
    decision = answered(found, decisions[-1] if decisions else None)
    data = examining.made(session, found, decision, secret=_secret(), now=web.now())
    place = pick(found.organisation, "name")
    name = _("月报填报表-%(place)s-%(month)s.xlsx", place=place, month=f"{found.month:%Y-%m}")
    plain = f"report-{found.organisation.code}-{found.month:%Y-%m}.xlsx"
    answer = Response(data, mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer


@blueprint.post("/reports/<int:report_id>/spreadsheet")
@web.requires(Permission.FILE_REPORT)
def spreadsheet_preview(report_id: int) -> str | tuple[str, int]:
    """What a workbook would change. Nothing is kept, so that the answer is the page itself."""
    found, form = _mine(report_id), UploadForm()
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(found, form, _("请选择填好的表格。")), 422
    data = given.stream.read(LARGEST + 1)
    try:
        seen = examining.preview(web.reading(), found, data, secret=_secret(), now=web.now())
        kept = applying.pending(
            found, seen.preview.changed, actor=web.actor(), as_of=seen.as_of, file=hashlib.sha256(data).hexdigest()
        )
        content = "" if seen.preview.wrong else applying.pack(_secret(), kept)
    except Refusal as refusal:
        return _page(found, form, str(refusal.reason)), 422
    return _preview_page(found, seen, content, given.filename)


def _preview_page(found: MonthlyReport, seen: examining.Found, content: str, name: str) -> str | tuple[str, int]:
    preview = seen.preview
    html = render_template(
        "reports/spreadsheet_preview.html",
        report=found,
        preview=preview,
        wrong=[str(each) for each in preview.wrong[:MOST_WRONG]],
        as_of=seen.as_of,
        form=ConfirmForm(formdata=None, content=content),
        name=name[:120],
    )
    return (html, 422) if preview.wrong else html


@blueprint.post("/reports/<int:report_id>/spreadsheet/confirm")
@web.requires(Permission.FILE_REPORT)
def spreadsheet_confirm(report_id: int) -> BaseResponse:
    """Keep what was previewed, all of it or nothing."""
    form, target = ConfirmForm(), url_for("reports.report", report_id=report_id)
    # Before anything is said of the form: a stranger learns of no report.
    queries.get_report(web.reading(), report_id, web.actor())
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    kept = applying.unpack(_secret(), form.content.data or "", actor=web.actor(), report_id=report_id)
    mine = {each.assignment for each in kept.lines if request.form.get(f"line-{each.assignment}") == "file"}
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        earlier = web.once(session, form, "report.spreadsheet", target, extra=[report_id, sorted(mine)])
        count = 0
        if earlier is None:
            count = applying.apply(session, found, kept, mine=mine, actor=web.actor(), now=web.now())
    if earlier is None:
        flash(_said(count), "success")
    return redirect(earlier or target, 303)


def _said(count: int) -> str:
    if not count:
        return _("没有需要保存的改动。")
    return ngettext(
        "表格已保存，改动了 %(num)s 项任务。尚未报送。", "表格已保存，改动了 %(num)s 项任务。尚未报送。", count
    )
