"""The pages of a plan's reminder rules: what holds, for everybody; versions compared; the administrators' editor."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.errors import Conflict, Forbidden, Invalid, RequestReused
from webapp.i18n import day_weekday, month, pick
from webapp.permissions import Permission
from webapp.plans.models import Plan, ReminderRules
from webapp.plans.queries import get_plan
from webapp.plans.views import the_plan
from webapp.reminders.ladder import DEFAULTS, Rules, RulesError
from webapp.rulebook import previewing, queries, service, words
from webapp.rulebook.compare import compare
from webapp.rulebook.forms import RestoreForm, RulesForm, Wanted, form_data
from webapp.rulebook.previewing import Look, Preview
from webapp.web import GuardedForm

blueprint = Blueprint("rules", __name__, template_folder="templates")
Answer = Response | str | tuple[str, int]
Problems = list[tuple[str, str]]


@blueprint.get("/reminder-rules")
@web.requires(Permission.SEE)
def index() -> str:
    """The rules that hold, in plain words, and where they come from."""
    plan, session = the_plan(), web.reading()
    found, versions = queries.in_force(session, plan), queries.versions(session, plan.id)
    return render_template(
        "rulebook/rules.html", rules_plan=plan, found=found, words=words, names=_names(*versions), versions=versions,
        tasks=_titles(plan, _own_tasks(found.rules)),
        may_edit=queries.may_edit(session, plan, web.actor()),
    )  # fmt: skip


def _own_tasks(rules: Rules) -> bool:
    return bool(rules.ladders_of_tasks())


def _titles(plan: Plan, needed: bool = True) -> dict[str, str]:
    """The plan's tasks by code, in the reader's language."""
    found = queries.tasks(web.reading(), plan.id) if needed else {}
    return {code: pick({"title_zh": zh, "title_en": en}, "title") for code, (zh, en) in found.items()}


@blueprint.get("/reminder-rules/versions/<int:number>")
@web.requires(Permission.SEE)
def version(number: int) -> str:
    """A version beside the one before it, rung by rung."""
    plan, session = the_plan(), web.reading()
    this, before = queries.version_and_before(session, plan.id, number)
    changes = compare(queries.rules_of(plan, before), queries.rules_of(plan, this))
    return render_template(
        "rulebook/rules_version.html", rules_plan=plan, saved=this, changes=changes, words=words, names=_names(this)
    )


def _names(*versions: ReminderRules | None) -> Mapping[int, str]:
    return names_shown(web.reading(), [each.decided_by for each in versions if each])


# --- the editor


@blueprint.get("/reminder-rules/edit")
@web.requires(Permission.OPERATE)
def edit() -> str:
    """The form, filled with the rules that hold."""
    plan = _editable(the_plan())
    return _page(_form_of(plan), plan)


def _form_of(plan: Plan) -> RulesForm:
    found = queries.in_force(web.reading(), plan)
    spare = {**DEFAULTS.ladders, **queries.pack_rules(plan).ladders}
    return RulesForm(formdata=None, data=form_data(found.rules, spare), version=found.number, plan=plan.code)


def _editable(plan: Plan) -> Plan:
    if not queries.may_edit(web.reading(), plan, web.actor()):
        raise Forbidden(_l("提醒规则适用于整个方案，只能由方案组织单位的管理员修改。"))
    return plan


def _page(
    form: RulesForm,
    plan: Plan,
    problems: Problems | None = None,
    *,
    preview: Preview | None = None,
    restoring: RestoreForm | None = None,
    stale: bool = False,
) -> str:
    titles, found = _titles(plan), queries.in_force(web.reading(), plan)
    form.offer({code: f"{title}（{code}）" for code, title in titles.items()})
    form.month.choices = [
        SelectChoice(f"{each:%Y-%m}", month(each)) for each in previewing.closed_months(plan, web.today())
    ]
    form.area.choices = [
        SelectChoice("", _("全部")), *(SelectChoice(each.code, pick(each, "name")) for each in _provinces(plan)),
    ]  # fmt: skip
    restoring = restoring or RestoreForm(formdata=None, version=found.number, plan=plan.code)
    return render_template(
        "rulebook/rules_edit.html", form=form, restoring=restoring, rules_plan=plan, found=found, words=words,
        names=_names(found.version), problems=problems or [], preview=preview, stale=stale, limit=previewing.LIMIT,
    )  # fmt: skip


def _provinces(plan: Plan) -> Any:
    return queries.provinces(web.reading(), plan)


@blueprint.post("/reminder-rules/edit")
@web.requires(Permission.OPERATE)
def save() -> Answer:
    """Preview what was typed, or save it. Whatever is refused, the page keeps what was typed."""
    form = RulesForm()
    plan = _editable(get_plan(web.reading(), form.plan.data or ""))
    if not form.validate():
        raise Conflict(_l("页面内容已变化，这次没有保存。请刷新后再试。"))
    wanted = form.wanted()
    try:
        rules = _checked(wanted, plan)
    except RulesError as error:
        return _page(form, plan, wanted.show(error.problems)), 422
    if request.form.get("action") != "save":
        return _previewed(form, plan, rules)
    return _save(form, plan, wanted)


def _checked(wanted: Wanted, plan: Plan) -> Rules:
    """The rules that were typed. Raises RulesError with every fault at once."""
    tasks = queries.tasks(web.reading(), plan.id)
    try:
        rules = service.checked(wanted.data, tasks)
    except RulesError as error:
        raise RulesError([*wanted.problems, *error.problems]) from None
    if wanted.problems:
        raise RulesError(wanted.problems)
    return rules


def _previewed(form: RulesForm, plan: Plan, rules: Rules) -> Answer:
    look = _look(form, plan)
    if look is None:
        return _page(form, plan, [("preview", _("方案还没有已结束的月份，暂时不能预览。"))]), 422
    if previewing.too_many(web.reading(), plan, look.path):
        words = _("未办结的任务超过 %(n)s 项，请选择一个省再预览。", n=previewing.LIMIT)
        form.area.errors = [words]
        return _page(form, plan, [(form.area.id, words)]), 422
    now = queries.in_force(web.reading(), plan).rules
    found = previewing.preview(web.reading(), plan, now, rules, look)
    form.day.choices = [SelectChoice(each.isoformat(), day_weekday(each)) for each in found.days]
    form.person.choices = [SelectChoice(str(number), name) for number, name in found.choices]
    return _page(form, plan, preview=found)


def _look(form: RulesForm, plan: Plan) -> Look | None:
    """What is to be previewed; None where no month is over. What is no choice of the page counts as not chosen."""
    open_to = previewing.closed_months(plan, web.today())
    if not open_to:
        return None
    chosen = next((each for each in open_to if f"{each:%Y-%m}" == form.month.data), open_to[0])
    paths = {each.code: each.path for each in _provinces(plan)}
    path = paths.get(form.area.data or "") or queries.region(web.reading(), plan).path
    days = {each.isoformat(): each for each in previewing.days_of(chosen)}
    person = form.person.data or ""
    return Look(
        chosen, path, days.get(form.day.data or ""),
        int(person) if person.isascii() and person.isdigit() and len(person) < 16 else 0,
    )  # fmt: skip


def _save(form: RulesForm, plan: Plan, wanted: Wanted) -> Answer:
    try:
        with web.transaction() as session:
            answer = url_for("rules.index")
            if web.once(session, form, "rules.save", answer, extra=[plan.id, wanted.data]) is None:
                service.save_rules(
                    session, plan, data=wanted.data, note=form.note.data or "", version=form.version.data or 0,
                    actor=web.actor(), now=web.now(),
                )  # fmt: skip
    except RequestReused:
        raise
    except (Conflict, Invalid) as error:
        return _refused(form, plan, error), error.status
    flash(_("提醒规则已保存，从下一次发送起按新规则执行。"), "success")
    return web.see_other("rules.index")


def _refused(form: RulesForm, plan: Plan, error: Conflict | Invalid) -> str:
    """The page again, with what was typed; somebody else's version is the one to save over from now on."""
    if isinstance(error, Invalid):
        web.show_problems(form, error)
        return _page(form, plan, _problems(form, error))
    form.version.data = queries.in_force(web.reading(), plan).number
    return _page(form, plan, [("", str(error.message))], stale=True)


def _problems(form: GuardedForm, error: Invalid) -> Problems:
    ids = {name: field.id for name, field in form._fields.items()}
    return [(ids.get(each.field, ""), str(each.message)) for each in error.problems]


@blueprint.post("/reminder-rules/restore")
@web.requires(Permission.OPERATE)
def restore() -> Answer:
    """Back to the rules the plan came with."""
    form = RestoreForm()
    plan = _editable(get_plan(web.reading(), form.plan.data or ""))
    if not form.validate():
        raise Conflict(_l("页面内容已变化，这次没有保存。请刷新后再试。"))
    try:
        with web.transaction() as session:
            if web.once(session, form, "rules.restore", url_for("rules.index"), extra=plan.id) is None:
                service.restore_rules(
                    session, plan, note=form.reason.data or "", version=form.version.data or 0, actor=web.actor(),
                    now=web.now(),
                )  # fmt: skip
    except Invalid as error:
        web.show_problems(form, error)
        return _page(_form_of(plan), plan, _problems(form, error), restoring=form), error.status
    flash(_("已恢复方案原定的提醒规则。"), "success")
    return web.see_other("rules.index")
