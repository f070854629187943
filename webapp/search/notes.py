"""The texts people write every day: what is new or changed of them, the oldest first.

Each source is one statement that leaves out what the index already holds in the same version. `since` spares reading
what was written long ago; it is no boundary: whatever is missing is found again without it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from webapp.ledgers.kinds import Kind
from webapp.ledgers.models import LedgerRow
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Plan, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reports.models import MonthlyReport, ReportDecision, ReportNote
from webapp.search.entries import Found
from webapp.search.models import SearchEntry

SOURCES = ("update", "decision", "report", "report_note", "report_decision", "ledger_row")
# Ledger rows are described in fields; only these kinds of field hold words of their own.
WORDED = frozenset({"text", "credit_code"})
AnyRow = Row[*tuple[Any, ...]]
Query = Select[*tuple[Any, ...]]


def changed(session: Session, source: str, *, since: datetime | None, limit: int) -> Iterator[Found]:
    """At most so many records of a source that the index lacks, or has in an older version."""
    if source == "ledger_row":
        yield from _ledger_rows(session, since, limit)
        return
    for row in session.execute(NOTES[source](since).limit(limit)):
        texts = [row.one, row.two, row.three, row.four, *_line_reasons(row.lines)]
        yield Found(
            source, row.id, "note", row.stamp, row.plan_id, row.organisation_id, row.path, row.assignment_id,
            row.report_id, said_at=row.said_at, body_zh="\n".join(filter(None, texts)),
        )  # fmt: skip


def _line_reasons(lines: Any) -> list[str]:
    return [str(each.get("reason", "")) for each in lines or () if isinstance(each, Mapping)]


def _columns(table: Any, stamp: Any, said_at: Any, *texts: Any, report: Any = None, lines: Any = None) -> list[Any]:
    filled = [*texts, *[literal("")] * (4 - len(texts))]
    return [
        table.id,
        stamp.label("stamp"),
        said_at.label("said_at"),
        Organisation.id.label("organisation_id"),
        Organisation.path,
        (literal(None) if report is None else report).label("report_id"),
        (literal(None) if lines is None else lines).label("lines"),
        *(text.label(name) for text, name in zip(filled, ("one", "two", "three", "four"), strict=True)),
    ]


def _lacking(query: Query, source: str, subject: Any, stamp: Any, has_text: ColumnElement[bool]) -> Query:
    """What the index does not have as it is; what has no text any more only where the index still has one."""
    mine = and_(SearchEntry.source == source, SearchEntry.subject_id == subject)
    missing = and_(SearchEntry.id.is_(None), has_text)
    return query.outerjoin(SearchEntry, mine).where(or_(missing, SearchEntry.stamp != stamp)).order_by(subject)


def _any_text(*columns: Any) -> ColumnElement[bool]:
    return or_(*(column != "" for column in columns))


def _on_assignment(source: str, table: Any, since: datetime | None, *texts: Any) -> Query:
    stamp: ColumnElement[int] = literal(0)
    columns = _columns(table, stamp, table.recorded_at, *texts)
    query = (
        select(*columns, Assignment.id.label("assignment_id"), Assignment.plan_id)
        .join(Assignment, Assignment.id == table.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
    )
    return _lacking(_after(query, table.recorded_at, since), source, table.id, stamp, _any_text(*texts))


def _after(query: Query, column: Any, since: datetime | None) -> Query:
    return query if since is None else query.where(column > since)


def _on_report(query: Query) -> Query:
    return query.join(Organisation, Organisation.id == MonthlyReport.organisation_id)


def _updates(since: datetime | None) -> Query:
    it = ProgressUpdate
    return _on_assignment("update", it, since, it.note, it.problem, it.next_step, it.reason)


def _decisions(since: datetime | None) -> Query:
    return _on_assignment("decision", ReviewDecision, since, ReviewDecision.reason)


def _reports(_since: datetime | None) -> Query:
    # A report says nowhere when its words were changed last: all are looked at, by their version.
    it = MonthlyReport
    columns = _columns(it, it.version, func.coalesce(it.first_submitted_at, it.opened_at), it.remark, it.problems,
                       report=it.id)  # fmt: skip
    query = _on_report(select(*columns, literal(None).label("assignment_id"), it.plan_id).select_from(it))
    return _lacking(query, "report", it.id, it.version, _any_text(it.remark, it.problems))


def _report_notes(since: datetime | None) -> Query:
    it = ReportNote
    texts = (it.problem, it.next_step, it.reason)
    columns = _columns(it, it.version, it.updated_at, *texts, report=it.report_id)
    query = select(*columns, it.assignment_id, MonthlyReport.plan_id)
    query = _on_report(query.join(MonthlyReport, MonthlyReport.id == it.report_id))
    return _lacking(_after(query, it.updated_at, since), "report_note", it.id, it.version, _any_text(*texts))


def _report_decisions(since: datetime | None) -> Query:
    it, stamp = ReportDecision, literal(0)
    columns = _columns(it, stamp, it.recorded_at, it.reason, report=it.report_id, lines=it.lines)
    query = select(*columns, literal(None).label("assignment_id"), MonthlyReport.plan_id)
    query = _on_report(query.join(MonthlyReport, MonthlyReport.id == it.report_id))
    returned = or_(it.reason != "", it.decision == "return")
    return _lacking(_after(query, it.recorded_at, since), "report_decision", it.id, stamp, returned)


NOTES = {
    "update": _updates,
    "decision": _decisions,
    "report": _reports,
    "report_note": _report_notes,
    "report_decision": _report_decisions,
}


# --- ledger rows


def _ledger_rows(session: Session, since: datetime | None, limit: int) -> Iterator[Found]:
    it = LedgerRow
    columns = (it.id, it.version, it.plan_id, it.organisation_id, it.type, it.name, it.county, it.township, it.values,
               it.updated_at, Organisation.path)  # fmt: skip
    query = select(*columns).join(Organisation, Organisation.id == it.organisation_id)
    lacking = _lacking(_after(query, it.updated_at, since), "ledger_row", it.id, it.version, it.name != "")
    rows = session.execute(lacking.limit(limit)).all()
    if not rows:
        return
    pages, fields = _row_pages(session), _worded_fields(session)
    for row in rows:
        texts = [str(row.values.get(name) or "") for name in fields.get((row.plan_id, row.type), ())]
        body = dict.fromkeys(each for each in (row.county, row.township, *texts) if each and each != row.name)
        yield Found(
            "ledger_row", row.id, "row", row.version, row.plan_id, row.organisation_id, row.path,
            pages.get((row.organisation_id, row.plan_id, row.type)), said_at=row.updated_at, title_zh=row.name,
            body_zh=" · ".join(body), names=(row.name, *texts),
        )  # fmt: skip


def _row_pages(session: Session) -> dict[tuple[int, int, str], int]:
    """The assignment under which the rows of a ledger are looked at."""
    kind = Task.ledger["type"].as_string()
    query = (
        select(Assignment.organisation_id, Assignment.plan_id, kind, func.min(Assignment.id))
        .join(Task, Task.id == Assignment.task_id)
        .where(kind.is_not(None))
        .group_by(Assignment.organisation_id, Assignment.plan_id, kind)
    )
    return {(row[0], row[1], row[2]): row[3] for row in session.execute(query)}


def _worded_fields(session: Session) -> dict[tuple[int, str], tuple[str, ...]]:
    """The fields with words, by plan and kind of ledger."""
    found = {}
    for plan_id, rules in session.execute(select(Plan.id, Plan.rules)):
        for data in rules.get("ledgers", ()):
            kind = Kind.from_data(data)
            found[plan_id, kind.code] = tuple(field.code for field in kind.fields if field.kind in WORDED)
    return found
