"""What administrators do to people: inside their area, against the version they saw, and never shutting all out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.support.people import NOW, PASSWORD, WEAK_HASH, People, add_person
from webapp.accounts import administration as admin
from webapp.accounts import passwords
from webapp.accounts.calendar_links import make_link, reader_of
from webapp.accounts.models import Membership, Person
from webapp.accounts.people import Filter, get_managed
from webapp.accounts.people import people as listed
from webapp.accounts.queries import load_actor
from webapp.accounts.rules import check_password
from webapp.accounts.service import grant_role
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.mail.models import AddressFlag
from webapp.organisations.queries import by_code
from webapp.permissions import SYSTEM, Actor, Role

TODAY = date(2017, 10, 20)
WISH: dict[str, Any] = {
    "organisation": "130600", "role": Role.OFFICER, "valid_from": TODAY, "valid_until": None, "deputy": False,
}  # fmt: skip
PROFILE = {"name_zh": "耿亚楠", "name_en": "Geng Yanan", "email": "Geng@Example.cn", "phone": "0312-1", "locale": "zh"}


def actor(db: Database, person: Person, today: date = TODAY) -> Actor:
    with db.reading() as session:
        found = load_actor(session, person.id, session.get_one(Person, person.id).auth_version, today)
    assert found is not None
    return found


def the_role(db: Database, person: Person, role: Role | None = None) -> Membership:
    with db.reading() as session:
        query = select(Membership).where(Membership.person_id == person.id)
        return session.scalars(query.where(Membership.role == role.value) if role else query).one()


def fresh(db: Database, person: Person) -> Person:
    with db.reading() as session:
        return session.get_one(Person, person.id)


def act(
    db: Database, deed: Any, person: Person, *args: Any, by: Actor, version: int | None = None, **values: Any
) -> Any:
    """Do something against the person's present version."""
    seen = fresh(db, person).version if version is None else version
    with db.transaction() as session:
        return deed(session, person.id, *args, version=seen, actor=by, now=NOW, **values)


@pytest.fixture
def hebei(db: Database, people: People) -> Actor:
    """An administrator of Hebei alone."""
    with db.transaction() as session:
        person = add_person(session, "hebei", "130000", Role.ADMINISTRATOR)
    return actor(db, person)


@pytest.fixture
def chief(db: Database, people: People) -> Actor:
    """The administrator of the whole region."""
    return actor(db, people.admin)


# --- adding, roles


def test_somebody_new_can_sign_in_with_the_password_shown(db: Database, people: People, chief: Actor) -> None:
    password, hashed = admin.new_password(email=PROFILE["email"], name="耿亚楠")
    check_password(password, email=PROFILE["email"], name="耿亚楠")
    with db.transaction() as session:
        made = admin.add_person(
            session, profile=PROFILE, password_hash=hashed, **{**WISH, "deputy": True}, actor=chief, now=NOW
        )
    assert made.email == "geng@example.cn"
    assert passwords.verify(fresh(db, made).password_hash, password)
    assert the_role(db, made).deputy
    assert actor(db, made).grants[0].organisation_code == "130600"


def test_passwords_are_random_and_plain_to_read(people: People) -> None:
    made = {admin.new_password(email="a@example.cn", name="")[0] for _ in range(20)}
    assert len(made) == 20
    assert all(len(each) == 19 and not set(each) & set("0O1lio") for each in made)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organisation": "370100"}, "organisation"),
        ({"organisation": "999999"}, "organisation"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"role": Role.READER, "deputy": True}, "deputy"),
    ],
)
def test_a_role_is_refused(db: Database, people: People, hebei: Actor, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught, db.transaction() as session:
        admin.add_person(session, profile=PROFILE, password_hash=WEAK_HASH, **{**WISH, **change}, actor=hebei, now=NOW)
    assert [each.field for each in caught.value.problems] == [field]
    with db.reading() as session:
        assert session.scalar(select(Person.id).where(Person.email == "geng@example.cn")) is None


def test_the_same_role_is_not_held_twice_at_once(db: Database, people: People, chief: Actor) -> None:
    with pytest.raises(Invalid):
        act(db, admin.give_role, people.officer, **WISH, by=chief)
    act(db, admin.end_role, people.officer, the_role(db, people.officer).id, last_day=TODAY, today=TODAY, by=chief)
    later = {**WISH, "valid_from": TODAY + timedelta(days=1)}
    assert act(db, admin.give_role, people.officer, **later, by=chief).valid_from == date(2017, 10, 21)


def test_a_role_ends_with_a_day(db: Database, people: People, chief: Actor) -> None:
    held = the_role(db, people.officer)
    act(db, admin.end_role, people.officer, held.id, last_day=TODAY, today=TODAY, by=chief)
    assert actor(db, people.officer)
    with db.reading() as session:
        assert load_actor(session, people.officer.id, 1, TODAY + timedelta(days=1)) is None
    # Until it is over it may still be moved.
    act(db, admin.end_role, people.officer, held.id, last_day=TODAY - timedelta(days=1), today=TODAY, by=chief)
    with pytest.raises(Conflict):
        act(db, admin.end_role, people.officer, held.id, last_day=TODAY, today=TODAY, by=chief)


def test_the_past_is_not_rewritten(db: Database, people: People, chief: Actor) -> None:
    with pytest.raises(Invalid):
        act(db, admin.end_role, people.officer, the_role(db, people.officer).id,
            last_day=TODAY - timedelta(days=2), today=TODAY, by=chief)  # fmt: skip


def test_deputies_are_officers(db: Database, people: People, chief: Actor) -> None:
    held = the_role(db, people.officer)
    for deputy in (True, False):
        act(db, admin.mark_deputy, people.officer, held.id, deputy=deputy, today=TODAY, by=chief)
        assert the_role(db, people.officer).deputy is deputy
    with pytest.raises(Conflict):
        act(db, admin.mark_deputy, people.reader, the_role(db, people.reader).id, deputy=True, today=TODAY, by=chief)
    with db.reading() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(2)).all()
    assert actions == ["account.no_deputy", "account.deputy"]


def test_another_persons_role_is_not_found_under_this_one(db: Database, people: People, chief: Actor) -> None:
    other = the_role(db, people.colleague).id
    with pytest.raises(NotFound):
        act(db, admin.end_role, people.officer, other, last_day=TODAY, today=TODAY, by=chief)


# --- whose people


def test_an_administrator_of_one_province_does_not_meet_the_others(db: Database, people: People, hebei: Actor) -> None:
    with db.reading() as session:
        found = listed(session, hebei, today=TODAY, where=Filter())
        assert {each.email.partition("@")[0] for each in found.people} == {
            "officer", "colleague", "coordinator", "reader", "hebei",
        }  # fmt: skip
        for person in (people.stranger, people.overseer, people.admin):
            with pytest.raises(NotFound):
                get_managed(session, person.id, hebei)
    with pytest.raises(NotFound):
        act(db, admin.give_role, people.stranger, **WISH, by=hebei)
    with pytest.raises(NotFound):
        act(db, admin.switch, people.admin, active=False, today=TODAY, by=hebei)


def test_an_account_used_elsewhere_too_is_not_taken_over(db: Database, people: People, hebei: Actor) -> None:
    with db.transaction() as session:
        place = by_code(session)["130600"]
        grant_role(session, people.admin, place, Role.READER, valid_from=TODAY, actor=SYSTEM, now=NOW)
    values = {"today": TODAY, "by": hebei}
    for deed, more in [
        (admin.correct_address, {"email": "mine@example.cn"}),
        (admin.switch, {"active": False}),
    ]:
        with pytest.raises(Forbidden):
            act(db, deed, people.admin, **more, **values)
    with pytest.raises(Forbidden):
        act(db, admin.renew_password, people.admin, "hash", **values)
    # The role inside the area can be ended, the other one cannot be seen.
    act(db, admin.end_role, people.admin, the_role(db, people.admin, Role.READER).id, last_day=TODAY, **values)
    with pytest.raises(NotFound):
        act(
            db,
            admin.end_role,
            people.admin,
            the_role(db, people.admin, Role.ADMINISTRATOR).id,
            last_day=TODAY,
            **values,
        )


def test_who_is_no_administrator_manages_nobody(db: Database, people: People) -> None:
    with db.reading() as session:
        assert listed(session, actor(db, people.overseer), today=TODAY, where=Filter()).total == 0
    with pytest.raises(NotFound):
        act(db, admin.switch, people.officer, active=False, today=TODAY, by=actor(db, people.overseer))


# --- the account


def test_a_corrected_address_clears_the_flag(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        session.add(AddressFlag(address="officer@example.cn", reason="550 no such user", flagged_at=NOW))
    with db.reading() as session:
        (found,) = listed(session, chief, today=TODAY, where=Filter(flagged=True)).people
        assert (found.id, found.refusal) == (people.officer.id, "550 no such user")
    with pytest.raises(Invalid):
        act(db, admin.correct_address, people.officer, email="stranger@example.cn", today=TODAY, by=chief)
    with pytest.raises(Invalid):
        act(db, admin.correct_address, people.officer, email="nothing", today=TODAY, by=chief)
    act(db, admin.correct_address, people.officer, email=" Li.Min@Example.cn ", today=TODAY, by=chief)
    assert fresh(db, people.officer).email == "li.min@example.cn"
    with db.reading() as session:
        assert session.scalars(select(AddressFlag)).all() == []


def test_the_same_address_again_clears_the_flag_too(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        session.add(AddressFlag(address="officer@example.cn", reason="550 full", flagged_at=NOW))
    act(db, admin.correct_address, people.officer, email="officer@example.cn", today=TODAY, by=chief)
    with db.reading() as session:
        assert session.scalars(select(AddressFlag)).all() == []


def test_switched_off_everything_ends_and_on_again(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        secret = make_link(session, people.officer.id, actor=SYSTEM, now=NOW)
    act(db, admin.switch, people.officer, active=False, today=TODAY, by=chief)
    with db.reading() as session:
        assert load_actor(session, people.officer.id, 1, TODAY) is None
        assert reader_of(session, secret, TODAY) is None
        assert [each.id for each in listed(session, chief, today=TODAY, where=Filter(active=False)).people] == [
            people.officer.id
        ]
    act(db, admin.switch, people.officer, active=True, today=TODAY, by=chief)
    assert actor(db, people.officer)


def test_a_new_password_ends_all_sessions(db: Database, people: People, chief: Actor) -> None:
    _password, hashed = admin.new_password(email="officer@example.cn", name="李敏")
    act(db, admin.renew_password, people.officer, hashed, today=TODAY, by=chief)
    with db.reading() as session:
        assert load_actor(session, people.officer.id, 1, TODAY) is None
    assert not passwords.verify(fresh(db, people.officer).password_hash, PASSWORD)


def test_every_act_counts_the_version_and_wants_the_present_one(db: Database, people: People, chief: Actor) -> None:
    held = the_role(db, people.officer).id
    deeds: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (admin.mark_deputy, (held,), {"deputy": True, "today": TODAY}),
        (admin.give_role, (), {**WISH, "role": Role.READER}),
        (admin.correct_address, (), {"email": "new@example.cn", "today": TODAY}),
        (admin.renew_password, ("hash",), {"today": TODAY}),
        (admin.switch, (), {"active": False, "today": TODAY}),
        (admin.switch, (), {"active": True, "today": TODAY}),
        (admin.end_role, (held,), {"last_day": TODAY, "today": TODAY}),
    ]
    for deed, args, values in deeds:
        before = fresh(db, people.officer).version
        act(db, deed, people.officer, *args, by=chief, **values)
        assert fresh(db, people.officer).version > before
        with pytest.raises(Stale):
            act(db, deed, people.officer, *args, by=chief, version=before, **values)


# --- somebody has to be left


def test_nobody_switches_themselves_off(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        add_person(session, "second", "jjj", Role.ADMINISTRATOR)
    with pytest.raises(Conflict):
        act(db, admin.switch, people.admin, active=False, today=TODAY, by=chief)
    with pytest.raises(Conflict):
        act(db, admin.renew_password, people.admin, "hash", today=TODAY, by=chief)


def test_the_last_administrator_stays(db: Database, people: People, chief: Actor) -> None:
    held = the_role(db, people.admin).id
    values = {"last_day": TODAY + timedelta(days=90), "today": TODAY, "by": chief}
    with pytest.raises(Conflict):
        act(db, admin.end_role, people.admin, held, **values)
    with db.transaction() as session:
        # One for a province, one for a while, one shut out: none of them is left for the region.
        add_person(session, "hebei", "130000", Role.ADMINISTRATOR)
        add_person(session, "short", "jjj", Role.ADMINISTRATOR, last=date(2018, 12, 31))
        add_person(session, "off", "jjj", Role.ADMINISTRATOR).active = False
    with pytest.raises(Conflict):
        act(db, admin.end_role, people.admin, held, **values)
    with db.transaction() as session:
        add_person(session, "second", "jjj", Role.ADMINISTRATOR)
    act(db, admin.end_role, people.admin, held, **values)


def test_an_administrator_of_a_province_may_leave_it_to_the_region(
    db: Database, people: People, hebei: Actor, chief: Actor
) -> None:
    with db.reading() as session:
        person = session.get_one(Person, hebei.id)
    act(db, admin.switch, person, active=False, today=TODAY, by=chief)


def test_two_administrators_do_not_shut_each_other_out(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        second = add_person(session, "second", "jjj", Role.ADMINISTRATOR)
    rival = actor(db, second)

    def shut_out(pair: tuple[Person, Actor]) -> bool:
        try:
            act(db, admin.switch, pair[0], active=False, today=TODAY, by=pair[1])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(shut_out, [(people.admin, rival), (second, chief)]))
    assert sorted(done) == [False, True]


# --- the list


def test_the_list_is_narrowed(db: Database, people: People, chief: Actor) -> None:
    def found(**where: Any) -> set[str]:
        with db.reading() as session:
            page = listed(session, chief, today=TODAY, where=Filter(**where))
        assert page.total == len(page.people)
        return {each.email.partition("@")[0] for each in page.people}

    assert found(organisation="jjj/130000/") == {"officer", "colleague", "coordinator", "reader"}
    assert found(organisation="jjj/130000/", role="officer") == {"officer", "colleague"}
    assert found(organisation="/") == set()
    assert found(role="administrator") == {"admin"}
    assert found(text="li min") == {"officer"}
    assert found(text="孙") == {"stranger"}
    assert found(text="%") == set()


def test_pages_of_fifty_in_a_fixed_number_of_statements(db: Database, people: People, chief: Actor) -> None:
    with db.transaction() as session:
        for number in range(60):
            add_person(session, f"more{number:02}", "130600", Role.READER)
    counted: list[str] = []
    event.listen(db.reading_engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
    sizes, statements = [], []
    for page in (1, 2, 9):
        with db.reading() as session:
            counted.clear()
            shown = listed(session, chief, today=TODAY, where=Filter(), page=page)
        sizes.append((len(shown.people), shown.total, shown.number))
        statements.append(len([each for each in counted if each.startswith("SELECT")]))
    assert sizes == [(50, 67, 1), (17, 67, 2), (17, 67, 2)]
    assert set(statements) == {3}
