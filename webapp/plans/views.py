"""Pages of a plan: its clauses and sentences with the tasks that answer them, one task, and which plan is looked at."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp import web
from webapp.accounts.rules import safe_path
from webapp.errors import NotFound
from webapp.permissions import Permission
from webapp.plans import document, lists, queries, units, words
from webapp.plans.models import Plan

blueprint = Blueprint("plans", __name__, template_folder="templates")

CHOICE = "plan"
# More organisations than any task of a plan is given to at one level: a task's page lists them all.
TASK_PAGE = 100


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"quantity": units.quantity, "target_text": units.target_text, "due_words": words.due_words}


def loaded_plans() -> list[Plan]:
    """All plans, those that concern this person first, of these the newest that has begun."""
    return [plan for plan, _concerns in _plans()]


def plans_of_mine() -> list[Plan]:
    """The plans that concern this person."""
    return [plan for plan, concerns in _plans() if concerns]


def _plans() -> list[tuple[Plan, bool]]:
    """The plans, read once a request."""
    if "plans" not in g:
        g.plans = queries.plans(web.reading(), web.actor(), web.today())
    found: list[tuple[Plan, bool]] = g.plans
    return found


def plan_in_view() -> Plan | None:
    """The plan this person looks at; None where none is loaded.

    It is the one the address names by `plan` (links of mails do, for this page alone), else the one chosen in this
    session, else the first of `loaded_plans`.
    """
    plans, asked = loaded_plans(), request.args.get("plan", "")
    named = next((plan for plan in plans if asked in (plan.code, str(plan.id))), None)
    chosen = next((plan for plan in plans if plan.code == session.get(CHOICE)), None)
    return named or chosen or (plans[0] if plans else None)


def the_plan() -> Plan:
    """The plan in view. Raises NotFound where none is loaded."""
    plan = plan_in_view()
    if plan is None:
        raise NotFound(_l("还没有载入任何方案。"))
    return plan


@blueprint.get("/plan")
@web.requires(Permission.SEE)
def clauses() -> str:
    """The whole plan, sentence by sentence."""
    plan, reading = the_plan(), web.reading()
    return render_template(
        "plans/clauses.html",
        document_plan=plan,
        plans=loaded_plans(),
        clauses=document.document(reading, plan.id, web.actor()),
        seasons=document.seasons(reading, plan.id),
        kind_word=words.kind_word,
    )


@blueprint.get("/plan/<code>")
@web.requires(Permission.SEE)
def clause(code: str) -> str:
    """One clause with its sentences and tasks."""
    plan, reading = the_plan(), web.reading()
    found = queries.get_clause(reading, plan.id, code)
    lines = document.task_lines(reading, plan.id, web.actor())
    return render_template("plans/clause.html", document_plan=plan, view=found, lines=lines, kind_word=words.kind_word)


@blueprint.get("/plan/tasks/<code>")
@web.requires(Permission.SEE)
def task(code: str) -> str:
    """One task: its rule, its target, and who of the reader's area holds it."""
    plan, reading = the_plan(), web.reading()
    found = queries.get_task(reading, plan.id, code)
    where = lists.Filter(task=code)
    season = next((each for each in document.seasons(reading, plan.id) if each.code == found.season_code), None)
    return render_template(
        "plans/task.html",
        document_plan=plan,
        task=found,
        season=season,
        overrides=document.season_overrides(reading, plan.id, found.season_code) if season else (),
        due=words.due_words(found.due_rule, season),
        notes=words.target_notes(found),
        kind=words.kind_word(found.kind),
        held=lists.assignments(
            reading, plan.id, web.actor(), where=where, order="organisation", page=web.page_number(), size=TASK_PAGE
        ),
        lights=lists.light_counts(reading, plan.id, web.actor(), where=where),
    )


@blueprint.post("/plan/choose")
@web.requires(Permission.SEE)
def choose() -> Response:
    """Look at another plan, until the session ends."""
    code = request.form.get("code", "")
    if all(plan.code != code for plan in loaded_plans()):
        raise NotFound(_l("没有代码为 %(code)s 的方案。", code=code))
    session[CHOICE] = code
    return redirect(safe_path(request.form.get("next")) or url_for("plans.clauses"), 303)
