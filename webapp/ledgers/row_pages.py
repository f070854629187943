"""One row: what it says, what may be done with it, its history with the photographs; finishing it comes first."""

from collections.abc import Sequence

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import Optional

from webapp import web
from webapp.errors import Conflict
from webapp.evidence.service import Staged
from webapp.i18n import pick
from webapp.ledgers import duplicates, frame, queries, service, wording
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.frame import Place, RowForm
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.rules import Counts
from webapp.ledgers.sending import Answer, Tried, once, send
from webapp.ledgers.service import Act
from webapp.permissions import Permission
from webapp.workflow import LEDGER_ROW, Who, actions

ACTS: tuple[Act, ...] = ("undo", "remove", "restore", "reopen")


class FinishForm(RowForm):
    """A row is done: since when, and the photographs."""

    on = DateField(_l("完成日期"), [Optional()])


@blueprint.get(f"{frame.BASE}/<int:row_id>")
@web.requires(Permission.SEE)
def row(assignment_id: int, row_id: int) -> str:
    """A row with its history."""
    place = frame.load(assignment_id)
    return page(place, frame.load_row(place, row_id), FinishForm(formdata=None, on=web.today()))


def page(place: Place, found: LedgerRow, form: FinishForm, tried: Tried | None = None, action: str = "") -> str:
    """The row's page, with what went wrong on top."""
    reading = web.reading()
    told = queries.history(reading, found.id)
    moves = actions(found.state, Who.OFFICER, table=LEDGER_ROW) if place.writes else ()
    above = actions(found.state, Who.REVIEWER, table=LEDGER_ROW) if place.samples else ()
    return render_template(
        "ledgers/row.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        row=found,
        form=form,
        tried=tried or Tried(),
        tried_action=action,
        moves=moves,
        reopen="reopen" in above,
        late=bool(place.kind.survey_until and found.listed_on > place.kind.survey_until),
        history=wording.history(told, place.kind),
        twins=duplicates.same_pictures(reading, place.ledger, found.id),
        alike=queries.alike(reading, place.ledger, found.likeness, but=found.id),
        words=wording,
        limit=web.settings().upload_max_mb,
        back=request.args.get("back", ""),
    )


@blueprint.post(f"{frame.BASE}/<int:row_id>/finish")
@web.requires(Permission.UPDATE_PROGRESS)
def finish(assignment_id: int, row_id: int) -> Answer:
    """Mark a row done, with photographs."""
    return _carry_out(assignment_id, row_id, "finish")


@blueprint.post(f"{frame.BASE}/<int:row_id>/act")
@web.requires(Permission.SEE)
def act(assignment_id: int, row_id: int) -> Answer:
    """Take back, remove, restore or reopen a row."""
    action = request.form.get("action", "")
    frame.load_row(frame.load(assignment_id), row_id)
    if action not in ACTS:
        raise Conflict(_l("没有这种操作，请刷新页面后再试。"))
    return _carry_out(assignment_id, row_id, action)


def _carry_out(assignment_id: int, row_id: int, action: Act) -> Answer:
    form = FinishForm()
    place = frame.load(assignment_id)
    frame.load_row(place, row_id)
    service.allow(web.actor(), Permission.CLOSE_OUT if action == "reopen" else Permission.UPDATE_PROGRESS, place.ledger)
    about = f"ledger-{action}:{row_id}"
    tried = send(form, place.kind, about, lambda files: _do(form, assignment_id, row_id, action, files))
    if isinstance(tried, Response):
        return tried
    place = frame.load(assignment_id)
    found = frame.load_row(place, row_id)
    form.version.data = found.version
    return page(place, found, form, tried, action), tried.status


def _do(form: FinishForm, assignment_id: int, row_id: int, action: Act, files: Sequence[Staged]) -> Response:
    ticked = request.form.getlist("ticked")
    target = url_for("ledgers.row", assignment_id=assignment_id, row_id=row_id)
    if action == "finish" and request.form.get("again"):
        back = request.form.get("back", "")[:100]
        target = url_for("ledgers.ledger", assignment_id=assignment_id, state="listed", q=back)

    def deed(session: Session) -> None:
        place = frame.load(assignment_id, session)
        found = frame.load_row(place, row_id, session)
        service.act(
            session, place.ledger, found, action, actor=web.actor(), now=web.now(), version=form.version.data or 0,
            reason=form.reason.data or "", on=form.on.data, ticked=ticked,
            evidence=frame.attach(session, files, place.ledger),
        )  # fmt: skip
        _say(place, found, action, queries.counts(session, place.ledger, place.use))

    extra = [action, ticked, [each.sha256 for each in files]]
    return once(form, f"ledger.{action}:{row_id}", target, deed, extra=extra)


def _say(place: Place, found: LedgerRow, action: Act, counts: Counts) -> None:
    flash(
        _(
            "%(what)s：%(name)s。%(ledger)s已完成 %(done)s / %(base)s。", what=str(wording.SAID[action]),
            name=found.name, ledger=pick(place.kind, "name"), done=counts.done.rows, base=counts.base.rows,
        ),
        "success",
    )  # fmt: skip
