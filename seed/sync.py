"""Bring a table in line with a pack, set-wise: insert what is new, update what differs, leave the rest alone.

A thousand assignments are two statements, not a thousand: one reads what is there, one writes each kind of difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from webapp.db import Base

Key = tuple[Any, ...]
Row = Mapping[str, Any]


@dataclass
class Tally:
    """How many rows a load added, changed and found as they should be."""

    added: int = 0
    changed: int = 0
    same: int = 0

    def count(self, *, added: int = 0, changed: int = 0, same: int = 0) -> None:
        """Add to the figures."""
        self.added += added
        self.changed += changed
        self.same += same


@dataclass
class Difference:
    """What a table lacks and what it has otherwise than given: new rows, and (old, new) pairs."""

    new: list[Row] = field(default_factory=list)
    other: list[tuple[Row, Row]] = field(default_factory=list)
    same: int = 0


def table_of(model: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, model.__table__)


def existing(session: Session, model: type[Base], scope: ColumnElement[bool]) -> list[Row]:
    """The rows of a table within a scope, as plain mappings."""
    return [dict(row) for row in session.execute(select(table_of(model)).where(scope)).mappings()]


def compare(found: Sequence[Row], wanted: Sequence[Row], key: Sequence[str]) -> Difference:
    """Match rows by key; a found row is "other" when one of the wanted columns holds something else."""
    by_key = {_key(row, key): row for row in found}
    result = Difference()
    for row in wanted:
        old = by_key.get(_key(row, key))
        if old is None:
            result.new.append(row)
        elif any(old[column] != value for column, value in row.items()):
            result.other.append((old, row))
        else:
            result.same += 1
    return result


def sync(
    session: Session,
    model: type[Base],
    key: Sequence[str],
    wanted: Sequence[Row],
    scope: ColumnElement[bool],
    tally: Tally,
) -> dict[Key, int]:
    """Insert and update rows of a table with an `id`; the ids by key, of old and new rows alike."""
    difference = compare(existing(session, model, scope), wanted, key)
    insert_rows(session, model, difference.new)
    update_rows(session, model, [(old["id"], new) for old, new in difference.other])
    tally.count(added=len(difference.new), changed=len(difference.other), same=difference.same)
    return {_key(row, key): row["id"] for row in existing(session, model, scope)}


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert many rows in one go."""
    if rows:
        session.execute(insert(model), [dict(row) for row in rows])


def update_rows(session: Session, model: type[Base], rows: Sequence[tuple[int, Row]]) -> None:
    """Set columns of many rows by id; all rows name the same columns."""
    if not rows:
        return
    table = table_of(model)
    columns = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0][1]}
    if "version" in table.c:
        columns["version"] = table.c.version + 1  # type: ignore[assignment]
    statement = update(table).where(table.c.id == bindparam("row_id")).values(columns)
    session.connection().execute(
        statement, [{"row_id": row_id} | {f"new_{name}": value for name, value in row.items()} for row_id, row in rows]
    )


def _key(row: Row, key: Sequence[str]) -> Key:
    return tuple(row[column] for column in key)
