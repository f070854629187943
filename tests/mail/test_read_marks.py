"""Marks of what was read, on each engine: one's own messages alone, once, and not what came later."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import OutboxMail
from webapp.mail.service import enqueue, mark_read

NOW = parse_instant("2017-10-20T08:30")
MINE, OTHER = 1, 2


def put(db: Database, person: int, key: str, now: datetime = NOW) -> int:
    """A message to somebody."""
    with db.transaction() as session:
        to = (person, f"{person}@example.test", "zh")
        found = enqueue(session, key=key, template="digest", person=to, payload={}, cause="test", now=now)
    assert found is not None
    return found


def marks(db: Database) -> dict[str, datetime | None]:
    """When each message was read."""
    with db.reading() as session:
        return {row.key: row.read_at for row in session.scalars(select(OutboxMail))}


def test_some_of_ones_own(db: Database) -> None:
    mine, other = put(db, MINE, "mine"), put(db, OTHER, "other")
    put(db, MINE, "another")
    for now, count in [(NOW, 1), (NOW + timedelta(hours=1), 0)]:
        with db.transaction() as session:
            assert mark_read(session, person_id=MINE, now=now, ids=[mine, other]) == count
    assert marks(db) == {"mine": NOW, "other": None, "another": None}


def test_all_until_an_instant(db: Database) -> None:
    later = NOW + timedelta(minutes=5)
    put(db, MINE, "early")
    put(db, MINE, "late", now=later)
    put(db, OTHER, "other")
    with db.transaction() as session:
        assert mark_read(session, person_id=MINE, now=later, until=NOW) == 1
    assert marks(db) == {"early": later, "late": None, "other": None}
    with db.transaction() as session:
        assert mark_read(session, person_id=MINE, now=later) == 1
    assert marks(db)["late"] == later
    assert marks(db)["other"] is None
