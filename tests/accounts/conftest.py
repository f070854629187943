"""Fixtures of the tests about accounts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.people import WEAK_HASHER, People, settle
from tests.support.site import Site, site
from webapp.accounts import passwords
from webapp.db import Database


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with weak settings."""
    monkeypatch.setattr(passwords, "HASHER", WEAK_HASHER)


@pytest.fixture
def people(db: Database) -> People:
    """The characters, in a database of each engine."""
    with db.transaction() as session:
        return settle(session)


@pytest.fixture
def web(sqlite_db: Database, tmp_path: Path) -> Iterator[Site]:
    """The application in production."""
    with site(sqlite_db, tmp_path) as opened:
        yield opened


@pytest.fixture
def demo(sqlite_db: Database, tmp_path: Path) -> Iterator[Site]:
    """The application as a demo."""
    with site(sqlite_db, tmp_path, mode="demo") as opened:
        yield opened
