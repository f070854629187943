"""A scheduler killed with SIGKILL at a named point and started again: nothing lost, nothing repeated.

The one exception is stated openly: a mail whose crash fell between the server's 250 and its record goes out again,
under the same Message-ID.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tasks.schedule import BY_NAME
from tests.jobs.killed_scheduler import POINTS
from tests.support import small_plan
from tests.support.smtp import PostOffice, post_office
from webapp.clock import parse_instant
from webapp.db import Database, move_clock
from webapp.jobs.models import JobSlot
from webapp.jobs.service import write_schedule
from webapp.mail.models import OutboxMail
from webapp.reminders.models import Reminder

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("killed_scheduler.py")
OWED = ("baoding@example.test", "cangzhou@example.test", "jinan@example.test")
PATIENCE = 60


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A running SMTP server."""
    with post_office() as running:
        yield running


@pytest.fixture
def world(db: Database) -> small_plan.World:
    """Three officers owed a digest at 08:30, and the clock a moment past it; the schedule was last seen before."""
    made = small_plan.build(db, now="2017-10-20T08:30:01")
    with db.transaction() as session:
        for place in ("baoding", "cangzhou", "jinan"):
            small_plan.add_assignment(session, made, place, date(2017, 10, 27))
        facts = [BY_NAME[name].facts for name in ("reminders", "deliver")]
        write_schedule(session, facts, now=parse_instant("2017-10-20T08:29:30"))
    return made


def start(database: str, office: PostOffice, point: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(LAUNCHER), database, str(office.port), point]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def run_to_the_end(db: Database, process: "subprocess.Popen[bytes]") -> None:
    """Let a living scheduler work, moving the day on by a minute now and then so that delivery comes round."""
    end = time.monotonic() + PATIENCE
    while not finished(db):
        assert process.poll() is None, "the scheduler ended by itself"
        assert time.monotonic() < end, "the scheduler never finished"
        time.sleep(0.5)
        with db.transaction() as session:
            move_clock(session, db.clock().now() + timedelta(minutes=1))


def finished(db: Database) -> bool:
    with db.reading() as session:
        sent = session.scalar(select(func.count()).where(OutboxMail.state == "sent"))
        open_slots = session.scalar(select(func.count()).where(JobSlot.state != "done"))
    return sent == len(OWED) and open_slots == 0


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_scheduler_loses_and_repeats_nothing(
    db: Database, database: str, office: PostOffice, world: small_plan.World, point: str
) -> None:
    assert start(database, office, point).wait(PATIENCE) == -signal.SIGKILL
    process = start(database, office, "none")
    try:
        run_to_the_end(db, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    _check_mails(db, office, repeated=1 if point == "after-250" else 0)
    _check_ledger(db)


def _check_mails(db: Database, office: PostOffice, *, repeated: int) -> None:
    assert {address for address, _ in office.received} == set(OWED)
    ids = Counter(office.message_ids)
    with db.reading() as session:
        assert set(ids) == set(session.scalars(select(OutboxMail.message_id)))
    assert sorted(ids.values()) == [1] * (len(OWED) - repeated) + [2] * repeated


def _check_ledger(db: Database) -> None:
    with db.reading() as session:
        told = session.execute(select(Reminder.person_id, Reminder.outbox_id)).all()
        slots = session.execute(select(JobSlot.slot).where(JobSlot.job == "reminders")).all()
    assert len(told) == len(OWED)
    assert len({outbox for _, outbox in told}) == len(OWED)
    assert len(slots) == 1
