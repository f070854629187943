"""The real plan on the day it began, as the tests of progress have it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.progress.conftest import loaded
from webapp.db import Database

__all__ = ["loaded"]


@pytest.fixture
def session(loaded: Database) -> Iterator[Session]:
    """A writing session on the plan."""
    with loaded.transaction() as opened:
        yield opened
