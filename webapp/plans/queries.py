"""Reading a plan: the document, its clauses with the tasks that answer to them, and one task or assignment.

Plans, clauses and tasks are public to everybody signed in; what belongs to an organisation is limited to the actor's
area. How many statements a function makes never depends on how many rows there are. Lists are in `plans.lists`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import Row, Select, bindparam, case, func, inspect, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission
from webapp.plans.models import Assignment, AssignmentPart, Clause, DueDate, Plan, Season, Sentence, Task, TaskSentence


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with the tasks that answer to it."""

    sentence: Sentence
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause, its sentences, and its neighbours in the plan."""

    clause: Clause
    sentences: tuple[SentenceView, ...]
    before: Clause | None
    after: Clause | None


# The rules of packs by their hashes: tens of kilobytes, the same for every page. One is made anew in a blink.
_RULES: dict[str, dict[str, Any]] = {}
_MOST_KEPT = 16
PACK_HASH_LENGTH = 64


def with_rules(plan: Plan) -> Plan:
    """A plan just loaded, with its rules: those of the same pack are read and taken apart once a process."""
    if "rules" not in inspect(plan).unloaded:
        return plan
    if plan.pack_hash in _RULES:
        set_committed_value(plan, "rules", _RULES[plan.pack_hash])
        return plan
    # Read now in any case: the plan may outlive its session.
    rules = plan.rules
    if len(plan.pack_hash) == PACK_HASH_LENGTH:
        if len(_RULES) >= _MOST_KEPT:
            _RULES.clear()
        _RULES[plan.pack_hash] = rules
    return plan


def get_plan(session: Session, code: str) -> Plan:
    """The plan with a code. Raises NotFound."""
    found = session.scalar(select(Plan).where(Plan.code == code))
    if found is None:
        raise NotFound(lazy_gettext("没有代码为 %(code)s 的方案。", code=code))
    return with_rules(found)


def current_plan(session: Session) -> Plan:
    """The plan pages open with: the one that began last. Raises NotFound where none is loaded."""
    found = session.scalar(select(Plan).order_by(Plan.starts_on.desc(), Plan.id.desc()).limit(1))
    if found is None:
        raise NotFound(lazy_gettext("还没有载入任何方案。"))
    return with_rules(found)


def plans(session: Session, actor: Actor, today: date) -> list[tuple[Plan, bool]]:
    """All plans, and whether each concerns the actor: it does where its region holds a place of the actor's or reverse.

    First those that do, of these first what has begun, of this the newest first.
    """
    query = select(Plan, Organisation.path).join(Organisation, Organisation.id == Plan.region_id)
    found = [
        (with_rules(plan), any(path.startswith(grant.path) or grant.path.startswith(path) for grant in actor.grants))
        for plan, path in session.execute(query)
    ]
    return sorted(found, key=lambda each: (each[1], each[0].starts_on <= today, each[0].starts_on, each[0].id))[::-1]


def measures(session: Session, plan_id: int) -> list[Clause]:
    """The clauses that are columns of the dashboard, in the plan's order."""
    query = select(Clause).where(Clause.plan_id == plan_id, Clause.measure).order_by(Clause.sort)
    return list(session.scalars(query))


def clauses(session: Session, plan_id: int, actor: Actor) -> Sequence[Row[Clause, int, int, int, int]]:
    """Each clause with its sentences and tasks, and the assignments and close-outs of the actor's area, counted."""
    counted = _assignments_by_clause(plan_id, actor).subquery()
    sentences = (
        select(func.count(Sentence.id)).where(Sentence.clause_id == Clause.id).correlate(Clause).scalar_subquery()
    )
    tasks = select(func.count(Task.id)).where(Task.clause_id == Clause.id).correlate(Clause).scalar_subquery()
    query = (
        select(
            Clause,
            sentences.label("sentences"),
            tasks.label("tasks"),
            func.coalesce(counted.c.total, 0).label("assignments"),
            func.coalesce(counted.c.done, 0).label("done"),
        )
        .outerjoin(counted, counted.c.clause_id == Clause.id)
        .where(Clause.plan_id == plan_id)
        .order_by(Clause.sort, Clause.id)
    )
    return session.execute(query).all()


def _assignments_by_clause(plan_id: int, actor: Actor) -> Select[int, int, int]:
    done = func.sum(case((Assignment.status == "verified", 1), else_=0))
    return (
        select(Assignment.clause_id, func.count(Assignment.id).label("total"), done.label("done"))
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, within(Organisation.path, actor))
        .group_by(Assignment.clause_id)
    )


def get_clause(session: Session, plan_id: int, code: str) -> ClauseView:
    """A clause with its sentences and, under each, the tasks that answer to it. Raises NotFound."""
    everything = list(session.scalars(select(Clause).where(Clause.plan_id == plan_id).order_by(Clause.sort, Clause.id)))
    place = next((index for index, each in enumerate(everything) if each.code == code), None)
    if place is None:
        raise NotFound(lazy_gettext("方案中没有编号为 %(code)s 的条款。", code=code))
    clause = everything[place]
    return ClauseView(
        clause,
        _sentence_views(session, clause.id),
        everything[place - 1] if place else None,
        everything[place + 1] if place + 1 < len(everything) else None,
    )


def _sentence_views(session: Session, clause_id: int) -> tuple[SentenceView, ...]:
    sentences = session.scalars(select(Sentence).where(Sentence.clause_id == clause_id).order_by(Sentence.sort)).all()
    linked = (
        select(TaskSentence.sentence_id, Task)
        .join(Task, Task.id == TaskSentence.task_id)
        .where(TaskSentence.sentence_id.in_([each.id for each in sentences]))
        .order_by(Task.sort)
    )
    tasks: dict[int, list[Task]] = {}
    for sentence_id, task in session.execute(linked):
        tasks.setdefault(sentence_id, []).append(task)
    return tuple(SentenceView(each, tuple(tasks.get(each.id, ()))) for each in sentences)


def get_task(session: Session, plan_id: int, code: str) -> Task:
    """A task with its clause and sentences. Raises NotFound. Its assignments: `lists.assignments(task=code)`."""
    query = (
        select(Task)
        .where(Task.plan_id == plan_id, Task.code == code)
        .options(joinedload(Task.clause), selectinload(Task.sentences))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(lazy_gettext("方案中没有代码为 %(code)s 的任务。", code=code))
    return found


def get_assignment(
    session: Session, assignment_id: int, actor: Actor, permission: Permission = Permission.SEE
) -> Assignment:
    """An assignment with its plan, task, clause, sentences, organisation and the one above it, in two statements.

    Raises NotFound when there is none in the part of the tree where the actor holds the permission.
    """
    found = session.scalar(_assignment(actor, permission), {"assignment": assignment_id})
    if found is None:
        raise NotFound(lazy_gettext("没有这个任务事项，或者不在您的管辖范围内。"))
    with_rules(found.plan)
    return found


@lru_cache(maxsize=256)
def _assignment(actor: Actor, permission: Permission) -> Select[Assignment]:
    # Put together once a person: it takes longer than finding the row.
    return (
        select(Assignment)
        .join(Assignment.organisation)
        .where(Assignment.id == bindparam("assignment"), within(Organisation.path, actor, permission))
        .options(
            contains_eager(Assignment.organisation).joinedload(Organisation.parent),
            joinedload(Assignment.plan),
            joinedload(Assignment.task).options(joinedload(Task.clause), selectinload(Task.sentences)),
        )
    )


def parts(session: Session, assignment_id: int) -> Sequence[Row[str, Organisation]]:
    """The organisations that lead or support an assignment besides the one responsible: (part, organisation)."""
    return session.execute(_PARTS, {"assignment": assignment_id}).all()


# Put together once: every assignment's page asks.
_PARTS = (
    select(AssignmentPart.part, Organisation)
    .join(Organisation, Organisation.id == AssignmentPart.organisation_id)
    .where(AssignmentPart.assignment_id == bindparam("assignment"))
    .order_by(AssignmentPart.part, Organisation.sort)
)
_DUE_DATES = select(DueDate).where(DueDate.assignment_id == bindparam("assignment")).order_by(DueDate.revision)


def due_dates(session: Session, assignment_id: int) -> list[DueDate]:
    """The versions of an assignment's due date, the plan's own first."""
    return list(session.scalars(_DUE_DATES, {"assignment": assignment_id}))


def season_of(session: Session, assignment: Assignment) -> Season | None:
    """The season of a seasonal duty as the organisation keeps it, with the note that says where its days come from."""
    if not assignment.task.season_code:
        return None
    own = Season.organisation_id == assignment.organisation_id
    query = (
        select(Season)
        .where(Season.plan_id == assignment.plan_id, Season.code == assignment.task.season_code)
        .where(own | Season.organisation_id.is_(None))
        .order_by(Season.organisation_id.is_(None))
        .limit(1)
    )
    return session.scalar(query)
