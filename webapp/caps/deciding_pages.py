"""Exemptions, and decisions where statement and meter disagree."""

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp import web
from webapp.caps import deciding, faces, wording
from webapp.caps.acts import Answer, Papers, carry_out
from webapp.caps.blueprint import blueprint
from webapp.caps.counting import meter
from webapp.caps.forms import EndForm, ExemptionForm, VerdictForm
from webapp.caps.models import CapEnterprise, CapExemption
from webapp.caps.papers import papers_of
from webapp.caps.standings import line_fact, reported
from webapp.caps.waiting import suspects
from webapp.errors import Forbidden, Invalid, NotFound, Problem
from webapp.permissions import Permission
from webapp.plans.units import SHARE
from webapp.progress import figures

WHOLE = ""


# --- exemptions


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/new")
@web.requires(Permission.UPDATE_PROGRESS)
def new_exemption(enterprise_id: int) -> str:
    """The form of an exemption."""
    return _exemption_page(enterprise_id, ExemptionForm(formdata=None), _papers(enterprise_id))


def _papers(enterprise_id: int) -> Papers:
    return Papers(f"caps.exempt:{enterprise_id}")


def _exemption_page(enterprise_id: int, form: ExemptionForm, papers: Papers) -> str:
    works = faces.works(enterprise_id)
    sector = works.scope.sector(works.enterprise.sector)
    grounds = [each for each in sector.grounds if deciding.may_exempt(web.actor(), works.scope, each)]
    if not grounds:
        raise Forbidden(_l("这个行业没有您可以登记的豁免。"))
    form.ground.choices = [(each, wording.GROUNDS[each]) for each in grounds]
    form.ground.data = form.ground.data if form.ground.data in grounds else grounds[0]
    form.line.choices = [(WHOLE, _("整个企业")), *((str(line.id), line.name) for line in works.found.entry.lines)]
    return render_template(
        "caps/exemption_form.html", form=form, works=works, sector=sector, grounds=grounds, papers=papers
    )


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/new")
@web.requires(Permission.UPDATE_PROGRESS)
def add_exemption(enterprise_id: int) -> Answer:
    """Put an exemption on record."""
    works, form, papers = faces.works(enterprise_id), ExemptionForm(), _papers(enterprise_id)
    sector = works.scope.sector(works.enterprise.sector)
    form.ground.choices = [(each, wording.GROUNDS[each]) for each in sector.grounds]

    def deed(session: Session, row: CapEnterprise, files: list[int]) -> None:
        deciding.exempt(
            session, works.scope, row, ground=form.ground.data or "", dated=form.dated.data, line_id=form.line_id(),
            max_load=figures.parse(form.max_load.data, SHARE, "max_load"), document=form.document.data or "",
            note=form.reason.data or "", actor=web.actor(), now=web.now(), evidence=files,
        )  # fmt: skip

    return carry_out(
        form, enterprise_id, "caps.exempt", deed, done=_("豁免已登记。"), papers=papers,
        page=lambda _stale: _exemption_page(enterprise_id, form, papers),
    )  # fmt: skip


@blueprint.get(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/<{faces.ID}:exemption_id>/end")
@web.requires(Permission.UPDATE_PROGRESS)
def end_form(enterprise_id: int, exemption_id: int) -> str:
    """The form that ends an exemption."""
    form = EndForm(formdata=None, dated=web.today())
    return _end_page(enterprise_id, exemption_id, form, _end_papers(exemption_id))


def _end_papers(exemption_id: int) -> Papers:
    return Papers(f"caps.end_exemption:{exemption_id}")


def _end_page(enterprise_id: int, exemption_id: int, form: EndForm, papers: Papers) -> str:
    works = faces.works(enterprise_id)
    row = _exemption(works, exemption_id)
    return render_template("caps/end_form.html", form=form, works=works, row=row, words=wording, papers=papers)


def _exemption(works: faces.Works, exemption_id: int) -> CapExemption:
    found = next((row for row in works.found.entry.exemptions if row.id == exemption_id and row.ends_id is None), None)
    if found is None:
        raise NotFound(_l("没有这项豁免。"))
    return found


@blueprint.post(f"/caps/enterprises/<{faces.ID}:enterprise_id>/exemptions/<{faces.ID}:exemption_id>/end")
@web.requires(Permission.UPDATE_PROGRESS)
def end_exemption(enterprise_id: int, exemption_id: int) -> Answer:
    """End an exemption."""
    works, form, papers = faces.works(enterprise_id), EndForm(), _end_papers(exemption_id)

    def deed(session: Session, row: CapEnterprise, files: list[int]) -> None:
        if form.dated.data is None:
            raise Invalid([Problem("dated", _l("请填写终止日期。"))])
        deciding.end_exemption(
            session, works.scope, row, exemption_id, dated=form.dated.data, reason=form.reason.data or "",
            actor=web.actor(), now=web.now(), evidence=files,
        )  # fmt: skip

    return carry_out(
        form, enterprise_id, "caps.end_exemption", deed, done=_("豁免已终止。"), extra=exemption_id, papers=papers,
        page=lambda _stale: _end_page(enterprise_id, exemption_id, form, papers),
    )  # fmt: skip


# --- verdicts

_VERDICT = f"/caps/enterprises/<{faces.ID}:enterprise_id>/verdicts/<{faces.ID}:filing_id>/<{faces.ID}:line_id>"


@blueprint.get(_VERDICT)
@web.requires(Permission.SEE)
def verdict_form(enterprise_id: int, filing_id: int, line_id: int) -> str:
    """A line's month whose meter contradicts its statement: the figures, and for the level above the decision."""
    form = VerdictForm(formdata=None)
    return _verdict_page(enterprise_id, (filing_id, line_id), form, _verdict_papers(filing_id, line_id), fresh=True)


def _verdict_papers(filing_id: int, line_id: int) -> Papers:
    return Papers(f"caps.verdict:{filing_id}:{line_id}")


def _verdict_page(enterprise_id: int, about: tuple[int, int], form: VerdictForm, papers: Papers, *, fresh: bool) -> str:
    works = faces.works(enterprise_id)
    policy, entry = works.scope.policy, works.found.entry
    rows = suspects(works.found, policy)
    found = next((each for each in rows if (each.filing.id, each.line.id) == about), None)
    if found is None:
        raise NotFound(_l("没有需要核实的情况：可能已有新的报送，或用电量已与停产情况相符。"))
    verdict = entry.verdicts.get(about)
    if fresh:
        form.version.data = verdict.id if verdict else 0
    fact = line_fact(entry, found.line, policy, works.found.season)
    measured = meter(fact, reported(entry, found.line, found.filing, found.window), policy.limit.electricity)
    return render_template(
        "caps/verdict_form.html", form=form, works=works, suspect=found, meter=measured, words=wording,
        rule=policy.limit.electricity, verdict=verdict, stops=entry.stops_of(found.filing, found.line),
        sector=works.scope.sector(works.enterprise.sector), papers=papers,
        files=papers_of(web.reading(), enterprise_id),
    )  # fmt: skip


@blueprint.post(_VERDICT)
@web.requires(Permission.CLOSE_OUT)
def decide(enterprise_id: int, filing_id: int, line_id: int) -> Answer:
    """Decide."""
    works, form, papers = faces.works(enterprise_id), VerdictForm(), _verdict_papers(filing_id, line_id)

    def deed(session: Session, row: CapEnterprise, files: list[int]) -> None:
        if form.verdict.data not in ("confirmed", "rejected"):
            raise Invalid([Problem("verdict", _l("请选择核实结论。"))])
        deciding.decide(
            session, works.scope, row, filing_id=filing_id, line_id=line_id, verdict=form.verdict.data,
            reason=form.reason.data or "", actor=web.actor(), now=web.now(), evidence=files,
            after=form.version.data or 0,
        )  # fmt: skip

    return carry_out(
        form, enterprise_id, "caps.verdict", deed, done=_("核实结论已记录，任务进展已随之更新。"), papers=papers,
        extra=[filing_id, line_id],
        page=lambda stale: _verdict_page(enterprise_id, (filing_id, line_id), form, papers, fresh=stale),
    )  # fmt: skip
