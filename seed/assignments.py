"""The assignments that follow from a pack: one a task and organisation, with their due dates and other parties.

Due dates come from the pack's rules, never from here. A date that a changed pack moves becomes a new `DueDate` version
with its reason; the figures and the status an organisation has filed stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from seed.models import Who
from seed.pack import Pack
from seed.problems import PackError
from seed.sync import Row, Tally, compare, existing, insert_rows, update_rows
from seed.taskmodel import Task as PackTask
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM
from webapp.plans.models import Assignment, AssignmentPart, Clause, DueDate, Task
from webapp.plans.rules import begins_on, nominal_due
from webapp.progress.letters import LETTERS, averaged_share
from webapp.progress.service import leave_out
from webapp.progress.state import relight_some
from webapp.progress.tallying import Counted

Ids = Mapping[str, int]
# Kept in Chinese like every text a person wrote: the reason stands in the record, not on a label.
PLAN_DATE = "方案规定"
MOVED_BY_PACK = "方案数据更新"
TAKEN_OFF = "方案数据更新后不再承担此项任务"


def load_assignments(
    session: Session, pack: Pack, plan_id: int, tasks: Ids, organisations: Ids, *, tally: Tally, now: datetime
) -> tuple[str, ...]:
    """Bring the assignments of a plan in line with its pack; the ones taken off the plan, as "task/organisation".

    Raises PackError for an assignment that the pack no longer knows and on which something was filed.
    """
    wanted = _wanted(session, pack, plan_id, tasks, organisations)
    found = existing(session, Assignment, (Assignment.plan_id == plan_id) & Assignment.parent_id.is_(None))
    difference = compare(found, wanted, ("task_id", "organisation_id"))
    tally.count(added=len(difference.new), changed=len(difference.other), same=difference.same)
    insert_rows(session, Assignment, [{**row, "due": row["nominal_due"]} for row in difference.new])
    moved = [(old["id"], {**new, "due": _due_after(old, new)}) for old, new in difference.other]
    update_rows(session, Assignment, moved)
    ids = _ids(session, plan_id)
    _date(session, ids, difference.new, difference.other, now)
    _load_parts(session, pack, tasks, organisations, ids, tally)
    before: dict[int, Counted | None] = {ids[row["task_id"], row["organisation_id"]]: None for row in difference.new}
    before |= {old["id"]: _counted(old) for old, _ in difference.other}
    relight_some(session, list(before), now=now, note_falls=False, cause="loaded", before=before)
    return _take_off(session, pack, found, wanted, now)


def _counted(old: Row) -> Counted:
    share = averaged_share(old["light_label"], old["completion"])
    return Counted(old["clause_id"], old["due"], LETTERS[old["light"], old["light_label"]], share)


def _wanted(session: Session, pack: Pack, plan_id: int, tasks: Ids, organisations: Ids) -> list[Row]:
    by_code = session.execute(select(Clause.code, Clause.id).where(Clause.plan_id == plan_id))
    clause_ids = {row[0]: row[1] for row in by_code}
    seasons = pack.seasons()
    rows: list[Row] = []
    for task in pack.tasks:
        rule = pack.due_rule(task)
        rows += [
            {
                "plan_id": plan_id,
                "task_id": tasks[task.code],
                "clause_id": clause_ids[task.clause],
                "organisation_id": organisations[code],
                "starts_on": begins_on(rule, seasons, code, pack.plan.starts_on),
                "nominal_due": nominal_due(rule, seasons, code),
            }
            for code in pack.members(task.who)
        ]
    return rows


def _due_after(old: Row, new: Row) -> date | None:
    """The effective date when the plan's own date changes: an extension is kept while it is the later one."""
    nominal: date | None = new["nominal_due"]
    current: date | None = old["due"]
    if nominal is None or current is None or current == old["nominal_due"]:
        return nominal
    return max(current, nominal)


def _ids(session: Session, plan_id: int) -> dict[tuple[int, int], int]:
    columns = (Assignment.task_id, Assignment.organisation_id, Assignment.id)
    rows = session.execute(select(*columns).where(Assignment.plan_id == plan_id))
    return {(task_id, organisation_id): row_id for task_id, organisation_id, row_id in rows}


def _date(
    session: Session,
    ids: Mapping[tuple[int, int], int],
    new: Sequence[Row],
    other: Iterable[tuple[Row, Row]],
    now: datetime,
) -> None:
    """Write the first version of each new date, and a further one where a date moved."""
    first = [(ids[row["task_id"], row["organisation_id"]], row["nominal_due"], PLAN_DATE) for row in new]
    later = [(old["id"], due, MOVED_BY_PACK) for old, row in other if (due := _due_after(old, row)) != old["due"]]
    rows = [each for each in (*first, *later) if each[1] is not None]
    ranks: dict[int, int] = {}
    if later:
        highest = select(DueDate.assignment_id, func.max(DueDate.revision)).group_by(DueDate.assignment_id)
        ranks = {row[0]: row[1] for row in session.execute(highest)}
    insert_rows(session, DueDate, [_due_row(row_id, ranks.get(row_id, 0) + 1, due, reason, now)
                                   for row_id, due, reason in rows])  # fmt: skip


def _due_row(assignment_id: int, revision: int, due: date | None, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "assignment_id": assignment_id,
        "revision": revision,
        "due": due,
        "reason": reason,
        "decided_by": SYSTEM.id,
        "decided_by_label": SYSTEM.name,
        "recorded_at": now,
    }


def _load_parts(
    session: Session,
    pack: Pack,
    tasks: Ids,
    organisations: Ids,
    ids: Mapping[tuple[int, int], int],
    tally: Tally,
) -> None:
    """Who leads or supports besides the organisation responsible."""
    wanted: set[tuple[int, int, str]] = set()
    for task in pack.tasks:
        others = _others(pack, task)
        for code in pack.members(task.who) if others else ():
            row_id = ids[tasks[task.code], organisations[code]]
            wanted |= {(row_id, organisations[other], part) for other, part in others.items() if other != code}
    columns = (AssignmentPart.assignment_id, AssignmentPart.organisation_id, AssignmentPart.part)
    of_plan = AssignmentPart.assignment_id.in_(select(Assignment.id).where(Assignment.task_id.in_(tasks.values())))
    found = {(row[0], row[1], row[2]) for row in session.execute(select(*columns).where(of_plan))}
    for row_id, organisation_id, _ in found - wanted:
        session.execute(
            delete(AssignmentPart).where(
                AssignmentPart.assignment_id == row_id, AssignmentPart.organisation_id == organisation_id
            )
        )
    names = [column.key for column in columns]
    insert_rows(session, AssignmentPart, [dict(zip(names, row, strict=True)) for row in sorted(wanted - found)])
    tally.count(added=len(wanted - found), changed=len(found - wanted), same=len(found & wanted))


def _others(pack: Pack, task: PackTask) -> dict[str, str]:
    """The other parties by code; one that leads is not named again among those who support."""
    supporting = dict.fromkeys(pack.members(Who(of=task.supporting)), "supporting") if task.supporting else {}
    leading = dict.fromkeys(pack.members(Who(of=task.lead)), "lead") if task.lead else {}
    return supporting | leading


def _take_off(
    session: Session, pack: Pack, found: Sequence[Row], wanted: Sequence[Row], now: datetime
) -> tuple[str, ...]:
    """Leave out assignments the pack no longer knows, if nothing was filed on them; PackError where something was."""
    kept = {(row["task_id"], row["organisation_id"]) for row in wanted}
    gone = [
        row for row in found
        if (row["task_id"], row["organisation_id"]) not in kept and row["status"] != "not_applicable"
    ]  # fmt: skip
    if not gone:
        return ()
    names = _names(session, [row["id"] for row in gone])
    if touched := [names[row["id"]] for row in gone if row["last_update_at"] is not None]:
        raise PackError(
            pack.problem("task", task, "who", f"{code} has already filed progress on {task}; keep it under `who`")
            for task, code in touched
        )
    leave_out(session, [row["id"] for row in gone], reason=TAKEN_OFF, now=now)
    return tuple(f"{task}/{code}" for task, code in sorted(names.values()))


def _names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    query = (
        select(Assignment.id, Task.code, Organisation.code)
        .join(Task, Task.id == Assignment.task_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.id.in_(ids))
    )
    return {row_id: (task, code) for row_id, task, code in session.execute(query)}
