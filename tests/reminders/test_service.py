"""What is owed becomes a ledger and one digest a person: from the database's facts to the outbox, in few statements."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.support.small_plan import World, add_assignment, add_report
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import OutboxMail
from webapp.plans.models import Assignment
from webapp.reminders import service
from webapp.reminders.emails import render_digest
from webapp.reminders.models import Reminder
from webapp.reminders.service import Owed

FRIDAY = parse_instant("2017-10-20T08:30")
IN_A_WEEK = date(2017, 10, 27)


def assign(db: Database, world: World, place: str, due: date | None, **values: Any) -> int:
    with db.transaction() as session:
        return add_assignment(session, world, place, due, **values)


def record(db: Database, now: datetime = FRIDAY, *, dry_run: bool = False) -> Owed:
    with db.transaction() as session:
        return service.record_owed(session, now=now, dry_run=dry_run)


def told(owed: Owed) -> dict[str, list[str]]:
    """Who is told what: rungs by address."""
    return {
        each.person.email.partition("@")[0]: [intent.rung for intent in each.digest.intents] for each in owed.digests
    }


def ledger(db: Database) -> list[Reminder]:
    with db.reading() as session:
        return list(session.scalars(select(Reminder).order_by(Reminder.id)))


def outbox(db: Database) -> list[OutboxMail]:
    with db.reading() as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def test_a_rung_is_recorded_with_the_mail_that_carries_it(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", IN_A_WEEK)
    assert told(record(db)) == {"baoding": ["before-7"]}
    (row,), (mail,) = ledger(db), outbox(db)
    assert (row.subject_kind, row.subject_id, row.due, row.rung) == ("assignment", assignment, IN_A_WEEK, "before-7")
    assert (row.person_id, row.escalation, row.outbox_id) == (world.people["baoding"], False, mail.id)
    assert (mail.key, mail.state) == (f"digest:2017-10-20:{row.person_id}", "new")
    assert mail.payload["items"][0]["title_zh"] == "小燃煤锅炉淘汰"


def test_a_second_run_finds_nothing_owed(db: Database, world: World) -> None:
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    assert told(record(db)) == {}
    assert told(record(db, parse_instant("2017-10-23T08:30"))) == {}
    assert (len(ledger(db)), len(outbox(db))) == (1, 1)


def test_one_digest_a_day_and_what_comes_later_waits_for_the_next(db: Database, world: World) -> None:
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    assign(db, world, "baoding", date(2017, 10, 20), another=True)
    assert told(record(db, parse_instant("2017-10-20T17:00"))) == {}
    assert told(record(db, parse_instant("2017-10-23T08:30"))) == {"baoding": ["after-1"]}


@pytest.mark.parametrize("now", ["2017-10-21T08:30", "2017-10-04T08:30", "2017-10-20T08:29"])
def test_nothing_on_rest_days_or_before_the_hour(db: Database, world: World, now: str) -> None:
    assign(db, world, "baoding", date(2017, 10, 5))
    assert told(record(db, parse_instant(now))) == {}


def test_the_whole_chain_is_told_when_it_is_long_overdue(db: Database, world: World) -> None:
    assign(db, world, "baoding", date(2017, 10, 16))
    assert told(record(db, parse_instant("2017-10-19T09:00"))) == {"baoding": ["after-3"], "north": ["after-3"]}
    later = told(record(db, parse_instant("2017-10-25T09:00")))
    assert later == {"baoding": ["after-7"], "north": ["after-7"], "region": ["after-7"]}
    assert [row.escalation for row in ledger(db)].count(True) == 3


def test_a_claim_chases_the_reviewer_and_a_finished_item_nobody(db: Database, world: World) -> None:
    assign(db, world, "baoding", IN_A_WEEK, status="claimed", claimed_at=parse_instant("2017-10-17T10:00"))
    assign(db, world, "cangzhou", IN_A_WEEK, status="verified")
    assign(db, world, "jinan", IN_A_WEEK, status="not_applicable")
    assert told(record(db)) == {"north": ["before-0"]}


def test_an_extension_is_chased_against_its_new_date(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    with db.transaction() as session:
        session.get_one(Assignment, assignment).due = date(2017, 11, 3)
    assert told(record(db, parse_instant("2017-10-23T08:30"))) == {"baoding": ["before-14"]}


def test_where_there_is_no_officer_the_coordinator_is_told(db: Database, world: World) -> None:
    assign(db, world, "north", date(2017, 10, 16))
    assert told(record(db, parse_instant("2017-10-19T09:00"))) == {"north": ["after-3"]}
    assert [row.escalation for row in ledger(db)] == [False]


def test_a_report_is_chased_against_its_internal_date(db: Database, world: World) -> None:
    with db.transaction() as session:
        add_report(session, world, "baoding", date(2017, 10, 1), date(2017, 11, 8), internal_due=date(2017, 11, 3))
        add_report(session, world, "north", date(2017, 10, 1), date(2017, 11, 8))
        add_report(session, world, "jinan", date(2017, 10, 1), date(2017, 11, 8), status="submitted")
    owed = record(db, parse_instant("2017-11-01T08:30"))
    assert told(owed) == {"baoding": ["before-2"]}
    rendered = render_digest({**owed.digests[0].payload, "base_url": "http://x.test"}, "zh")
    assert "2017年10月工作进展月报" in rendered.subject


def test_a_dry_run_says_who_and_why_and_writes_nothing(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", IN_A_WEEK)
    (explained,) = record(db, dry_run=True).explained()
    assert explained["to"] == "baoding@example.test"
    assert explained["items"] == [
        {
            "line": "滞后 · 小燃煤锅炉淘汰 · baoding市 · 还有 7 天",
            "subject": f"assignment {assignment}",
            "object": f"assignment {assignment}",
            "plan": world.plan,
            "why": "rung before-7 of 2017-10-20, due 2017-10-27, as officer",
            "days": 7,
            "escalation": False,
            "shown": True,
        }
    ]
    assert (ledger(db), outbox(db)) == ([], [])


def test_the_most_urgent_come_first_and_the_rest_is_counted(db: Database, world: World) -> None:
    for day in range(1, 26):
        assign(db, world, "jinan", date(2017, 9, day), another=True)
    owed = record(db)
    (theirs,) = (each for each in owed.digests if each.person.email.startswith("jinan"))
    items = theirs.payload["items"]
    assert (len(items), theirs.payload["more"]) == (20, 5)
    assert [item["due"] for item in items] == sorted(item["due"] for item in items)
    assert len([row for row in ledger(db) if row.person_id == world.people["jinan"]]) == 25
    rendered = render_digest({**theirs.payload, "base_url": "http://x.test"}, "en")
    assert f"http://x.test/assignments/{items[0]['id']}" in rendered.text
    assert rendered.html.count("http://x.test/assignments/") == 20
    assert "<script" not in rendered.html
    assert "@media" in rendered.html


def test_a_title_cannot_break_out_of_the_html(db: Database, world: World) -> None:
    payload = {
        "day": "2017-10-20", "name_zh": "<i>", "name_en": "<i>", "more": 0, "base_url": "http://x.test",
        "items": [{
            "kind": "assignment", "id": 1, "audience": "officer", "rung": "before-7", "due": "2017-10-27", "days": 7,
            "light": "yellow", "label": "behind", "title_zh": "<b>\n粗", "title_en": "", "month": None,
            "org_zh": "保定", "org_en": "Baoding",
        }],
    }  # fmt: skip
    rendered = render_digest(payload, "zh")
    assert "<b>" not in rendered.html
    assert "<i>" not in rendered.html
    assert "\n" not in rendered.subject


def test_statements_do_not_grow_with_the_items(db: Database, world: World) -> None:
    def count() -> int:
        statements: list[str] = []
        listener = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            record(db, dry_run=False)
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
        return len(statements)

    assign(db, world, "baoding", IN_A_WEEK)
    few = count()
    for day in range(1, 28):
        for place in ("cangzhou", "jinan"):
            assign(db, world, place, date(2017, 9, day), another=True)
    assert count() == few
