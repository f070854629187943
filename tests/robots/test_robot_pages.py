"""The pages of group robots: who may, what is never shown, forms twice and stale, and the server's answer told."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.support.html import faults, parse
from tests.support.robots import KEY, SECRET, TOKEN, Chat, group_chat
from tests.support.site import Site, site
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.mail.models import AddressFlag
from webapp.robots.models import GroupRobot
from webapp.settings import Settings

WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"


@pytest.fixture
def world(sqlite_db: Database, tmp_path: Path) -> Iterator[Site]:
    """The application and its people."""
    with site(sqlite_db, tmp_path) as made:
        yield made


@pytest.fixture
def both(db: Database, tmp_path: Path) -> Iterator[Site]:
    """The same, on each engine."""
    with site(db, tmp_path) as made:
        yield made


@pytest.fixture
def chat() -> Iterator[Chat]:
    """The services' side."""
    with group_chat() as running:
        yield running


def allow(world: Site, chat: Chat) -> None:
    """Let the application call the test's server."""
    world.app.extensions["lantian.settings"] = Settings(data_dir=world.settings.data_dir, webhook_hosts=(chat.host,))


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    return found.group(1) if found else ""


def typed(browser: FlaskClient, address: str = "/robots/new", **values: str) -> dict[str, str]:
    """A filled-in form."""
    html = browser.get(address).text
    guard = {name: field(html, name) for name in ("request_key", "version")}
    usual = {"name": "保定工作群", "url": WECOM, "secret": "", "locale": "zh"}
    return {**guard, **usual, "kind": "wecom", "organisation": "130600", **values}


def robots(world: Site) -> list[GroupRobot]:
    with world.database.reading() as session:
        return list(session.scalars(select(GroupRobot).order_by(GroupRobot.id)))


def events(world: Site) -> list[tuple[str, dict[str, Any]]]:
    with world.database.reading() as session:
        query = select(AuditEvent).where(AuditEvent.subject_kind == "robot").order_by(AuditEvent.id)
        return [(each.action, each.facts) for each in session.scalars(query)]


def added(world: Site, **values: str) -> tuple[FlaskClient, GroupRobot]:
    """The administrator's browser and a robot added by it."""
    browser = world.client(world.people.admin)
    answer = browser.post("/robots/new", data=typed(browser, **values))
    assert answer.status_code == 303, answer.text
    return browser, robots(world)[-1]


# --- who may


@pytest.mark.parametrize("name", ["officer", "coordinator", "overseer", "reader", "stranger"])
def test_only_operators_enter(world: Site, name: str) -> None:
    _admin, robot = added(world)
    browser = world.client(getattr(world.people, name))
    for address in ("/robots", "/robots/new", f"/robots/{robot.id}"):
        assert browser.get(address).status_code == 403
    for address in ("/robots/new", f"/robots/{robot.id}", f"/robots/{robot.id}/switch", f"/robots/{robot.id}/test"):
        assert browser.post(address).status_code == 403
    assert "/robots" not in browser.get("/account").text


def test_a_robot_that_is_not_there(world: Site) -> None:
    browser = world.client(world.people.admin)
    assert browser.get("/robots/99").status_code == 404
    for address in ("/robots/99", "/robots/99/switch", "/robots/99/test"):
        assert browser.post(address, data={"name": "x", "locale": "zh"}).status_code == 404


# --- add and change


def test_a_robot_is_added_and_its_key_is_never_shown(world: Site) -> None:
    browser, robot = added(world, kind="dingtalk", url=DINGTALK, secret=SECRET)
    assert (robot.kind, robot.url, robot.secret, robot.active) == ("dingtalk", DINGTALK, SECRET, True)
    pages = [
        browser.get(address).text for address in ("/robots", f"/robots/{robot.id}", "/audit", "/audit?action=robot.")
    ]
    for page in pages:
        assert TOKEN not in page
        assert SECRET not in page
        assert not faults(parse(page)) or "csrf" in str(faults(parse(page)))
    assert "oapi.dingtalk.com…f0a2" in pages[0]
    assert events(world) == [
        ("robot.create", {"organisation": "130600", "address": "oapi.dingtalk.com…f0a2", "kind": "dingtalk"})
    ]


def test_a_refused_form_does_not_send_the_key_back(world: Site) -> None:
    browser = world.client(world.people.admin)
    answer = browser.post("/robots/new", data=typed(browser, name="", kind="dingtalk", url=DINGTALK, secret=SECRET))
    assert answer.status_code == 422
    assert answer.text.count("请重新粘贴") == 4  # at both fields, and in the summary
    assert TOKEN not in answer.text
    assert SECRET not in answer.text
    assert not robots(world)


@pytest.mark.parametrize(("values", "words"), [
    ({"url": ""}, "请粘贴群机器人的地址"),
    ({"url": "https://evil.example/?key=" + KEY}, "只能发往企业微信或钉钉"),
    ({"url": WECOM.replace("https", "http")}, "只能发往"),
    ({"url": "http://127.0.0.1:8999/robot?key=" + KEY}, "只能发往"),
    ({"url": WECOM.partition("?")[0]}, "请复制完整地址"),
    ({"url": DINGTALK}, "只能发往"),
    ({"secret": SECRET}, "没有加签密钥"),
    ({"kind": "dingtalk", "url": DINGTALK, "secret": "有 空格"}, "密钥里有空格"),
    ({"name": " "}, "请填写"),
    ({"name": "长" * 61}, "最多"),
    ({"organisation": ""}, "请选择单位"),
    ({"organisation": "999999"}, "单位"),
    ({"kind": "slack"}, "平台"),
    ({"locale": "fr"}, "语言"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(world: Site, values: dict[str, str], words: str) -> None:
    browser = world.client(world.people.admin)
    answer = browser.post("/robots/new", data=typed(browser, **values))
    assert answer.status_code == 422
    assert words in answer.text
    assert "data-error-summary" in answer.text
    assert not robots(world)


def test_all_that_is_wrong_is_said_at_once(world: Site) -> None:
    browser = world.client(world.people.admin)
    answer = browser.post("/robots/new", data=typed(browser, name="", url="https://evil.example/" + KEY))
    assert "请填写此项" in answer.text
    assert "只能发往企业微信或钉钉" in answer.text
    assert KEY not in answer.text


def test_a_double_click_adds_one(both: Site) -> None:
    browser = both.client(both.people.admin)
    form = typed(browser)
    answers = [browser.post("/robots/new", data=form) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert len(robots(both)) == len(events(both)) == 1
    assert browser.post("/robots/new", data=form | {"name": "别的"}).status_code == 409


def test_the_same_address_twice_at_one_organisation_is_refused(world: Site) -> None:
    browser, _robot = added(world)
    answer = browser.post("/robots/new", data=typed(browser))
    assert answer.status_code == 422
    assert "不必重复添加" in answer.text
    added(world, organisation="130000")


def test_an_empty_address_keeps_what_was_saved(both: Site) -> None:
    browser, robot = added(both, kind="dingtalk", url=DINGTALK, secret=SECRET)
    address = f"/robots/{robot.id}"
    assert browser.post(address, data=typed(browser, address, name="新名", url="", locale="en")).status_code == 303
    (changed,) = robots(both)
    assert (changed.name, changed.url, changed.secret, changed.locale) == ("新名", DINGTALK, SECRET, "en")
    assert events(both)[-1] == ("robot.change", {"organisation": "130600", "changed": ["locale", "name"]})
    form = typed(browser, address, name="新名", url="", locale="en", drop_secret="y")
    assert browser.post(address, data=form).status_code == 303
    assert robots(both)[0].secret == ""


def test_a_new_address_takes_the_flag_away(both: Site) -> None:
    browser, robot = added(both)
    with both.database.transaction() as session:
        session.add(
            AddressFlag(address=f"robot:{robot.id}", reason="200 errcode 93000: x", flagged_at=robot.created_at)
        )
    assert "errcode 93000" in browser.get("/robots").text
    address = f"/robots/{robot.id}"
    form = typed(browser, address, url=WECOM.replace("aaa", "bbb"))
    assert browser.post(address, data=form).status_code == 303
    assert "errcode 93000" not in browser.get("/robots").text
    assert events(both)[-1][1] == {"organisation": "130600", "changed": ["url"], "address": "qyapi.weixin.qq.com…5bbb"}


def test_a_stale_tab_changes_nothing_and_then_does(both: Site) -> None:
    browser, robot = added(both)
    address = f"/robots/{robot.id}"
    old = typed(browser, address, name="旧页面", url="")
    assert browser.post(address, data=typed(browser, address, name="先存的", url="")).status_code == 303
    answer = browser.post(address, data=old)
    assert answer.status_code == 409
    assert "旧页面" in answer.text
    assert robots(both)[0].name == "先存的"
    again = old | {"version": field(answer.text, "version"), "request_key": "another-key"}
    assert browser.post(address, data=again).status_code == 303
    assert robots(both)[0].name == "旧页面"


# --- buttons


def test_off_and_on(both: Site) -> None:
    browser, robot = added(both)
    address = f"/robots/{robot.id}/switch"
    form = {"request_key": "switch-key-1", "version": str(robot.version), "active": "off"}
    assert [browser.post(address, data=form).status_code for _ in range(2)] == [303, 303]
    assert not robots(both)[0].active
    assert "已停用" in browser.get("/robots").text
    stale = {"request_key": "switch-key-2", "version": str(robot.version), "active": "on"}
    assert browser.post(address, data=stale).status_code == 409
    fresh = stale | {"request_key": "switch-key-3", "version": str(robots(both)[0].version)}
    assert browser.post(address, data=fresh).status_code == 303
    assert [action for action, _facts in events(both)] == ["robot.create", "robot.switch_off", "robot.switch_on"]


def test_a_test_message_tells_what_the_server_said(world: Site, chat: Chat) -> None:
    allow(world, chat)
    browser, robot = added(world, url=chat.wecom())
    answer = browser.post(f"/robots/{robot.id}/test", data={"request_key": "test-key-1"}, follow_redirects=True)
    assert "测试消息已发出" in answer.text
    (message,) = chat.received
    assert "保定市" in message["markdown"]["content"]
    assert events(world)[-1] == ("robot.test", {"organisation": "130600", "answer": "200 errcode 0: ok"})
    browser.post(f"/robots/{robot.id}/test", data={"request_key": "test-key-1"})
    assert len(chat.received) == 1


@pytest.mark.parametrize(("body", "words"), [
    (b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "200 errcode 93000: invalid webhook url"),
    (b'{"errcode": 45009, "errmsg": "api freq out of limit"}', "请稍后再试"),
    (b"<html>", "请稍后再试"),
])  # fmt: skip
def test_a_test_message_that_is_refused(world: Site, chat: Chat, body: bytes, words: str) -> None:
    allow(world, chat)
    browser, robot = added(world, url=chat.wecom())
    chat.scripted = [(200, body)]
    answer = browser.post(f"/robots/{robot.id}/test", data={"request_key": "test-key-1"}, follow_redirects=True)
    assert words in answer.text
    assert KEY not in answer.text


def test_an_address_that_is_no_longer_allowed_is_not_called(world: Site, chat: Chat) -> None:
    allow(world, chat)
    browser, robot = added(world, url=chat.wecom())
    world.app.extensions["lantian.settings"] = world.settings
    answer = browser.post(f"/robots/{robot.id}/test", data={"request_key": "test-key-1"}, follow_redirects=True)
    assert "请核对地址" in answer.text
    assert not chat.asked


# --- the list


def test_the_list_costs_the_same_for_one_and_for_many(both: Site) -> None:
    browser, _robot = added(both)
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    def cost() -> int:
        browser.get("/robots")
        counted.clear()
        assert browser.get("/robots").status_code == 200
        return len(counted)

    event.listen(both.database.reading_engine, "before_cursor_execute", count)
    try:
        one = cost()
        for place in ("110000", "130000", "370000", "370100", "jjj"):
            added(both, organisation=place)
        assert cost() == one
    finally:
        event.remove(both.database.reading_engine, "before_cursor_execute", count)


def test_an_empty_list_says_how_to_begin(world: Site) -> None:
    browser = world.client(world.people.admin)
    assert "还没有群机器人" in browser.get("/robots").text
    assert "群机器人" in browser.get("/account").text
