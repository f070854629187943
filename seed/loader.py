"""Write a checked pack into the database: `load` brings the plan in line with its pack and says what it changed.

Loading the same pack twice changes nothing. A changed pack updates texts and figures and adds tasks; what organisations
have filed is never touched. The rows of the plan are worked out in `seed.planrows`, the assignments in
`seed.assignments`.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from seed import planrows
from seed.assignments import load_assignments
from seed.attach import attach_source
from seed.pack import Pack
from seed.sync import Tally, insert_rows, sync, update_rows
from webapp.audit.service import record
from webapp.organisations.models import Organisation
from webapp.organisations.service import save_organisations
from webapp.permissions import SYSTEM
from webapp.plans.models import Clause, Plan, Reporter, Season, Sentence, Task, TaskSentence
from webapp.rollups.folding import fold

__all__ = ["LoadResult", "attach_source", "load"]

Ids = dict[str, int]


@dataclass(frozen=True)
class LoadResult:
    """How many rows a load added, changed and left as they were; the assignments it took off the plan as "task/org"."""

    added: int
    changed: int
    same: int
    left_out: tuple[str, ...] = ()

    @property
    def nothing_changed(self) -> bool:
        """Whether the database already held exactly this pack."""
        return not self.added and not self.changed and not self.left_out

    def __str__(self) -> str:
        if self.nothing_changed:
            return f"nothing changed ({self.same} rows)"
        taken_off = f", taken off: {' '.join(self.left_out)}" if self.left_out else ""
        return f"{self.added} rows added, {self.changed} changed, {self.same} unchanged{taken_off}"


def load(session: Session, pack: Pack, *, now: datetime) -> LoadResult:
    """Bring the database in line with a pack, within the running transaction.

    Raises PackError when the pack no longer gives a task to an organisation that has already filed progress on it,
    and Conflict or Invalid from the organisations' own rules. Nothing may be kept then.
    """
    tally = Tally()
    organisations = _load_organisations(session, pack, tally)
    plan_id = _load_plan(session, pack, organisations, tally, now)
    sync(session, Reporter, ("organisation_id",), planrows.reporters(pack, plan_id, organisations),
         Reporter.plan_id == plan_id, tally)  # fmt: skip
    sync(session, Season, ("code", "organisation_id"), planrows.seasons(pack, plan_id, organisations),
         Season.plan_id == plan_id, tally)  # fmt: skip
    tasks = _load_clauses_and_tasks(session, pack, plan_id, tally)
    left_out = load_assignments(session, pack, plan_id, tasks, organisations, tally=tally, now=now)
    result = LoadResult(tally.added, tally.changed, tally.same, left_out)
    if not result.nothing_changed:
        facts = {"added": result.added, "changed": result.changed, "left_out": list(left_out)}
        record(session, "plan.load", ("plan", plan_id), actor=SYSTEM, now=now, facts=facts)
    session.flush()
    fold(session)
    # Rows were written past the session's own objects.
    session.expire_all()
    return result


def _load_organisations(session: Session, pack: Pack, tally: Tally) -> Ids:
    columns = Organisation.__table__.c
    before = {row.code: tuple(row) for row in session.execute(select(*columns))}
    saved = save_organisations(session, pack.organisations)
    for org in pack.organisations:
        old = before.get(org.code)
        if old is None:
            tally.count(added=1)
        else:
            differs = old != tuple(getattr(saved[org.code], column.key) for column in columns)
            tally.count(changed=int(differs), same=int(not differs))
    return {code: organisation.id for code, organisation in saved.items()}


def _load_plan(session: Session, pack: Pack, organisations: Ids, tally: Tally, now: datetime) -> int:
    row = planrows.plan(pack, organisations) | {"pack_hash": pack_hash(pack)}
    found = session.scalar(select(Plan).where(Plan.code == pack.plan.code))
    if found is None:
        found = Plan(**row, loaded_at=now)
        session.add(found)
        session.flush()
        tally.count(added=1)
    elif any(getattr(found, column) != value for column, value in row.items()):
        update_rows(session, Plan, [(found.id, {**row, "loaded_at": now})])
        tally.count(changed=1)
    else:
        tally.count(same=1)
    return found.id


def _load_clauses_and_tasks(session: Session, pack: Pack, plan_id: int, tally: Tally) -> Ids:
    """Clauses, sentences, tasks and the links between them; the ids of the plan's tasks by code."""
    found = sync(session, Clause, ("code",), planrows.clauses(pack, plan_id), Clause.plan_id == plan_id, tally)
    clauses = {code: clause_id for (code,), clause_id in found.items()}
    in_plan = Sentence.clause_id.in_(clauses.values())
    found = sync(session, Sentence, ("clause_id", "code"), planrows.sentences(pack, clauses), in_plan, tally)
    sentences = {code: sentence_id for (_, code), sentence_id in found.items()}
    found = sync(session, Task, ("code",), planrows.tasks(pack, plan_id, clauses), Task.plan_id == plan_id, tally)
    tasks = {code: task_id for (code,), task_id in found.items()}
    _link_sentences(session, pack, tasks, sentences, tally)
    return tasks


def _link_sentences(session: Session, pack: Pack, tasks: Ids, sentences: Ids, tally: Tally) -> None:
    wanted = {(tasks[task.code], sentences[code]) for task in pack.tasks for code in task.sentences}
    cited_by = TaskSentence.task_id.in_([tasks[task.code] for task in pack.tasks])
    links = select(TaskSentence.task_id, TaskSentence.sentence_id).where(cited_by)
    found = {(row[0], row[1]) for row in session.execute(links)}
    for task_id, sentence_id in found - wanted:
        session.execute(
            delete(TaskSentence).where(TaskSentence.task_id == task_id, TaskSentence.sentence_id == sentence_id)
        )
    new = [{"task_id": task_id, "sentence_id": sentence_id} for task_id, sentence_id in sorted(wanted - found)]
    insert_rows(session, TaskSentence, new)
    tally.count(added=len(wanted - found), changed=len(found - wanted), same=len(found & wanted))


def pack_hash(pack: Pack) -> str:
    """SHA-256 of what a pack says, whatever the order of keys and the comments in its files."""
    parts = [
        pack.plan,
        *pack.organisations,
        *pack.clauses,
        *pack.tasks,
        *pack.ledgers,
        *([pack.caps] if pack.caps else []),
        *([pack.ranking] if pack.ranking else []),
    ]
    text = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
