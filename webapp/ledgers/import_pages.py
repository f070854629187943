"""Taking a file over: upload, a preview of what it would do, and only then all of it or nothing.

Between the two the file lies in the store; the form carries its hash and what was shown, signed for this person and
ledger. The file is read again on confirmation, and nothing is written when the ledger has moved since.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.utils import redirect
from wtforms import HiddenField

from webapp import web
from webapp.errors import Invalid, Stale, TooLarge
from webapp.evidence.service import Staged, Upload, open_store, record, stage
from webapp.evidence.tables import Refusal
from webapp.i18n import pick
from webapp.ledgers import frame, importing, service
from webapp.ledgers.blueprint import blueprint
from webapp.ledgers.comparing import Preview, compare
from webapp.ledgers.frame import Place
from webapp.ledgers.reading import LARGEST, MOST_ROWS, read_table
from webapp.ledgers.sending import Answer, check
from webapp.ledgers.values import shown
from webapp.permissions import Permission

SALT = "ledger-import"
# More than anybody looks through at once; the counts tell the whole.
MOST_WRONG, MOST_SHOWN = 200, 50
OLD_FORM = _l("预览已失效，请重新上传表格。")


class UploadForm(web.GuardedForm):
    """The file."""

    file = FileField(_l("台账表格"))


class ConfirmForm(web.GuardedForm):
    """What was previewed, signed."""

    content = HiddenField()


def _mine(assignment_id: int) -> Place:
    place = frame.load(assignment_id)
    service.allow(web.actor(), Permission.UPDATE_PROGRESS, place.ledger)
    return place


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=SALT)


@blueprint.get(f"{frame.BASE}/import")
@web.requires(Permission.UPDATE_PROGRESS)
def import_form(assignment_id: int) -> str:
    """What a file has to look like, and where to send it."""
    return _page(_mine(assignment_id), UploadForm(formdata=None))


def _page(place: Place, form: UploadForm, refused: str = "") -> str:
    return render_template(
        "ledgers/import.html", place=place, kind=place.kind, form=form, refused=refused, most=MOST_ROWS,
        limit=LARGEST // 1024 // 1024, task=place.assignment.task,
    )  # fmt: skip


@blueprint.post(f"{frame.BASE}/import")
@web.requires(Permission.UPDATE_PROGRESS)
def preview(assignment_id: int) -> Answer:
    """What a file would do. No row is written, so that the answer is the page itself."""
    place, form = _mine(assignment_id), UploadForm()
    check(form)
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(place, form, _("请选择要导入的表格。")), 422
    data = given.stream.read(LARGEST + 1)
    try:
        table = read_table(data, place.kind)
        found = compare(web.reading(), place.ledger, table, today=web.today())
        (file,) = stage([cast(Upload, given)], web.settings())
    except Refusal as refusal:
        return _page(place, form, str(refusal.reason)), 422
    except Invalid as error:
        return _page(place, form, " ".join(str(each.message) for each in error.problems)), 422
    except TooLarge as error:
        return _page(place, form, str(error.message)), 413
    return _preview_page(place, found, file)


def _preview_page(place: Place, found: Preview, file: Staged, problem: Any = None) -> str | tuple[str, int]:
    kept = [web.actor().id, place.ledger.organisation.id, place.kind.code, found.fingerprint, asdict(file)]
    content = "" if found.wrong else str(_signer().dumps(kept))
    html = render_template(
        "ledgers/preview.html",
        place=place,
        task=place.assignment.task,
        kind=place.kind,
        found=found,
        wrong=found.wrong[:MOST_WRONG],
        changed=[_changed(place, line) for line in found.changed[:MOST_SHOWN]],
        form=ConfirmForm(formdata=None, content=content),
        name=file.filename,
        most=MOST_SHOWN,
        problem=problem,
    )
    return (html, 409) if problem else (html, 422) if found.wrong else html


def _changed(place: Place, line: Any) -> Mapping[str, Any]:
    """A line that changes, in words."""
    cells = []
    for code, (old, new) in line.changed.items():
        field = place.kind.by_code.get(code)
        if field is not None:
            cells.append((pick(field, "label"), shown(field, old) or _("（空）"), shown(field, new) or _("（空）")))
    return {"number": line.number, "name": line.values["name"], "cells": cells, "finish": line.finish}


@blueprint.post(f"{frame.BASE}/import/confirm")
@web.requires(Permission.UPDATE_PROGRESS)
def confirm_import(assignment_id: int) -> Answer:
    """Write what was previewed, all of it or nothing."""
    place, form = _mine(assignment_id), ConfirmForm()
    check(form)
    fingerprint, file = _unpacked(form, place)
    with open_store(web.settings()).open(file.sha256) as stream:
        table = read_table(stream.read(), place.kind)
    target = url_for("ledgers.ledger", assignment_id=assignment_id)
    try:
        with web.transaction() as session:
            earlier = web.once(session, form, f"ledger.import:{assignment_id}", target)
            if earlier is None:
                ledger = frame.load(assignment_id, session).ledger
                (stored,) = record(session, [file], actor=web.actor(), organisation_id=ledger.organisation.id,
                                   now=web.now())  # fmt: skip
                taken = importing.take_over(session, ledger, table, fingerprint=fingerprint, file=stored,
                                            actor=web.actor(), now=web.now())  # fmt: skip
                told = _("已导入：新增 %(new)s 行，修改 %(changed)s 行，%(same)s 行没有变化。", new=taken.added,
                         changed=taken.changed, same=taken.same)  # fmt: skip
                flash(told, "success")
    except Stale as error:
        place = frame.load(assignment_id)
        return _preview_page(place, compare(web.reading(), place.ledger, table, today=web.today()), file, error.message)
    return redirect(target, 303)


def _unpacked(form: ConfirmForm, place: Place) -> tuple[str, Staged]:
    """The fingerprint and the file of a preview. Raises Stale for one made for somebody or something else."""
    try:
        person, organisation, kind, fingerprint, file = _signer().loads(form.content.data or "")
    except (BadData, ValueError):
        raise Stale(OLD_FORM) from None
    if (person, organisation, kind) != (web.actor().id, place.ledger.organisation.id, place.kind.code):
        raise Stale(OLD_FORM)
    return fingerprint, Staged(**file)
