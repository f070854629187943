"""A ledger: its figures, its rows fifty a page, and the same as a file."""

from urllib.parse import quote

from flask import Response, render_template, request, stream_with_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.errors import NotFound
from webapp.i18n import pick
from webapp.ledgers import frame, queries, sampling, writing
from webapp.ledgers.blueprint import blueprint
from webapp.permissions import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get(frame.BASE)
@web.requires(Permission.SEE)
def ledger(assignment_id: int) -> str:
    """The rows a task counts, filtered by the address."""
    place, reading = frame.load(assignment_id), web.reading()
    where = frame.asked()
    return render_template(
        "ledgers/list.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        counts=queries.counts(reading, place.ledger, place.use),
        page=queries.rows(reading, place.ledger, place.use, where, web.page_number()),
        counties=queries.counties(reading, place.ledger),
        samples=sampling.samples(reading, assignment_id),
        asked=request.args,
        where=where,
        kept={name: value for name, value in request.args.items() if name != "page"},
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
        answer = Response(stream_with_context(writing.as_csv(place.kind, rows)), mimetype="text/csv; charset=utf-8")
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
