"""Samples: drawn, judged row by row on site, and closed by the level above; the city looks on."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Conflict, Invalid, TooLarge
from webapp.ledgers import frame, sampling, wording
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.frame import Place, RowForm
from webapp.ledgers.rules import draw, sample_size
from webapp.permissions import Permission

Answer = Response | str | tuple[str, int]


_SAID = {
    True: _l("抽查通过，未抽到的行记为“抽查通过”。"),
    False: _l("不合格超过限度，已退回，须再次抽查。"),
}


class ActForm(web.GuardedForm):
    """A button."""


@blueprint.get(f"{frame.BASE}/samples")
@web.requires(Permission.SEE)
def samples(assignment_id: int) -> str:
    """The samples of an assignment, and what one drawn now would be drawn from."""
    return _list(frame.load(assignment_id))


def _list(place: Place, problem: Any = None) -> str:
    reading = web.reading()
    waiting = sampling.waiting(reading, place.ledger, place.use)
    return render_template(
        "ledgers/samples.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        samples=sampling.samples(reading, place.assignment.id),
        waiting=waiting,
        size=sample_size(place.kind.sample, waiting),
        problem=problem,
    )


@blueprint.post(f"{frame.BASE}/samples")
@web.requires(Permission.CLOSE_OUT)
def draw_sample(assignment_id: int) -> Answer:
    """Draw rows to be looked at."""
    form = ActForm()
    frame.load(assignment_id)
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    target = url_for("ledgers.samples", assignment_id=assignment_id)
    try:
        with web.transaction() as session:
            earlier = web.once(session, form, f"ledger.sample:{assignment_id}", target)
            if earlier is None:
                found = frame.load(assignment_id, session).assignment
                drawn = sampling.draw_sample(session, found, actor=web.actor(), now=web.now())
                target = url_for("ledgers.sample", assignment_id=assignment_id, number=drawn.number)
    except Conflict as error:
        return _list(frame.load(assignment_id), error.message), error.status
    return redirect(target, 303)


@blueprint.get(f"{frame.BASE}/samples/<int:number>")
@web.requires(Permission.SEE)
def sample(assignment_id: int, number: int) -> str:
    """One sample: what was drawn, and what was found."""
    return _page(frame.load(assignment_id), number)


def _page(place: Place, number: int, problems: Sequence[tuple[str, Any]] = (), row_id: int = 0) -> str:
    reading = web.reading()
    found = sampling.get_sample(reading, place.assignment.id, number)
    rows = sampling.sample_rows(reading, found.id)
    return render_template(
        "ledgers/sample.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        sample=found,
        rows=rows,
        judged=sum(bool(each.result) for each, _row in rows),
        redrawn=draw(found.population, found.seed, found.size) == [row.id for _each, row in rows],
        others=len(found.population) - len(rows),
        problems=problems,
        wrong_row=row_id,
        typed=request.form.get("reason", ""),
        words=wording,
        limit=web.settings().upload_max_mb,
    )


@blueprint.post(f"{frame.BASE}/samples/<int:number>/rows/<int:row_id>")
@web.requires(Permission.CLOSE_OUT)
def check_row(assignment_id: int, number: int, row_id: int) -> Answer:
    """Say what was found on site."""
    place, form = frame.load(assignment_id), RowForm()
    sampling.get_sample(web.reading(), place.assignment.id, number)
    target = url_for("ledgers.sample", assignment_id=assignment_id, number=number, _anchor=f"row-{row_id}")
    result: sampling.Result = "fail" if request.form.get("result") == "fail" else "pass"
    try:
        if not form.validate():
            raise Invalid([])
        files = frame.staged(form)
        extra = [result, [each.sha256 for each in files]]
        with web.transaction() as session:
            if web.once(session, form, f"ledger.check:{number}:{row_id}", target, extra=extra) is None:
                place = frame.load(assignment_id, session)
                found = sampling.get_sample(session, assignment_id, number)
                sampling.check_row(
                    session, found, row_id, result, actor=web.actor(), now=web.now(), note=form.reason.data or "",
                    evidence=frame.attach(session, files, place.ledger),
                )  # fmt: skip
    except Invalid as error:
        problems = frame.problems_of(error, place.kind) or [
            (name, text) for name, texts in form.errors.items() for text in texts
        ]
        return _page(frame.load(assignment_id), number, problems, row_id), error.status
    except TooLarge as error:
        return _page(frame.load(assignment_id), number, [("", error.message)], row_id), error.status
    return redirect(target, 303)


@blueprint.post(f"{frame.BASE}/samples/<int:number>/close")
@web.requires(Permission.CLOSE_OUT)
def close_sample(assignment_id: int, number: int) -> Answer:
    """End a sample."""
    form = ActForm()
    place = frame.load(assignment_id)
    sampling.get_sample(web.reading(), place.assignment.id, number)
    target = url_for("ledgers.sample", assignment_id=assignment_id, number=number)
    if not form.validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    try:
        with web.transaction() as session:
            if web.once(session, form, f"ledger.close:{assignment_id}:{number}", target) is None:
                row = frame.load(assignment_id, session).assignment
                found = sampling.get_sample(session, assignment_id, number)
                passed = sampling.close_sample(session, row, found, actor=web.actor(), now=web.now(),
                                               version=form.version.data or 0)  # fmt: skip
                flash(str(_SAID[passed]), "success" if passed else "warning")
    except Conflict as error:
        return _page(frame.load(assignment_id), number, [("", error.message)]), error.status
    return redirect(target, 303)
