"""A database, a real SMTP server, and a mail to put into the outbox."""

from collections.abc import Iterator

import pytest

from tests.support.smtp import PostOffice, post_office
from webapp.db import Database


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """The empty database, opened."""
    opened = Database(database)
    yield opened
    opened.dispose()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A running SMTP server."""
    with post_office() as running:
        yield running
