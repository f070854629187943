"""The register, and a month's statements, out as a table and in again: upload, preview, and only then all or nothing.

Between the two the file lies in the store; the form carries its hash and what was shown, signed for this person and
city. The file is read again on confirmation, and nothing is written when the register has moved since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from flask import Response, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from wtforms import HiddenField, TextAreaField

from webapp import web
from webapp.caps import checks, faces, month_sheet, register_sheet, service, sheets
from webapp.caps.acts import Answer
from webapp.caps.blueprint import blueprint
from webapp.caps.facts import Window
from webapp.caps.list_pages import answer_table
from webapp.caps.register import Entry, enterprises_in, entries
from webapp.caps.service import Scope
from webapp.caps.sheets import Preview
from webapp.errors import Conflict, Invalid, Problem, Stale, TooLarge
from webapp.evidence.service import Staged, Upload, open_store, record, stage
from webapp.evidence.tables import Refusal
from webapp.ledgers.kinds import Kind
from webapp.ledgers.reading import LARGEST, read_table
from webapp.permissions import Permission

SALT = "caps-import"
# More than anybody looks through at once; the counts tell the whole.
MOST_WRONG, MOST_SHOWN = 200, 100
OLD_FORM = _l("预览已失效，请重新上传表格。")
MOVED = _l("预览之后台账有变化，没有保存任何内容。请核对新的预览后再确认。")
_REGISTER, _MONTH = "/caps/cities/<code>/register", "/caps/cities/<code>/months/<month>"


class UploadForm(web.GuardedForm):
    """The file."""

    file = FileField(_l("表格文件"))


class ConfirmForm(web.GuardedForm):
    """What was previewed, signed; and why, where something on record changes."""

    content = HiddenField()
    reason = TextAreaField(_l("变更原因"), [web.required_length(checks.LONGEST_TEXT)])


@dataclass(frozen=True, slots=True)
class Place:
    """What a table is about: a city's register, or a month of it."""

    scope: Scope
    month: date | None

    @property
    def kind(self) -> Kind:
        """The table's columns."""
        policy = self.scope.policy
        return sheets.month_kind(policy) if self.month else sheets.register_kind(policy)

    @property
    def mark(self) -> str:
        """What its addresses and keys are named by."""
        return f"{self.month:%Y-%m}" if self.month else ""

    def address(self, name: str, **given: str) -> str:
        """One of its addresses: sheet_form, preview, confirm or file."""
        values: dict[str, Any] = {"code": self.scope.organisation.code, **given}
        if self.month:
            values["month"] = self.mark
        return url_for(f"caps.{'month' if self.month else 'register'}_{name}", **values)

    def entries(self, session: Session) -> list[Entry]:
        """The city's enterprises."""
        rows = enterprises_in(session, self.scope.plan.id, web.actor(), organisation_id=self.scope.organisation.id)
        return entries(session, [row for row, _city in rows])

    def seasons(self, session: Session) -> Mapping[str, Window]:
        """The days of each sector's season."""
        return {code: service.season_of(session, self.scope, code) for code in self.scope.policy.sectors}

    def compare(self, session: Session, data: bytes) -> Preview:
        """What a file would do. Raises Refusal or Conflict."""
        table, known, seasons = read_table(data, self.kind), self.entries(session), self.seasons(session)
        if self.month:
            return month_sheet.compare(table, known, self.scope, self.month, seasons, web.today())
        return register_sheet.compare(table, known, self.scope, seasons)

    def take_over(self, session: Session, preview: Preview, reason: str, files: Sequence[int]) -> None:
        """Write what was previewed."""
        given: dict[str, Any] = {"actor": web.actor(), "now": web.now()}
        if self.month:
            month_sheet.take_over(session, self.scope, self.month, preview, reason, evidence=files, **given)
        else:
            register_sheet.take_over(session, self.scope, preview, reason, **given)


def _place(code: str, month: str = "", *, writes: bool = True) -> Place:
    """A city's register, or a month of it. Raises NotFound or Forbidden."""
    scope = faces.city_scope(code)
    if writes:
        service.allow(web.actor(), scope)
    season = faces.season_of_city(scope) if month else None
    return Place(scope, faces.month_of(month, season) if season else None)


# --- out


@blueprint.get(f"{_REGISTER}/table.<fmt>")
@web.requires(Permission.EXPORT)
def register_file(code: str, fmt: str) -> Response:
    """A city's register, a line a row, as it can come back."""
    place = _place(code, writes=False)
    rows = register_sheet.rows(place.entries(web.reading()), place.scope)
    return answer_table(fmt, f"caps-register-{code}", _("错峰生产台账"), sheets.heading(place.kind), rows)


@blueprint.get(f"{_MONTH}/table.<fmt>")
@web.requires(Permission.EXPORT)
def month_file(code: str, month: str, fmt: str) -> Response:
    """A month as stated, where nothing was as planned; as it can come back."""
    place = _place(code, month, writes=False)
    session = web.reading()
    assert place.month is not None
    rows = month_sheet.rows(place.entries(session), place.scope, place.month, place.seasons(session), web.today())
    return answer_table(fmt, f"caps-{code}-{month}", f"{month}", sheets.heading(place.kind), rows)


# --- in


@blueprint.get(_REGISTER)
@web.requires(Permission.UPDATE_PROGRESS)
def register_sheet_form(code: str) -> str:
    """What a file of the register has to look like, and where to send it."""
    return _upload_page(_place(code))


@blueprint.get(_MONTH)
@web.requires(Permission.UPDATE_PROGRESS)
def month_sheet_form(code: str, month: str) -> str:
    """The same of a month's statements."""
    return _upload_page(_place(code, month))


def _upload_page(place: Place, refused: str = "") -> str:
    return render_template(
        "caps/import.html", place=place, form=UploadForm(formdata=None), refused=refused, most=sheets.MOST_ROWS,
        limit=LARGEST // 1024 // 1024, kind=place.kind,
    )  # fmt: skip


@blueprint.post(_REGISTER)
@web.requires(Permission.UPDATE_PROGRESS)
def register_preview(code: str) -> Answer:
    """What a file would do to the register. Nothing is written, so that the answer is the page itself."""
    return _preview(_place(code))


@blueprint.post(_MONTH)
@web.requires(Permission.UPDATE_PROGRESS)
def month_preview(code: str, month: str) -> Answer:
    """What a file would state of a month."""
    return _preview(_place(code, month))


def _preview(place: Place) -> Answer:
    if not UploadForm().validate():
        raise Conflict(_("表单内容不完整，请刷新页面后再试。"))
    given = request.files.get("file")
    if given is None or not given.filename:
        return _upload_page(place, _("请选择要导入的表格。")), 422
    data = given.stream.read(LARGEST + 1)
    try:
        found = place.compare(web.reading(), data)
        (file,) = stage([cast(Upload, given)], web.settings())
    except Refusal as refusal:
        return _upload_page(place, str(refusal.reason)), 422
    except Invalid as error:
        return _upload_page(place, " ".join(str(each.message) for each in error.problems)), 422
    except (TooLarge, Conflict) as error:
        return _upload_page(place, str(error.message)), error.status
    return _preview_page(place, found, file, ConfirmForm(formdata=None))


def _preview_page(place: Place, found: Preview, file: Staged, form: ConfirmForm, status: int = 200) -> Answer:
    kept = [web.actor().id, place.scope.organisation.id, place.mark, found.fingerprint, asdict(file)]
    form.content.data = "" if found.wrong else str(_signer().dumps(kept))
    html = render_template(
        "caps/preview.html", place=place, found=found, wrong=found.wrong[:MOST_WRONG],
        lines=found.lines[:MOST_SHOWN], form=form, name=file.filename, kind=place.kind,
    )  # fmt: skip
    return html, 422 if found.wrong else status


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=SALT)


@blueprint.post(f"{_REGISTER}/confirm")
@web.requires(Permission.UPDATE_PROGRESS)
def register_confirm(code: str) -> Answer:
    """Write what was previewed of the register, all of it or nothing."""
    return _confirm(_place(code))


@blueprint.post(f"{_MONTH}/confirm")
@web.requires(Permission.UPDATE_PROGRESS)
def month_confirm(code: str, month: str) -> Answer:
    """File what was previewed of a month, all of it or nothing."""
    return _confirm(_place(code, month))


def _confirm(place: Place) -> Answer:
    form = ConfirmForm()
    valid = form.validate()
    fingerprint, file = _unpacked(form, place)
    with open_store(web.settings()).open(file.sha256) as stream:
        data = stream.read()
    target = url_for("caps.city", code=place.scope.organisation.code)
    try:
        if valid:
            _write(place, form, fingerprint, file, data, target)
            return redirect(target, 303)
        status = 422
    except Stale as error:
        form.form_errors.append(str(error.message))
        status = error.status
    except Invalid as error:
        web.show_problems(form, error)
        status = error.status
    return _preview_page(place, place.compare(web.reading(), data), file, form, status)


def _write(place: Place, form: ConfirmForm, fingerprint: str, file: Staged, data: bytes, target: str) -> None:
    with web.transaction() as session:
        if web.once(session, form, f"caps.import:{place.mark}", target) is not None:
            return
        found = place.compare(session, data)
        if found.wrong or found.fingerprint != fingerprint:
            raise Stale(MOVED)
        if found.asks_reason and not (form.reason.data or "").strip():
            raise Invalid([Problem("reason", _l("表格改动了已登记或已报送的内容，请写明原因。"))])
        (stored,) = record(
            session, [file], actor=web.actor(), organisation_id=place.scope.organisation.id, now=web.now()
        )
        place.take_over(session, found, form.reason.data or "", [stored.id])
    told = _("已导入：%(n)s 家企业有新增或改动，%(same)s 处没有变化。", n=len(found.parts), same=found.same)
    flash(told, "success")


def _unpacked(form: ConfirmForm, place: Place) -> tuple[str, Staged]:
    """The fingerprint and the file of a preview. Raises Stale for one made for somebody or something else."""
    try:
        person, organisation, mark, fingerprint, file = _signer().loads(form.content.data or "")
    except (BadData, ValueError):
        raise Stale(OLD_FORM) from None
    if (person, organisation, mark) != (web.actor().id, place.scope.organisation.id, place.mark):
        raise Stale(OLD_FORM)
    return fingerprint, Staged(**file)
