"""Lists of monthly reports: one's own by month, a month of a whole area."""

from collections.abc import Mapping
from datetime import date

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.clock import month_start
from webapp.errors import NotFound
from webapp.lists import files
from webapp.lists.frame import Frame
from webapp.lists.frame import frame as frame_of
from webapp.permissions import Permission, can_anywhere
from webapp.plans.queries import current_plan
from webapp.reports import listing, pages, queries
from webapp.reports.blueprint import blueprint


@blueprint.get("/reports")
@web.requires(Permission.SEE)
def index() -> BaseResponse | str:
    """Officers: their own reports by month. Coordinators and readers: a month of their whole area."""
    session, actor = web.reading(), web.actor()
    plan = current_plan(session)
    own = pages.listed(queries.own_rows(session, plan.id, actor), web.today())
    if not can_anywhere(actor, Permission.OVERVIEW):
        return render_template("reports/own.html", own=own, words=pages.timeliness_word)
    frame = _frame()
    return redirect(frame.instead, 303) if frame.instead else _month_page(plan.id, own, frame)


def _frame() -> Frame:
    return frame_of("reports", url_for("reports.index"), listing.COLUMNS, listing.asked(request.args).order)


def _month_page(plan_id: int, own: list[pages.Listed], frame: Frame) -> str:
    session, actor, wanted = web.reading(), web.actor(), listing.asked(request.args)
    months = queries.months(session, plan_id, actor)
    month = _chosen(months)
    reports = _of_month(plan_id, month)
    return render_template(
        "reports/month.html",
        months=months,
        month=month,
        reports=reports,
        frame=frame,
        wanted=wanted,
        table=listing.table(reports, wanted, web.page_number()),
        provinces=listing.provinces(reports),
        states=[(name, str(word)) for name, word in listing.STATES.items()],
        timely=[(name, str(pages.STATE_WORDS[name])) for name in listing.TIMELINESS],
        counts=pages.tally(reports),
        words=pages.timeliness_word,
        waiting={row.id for row in queries.waiting_rows(session, plan_id, actor)},
        own=[each for each in reversed(own) if each.row.status in ("open", "returned") and _is_over(each.row.month)],
        holding=actor.home,
        names=_senders(reports),
    )


def _senders(reports: list[pages.Listed]) -> Mapping[int, str]:
    return names_shown(web.reading(), [each.row.submitted_by for each in reports if each.row.submitted_by])


def _of_month(plan_id: int, month: date | None) -> list[pages.Listed]:
    found = queries.month_rows(web.reading(), plan_id, month, web.actor()) if month else []
    return pages.listed(found, web.today())


@blueprint.get("/reports/list.<fmt>")
@web.requires(Permission.OVERVIEW)
def month_sheet(fmt: str) -> Response:
    """The same list as a file: every report that the filters leave, in the same order, with the columns shown."""
    plan = current_plan(web.reading())
    month = _chosen(queries.months(web.reading(), plan.id, web.actor()))
    if month is None:
        raise NotFound(_l("还没有月报。"))
    found = listing.arranged(_of_month(plan.id, month), listing.asked(request.args))
    columns = listing.fields(_frame().shown, month, _senders(found))
    return files.answer(fmt, f"reports-{month:%Y-%m}", _("月报"), columns, found)


def _is_over(month: date) -> bool:
    return month < month_start(web.today())


def _chosen(months: list[date]) -> date | None:
    """The month of the address if there is one, else the newest that is over: the running one nobody can file yet."""
    wanted = request.args.get("month", "")
    ended = [month for month in months if _is_over(month)]
    return next((month for month in months if f"{month:%Y-%m}" == wanted), next(iter(ended or months), None))
