"""Pages of the desk: today, the list of one's own tasks, the badges of the frame. Further pages register themselves.

`assignment_pages` shows one assignment and its small acts, `update_pages` is the form, `planning_pages` files monthly
plans and extensions, `reopening_pages` opens again what was closed, `message_pages` shows the mails one was sent.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from flask import Response, g, render_template, request
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.desk import (
    assignment_pages,
    calendar_pages,
    message_pages,
    planning_pages,
    queries,
    reopening_pages,
    report_escalations,
    rules,
    update_pages,
    wording,
)
from webapp.desk.blueprint import blueprint
from webapp.errors import NotFound
from webapp.i18n import pick
from webapp.permissions import Permission, can_anywhere
from webapp.plans import lists
from webapp.plans.export import Format, export_chunks
from webapp.plans.queries import measures
from webapp.plans.views import plan_in_view, the_plan
from webapp.reports.queries import own_rows

__all__ = [
    "assignment_pages",
    "badges",
    "blueprint",
    "calendar_pages",
    "message_pages",
    "planning_pages",
    "reopening_pages",
    "report_escalations",
    "update_pages",
]

WINDOWS = ("overdue", "7", "30")
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def counts() -> queries.Counts:
    """What the frame of every page counts; one statement a request."""
    if "counts" not in g:
        plan = plan_in_view()
        g.counts = queries.counts(web.reading(), plan.id if plan else 0, web.actor(), today=web.today())
    found: queries.Counts = g.counts
    return found


def badges() -> dict[str, int]:
    """What stands beside the navigation's entries."""
    found = counts()
    return {name: getattr(found, name) for name in ("today", "review", "unread", "address_refused")}


@blueprint.get("/today")
@web.requires(Permission.SEE)
def today() -> str:
    """What the actor has to do now, most urgent first."""
    plan, reading, who, day = the_plan(), web.reading(), web.actor(), web.today()
    found = rules.sections(queries.to_do(reading, plan.id, who, today=day), day)
    returned = [item.id for section in found for item in section.items if section.heading == "returned"]
    return render_template(
        "desk/today.html",
        area=_home(),
        looks_over_others=can_anywhere(who, Permission.OVERVIEW),
        fills_in=can_anywhere(who, Permission.UPDATE_PROGRESS),
        sections=found,
        counts={section.heading: len(section.items) for section in found},
        several=len({item.organisation_id for section in found for item in section.items}) > 1,
        reports=own_rows(reading, plan.id, who, unfinished=True),
        upcoming=queries.coming_up(reading, plan.id, who, today=day),
        reasons=queries.return_reasons(reading, returned),
        words=wording,
    )


def _home() -> str:
    home = web.actor().home
    return "" if home is None else pick(home, "name")


@blueprint.get("/assignments")
@web.requires(Permission.SEE)
def assignments() -> str:
    """The assignments of the actor's area, filtered by the address."""
    plan, reading, who = the_plan(), web.reading(), web.actor()
    where = filter_of(request.args, web.today())
    page = lists.assignments(reading, plan.id, who, where=where, order=_order(), page=web.page_number())
    return render_template(
        "desk/assignments.html",
        area=_home(),
        page=page,
        measures=measures(reading, plan.id),
        asked=request.args,
        order=_order(),
        several=len({row.organisation_id for row in page.rows}) > 1,
        export_args={name: value for name, value in request.args.items() if name != "page"},
    )


def filter_of(args: Mapping[str, str], day: date) -> lists.Filter:
    """The filters of an address; what is nonsense does not narrow, or finds nothing."""
    after, before = _window(args.get("due", ""), day)
    return lists.Filter(
        organisation=args.get("organisation", ""),
        clause=args.get("measure", ""),
        kind=args.get("kind", ""),
        silent=bool(args.get("silent")),
        status=args.get("status", ""),
        label=args.get("light", ""),
        due_after=after,
        due_before=before,
        unfinished=args.get("due", "") in WINDOWS or bool(args.get("unfinished")),
        season=_day(args.get("season", "")),
        unsaid=_day(args.get("unsaid", "")),
        text=args.get("q", ""),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _window(due: str, day: date) -> tuple[date | None, date | None]:
    if due == "overdue":
        return None, day - timedelta(days=1)
    return (day, day + timedelta(days=int(due))) if due in WINDOWS else (None, None)


def _order() -> str:
    order = request.args.get("order", "light")
    return order if order in lists.ORDERS else "light"


@blueprint.get("/assignments/export.<fmt>")
@web.requires(Permission.EXPORT)
def export(fmt: str) -> Response:
    """The list with its filters, all pages, as CSV or JSON."""
    if fmt not in MEDIA_TYPES:
        raise NotFound(_l("只能下载 CSV 或 JSON 格式。"))
    plan, where = the_plan(), filter_of(request.args, web.today())
    chunks = export_chunks(web.reading(), plan.code, cast(Format, fmt), actor=web.actor(), where=where)
    name = f"{plan.code}-{web.today():%Y%m%d}.{fmt}"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.streamed(chunks, MEDIA_TYPES[fmt], **told)
