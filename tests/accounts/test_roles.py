"""Dated roles: who somebody is today, and when a session ends."""

from datetime import date

import pytest
from sqlalchemy import event

from tests.support.people import NOW, People, add_person
from webapp.accounts.queries import load_actor, people_of
from webapp.accounts.service import end_role, grant_role, set_password, update_profile
from webapp.db import Database
from webapp.errors import Conflict, Invalid, Stale
from webapp.organisations.queries import by_code
from webapp.permissions import SYSTEM, Role

FIRST, LAST = date(2017, 3, 1), date(2017, 9, 30)


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        (date(2017, 2, 28), False),
        (FIRST, True),
        (LAST, True),
        (date(2017, 10, 1), False),
    ],
)
def test_a_role_holds_from_its_first_day_through_its_last(
    db: Database, people: People, today: date, holds: bool
) -> None:
    with db.transaction() as session:
        temp = add_person(session, "temp", "130600", Role.OFFICER, first=FIRST, last=LAST)
        baoding = by_code(session)["130600"]
    with db.reading() as session:
        actor = load_actor(session, temp.id, 1, today)
        found = people_of(session, [baoding.id], [Role.OFFICER], today)
    assert (actor is not None) is holds
    assert ("temp@example.cn" in [each.email for each in found]) is holds


def test_an_actor_is_loaded_with_all_roles_in_one_statement(db: Database, people: People) -> None:
    with db.transaction() as session:
        jinan = by_code(session)["370100"]
        grant_role(session, people.officer, jinan, Role.READER, valid_from=FIRST, actor=SYSTEM, now=NOW)
    statements: list[str] = []
    event.listen(db.reading_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with db.reading() as session:
        actor = load_actor(session, people.officer.id, 1, date(2017, 10, 20))
    assert actor is not None
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
    assert [(each.role, each.path, each.kind, each.name_zh, each.name_en) for each in actor.grants] == [
        (Role.OFFICER, "jjj/130000/130600/", "city", "保定", "Baoding"),
        (Role.READER, "jjj/370000/370100/", "city", "济南", "Jinan"),
    ]
    assert (actor.name, actor.locale, actor.auth_version) == ("李敏", "zh", 1)


def test_nobody_for_a_stale_session_or_an_account_switched_off(db: Database, people: People) -> None:
    today = date(2017, 10, 20)
    with db.transaction() as session:
        assert set_password(session, people.officer.id, "new hash", actor=SYSTEM, now=NOW) == 2
        session.get_one(type(people.reader), people.reader.id).active = False
    with db.reading() as session:
        assert load_actor(session, people.officer.id, 1, today) is None
        assert load_actor(session, people.officer.id, 2, today) is not None
        assert load_actor(session, people.reader.id, 1, today) is None
        assert load_actor(session, 999_999, 1, today) is None


def test_a_role_can_be_ended_but_not_before_it_began(db: Database, people: People) -> None:
    with db.transaction() as session:
        place = by_code(session)["110000"]
        grant = grant_role(session, people.officer, place, Role.READER, valid_from=FIRST, actor=SYSTEM, now=NOW)
        end_role(session, grant, last_day=FIRST, actor=SYSTEM, now=NOW)
        with pytest.raises(Conflict):
            end_role(session, grant, last_day=date(2017, 2, 1), actor=SYSTEM, now=NOW)
        with pytest.raises(Invalid):
            grant_role(
                session, people.officer, place, Role.READER, valid_from=LAST, valid_until=FIRST, actor=SYSTEM, now=NOW
            )


def test_an_address_is_taken_once_whatever_its_letters(db: Database, people: People) -> None:
    with db.transaction() as session, pytest.raises(Invalid) as caught:
        add_person(session, "OFFICER", "130600", Role.OFFICER)
    assert [problem.field for problem in caught.value.problems] == ["email"]


def test_a_profile_saved_elsewhere_is_not_overwritten(db: Database, people: People) -> None:
    who = people.officer.id
    typed = {"name_zh": "李敏敏", "name_en": "Li Minmin", "phone": "0312-1", "locale": "en", "version": 1}
    with db.transaction() as session:
        update_profile(session, who, **typed, actor=SYSTEM, now=NOW)
    with db.transaction() as session, pytest.raises(Stale):
        update_profile(session, who, **typed, actor=SYSTEM, now=NOW)
    with db.transaction() as session, pytest.raises(Invalid) as caught:
        update_profile(session, who, **{**typed, "version": 2, "name_zh": " ", "locale": "fr"}, actor=SYSTEM, now=NOW)
    assert [problem.field for problem in caught.value.problems] == ["name_zh", "locale"]
