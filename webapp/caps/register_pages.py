"""Putting enterprises and lines on the register, and changing what is known about them."""

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp import web
from webapp.caps import faces, service
from webapp.caps.acts import Answer, attempt, carry_out
from webapp.caps.blueprint import blueprint
from webapp.caps.forms import EnterpriseForm, LineForm
from webapp.caps.models import CapEnterprise, CapLine
from webapp.caps.policy import Sector
from webapp.errors import NotFound
from webapp.i18n import pick
from webapp.permissions import Permission
from webapp.progress.figures import shown

YES_NO = {True: "yes", False: "no", None: ""}


# --- enterprises


@blueprint.get("/caps/cities/<code>/<sector>/new")
@web.requires(Permission.UPDATE_PROGRESS)
def new_enterprise(code: str, sector: str) -> str:
    """The form of a new enterprise of a sector."""
    return _new_page(code, sector, EnterpriseForm(formdata=None))


def _new_page(code: str, sector: str, form: EnterpriseForm) -> str:
    scope = faces.city_scope(code)
    service.allow(web.actor(), scope)
    return render_template(
        "caps/enterprise_form.html", form=form, scope=scope, sector=scope.sector(sector), works=None,
        target=url_for("caps.add_enterprise", code=code, sector=sector), back=url_for("caps.city", code=code),
    )  # fmt: skip


@blueprint.post("/caps/cities/<code>/<sector>/new")
@web.requires(Permission.UPDATE_PROGRESS)
def add_enterprise(code: str, sector: str) -> Answer:
    """Put an enterprise on the register, then on to its lines."""
    form, scope = EnterpriseForm(), faces.city_scope(code)

    def deed(session: Session) -> None:
        made.append(service.add_enterprise(session, scope, sector, form.draft(), actor=web.actor(), now=web.now()).id)

    made: list[int] = []
    status = attempt(form, "caps.enterprise", url_for("caps.city", code=code), deed, extra=[code, sector])
    if status is not None:
        return _new_page(code, sector, form), status
    flash(_("企业已登记。请接着登记生产线。"), "success")
    return web.see_other("caps.new_line", enterprise_id=made[0]) if made else web.see_other("caps.city", code=code)


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/edit")
@web.requires(Permission.UPDATE_PROGRESS)
def edit_enterprise(enterprise_id: int) -> str:
    """The form of an enterprise that exists."""
    row = faces.own_works(enterprise_id).enterprise
    form = EnterpriseForm(
        formdata=None, name=row.name, county=row.county, credit_code=row.credit_code,
        limits=YES_NO[row.meets_limits], note=row.note, version=row.version,
    )  # fmt: skip
    return _edit_page(enterprise_id, form)


def _edit_page(enterprise_id: int, form: EnterpriseForm, *, stale: bool = False) -> str:
    works = faces.own_works(enterprise_id)
    if stale:
        form.version.data = works.enterprise.version
    return render_template(
        "caps/enterprise_form.html", form=form, scope=works.scope, works=works,
        sector=works.scope.sector(works.enterprise.sector),
        target=url_for("caps.change_enterprise", enterprise_id=enterprise_id),
        back=url_for("caps.enterprise", enterprise_id=enterprise_id),
    )  # fmt: skip


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/edit")
@web.requires(Permission.UPDATE_PROGRESS)
def change_enterprise(enterprise_id: int) -> Answer:
    """Save an enterprise."""
    form, scope = EnterpriseForm(), faces.own_works(enterprise_id).scope

    def deed(session: Session, row: CapEnterprise, _files: list[int]) -> None:
        service.change_enterprise(
            session, scope, row, form.draft(), actor=web.actor(), now=web.now(), version=form.version.data or 0,
            reason=form.reason.data or "",
        )  # fmt: skip

    return carry_out(
        form, enterprise_id, "caps.change_enterprise", deed, done=_("企业信息已保存。"),
        page=lambda stale: _edit_page(enterprise_id, form, stale=stale),
    )  # fmt: skip


# --- lines


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/lines/new")
@web.requires(Permission.UPDATE_PROGRESS)
def new_line(enterprise_id: int) -> str:
    """The form of a new line."""
    works = faces.own_works(enterprise_id)
    sector = works.scope.sector(works.enterprise.sector)
    form = LineForm(formdata=None, capacity=shown(sector.each, ""), kind=next(iter(sector.kinds)))
    return _line_page(works, form, None)


def _line_page(works: faces.Works, form: LineForm, line: CapLine | None) -> str:
    sector = works.scope.sector(works.enterprise.sector)
    form.kind.choices = [(code, _kind_words(sector, code)) for code in sector.kinds]
    own = works.enterprise.id
    target = url_for("caps.add_line", enterprise_id=own)
    if line:
        target = url_for("caps.change_line", enterprise_id=own, line_id=line.id)
    return render_template(
        "caps/line_form.html", form=form, works=works, sector=sector, line=line, target=target,
        stated=bool(works.found.entry.statements),
    )  # fmt: skip


def _kind_words(sector: Sector, code: str) -> str:
    name = pick(sector.kinds[code], "name")
    return name if sector.counts(code) else _("%(kind)s（不计入应停产能）", kind=name)


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/lines/new")
@web.requires(Permission.UPDATE_PROGRESS)
def add_line(enterprise_id: int) -> Answer:
    """Put a line under an enterprise."""
    form, works = LineForm(), faces.own_works(enterprise_id)

    def deed(session: Session, row: CapEnterprise, _files: list[int]) -> None:
        service.add_line(session, works.scope, row, form.draft(), actor=web.actor(), now=web.now())

    return carry_out(
        form, enterprise_id, "caps.line", deed, done=_("生产线已登记。"),
        page=lambda _stale: _line_page(faces.own_works(enterprise_id), form, None),
    )  # fmt: skip


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/lines/<{faces.ID}:line_id>")
@web.requires(Permission.UPDATE_PROGRESS)
def edit_line(enterprise_id: int, line_id: int) -> str:
    """The form of a line that exists."""
    works = faces.own_works(enterprise_id)
    line = _line(works, line_id)
    form = LineForm(
        formdata=None, name=line.name, kind=line.kind, capacity=shown(line.capacity, ""),
        baseline=shown(line.baseline, ""), in_service_from=line.in_service_from, closed_on=line.closed_on,
        idle_since=line.idle_since, restarted_on=line.restarted_on, version=line.version,
    )  # fmt: skip
    return _line_page(works, form, line)


def _line(works: faces.Works, line_id: int) -> CapLine:
    found = next((line for line in works.found.entry.lines if line.id == line_id), None)
    if found is None:
        raise NotFound(_l("本企业没有这条生产线。"))
    return found


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/lines/<{faces.ID}:line_id>")
@web.requires(Permission.UPDATE_PROGRESS)
def change_line(enterprise_id: int, line_id: int) -> Answer:
    """Save a line."""
    form, works = LineForm(), faces.own_works(enterprise_id)
    _line(works, line_id)

    def deed(session: Session, row: CapEnterprise, _files: list[int]) -> None:
        service.change_line(
            session, works.scope, row, session.get_one(CapLine, line_id), form.draft(), actor=web.actor(),
            now=web.now(), version=form.version.data or 0, reason=form.reason.data or "",
        )  # fmt: skip

    def page(stale: bool) -> str:
        fresh = faces.own_works(enterprise_id)
        line = _line(fresh, line_id)
        form.version.data = line.version if stale else form.version.data
        return _line_page(fresh, form, line)

    return carry_out(
        form, enterprise_id, "caps.change_line", deed, page=page, done=_("生产线信息已保存。"), extra=line_id
    )
