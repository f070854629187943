"""One line's figure put right: the page a draft leads to where later statements stand in the way of a new one."""

from decimal import Decimal

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Conflict, Forbidden, Invalid, RequestReused
from webapp.permissions import Permission
from webapp.plans.models import Assignment
from webapp.plans.units import SHARE, quantity, unit_word
from webapp.progress import figures
from webapp.reports import figuring, pages, queries, service
from webapp.reports.blueprint import blueprint
from webapp.reports.draft import Line, cutoff_of, draft
from webapp.reports.forms import FigureForm
from webapp.reports.frame import refuse_unless_editable
from webapp.reports.models import MonthlyReport

Answer = Response | tuple[str, int]


@blueprint.get("/reports/<int:report_id>/figures/<int:assignment_id>")
@web.requires(Permission.FILE_REPORT)
def figure(report_id: int, assignment_id: int) -> Answer:
    """The form; where nothing later was stated, the usual one, which can do more."""
    found, row = _load(report_id, assignment_id)
    if row.as_of is None or row.as_of <= cutoff_of(found, now=web.now()):
        back = url_for("reports.report", report_id=report_id)
        return redirect(url_for("desk.update_form", assignment_id=assignment_id, back=back), 303)
    line = _line(found, row)
    shown = None if line["cumulative"] is None else Decimal(line["cumulative"])
    form = FigureForm(formdata=None, quantity=figures.shown(shown, row.task.unit), version=row.version)
    return _page(found, row, line, form), 200


@blueprint.post("/reports/<int:report_id>/figures/<int:assignment_id>")
@web.requires(Permission.FILE_REPORT)
def restate(report_id: int, assignment_id: int) -> Answer:
    """State the month's total anew."""
    form, status = FigureForm(), 422
    try:
        if form.validate():
            return _save(form, report_id, assignment_id)
    except RequestReused:
        raise
    except Invalid as error:
        web.show_problems(form, error)
    except Conflict as error:
        form.form_errors.append(str(error.message))
        status = error.status
    found, row = _load(report_id, assignment_id)
    form.version.data = row.version
    return _page(found, row, _line(found, row), form), status


def _save(form: FigureForm, report_id: int, assignment_id: int) -> Response:
    target = url_for("reports.report", report_id=report_id, _anchor=f"line-{assignment_id}")
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        earlier = web.once(session, form, "report.figure", target, extra=[report_id, assignment_id])
        if earlier is None:
            unit = figuring.line_of(session, found, assignment_id).task.unit
            figuring.restate_line(
                session, found, assignment_id, quantity=figures.parse(form.quantity.data, unit, "quantity"),
                reason=form.reason.data or "", actor=web.actor(), now=web.now(), version=form.version.data or 0,
            )  # fmt: skip
    if earlier is None:
        flash(_("本月数字已更正，以后各月的填报保持不变。"), "success")
    return redirect(earlier or target, 303)


def _load(report_id: int, assignment_id: int) -> tuple[MonthlyReport, Assignment]:
    """A report that is being written, and one of its lines."""
    session, actor = web.reading(), web.actor()
    found = queries.get_report(session, report_id, actor)
    row = figuring.line_of(session, found, assignment_id)
    if not (service.may_file(actor, found) and service.may_fill(actor, found)):
        raise Forbidden(_("您不是本单位月报的填报人，不能修改内容。"))
    refuse_unless_editable(found)
    return found, row


def _line(found: MonthlyReport, row: Assignment) -> Line:
    """The line as the draft shows it. Raises Conflict for one that is not in it."""
    for line in draft(web.reading(), found, now=web.now()).lines:
        if line["assignment"] == row.id:
            return line
    raise Conflict(_("这项任务不在本月月报中，请刷新月报后再试。"))


def _page(found: MonthlyReport, row: Assignment, line: Line, form: FigureForm) -> str:
    return render_template(
        "reports/figure.html",
        report=found,
        row=row,
        form=form,
        shown=pages.shown(line),
        cutoff=cutoff_of(found, now=web.now()),
        unit="%" if row.task.unit == SHARE else unit_word(row.task.unit),
        present=quantity(row.claimed, row.task.unit),
    )
