"""The register as lists: sectors by city, enterprises one by one, each narrowed by its address and as a file."""

from collections.abc import Iterable
from decimal import Decimal
from operator import itemgetter
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webapp import web
from webapp.caps import faces, lists, wording
from webapp.caps.blueprint import blueprint
from webapp.caps.lists import City, Row
from webapp.caps.policy import Policy
from webapp.caps.rules import Standing, worst
from webapp.caps.waiting import suspects
from webapp.i18n import pick
from webapp.lists import files
from webapp.lists.files import Cell, Field
from webapp.permissions import Permission

A_PAGE = 50
HUNDRED = Decimal(100)


@blueprint.get("/caps")
@web.requires(Permission.SEE)
def index() -> str | AnyResponse:
    """The cities of the actor's area by sector; who has one city alone goes to it."""
    places = faces.cities()
    if len(places) == 1:
        return redirect(url_for("caps.city", code=places[0].code), 303)
    policy, on, everything = faces.the_policy()[1], faces.day_asked(), _standings()
    where = lists.filter_of(request.args, policy)
    found = lists.cities(everything, where)
    registered = {city.organisation.id for city in everything}
    return render_template(
        "caps/index.html", policy=policy, rows=_by_cap(policy, found), waiting=_waiting(found, policy), words=wording,
        on=on, where=where, options=_options(policy, everything),
        empty=[place for place in places if place.id not in registered], kept=_kept(), everything=everything,
        lights=[(city, worst(cap.light for cap in city.caps)) for city in found],
    )  # fmt: skip


def _standings() -> list[City]:
    return faces.city_standings(on=faces.day_asked())


def _options(policy: Policy, found: Iterable[City]) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer."""
    return {
        "sectors": [(code, pick(sector, "name")) for code, sector in policy.sectors.items()],
        "colours": [(colour, str(wording.COLOURS[colour])) for colour in lists.COLOURS],
        "places": [(city.organisation.code, pick(city.organisation, "short")) for city in found],
    }


def _by_cap(policy: Policy, found: Iterable[City]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {rule.code: [] for rule in policy.rules}
    for city in found:
        for cap in city.caps:
            rows[cap.rule.code].append((city, cap))
    return rows


def _waiting(found: Iterable[City], policy: Policy) -> list[Any]:
    """What waits for a person, with its city."""
    entries = ((city, each) for city in found for cap in city.caps for each in cap.entries if each.standing.suspects)
    return [
        (city, suspect) for city, each in entries for suspect in suspects(each, policy) if suspect.state == "suspect"
    ]


def _kept() -> dict[str, str]:
    """The address's filters, for the links to the same as a file and to other pages."""
    return {name: value for name, value in request.args.items() if name != "page" and value}


@blueprint.get("/caps/enterprises")
@web.requires(Permission.SEE)
def enterprises() -> str:
    """Enterprises one by one, with what still has to be done about them."""
    policy, everything = faces.the_policy()[1], _standings()
    where = lists.filter_of(request.args, policy)
    rows = lists.enterprises(everything, where)
    first = (web.page_number() - 1) * A_PAGE
    return render_template(
        "caps/enterprises.html", policy=policy, rows=rows[first : first + A_PAGE], many=len(rows), words=wording,
        where=where, on=faces.day_asked(), options=_options(policy, everything), kept=_kept(),
        page=web.page_number(), pages=max(1, -(-len(rows) // A_PAGE)), shows=wording.SHOWS,
    )  # fmt: skip


# --- the same as files


@blueprint.get("/caps/export.<fmt>")
@web.requires(Permission.EXPORT)
def export(fmt: str) -> Response:
    """Sectors by city, narrowed as on the page."""
    policy = faces.the_policy()[1]
    header = [_("城市"), _("行业"), _("要求停产"), *_figure_header()]
    found = lists.cities(_standings(), lists.filter_of(request.args, policy))
    rows = [
        [
            pick(city.organisation, "name"), wording.cap_name(policy, cap.rule), wording.asked(cap.rule.cap),
            *_figures(cap.together, cap.light, cap.rule.cap if cap.bound else None, policy, cap.rule.sector),
        ]
        for city in found
        for cap in city.caps
    ]  # fmt: skip
    return answer_table(fmt, "caps", _("错峰生产-分行业分城市"), header, rows)


@blueprint.get("/caps/enterprises/export.<fmt>")
@web.requires(Permission.EXPORT)
def export_enterprises(fmt: str) -> Response:
    """Enterprises, narrowed as on the page, all of them."""
    policy = faces.the_policy()[1]
    header = [_("城市"), _("行业"), _("企业"), _("县（市、区）"), *_figure_header(), _("缺报月份")]
    rows = lists.enterprises(_standings(), lists.filter_of(request.args, policy))
    return answer_table(fmt, "caps-enterprises", _("错峰生产-企业"), header, [_enterprise(row, policy) for row in rows])


def _enterprise(row: Row, policy: Policy) -> list[Cell]:
    found, enterprise = row.found, row.found.entry.enterprise
    missing = "、".join(f"{each.window.first:%Y-%m}" for each in found.standing.months if each.missing)
    return [
        pick(row.city, "name"), wording.cap_name(policy, row.cap.rule), enterprise.name, enterprise.county,
        *_figures(found.standing, found.light, found.cap, policy, enterprise.sector), missing,
    ]  # fmt: skip


def _figure_header() -> list[str]:
    return [
        _("亮灯"), _("说明"), _("停产比例（％）"), _("计划到目前（％）"), _("全季计划（％）"), _("按现状预测（％）"),
        _("按计划预测（％）"), _("应停产能×天数"), _("实际停产"), _("待核实"), _("还应停"), _("还可生产"), _("单位"),
        _("实绩截至"),
    ]  # fmt: skip


def _figures(found: Standing, light: Any, cap: Any, policy: Policy, sector: str) -> list[Cell]:
    budget = found.budget(cap) if cap and found.whole.base else None
    return [
        wording.light_word(light), wording.why(light, found, cap), _percent(found.share),
        _percent(found.planned_to_date), _percent(found.planned_share), _percent(found.forecast),
        _percent(found.forecast_by_plan), found.to_date.base, found.to_date.stopped, found.to_date.pending,
        budget.owed if budget else None, budget.may_run if budget else None,
        _("%(unit)s·天", unit=pick(policy.sectors[sector].capacity, "unit")), found.through,
    ]  # fmt: skip


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else share * HUNDRED


def answer_table(fmt: str, name: str, title: str, header: list[str], rows: list[list[Cell]]) -> Response:
    """A table as a download. Raises NotFound for another format."""
    fields = [Field(label, itemgetter(place), width=max(12, len(label) * 2)) for place, label in enumerate(header)]
    return files.answer(fmt, name, title, fields, rows)
