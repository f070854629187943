"""Flags on addresses, and sending again."""

import pytest

from tests.mail.conftest import Put
from tests.mail.letters import LI, NOW, WANG, row_of, send
from tests.support.smtp import PostOffice
from webapp.db import Database
from webapp.mail import queries, service
from webapp.mail.rules import DELAYS


def flags(db: Database) -> dict[str, str]:
    with db.reading() as session:
        found = {address: flag.reason for address, flag in queries.flags_of(session, [LI, WANG]).items()}
        for address in (LI, WANG):
            flag = queries.flag_of(session, address)
            assert (flag.reason if flag else None) == found.get(address)
        return found


def test_a_later_mail_that_is_accepted_takes_the_flag_away(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    office.at_recipient[LI] = ["550 5.1.1 No such user", "451 Later"]
    put(LI, key="a")
    put(WANG, key="b")
    send(sqlite_db, office.port)
    assert flags(sqlite_db) == {LI: "550 5.1.1 No such user"}
    put(LI, key="c")
    assert send(sqlite_db, office.port)["retried"] == 1
    assert flags(sqlite_db)
    assert send(sqlite_db, office.port, NOW + DELAYS[0])["sent"] == 1
    assert flags(sqlite_db) == {}


def test_the_flag_goes_too_when_both_mails_were_claimed_together(
    sqlite_db: Database, put: Put, office: PostOffice
) -> None:
    office.at_recipient[LI] = ["550 5.1.1 No such user"]
    put(LI, key="a")
    put(LI, key="b")
    assert send(sqlite_db, office.port) == {"sent": 1, "retried": 0, "parked": 1, "released": 0}
    assert flags(sqlite_db) == {}


@pytest.mark.parametrize("place", ["at_recipient", "after_data"])
def test_a_refusal_for_policy_blames_nobody(sqlite_db: Database, put: Put, office: PostOffice, place: str) -> None:
    getattr(office, place)[LI] = ["550 5.7.1 Relaying denied"]
    put(LI)
    assert send(sqlite_db, office.port)["parked"] == 1
    assert flags(sqlite_db) == {}


def test_all_parked_mails_are_sent_again_under_their_own_ids(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    office.at_recipient[LI] = ["550 No such user"]
    office.after_data[WANG] = ["554 Not accepted"]
    put(LI)
    put(WANG)
    put("zhao@example.test")
    send(sqlite_db, office.port)
    with sqlite_db.transaction() as session:
        again = service.resend_all(session, now=NOW)
    assert again == [row_of(sqlite_db, LI).id, row_of(sqlite_db, WANG).id]
    assert flags(sqlite_db) == {}
    assert send(sqlite_db, office.port)["sent"] == 2
    with sqlite_db.transaction() as session:
        assert service.resend_all(session, now=NOW) == []
    assert set(office.message_ids) >= {row_of(sqlite_db, LI).message_id, row_of(sqlite_db, WANG).message_id}


def test_a_mail_may_be_written_for_later(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    put(LI, not_before=NOW + DELAYS[3])
    assert send(sqlite_db, office.port)["sent"] == 0
    assert send(sqlite_db, office.port, NOW + DELAYS[3])["sent"] == 1
