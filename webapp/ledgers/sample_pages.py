"""Samples: drawn, judged row by row on site, and closed by the level above; the city looks on."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Optional

from webapp import web
from webapp.errors import Conflict, Invalid
from webapp.evidence.service import Staged
from webapp.ledgers import frame, sampling, wording
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.frame import Place, RowForm
from webapp.ledgers.models import LedgerSample
from webapp.ledgers.rules import draw, sample_size
from webapp.ledgers.sending import Answer, Tried, check, once, send
from webapp.permissions import Permission

_SAID = {
    True: _l("抽查通过，未抽到的行记为“抽查通过”。"),
    False: _l("不合格超过限度，已退回，须再次抽查。"),
}


class ActForm(web.GuardedForm):
    """A button, and why where that is asked for."""

    reason = TextAreaField(_l("理由"), [Optional()], filters=[frame.without_nul])


@blueprint.get(f"{frame.BASE}/samples")
@web.requires(Permission.SEE)
def samples(assignment_id: int) -> str:
    """The samples of an assignment, and what one drawn now would be drawn from."""
    return _list(frame.load(assignment_id))


def _list(place: Place, problem: Any = None) -> str:
    reading = web.reading()
    waiting = sampling.waiting(reading, place.ledger, place.use)
    earlier = sampling.samples(reading, place.assignment.id)
    closed = [each.state for each in earlier if each.state in ("passed", "failed")]
    return render_template(
        "ledgers/samples.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        samples=earlier,
        due_again=closed[-1:] == ["failed"],
        waiting=waiting,
        size=sample_size(place.kind.sample, waiting),
        problem=problem,
        words=wording,
    )


@blueprint.post(f"{frame.BASE}/samples")
@web.requires(Permission.CLOSE_OUT)
def draw_sample(assignment_id: int) -> Answer:
    """Draw rows to be looked at."""
    form = ActForm()
    frame.load(assignment_id)
    check(form)

    def deed(session: Session) -> str:
        found = frame.load(assignment_id, session).assignment
        drawn = sampling.draw_sample(session, found, actor=web.actor(), now=web.now())
        return url_for("ledgers.sample", assignment_id=assignment_id, number=drawn.number)

    try:
        target = url_for("ledgers.samples", assignment_id=assignment_id)
        return once(form, f"ledger.sample:{assignment_id}", target, deed)
    except Conflict as error:
        return _list(frame.load(assignment_id), error.message), error.status


@blueprint.get(f"{frame.BASE}/samples/<int:number>")
@web.requires(Permission.SEE)
def sample(assignment_id: int, number: int) -> str:
    """One sample: what was drawn, and what was found."""
    return _page(frame.load(assignment_id), number)


def _page(place: Place, number: int, tried: Tried | None = None, row_id: int = 0) -> str:
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
        tried=tried or Tried(),
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

    def write(files: Sequence[Staged]) -> Response:
        def deed(session: Session) -> None:
            ledger = frame.load(assignment_id, session).ledger
            sampling.check_row(
                session, sampling.get_sample(session, assignment_id, number), row_id, result, actor=web.actor(),
                now=web.now(), note=form.reason.data or "", evidence=frame.attach(session, files, ledger),
            )  # fmt: skip

        extra = [result, [each.sha256 for each in files]]
        return once(form, f"ledger.check:{assignment_id}:{number}:{row_id}", target, deed, extra=extra)

    tried = send(form, place.kind, f"ledger-check:{assignment_id}:{number}:{row_id}", write)
    if isinstance(tried, Response):
        return tried
    return _page(frame.load(assignment_id), number, tried, row_id), tried.status


@blueprint.post(f"{frame.BASE}/samples/<int:number>/close")
@web.requires(Permission.CLOSE_OUT)
def close_sample(assignment_id: int, number: int) -> Answer:
    """End a sample."""

    def deed(session: Session, found: LedgerSample, form: ActForm) -> None:
        row = frame.load(assignment_id, session).assignment
        passed = sampling.close_sample(session, row, found, actor=web.actor(), now=web.now(),
                                       version=form.version.data or 0)  # fmt: skip
        flash(str(_SAID[passed]), "success" if passed else "warning")

    return _end(assignment_id, number, "close", deed)


@blueprint.post(f"{frame.BASE}/samples/<int:number>/withdraw")
@web.requires(Permission.CLOSE_OUT)
def withdraw_sample(assignment_id: int, number: int) -> Answer:
    """Take back a sample that was wrongly drawn."""

    def deed(session: Session, found: LedgerSample, form: ActForm) -> None:
        row = frame.load(assignment_id, session).assignment
        sampling.withdraw_sample(session, row, found, actor=web.actor(), now=web.now(),
                                 version=form.version.data or 0, reason=form.reason.data or "")  # fmt: skip
        flash(_("已撤销这次抽查，记录保留；抽到的行恢复办理。"), "success")

    return _end(assignment_id, number, "withdraw", deed)


def _end(
    assignment_id: int, number: int, action: str, deed: Callable[[Session, LedgerSample, ActForm], None]
) -> Answer:
    form = ActForm()
    place = frame.load(assignment_id)
    sampling.get_sample(web.reading(), place.assignment.id, number)
    check(form)
    tried = Tried()
    try:
        return once(
            form, f"ledger.{action}:{assignment_id}:{number}",
            url_for("ledgers.sample", assignment_id=assignment_id, number=number),
            lambda session: deed(session, sampling.get_sample(session, assignment_id, number), form),
        )  # fmt: skip
    except Invalid as error:
        tried.refuse(error.status, frame.problems_of(error, place.kind))
    except Conflict as error:
        tried.refuse(error.status, [("", error.message)])
    return _page(frame.load(assignment_id), number, tried), tried.status
