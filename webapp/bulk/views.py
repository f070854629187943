"""Pages of acts on many assignments: what will happen, doing it, and what came of it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp import web
from webapp.bulk import choosing, queries, rules
from webapp.bulk.choosing import Choice
from webapp.bulk.forms import ConfirmForm
from webapp.bulk.service import Wanted, carry_out, check
from webapp.bulk.wording import WORDS
from webapp.dashboard.listing import asked
from webapp.errors import Invalid, NotFound
from webapp.lists.rules import checked, query_of
from webapp.permissions import Permission
from webapp.plans.lists import assignments
from webapp.plans.views import the_plan

blueprint = Blueprint("bulk", __name__, template_folder="templates")

LIST = "assignments"
Answer = Response | str | tuple[str, int]


@blueprint.get("/overview/assignments/act")
@web.requires(Permission.CLOSE_OUT)
def choose() -> Answer:
    """What an act would do to the rows that were ticked, to those of the page, or to all that the filters leave."""
    act, args = request.args.get("act", ""), request.args
    if act not in rules.ACTS:
        raise NotFound(_l("没有这种操作。"))
    listed = query_of(LIST, args.items())
    if args.get("scope") not in ("page", "all") and not args.getlist("id"):
        flash(_("还没有勾选任务事项。请勾选，或把范围改为本页全部、全部筛选结果。"), "warning")
        return redirect(_list_address(listed), 303)
    form = ConfirmForm(formdata=None, act=act, listed=listed)
    return _confirm_page(form, _choice(act))


def _choice(act: str) -> Choice:
    session, actor, plan, what = web.reading(), web.actor(), the_plan().id, asked(request.args)
    if request.args.get("scope") == "all":
        return choosing.of_filter(session, plan, actor, act, what.where, what.order, web.now())
    if request.args.get("scope") == "page":
        page = assignments(session, plan, actor, where=what.where, order=what.order, page=web.page_number())
        return choosing.of_ids(session, plan, actor, act, [row.id for row in page.rows], web.now())
    ticked = [int(each) for each in request.args.getlist("id") if each.isascii() and each.isdigit() and len(each) < 16]
    return choosing.of_ids(session, plan, actor, act, ticked[: rules.MOST], web.now())


def _confirm_page(form: ConfirmForm, choice: Choice) -> str:
    form.rows.data = form.rows.data or choice.packed
    return render_template(
        "bulk/confirm.html", form=form, choice=choice, words=WORDS[choice.act], most=rules.MOST,
        back=_list_address(form.listed.data or ""), now=web.now(),
    )  # fmt: skip


@blueprint.post("/overview/assignments/act")
@web.requires(Permission.CLOSE_OUT)
def act_on_all() -> Answer:
    """Do it, and go and look at what came of it; a second time only looks."""
    form = ConfirmForm()
    if not form.validate():
        if form.act.errors or form.rows.errors or form.listed.errors or form.request_key.errors:
            raise NotFound(_l("没有这种操作。"))
        return _refused(form), 422
    try:
        wanted = _wanted(form)
        check(wanted)
        return redirect(_carried_out(form, wanted), 303)
    except Invalid as error:
        web.show_problems(form, error)
        return _refused(form), error.status


def _wanted(form: ConfirmForm) -> Wanted:
    try:
        rows = rules.unpacked(form.rows.data or "")
    except ValueError:
        rows = ()
    if not rows:
        raise NotFound(_l("没有要办理的任务事项，请从任务清单重新选择。"))
    listed = query_of(LIST, checked(LIST, form.listed.data or "").items())
    return Wanted(form.act.data, rows, form.reason.data or "", listed)


def _carried_out(form: ConfirmForm, wanted: Wanted) -> str:
    """The address of the result. Raises Invalid; nothing was changed then."""
    plan, form.request_key.data = the_plan().id, form.request_key.data or uuid4().hex
    answer = url_for("bulk.result", key=form.request_key.data)
    with web.transaction() as session:
        earlier = web.once(session, form, "bulk", answer, extra=plan)
        if earlier is None:
            carry_out(session, plan, wanted, key=form.request_key.data, actor=web.actor(), now=web.now())
    return earlier or answer


def _refused(form: ConfirmForm) -> str:
    """The page again, with what was typed and the latest state of the rows."""
    ids = [row for row, _version in _wanted(form).rows]
    choice = choosing.of_ids(web.reading(), the_plan().id, web.actor(), form.act.data, ids, web.now())
    return _confirm_page(form, choice)


@blueprint.get("/overview/assignments/act/<key>")
@web.requires(Permission.CLOSE_OUT)
def result(key: str) -> str:
    """What was done and what was not, with the reasons."""
    session, actor = web.reading(), web.actor()
    run = queries.get_run(session, key, actor)
    rows = queries.chosen(session, run.plan_id, actor, [each["assignment"] for each in run.outcome])
    by_id: dict[int, dict[str, Any]] = {each["assignment"]: each for each in run.outcome}
    return render_template(
        "bulk/result.html", run=run, words=WORDS[run.act], back=_list_address(run.listed, _other_plan(run.plan_id)),
        done=[row for row in rows if by_id[row.id]["done"]],
        refused=[(row, by_id[row.id]) for row in rows if not by_id[row.id]["done"]],
        gone=len(by_id) - len(rows),
    )  # fmt: skip


def _other_plan(plan_id: int) -> str | None:
    return None if plan_id == the_plan().id else str(plan_id)


def _list_address(query: str, plan: str | None = None) -> str:
    """The list as it was, of a plan where the address names one."""
    words: dict[str, Any] = {"plan": plan or request.args.get("plan"), **checked(LIST, query)}
    return url_for("dashboard.assignments", **words)
