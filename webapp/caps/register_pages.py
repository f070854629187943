"""Putting enterprises and lines on the register, and changing what is known about them."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.caps import faces, service
from webapp.caps.blueprint import blueprint
from webapp.caps.forms import EnterpriseForm, LineForm
from webapp.caps.models import CapLine
from webapp.caps.policy import Sector
from webapp.caps.register import get_enterprise
from webapp.errors import Conflict, Invalid, NotFound, RequestReused
from webapp.i18n import pick
from webapp.permissions import Permission
from webapp.progress.figures import shown
from webapp.web import GuardedForm

Answer = Response | str | tuple[str, int]
YES_NO = {True: "yes", False: "no", None: ""}


def attempt(
    form: GuardedForm, action: str, answer: str, deed: Callable[[Session], Any], extra: Any = None
) -> int | None:
    """Do something once, in one transaction; None when it is done, else the status of the refusal the form shows."""
    if not form.validate():
        return 422
    try:
        with web.transaction() as session:
            if web.once(session, form, action, answer, extra=extra) is None:
                deed(session)
    except RequestReused:
        raise
    except Conflict as error:
        form.form_errors.append(str(error.message))
        return error.status
    except Invalid as error:
        web.show_problems(form, error)
        return error.status
    return None


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


def _edit_page(enterprise_id: int, form: EnterpriseForm) -> str:
    works = faces.own_works(enterprise_id)
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

    def deed(session: Session) -> None:
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        service.change_enterprise(
            session, scope, row, form.draft(), actor=web.actor(), now=web.now(), version=form.version.data or 0,
            reason=form.reason.data or "",
        )  # fmt: skip

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.change_enterprise", answer, deed, extra=enterprise_id)
    if status is not None:
        return _edit_page(enterprise_id, form), status
    flash(_("企业信息已保存。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)


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

    def deed(session: Session) -> None:
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        service.add_line(session, works.scope, row, form.draft(), actor=web.actor(), now=web.now())

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.line", answer, deed, extra=enterprise_id)
    if status is not None:
        return _line_page(faces.own_works(enterprise_id), form, None), status
    flash(_("生产线已登记。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)


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

    def deed(session: Session) -> None:
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        line = session.get_one(CapLine, line_id)
        service.change_line(
            session, works.scope, row, line, form.draft(), actor=web.actor(), now=web.now(),
            version=form.version.data or 0, reason=form.reason.data or "",
        )  # fmt: skip

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.change_line", answer, deed, extra=line_id)
    if status is not None:
        fresh = faces.own_works(enterprise_id)
        return _line_page(fresh, form, _line(fresh, line_id)), status
    flash(_("生产线信息已保存。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)
