"""Which mails a person wants: on the account, by the link in a mail, and by a mail program's own button."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.people import NOW, People
from tests.support.site import Site, opened
from webapp.accounts import mailing
from webapp.accounts.models import Person
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.errors import NotFound
from webapp.mail.models import OutboxMail
from webapp.mail.service import enqueue, refused_topics
from webapp.mail.unsubscribe import make_token

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def refused(database: Database, person: Person) -> frozenset[str]:
    """What somebody refused."""
    with database.reading() as session:
        return refused_topics(session, person.id)


def deeds(database: Database) -> list[tuple[str, int, str]]:
    """The changes on record: what, by whom, about which topic."""
    with database.reading() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("mail.")).order_by(AuditEvent.id)
        return [(row.action, row.actor_id, row.facts["topic"]) for row in session.scalars(query)]


def link(web: Site, topic: str = "reminders") -> str:
    """The address in the officer's mails."""
    return f"/unsubscribe/{make_token(web.settings.secret_key, web.people.officer.id, topic)}"


# --- the service, on each engine


def test_a_change_is_recorded_once(db: Database, people: People) -> None:
    who = mailing.by_link(people.officer)
    for wanted, changed in [(True, False), (False, True), (False, False), (True, True)]:
        with db.transaction() as session:
            done = mailing.set_topic(session, who.id, "decisions", wanted=wanted, actor=who, now=NOW)
        assert done is changed
    assert deeds(db) == [("mail.refuse", who.id, "decisions"), ("mail.want", who.id, "decisions")]
    assert refused(db, people.officer) == frozenset()


def test_a_refusal_is_the_persons_own_and_withholds_what_waits(db: Database, people: People) -> None:
    who = mailing.by_link(people.officer)
    with db.transaction() as session:
        for person in (people.officer, people.colleague):
            to = (person.id, person.email, "zh")
            enqueue(session, key=f"k:{person.id}", template="digest", person=to, payload={}, cause="test", now=NOW,
                    topic="reminders")  # fmt: skip
        mailing.choose_topics(session, ["decisions"], actor=who, now=NOW)
    assert (refused(db, people.officer), refused(db, people.colleague)) == (frozenset({"reminders"}), frozenset())
    with db.reading() as session:
        states = dict(session.execute(select(OutboxMail.person_id, OutboxMail.state)).all())
    assert states == {people.officer.id: "withheld", people.colleague.id: "new"}


def test_what_is_no_topic_cannot_be_refused(db: Database, people: People) -> None:
    who = mailing.by_link(people.officer)
    with db.transaction() as session, pytest.raises(NotFound):
        mailing.set_topic(session, who.id, "escalations", wanted=False, actor=who, now=NOW)


# --- on the account


def test_the_account_holds_a_switch_for_each_topic(web: Site) -> None:
    browser = web.client(web.people.officer)
    assert browser.get("/account").text.count("checked") >= 2
    typed = {"reminders": "y", "request_key": "topics-key-0001"}
    answer = browser.post("/account/mails", data=typed)
    assert (answer.status_code, answer.location) == (303, "/account#mails")
    assert browser.post("/account/mails", data=typed).status_code == 303
    assert refused(web.database, web.people.officer) == {"decisions"}
    assert deeds(web.database) == [("mail.refuse", web.people.officer.id, "decisions")]
    browser.post("/account/mails", data={"reminders": "y", "decisions": "y", "request_key": "topics-key-0002"})
    assert refused(web.database, web.people.officer) == frozenset()


# --- by the link, without sign-in


def test_the_link_explains_and_looking_changes_nothing(web: Site) -> None:
    page = web.client().get(link(web))
    assert page.status_code == 200
    for words in ("到期提醒", "of***@example.cn", "提级催办不能退订", "照常显示", "退订"):
        assert words in page.text
    assert web.people.officer.email not in page.text
    assert refused(web.database, web.people.officer) == frozenset()


def test_the_page_stops_the_mails_and_starts_them_again(web: Site) -> None:
    browser, address = web.client(), link(web, "decisions")
    answer = browser.post(f"{address}/choice", data={"wanted": "no"})
    assert (answer.status_code, answer.location) == (303, address)
    assert "已退订“审核结果和通报”邮件" in browser.get(address).text
    assert refused(web.database, web.people.officer) == {"decisions"}
    assert browser.post(f"{address}/choice", data={"wanted": "yes"}).status_code == 303
    assert refused(web.database, web.people.officer) == frozenset()
    assert [deed for deed, *_rest in deeds(web.database)] == ["mail.refuse", "mail.want"]


def one_click(browser: FlaskClient, address: str, **kind: str) -> int:
    """What a mail program is answered."""
    answer = browser.post(address, data=ONE_CLICK, **kind)
    assert answer.mimetype == "text/plain"
    return answer.status_code


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_programs_button_needs_neither_sign_in_nor_a_token_of_ours(web: Site, form: str) -> None:
    guarded = opened(web.database, web.settings, web.people, csrf=True)
    browser = guarded.client()
    assert one_click(browser, link(web), content_type=form) == 200
    assert one_click(browser, link(web), content_type=form) == 200
    assert refused(web.database, web.people.officer) == {"reminders"}
    assert deeds(web.database) == [("mail.refuse", web.people.officer.id, "reminders")]
    assert browser.post(f"{link(web)}/choice", data={"wanted": "yes"}).status_code == 400


def test_only_the_words_of_the_standard_unsubscribe(web: Site) -> None:
    assert web.client().post(link(web)).status_code == 400
    assert web.client().post(link(web), data={"List-Unsubscribe": "yes"}).status_code == 400
    assert refused(web.database, web.people.officer) == frozenset()


def test_a_link_nobody_signed_opens_nothing(web: Site) -> None:
    forged = f"/unsubscribe/{make_token('x' * 32, web.people.officer.id, 'reminders')}"
    for address in (forged, f"{link(web)}x", "/unsubscribe/nonsense", "/unsubscribe/%00"):
        assert web.client().get(address).status_code == 404
        assert one_click(web.client(), address) == 404
        assert web.client().post(f"{address}/choice").status_code == 404
    assert refused(web.database, web.people.officer) == frozenset()
