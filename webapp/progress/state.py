"""From rows to facts to the stored light: what the rules need is read set-wise, what they answer is written back.

Writing a light does not raise an assignment's version: a form somebody has open does not go stale because a day passed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.clock import local_date, month_end
from webapp.db import plain_rows
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM
from webapp.plans.models import Assignment, DueDate, MonthlyNode, Plan, Task
from webapp.progress.facts import AssignmentFacts, Node, TaskFacts, Thresholds
from webapp.progress.lights import Light, light
from webapp.progress.rules import ONE_DAY, completion, first_missed
from webapp.progress.tallying import Cause, Change, Counted, counted, note, stored

BATCH = 500
FELL = "light.fell"
SEVERITY = {"grey": 0, "green": 0, "yellow": 1, "red": 2}
LIGHT_COLUMNS = ("light", "light_label", "light_until", "silent_months", "pace", "completion")
CLAIMING = frozenset({"claimed", "na_claimed", "verified", "not_applicable"})

AnyRow = Row[*tuple[Any, ...]]
# How assignments were counted before, by id.
Before = Mapping[int, Counted | None]


@dataclass(frozen=True, slots=True)
class Known:
    """An assignment as stored, its facts, and the limits of its plan; what the facts were made of beside the row."""

    row: AnyRow
    facts: AssignmentFacts
    thresholds: Thresholds
    nodes: Sequence[AnyRow] = ()
    versions: Sequence[tuple[date, date]] = ()


# Built once: composing a statement costs more than SQLite takes to answer it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ASSIGNMENTS = (
    select(
        Assignment.id, Assignment.plan_id, Assignment.organisation_id, Assignment.clause_id, Assignment.task_id,
        Assignment.version, Assignment.status, Assignment.starts_on,
        Assignment.due, Assignment.nominal_due, Assignment.claimed, Assignment.verified, Assignment.claimed_at,
        Assignment.first_done_at, Assignment.last_update_at, Assignment.light, Assignment.light_label,
        Assignment.light_until, Assignment.silent_months, Assignment.pace, Assignment.completion,
        Organisation.path,
        Task.kind, Task.comparator, Task.target_min, Task.target_max, Task.unit, Task.measure_kind, Task.named,
    )
    .join(Task, Task.id == Assignment.task_id)
    .join(Organisation, Organisation.id == Assignment.organisation_id)
    .where(Assignment.id.in_(_IDS))
)  # fmt: skip
_NEWEST_NODES = (
    select(MonthlyNode.assignment_id, func.max(MonthlyNode.revision).label("revision"))
    .where(MonthlyNode.assignment_id.in_(_IDS))
    .group_by(MonthlyNode.assignment_id)
    .subquery()
)
_NODES = (
    select(MonthlyNode.assignment_id, MonthlyNode.month, MonthlyNode.share)
    .join(
        _NEWEST_NODES,
        (MonthlyNode.assignment_id == _NEWEST_NODES.c.assignment_id)
        & (MonthlyNode.revision == _NEWEST_NODES.c.revision),
    )
    .order_by(MonthlyNode.month)
)
_VERSIONS = (
    select(DueDate.assignment_id, DueDate.recorded_at, DueDate.due)
    .where(DueDate.assignment_id.in_(_IDS))
    .order_by(DueDate.assignment_id, DueDate.revision)
)


def known(session: Session, ids: Collection[int], today: date) -> list[Known]:
    """Facts of some assignments, in four statements; the order of ids is not kept. At most `BATCH` ids at a time."""
    rows = plain_rows(session, _ASSIGNMENTS, ids=list(ids))
    nodes, versions = _nodes(session, ids), _versions(session, ids)
    plans = [session.get_one(Plan, plan_id) for plan_id in {row.plan_id for row in rows}]
    limits = {plan.id: Thresholds.from_data(plan.rules.get("thresholds", {})) for plan in plans}
    return [_known(row, nodes.get(row.id, ()), versions.get(row.id, ()), limits[row.plan_id], today) for row in rows]


def known_of(
    assignment: Assignment, nodes: Sequence[MonthlyNode], dates: Sequence[DueDate], today: date
) -> tuple[AssignmentFacts, Thresholds]:
    """The same of an assignment that was loaded with its task and plan, from all that was filed on it: no statement."""
    newest = max((each.revision for each in nodes), default=0)
    holding = [each for each in nodes if each.revision == newest]
    versions = [(local_date(each.recorded_at), each.due) for each in dates]
    facts = _facts(assignment, assignment.task, holding, versions, today)
    return facts, Thresholds.from_data(assignment.plan.rules.get("thresholds", {}))


def known_again(session: Session, before: Known, today: date) -> Known:
    """The facts of an assignment after its row was written; neither its plan nor its dates changed since `before`."""
    (row,) = plain_rows(session, _ASSIGNMENTS, ids=[before.row.id])
    return _known(row, before.nodes, before.versions, before.thresholds, today)


def known_on(found: Known, day: date) -> Known:
    """The same assignment looked at on another day, nothing having been filed in between."""
    return replace(found, facts=_facts(found.row, found.row, found.nodes, found.versions, day))


def _known(
    row: AnyRow,
    nodes: Sequence[AnyRow],
    versions: Sequence[tuple[date, date]],
    thresholds: Thresholds,
    today: date,
) -> Known:
    return Known(row, _facts(row, row, nodes, versions, today), thresholds, nodes, versions)


def _nodes(session: Session, ids: Collection[int]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in plain_rows(session, _NODES, ids=list(ids)):
        found.setdefault(row.assignment_id, []).append(row)
    return found


def _versions(session: Session, ids: Collection[int]) -> dict[int, list[tuple[date, date]]]:
    """The due dates by assignment, oldest first: (day decided, due date)."""
    found: dict[int, list[tuple[date, date]]] = {}
    for row_id, recorded_at, due in plain_rows(session, _VERSIONS, ids=list(ids)):
        found.setdefault(row_id, []).append((local_date(recorded_at), due))
    return found


def _facts(
    row: AnyRow | Assignment,
    task: AnyRow | Task,
    nodes: Sequence[AnyRow] | Sequence[MonthlyNode],
    versions: Sequence[tuple[date, date]],
    today: date,
) -> AssignmentFacts:
    claimed_on = _day(row.claimed_at)
    until = claimed_on if claimed_on and row.status in CLAIMING else today
    return AssignmentFacts(
        task=TaskFacts(
            task.kind, task.comparator, task.target_min, task.target_max, task.unit, task.measure_kind, task.named
        ),
        status=row.status,
        starts_on=row.starts_on,
        due=row.due,
        nominal_due=row.nominal_due,
        nodes=tuple(as_node(node.month, node.share, row.due) for node in nodes),
        claimed=row.claimed,
        verified=row.verified,
        claimed_on=claimed_on,
        first_done_on=_day(row.first_done_at),
        # One version alone is judged by the due date itself.
        missed_on=first_missed(versions, until) if len(versions) > 1 else None,
        last_update_on=_day(row.last_update_at),
        opened_on=versions[0][0] if versions else None,
    )


def as_node(month: date, share: Any, due: date | None) -> Node:
    """A filed node: it binds at its month's end, in the month of the due date on that date."""
    last = month_end(month)
    return Node(min(last, due) if due and due >= month else last, share)


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else local_date(instant)


# --- writing lights


def light_values(found: Known, today: date) -> dict[str, Any]:
    """The stored form of an assignment's light on a day."""
    shown: Light = light(found.facts, today, found.thresholds)
    return {
        "light": shown.colour,
        "light_label": shown.label,
        "light_until": shown.until,
        "silent_months": shown.silent_months,
        "pace": shown.pace,
        "completion": completion(found.facts),
    }


def relight_some(
    session: Session,
    ids: Sequence[int],
    *,
    now: datetime,
    note_falls: bool = True,
    cause: Cause = "filed",
    before: Before | None = None,
) -> int:
    """Work out the lights of some assignments and store those that differ; how many changed. The caller holds the rows.

    A light that got worse is put on record ("what fell behind this week"), unless `note_falls` is off: a plan loaded
    late does not make everybody fall behind on the day it is loaded.
    """
    today, changed = local_date(now), 0
    for start in range(0, len(ids), BATCH):
        found = known(session, ids[start : start + BATCH], today)
        lit = [(each, light_values(each, today)) for each in found]
        changed += keep_lights(session, lit, now=now, note_falls=note_falls, cause=cause, before=before)
    return changed


def keep_lights(
    session: Session,
    lit: Sequence[tuple[Known, dict[str, Any]]],
    *,
    now: datetime,
    note_falls: bool = True,
    cause: Cause = "filed",
    before: Before | None = None,
) -> int:
    """Store lights already worked out, where they differ from what was read; how many did.

    `before` says how assignments were counted whose due date or clause has changed too (None: not at all).
    """
    differing = [(each, new) for each, new in lit if any(getattr(each.row, key) != new[key] for key in new)]
    _store(session, differing)
    changes = (_change(each.row, local_date(now), new, before or {}) for each, new in lit)
    note(session, changes, cause=cause, now=now)
    if note_falls:
        _note_falls(session, differing, now)
    return len(differing)


def _change(row: AnyRow, day: date, new: Mapping[str, Any], before: Before) -> Change:
    was = before[row.id] if row.id in before else stored(row)
    return Change(row, day, was, counted(row, new["light"], new["light_label"], new["completion"]))


_COLUMNS = Assignment.__table__.c
_WRITE_LIGHT = (
    update(Assignment.__table__)  # type: ignore[arg-type]
    .where(_COLUMNS.id == bindparam("row_id"), _COLUMNS.version == bindparam("row_version"))
    .values({name: bindparam(f"new_{name}", type_=_COLUMNS[name].type) for name in LIGHT_COLUMNS})
)


def _store(session: Session, lit: Iterable[tuple[Known, dict[str, Any]]]) -> None:
    """Write lights, but not over an assignment that somebody saved since it was read."""
    parameters = [
        {"row_id": each.row.id, "row_version": each.row.version} | {f"new_{name}": new[name] for name in new}
        for each, new in lit
    ]
    if parameters:
        session.connection().execute(_WRITE_LIGHT, parameters)


def _note_falls(session: Session, lit: Iterable[tuple[Known, dict[str, Any]]], now: datetime) -> None:
    events = [
        {
            "recorded_at": now,
            "actor_id": SYSTEM.id,
            "actor_label": SYSTEM.name,
            "action": FELL,
            "subject_kind": "assignment",
            "subject_id": each.row.id,
            "area": each.row.path,
            "facts": {"from": each.row.light, "to": new["light"], "label": new["light_label"]},
        }
        for each, new in lit
        if SEVERITY[new["light"]] > SEVERITY[each.row.light]
    ]
    if events:
        session.execute(insert(AuditEvent), events)


def relight(session: Session, *, now: datetime) -> int:
    """Work out anew the lights whose last good day has passed, batch by batch; how many changed.

    What somebody else is changing right now is left to them.
    """
    today = local_date(now)
    passed = select(Assignment.id).where(Assignment.light_until < today).order_by(Assignment.light_until, Assignment.id)
    changed = 0
    while ids := session.scalars(passed.limit(BATCH).with_for_update(skip_locked=True)).all():
        changed += catch_up(session, ids, now=now)
    return changed


def catch_up(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Bring lights to today that time alone has changed, each change on the day it came; the caller holds the rows."""
    today = local_date(now)
    lit = [(each, _passing(each, today)) for each in known(session, ids, today)]
    kept = [(each, steps[-1][1]) for each, steps in lit if steps]
    differing = [(each, new) for each, new in kept if any(getattr(each.row, key) != new[key] for key in new)]
    _store(session, differing)
    note(session, (change for each, steps in lit for change in _changes(each.row, steps)), cause="time", now=now)
    _note_falls(session, differing, now)
    return len(differing)


def _passing(found: Known, today: date) -> list[tuple[date, dict[str, Any]]]:
    """The lights since the stored one ended, each with its first day; the last holds today."""
    steps, until = [], found.row.light_until
    while until is not None and until < today:
        day = until + ONE_DAY
        values = light_values(known_on(found, day), day)
        steps.append((day, values))
        until = values["light_until"]
    return steps


def _changes(row: AnyRow, steps: Iterable[tuple[date, Mapping[str, Any]]]) -> Iterator[Change]:
    was = stored(row)
    for day, new in steps:
        now_is = counted(row, new["light"], new["light_label"], new["completion"])
        yield Change(row, day, was, now_is)
        was = now_is
