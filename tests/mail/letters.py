"""A mail worded by a test, and its delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from tasks.deliver import deliver
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.message import Prepared, Rendered
from webapp.mail.models import OutboxMail
from webapp.settings import Settings

NOW = parse_instant("2017-10-20T08:30")
LI, WANG = "li@example.test", "wang@example.test"
SECRET = "a secret key that only the tests know"


def render(payload: dict[str, Any], locale: str) -> Rendered:
    """Two words in one of two languages."""
    words = "您好" if locale == "zh" else "Hello"
    return Rendered(f"{words} {payload['n']}", f"{words}\n{payload['base_url']}\n", f"<p>{words}</p>")


def prepared(number: int = 1, **values: Any) -> Prepared:
    """A message as a channel is handed it."""
    return Prepared(render({"n": number, "base_url": ""}, "zh"), f"<{number}@lantian.internal>", NOW, **values)


def send(db: Database, port: int, now: datetime = NOW, **settings: Any) -> dict[str, Any]:
    """Deliver what is due to a server on this machine."""
    return deliver(db, Settings(smtp_port=port, **{"secret_key": SECRET} | settings), {"test": render}, now=now)


def row_of(db: Database, address: str = LI) -> OutboxMail:
    """The one mail to an address."""
    with db.reading() as session:
        return session.scalars(select(OutboxMail).where(OutboxMail.address == address)).one()
