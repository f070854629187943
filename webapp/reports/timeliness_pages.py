"""The page of timeliness and completeness over time, and the same as a sheet."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp import web
from webapp.i18n import month as month_word
from webapp.i18n import percent, pick
from webapp.permissions import Permission, can
from webapp.plans.queries import current_plan
from webapp.reports import pages, queries, release_queries
from webapp.reports.blueprint import blueprint
from webapp.reports.export import csv_text
from webapp.reports.rules import Standing, Timeliness
from webapp.reports.timeliness import (
    HOLDER_KINDS,
    REVIEW_DAYS,
    Cell,
    Matrix,
    Total,
    Wait,
    Wanted,
    chosen,
    matrix,
    province_of,
    review_waits,
)
from webapp.workdays.rules import published_calendar

KIND_WORDS = {
    "province": _l("省"),
    "municipality": _l("直辖市"),
    "city": _l("市"),
    "ministry": _l("部门"),
    "enterprise": _l("中央企业"),
}
SHORT_WORDS = {
    Timeliness.ON_TIME: _l("按时"),
    Timeliness.MISSING: _l("未报"),
    Timeliness.PENDING: _l("未到期"),
    Timeliness.NOT_REQUIRED: _l("无需报送"),
}
# The shapes of the product's lights: a tick, a triangle, a square, a ring.
MARKS = {
    Timeliness.ON_TIME: ("done", "green"),
    Timeliness.LATE: ("behind", "yellow"),
    Timeliness.MISSING: ("overdue", "red"),
    Timeliness.PENDING: ("not_started", "grey"),
}


@blueprint.get("/reports/timeliness")
@web.requires(Permission.SEE)
def timeliness() -> str:
    """Who reported in time, month by month: the whole area, or for an officer the own organisation."""
    every = _every()
    shown, waits = _shown(every)
    return render_template(
        "reports/timeliness.html",
        shown=shown,
        waits=waits,
        allowed=REVIEW_DAYS,
        wanted=_wanted(),
        provinces=_provinces(every),
        kinds=[
            (kind, word) for kind, word in KIND_WORDS.items() if any(row.organisation_kind == kind for row in every)
        ],
        marks=MARKS,
        short=short_word,
        words=pages.timeliness_word,
        keep={name: value for name, value in request.args.items() if value},
    )


def _every() -> list[Any]:
    """The reports this person may see here: of areas looked over, and of the organisations worked at."""
    session, actor = web.reading(), web.actor()
    own = {grant.organisation_id for grant in actor.grants}
    return [
        row
        for row in queries.standing_rows(session, current_plan(session).id, actor)
        if row.organisation_id in own or can(actor, Permission.OVERVIEW, row.organisation_path)
    ]


def _shown(every: list[Any]) -> tuple[Matrix, list[Wait]]:
    session, actor = web.reading(), web.actor()
    kept, calendar = chosen(every, _wanted()), published_calendar()
    decided = release_queries.waits(session, current_plan(session).id, actor, allowed=REVIEW_DAYS)
    return matrix(kept, web.today(), calendar), review_waits(decided, kept, web.today(), calendar)


def _wanted() -> Wanted:
    return Wanted(province=request.args.get("province", ""), kind=request.args.get("kind", ""))


def _provinces(every: list[Any]) -> list[tuple[str, str]]:
    """The provinces and municipalities among the rows, to choose from."""
    heads = {row.organisation_code: row for row in every if row.organisation_kind not in HOLDER_KINDS}
    codes = dict.fromkeys(province_of(row) for row in every)
    return [(code, pick(heads[code], "short")) for code in codes if code in heads]


def short_word(standing: Standing) -> str:
    """A cell's word: 按时, 迟报 2 日 (working days), 未报, 未到期, 无需报送."""
    if standing.timeliness is Timeliness.LATE:
        return ngettext("迟报 %(num)s 日", "迟报 %(num)s 日", standing.days_late)
    return str(SHORT_WORDS[standing.timeliness])


# --- the same as a sheet


@blueprint.get("/reports/timeliness.csv")
@web.requires(Permission.SEE)
def timeliness_sheet() -> Response:
    """Exactly what the page shows with the same filters: a row for each organisation, then totals and waiting times."""
    shown, waits = _shown(_every())
    header = [_("单位"), _("按时/应报"), _("平均完整率")]
    for month in shown.months:
        header += [month_word(month), _("%(month)s完整率", month=month_word(month))]
    # The mark at the beginning lets spreadsheet programs read the Chinese.
    text = "\ufeff" + csv_text(header, [*_sheet_rows(shown), *_wait_rows(waits)])
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="timeliness-{web.today().isoformat()}.csv"'
    return answer


def _sheet_rows(shown: Matrix) -> Iterator[list[str]]:
    for row in shown.rows:
        cells = [part for cell in row.cells for part in _cell_texts(cell)]
        yield [pick(row.organisation, "organisation"), _of(row.total), _share(row.total.completeness), *cells]
    totals = [part for each in shown.by_month for part in (_of(each), _share(each.completeness))]
    yield [_("合计"), _of(shown.total), _share(shown.total.completeness), *totals]


def _cell_texts(cell: Cell) -> tuple[str, str]:
    return pages.timeliness_word(cell.standing), _share(cell.completeness)


def _of(total: Total) -> str:
    # A fraction between words: no spreadsheet makes a date of it.
    return _("%(n)s / %(all)s 份", n=total.on_time, all=total.required)


def _share(share: Decimal | None) -> str:
    return "" if share is None else percent(share, 0)


def _wait_rows(waits: list[Wait]) -> Iterator[list[str]]:
    yield []
    slow = _("超时办理（次，超过 %(n)s 个工作日）", n=REVIEW_DAYS)
    yield [_("审核单位"), _("已审核（次）"), _("平均等候（工作日）"), _("最长等候（工作日）"),
           slow, _("正在等候（份）"), _("其中最长（工作日）")]  # fmt: skip
    for each in waits:
        average = "" if each.average is None else str(each.average)
        figures = [each.longest, each.slow, each.waiting, each.waiting_longest]
        yield [pick(each.organisation, "short"), str(each.decided), average, *map(str, figures)]
