"""September 2017: the plan loaded, the reports open. Made once a worker and copied, because loading takes its time."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.plans import REAL, load_plan, person
from tests.support.stated import state_due
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.reports.service import open_reports

SEPTEMBER = date(2017, 9, 1)
OPENED = parse_instant("2017-10-01T00:20")


def prepare(database: Database) -> None:
    """Load the plan and open September; Baoding has said of what was due by then that nothing is done."""
    load_plan(database, REAL)
    with database.transaction() as session:
        open_reports(session, month=SEPTEMBER, now=OPENED)
        baoding = select(MonthlyReport.id).join(MonthlyReport.organisation).where(Organisation.code == "130600")
        officer = person(session, "130600")
        state_due(session, get_report(session, session.scalars(baoding).one(), officer), actor=officer, now=OPENED)


@pytest.fixture(scope="session")
def september_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared SQLite file; copy it, never open it."""
    path = tmp_path_factory.mktemp("september") / "lantian.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    prepare(database)
    database.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def september(september_file: Path, tmp_path: Path) -> Iterator[Database]:
    """The prepared database on SQLite."""
    path = tmp_path / "september.db"
    shutil.copyfile(september_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def both(db: Database) -> Database:
    """The prepared database on each engine."""
    prepare(db)
    return db
