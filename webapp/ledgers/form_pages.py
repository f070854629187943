"""Listing a row and changing what one says: a form with the ledger's own fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.evidence.service import Staged
from webapp.ledgers import frame, service
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.frame import Place, RowForm
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.sending import Answer, Tried, once, send
from webapp.ledgers.values import shown
from webapp.permissions import Permission
from webapp.workflow import LEDGER_ROW, next_status


def _page(
    place: Place, form: RowForm, given: Mapping[str, Any], row: LedgerRow | None = None, tried: Tried | None = None
) -> str:
    return render_template(
        "ledgers/form.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        form=form,
        given=given,
        row=row,
        tried=tried or Tried(),
        limit=web.settings().upload_max_mb,
    )


def _mine(assignment_id: int) -> Place:
    place = frame.load(assignment_id)
    service.allow(web.actor(), Permission.UPDATE_PROGRESS, place.ledger)
    return place


@blueprint.get(f"{frame.BASE}/new")
@web.requires(Permission.UPDATE_PROGRESS)
def new_row(assignment_id: int) -> str:
    """An empty form; what the task asks for is chosen already."""
    place = _mine(assignment_id)
    return _page(place, RowForm(formdata=None), {name: values[0] for name, values in place.use.where})


@blueprint.post(f"{frame.BASE}/new")
@web.requires(Permission.UPDATE_PROGRESS)
def add_row(assignment_id: int) -> Answer:
    """List a row."""
    place, form = _mine(assignment_id), RowForm()
    given = frame.typed(place.kind)
    return _save(place, form, given, None)


@blueprint.get(f"{frame.BASE}/<int:row_id>/edit")
@web.requires(Permission.UPDATE_PROGRESS)
def edit_form(assignment_id: int, row_id: int) -> str:
    """The form with what the row says now. Raises Conflict for a row that cannot be changed."""
    place = _mine(assignment_id)
    row = frame.load_row(place, row_id)
    next_status(row.state, "edit", table=LEDGER_ROW)
    given = {
        field.code: row.values.get(field.code) if field.kind in ("choice", "bool") else
        shown(field, row.values.get(field.code))
        for field in place.kind.fields
    }  # fmt: skip
    return _page(place, RowForm(formdata=None, version=row.version), given, row)


@blueprint.post(f"{frame.BASE}/<int:row_id>/edit")
@web.requires(Permission.UPDATE_PROGRESS)
def edit_row(assignment_id: int, row_id: int) -> Answer:
    """Change what a row says."""
    place, form = _mine(assignment_id), RowForm()
    return _save(place, form, frame.typed(place.kind), frame.load_row(place, row_id))


def _save(place: Place, form: RowForm, given: Mapping[str, Any], row: LedgerRow | None) -> Answer:
    """Save, or show the form again with what was typed and the files that were chosen."""
    assignment_id, row_id = place.assignment.id, row.id if row else None
    about = f"ledger-form:{assignment_id}:{row_id or ''}"
    tried = send(form, place.kind, about, lambda files: _write(assignment_id, form, given, row_id, files))
    if isinstance(tried, Response):
        return tried
    place = frame.load(assignment_id)
    present = frame.load_row(place, row_id) if row_id else None
    form.version.data = present.version if present else None
    return _page(place, form, given, present, tried), tried.status


def _write(
    assignment_id: int, form: RowForm, given: Mapping[str, Any], row_id: int | None, files: Sequence[Staged]
) -> Response:
    listed = url_for("ledgers.ledger", assignment_id=assignment_id)
    target = listed if row_id is None else url_for("ledgers.row", assignment_id=assignment_id, row_id=row_id)

    def deed(session: Session) -> None:
        place = frame.load(assignment_id, session)
        actor, now, sure = web.actor(), web.now(), bool(form.sure.data)
        evidence = frame.attach(session, files, place.ledger, "before")
        if row_id is None:
            service.add_row(session, place.ledger, given, actor=actor, now=now, evidence=evidence, sure=sure)
        else:
            found = frame.load_row(place, row_id, session)
            service.edit_row(
                session, place.ledger, found, given, actor=actor, now=now, version=form.version.data or 0,
                reason=form.reason.data or "", evidence=evidence, sure=sure,
            )  # fmt: skip
        flash(_("已列入台账。") if row_id is None else _("已保存。"), "success")

    extra = [given, [each.sha256 for each in files]]
    return once(form, f"ledger.row:{assignment_id}:{row_id or ''}", target, deed, extra=extra)
