"""Keeping the index up to date: what the job does every minute, and making it all anew.

No writer of a text knows the index. It is read from the records afterwards, so that saving takes no longer and can
never fail because of it; decision 0032 says why. Doing it twice changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.db import insert_many, insert_once
from webapp.search import notes, plan_texts
from webapp.search.entries import Found, row_of
from webapp.search.models import SearchEntry, SearchState

BATCH = 1_000
# Of each source in one transaction, so that no writer waits long for it on SQLite; what is left waits for the next.
MOST = 2_000
# Longer than any transaction: what was recorded before this is there to be read.
OVERLAP = timedelta(days=1)
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Read:
    """How many texts were read, and whether that was all: if not, the index is not said to be up to date yet."""

    texts: int
    complete: bool


def refresh(session: Session, *, now: datetime, everything: bool = False, most: int = MOST) -> Read:
    """Read what is new or changed, at most `most` of each source. `everything` looks at old records too."""
    state = session.get(SearchState, 1)
    since = None if everything or state is None else state.indexed_at - OVERLAP
    count = _refresh_plan_texts(session)
    more = False
    for source in notes.SOURCES:
        found = list(notes.changed(session, source, since=since, limit=most))
        count += _replace(session, source, found, known=True)
        more = more or len(found) >= most
    if not more:
        _say_up_to_date(session, now)
    return Read(count, not more)


def _say_up_to_date(session: Session, now: datetime) -> None:
    if insert_once(session, SearchState, {"id": 1, "indexed_at": now}) is None:
        session.get_one(SearchState, 1).indexed_at = now


def empty(session: Session) -> None:
    """Forget everything."""
    session.execute(delete(SearchEntry), execution_options={"synchronize_session": False})
    session.execute(delete(SearchState))


def indexed_at(session: Session) -> datetime | None:
    """Up to which instant everything recorded can be found; None before the first time."""
    return session.scalar(select(SearchState.indexed_at).where(SearchState.id == 1))


def size(session: Session) -> int:
    """How many texts the index holds."""
    return session.scalar(select(func.count(SearchEntry.id))) or 0


def _refresh_plan_texts(session: Session) -> int:
    columns = (SearchEntry.source, SearchEntry.subject_id, SearchEntry.stamp)
    rows = session.execute(select(*columns).where(SearchEntry.source.in_(plan_texts.SOURCES)))
    held = {(row[0], row[1]): row[2] for row in rows}
    count, seen = 0, set()
    changed: dict[str, list[Found]] = {source: [] for source in plan_texts.SOURCES}
    for found in plan_texts.all_texts(session):
        seen.add((found.source, found.subject_id))
        if held.get((found.source, found.subject_id)) != found.stamp:
            changed[found.source].append(found)
    for source, texts in changed.items():
        gone = [subject for kind, subject in held.keys() - seen if kind == source]
        _forget(session, source, gone)
        count += len(gone) + _replace(session, source, texts, known=bool(held))
    return count


def _replace(session: Session, source: str, found: Sequence[Found], *, known: bool) -> int:
    """Put texts in place of what the index has of the same records."""
    vector = session.get_bind().dialect.name != "sqlite"
    for some in _batches(found):
        if known:
            _forget(session, source, [each.subject_id for each in some])
        rows: list[Any] = [row_of(each, vector=vector) for each in some if not each.empty]
        insert_many(session, SearchEntry, rows)
    return len(found)


def _forget(session: Session, source: str, subjects: Iterable[int]) -> None:
    for some in _batches(subjects):
        mine = (SearchEntry.source == source) & SearchEntry.subject_id.in_(some)
        session.execute(delete(SearchEntry).where(mine), execution_options={"synchronize_session": False})


def _batches(things: Iterable[Each]) -> Iterator[list[Each]]:
    rest = iter(things)
    while some := list(islice(rest, BATCH)):
        yield some
