"""Lists of monthly reports: one's own by month, a month of a whole area."""

from datetime import date

from flask import render_template, request

from webapp import web
from webapp.clock import month_start
from webapp.permissions import Permission, can_anywhere
from webapp.plans.queries import current_plan
from webapp.reports import pages, queries
from webapp.reports.blueprint import blueprint


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
