"""A database, a real SMTP server, and mails to put into the outbox."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.mail.letters import NOW
from tests.support.smtp import PostOffice, post_office
from webapp.db import Database
from webapp.mail import service

Put = Callable[..., int | None]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A running SMTP server."""
    with post_office() as running:
        yield running


@pytest.fixture
def put(sqlite_db: Database) -> Put:
    """Queue a mail to an address: `put("li@example.test", topic="reminders")`."""

    def enqueue(address: str, *, person: int = 1, key: str = "", **values: Any) -> int | None:
        facts: dict[str, Any] = {"key": key or f"k:{address}", "template": "test", "payload": {"n": 1}, "cause": "test"}
        with sqlite_db.transaction() as session:
            return service.enqueue(session, person=(person, address, "zh"), now=NOW, **facts | values)

    return enqueue
