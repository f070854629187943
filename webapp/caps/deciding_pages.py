"""Exemptions, and decisions where statement and meter disagree."""

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.caps import faces, filing, wording
from webapp.caps.blueprint import blueprint
from webapp.caps.counting import meter
from webapp.caps.forms import EndForm, ExemptionForm, VerdictForm
from webapp.caps.models import CapExemption
from webapp.caps.register import get_enterprise
from webapp.caps.register_pages import attempt
from webapp.caps.standings import line_fact, reported
from webapp.errors import Forbidden, Invalid, NotFound, Problem
from webapp.permissions import Permission
from webapp.plans.units import SHARE
from webapp.progress import figures

Answer = Response | str | tuple[str, int]
WHOLE = ""


# --- exemptions


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/new")
@web.requires(Permission.UPDATE_PROGRESS)
def new_exemption(enterprise_id: int) -> str:
    """The form of an exemption."""
    return _exemption_page(enterprise_id, ExemptionForm(formdata=None))


def _exemption_page(enterprise_id: int, form: ExemptionForm) -> str:
    works = faces.works(enterprise_id)
    sector = works.scope.sector(works.enterprise.sector)
    grounds = [each for each in sector.grounds if filing.may_exempt(web.actor(), works.scope, each)]
    if not grounds:
        raise Forbidden(_l("这个行业没有您可以登记的豁免。"))
    form.ground.choices = [(each, wording.GROUNDS[each]) for each in grounds]
    form.ground.data = form.ground.data if form.ground.data in grounds else grounds[0]
    form.line.choices = [(WHOLE, _("整个企业")), *((str(line.id), line.name) for line in works.found.entry.lines)]
    return render_template("caps/exemption_form.html", form=form, works=works, sector=sector, grounds=grounds)


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/new")
@web.requires(Permission.UPDATE_PROGRESS)
def add_exemption(enterprise_id: int) -> Answer:
    """Put an exemption on record."""
    works, form = faces.works(enterprise_id), ExemptionForm()
    form.ground.choices = [
        (each, wording.GROUNDS[each]) for each in works.scope.sector(works.enterprise.sector).grounds
    ]

    def deed(session: Session) -> None:
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        typed = form.line.data or WHOLE
        filing.exempt(
            session, works.scope, row, ground=form.ground.data or "", dated=form.dated.data,
            line_id=int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None,
            max_load=figures.parse(form.max_load.data, SHARE, "max_load"), document=form.document.data or "",
            note=form.reason.data or "", actor=web.actor(), now=web.now(),
        )  # fmt: skip

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.exempt", answer, deed, extra=enterprise_id)
    if status is not None:
        return _exemption_page(enterprise_id, form), status
    flash(_("豁免已登记。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/<{faces.ID}:exemption_id>/end")
@web.requires(Permission.UPDATE_PROGRESS)
def end_form(enterprise_id: int, exemption_id: int) -> str:
    """The form that ends an exemption."""
    return _end_page(enterprise_id, exemption_id, EndForm(formdata=None, dated=web.today()))


def _end_page(enterprise_id: int, exemption_id: int, form: EndForm) -> str:
    works = faces.works(enterprise_id)
    return render_template(
        "caps/end_form.html", form=form, works=works, row=_exemption(works, exemption_id), words=wording
    )


def _exemption(works: faces.Works, exemption_id: int) -> CapExemption:
    found = next((row for row in works.found.entry.exemptions if row.id == exemption_id and row.ends_id is None), None)
    if found is None:
        raise NotFound(_l("没有这项豁免。"))
    return found


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/<{faces.ID}:exemption_id>/end")
@web.requires(Permission.UPDATE_PROGRESS)
def end_exemption(enterprise_id: int, exemption_id: int) -> Answer:
    """End an exemption."""
    works, form = faces.works(enterprise_id), EndForm()

    def deed(session: Session) -> None:
        if form.dated.data is None:
            raise Invalid([Problem("dated", _l("请填写终止日期。"))])
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        filing.end_exemption(
            session, works.scope, row, exemption_id, dated=form.dated.data, reason=form.reason.data or "",
            actor=web.actor(), now=web.now(),
        )  # fmt: skip

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.end_exemption", answer, deed, extra=exemption_id)
    if status is not None:
        return _end_page(enterprise_id, exemption_id, form), status
    flash(_("豁免已终止。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)


# --- verdicts

_VERDICT = f"/caps/enterprises/<{faces.ID}:enterprise_id>/verdicts/<{faces.ID}:filing_id>/<{faces.ID}:line_id>"


@blueprint.get(_VERDICT)
@web.requires(Permission.SEE)
def verdict_form(enterprise_id: int, filing_id: int, line_id: int) -> str:
    """A line's month whose meter contradicts its statement: the figures, and for the level above the decision."""
    return _verdict_page(enterprise_id, filing_id, line_id, VerdictForm(formdata=None))


def _verdict_page(enterprise_id: int, filing_id: int, line_id: int, form: VerdictForm) -> str:
    works = faces.works(enterprise_id)
    policy = works.scope.policy
    rows = faces.suspects(works.found, policy)
    found = next((each for each in rows if (each.filing.id, each.line.id) == (filing_id, line_id)), None)
    if found is None:
        raise NotFound(_l("没有需要核实的情况：可能已有新的报送，或用电量已与停产情况相符。"))
    entry = works.found.entry
    fact = line_fact(entry, found.line, policy, works.found.season)
    measured = meter(fact, reported(entry, found.line, found.filing, found.window), policy.limit.electricity)
    return render_template(
        "caps/verdict_form.html", form=form, works=works, suspect=found, meter=measured, words=wording,
        rule=policy.limit.electricity, verdict=entry.verdicts.get((filing_id, line_id)),
        stops=entry.stops_of(found.filing, found.line),
        sector=works.scope.sector(works.enterprise.sector),
    )  # fmt: skip


@blueprint.post(_VERDICT)
@web.requires(Permission.CLOSE_OUT)
def decide(enterprise_id: int, filing_id: int, line_id: int) -> Answer:
    """Decide."""
    works, form = faces.works(enterprise_id), VerdictForm()

    def deed(session: Session) -> None:
        if form.verdict.data not in ("confirmed", "rejected"):
            raise Invalid([Problem("verdict", _l("请选择核实结论。"))])
        row, _city = get_enterprise(session, enterprise_id, web.actor())
        filing.decide(
            session, works.scope, row, filing_id=filing_id, line_id=line_id, verdict=form.verdict.data,
            reason=form.reason.data or "", actor=web.actor(), now=web.now(),
        )  # fmt: skip

    answer = url_for("caps.enterprise", enterprise_id=enterprise_id)
    status = attempt(form, "caps.verdict", answer, deed, extra=[filing_id, line_id])
    if status is not None:
        return _verdict_page(enterprise_id, filing_id, line_id, form), status
    flash(_("核实结论已记录，任务进展已随之更新。"), "success")
    return web.see_other("caps.enterprise", enterprise_id=enterprise_id)
