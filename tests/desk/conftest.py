"""20 October 2017 in Baoding: the real plan, loaded once a worker and copied, people, one month of open reports."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.support.site import Site, site
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.reports.service import open_reports


@pytest.fixture(scope="session")
def october_file(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared SQLite file; copy it, never open it."""
    path = tmp_path_factory.mktemp("october") / "lantian.db"
    shutil.copyfile(loaded_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        open_reports(session, month=date(2017, 9, 1), now=parse_instant("2017-10-01T00:20"))
    database.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def world(october_file: Path, tmp_path: Path) -> Iterator[Site]:
    """The application on the morning of 20 October."""
    path = tmp_path / "october.db"
    shutil.copyfile(october_file, path)
    database = Database(f"sqlite:///{path}")
    with site(database, tmp_path) as made:
        yield made
    database.dispose()
