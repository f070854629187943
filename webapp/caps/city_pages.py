"""Where a city stands with its register, and an enterprise with its season; now, or as known on a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import render_template

from webapp import web
from webapp.caps import calendar, faces, wording
from webapp.caps.blueprint import blueprint
from webapp.caps.counting import Sum, load, load_kept
from webapp.caps.deciding import may_exempt
from webapp.caps.facts import ZERO
from webapp.caps.known import recorded
from webapp.caps.models import CapLine
from webapp.caps.papers import papers_of
from webapp.caps.register import changes
from webapp.caps.standings import CapStanding, EntryStanding, exempt_load, exempt_window
from webapp.caps.waiting import suspects
from webapp.clock import known_before
from webapp.permissions import Permission, can

SumRow = tuple[str, Sum, Sum]
"""A name with its sums to date and ahead."""


@blueprint.get("/caps/cities/<code>")
@web.requires(Permission.SEE)
def city(code: str) -> str:
    """A city's register: its caps and its enterprises."""
    scope, on = faces.city_scope(code), faces.day_asked()
    found = next(iter(faces.city_standings(scope.organisation.id, on)), None)
    caps = found.caps if found else []
    waiting = [
        suspect
        for cap in caps
        for each in cap.entries
        if each.standing.suspects
        for suspect in suspects(each, scope.policy)
        if suspect.state == "suspect"
    ]
    return render_template(
        "caps/city.html", scope=scope, policy=scope.policy, caps=caps, waiting=waiting, words=wording, on=on,
        months=_months_begun(caps), entry_rows=_entry_rows, several=len(faces.cities()) > 1,
        may_file=can(web.actor(), Permission.UPDATE_PROGRESS, scope.organisation.path) and on is None,
    )  # fmt: skip


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>")
@web.requires(Permission.SEE)
def enterprise(enterprise_id: int) -> str:
    """An enterprise: its season as a picture, its months, lines, exemptions and record."""
    works = faces.works(enterprise_id, faces.day_asked())
    today, until = works.on or web.today(), known_before(works.on) if works.on else None
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
        tracks=tracks, ticks=calendar.ticks(found.season), mark=calendar.today_mark(found.season, today),
        exemptions=exemptions, words=wording, line_rows=_line_rows(found), suspects=suspects(found, policy),
        changes=recorded(changes(web.reading(), enterprise_id), until), policy=policy, zero=ZERO,
        files=papers_of(web.reading(), enterprise_id),
        lines={line.id: line.name for line in found.entry.lines},
        grounds=_grounds(works),
        loads={line.id: _loads(works, line) for line in found.entry.lines},
    )  # fmt: skip


def _months_begun(caps: Sequence[CapStanding]) -> list[date]:
    """The months of the season that can be stated by now."""
    firsts = {each.first for cap in caps for each in cap.season.months() if each.first <= web.today()}
    return sorted({day.replace(day=1) for day in firsts})


def _entry_rows(cap: CapStanding) -> list[SumRow]:
    """What a city's figures are added up from: its enterprises."""
    return [(each.entry.enterprise.name, each.standing.to_date, each.standing.ahead) for each in cap.entries]


def _line_rows(found: EntryStanding) -> list[SumRow]:
    """What an enterprise's figures are added up from: its lines."""
    return [(line.name, part.to_date, part.ahead) for line, part in zip(found.entry.lines, found.parts, strict=True)]


def _grounds(works: faces.Works) -> list[str]:
    """The exemptions this person may put on record."""
    if works.on:
        return []
    grounds = works.scope.sector(works.enterprise.sector).grounds
    return [each for each in grounds if may_exempt(web.actor(), works.scope, each)]


@dataclass(frozen=True, slots=True)
class Loads:
    """The highest load filed for a line, and month by month the load it ran at and whether it kept to it."""

    most: Decimal | None
    months: list[tuple[date, Decimal, bool]]


def _loads(works: faces.Works, line: CapLine) -> Loads:
    """A line that serves basic needs is outside the base, but not beyond its filed load."""
    found, rule = works.found, works.scope.policy.limit.electricity
    most = exempt_load(found.entry, line, works.on or web.today())
    fact = next(each for each in found.facts if each.key == line.id)
    if most is None:
        return Loads(None, [])
    stated = ((report.window.first, load(fact, report), load_kept(fact, report, most, rule)) for report in fact.reports)
    return Loads(most, [(day, ran, bool(kept)) for day, ran, kept in stated if ran is not None])
