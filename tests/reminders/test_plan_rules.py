"""What a plan's own rules, deputies, successions and refusals change, and what a run costs."""

from datetime import date

import pytest
from sqlalchemy import event, select, update

from tests.support.reminding import add, assign, decision, person, record, set_rules, told
from tests.support.small_plan import World
from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import MailRefusal, OutboxMail
from webapp.organisations.models import Organisation
from webapp.plans.models import Plan, ReminderRules
from webapp.reminders.emails import render_digest, render_single
from webapp.reminders.ladder import DEFAULT_DATA
from webapp.reminders.models import Reminder

# --- rules of the plan


def test_tasks_climb_the_ladder_the_plan_names_for_them(db: Database, world: World) -> None:
    contact = {"tasks": ["boilers"], "rungs": [{"days_before": 10, "tell": ["officer", "coordinator"]}]}
    set_rules(db, world, contact=contact)
    assign(db, world, "baoding", date(2017, 10, 30))
    assign(db, world, "baoding", date(2017, 11, 3), another=True)
    found = told(db, "2017-10-20T08:30")
    assert found == {
        "baoding": [("assignment", "before-10"), ("assignment", "before-14")],
        "north": [("assignment", "before-10")],
    }


def test_a_ladder_that_is_taken_away_reminds_nobody_and_the_packs_own_come_back(db: Database, world: World) -> None:
    assign(db, world, "baoding", date(2017, 10, 27))
    set_rules(db, world, ladders={})
    assert told(db, "2017-10-20T08:30") == {}
    add(
        db,
        ReminderRules(
            plan_id=world.plan, version=9, rules=None, decided_by=0, decided_by_label="-",
            recorded_at=parse_instant("2017-10-20T09:00"),
        ),
    )  # fmt: skip
    assert told(db, "2017-10-20T09:30") == {"baoding": [("assignment", "before-7")]}


def test_rules_of_an_earlier_release_still_remind(db: Database, world: World) -> None:
    with db.transaction() as session:
        session.execute(update(Plan).values(rules={"reminders": {"before_days": [3], "after_working_days": [1]}}))
    assign(db, world, "baoding", date(2017, 10, 27))
    assert told(db, "2017-10-20T08:30") == {"baoding": [("assignment", "before-7")]}


@pytest.mark.parametrize(("asked", "locale"), [("person", "en"), ("zh", "zh")])
def test_the_plan_may_say_in_which_language_it_writes(db: Database, world: World, asked: str, locale: str) -> None:
    set_rules(db, world, language=asked)
    assign(db, world, "jinan", date(2017, 10, 27))
    record(db, "2017-10-20T08:30")
    with db.reading() as session:
        assert session.scalars(select(OutboxMail.locale)).all() == [locale]


def test_what_goes_at_once_is_a_mail_of_its_own_beside_the_digest(db: Database, world: World) -> None:
    at_once = DEFAULT_DATA["ladders"]["returned"] | {"delivery": "at_once"}
    set_rules(db, world, returned=at_once, quiet={"from": "08:00", "until": "09:00"})
    assignment = assign(db, world, "baoding", date(2017, 10, 27), status="returned")
    add(db, decision(assignment, "2017-10-13T10:00"))
    found = record(db, "2017-10-20T08:30")
    assert [len(found.digests), len(found.singles)] == [1, 1]
    key = f"reminder:{world.plan}:returned:{assignment}:2017-10-20:before-0:{world.people['baoding']}"
    assert found.singles[0].key == key
    rendered = render_single({**found.singles[0].payload, "base_url": "http://x.test"}, "zh")
    assert "退回整改：小燃煤锅炉淘汰" in rendered.subject
    with db.reading() as session:
        held = {row.key: row.not_before for row in session.scalars(select(OutboxMail))}
    assert held[key] == parse_instant("2017-10-20T09:00")
    assert held[found.digests[0].key] == parse_instant("2017-10-20T08:30")
    assert told(db, "2017-10-20T09:00") == {}


# --- people


def test_deputies_are_told_late_or_when_nobody_else_is_there(db: Database, world: World) -> None:
    person(db, world, "deputy", "baoding", deputy=True)
    person(db, world, "alone", "south", deputy=True)
    assign(db, world, "baoding", date(2017, 10, 27))
    assign(db, world, "south", date(2017, 10, 27))
    assert told(db, "2017-10-20T08:30") == {
        "baoding": [("assignment", "before-7")],
        "alone": [("assignment", "before-7")],
    }
    third = [("assignment", "before-3")]
    assert told(db, "2017-10-24T08:30") == {"baoding": third, "deputy": third, "alone": third}
    with db.reading() as session:
        rows = session.execute(select(Person.name_zh, Reminder.audience).join(Person, Person.id == Reminder.person_id))
        assert {tuple(row) for row in rows} == {("baoding某", "officer"), ("deputy", "deputy"), ("alone", "officer")}


def test_whoever_takes_over_is_told_where_it_stands(db: Database, world: World) -> None:
    assign(db, world, "baoding", date(2017, 10, 27))
    record(db, "2017-10-20T08:30")
    with db.transaction() as session:
        held = Membership.person_id == world.people["baoding"]
        session.execute(update(Membership).where(held).values(valid_until=date(2017, 10, 20)))
    person(db, world, "successor", "baoding")
    assert told(db, "2017-10-23T08:30") == {"successor": [("assignment", "before-7")]}


def test_a_municipality_is_its_own_province_and_a_ministry_has_none(db: Database, world: World) -> None:
    for place, kind in (("north", "municipality"), ("south", "ministry")):
        with db.transaction() as session:
            session.execute(update(Organisation).where(Organisation.id == world.places[place]).values(kind=kind))
        person(db, world, f"{place}-officer", place)
        assign(db, world, place, date(2017, 10, 16))
    assert set(told(db, "2017-10-19T08:30")) == {"north", "north-officer", "south-officer"}


def test_who_refused_reminders_finds_them_in_the_product_only(db: Database, world: World) -> None:
    for name in ("baoding", "north"):
        add(db, MailRefusal(person_id=world.people[name], topic="reminders", since=parse_instant("2017-10-01T08:00")))
    assign(db, world, "baoding", date(2017, 10, 16))
    (_, explained) = (found := record(db, "2017-10-19T08:30")).explained()
    assert [each.withheld for each in found.digests] == [False, True]
    assert explained["channel"] == "withheld: the person refused the topic reminders"
    with db.reading() as session:
        rows = {row.person_id: (row.state, row.topic) for row in session.scalars(select(OutboxMail))}
        assert len(session.scalars(select(Reminder.id)).all()) == 2
    assert rows == {world.people["baoding"]: ("withheld", "reminders"), world.people["north"]: ("new", "")}


def test_escalations_are_grouped_by_city_and_for_the_region_by_province(db: Database, world: World) -> None:
    for place in ("jinan", "cangzhou", "baoding"):
        assign(db, world, place, date(2017, 10, 9))
    found = {each.person.name_zh: each for each in record(db, "2017-10-20T08:30").digests}
    north = render_digest({**found["north某"].payload, "base_url": "http://x.test"}, "zh").text
    region = render_digest({**found["region某"].payload, "base_url": "http://x.test"}, "zh").text
    assert north.index("[ baoding市 ]") < north.index("[ cangzhou市 ]")
    assert region.index("[ north市 · baoding市 ]") < region.index("[ south市 · jinan市 ]")
    assert render_digest({**found["north某"].payload, "base_url": "http://x.test"}, "en").html.count("<h3") == 2


# --- cost


def test_statements_do_not_grow_with_what_is_found(db: Database, heating: World) -> None:
    def count(now: str) -> int:
        statements: list[str] = []
        listener = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            assert record(db, now).digests
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
        return len(statements)

    def fill(day: int) -> None:
        for place in ("baoding", "cangzhou", "jinan"):
            given = {"another": True, "silent_months": 1, "as_of": date(2017, 11, 1)}
            assign(db, heating, place, date(2017, 11, day), **given)
            claimed = {"status": "claimed", "claimed_at": parse_instant("2017-11-17T10:00")}
            assign(db, heating, place, date(2017, 10, day), another=True, **claimed)

    fill(1)
    few = count("2017-11-20T08:30")
    for day in range(2, 20):
        fill(day)
    assert count("2017-11-21T08:30") == few


def test_rest_days_and_early_mornings_cost_one_statement(db: Database, world: World) -> None:
    assign(db, world, "baoding", date(2017, 10, 27))
    for now in ("2017-10-21T08:30", "2017-10-20T08:00"):
        statements: list[str] = []
        listener = lambda *args, kept=statements: kept.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        assert record(db, now).mails == []
        event.remove(db.engine, "before_cursor_execute", listener)
        assert len([each for each in statements if each.startswith("SELECT")]) == 1
