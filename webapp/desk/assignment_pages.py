"""One assignment with everything about it, and the acts that need no form: no change, claim, withdraw."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.caps.faces import register_of
from webapp.clock import local_date
from webapp.desk import acts, chart, wording
from webapp.desk.blueprint import ID, blueprint
from webapp.desk.forms import ActForm
from webapp.errors import Conflict, Invalid, RequestReused
from webapp.ledgers.queries import standing
from webapp.permissions import Permission
from webapp.plans.models import Assignment
from webapp.plans.queries import parts, season_of
from webapp.plans.words import due_words, kind_word, target_notes
from webapp.progress import history
from webapp.progress.lights import light
from webapp.progress.queries import Entry, entries_of, recorded
from webapp.progress.rules import required_pace, verified_share
from webapp.progress.service import Kind, record_update
from webapp.progress.state import known_of
from webapp.reminders.history import Escalation, escalations, sees_names
from webapp.reminders.history import items as escalation_lines

Answer = Response | str | tuple[str, int]


@blueprint.get(f"/assignments/<{ID}:assignment_id>")
@web.requires(Permission.SEE)
def assignment(assignment_id: int) -> str:
    """Everything about one assignment."""
    return page(assignment_id)


def page(assignment_id: int, problems: Sequence[tuple[str, Any]] = ()) -> str:
    """The assignment's page, with what went wrong on top."""
    reading, today = web.reading(), web.today()
    row = acts.load(assignment_id)
    filed = recorded(reading, row.id)
    facts, thresholds = known_of(row, filed.nodes, filed.dates, today)
    entries = entries_of(reading, filed)
    season = season_of(reading, row)
    shown = light(facts, today, thresholds)
    return render_template(
        "desk/assignment.html",
        row=row,
        task=row.task,
        facts=facts,
        shown=shown,
        why=wording.light_reason(shown),
        pace=required_pace(facts, today),
        verified_share=verified_share(facts),
        missing=wording.remaining(_figures(row)),
        kind=kind_word(row.task.kind),
        due=due_words(row.task.due_rule, season),
        season=season,
        register=register_of(row),
        target_notes=target_notes(row.task),
        dates=[entry for entry in reversed(entries) if entry.kind == "due"],
        history_words=history,
        parts=parts(reading, row.id),
        chart=chart.build(facts, _last_of_each_day(filed.figures()), today),
        history=_history(row, entries, escalations(reading, row.id)),
        ledger=standing(reading, row),
        can=acts.offers(row, facts, web.actor()),
        reviewer=acts.reviewer_name(row),
        pace_sources=wording.PACE_SOURCES,
        problems=problems,
    )


def _history(row: Assignment, entries: Sequence[Entry], escalated: Sequence[Escalation]) -> list[dict[str, Any]]:
    """What was done and who was told that it is late, newest first; what a deed ended stands right above the deed.

    Of what a ledger's rows said the last word of each day is enough.
    """
    counted = {local_date(entry.at): entry for entry in entries if getattr(entry.row, "counted", False)}
    entries = [each for each in entries if not getattr(each.row, "counted", False) or each in counted.values()]
    told = [(entry.at, item) for entry, item in zip(entries, history.items(entries, row.task.unit), strict=True)]
    named = sees_names(web.actor(), row.organisation.path)
    lines = escalation_lines(escalated, entries, named=named) + told
    return [item for _at, item in sorted(lines, key=lambda line: line[0], reverse=True)]


def _last_of_each_day(figures: Sequence[tuple[date, Any]]) -> list[tuple[date, Any]]:
    """The figures without those that were replaced on the same day."""
    return list(dict(figures).items())


def _figures(row: Assignment) -> Any:
    """An assignment with its task, looking like a row of a list."""
    task = row.task
    return _Row(task.kind, task.unit, task.measure_kind, task.comparator, task.target_min, task.target_max,
                task.basically, row.claimed)  # fmt: skip


class _Row:
    def __init__(self, *values: Any) -> None:
        names = (
            "kind", "unit", "measure_kind", "comparator", "target_min", "target_max", "basically", "claimed",
        )  # fmt: skip
        self.__dict__.update(zip(names, values, strict=True))


@blueprint.post(f"/assignments/<{ID}:assignment_id>/no-change")
@web.requires(Permission.UPDATE_PROGRESS)
def no_change(assignment_id: int) -> Answer:
    """Say that nothing changed."""
    return _act(assignment_id, "no_change", _("已记录“无变化”。"))


@blueprint.post(f"/assignments/<{ID}:assignment_id>/claim")
@web.requires(Permission.UPDATE_PROGRESS)
def claim(assignment_id: int) -> Answer:
    """Claim completion with the figure filed last."""
    reviewer = acts.reviewer_name(acts.load(assignment_id))
    return _act(assignment_id, "claim", _("已申请销号，由%(org)s审核，结果会发邮件通知您。", org=reviewer))


@blueprint.post(f"/assignments/<{ID}:assignment_id>/withdraw")
@web.requires(Permission.UPDATE_PROGRESS)
def withdraw(assignment_id: int) -> Answer:
    """Take a claim back."""
    return _act(assignment_id, "withdraw", _("已撤回申请，可以继续填报。"))


def _act(assignment_id: int, kind: Kind, done: str) -> Answer:
    form = ActForm()
    acts.load(assignment_id, Permission.UPDATE_PROGRESS)

    def deed(session: Session, row: Assignment) -> object:
        return record_update(session, row, actor=web.actor(), now=web.now(), kind=kind, as_of=web.today(),
                             version=form.version.data or 0)  # fmt: skip

    try:
        form.validate()
        if acts.carry_out(form, assignment_id, kind, deed):
            acts.say(done, assignment_id)
    except RequestReused:
        raise
    except Conflict as error:
        return page(assignment_id, [("", error.message)]), error.status
    except Invalid as error:
        return page(assignment_id, [("", each.message) for each in error.problems]), error.status
    return acts.back_to(assignment_id)
