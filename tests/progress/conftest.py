"""The real plan, loaded once an engine and copied for each test."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.support import postgres
from tests.support.plans import REAL, load_plan
from webapp.db import Database


def _load(url: str) -> None:
    opened = Database(url)
    load_plan(opened, REAL)
    opened.dispose()


@pytest.fixture(scope="session")
def loaded_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the plan; copy it, never open it."""
    path = tmp_path_factory.mktemp("loaded") / "lantian.db"
    shutil.copyfile(sqlite_template, path)
    _load(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def loaded_postgres(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the plan; clone it, never connect to it."""
    url = postgres.create_database(postgres_server, template=postgres_template)
    _load(url)
    yield url
    postgres.drop_database(postgres_server, url)


@pytest.fixture(params=ENGINES)
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The plan on the day it began, on each engine."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("loaded_sqlite"), tmp_path / "lantian.db")
        yield from _opened(f"sqlite:///{tmp_path / 'lantian.db'}")
        return
    server = str(request.getfixturevalue("postgres_server"))
    url = postgres.create_database(server, template=str(request.getfixturevalue("loaded_postgres")))
    yield from _opened(url)
    postgres.drop_database(server, url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()
