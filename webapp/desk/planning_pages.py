"""The monthly plan of an organisation, the answer "not applicable", and a later due date: each one short form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.clock import add_months, month_start
from webapp.desk import acts
from webapp.desk.blueprint import ID, blueprint
from webapp.desk.forms import ExtendForm, NodesForm, NotApplicableForm
from webapp.errors import Conflict, Forbidden, Invalid, Problem, RequestReused
from webapp.i18n import day
from webapp.permissions import Permission
from webapp.plans.models import Assignment
from webapp.plans.queries import due_dates
from webapp.plans.units import SHARE
from webapp.progress import figures, guard, planning
from webapp.progress.queries import nodes
from webapp.progress.rules import linear_nodes
from webapp.progress.service import record_update

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """A line of the monthly plan: the even default, what stands in the input, and what is wrong with it."""

    month: date
    default: Decimal | None
    typed: str
    errors: tuple[str, ...]

    @property
    def name(self) -> str:
        """The input's name: 2017-10."""
        return f"{self.month:%Y-%m}"


# --- the monthly plan


@blueprint.get(f"/assignments/<{ID}:assignment_id>/nodes")
@web.requires(Permission.PLAN_NODES)
def nodes_form(assignment_id: int) -> str:
    """The monthly plan, as filed or as the even default."""
    row = _planned(assignment_id)
    filed = {node.month: figures.shown(node.share, SHARE) for node in nodes(web.reading(), row.id)}
    typed = {f"{month:%Y-%m}": share for month, share in filed.items()}
    return _nodes_page(NodesForm(formdata=None, version=row.version), row, typed)


def _planned(assignment_id: int) -> Assignment:
    row = acts.load(assignment_id, Permission.PLAN_NODES)
    if not acts.is_paced(row) or row.status in acts.CLOSED:
        raise Conflict(_l("这项任务不需要填报分月计划。"))
    return row


@blueprint.post(f"/assignments/<{ID}:assignment_id>/nodes")
@web.requires(Permission.PLAN_NODES)
def file_nodes(assignment_id: int) -> Answer:
    """File the monthly plan."""
    row = _planned(assignment_id)
    form = NodesForm()
    typed = {f"{month:%Y-%m}": request.form.get(f"{month:%Y-%m}", "").strip() for month in _months(row)}

    def deed(session: Session, loaded: Assignment) -> object:
        return planning.file_nodes(session, loaded, actor=web.actor(), now=web.now(), shares=_shares(typed),
                                   version=form.version.data or 0)  # fmt: skip

    try:
        if form.validate() and acts.carry_out(form, row.id, "nodes", deed, extra=typed):
            acts.say(_("已报送分月计划，序时进度按新计划计算。"), row.id)
    except RequestReused:
        raise
    except Conflict as error:
        return _again(form, assignment_id, typed, [Problem("", error.message)]), error.status
    except Invalid as error:
        return _again(form, assignment_id, typed, error.problems), error.status
    return acts.back_to(row.id)


def _months(row: Assignment) -> list[date]:
    """The months from the start to the one of the due date."""
    assert row.due is not None
    months, month = [], month_start(row.starts_on)
    while month <= row.due:
        months.append(month)
        month = add_months(month, 1)
    return months


def _shares(typed: Mapping[str, str]) -> dict[date, Decimal]:
    """The months that were filled in. Raises Invalid with every month that cannot be read."""
    shares, problems = {}, []
    for name, text in typed.items():
        try:
            share = figures.parse(text, SHARE, name)
        except Invalid as error:
            problems += error.problems
            continue
        if share is not None:
            shares[date.fromisoformat(f"{name}-01")] = share
    if problems:
        raise Invalid(problems)
    return shares


def _again(form: NodesForm, assignment_id: int, typed: Mapping[str, str], problems: list[Problem]) -> str:
    row = _planned(assignment_id)
    form.version.data = row.version
    return _nodes_page(form, row, typed, problems)


def _nodes_page(
    form: NodesForm, row: Assignment, typed: Mapping[str, str], problems: list[Problem] | None = None
) -> str:
    assert row.due is not None
    default = {month_start(node.on): node.share for node in linear_nodes(row.starts_on, row.due)}
    wrong: dict[str, list[str]] = {}
    for each in problems or []:
        wrong.setdefault(each.field, []).append(str(each.message))
    lines = [
        Month(month, default.get(month), typed.get(f"{month:%Y-%m}", ""), tuple(wrong.get(f"{month:%Y-%m}", ())))
        for month in _months(row)
    ]
    names = {line.name for line in lines}
    told = [(f"m-{name}" if name in names else "", text) for name, texts in wrong.items() for text in texts]
    return render_template("desk/nodes.html", form=form, row=row, lines=lines, problems=told)


# --- not applicable


@blueprint.get(f"/assignments/<{ID}:assignment_id>/not-applicable")
@web.requires(Permission.UPDATE_PROGRESS)
def not_applicable_form(assignment_id: int) -> str:
    """The form that asks why."""
    row = acts.load(assignment_id, Permission.UPDATE_PROGRESS)
    if row.task.named:
        raise Conflict(_l("方案条款点名了本单位，不能申报不涉及；如有疑问请联系上级。"))
    return _not_applicable_page(NotApplicableForm(formdata=None, version=row.version), row)


@blueprint.post(f"/assignments/<{ID}:assignment_id>/not-applicable")
@web.requires(Permission.UPDATE_PROGRESS)
def not_applicable(assignment_id: int) -> Answer:
    """Say that the task does not concern the organisation."""
    row = acts.load(assignment_id, Permission.UPDATE_PROGRESS)
    form = NotApplicableForm()

    def deed(session: Session, loaded: Assignment) -> object:
        return record_update(session, loaded, actor=web.actor(), now=web.now(), kind="na_claim", as_of=web.today(),
                             version=form.version.data or 0, reason=form.reason.data)  # fmt: skip

    status = acts.attempt(form, row.id, "na_claim", deed)
    if status is None:
        return acts.back_to(row.id)
    if status == 303:
        reviewer = acts.reviewer_name(acts.load(row.id))
        acts.say(_("已申报不涉及，由%(org)s确认，结果会发邮件通知您。", org=reviewer), row.id)
        return acts.back_to(row.id)
    return _not_applicable_page(form, acts.load(assignment_id)), status


def _not_applicable_page(form: NotApplicableForm, row: Assignment) -> str:
    return render_template("desk/not_applicable.html", form=form, row=row, reviewer=acts.reviewer_name(row))


# --- a later due date


@blueprint.get(f"/assignments/<{ID}:assignment_id>/extend")
@web.requires(Permission.EXTEND)
def extend_form(assignment_id: int) -> str:
    """The form that asks for the new date and the reason."""
    row = _extendable(assignment_id)
    return _extend_page(ExtendForm(formdata=None, version=row.version), row)


def _extendable(assignment_id: int) -> Assignment:
    row = acts.load(assignment_id)
    if not guard.may_extend(web.actor(), row):
        raise Forbidden(_l("方案规定的期限只能由方案的组织单位调整，下级自定的期限由其上一级调整。"))
    return row


@blueprint.post(f"/assignments/<{ID}:assignment_id>/extend")
@web.requires(Permission.EXTEND)
def extend(assignment_id: int) -> Answer:
    """Set a later due date."""
    row = _extendable(assignment_id)
    form = ExtendForm()

    def deed(session: Session, loaded: Assignment) -> object:
        return planning.extend(session, loaded, actor=web.actor(), now=web.now(), due=form.due.data,
                               reason=form.reason.data, version=form.version.data or 0)  # fmt: skip

    status = acts.attempt(form, row.id, "extend", deed)
    if status == 303:
        acts.say(_("期限已调整为%(due)s，承办人员会收到邮件。", due=day(form.due.data)), row.id)
    if status in (303, None):
        return acts.back_to(row.id)
    return _extend_page(form, acts.load(assignment_id)), int(status or 422)


def _extend_page(form: ExtendForm, row: Assignment) -> str:
    return render_template("desk/extend.html", form=form, row=row, dates=due_dates(web.reading(), row.id))
