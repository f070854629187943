"""A ledger: its figures, its rows fifty a page, and the same on paper or as a file."""

from dataclasses import replace
from datetime import date
from itertools import groupby
from urllib.parse import quote

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.clock import known_before
from webapp.errors import NotFound
from webapp.i18n import pick
from webapp.ledgers import codes, columns, frame, queries, sampling, writing
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.headers import HOWS
from webapp.ledgers.summary import counts_before
from webapp.ledgers.values import FIRST_DAY, shown
from webapp.lists import files
from webapp.lists.frame import Frame
from webapp.lists.frame import frame as frame_of
from webapp.permissions import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get(frame.BASE)
@web.requires(Permission.SEE)
def ledger(assignment_id: int) -> BaseResponse | str:
    """The rows a task counts, filtered by the address; without one, as the person's default view for this kind."""
    place, reading = frame.load(assignment_id), web.reading()
    where, on, head = frame.asked(), _day_asked(), _head(place)
    if head.instead:
        return redirect(head.instead, 303)
    return render_template(
        "ledgers/list.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        counts=queries.counts(reading, place.ledger, place.use),
        page=queries.rows(reading, place.ledger, place.use, where, web.page_number()),
        counties=queries.counties(reading, place.ledger),
        samples=sampling.samples(reading, assignment_id),
        on=on,
        then=counts_before(reading, place.ledger, place.use, known_before(on)) if on else None,
        asked=request.args,
        where=where,
        kept={name: value for name, value in request.args.items() if name != "page"},
        frame=head,
        own=columns.own_fields(place.kind, head.shown),
        worded=shown,
        hows=HOWS,
    )


def _head(place: frame.Place) -> Frame:
    number = place.assignment.id
    path = url_for("ledgers.ledger", assignment_id=number)
    order, kind = request.args.get("order", ""), place.kind
    order = order if order in queries.ORDERS else "open"
    return frame_of("ledger", path, columns.columns(kind), order, about=kind.code, at=number)


@blueprint.get(f"{frame.BASE}/list.<fmt>")
@web.requires(Permission.EXPORT)
def list_file(assignment_id: int, fmt: str) -> Response:
    """The list as it is shown: its filters, its order, its columns, all pages."""
    place = frame.load(assignment_id)
    found = columns.every_row(web.reading(), place.ledger, place.use, frame.asked())
    fields = columns.fields(place.kind, _head(place).shown)
    name = f"{place.kind.code}-{place.ledger.organisation.code}-{web.today():%Y%m%d}"
    return files.answer(fmt, name, pick(place.kind, "name"), fields, found)


def _day_asked() -> date | None:
    """A past day of the address, on which the figures are to be shown as they were known; nonsense is none."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    return day if FIRST_DAY <= day < web.today() else None


@blueprint.get(f"{frame.BASE}/sheets")
@web.requires(Permission.SEE)
def sheets(assignment_id: int) -> str:
    """The list for paper, township by township, with a code per row that leads a phone to it."""
    place, reading = frame.load(assignment_id), web.reading()
    where = replace(frame.asked(), order="place")
    page = queries.rows(reading, place.ledger, place.use, where, web.page_number(), size=codes.MOST)
    base = web.settings().base_url
    addresses = {row.id: f"{base}{url_for('ledgers.row', assignment_id=assignment_id, row_id=row.id)}"
                 for row in page.rows}  # fmt: skip
    return render_template(
        "ledgers/sheets.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        page=page,
        by_place=[(*key, list(rows)) for key, rows in groupby(page.rows, key=lambda row: (row.county, row.township))],
        drawn={number: codes.drawing(address) for number, address in addresses.items()},
        townships=queries.townships(reading, place.ledger, place.use),
        where=where,
        asked=request.args,
    )


@blueprint.get(f"{frame.BASE}/export.<fmt>")
@web.requires(Permission.EXPORT)
def export(assignment_id: int, fmt: str) -> Response:
    """The list with its filters, all pages, as XLSX or CSV."""
    place = frame.load(assignment_id)
    rows = writing.rows_of(web.reading(), place.ledger, place.use, frame.asked())
    name = f"{pick(place.kind, 'name')}-{pick(place.ledger.organisation, 'name')}-{web.today():%Y%m%d}"
    if fmt == "xlsx":
        answer = Response(writing.as_workbook(place.kind, rows), mimetype=XLSX)
    elif fmt == "csv":
        answer = web.streamed(writing.as_csv(place.kind, rows), "text/csv; charset=utf-8")
    else:
        raise NotFound(_l("只能下载 XLSX 或 CSV 格式。"))
    return _named(answer, f"{place.kind.code}-{place.ledger.organisation.code}.{fmt}", f"{name}.{fmt}")


@blueprint.get(f"{frame.BASE}/template.xlsx")
@web.requires(Permission.UPDATE_PROGRESS)
def template(assignment_id: int) -> Response:
    """The columns alone, to be filled in."""
    place = frame.load(assignment_id)
    answer = Response(writing.as_workbook(place.kind, ()), mimetype=XLSX)
    name = _("%(name)s模板", name=pick(place.kind, "name"))
    return _named(answer, f"{place.kind.code}-template.xlsx", f"{name}.xlsx")


def _named(answer: Response, plain: str, name: str) -> Response:
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer
