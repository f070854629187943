"""Many rows written at once are the rows that were given, on both engines."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.clock import parse_instant
from webapp.db import Database, insert_many
from webapp.mail.models import OutboxMail
from webapp.mail.service import Recipient, outbox_row

NOW = parse_instant("2017-10-20T08:30")
# What is easily spoilt on the way through JSON, SQL and parameters.
ODD = {"words": "“10%” \\n :rows %(rows)s 'x' \"y\"\n😀", "none": None, "many": [1, 2.5, True]}


def row(key: str) -> dict[str, Any]:
    person = Recipient(7, "li@example.test", "zh")
    return outbox_row(key=key, template="digest", person=person, payload=ODD, cause="试验:%s", now=NOW)


def test_rows_are_kept_as_they_are_given(db: Database) -> None:
    with db.transaction() as session:
        told = insert_many(session, OutboxMail, [row("a"), row("b")], OutboxMail.key, OutboxMail.id)
        kept = {each.key: each for each in session.scalars(select(OutboxMail))}
    assert {key: kept[key].id for key in "ab"} == dict(told)
    assert [(each.payload, each.cause, each.created_at, each.sent_at) for each in kept.values()] == [
        (ODD, "试验:%s", NOW, None)
    ] * 2


def test_taken_rows_are_left_out_only_where_that_is_asked_for(db: Database) -> None:
    with db.transaction() as session:
        insert_many(session, OutboxMail, [row("a")])
        assert insert_many(session, OutboxMail, [row("a"), row("b")], OutboxMail.key, unless_taken=True) == [("b",)]
    with pytest.raises(IntegrityError), db.transaction() as session:
        insert_many(session, OutboxMail, [row("c"), row("b")])


def test_no_rows_are_no_statement(db: Database) -> None:
    with db.reading() as session:
        assert insert_many(session, OutboxMail, [], OutboxMail.id) == []
