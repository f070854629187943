"""The real plan on the day it began, as the tests of progress have it, and boilers to fill its ledgers with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.ledgers.filling import opened
from tests.progress.conftest import loaded
from webapp.db import Database
from webapp.ledgers.queries import Ledger

__all__ = ["loaded"]


@pytest.fixture
def session(loaded: Database) -> Iterator[Session]:
    """A writing session on the plan."""
    with loaded.transaction() as opened:
        yield opened


@pytest.fixture
def sqlite_ledger(loaded_sqlite: Path) -> Iterator[Ledger]:
    """A ledger that is only looked at."""
    database = Database(f"sqlite:///{loaded_sqlite}")
    with database.reading() as opened_session:
        yield opened(opened_session)[1]
    database.dispose()
