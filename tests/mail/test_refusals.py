"""Topics a person may refuse: withheld, signed, and offered by the headers of the mails concerned."""

import pytest

from tests.mail.conftest import Put
from tests.mail.letters import LI, NOW, SECRET, WANG, row_of, send
from tests.support.smtp import PostOffice
from webapp.db import Database
from webapp.errors import NotFound
from webapp.mail import service
from webapp.mail.unsubscribe import make_token, read_token

ADDRESS = "https://lantian.example"


def refuse(db: Database, person: int, topic: str) -> None:
    with db.transaction() as session:
        service.refuse(session, person, topic, NOW)


def refused(db: Database, person: int) -> frozenset[str]:
    with db.reading() as session:
        return service.refused_topics(session, person)


def test_a_refused_topic_is_withheld_and_others_are_not(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    refuse(sqlite_db, 1, "reminders")
    put(LI, key="a", topic="reminders")
    put(LI, key="b", topic="decisions")
    put(LI, key="c", topic="")
    put(WANG, key="d", topic="reminders", person=2)
    assert send(sqlite_db, office.port)["sent"] == 3
    with sqlite_db.reading() as session:
        assert service.refusers(session, "reminders") == {1}
    assert [address for address, _ in office.received] == [LI, LI, WANG]


def test_what_waits_is_withheld_too(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    put(LI, topic="reminders")
    refuse(sqlite_db, 1, "reminders")
    assert send(sqlite_db, office.port)["sent"] == 0
    assert row_of(sqlite_db).state == "withheld"


def test_a_refusal_can_be_taken_back(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    refuse(sqlite_db, 1, "decisions")
    refuse(sqlite_db, 1, "decisions")
    assert refused(sqlite_db, 1) == {"decisions"}
    with sqlite_db.transaction() as session:
        service.accept_again(session, 1, "decisions")
    assert refused(sqlite_db, 1) == frozenset()
    put(LI, topic="decisions")
    assert send(sqlite_db, office.port)["sent"] == 1


@pytest.mark.parametrize("topic", ["", "escalations"])
def test_what_cannot_be_refused(sqlite_db: Database, topic: str) -> None:
    with pytest.raises(NotFound):
        refuse(sqlite_db, 1, topic)


# --- the headers and their token


def headers(db: Database, put: Put, office: PostOffice, topic: str, **settings: str) -> tuple[str | None, str | None]:
    put(LI, person=17, topic=topic)
    assert send(db, office.port, base_url=ADDRESS, **settings)["sent"] == 1
    (_, message) = office.received[0]
    return message["List-Unsubscribe"], message["List-Unsubscribe-Post"]


@pytest.mark.parametrize("topic", ["reminders", "decisions"])
def test_mails_that_may_be_refused_say_how(sqlite_db: Database, put: Put, office: PostOffice, topic: str) -> None:
    where, how = headers(sqlite_db, put, office, topic)
    assert how == "List-Unsubscribe=One-Click"
    assert where
    assert where.startswith(f"<{ADDRESS}/unsubscribe/")
    assert read_token(SECRET, where.rpartition("/")[2].removesuffix(">")) == (17, topic)


def test_escalations_do_not(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    assert headers(sqlite_db, put, office, "") == (None, None)


def test_nothing_is_signed_without_a_key(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    assert headers(sqlite_db, put, office, "reminders", secret_key="") == (None, None)
    assert read_token("", "") is None
    with pytest.raises(ValueError, match="secret key"):
        make_token("", 1, "reminders")


def test_a_token_speaks_for_one_person_and_topic_of_this_installation() -> None:
    token = make_token(SECRET, 17, "reminders")
    assert token == make_token(SECRET, 17, "reminders")
    assert read_token(SECRET, token) == (17, "reminders")
    assert read_token("k" * 32, token) is None
    assert read_token(SECRET, token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert read_token(SECRET, make_token(SECRET, 17, "passwords")) is None
    for rubbish in ("", ".", "a.b.c", "💨", "W10." * 50):
        assert read_token(SECRET, rubbish) is None
