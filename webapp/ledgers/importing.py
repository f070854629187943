"""Taking a file over into a ledger: all of it or nothing, thousands of rows in a few statements.

Rows, history and figures come out as if each row had been typed; `service` says what a single row goes through.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.clock import local_date
from webapp.errors import Conflict, Stale
from webapp.evidence.models import EvidenceFile
from webapp.ledgers import queries, service
from webapp.ledgers.comparing import Line, Preview, compare
from webapp.ledgers.models import LedgerEvent, LedgerImport, LedgerRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.reading import Table as Sheet
from webapp.permissions import Actor, Permission

BATCH = 1_000
MOVED = _l("预览之后台账有变化，没有保存任何内容。请核对新的预览后再确认。")
HAS_FAULTS = _l("表格中还有错误，没有保存任何内容。请改正后重新上传。")
Row = dict[str, Any]


def take_over(
    session: Session, ledger: Ledger, sheet: Sheet, *, fingerprint: str, file: EvidenceFile, actor: Actor,
    now: datetime,
) -> LedgerImport:  # fmt: skip
    """Write what was previewed; `fingerprint` is the preview's, `file` the stored upload.

    Raises Forbidden, Conflict (something in it is wrong) or Stale (the ledger moved since); nothing is kept then.
    """
    service.allow(actor, Permission.UPDATE_PROGRESS, ledger)
    held = queries.holding(session, ledger)
    preview = compare(session, ledger, sheet, today=local_date(now))
    if preview.wrong:
        raise Conflict(HAS_FAULTS)
    if preview.fingerprint != fingerprint:
        raise Stale(MOVED)
    taken = LedgerImport(
        plan_id=ledger.plan.id, type=ledger.kind.code, organisation_id=ledger.organisation.id, evidence_id=file.id,
        added=len(preview.new), changed=len(preview.changed), same=preview.same, actor_id=actor.id,
        actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    session.add(taken)
    session.flush()
    _write(session, ledger, preview, taken, actor=actor, now=now)
    service.recount(session, ledger, held, actor=actor, now=now)
    facts = {"ledger": ledger.kind.code, "added": taken.added, "changed": taken.changed, "file": file.sha256}
    record(session, "ledger.imported", ("organisation", ledger.organisation.id), actor=actor, now=now,
           area=ledger.organisation.path, facts=facts)  # fmt: skip
    return taken


def _write(
    session: Session, ledger: Ledger, preview: Preview, taken: LedgerImport, *, actor: Actor, now: datetime
) -> None:
    _insert(session, LedgerRow, [_new(ledger, line, now) for line in preview.new])
    ids: dict[str, int] = {}
    if preview.new:
        found = session.execute(select(LedgerRow.identity, LedgerRow.id).where(ledger.mine))
        ids = {row.identity: row.id for row in found}
    _update(session, ledger, preview.changed, now)
    by = {
        "reason": "", "import_id": taken.id, "sample_id": None, "actor_id": actor.id, "actor_label": actor.name,
        "recorded_at": now,
    }  # fmt: skip
    lines = [*_listed(preview.new, ids), *_edited(preview.changed)]
    _insert(session, LedgerEvent, [{**line, **by} for line in lines])


def _insert(session: Session, model: type[LedgerRow | LedgerEvent], rows: Sequence[Row]) -> None:
    """Add rows a thousand at a time. By the table: through the mapper each would be a statement, for its version."""
    for some in _batches(rows):
        session.connection().execute(insert(cast(Table, model.__table__)), some)


def _new(ledger: Ledger, line: Line, now: datetime) -> Row:
    return {
        "plan_id": ledger.plan.id,
        "type": ledger.kind.code,
        "organisation_id": ledger.organisation.id,
        **service.copies(ledger, line.values),
        "state": "done" if line.finish else "listed",
        "listed_on": local_date(now),
        "first_done_at": now if line.finish else None,
        "done_on": line.done_on,
        "verified_at": None,
        "verified_how": "",
        "removed_reason": "",
        "updated_at": now,
        "version": 1,
    }


def _update(session: Session, ledger: Ledger, lines: Sequence[Line], now: datetime) -> None:
    """Two statements for all of them: what the rows say, and which of them are done by now."""
    table = cast(Table, LedgerRow.__table__)
    columns = ("values", "identity", "likeness", "name", "county", "township", "quantity", "planned_on")
    said = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
    statement = update(table).where(table.c.id == bindparam("row_id"))
    rows = [
        {
            "row_id": line.present.id,
            **{f"new_{name}": value for name, value in service.copies(ledger, line.values).items()},
        }
        for line in lines
        if line.present
    ]
    for some in _batches(rows):
        session.connection().execute(statement.values(**said, updated_at=now, version=table.c.version + 1), some)
    finished = [{"row_id": line.present.id, "day": line.done_on} for line in lines if line.present and line.finish]
    done = statement.values(
        state="done", done_on=bindparam("day", type_=table.c.done_on.type),
        first_done_at=_first(table, now),
    )  # fmt: skip
    for some in _batches(finished):
        session.connection().execute(done, some)
    for each in session:
        if isinstance(each, LedgerRow):
            session.expire(each)


def _first(table: Table, now: datetime) -> Any:
    return func.coalesce(table.c.first_done_at, literal(now, table.c.first_done_at.type))


def _listed(lines: Iterable[Line], ids: dict[str, int]) -> Iterator[Row]:
    for line in lines:
        yield _event(ids[line.identity], "list", "", "listed", line.changed)
        if line.finish:
            yield _event(ids[line.identity], "finish", "listed", "done", {})


def _edited(lines: Iterable[Line]) -> Iterator[Row]:
    for line in lines:
        assert line.present is not None
        if line.changed:
            yield _event(line.present.id, "edit", line.present.state, line.present.state, line.changed)
        if line.finish:
            yield _event(line.present.id, "finish", line.present.state, "done", {})


def _event(row_id: int, action: str, before: str, after: str, changed: Any) -> Row:
    return {"row_id": row_id, "action": action, "state_before": before, "state_after": after, "changes": changed}


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
