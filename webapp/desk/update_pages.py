"""The short form in which progress is filed."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.accounts.rules import safe_path
from webapp.caps.faces import register_of
from webapp.desk import acts, wording
from webapp.desk.blueprint import ID, blueprint
from webapp.desk.forms import STANDING, UpdateForm
from webapp.errors import Conflict, Invalid, Problem, RequestReused, TooLarge
from webapp.evidence import staging
from webapp.evidence.service import Staged, record
from webapp.i18n import sentences
from webapp.permissions import Permission
from webapp.plans.models import Assignment
from webapp.plans.units import MILESTONE, SHARE, unit_word
from webapp.progress import figures
from webapp.progress.queries import updates
from webapp.progress.rules import required_pace, restated
from webapp.progress.service import record_update
from webapp.progress.state import known
from webapp.workflow import Who, actions

# Where the rules and the store name another field than the form shows.
SHOWN_AT = {"evidence": "files"}


@blueprint.get(f"/assignments/<{ID}:assignment_id>/update")
@web.requires(Permission.UPDATE_PROGRESS)
def update_form(assignment_id: int) -> Response | str:
    """The form, with what was filed last."""
    row = acts.load(assignment_id, Permission.UPDATE_PROGRESS)
    if "progress" not in actions(row.status, Who.OFFICER):
        flash(_("这项任务现在不能填报，请先看当前状态。"), "info")
        return acts.back_to(assignment_id)
    form = UpdateForm(formdata=None, as_of=web.today(), version=row.version, state=_state(row))
    return _page(form, row, [])


def _state(row: Assignment) -> str | None:
    return None if row.claimed is None else str(int(row.claimed >= 1))


@blueprint.post(f"/assignments/<{ID}:assignment_id>/update")
@web.requires(Permission.UPDATE_PROGRESS)
def update(assignment_id: int) -> Response | tuple[str, int]:
    """File progress; what was typed stays when it has to be corrected."""
    row = acts.load(assignment_id, Permission.UPDATE_PROGRESS)
    form = UpdateForm()
    staged = staging.kept(form, web.actor(), assignment_id)
    valid = form.validate()
    try:
        staged = staging.with_new(staged, form.files.data or (), web.settings())
        if valid:
            return _save(form, row, staged)
        status = 422
    except RequestReused:
        raise
    except Invalid as error:
        web.show_problems(form, _at_fields(error, row))
        status = error.status
    except TooLarge as error:
        form.files.errors = [str(error.message)]
        status = error.status
    except Conflict as error:
        form.form_errors.append(str(error.message))
        status = error.status
    row = acts.load(assignment_id, Permission.UPDATE_PROGRESS)
    form.version.data = row.version
    return _page(form, row, staged), status


def _at_fields(error: Invalid, row: Assignment) -> Invalid:
    places = SHOWN_AT | ({"quantity": "state"} if row.task.unit == MILESTONE else {})
    return Invalid([Problem(places.get(each.field, each.field), each.message) for each in error.problems])


def _save(form: UpdateForm, row: Assignment, staged: Sequence[Staged]) -> Response:
    quantity = form.total(row)
    if form.claim.data and row.task.unit == MILESTONE and form.state.data == "0":
        raise Invalid([Problem("quantity", _l("选择“已按要求完成”后才能申请销号。"))])

    def deed(session: Session, loaded: Assignment) -> None:
        files = record(session, staged, actor=web.actor(), organisation_id=loaded.organisation_id, now=web.now())
        record_update(
            session,
            loaded,
            actor=web.actor(),
            now=web.now(),
            kind="claim" if form.claim.data else "progress",
            as_of=form.as_of.data,
            version=form.version.data or 0,
            quantity=quantity,
            evidence=[file.id for file in files],
            **{name: form[name].data or "" for name in ("note", "problem", "next_step", "reason")},
        )

    if acts.carry_out(form, row.id, "update", deed, extra=[each.sha256 for each in staged]):
        acts.say(_done(acts.load(row.id), claimed=bool(form.claim.data)), row.id)
    return redirect(_way_back() or acts.address(row.id), 303)


def _way_back() -> str | None:
    """Where somebody came from who wants to go on there: a path of this site, or None."""
    return safe_path(request.values.get("back"))


def _done(row: Assignment, *, claimed: bool) -> str:
    told = sentences(_("已保存。"), wording.reached(row.claimed, row.completion, row.task.unit))
    if not claimed:
        return told
    reviewer = acts.reviewer_name(row)
    return sentences(told, _("已申请销号，由%(org)s审核，结果会发邮件通知您。", org=reviewer))


def _page(form: UpdateForm, row: Assignment, staged: Sequence[Staged]) -> str:
    unit = row.task.unit
    found = known(web.reading(), [row.id], web.today())[0]
    stated = updates(web.reading(), row.id)
    again = frozenset(restated(stated))
    last = next((each for each in reversed(stated) if each.id not in again), None)
    return render_template(
        "desk/update.html",
        form=form,
        row=row,
        task=row.task,
        facts=found.facts,
        pace=required_pace(found.facts, web.today()),
        last=last,
        last_by=names_shown(web.reading(), [last.actor_id]).get(last.actor_id, last.actor_label) if last else "",
        asks=_asks(row),
        register=register_of(row),
        previous=figures.shown(row.claimed, unit) or "0",
        unit="%" if unit == SHARE else unit_word(unit),
        staged=staged,
        kept=staging.pack(staged, web.actor(), row.id),
        limit=web.settings().upload_max_mb,
        back=_way_back(),
        reviewer=acts.reviewer_name(row),
        pace_sources=wording.PACE_SOURCES,
    )


def _asks(row: Assignment) -> Any:
    """Which inputs the task calls for: a growing figure, a level, a milestone's state, or words alone."""
    task = row.task
    if row.counted:
        return "counted"
    if task.unit == MILESTONE:
        return "words" if task.kind in STANDING else "state"
    return "level" if task.measure_kind == "level" or task.comparator in ("<", "<=") else "figure"
