"""The messages: whose they are, what is unread, how it is read, what the bell says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.html import parse
from tests.support.october import text
from tests.support.people import NOW
from tests.support.site import Site
from webapp.accounts.models import Person
from webapp.mail.models import AddressFlag, OutboxMail
from webapp.mail.service import enqueue

DECIDED = {
    "assignment": 1, "decision": "verify", "title_zh": "拆除小锅炉", "title_en": "Remove boilers", "org_zh": "保定市",
    "org_en": "Baoding", "unit": "device", "reason": "", "quantity": None, "due": None, "by": "王芳",
    "name_zh": "李敏", "name_en": "Li Min",
}  # fmt: skip


def put(world: Site, person: Person, number: int = 1, *, before: timedelta = timedelta(), **changes: Any) -> int:
    """Send somebody a message; its id."""
    key = f"test:{person.id}:{number}"
    with world.database.transaction() as session:
        found = enqueue(
            session, key=key, template="claim_verified", person=(person.id, person.email, "zh"),
            payload=DECIDED | {"title_zh": f"拆除小锅炉{number}"}, cause="test", now=NOW - before,
        )  # fmt: skip
        assert found is not None
        row = session.get_one(OutboxMail, found)
        for name, value in changes.items():
            setattr(row, name, value)
    return found


def read_at(world: Site, mail_id: int) -> datetime | None:
    """When a message was read."""
    with world.database.reading() as session:
        return session.scalars(select(OutboxMail.read_at).where(OutboxMail.id == mail_id)).one()


def bell(world: Site, person: Person, address: str = "/today") -> str:
    """The number the bell shows, "" without one."""
    page = parse(text(world.client(person), address))
    counts = [each.get("data-unread") for each in page.all("span") if each.get("data-unread")]
    assert len(counts) <= 1
    return counts[0] if counts else ""


def test_the_bell_counts_what_the_person_has_not_read_on_any_device(world: Site) -> None:
    officer, colleague = world.people.officer, world.people.colleague
    mails = [put(world, officer, n) for n in range(3)]
    put(world, officer, 9, channel="robot")
    assert (bell(world, officer), bell(world, colleague)) == ("3", "")
    world.client(officer).post(f"/messages/{mails[0]}/read")
    assert bell(world, officer, "/plan") == "2"


def test_looking_never_marks_as_read(world: Site) -> None:
    officer = world.people.officer
    mail = put(world, officer)
    for address in ("/messages", "/messages/newest", f"/messages/{mail}", f"/messages/{mail}/html"):
        text(world.client(officer), address)
    assert read_at(world, mail) is None


def test_reading_twice_keeps_the_first_time(world: Site) -> None:
    mail, browser = put(world, world.people.officer), world.client(world.people.officer)
    answer = browser.post(f"/messages/{mail}/read", data={"next": "/messages?show=unread"})
    assert (answer.status_code, answer.location) == (303, "/messages?show=unread")
    first = read_at(world, mail)
    assert first is not None
    assert browser.post(f"/messages/{mail}/read").location == "/messages"
    assert read_at(world, mail) == first


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "/sign-out"])
def test_the_way_back_stays_on_this_site(world: Site, target: str) -> None:
    mail = put(world, world.people.officer)
    answer = world.client(world.people.officer).post(f"/messages/{mail}/read", data={"next": target})
    assert answer.location == "/messages"


def test_everybody_elses_messages_do_not_exist(world: Site) -> None:
    mail, robot = put(world, world.people.officer), put(world, world.people.colleague, 2, channel="robot")
    browser = world.client(world.people.colleague)
    for number in (mail, robot):
        for address in (f"/messages/{number}", f"/messages/{number}/html"):
            assert browser.get(address).status_code == 404
        assert browser.post(f"/messages/{number}/read").status_code == 404
    browser.post("/messages/read")
    assert read_at(world, mail) is None


def test_all_means_all_that_the_page_could_show(world: Site) -> None:
    officer = world.people.officer
    old, new = put(world, officer, 1, before=timedelta(hours=1)), put(world, officer, 2)
    browser = world.client(officer)
    browser.post("/messages/read", data={"until": (NOW - timedelta(minutes=1)).isoformat()})
    assert read_at(world, old) is not None
    assert read_at(world, new) is None
    assert browser.post("/messages/read", data={"until": "nonsense"}).status_code == 303
    assert read_at(world, new) is not None
    assert bell(world, officer) == ""


@pytest.mark.parametrize(
    ("show", "shown"),
    [("", "123"), ("unread", "13"), ("reminders", "3"), ("decisions", "12"), ("nonsense", "123")],
)
def test_the_list_is_narrowed(world: Site, show: str, shown: str) -> None:
    officer = world.people.officer
    put(world, officer, 1, subject="件1")
    put(world, officer, 2, subject="件2", read_at=NOW)
    put(world, officer, 3, subject="件3", template="digest", state="withheld")
    html = text(world.client(officer), f"/messages?show={show}")
    assert "".join(n for n in "123" if f"件{n}" in html) == shown
    assert ("未发邮件（您已退订）" in html) is ("3" in shown)


@pytest.mark.parametrize(
    ("show", "words"),
    [("", "还没有消息"), ("unread", "没有未读消息"), ("reminders", "还没有到期提醒"), ("decisions", "还没有审核结果")],
)
def test_an_empty_list_says_why(world: Site, show: str, words: str) -> None:
    assert words in text(world.client(world.people.officer), f"/messages?show={show}")


def test_pages_hold_thirty(world: Site) -> None:
    officer = world.people.officer
    for number in range(35):
        put(world, officer, number, before=timedelta(minutes=number))
    browser = world.client(officer)
    first, second = text(browser, "/messages?show=unread"), text(browser, "/messages?show=unread&page=2")
    assert (first.count("lt-mail-unread"), second.count("lt-mail-unread")) == (30, 5)
    assert "/messages?show=unread&amp;page=2" in first
    assert "没有更早的消息" in text(browser, "/messages?page=3")


def test_the_panel_shows_the_newest_unread_and_where_to_go(world: Site) -> None:
    officer = world.people.officer
    for number in range(8):
        put(world, officer, number, before=timedelta(minutes=number))
    panel = text(world.client(officer), "/messages/newest?next=/plan")
    assert [f"拆除小锅炉{n}" in panel for n in range(8)] == [True] * 6 + [False] * 2
    assert 'name="next" value="/plan"' in panel
    assert "全部消息" in panel
    assert "<html" not in panel
    assert "没有未读消息" in text(world.client(world.people.colleague), "/messages/newest")


def test_a_message_is_shown_as_it_was_sent_in_a_frame_that_runs_nothing(world: Site) -> None:
    mail, browser = put(world, world.people.officer), world.client(world.people.officer)
    page = text(browser, f"/messages/{mail}")
    assert "发送时的情况" in page
    assert f'src="/messages/{mail}/html"' in page
    assert "data-mark-read" in page
    inside = browser.get(f"/messages/{mail}/html")
    assert "拆除小锅炉1" in inside.text
    policy = inside.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    browser.post(f"/messages/{mail}/read")
    assert "data-mark-read" not in text(browser, f"/messages/{mail}")


def test_a_refused_address_is_told_on_every_page_until_it_is_good_again(world: Site) -> None:
    officer = world.people.officer
    with world.database.transaction() as session:
        session.add(AddressFlag(address=officer.email, reason="550 5.1.1", flagged_at=NOW))
    for address in ("/today", "/account", "/plan"):
        assert "您的邮箱拒收了我们的邮件" in text(world.client(officer), address)
        assert "您的邮箱拒收了我们的邮件" not in text(world.client(world.people.colleague), address)
