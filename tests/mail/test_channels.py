"""Several ways out at once: none waits for another, and one that is away leaves its messages untouched."""

import threading
from types import TracebackType
from typing import Self

import pytest
from sqlalchemy import select, update

from tasks import deliver as delivery
from tests.mail.conftest import Put
from tests.mail.letters import LI, WANG, row_of, send
from tests.support.smtp import DROP, PostOffice, free_port
from webapp.db import Database
from webapp.mail import queries, smtp
from webapp.mail.channels import Outcome
from webapp.mail.message import Prepared
from webapp.mail.models import OutboxMail
from webapp.mail.rules import Fate

PATIENCE = 20
ROBOT = "robot:1"


class Robot:
    """A channel that does as it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.called, self.answers = threading.Event(), threading.Event()
        self.answers.set()
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def send(self, prepared: Prepared, to: str) -> Outcome:
        """Answer when it is time."""
        self.called.set()
        assert self.answers.wait(PATIENCE)
        if self.error:
            raise self.error
        self.heard.append(to)
        return Outcome(Fate.SENT, "ok")


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Robot:
    """The channel of robots for a while."""
    made = Robot()
    channels = {"mail": lambda _database, settings: smtp.Connection(settings), "robot": lambda *_: made}
    monkeypatch.setattr(delivery, "CHANNELS", channels)
    return made


def to_robot(db: Database, put: Put) -> None:
    put(ROBOT, person=0)
    with db.transaction() as session:
        session.execute(update(OutboxMail).where(OutboxMail.address == ROBOT).values(channel="robot"))


def test_each_message_goes_its_own_way(sqlite_db: Database, put: Put, office: PostOffice, robot: Robot) -> None:
    put(LI)
    to_robot(sqlite_db, put)
    assert send(sqlite_db, office.port)["sent"] == 2
    assert (robot.heard, [address for address, _ in office.received]) == ([ROBOT], [LI])


def test_a_robot_that_does_not_answer_holds_no_mail_back(
    sqlite_db: Database, put: Put, office: PostOffice, robot: Robot
) -> None:
    to_robot(sqlite_db, put)
    put(LI)
    robot.answers.clear()
    working = threading.Thread(target=send, args=(sqlite_db, office.port))
    working.start()
    assert robot.called.wait(PATIENCE)
    for _ in range(PATIENCE * 10):
        if row_of(sqlite_db, LI).state == "sent":
            break
        threading.Event().wait(0.05)
    mail_went_first = row_of(sqlite_db, LI).state == "sent" and not robot.heard
    robot.answers.set()
    working.join(PATIENCE)
    assert mail_went_first
    assert row_of(sqlite_db, ROBOT).state == "sent"


def test_a_mail_server_that_is_away_holds_no_robot_back(sqlite_db: Database, put: Put, robot: Robot) -> None:
    put(LI)
    to_robot(sqlite_db, put)
    assert send(sqlite_db, free_port()) == {"sent": 1, "retried": 1, "parked": 0, "released": 0}
    assert robot.heard == [ROBOT]


def test_a_channel_that_breaks_is_tried_again_and_breaks_nothing_else(
    sqlite_db: Database, put: Put, office: PostOffice, robot: Robot
) -> None:
    put(LI)
    to_robot(sqlite_db, put)
    robot.error = RuntimeError("a mistake of ours")
    assert send(sqlite_db, office.port) == {"sent": 1, "retried": 1, "parked": 0, "released": 0}
    assert row_of(sqlite_db, ROBOT).last_error == "RuntimeError: a mistake of ours"


def test_a_channel_nobody_knows_waits_for_a_deliverer_that_does(
    sqlite_db: Database, put: Put, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "CHANNELS", {"mail": delivery.CHANNELS["mail"]})
    to_robot(sqlite_db, put)
    put(LI)
    assert send(sqlite_db, office.port)["sent"] == 1
    assert row_of(sqlite_db, ROBOT).state == "new"


def test_without_a_server_two_mails_are_tried_and_the_others_are_left_as_they_were(
    sqlite_db: Database, put: Put
) -> None:
    for number in range(5):
        put(f"p{number}@example.test")
    assert send(sqlite_db, free_port())["retried"] == 2
    with sqlite_db.reading() as session:
        rows = session.execute(select(OutboxMail.state, OutboxMail.attempts).order_by(OutboxMail.id)).all()
        trouble = queries.server_trouble(session)
    assert [tuple(row) for row in rows] == [("new", 1), ("new", 1), ("new", 0), ("new", 0), ("new", 0)]
    assert "Connection refused" in (trouble or "")


def test_dropped_connections_are_no_reason_to_stop(sqlite_db: Database, put: Put, office: PostOffice) -> None:
    for number in range(4):
        office.after_data[f"p{number}@example.test"] = [DROP]
        put(f"p{number}@example.test")
    put(WANG)
    assert send(sqlite_db, office.port) == {"sent": 1, "retried": 4, "parked": 0, "released": 0}
