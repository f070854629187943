"""Where cities stand: the region's table of sectors, a city's register, an enterprise with its season."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from webapp import web
from webapp.caps import calendar, faces, wording
from webapp.caps.blueprint import blueprint
from webapp.caps.counting import load, load_kept
from webapp.caps.deciding import may_exempt
from webapp.caps.facts import ZERO
from webapp.caps.models import CapLine
from webapp.caps.papers import papers_of
from webapp.caps.register import changes
from webapp.caps.rules import worst
from webapp.caps.standings import exempt_load, exempt_window
from webapp.permissions import Permission, can


@blueprint.get("/caps")
@web.requires(Permission.SEE)
def index() -> str | Response:
    """The cities of the actor's area by sector; who has one city alone goes to it."""
    cities = faces.cities()
    if len(cities) == 1:
        return redirect(url_for("caps.city", code=cities[0].code), 303)
    _plan, policy = faces.the_policy()
    found = faces.city_standings()
    rows = {
        rule.code: [(city, cap) for city in found for cap in city.caps if cap.rule.code == rule.code]
        for rule in policy.rules
    }
    waiting = [
        (city, suspect)
        for city in found
        for cap in city.caps
        for each in cap.entries
        for suspect in faces.suspects(each, policy)
        if suspect.state == "suspect"
    ]
    registered = {city.organisation.id for city in found}
    return render_template(
        "caps/index.html", policy=policy, rows=rows, waiting=waiting, words=wording, today=web.today(),
        empty=[city for city in cities if city.id not in registered],
        lights=[(city, worst(cap.light for cap in city.caps)) for city in found],
    )  # fmt: skip


@blueprint.get("/caps/cities/<code>")
@web.requires(Permission.SEE)
def city(code: str) -> str:
    """A city's register: its caps and its enterprises."""
    scope = faces.city_scope(code)
    found = next(iter(faces.city_standings(scope.organisation.id)), None)
    caps = found.caps if found else []
    waiting = [
        suspect
        for cap in caps
        for each in cap.entries
        for suspect in faces.suspects(each, scope.policy)
        if suspect.state == "suspect"
    ]
    return render_template(
        "caps/city.html", scope=scope, policy=scope.policy, caps=caps, waiting=waiting, words=wording,
        today=web.today(), may_file=can(web.actor(), Permission.UPDATE_PROGRESS, scope.organisation.path),
        several=len(faces.cities()) > 1,
    )  # fmt: skip


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>")
@web.requires(Permission.SEE)
def enterprise(enterprise_id: int) -> str:
    """An enterprise: its season as a picture, its months, lines, exemptions and record."""
    works = faces.works(enterprise_id)
    found, policy = works.found, works.scope.policy
    facts = {line.key: line for line in found.facts}
    tracks = [
        (line, calendar.track(facts[line.id], found.season, policy.limit.electricity)) for line in found.entry.lines
    ]
    ends = {row.ends_id: row for row in found.entry.exemptions if row.ends_id}
    exemptions = [
        (row, ends.get(row.id), exempt_window(row, ends.get(row.id), policy, found.season))
        for row in found.entry.exemptions
        if row.ends_id is None
    ]
    return render_template(
        "caps/enterprise.html", works=works, found=found, sector=works.scope.sector(works.enterprise.sector),
        tracks=tracks, ticks=calendar.ticks(found.season), mark=calendar.today_mark(found.season, web.today()),
        exemptions=exemptions, words=wording, today=web.today(), suspects=faces.suspects(found, policy),
        changes=changes(web.reading(), enterprise_id), files=papers_of(web.reading(), enterprise_id), zero=ZERO,
        policy=policy,
        lines={line.id: line.name for line in found.entry.lines},
        grounds=[each for each in works.scope.sector(works.enterprise.sector).grounds
                 if may_exempt(web.actor(), works.scope, each)],
        loads={line.id: _loads(works, line) for line in found.entry.lines},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loads:
    """The highest load filed for a line, and month by month the load it ran at and whether it kept to it."""

    most: Decimal | None
    months: list[tuple[date, Decimal, bool]]


def _loads(works: faces.Works, line: CapLine) -> Loads:
    """A line that serves basic needs is outside the base, but not beyond its filed load."""
    found, rule = works.found, works.scope.policy.limit.electricity
    most = exempt_load(found.entry, line, web.today())
    fact = next(each for each in found.facts if each.key == line.id)
    if most is None:
        return Loads(None, [])
    stated = ((report.window.first, load(fact, report), load_kept(fact, report, most, rule)) for report in fact.reports)
    return Loads(most, [(day, ran, bool(kept)) for day, ran, kept in stated if ran is not None])
