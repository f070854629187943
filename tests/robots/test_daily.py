"""Group chats are told once a day what their people are told: queued with the digests, worded, delivered, parked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from tasks import deliver
from tests.support import small_plan
from tests.support.robots import KEY, Chat, group_chat
from tests.support.small_plan import World, add_assignment, add_report
from webapp.accounts.models import Membership
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import AddressFlag, MailRefusal, OutboxMail
from webapp.reminders import service
from webapp.robots import daily
from webapp.robots.models import GroupRobot
from webapp.robots.words import plain, render_digest
from webapp.settings import Settings

FRIDAY = parse_instant("2017-10-20T08:30")
IN_A_WEEK, LATE = date(2017, 10, 27), date(2017, 10, 9)
BASE = "https://lantian.example.cn"


@pytest.fixture
def world(db: Database) -> World:
    """The small plan without an assignment."""
    return small_plan.build(db)


@pytest.fixture
def chat() -> Iterator[Chat]:
    """The services' side."""
    with group_chat() as running:
        yield running


def robot(db: Database, world: World, place: str, **values: Any) -> int:
    usual = {"kind": "wecom", "name": place, "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEY}
    with db.transaction() as session:
        row = GroupRobot(organisation_id=world.places[place], created_at=FRIDAY, **usual | values)
        session.add(row)
        session.flush()
        return row.id


def record(db: Database, at: str = "2017-10-20T08:30", *, dry_run: bool = False) -> None:
    with db.transaction() as session:
        owed = service.record_owed(session, now=parse_instant(at), dry_run=dry_run)
        if not dry_run:
            daily.queue(session, owed.digests, now=parse_instant(at))


def assign(db: Database, world: World, place: str, due: date, **values: Any) -> int:
    with db.transaction() as session:
        return add_assignment(session, world, place, due, **values)


def messages(db: Database) -> list[OutboxMail]:
    with db.reading() as session:
        query = select(OutboxMail).where(OutboxMail.channel == "robot").order_by(OutboxMail.id)
        return list(session.scalars(query))


def items(message: OutboxMail) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["org_code"], each["audience"]) for each in message.payload["items"]]


def text(message: OutboxMail, locale: str = "zh") -> str:
    return render_digest({**message.payload, "base_url": BASE}, locale).text


# --- queued


def test_a_robot_is_told_what_its_people_are_told(db: Database, world: World) -> None:
    told = robot(db, world, "baoding", locale="en")
    subject = assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    (message,) = messages(db)
    assert (message.key, message.address, message.template) == (
        f"robot:2017-10-20:{told}",
        f"robot:{told}",
        "robot_digest",
    )
    assert (message.person_id, message.locale, message.state, message.topic) == (0, "en", "new", "")
    assert items(message) == [("assignment", "baoding", "officer")]
    assert (message.payload["items"][0]["id"], message.payload["more"]) == (subject, 0)


def test_each_robot_hears_of_its_own_organisation_alone(db: Database, world: World) -> None:
    for place in ("baoding", "cangzhou", "north", "jinan"):
        robot(db, world, place)
    assign(db, world, "baoding", LATE)
    record(db)
    found = {each.payload["org_code"]: items(each) for each in messages(db)}
    assert found == {
        "baoding": [("assignment", "baoding", "officer")], "north": [("assignment", "baoding", "province")],
    }  # fmt: skip


def test_once_a_day_whatever_runs_again(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    assign(db, world, "baoding", IN_A_WEEK)
    record(db, dry_run=True)
    assert not messages(db)
    for time in ("08:30", "09:00", "14:30"):
        record(db, f"2017-10-20T{time}")
    # Somebody new is told in the afternoon, the group is not told twice.
    with db.transaction() as session:
        ends = Membership.person_id == world.people["cangzhou"]
        session.execute(update(Membership).where(ends).values(organisation_id=world.places["baoding"]))
    assign(db, world, "baoding", IN_A_WEEK, another=True)
    record(db, "2017-10-20T15:00")
    assert len(messages(db)) == 1


def test_a_dry_run_names_what_each_robot_would_be_told(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    assign(db, world, "baoding", date(2017, 10, 27))
    at = parse_instant("2017-10-20T08:30")
    with db.transaction() as session:
        owed = service.record_owed(session, now=at, dry_run=True)
        (told,) = daily.explained(session, owed.digests, now=at)
        (line,) = told["items"]
        assert (told["channel"], told["name"], told["language"]) == ("robot", "baoding市", "zh")
        assert line["line"].endswith("baoding市 · 还有 7 天")
        daily.queue(session, owed.digests, now=at)
        assert daily.explained(session, owed.digests, now=at) == [], "it had its message of the day"


def test_a_robot_without_news_or_switched_off_says_nothing(db: Database, world: World) -> None:
    robot(db, world, "cangzhou")
    robot(db, world, "baoding", active=False)
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    assert not messages(db)


def test_two_people_of_one_place_make_one_list(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    with db.transaction() as session:
        moved = Membership.person_id == world.people["cangzhou"]
        session.execute(update(Membership).where(moved).values(organisation_id=world.places["baoding"]))
    for due in (IN_A_WEEK, LATE):
        assign(db, world, "baoding", due, another=True)
    record(db)
    (message,) = messages(db)
    assert [each["due"] for each in message.payload["items"]] == ["2017-10-09", "2017-10-27"]


def test_a_person_who_wants_no_mail_does_not_silence_the_group(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    with db.transaction() as session:
        session.add(MailRefusal(person_id=world.people["baoding"], topic="reminders", since=FRIDAY))
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    assert len(messages(db)) == 1


def test_at_most_twenty_lines_and_the_number_of_all(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    for day in range(1, 26):
        assign(db, world, "baoding", date(2017, 9, day), another=True)
    record(db)
    (message,) = messages(db)
    assert (len(message.payload["items"]), message.payload["more"]) == (20, 5)
    assert message.payload["items"][0]["due"] == "2017-09-01"
    assert text(message).splitlines()[-1] == f"……共 25 项，[打开蓝天]({BASE}/)"


# --- worded


def test_the_words_of_a_city(db: Database, world: World) -> None:
    robot(db, world, "baoding")
    late, soon = assign(db, world, "baoding", LATE), assign(db, world, "baoding", IN_A_WEEK, another=True)
    with db.transaction() as session:
        report = add_report(session, world, "baoding", date(2017, 9, 1), date(2017, 10, 20))
    record(db)
    (message,) = messages(db)
    rendered = render_digest({**message.payload, "base_url": BASE}, "zh")
    assert rendered.subject == "蓝天提醒：baoding市 10月20日，3 项"
    assert rendered.text == "\n".join([
        "### 蓝天提醒：baoding市，2017年10月20日（星期五）",
        "**需要办理**",
        f"▲ 滞后 [小燃煤锅炉淘汰]({BASE}/assignments/{late}) 已逾期 11 天，10月9日到期",
        f"○ 待报送 [2017年9月工作进展月报]({BASE}/reports/{report}) 今天到期，10月20日到期",
        f"▲ 滞后 [任务2017-10-27]({BASE}/assignments/{soon}) 还有 7 天，10月27日到期",
        f"共 3 项，[打开蓝天]({BASE}/)",
    ])  # fmt: skip


def test_escalations_stand_under_their_city(db: Database, world: World) -> None:
    robot(db, world, "north")
    for place, due in (("cangzhou", LATE), ("baoding", LATE), ("cangzhou", date(2017, 10, 10))):
        assign(db, world, place, due, another=True)
    record(db)
    (message,) = messages(db)
    said = text(message).splitlines()
    assert said[1] == "**提级催办：逾期未办**"
    assert [line for line in said if line.startswith("**")][1:] == ["**baoding市**", "**cangzhou市**"]


def test_a_title_is_no_markup() -> None:
    assert plain("[x](y)\n<@all> **a** `b`\\") == "［x］(y) ＜@all＞ ＊＊a＊＊ ｀b｀＼"


# --- delivered


def send(db: Database, chat: Chat, at: str = "2017-10-20T08:31") -> dict[str, Any]:
    settings = Settings(webhook_hosts=(chat.host,), base_url=BASE, smtp_port=1)
    return deliver.deliver(db, settings, deliver.RENDERERS, now=parse_instant(at))


def test_the_deliverer_posts_it_and_records_the_answer(db: Database, world: World, chat: Chat) -> None:
    robot(db, world, "baoding", url=chat.wecom())
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    assert send(db, chat)["sent"] == 1
    (message,), (got,) = messages(db), chat.received
    assert (message.state, message.last_error) == ("sent", "")
    assert got["markdown"]["content"] == text(message)
    assert message.subject.startswith("蓝天提醒")


def test_too_fast_waits_and_a_wrong_key_is_parked_and_flagged(db: Database, world: World, chat: Chat) -> None:
    told = robot(db, world, "baoding", url=chat.wecom())
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    chat.scripted = [(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}')]
    send(db, chat)
    assert (messages(db)[0].state, messages(db)[0].attempts) == ("new", 1)
    chat.scripted = [(200, b'{"errcode": 93000, "errmsg": "invalid webhook url ' + KEY.encode() + b'"}')]
    send(db, chat, "2017-10-20T09:00")
    (message,) = messages(db)
    with db.reading() as session:
        flag = session.get_one(AddressFlag, f"robot:{told}")
    assert message.state == "parked"
    for shown in (message.last_error, flag.reason):
        assert "93000" in shown
        assert KEY not in shown


def test_a_robot_switched_off_meanwhile_is_not_called(db: Database, world: World, chat: Chat) -> None:
    robot(db, world, "baoding", url=chat.wecom())
    assign(db, world, "baoding", IN_A_WEEK)
    record(db)
    with db.transaction() as session:
        session.execute(update(GroupRobot).values(active=False))
    send(db, chat)
    assert messages(db)[0].state == "parked"
    assert not chat.asked
