"""The real plan on each engine, a copy for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.support import postgres
from webapp.db import Database


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
