"""The life of a mail, against a real SMTP server: sent, tried again, parked, released, sent anew."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tasks.deliver import deliver
from tests.support.smtp import DROP, PostOffice, free_port
from webapp.clock import parse_instant, real_now
from webapp.db import Database
from webapp.errors import Conflict, NotFound
from webapp.mail import queries, service
from webapp.mail.message import Rendered
from webapp.mail.models import OutboxMail
from webapp.mail.rules import DELAYS
from webapp.settings import Settings

NOW = parse_instant("2017-10-20T08:30")
LI, WANG = "li@example.test", "wang@example.test"


def render(payload: dict[str, Any], locale: str) -> Rendered:
    words = "您好" if locale == "zh" else "Hello"
    return Rendered(f"{words} {payload['n']}", f"{words}\n{payload['base_url']}\n", f"<p>{words}</p>")


def broken(payload: dict[str, Any], locale: str) -> Rendered:
    raise KeyError("n")


RENDERERS = {"test": render, "broken": broken}


def put(db: Database, address: str = LI, *, key: str = "", template: str = "test", locale: str = "zh") -> int | None:
    with db.transaction() as session:
        return service.enqueue(
            session, key=key or f"k:{address}", template=template, person=(1, address, locale), payload={"n": 1},
            cause="test", now=NOW,
        )  # fmt: skip


def send(db: Database, port: int, now: datetime = NOW) -> dict[str, Any]:
    return deliver(db, Settings(smtp_port=port), RENDERERS, now=now)


def mail(db: Database, address: str = LI) -> OutboxMail:
    with db.reading() as session:
        return session.scalars(select(OutboxMail).where(OutboxMail.address == address)).one()


def test_a_mail_is_sent_and_recorded(db: Database, office: PostOffice) -> None:
    put(db)
    assert send(db, office.port) == {"sent": 1, "retried": 0, "parked": 0, "released": 0}
    row, (address, message) = mail(db), office.received[0]
    assert (row.state, row.sent_at, row.attempts, row.subject) == ("sent", NOW, 1, "您好 1")
    assert address == LI
    assert message["Message-ID"] == row.message_id
    assert message["Subject"] == "您好 1"
    assert message["Date"] == "Fri, 20 Oct 2017 08:30:00 +0800"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_each_in_their_language_over_one_connection(db: Database, office: PostOffice) -> None:
    put(db, LI)
    put(db, WANG, locale="en")
    send(db, office.port)
    assert [str(message["Subject"]) for _, message in office.received] == ["您好 1", "Hello 1"]
    assert office.connections == 1


def test_a_key_exists_once(db: Database, office: PostOffice) -> None:
    assert put(db, LI, key="same") is not None
    assert put(db, LI, key="same") is None
    send(db, office.port)
    send(db, office.port)
    assert len(office.received) == 1


@pytest.mark.parametrize("place", ["at_recipient", "after_data"])
def test_a_temporary_refusal_is_tried_again_with_the_same_id(db: Database, office: PostOffice, place: str) -> None:
    getattr(office, place)[LI] = ["451 Try again later"]
    put(db)
    assert send(db, office.port)["retried"] == 1
    row = mail(db)
    assert (row.state, row.attempts, row.not_before) == ("new", 1, NOW + DELAYS[0])
    assert "451" in row.last_error
    assert send(db, office.port)["sent"] == 0
    assert send(db, office.port, NOW + DELAYS[0])["sent"] == 1
    assert office.message_ids == [row.message_id]


def test_an_unknown_address_is_parked_and_flagged(db: Database, office: PostOffice) -> None:
    office.at_recipient[LI] = ["550 No such user"]
    put(db)
    put(db, WANG)
    assert send(db, office.port) == {"sent": 1, "retried": 0, "parked": 1, "released": 0}
    with db.reading() as session:
        assert queries.flagged(session) == {LI: "550 No such user"}
        assert queries.queue(session, now=NOW).counts == {"new": 0, "sending": 0, "sent": 1, "parked": 1, "withheld": 0}


def test_a_refused_message_is_parked_without_blaming_the_address(db: Database, office: PostOffice) -> None:
    office.after_data[LI] = ["554 Not accepted"]
    put(db)
    assert send(db, office.port)["parked"] == 1
    with db.reading() as session:
        assert queries.flagged(session) == {}


def test_a_dropped_connection_waits_and_the_next_mail_goes_on(db: Database, office: PostOffice) -> None:
    office.after_data[LI] = [DROP]
    put(db, LI)
    put(db, WANG)
    assert send(db, office.port) == {"sent": 1, "retried": 1, "parked": 0, "released": 0}
    assert send(db, office.port, NOW + DELAYS[0])["sent"] == 1
    assert sorted(address for address, _ in office.received) == [LI, WANG]


def test_no_server_means_later_with_growing_delay_for_two_days(db: Database) -> None:
    put(db)
    port, now, waits = free_port(), NOW, []
    while (row := mail(db)).state == "new":
        waits.append(row.not_before - now)
        now = row.not_before
        send(db, port, now)
    assert waits == [timedelta(), *DELAYS]
    assert timedelta(hours=46) < sum(DELAYS, timedelta()) <= timedelta(hours=48)
    assert (row.state, row.attempts) == ("parked", len(DELAYS) + 1)


def test_what_cannot_be_worded_is_parked_and_keeps_nobody_back(db: Database, office: PostOffice) -> None:
    put(db, LI, template="broken")
    put(db, WANG, template="unheard-of")
    put(db, "zhao@example.test")
    assert send(db, office.port) == {"sent": 1, "retried": 0, "parked": 2, "released": 0}
    assert mail(db).last_error.startswith("KeyError")


def test_a_parked_mail_can_be_sent_anew(db: Database, office: PostOffice) -> None:
    office.at_recipient[LI] = ["550 No such user"]
    mail_id = put(db)
    send(db, office.port)
    assert mail_id
    with db.transaction() as session:
        service.resend(session, mail_id, now=NOW)
    assert send(db, office.port)["sent"] == 1
    with db.reading() as session:
        assert queries.flagged(session) == {}
    with db.transaction() as session, pytest.raises(Conflict):
        service.resend(session, mail_id, now=NOW)
    with db.transaction() as session, pytest.raises(NotFound):
        service.resend(session, mail_id + 1, now=NOW)


def claim(db: Database, owner: str = "dead", limit: int = 10) -> list[service.ClaimedMail]:
    with db.transaction() as session:
        return service.claim_batch(session, owner=owner, limit=limit, now=NOW)


def test_mails_of_a_dead_deliverer_are_released_after_its_claim(db: Database, office: PostOffice) -> None:
    put(db)
    assert len(claim(db)) == 1
    assert send(db, office.port, NOW + timedelta(days=7))["sent"] == 0
    with db.transaction() as session:
        session.execute(update(OutboxMail).values(claimed_until=real_now() - timedelta(seconds=1)))
    assert send(db, office.port) == {"sent": 1, "retried": 0, "parked": 0, "released": 1}


def test_a_claim_that_ends_soon_is_given_back_untried(db: Database, office: PostOffice) -> None:
    put(db)
    assert deliver(db, Settings(smtp_port=office.port), RENDERERS, now=NOW, lease=timedelta())["sent"] == 0
    assert (mail(db).state, mail(db).attempts) == ("new", 0)


def test_the_servers_yes_counts_even_when_the_claim_was_lost(db: Database, office: PostOffice) -> None:
    put(db)
    (held,) = claim(db)
    with db.transaction() as session:
        session.execute(update(OutboxMail).values(state="new", claimed_by=""))
    with db.transaction() as session:
        service.record(session, held, service.Outcome(service.Fate.SENT), subject="s", now=NOW)
    assert send(db, office.port)["sent"] == 0


def test_rival_deliverers_send_each_mail_once(db: Database, office: PostOffice) -> None:
    for n in range(60):
        put(db, f"p{n}@example.test")
    start = threading.Barrier(3)

    def run() -> None:
        start.wait()
        send(db, office.port)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(address for address, _ in office.received)
    assert len(counts) == 60
    assert set(counts.values()) == {1}


def test_the_queue_says_how_long_the_oldest_waits(db: Database) -> None:
    put(db)
    with db.reading() as session:
        view = queries.queue(session, now=NOW + timedelta(minutes=9))
        listed = queries.mails(session, state="new")
        due = queries.due_addresses(session, now=NOW)
    assert (view.unsent, view.waiting) == (1, timedelta(minutes=9))
    assert [(each.address, each.cause) for each in listed] == [(LI, "test")]
    assert due == [f"{LI}: test"]
