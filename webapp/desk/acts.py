"""What the desk's pages share: loading an assignment for an act, the act itself, and what is said afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.desk import queries, wording
from webapp.errors import Conflict, Invalid, RequestReused
from webapp.i18n import pick
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Assignment
from webapp.plans.queries import get_assignment
from webapp.plans.units import MILESTONE
from webapp.progress import guard
from webapp.progress.facts import AssignmentFacts, TaskFacts
from webapp.progress.rules import is_met
from webapp.web import GuardedForm
from webapp.workflow import Who, actions

WAITING = ("claimed", "na_claimed")
CLOSED = ("verified", "not_applicable")
Deed = Callable[[Session, Assignment], object]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the actor may do to an assignment now."""

    update: bool
    no_change: bool
    claim: bool
    withdraw: bool
    not_applicable: bool
    nodes: bool
    review: bool
    extend: bool
    reopen: bool

    @property
    def any(self) -> bool:
        """Whether there is a single thing to do."""
        return any(getattr(self, name) for name in self.__slots__)


def offers(assignment: Assignment, facts: AssignmentFacts, actor: Actor) -> Offers:
    """What the workflow has and the permission table allows."""
    path, status = assignment.organisation.path, assignment.status
    mine = can(actor, Permission.UPDATE_PROGRESS, path)
    moves = actions(status, Who.OFFICER) if mine else ()
    met = assignment.task.unit == MILESTONE or is_met(facts, facts.claimed)
    return Offers(
        update="progress" in moves,
        no_change="no_change" in moves and status != "returned",
        claim="claim" in moves and met,
        withdraw="withdraw" in moves,
        not_applicable="na_claim" in moves and not assignment.task.named,
        nodes=is_paced(assignment) and status not in CLOSED and can(actor, Permission.PLAN_NODES, path),
        review=status in WAITING and can(actor, Permission.CLOSE_OUT, path),
        extend=assignment.due is not None and status not in CLOSED and guard.may_extend(actor, assignment),
        reopen=status in CLOSED and can(actor, Permission.REOPEN, path),
    )


def is_paced(assignment: Assignment) -> bool:
    """Whether a monthly plan can be filed: a quantity that grows up to a date."""
    task = assignment.task
    facts = TaskFacts(task.kind, task.comparator, task.target_min, task.target_max, task.unit, task.measure_kind)
    return assignment.due is not None and not facts.is_compared_directly and task.unit != MILESTONE


def load(assignment_id: int, permission: Permission = Permission.SEE) -> Assignment:
    """An assignment of the actor's area from the request's reading session.

    Raises NotFound outside the area, Forbidden where the actor only looks.
    """
    found = get_assignment(web.reading(), assignment_id, web.actor())
    guard.allow(web.actor(), permission, found)
    return found


def address(assignment_id: int) -> str:
    """Where an assignment is shown."""
    return url_for("desk.assignment", assignment_id=assignment_id)


def carry_out(form: GuardedForm, assignment_id: int, action: str, deed: Deed, *, extra: object = None) -> bool:
    """Do something to an assignment once, in the request's one transaction; False when it was done already."""
    with web.transaction() as session:
        earlier = web.once(session, form, f"{action}:{assignment_id}", address(assignment_id), extra=extra)
        if earlier is not None:
            return False
        deed(session, get_assignment(session, assignment_id, web.actor()))
        return True


def attempt(form: GuardedForm, assignment_id: int, action: str, deed: Deed) -> int | None:
    """Try a deed: 303 when done, None when done before, else the status, and the form says what is wrong."""
    if not form.validate():
        return 422
    try:
        return 303 if carry_out(form, assignment_id, action, deed) else None
    except RequestReused:
        raise
    except Conflict as error:
        form.form_errors.append(str(error.message))
        form.version.data = load(assignment_id).version
        return error.status
    except Invalid as error:
        web.show_problems(form, error)
        return error.status


def back_to(assignment_id: int) -> Response:
    """See the assignment."""
    return redirect(address(assignment_id), 303)


def reviewer_name(assignment: Assignment) -> str:
    """The organisation that closes out: the one right above, the region itself for its own."""
    return pick(assignment.organisation.parent or assignment.organisation, "short")


def say(message: str, assignment_id: int) -> None:
    """Tell what happened, and put the next thing to do one tap away."""
    plan_id = load(assignment_id).plan_id
    day = web.today()
    following = queries.next_to_do(web.reading(), plan_id, web.actor(), today=day, after=assignment_id)
    if following is None:
        flash(_("%(done)s 今天要办的都办完了。", done=message), "success")
        return
    # Flask hands on whatever JSON can hold; the layout knows this shape.
    told: Any = {
        "text": message,
        "url": url_for("desk.update_form", assignment_id=following.id),
        "label": _("下一项：%(title)s", title=pick(following, "short")),
        "rest": "" if following.due is None else wording.days_words(following.due, day),
    }
    flash(told, "success")
