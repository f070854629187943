"""Secret addresses of calendars: made once, replaced, revoked, and worth nothing to whoever reads the database."""

import hashlib
from datetime import date

import pytest
from sqlalchemy import select, text

from tests.support.people import NOW, People
from webapp.accounts.calendar_links import current_link, make_link, reader_of, revoke_link
from webapp.accounts.models import CalendarLink, Membership, Person
from webapp.accounts.queries import load_actor
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.permissions import SYSTEM, Actor

TODAY = date(2017, 10, 20)


def made(db: Database, person: Person) -> str:
    with db.transaction() as session:
        return make_link(session, person.id, actor=SYSTEM, now=NOW)


def read(db: Database, secret: str, today: date = TODAY) -> Actor | None:
    with db.reading() as session:
        return reader_of(session, secret, today)


def test_a_secret_opens_its_persons_roles_of_today(db: Database, people: People) -> None:
    secret = made(db, people.officer)
    assert len(secret) == 43
    with db.reading() as session:
        assert read(db, secret) == load_actor(session, people.officer.id, people.officer.auth_version, TODAY)


def test_the_database_holds_a_hash_alone(db: Database, people: People) -> None:
    secret = made(db, people.officer)
    with db.reading() as session:
        assert session.scalars(select(CalendarLink.token_hash)).all() == [hashlib.sha256(secret.encode()).hexdigest()]
        events = session.execute(select(AuditEvent.action, AuditEvent.facts).order_by(AuditEvent.id.desc()).limit(1))
        assert [tuple(each) for each in events] == [("account.calendar", {})]


def test_a_new_one_revokes_the_old(db: Database, people: People) -> None:
    old, other = made(db, people.officer), made(db, people.colleague)
    new = made(db, people.officer)
    assert new != old
    assert read(db, old) is None
    assert read(db, new) is not None
    assert read(db, other) is not None


def test_a_revoked_one_opens_nothing(db: Database, people: People) -> None:
    secret = made(db, people.officer)
    with db.transaction() as session:
        assert revoke_link(session, people.officer.id, actor=SYSTEM, now=NOW)
        assert not revoke_link(session, people.officer.id, actor=SYSTEM, now=NOW)
        assert current_link(session, people.officer.id) is None
    assert read(db, secret) is None


def test_it_ends_with_the_account_and_with_the_last_role(db: Database, people: People) -> None:
    away, off = made(db, people.officer), made(db, people.colleague)
    with db.transaction() as session:
        role = session.scalars(select(Membership).where(Membership.person_id == people.officer.id)).one()
        role.valid_until = date(2017, 10, 20)
        session.execute(text("UPDATE person SET active = :no WHERE id = :id"), {"no": False, "id": people.colleague.id})
    assert read(db, off) is None
    assert read(db, away) is not None
    assert read(db, away, date(2017, 10, 21)) is None


@pytest.mark.parametrize("secret", ["", "x", "é" * 43, "A" * 43, "A" * 44, "' OR 1=1 --", "\x00" * 43])
def test_nonsense_opens_nothing(db: Database, people: People, secret: str) -> None:
    made(db, people.officer)
    assert read(db, secret) is None
