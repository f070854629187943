"""What is published: the lists of months and of reports upward, one issue as a page, and as a file."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.bulletins import faces, pages, queries, service
from webapp.bulletins.blueprint import blueprint
from webapp.bulletins.rules import Kind, Period
from webapp.documents.tongue import Language
from webapp.errors import NotFound
from webapp.i18n import language
from webapp.permissions import Permission
from webapp.plans.models import Plan
from webapp.plans.views import the_plan

ROOM = "<any(bulletins, upward):room>"


@dataclass(frozen=True, slots=True)
class Place:
    """Which document an address speaks of."""

    room: str
    plan: Plan
    kind: Kind
    period: Period

    def url(self, endpoint: str, **values: Any) -> str:
        """An address about the same document; it goes on naming the plan where this one did."""
        values |= {"room": self.room, "period": self.period.code}
        if request.args.get("plan"):
            values["plan"] = self.plan.code
        return url_for(f"bulletins.{endpoint}", **values)

    @property
    def home(self) -> str:
        """The list the document stands in."""
        return url_for("bulletins.index" if self.room == "bulletins" else "bulletins.upward_index")


def place_of(room: str, code: str) -> Place:
    """The document of an address. Raises NotFound for a period the plan does not have."""
    plan, kind = the_plan(), pages.ROOMS[room]
    return Place(room, plan, kind, service.get_period(web.reading(), plan, kind, code))


def spoken() -> Language:
    """The language of the page."""
    return "zh" if language() == "zh" else "en"


def asked_language() -> Language:
    """The language a file is wanted in; the page's where the address names none."""
    wanted = request.args.get("language", "")
    return "zh" if wanted == "zh" else "en" if wanted == "en" else spoken()


def as_file(content: Any, sha256: str, form: str) -> Response:
    """A content as a download. Raises NotFound for a form there is not."""
    if form not in faces.FORMS:
        raise NotFound(_l("没有这种文件格式。"))
    tongue = asked_language()
    raw, content_type = faces.made(content, tongue, sha256, form)
    answer = Response(raw, content_type=content_type)
    name = faces.file_name(content, tongue, form)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# --- lists


@blueprint.get("/bulletins")
@web.requires(Permission.SEE)
def index() -> str:
    """The months' bulletins, the newest first."""
    return _list("bulletins")


@blueprint.get("/upward")
@web.requires(Permission.OVERVIEW)
def upward_index() -> str:
    """The reports upward, the newest first."""
    return _list("upward")


def _list(room: str) -> str:
    session, plan, kind = web.reading(), the_plan(), pages.ROOMS[room]
    service.allow_reading(session, plan, kind, web.actor())
    may_publish = service.may_publish(session, plan, web.actor())
    found = pages.listed(
        queries.periods(session, plan, kind),
        queries.progress_by_month(session, plan.id),
        {row.period: row for row in queries.issue_rows(session, plan.id, kind)},
        queries.drafted_periods(session, plan.id, kind),
        queries.changed_at(session, plan.id),
        web.today(),
    )
    return render_template(
        "bulletins/list.html",
        room=room,
        kind=kind,
        title=pages.TITLES[kind],
        found=found if may_publish else [each for each in found if each.newest],
        states=pages.STATE_WORDS,
        may_publish=may_publish,
        region=service.region_of(session, plan),
        tabs=_tabs(plan, room),
    )


def _tabs(plan: Plan, room: str) -> list[dict[str, Any]]:
    """Bulletins and reports upward, for those who read both."""
    session = web.reading()
    if not service.may_read(session, plan, "upward", web.actor()) or not queries.periods(session, plan, "upward"):
        return []
    endpoints = {"bulletins": "bulletins.index", "upward": "bulletins.upward_index"}
    return [
        {"url": url_for(endpoint), "label": pages.TITLES[pages.ROOMS[name]], "active": name == room}
        for name, endpoint in endpoints.items()
    ]


# --- one issue


@blueprint.get(f"/{ROOM}/<period>")
@web.requires(Permission.SEE)
def newest(room: str, period: str) -> str | BaseResponse:
    """The newest issue on a period; for the region's coordinators the draft while there is none."""
    session, place = web.reading(), place_of(room, period)
    service.allow_reading(session, place.plan, place.kind, web.actor())
    if service.may_publish(session, place.plan, web.actor()) and not queries.issues(
        session, place.plan.id, place.period
    ):
        return redirect(place.url("draft"), 303)
    return _issue_page(place, 0)


@blueprint.get(f"/{ROOM}/<period>/issues/<int:number>")
@web.requires(Permission.SEE)
def issue(room: str, period: str, number: int) -> str:
    """One issue on a period."""
    return _issue_page(place_of(room, period), number)


def _issue_page(place: Place, number: int) -> str:
    session = web.reading()
    service.allow_reading(session, place.plan, place.kind, web.actor())
    found, count = service.get_issue(session, place.plan, place.period, number)
    return render_template(
        "bulletins/issue.html",
        place=place,
        word=pages.period_word(place.period.code),
        title=pages.TITLES[place.kind],
        issue=found,
        published_by=names_shown(session, [found.published_by]).get(found.published_by, found.published_by_label),
        count=count,
        number=pages.number_word(found.content["issue"]["year"], found.content["issue"]["number"]),
        document=faces.document_of(found.content, spoken(), found.sha256),
        forms=faces.FORMS,
        may_publish=service.may_publish(session, place.plan, web.actor()),
    )


@blueprint.get(f"/{ROOM}/<period>/issues/<int:number>/file.<fmt>")
@web.requires(Permission.SEE)
def issue_file(room: str, period: str, number: int, fmt: str) -> Response:
    """An issue as PDF, DOCX, XLSX or JSON, in the language the address names."""
    session, place = web.reading(), place_of(room, period)
    service.allow_reading(session, place.plan, place.kind, web.actor())
    found, _count = service.get_issue(session, place.plan, place.period, number)
    return as_file(found.content, found.sha256, fmt)
