"""Assignments as CSV or JSON, row by row: the plan as a table others can check.

Codes stay codes, shares stay fractions, dates are ISO; a cell that a spreadsheet would take for a formula is disarmed.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TextIO

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from webapp.documents.words import disarmed
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission
from webapp.plans.lists import Filter, conditions, with_places
from webapp.plans.models import Assignment, Clause, Plan, Sentence, Task, TaskSentence
from webapp.plans.queries import get_plan

Format = Literal["csv", "json"]
FORMATS = ("csv", "json")
HEADER = (
    "plan", "clause", "sentences", "task", "org", "org_name", "nominal_due", "due", "season", "comparator",
    "target_min", "target_max", "unit", "status", "light",
    "kind", "recurrence", "basically", "named", "title_zh", "title_en", "claimed", "verified", "completion",
)  # fmt: skip
# A lone comparator is no formula; it comes from a fixed list.
NEVER_A_FORMULA = frozenset({"comparator"})
BATCH = 500

Record = dict[str, Any]


def export_assignments(
    session: Session, plan_code: str, fmt: str, *, stream: TextIO, actor: Actor | None = None
) -> None:
    """Write all assignments of a plan, or those of an actor's area, to a text stream. Raises NotFound for the plan."""
    stream.writelines(export_chunks(session, plan_code, fmt, actor=actor))


def export_chunks(
    session: Session, plan_code: str, fmt: str, *, actor: Actor | None = None, where: Filter | None = None
) -> Iterator[str]:
    """The same text piece by piece, for a streamed response; an actor's list may be narrowed as on its page.

    Raises NotFound before the first piece.
    """
    if fmt not in FORMATS:
        raise ValueError(f"{fmt} is not one of {', '.join(FORMATS)}")
    plan = get_plan(session, plan_code)
    records = _records(session, plan, actor, where)
    return _as_csv(records) if fmt == "csv" else _as_json(records)


def _records(session: Session, plan: Plan, actor: Actor | None, where: Filter | None) -> Iterator[Record]:
    sentences = _sentences(session, plan.id)
    rows = session.execute(_query(plan.id, actor, where), execution_options={"yield_per": BATCH})
    return (_record(plan.code, row, sentences.get(row.task_id, [])) for row in rows)


def _sentences(session: Session, plan_id: int) -> Mapping[int, list[str]]:
    query = (
        select(TaskSentence.task_id, Sentence.code)
        .join(Sentence, Sentence.id == TaskSentence.sentence_id)
        .join(Clause, Clause.id == Sentence.clause_id)
        .where(Clause.plan_id == plan_id)
        .order_by(Clause.sort, Sentence.sort)
    )
    found: dict[int, list[str]] = {}
    for task_id, code in session.execute(query):
        found.setdefault(task_id, []).append(code)
    return found


def _query(plan_id: int, actor: Actor | None, where: Filter | None) -> Select[*tuple[Any, ...]]:
    query = (
        with_places(select(
            Assignment.task_id, Assignment.nominal_due, Assignment.due, Assignment.status, Assignment.light,
            Assignment.claimed, Assignment.verified, Assignment.completion,
            Task.code.label("task"), Task.season_code, Task.comparator, Task.target_min, Task.target_max, Task.unit,
            Task.kind, Task.due_rule, Task.basically, Task.named, Task.title_zh, Task.title_en,
            Clause.code.label("clause"), Organisation.code.label("org"), Organisation.name_zh.label("org_name"),
        ))
        .where(Assignment.plan_id == plan_id)
        .order_by(Clause.sort, Task.sort, Organisation.sort, Assignment.id)
    )  # fmt: skip
    if actor is None:
        return query
    narrowed = conditions(where or Filter(), plan_id, actor)
    return query.where(within(Organisation.path, actor, Permission.EXPORT), *narrowed)


def _record(plan_code: str, row: Row[*tuple[Any, ...]], sentences: list[str]) -> Record:
    computed = {
        "plan": plan_code,
        "sentences": sentences,
        "season": row.season_code,
        "recurrence": recurrence(row.due_rule),
    }
    return {name: computed[name] if name in computed else getattr(row, name) for name in HEADER}


def recurrence(due_rule: Mapping[str, Any]) -> str:
    """How often a report comes back and by which day of the following month: "monthly:8"; empty for single dates."""
    return next((f"{name}:{due_rule[name]['day']}" for name in ("monthly", "quarterly") if name in due_rule), "")


def _as_csv(records: Iterable[Record]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    for record in records:
        writer.writerow([_cell(name, value) for name, value in record.items()])
        yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(value) if isinstance(value, list) else str(value)
    # A lone carriage return would end the row for some readers.
    return text if name in NEVER_A_FORMULA else disarmed(text).replace("\r", " ")


def _as_json(records: Iterable[Record]) -> Iterator[str]:
    before = "[\n"
    for record in records:
        yield before + json.dumps({name: _plain(value) for name, value in record.items()}, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
