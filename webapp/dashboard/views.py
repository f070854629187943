"""Pages of those who look over an area: overview, the lists behind its figures, and the review of claims."""

from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    get_template_attribute,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.dashboard import queries, review, wording
from webapp.dashboard.burnups import burnups
from webapp.dashboard.choosing import CITIES, OTHERS, Chosen, chosen_of
from webapp.dashboard.columns import COLUMNS, fields
from webapp.dashboard.figures_file import figure_fields, figure_rows, moved_fields
from webapp.dashboard.forms import DecisionForm
from webapp.dashboard.listing import asked, listing
from webapp.dashboard.moved import every_moved, moved
from webapp.dashboard.overview import BEFORE, figures
from webapp.dashboard.overview import overview as put_together
from webapp.dashboard.pictures import Pen
from webapp.dashboard.sheet import every_row
from webapp.dashboard.visits import mark_seen
from webapp.errors import Conflict, Forbidden, Invalid, LantianError, RequestReused, Stale
from webapp.lists import files
from webapp.lists.frame import Frame
from webapp.lists.frame import frame as frame_of
from webapp.lists.rules import checked
from webapp.permissions import Permission, can_anywhere
from webapp.plans.models import Assignment
from webapp.plans.queries import get_assignment
from webapp.plans.views import the_plan
from webapp.plans.words import KINDS
from webapp.progress.queries import next_in_queue, review_queue
from webapp.progress.service import decide

blueprint = Blueprint("dashboard", __name__, template_folder="templates")


def _assignment_prefix() -> str:
    """Where assignments open, without the number at the end: built once a page, not once a row."""
    return url_for("desk.assignment", assignment_id=0).removesuffix("0")


# --- overview


def _pen() -> Pen:
    charts = "macros/charts.html"
    form, gap = get_template_attribute(charts, "cell_form"), get_template_attribute(charts, "cell_gap")
    return Pen(lambda label, colour: str(form(label, colour)).split("%s"), str(gap()))


@blueprint.get("/overview")
@web.requires(Permission.OVERVIEW)
def overview() -> str:
    """The area at a glance."""
    chosen = chosen_of(request.args, web.today())
    found = put_together(
        web.reading(), the_plan(), web.actor(), chosen, now=web.now(),
        list_prefix=url_for("dashboard.changes" if chosen.on else "dashboard.assignments"),
        task_prefix=_assignment_prefix(), pen=_pen(),
    )  # fmt: skip
    return render_template("dashboard/overview.html", view=found, now=web.now(), CITIES=CITIES, OTHERS=OTHERS)


@blueprint.get("/overview/figures.<fmt>")
@web.requires(Permission.OVERVIEW)
def overview_sheet(fmt: str) -> Response:
    """The figures of the matrix as a file, of now or of a past day beside now."""
    chosen = chosen_of(request.args, web.today())
    found = figures(web.reading(), the_plan(), web.actor(), chosen)
    day = chosen.on or web.today()
    name = f"overview-{day.isoformat()}"
    return files.answer(fmt, name, _("总览"), figure_fields(day, past=bool(chosen.on)), figure_rows(found))


@blueprint.get("/overview/burn-ups")
@web.requires(Permission.OVERVIEW)
def burn_ups() -> str:
    """How far each measure is, how far it should be, and where it is going."""
    chosen = chosen_of(request.args, web.today())
    found = burnups(web.reading(), the_plan(), web.actor(), chosen, now=web.now())
    return render_template(
        "dashboard/burnups.html", view=found, chosen=chosen, now=web.now(), list_prefix=url_for("dashboard.assignments")
    )


@blueprint.post("/overview/visits")
@web.requires(Permission.OVERVIEW)
def visit() -> BaseResponse:
    """The person has seen everything up to today; changes are told from here on."""
    form, answer = web.GuardedForm(), url_for("dashboard.overview")
    with web.transaction() as session:
        if web.once(session, form, "overview.visit", answer) is None:
            mark_seen(session, actor=web.actor(), now=web.now())
    return redirect(answer, 303)


# --- what moved since a past day


def _since() -> tuple[Chosen, date]:
    """What the address asks for, and the day since which: the one it names, else a week ago."""
    args = request.args
    chosen = chosen_of({**args, "province": args.get("organisation", "")}, web.today())
    return chosen, chosen.on or web.today() - BEFORE


@blueprint.get("/overview/changes")
@web.requires(Permission.OVERVIEW)
def changes() -> str:
    """Every assignment that stands elsewhere than on a past day, and what moved it."""
    chosen, since = _since()
    found = moved(web.reading(), the_plan().id, web.actor(), chosen, since, page=web.page_number())
    keep = {name: value for name, value in request.args.items() if value and name != "page"} | {"on": since.isoformat()}
    return render_template(
        "dashboard/changes.html", view=found, since=since, chosen=chosen, keep=keep, now=web.now(),
        task_prefix=_assignment_prefix(), words=wording.light_words(), causes=wording.CAUSE_WORDS,
    )  # fmt: skip


@blueprint.get("/overview/changes.<fmt>")
@web.requires(Permission.OVERVIEW)
def changes_sheet(fmt: str) -> Response:
    """The same as a file."""
    chosen, since = _since()
    rows = every_moved(web.reading(), the_plan().id, web.actor(), chosen, since)
    return files.answer(fmt, f"changes-{since.isoformat()}", _("变化"), moved_fields(), rows)


# --- the lists behind its figures


@blueprint.get("/overview/assignments")
@web.requires(Permission.OVERVIEW)
def assignments() -> BaseResponse | str:
    """The assignments of the area, filtered and sorted by the address; without one, as the person's default view."""
    what, frame = asked(request.args), _frame()
    if frame.instead and _inside(frame):
        return redirect(frame.instead, 303)
    found = listing(web.reading(), the_plan().id, web.actor(), what, page=web.page_number())
    return render_template("dashboard/assignments.html", view=found, asked=what, frame=frame, **_list_words())


def _frame() -> Frame:
    return frame_of("assignments", url_for("dashboard.assignments"), COLUMNS, asked(request.args).order)


def _inside(frame: Frame) -> bool:
    """Whether the default view names no organisation the person no longer looks over."""
    code = checked(frame.page, frame.default.query).get("organisation") if frame.default else None
    return code is None or any(row.code == code for row in queries.organisations(web.reading(), web.actor()))


def _list_words() -> dict[str, Any]:
    return {
        "now": web.now(),
        "acts": can_anywhere(web.actor(), Permission.CLOSE_OUT),
        "task_prefix": _assignment_prefix(),
        "statuses": wording.choices(wording.STATUS_WORDS),
        "labels": list(wording.light_words().items()),
        "colours": wording.choices(wording.COLOUR_WORDS),
        "kinds": wording.choices(KINDS),
        "orders": wording.choices(wording.ORDER_WORDS),
    }


@blueprint.get("/overview/assignments.<fmt>")
@web.requires(Permission.OVERVIEW)
def assignments_sheet(fmt: str) -> Response:
    """The same list as a file: every row that the filters leave, in the same order, with the columns that are shown."""
    what, plan = asked(request.args), the_plan()
    rows = every_row(web.reading(), plan.id, web.actor(), what)
    name = f"assignments-{web.today().isoformat()}"
    return files.answer(fmt, name, _("任务事项"), fields(_frame().shown), rows)


# --- the review of claims


@blueprint.get("/review", endpoint="review")
@web.requires(Permission.CLOSE_OUT)
def review_list() -> str:
    """The claims that wait for this reviewer, the oldest first."""
    rows = review_queue(web.reading(), the_plan().id, web.actor())
    names = names_shown(web.reading(), [row.claimed_by_id for row in rows])
    waiting = review.waiting(rows, web.today())
    return render_template("dashboard/review.html", rows=waiting, names=names, now=web.now())


@blueprint.get("/review/<int:assignment_id>")
@web.requires(Permission.CLOSE_OUT)
def claim(assignment_id: int) -> BaseResponse | str:
    """One claim with everything needed to decide on it."""
    found = queries.claim_to_review(web.reading(), assignment_id, web.actor())
    if found.status not in review.WAITING:
        flash(_("这项申请已经办理，以下是最新情况。"), "info")
        return web.see_other("desk.assignment", assignment_id=assignment_id)
    form = DecisionForm(formdata=None, version=found.version)
    return _claim_page(found, form)


@blueprint.post("/review/<int:assignment_id>")
@web.requires(Permission.CLOSE_OUT)
def decide_claim(assignment_id: int) -> BaseResponse | tuple[str, int]:
    """Decide on a claim and go on to the next."""
    seen = queries.claim_to_review(web.reading(), assignment_id, web.actor())
    form = DecisionForm()
    try:
        return _decide(seen, form)
    except LantianError as error:
        if isinstance(error, RequestReused) or not isinstance(error, (Invalid, Conflict, Forbidden)):
            raise
        return _refused(assignment_id, form, error), error.status


def _decide(seen: Assignment, form: DecisionForm) -> BaseResponse:
    """Raises Invalid, Conflict or Forbidden; nothing was changed then."""
    review.check(form)
    actor, answer = web.actor(), _after(seen)
    with web.transaction() as session:
        earlier = web.once(session, form, "review.decide", answer, extra={"assignment": seen.id})
        if earlier is None:
            assignment = get_assignment(session, seen.id, actor)
            decide(
                session, assignment, actor=actor, now=web.now(), decision=form.decision.data,
                version=form.version.data or 0, reason=form.reason.data or "",
                quantity=form.figure(assignment.task.unit),
            )  # fmt: skip
    if earlier is None:
        flash(review.decided(seen, form.decision.data), "success")
    return redirect(earlier or answer, 303)


def _after(seen: Assignment) -> str:
    """Where a reviewer goes on: the next claim that waits, or the list when none does."""
    after = next_in_queue(web.reading(), seen.plan_id, web.actor(), seen)
    return url_for("dashboard.review") if after is None else url_for("dashboard.claim", assignment_id=after)


def _refused(assignment_id: int, form: DecisionForm, error: LantianError) -> str:
    """The page again, with what was typed, what is wrong, and the latest state of the claim."""
    if isinstance(error, Invalid):
        web.show_problems(form, error)
    else:
        form.form_errors.append(str(error.message))
    web.close_reading()
    found = queries.claim_to_review(web.reading(), assignment_id, web.actor())
    if isinstance(error, Stale):
        form.version.data = found.version
    return _claim_page(found, form)


def _claim_page(found: Assignment, form: DecisionForm) -> str:
    view = review.claim_view(web.reading(), found, web.actor(), today=web.today())
    form.for_status(found.status)
    return render_template(
        "dashboard/claim.html", view=view, form=form, now=web.now(), task_prefix=_assignment_prefix()
    )
