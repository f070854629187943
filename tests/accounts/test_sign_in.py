"""Signing in and out, as a browser does it."""

import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from tests.support.people import NOW, PASSWORD
from tests.support.site import Site
from webapp.accounts import passwords
from webapp.accounts.models import Membership, Person
from webapp.accounts.rules import TRIES_A_PERSON
from webapp.accounts.service import set_password
from webapp.audit.models import AuditEvent
from webapp.clock import local_date
from webapp.permissions import SYSTEM

OFFICER = {"email": "officer@example.cn", "password": PASSWORD}
WRONG = {**OFFICER, "password": "no such thing at all"}


def actions(web: Site) -> list[str]:
    """What the record says happened, the setting up left out."""
    with web.database.reading() as session:
        found = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
        return [each for each in found if each not in ("account.create", "account.grant")]


def test_the_right_password_opens_the_page_that_was_asked_for(web: Site) -> None:
    browser = web.client()
    asked = browser.get("/account?tab=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/account?tab%3D1")
    page = browser.get(asked.location)
    assert '<input type="hidden" name="next" value="/account?tab=1">' in page.text
    answer = browser.post("/sign-in", data={**OFFICER, "next": "/account?tab=1"})
    assert (answer.status_code, answer.location) == (303, "/account?tab=1")
    assert browser.get("/account").status_code == 200
    assert actions(web) == ["account.sign_in"]


def test_the_address_may_be_typed_carelessly(web: Site) -> None:
    answer = web.client().post("/sign-in", data={**OFFICER, "email": "  Officer@Example.CN "})
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_does_not_make_an_open_form_stale(web: Site) -> None:
    web.client().post("/sign-in", data=OFFICER)
    with web.database.reading() as session:
        person = session.get_one(Person, web.people.officer.id)
        assert person.version == 1
        assert person.last_seen_at is not None


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example", ""])
def test_never_to_another_site(web: Site, target: str) -> None:
    assert web.client().post("/sign-in", data={**OFFICER, "next": target}).location == "/"


@pytest.mark.parametrize("data", [WRONG, {**OFFICER, "email": "nobody@example.cn"}])
def test_a_wrong_pair_is_told_in_the_same_words(web: Site, data: dict[str, str]) -> None:
    answer = web.client().post("/sign-in", data=data)
    assert answer.status_code == 422
    assert "电子邮箱或密码不正确" in answer.text
    assert data["email"] in answer.text, "what was typed is kept"
    assert data["password"] not in answer.text, "but not the password"


def test_failures_of_known_people_are_on_record(web: Site) -> None:
    browser = web.client()
    browser.post("/sign-in", data=WRONG)
    browser.post("/sign-in", data={**WRONG, "email": "nobody@example.cn"})
    assert actions(web) == ["account.sign_in_failed"]


def test_missing_words_are_asked_for(web: Site) -> None:
    answer = web.client().post("/sign-in", data={"email": "", "password": ""})
    assert answer.status_code == 422
    assert answer.text.count("请填写此项") == 4, "in the summary and at each field"


def test_guessing_ends_even_with_the_right_password(web: Site) -> None:
    browser = web.client()
    for _ in range(TRIES_A_PERSON):
        assert browser.post("/sign-in", data=WRONG).status_code == 422
    answer = browser.post("/sign-in", data=OFFICER)
    assert answer.status_code == 429
    assert "15 分钟" in answer.text


def test_a_blocked_guess_is_not_hashed(web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = web.client()
    for _ in range(TRIES_A_PERSON):
        browser.post("/sign-in", data=WRONG)
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("the password was looked at"))
    assert browser.post("/sign-in", data=OFFICER).status_code == 429


def test_the_password_is_checked_outside_any_transaction(web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def verify(_stored: str | None, _password: str) -> bool:
        with web.database.transaction():
            seen.append("a writer is let in")
        return True

    monkeypatch.setattr(passwords, "verify", verify)
    assert web.client().post("/sign-in", data=OFFICER).status_code == 303
    assert seen


def test_a_weaker_hash_is_renewed(web: Site) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with web.database.transaction() as session:
        session.get_one(Person, web.people.officer.id).password_hash = older
    assert web.client().post("/sign-in", data=OFFICER).status_code == 303
    with web.database.reading() as session:
        person = session.get_one(Person, web.people.officer.id)
    assert person.password_hash != older
    assert person.auth_version == 1


def test_somebody_without_a_role_today_is_told_so(web: Site) -> None:
    with web.database.transaction() as session:
        role = session.scalars(select(Membership).where(Membership.person_id == web.people.officer.id)).one()
        role.valid_until = role.valid_from
    answer = web.client().post("/sign-in", data=OFFICER)
    assert answer.status_code == 409
    assert "没有有效的岗位授权" in answer.text


def test_a_session_ends_with_the_role(web: Site) -> None:
    browser = web.client(web.people.officer)
    assert browser.get("/account").status_code == 200
    with web.database.transaction() as session:
        role = session.scalars(select(Membership).where(Membership.person_id == web.people.officer.id)).one()
        role.valid_until = local_date(NOW).replace(day=19)
    assert browser.get("/account").status_code == 303


def test_a_new_password_ends_every_session(web: Site) -> None:
    browser = web.client(web.people.officer)
    with web.database.transaction() as session:
        set_password(session, web.people.officer.id, "other", actor=SYSTEM, now=NOW)
    assert browser.get("/account").location.startswith("/sign-in")


@pytest.mark.parametrize("token", ["", "1", "1:", ":1", "x:1", "1:1:1", "-1:1", "²:1", "9" * 30 + ":1"])
def test_a_forged_session_is_nobody(web: Site, token: str) -> None:
    browser = web.client()
    with browser.session_transaction() as session:
        session["_user_id"] = token
    assert browser.get("/account").status_code == 303


def test_signing_in_begins_a_new_session_and_keeps_the_language(web: Site) -> None:
    browser = web.client()
    browser.post("/language", data={"locale": "en"})
    with browser.session_transaction() as session:
        session["planted"] = "by somebody else"
    browser.post("/sign-in", data=OFFICER)
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "en"


def test_signing_out(web: Site) -> None:
    browser = web.client(web.people.officer)
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_somebody_signed_in_goes_on(web: Site) -> None:
    assert web.client(web.people.officer).get("/sign-in?next=/account").location == "/account"


@pytest.mark.parametrize(("chosen", "lang"), [("en", "en"), ("zh", "zh-Hans-CN"), ("fr", "zh-Hans-CN")])
def test_anybody_chooses_a_language(web: Site, chosen: str, lang: str) -> None:
    browser = web.client()
    answer = browser.post("/language", data={"locale": chosen, "next": "/sign-in?next=/account"})
    assert answer.location == "/sign-in"
    assert f'<html lang="{lang}"' in browser.get("/sign-in").text


# --- the demo's accounts


def test_the_demo_offers_its_people(demo: Site) -> None:
    page = demo.client().get("/sign-in").text
    offered = set(re.findall(r'name="person_id" value="(\d+)"', page))
    assert offered == {str(person.id) for person in vars(demo.people).values()}
    assert "城市承办人员" in page
    assert "省级调度人员" in page
    assert "保定" in page


def test_one_tap_signs_in(demo: Site) -> None:
    browser = demo.client()
    answer = browser.post("/sign-in/demo", data={"person_id": demo.people.coordinator.id, "next": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "王芳" in browser.get("/account").text


@pytest.mark.parametrize("person_id", ["", "x", "999999", "-1", "²"])
def test_nobody_else_can_be_tapped(demo: Site, person_id: str) -> None:
    assert demo.client().post("/sign-in/demo", data={"person_id": person_id}).status_code == 404


def test_outside_the_demo_there_is_no_such_thing(web: Site) -> None:
    browser = web.client()
    assert browser.post("/sign-in/demo", data={"person_id": web.people.officer.id}).status_code == 404
    assert "person_id" not in browser.get("/sign-in").text
