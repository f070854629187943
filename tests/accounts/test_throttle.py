"""Guessing is slowed down, for one account and for one network host."""

from datetime import datetime, timedelta

import pytest

from tests.support.people import NOW
from webapp.accounts.models import LoginThrottle
from webapp.accounts.rules import TRIES_A_HOST, TRIES_A_PERSON, WINDOW
from webapp.accounts.service import forget_old_attempts, give_attempt_back, take_attempt
from webapp.db import Database
from webapp.errors import TooMany


def attempt(database: Database, email: str = "a@b.cn", host: str = "10.0.0.1", now: datetime = NOW) -> bool:
    """Whether an attempt was let through."""
    try:
        with database.transaction() as session:
            take_attempt(session, email, host, now=now)
    except TooMany:
        return False
    return True


def test_five_tries_for_one_account_from_one_host(db: Database) -> None:
    assert [attempt(db) for _ in range(TRIES_A_PERSON + 2)] == [True] * TRIES_A_PERSON + [False] * 2
    assert attempt(db, email="other@b.cn"), "another account is not touched"
    assert attempt(db, host="10.0.0.2"), "the same person elsewhere is not locked out by a stranger"


def test_many_accounts_from_one_host(sqlite_db: Database) -> None:
    assert all(attempt(sqlite_db, email=f"{n}@b.cn") for n in range(TRIES_A_HOST))
    assert not attempt(sqlite_db, email="last@b.cn")
    assert attempt(sqlite_db, email="last@b.cn", host="10.0.0.2")


def test_the_window_passes(db: Database) -> None:
    for _ in range(TRIES_A_PERSON):
        attempt(db)
    assert not attempt(db, now=NOW + WINDOW - timedelta(seconds=1))
    assert attempt(db, now=NOW + WINDOW)


def test_the_message_says_how_long_to_wait(sqlite_db: Database) -> None:
    for _ in range(TRIES_A_PERSON):
        attempt(sqlite_db)
    later = NOW + timedelta(minutes=4)
    with sqlite_db.transaction() as session, pytest.raises(TooMany, match="11 分钟"):
        take_attempt(session, "a@b.cn", "10.0.0.1", now=later)


def test_a_success_wipes_the_slate(db: Database) -> None:
    for _ in range(TRIES_A_PERSON):
        attempt(db)
    with db.transaction() as session:
        give_attempt_back(session, "a@b.cn", "10.0.0.1")
    assert attempt(db)


def test_right_passwords_do_not_use_up_the_host(sqlite_db: Database) -> None:
    for n in range(TRIES_A_HOST * 2):
        assert attempt(sqlite_db, email=f"{n}@b.cn")
        with sqlite_db.transaction() as session:
            give_attempt_back(session, f"{n}@b.cn", "10.0.0.1")


def test_old_windows_are_swept_and_addresses_are_not_stored(sqlite_db: Database) -> None:
    attempt(sqlite_db)
    with sqlite_db.transaction() as session:
        assert not [row.key for row in session.query(LoginThrottle) if "a@b.cn" in row.key]
        forget_old_attempts(session, now=NOW)
        assert session.query(LoginThrottle).count() == 2
        forget_old_attempts(session, now=NOW + WINDOW)
        assert session.query(LoginThrottle).count() == 0
