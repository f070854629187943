"""The whole plan as one page: every clause, its sentences, the tasks that answer each, and what one's area holds.

Five statements, however long the plan is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Clause, Season, Sentence, Task, TaskSentence
from webapp.plans.queries import clauses


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with how many of its assignments lie in the reader's area, how many of these are closed out or behind."""

    code: str
    title_zh: str
    title_en: str
    kind: str
    assignments: int
    done: int
    behind: int


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """A sentence with the tasks that answer it."""

    sentence: Row[*tuple[Any, ...]]
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """A clause with its counts (see `queries.clauses`) and its sentences."""

    clause: Clause
    sentences: tuple[SentenceLine, ...]
    tasks: int
    assignments: int
    done: int

    @property
    def waived(self) -> int:
        """How many sentences ask for nothing, each with its reason."""
        return sum(1 for line in self.sentences if not line.tasks)


def document(session: Session, plan_id: int, actor: Actor) -> list[ClauseLine]:
    """The plan's clauses in their order."""
    tasks = task_lines(session, plan_id, actor)
    by_clause = _sentences(session, plan_id, tasks)
    return [
        ClauseLine(row[0], tuple(by_clause.get(row[0].id, ())), row.tasks, row.assignments, row.done)
        for row in clauses(session, plan_id, actor)
    ]


def _sentences(session: Session, plan_id: int, tasks: dict[int, TaskLine]) -> dict[int, list[SentenceLine]]:
    answers: dict[int, list[TaskLine]] = {}
    links = (
        select(TaskSentence.sentence_id, TaskSentence.task_id)
        .join(Task, Task.id == TaskSentence.task_id)
        .where(Task.plan_id == plan_id)
        .order_by(Task.sort, Task.id)
    )
    for sentence_id, task_id in session.execute(links):
        answers.setdefault(sentence_id, []).append(tasks[task_id])
    columns = (Sentence.id, Sentence.clause_id, Sentence.code, Sentence.gist_zh, Sentence.gist_en, Sentence.source_text,
               Sentence.waived_zh, Sentence.waived_en)  # fmt: skip
    query = (
        select(*columns)
        .join(Clause, Clause.id == Sentence.clause_id)
        .where(Clause.plan_id == plan_id)
        .order_by(Clause.sort, Sentence.sort, Sentence.id)
    )
    found: dict[int, list[SentenceLine]] = {}
    for sentence in session.execute(query):
        line = SentenceLine(sentence, tuple(answers.get(sentence.id, ())))
        found.setdefault(sentence.clause_id, []).append(line)
    return found


def task_lines(session: Session, plan_id: int, actor: Actor) -> dict[int, TaskLine]:
    """All tasks of a plan by id, with the assignments of the actor's area counted."""
    counted = (
        select(
            Assignment.task_id,
            func.count(Assignment.id).label("total"),
            func.sum(case((Assignment.status == "verified", 1), else_=0)).label("done"),
            func.sum(case((Assignment.light.in_(("yellow", "red")), 1), else_=0)).label("behind"),
        )
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, within(Organisation.path, actor))
        .group_by(Assignment.task_id)
        .subquery()
    )
    columns = (Task.id, Task.code, Task.title_zh, Task.title_en, Task.kind)
    query = (
        select(*columns, counted.c.total, counted.c.done, counted.c.behind)
        .outerjoin(counted, counted.c.task_id == Task.id)
        .where(Task.plan_id == plan_id)
        .order_by(Task.sort, Task.id)
    )
    return {
        row.id: TaskLine(
            row.code, row.title_zh, row.title_en, row.kind, row.total or 0, int(row.done or 0), int(row.behind or 0)
        )
        for row in session.execute(query)
    }


def seasons(session: Session, plan_id: int) -> Sequence[Season]:
    """The plan's own seasons, with the note that says where their days come from."""
    query = select(Season).where(Season.plan_id == plan_id, Season.organisation_id.is_(None))
    return session.scalars(query.order_by(Season.starts_on)).all()


def season_overrides(session: Session, plan_id: int, code: str) -> Sequence[Row[Season, str, str]]:
    """The organisations that keep other days of a season: (season, short names)."""
    query = (
        select(Season, Organisation.short_zh, Organisation.short_en)
        .join(Organisation, Organisation.id == Season.organisation_id)
        .where(Season.plan_id == plan_id, Season.code == code)
        .order_by(Organisation.sort)
    )
    return session.execute(query).all()
