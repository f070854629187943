"""What a file would change in a ledger: new, changed and same rows, what is wrong, and what looks like a duplicate."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.evidence.tables import Worded, Wrong
from webapp.ledgers.headers import DONE_ON, STATE, states
from webapp.ledgers.kinds import Field
from webapp.ledgers.models import LedgerRow, LedgerSample, LedgerSampleRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.reading import Table
from webapp.ledgers.rules import identity_of, likeness_of, plain
from webapp.ledgers.values import Unreadable, Values, changes, read, read_all

REPEATED = _l("与第 %(row)s 行重复，请删去一行。")
REMOVED = _l("这一行已移出台账。如确需恢复，请先在系统中恢复。")
VERIFIED = _l("这一行已经核实，不能用表格改动。")
UNDER_CHECK = _l("上级正在抽查这一行，抽查结束前不能改动。")
NO_STATE = _l("“%(typed)s”不是状态，请填“未完成”或“已完成”，或留空。")
AHEAD = _l("完成日期不能晚于今天。")
DONE_ON_FIELD = Field(DONE_ON, "", "", "date")


@dataclass(frozen=True, slots=True)
class Present:
    """A row as the ledger has it."""

    id: int
    version: int
    state: str
    values: Values


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number, values, and the row it is, if the ledger has it. `finish`: it is done by now."""

    number: int
    values: Values
    identity: str
    likeness: str
    present: Present | None
    changed: Mapping[str, Sequence[Any]]
    finish: bool = False
    done_on: date | None = None


@dataclass
class Preview:
    """What a file would do. `alike`: new lines that look like another row: (number, name, other's name)."""

    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    same: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    alike: list[tuple[int, str, str]] = field(default_factory=list)
    ignored: Sequence[str] = ()

    @property
    def fingerprint(self) -> str:
        """What would be written, as a hash: between preview and confirmation nothing may have moved."""
        parts = [
            [line.identity, line.present and [line.present.id, line.present.version], line.values, line.finish,
             line.done_on]
            for line in (*self.new, *self.changed)
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def compare(session: Session, ledger: Ledger, table: Table, *, today: date) -> Preview:
    """Hold a file against the ledger; nothing is written."""
    found = Preview(wrong=list(table.wrong), ignored=table.ignored)
    present, alike = _present(session, ledger)
    resting = _under_check(session, ledger)
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        line = _line(ledger, table, number, cells, present, today, found.wrong)
        if line is None:
            continue
        if line.identity in seen:
            found.wrong.append(_wrong(ledger, table, number, Worded(REPEATED, row=seen[line.identity])))
            continue
        seen[line.identity] = number
        _sort_in(found, line, ledger, table, resting)
        if line.present is None:
            _note_likeness(found, line, alike)
    found.wrong.sort(key=lambda each: each.row)
    return found


def _present(session: Session, ledger: Ledger) -> tuple[dict[str, Present], dict[str, str]]:
    """The ledger's rows by identity, and a name for each likeness."""
    query = select(
        LedgerRow.identity, LedgerRow.likeness, LedgerRow.name, LedgerRow.id, LedgerRow.version, LedgerRow.state,
        LedgerRow.values,
    ).where(ledger.mine)  # fmt: skip
    rows: dict[str, Present] = {}
    alike: dict[str, str] = {}
    for identity, likeness, name, row_id, version, state, values in session.execute(query):
        rows[identity] = Present(row_id, version, state, values)
        alike[likeness] = name
    return rows, alike


def _under_check(session: Session, ledger: Ledger) -> set[int]:
    query = (
        select(LedgerSampleRow.row_id)
        .join(LedgerSample, LedgerSample.id == LedgerSampleRow.sample_id)
        .join(LedgerRow, LedgerRow.id == LedgerSampleRow.row_id)
        .where(LedgerSample.state == "open", ledger.mine)
    )
    return set(session.scalars(query))


def _line(
    ledger: Ledger, table: Table, number: int, cells: Mapping[str, Any], present: Mapping[str, Present], today: date,
    wrong: list[Wrong],
) -> Line | None:  # fmt: skip
    """A row of the file; None when something is wrong with it, which is then told."""
    values, faults = read_all(ledger.kind, cells)
    finish, done_on = False, None
    try:
        finish, done_on = _completion(cells, today)
    except Unreadable as fault:
        faults.append((STATE if STATE in table.titles else DONE_ON, fault.reason))
    if faults:
        wrong += [Wrong(number, table.titles.get(code, ""), reason) for code, reason in faults]
        return None
    identity = identity_of(values, ledger.kind.identity)
    row = present.get(identity)
    if row is not None:
        # A column the file does not have leaves the field as it is.
        values = {**{code: kept for code, kept in row.values.items() if code not in table.columns}, **values}
    changed = changes(row.values if row else {}, values)
    finish = finish and (row is None or row.state == "listed")
    return Line(number, values, identity, likeness_of(values), row, changed, finish, done_on if finish else None)


def _completion(cells: Mapping[str, Any], today: date) -> tuple[bool, date | None]:
    """Whether a row is done by now, and since when. Raises Unreadable."""
    typed = cells.get(STATE)
    state = states().get(plain(typed)) if typed else "listed"
    if state is None:
        raise Unreadable(Worded(NO_STATE, typed=str(typed)[:20]))
    if state != "done":
        return False, None
    day = read(DONE_ON_FIELD, cells.get(DONE_ON))
    done_on = date.fromisoformat(day) if day else today
    if done_on > today:
        raise Unreadable(AHEAD)
    return True, done_on


def _sort_in(found: Preview, line: Line, ledger: Ledger, table: Table, resting: set[int]) -> None:
    if line.present is None:
        found.new.append(line)
    elif not line.changed and not line.finish:
        found.same += 1
    elif reason := _refusal(line.present, resting):
        found.wrong.append(_wrong(ledger, table, line.number, reason))
    else:
        found.changed.append(line)


def _refusal(row: Present, resting: set[int]) -> Any:
    if row.id in resting:
        return UNDER_CHECK
    return {"removed": REMOVED, "verified": VERIFIED}.get(row.state)


def _note_likeness(found: Preview, line: Line, alike: dict[str, str]) -> None:
    if line.likeness in alike:
        found.alike.append((line.number, line.values["name"], alike[line.likeness]))
    alike[line.likeness] = line.values["name"]


def _wrong(ledger: Ledger, table: Table, number: int, message: Any) -> Wrong:
    return Wrong(number, table.titles.get(ledger.kind.identity[0], ""), message)


def cells_changed(lines: Sequence[Line]) -> Iterator[tuple[Line, str, Any, Any]]:
    """Each cell that changes: its line, field, old and new value."""
    for line in lines:
        for code, (old, new) in line.changed.items():
            yield line, code, old, new
