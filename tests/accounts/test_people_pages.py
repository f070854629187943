"""The pages where an administrator looks after people."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.html import Element, parse
from tests.support.people import NOW, add_person
from tests.support.site import Site
from webapp.accounts.models import Membership, Person
from webapp.mail.models import AddressFlag
from webapp.permissions import Role

NEW = {
    "name_zh": "耿亚楠", "name_en": "Geng Yanan", "email": "geng@example.cn", "phone": "", "locale": "zh",
    "organisation": "130600", "role": "officer", "deputy": "y", "valid_from": "2017-10-20", "valid_until": "",
    "request_key": "people-key-0001",
}  # fmt: skip
PASSWORD = re.compile(r'<code id="new-password"[^>]*>([a-z0-9-]{19})</code>')


@pytest.fixture
def chief(web: Site) -> FlaskClient:
    """The administrator's browser."""
    return web.client(web.people.admin)


def forms(page: TestResponse, path: str) -> list[Element]:
    return [each for each in parse(page.text).all("form") if each.get("action") == path]


def press(browser: FlaskClient, person: int, act: str, **typed: str) -> TestResponse:
    """Send a form of somebody's page, as it stands there with what is typed."""
    path = f"/people/{person}/{act}"
    (form,) = forms(browser.get(f"/people/{person}"), path)
    fields = [each for each in form.all("input") if each.get("type") != "checkbox"]
    return browser.post(path, data={each.get("name"): each.get("value") for each in fields} | typed)


def person(web: Site, person_id: int) -> Person:
    with web.database.reading() as session:
        return session.get_one(Person, person_id)


def role(web: Site, person_id: int) -> Membership:
    with web.database.reading() as session:
        return session.scalars(select(Membership).where(Membership.person_id == person_id)).one()


def test_the_list_shows_roles_and_refused_addresses(web: Site, chief: FlaskClient) -> None:
    with web.database.transaction() as session:
        session.add(AddressFlag(address="officer@example.cn", reason="550 5.1.1 no such user", flagged_at=NOW))
    page = chief.get("/people")
    assert page.status_code == 200
    for words in (
        "李敏",
        "officer@example.cn",
        "550 5.1.1 no such user",
        "邮箱被退回",
        "保定 · 承办人员",
        "2017年1月1日起",
        "从未登录",
    ):
        assert words in " ".join(parse(page.text).text.split()), words
    assert "孙丽" not in chief.get("/people?state=flagged").text
    assert "李敏" in chief.get("/people?state=flagged").text
    assert "没有符合条件的人员" in chief.get("/people?organisation=nowhere").text


def test_somebody_is_added_and_the_password_shown_once(web: Site, chief: FlaskClient) -> None:
    answer = chief.post("/people/new", data=NEW)
    assert answer.status_code == 303
    shown = PASSWORD.search(chief.get(answer.location).text)
    assert shown is not None
    assert PASSWORD.search(chief.get(answer.location).text) is None
    signed_in = web.client().post("/sign-in", data={"email": "geng@example.cn", "password": shown[1]})
    assert signed_in.status_code == 303
    assert role(web, int(answer.location.rpartition("/")[2])).deputy
    assert chief.post("/people/new", data=NEW).location == "/people?q=geng@example.cn"


@pytest.mark.parametrize(
    "change",
    [
        {"email": "officer@example.cn"}, {"email": "x"}, {"name_zh": ""}, {"organisation": ""}, {"role": "king"},
        {"valid_from": ""}, {"valid_from": "soon"}, {"valid_until": "2017-01-01"}, {"role": "reader"}, {"locale": "fr"},
        {"organisation": "370100' OR 1"}, {"request_key": "x"},
    ],
)  # fmt: skip
def test_a_bad_form_keeps_what_was_typed(web: Site, chief: FlaskClient, change: dict[str, str]) -> None:
    answer = chief.post("/people/new", data={**NEW, **change})
    assert answer.status_code == 422
    assert "Geng Yanan" in answer.text
    assert "data-error-summary" in answer.text
    with web.database.reading() as session:
        assert session.scalar(select(Person.id).where(Person.name_en == "Geng Yanan")) is None


def test_a_role_is_given_marked_and_ended(web: Site, chief: FlaskClient) -> None:
    who = web.people.colleague.id
    held = role(web, who).id
    assert press(chief, who, f"roles/{held}/deputy").status_code == 303
    assert role(web, who).deputy
    assert "取消副职" in chief.get(f"/people/{who}").text
    assert press(chief, who, f"roles/{held}/deputy").status_code == 303
    assert not role(web, who).deputy
    assert press(chief, who, f"roles/{held}/end", last_day="2017-10-19").status_code == 303
    assert web.client(web.people.colleague).get("/account").status_code == 303
    assert "已终止" in chief.get(f"/people/{who}").text
    answer = press(chief, who, "roles", organisation="110000", role="reader", valid_from="2017-10-20")
    assert answer.status_code == 303
    assert web.client(web.people.colleague).get("/account").status_code == 200


def test_an_address_is_corrected(web: Site, chief: FlaskClient) -> None:
    who = web.people.officer.id
    with web.database.transaction() as session:
        session.add(AddressFlag(address="officer@example.cn", reason="550 5.1.1 no such user", flagged_at=NOW))
    assert "550 5.1.1 no such user" in chief.get(f"/people/{who}").text
    refused = press(chief, who, "address", email="colleague@example.cn")
    assert refused.status_code == 422
    assert "这个电子邮箱已有账户" in refused.text
    assert press(chief, who, "address", email="li.min@example.cn").status_code == 303
    assert person(web, who).email == "li.min@example.cn"
    assert "550 5.1.1 no such user" not in chief.get(f"/people/{who}").text


def test_switched_off_and_on(web: Site, chief: FlaskClient) -> None:
    who, theirs = web.people.officer.id, web.client(web.people.officer)
    assert press(chief, who, "active").status_code == 303
    assert theirs.get("/account").status_code == 303
    assert "已停用" in chief.get("/people").text
    assert press(chief, who, "active").status_code == 303
    assert theirs.get("/account").status_code == 200


def test_a_new_password_is_shown_once_and_ends_sessions(web: Site, chief: FlaskClient) -> None:
    who, theirs = web.people.officer.id, web.client(web.people.officer)
    assert press(chief, who, "password").status_code == 303
    # Elsewhere nothing is shown, and it is not lost by looking elsewhere first.
    assert PASSWORD.search(chief.get(f"/people/{web.people.reader.id}").text) is None
    shown = PASSWORD.search(chief.get(f"/people/{who}").text)
    assert shown is not None
    assert theirs.get("/account").status_code == 303
    answer = web.client().post("/sign-in", data={"email": "officer@example.cn", "password": shown[1]})
    assert answer.status_code == 303


def test_a_page_left_open_changes_nothing(web: Site, chief: FlaskClient) -> None:
    who = web.people.officer.id
    old = {"version": str(person(web, who).version), "request_key": "people-key-0002"}
    assert press(chief, who, "active").status_code == 303
    answer = chief.post(f"/people/{who}/address", data={**old, "email": "late@example.cn"})
    assert answer.status_code == 409
    assert "刚刚在别处修改过" in answer.text
    assert "late@example.cn" in answer.text
    assert person(web, who).email == "officer@example.cn"


def test_nobody_shuts_themselves_out(web: Site, chief: FlaskClient) -> None:
    me = web.people.admin.id
    page = chief.get(f"/people/{me}")
    assert not forms(page, f"/people/{me}/active")
    assert not forms(page, f"/people/{me}/password")
    answer = press(chief, me, f"roles/{role(web, me).id}/end", last_day="2017-12-31")
    assert answer.status_code == 409
    assert "最后一位" in answer.text
    assert role(web, me).valid_until is None


def test_officers_and_coordinators_do_not_get_in(web: Site) -> None:
    for name in ("officer", "coordinator", "overseer", "reader"):
        browser = web.client(getattr(web.people, name))
        for path in ("/people", "/people/new", f"/people/{web.people.officer.id}"):
            assert browser.get(path).status_code == 403
        assert browser.post("/people/new", data=NEW).status_code == 403
        assert browser.post(f"/people/{web.people.officer.id}/active", data={}).status_code == 403


def test_a_province_sees_its_own(web: Site) -> None:
    with web.database.transaction() as session:
        hebei = add_person(session, "hebei", "130000", Role.ADMINISTRATOR)
    browser = web.client(hebei)
    text = browser.get("/people").text
    assert "李敏" in text
    assert "孙丽" not in text
    assert "济南" not in text
    assert browser.get(f"/people/{web.people.stranger.id}").status_code == 404
    data = {"request_key": "people-key-0003", "version": "1"}
    assert browser.post(f"/people/{web.people.stranger.id}/active", data=data).status_code == 404
