"""Filing a peak-shifting plan, and what stood still in a month."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import web
from webapp.caps import faces, filing
from webapp.caps.acts import Answer, Deed, Papers, carry_out
from webapp.caps.blueprint import blueprint
from webapp.caps.checks import StopDraft
from webapp.caps.facts import Stop, Window, month_window
from webapp.caps.forms import FilingForm, Slot, read_power, read_stops, slots_of, typed_power, typed_slots
from webapp.caps.models import CapEnterprise, CapFiling, CapLine
from webapp.errors import Invalid, Problem
from webapp.permissions import Permission
from webapp.progress.figures import shown


def _drafts(stops: list[Stop], line: CapLine) -> list[StopDraft]:
    return [StopDraft(line.id, stop.window.first, stop.window.last, stop.units) for stop in stops]


def _filed_stops(works: faces.Works, filed: CapFiling | None, line: CapLine, within: Window) -> list[Stop]:
    """A line's stops in a filing, cut to some days."""
    rows = works.found.entry.stops_of(filed, line) if filed else []
    cut = ((Window(row.starts_on, row.ends_on).meet(within), row.units) for row in rows)
    return [Stop(window, units) for window, units in cut if window]


def _given() -> dict[str, Any]:
    """What the page sent, for telling a repeated request from another one."""
    names = ("first", "last", "units", "power")
    return {name: value for name, value in request.form.items() if name.split("-")[0] in names}


def _problems_by_line(error: list[Problem]) -> dict[str, list[str]]:
    """Problems at stops and meters, by the id of the field they belong to."""
    found: dict[str, list[str]] = {}
    for problem in error:
        if problem.field.startswith(("line-", "power-")):
            found.setdefault(problem.field, []).append(str(problem.message))
    return found


# --- the plan


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/plan")
@web.requires(Permission.UPDATE_PROGRESS)
def plan_form(enterprise_id: int) -> str:
    """The form of a plan: a new one, or the newest as a basis for another revision."""
    works = faces.own_works(enterprise_id)
    newest = works.found.entry.plans[-1] if works.found.entry.plans else None
    slots = {
        line.id: slots_of(_drafts(_filed_stops(works, newest, line, works.found.season), line))
        for line in works.found.entry.lines
    }
    form = FilingForm(formdata=None, revision=str(newest.revision if newest else 0))
    return _page(works, form, slots, {}, month=None)


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/plan")
@web.requires(Permission.UPDATE_PROGRESS)
def file_plan(enterprise_id: int) -> Answer:
    """File a plan."""
    works, form = faces.own_works(enterprise_id), FilingForm()

    def deed(session: Session, row: CapEnterprise, files: list[int]) -> None:
        filing.file_plan(
            session, works.scope, row, read_stops(works.found.entry.lines), actor=web.actor(), now=web.now(),
            revision=form.made_from(), note=form.reason.data or "", evidence=files,
        )  # fmt: skip

    return _answer(works, form, "caps.plan", deed, None, _("错峰生产计划已提交，自今天起有效。"))


# --- a month


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/months/<month>")
@web.requires(Permission.UPDATE_PROGRESS)
def month_form(enterprise_id: int, month: str) -> str:
    """The form of a month: as stated before, else as planned."""
    works = faces.own_works(enterprise_id)
    first = faces.month_of(month, works.found.season)
    window = month_window(first).meet(works.found.season)
    assert window is not None
    stated = works.found.entry.statements.get(first)
    source = stated or (works.found.entry.plans[-1] if works.found.entry.plans else None)
    through = stated.through if stated else min(window.last, max(window.first, web.today()))
    within = window.until(through) or window
    lines = works.found.entry.lines
    slots = {line.id: slots_of(_drafts(_filed_stops(works, source, line, within), line)) for line in lines}
    drawn = works.found.entry.power
    power = {
        line.id: shown(drawn[stated.id, line.id].kwh, "") for line in lines if stated and (stated.id, line.id) in drawn
    }
    form = FilingForm(formdata=None, revision=str(stated.revision if stated else 0), through=through)
    return _page(works, form, slots, power, month=first)


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/months/<month>")
@web.requires(Permission.UPDATE_PROGRESS)
def state_month(enterprise_id: int, month: str) -> Answer:
    """State what stood still in a month."""
    works, form = faces.own_works(enterprise_id), FilingForm()
    first = faces.month_of(month, works.found.season)

    def deed(session: Session, row: CapEnterprise, files: list[int]) -> None:
        lines = works.found.entry.lines
        filing.state_month(
            session, works.scope, row, first, read_stops(lines), power=read_power(lines), through=form.through.data,
            actor=web.actor(), now=web.now(), revision=form.made_from(), note=form.reason.data or "", evidence=files,
        )  # fmt: skip

    return _answer(works, form, "caps.month", deed, first, _("本月停产实绩已报送，任务进展已随之更新。"))


# --- both


def _papers(works: faces.Works, month: date | None) -> Papers:
    return Papers(f"caps.filing:{works.enterprise.id}:{month}")


def _answer(works: faces.Works, form: FilingForm, action: str, deed: Deed, month: date | None, done: str) -> Answer:
    enterprise_id, found, papers = works.enterprise.id, list[Problem](), _papers(works, month)

    def noted(session: Session, row: CapEnterprise, files: list[int]) -> None:
        try:
            deed(session, row, files)
        except Invalid as error:
            found.extend(error.problems)
            raise

    def page(stale: bool) -> str:
        fresh = faces.own_works(enterprise_id)
        if stale:
            form.revision.data = str(_newest_revision(fresh, month))
        slots = {line.id: typed_slots(line.id) for line in fresh.found.entry.lines}
        power = {line.id: typed_power(line.id) for line in fresh.found.entry.lines}
        return _page(fresh, form, slots, power, month=month, problems=found, papers=papers)

    return carry_out(
        form, enterprise_id, action, noted, page=page, done=done, extra=[str(month), _given()], papers=papers
    )


def _newest_revision(works: faces.Works, month: date | None) -> int:
    """The revision of the plan, or of a month's statement, that holds; 0 for none."""
    entry = works.found.entry
    newest = entry.statements.get(month) if month else next(reversed(entry.plans), None)
    return newest.revision if newest else 0


def _page(
    works: faces.Works, form: FilingForm, slots: Mapping[int, list[Slot]], power: Mapping[int, str], *,
    month: date | None, problems: list[Problem] | None = None, papers: Papers | None = None,
) -> str:  # fmt: skip
    season = works.found.season
    window = month_window(month).meet(season) if month else season
    assert window is not None
    by_field = _problems_by_line(problems or [])
    at_lines = {text for texts in by_field.values() for text in texts}
    # They stand at their lines; at the top each is a link.
    form.form_errors = [each for each in form.form_errors if each not in at_lines]
    return render_template(
        "caps/filing_form.html", works=works, form=form, slots=slots, power=power, month=month, window=window,
        sector=works.scope.sector(works.enterprise.sector), by_field=by_field,
        linked=[(field, message) for field, messages in by_field.items() for message in messages],
        revised=form.made_from() > 0, today=web.today(), papers=papers or _papers(works, month),
    )  # fmt: skip
