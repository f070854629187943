"""Putting right the figure of a day gone by, after later days have been spoken of: what a report's correction needs.

Nothing that was stated goes away, and what was said of later days stays: the new statement counts for its own day, and
until the next day whose figure was stated.
"""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from webapp.audit.service import record
from webapp.clock import local_date
from webapp.errors import Conflict, Invalid
from webapp.permissions import Actor, Permission
from webapp.plans.models import Assignment
from webapp.progress import guard, service, state
from webapp.progress.checks import UpdateDraft, check_update
from webapp.progress.facts import OPEN_STATUSES
from webapp.progress.models import ProgressUpdate
from webapp.progress.wording import problem, worded

STANDS = _l(
    "这项任务已申请销号或已经办结，更正会改变上级据以核验的数字，没有保存。请先撤回申请（已办结的，请上级重新打开），再更正。"
)


def restate(
    session: Session,
    assignment: Assignment,
    *,
    as_of: date,
    quantity: Decimal | None,
    reason: str,
    actor: Actor,
    now: datetime,
    version: int,
) -> ProgressUpdate:
    """State the total as of an earlier day anew, with a reason.

    Status, claim and silence stay as they are; the present figure moves only where no later one was stated, and never
    under a claim that waits or stands: what is verified is what was claimed. Raises Forbidden, Stale, Conflict (nothing
    later was said, the figure is counted from rows, or such a claim would move) or Invalid.
    """
    guard.allow(actor, Permission.UPDATE_PROGRESS, assignment)
    guard.lock(session, assignment, version, now)
    if assignment.counted:
        raise Conflict(guard.COUNTED)
    if assignment.as_of is None or as_of >= assignment.as_of:
        raise Conflict(_l("这一天之后还没有新的填报，请直接填报进展。"))
    holds_on = not _stated_after(session, assignment.id, as_of)
    if holds_on and assignment.status not in OPEN_STATUSES:
        raise Conflict(STANDS)
    _check(session, assignment, UpdateDraft("progress", as_of, quantity, reason=reason.strip()), local_date(now))
    update = ProgressUpdate(
        assignment_id=assignment.id, kind="progress", as_of=as_of, recorded_at=now, actor_id=actor.id,
        actor_label=actor.name, quantity=quantity, reason=reason.strip(), status_after=assignment.status,
    )  # fmt: skip
    session.add(update)
    if holds_on:
        assignment.claimed = quantity
    # A new version in any case: whoever opened a form before this did not know of it.
    flag_modified(assignment, "claimed")
    session.flush()
    service.light_again(session, assignment, now=now)
    facts = {"update": update.id, "quantity": f"{quantity:f}", "as_of": as_of.isoformat(), "reason": update.reason}
    record(session, "progress.restate", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    return update


def _check(session: Session, assignment: Assignment, draft: UpdateDraft, today: date) -> None:
    facts = state.known(session, [assignment.id], today)[0].facts
    found = check_update(draft, facts, plan_starts_on=assignment.plan.starts_on, today=today)
    problems = worded(found, assignment.task.unit).problems
    if not draft.reason:
        problems = [*(each for each in problems if each.field != "reason"), problem("reason_missing", "reason")]
    if problems:
        raise Invalid(problems)


def _stated_after(session: Session, assignment_id: int, as_of: date) -> bool:
    """Whether a figure was stated for a later day."""
    query = select(func.count()).where(
        ProgressUpdate.assignment_id == assignment_id,
        ProgressUpdate.quantity.is_not(None),
        ProgressUpdate.as_of > as_of,
    )
    return bool(session.scalar(query))
