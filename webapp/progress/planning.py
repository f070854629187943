"""When and how fast: the organisation's own monthly plan (分月计划), and extensions by the level that set the date."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.clock import local_date, month_start
from webapp.errors import Conflict, Forbidden, Invalid, Problem
from webapp.permissions import Actor, Permission
from webapp.plans.models import Assignment, DueDate, MonthlyNode
from webapp.progress import guard
from webapp.progress.checks import LONGEST_TEXT, check_nodes
from webapp.progress.facts import ONE, TaskFacts
from webapp.progress.notices import tell_officers
from webapp.progress.service import light_again
from webapp.progress.state import as_node
from webapp.progress.tallying import stored
from webapp.progress.wording import problem, worded

CLOSED = ("verified", "not_applicable")
LONGEST_EXTENSION = timedelta(days=366)


def file_nodes(
    session: Session,
    assignment: Assignment,
    *,
    actor: Actor,
    now: datetime,
    shares: Mapping[date, Decimal],
    version: int,
) -> int:
    """File the organisation's monthly plan: by month (its first day) the share of the target done by its end.

    Shares never fall and reach 1 in the month of the due date; months left out keep the share before. A new filing is a
    new revision, the old one stays on record. Gives the revision. Raises Forbidden, Stale, Conflict (nothing is paced
    here) or Invalid.
    """
    guard.allow(actor, Permission.PLAN_NODES, assignment)
    guard.lock(session, assignment, version, now)
    due = _paced_until(assignment)
    planned = {month_start(month): share for month, share in shares.items()}
    _check_nodes(assignment, planned, due)
    newest = select(func.max(MonthlyNode.revision)).where(MonthlyNode.assignment_id == assignment.id)
    revision = (session.scalar(newest) or 0) + 1
    rows = [
        {"assignment_id": assignment.id, "revision": revision, "month": month, "share": share,
         "recorded_by": actor.id, "recorded_at": now}
        for month, share in sorted(planned.items())
    ]  # fmt: skip
    session.execute(insert(MonthlyNode), rows)
    light_again(session, assignment, now=now, cause="dated")
    facts = {"revision": revision, "shares": {f"{month:%Y-%m}": f"{share:f}" for month, share in planned.items()}}
    record(session, "progress.nodes", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    return revision


def _paced_until(assignment: Assignment) -> date:
    """The due date the plan leads to. Raises Conflict where there is nothing to plan."""
    task = assignment.task
    facts = TaskFacts(task.kind, task.comparator, task.target_min, task.target_max, task.unit, task.measure_kind)
    if assignment.due is None or facts.is_compared_directly:
        raise Conflict(_l("这项任务没有进度要求，不需要填报分月计划。"))
    if assignment.status in CLOSED:
        raise Conflict(_l("这项任务已经办结或不涉及，不能再填报分月计划。"))
    return assignment.due


def _check_nodes(assignment: Assignment, planned: Mapping[date, Decimal], due: date) -> None:
    problems: list[Problem] = []
    nodes = [as_node(month, share, due) for month, share in planned.items()]
    if not nodes:
        problems.append(problem("nodes_missing", ""))
    problems += worded(check_nodes(nodes, due)).problems
    start = month_start(assignment.starts_on)
    problems += [
        problem("node_before_start", f"{month:%Y-%m}", starts_on=assignment.starts_on)
        for month in planned
        if month < start
    ]
    if nodes and max(nodes, key=lambda node: node.on).share != ONE:
        problems.append(problem("nodes_unfinished", f"{max(planned):%Y-%m}", due=due))
    if problems:
        raise Invalid(problems)


def extend(
    session: Session, assignment: Assignment, *, actor: Actor, now: datetime, due: date, reason: str, version: int
) -> DueDate:
    """Give an assignment a later due date as a new version of it; the officers are told at once.

    The plan's own date stays beside it, and so does lateness that is already on record. Raises Forbidden unless the
    actor stands for the level that set the date, Stale, Conflict or Invalid.
    """
    if not guard.may_extend(actor, assignment):
        raise Forbidden(_l("方案规定的期限只能由方案的组织单位调整，下级自定的期限由其上一级调整。"))
    guard.lock(session, assignment, version, now)
    _check_extension(assignment, due, reason)
    newest = select(func.max(DueDate.revision)).where(DueDate.assignment_id == assignment.id)
    row = DueDate(
        assignment_id=assignment.id, revision=(session.scalar(newest) or 0) + 1, due=due, reason=reason.strip(),
        decided_by=actor.id, decided_by_label=actor.name, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    counted = {assignment.id: stored(assignment)}
    before, assignment.due = assignment.due, due
    session.flush()
    light_again(session, assignment, now=now, cause="dated", counted=counted)
    facts = {"from": before.isoformat() if before else None, "to": due.isoformat(), "reason": row.reason,
             "on": local_date(now).isoformat()}  # fmt: skip
    record(session, "progress.extend", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    tell_officers(session, assignment, "extend", ("due", row.id), actor=actor, now=now, reason=row.reason, due=due)
    return row


def _check_extension(assignment: Assignment, due: date, reason: str) -> None:
    if assignment.due is None:
        raise Conflict(_l("这项任务没有期限，不需要延期。"))
    if assignment.status in CLOSED:
        raise Conflict(_l("这项任务已经办结或不涉及，不需要延期。"))
    problems: list[Problem] = []
    latest = max(assignment.plan.ends_on, assignment.due) + LONGEST_EXTENSION
    if due <= assignment.due:
        problems.append(problem("due_not_later", "due", due=assignment.due))
    elif due > latest:
        problems.append(problem("due_too_late", "due", limit=latest))
    if not reason.strip():
        problems.append(problem("reason_missing", "reason"))
    elif len(reason) > LONGEST_TEXT:
        problems.append(problem("text_too_long", "reason", limit=LONGEST_TEXT))
    if problems:
        raise Invalid(problems)
