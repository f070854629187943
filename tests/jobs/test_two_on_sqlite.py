"""Two schedulers on one SQLite file do no harm: every slot runs once, every mail goes out once."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from sqlalchemy import func, select

from tasks import runner
from tasks.schedule import Job
from tests.support import small_plan
from tests.support.smtp import post_office
from webapp.clock import parse_instant
from webapp.db import Database, move_clock
from webapp.jobs.models import JobSlot
from webapp.mail.models import OutboxMail
from webapp.reminders.models import Reminder
from webapp.settings import Settings

PLACES = ("baoding", "cangzhou", "jinan")


def test_two_schedulers_on_sqlite(sqlite_db: Database) -> None:
    made = small_plan.build(sqlite_db, now="2017-10-20T08:29")
    with sqlite_db.transaction() as session:
        for place in PLACES:
            small_plan.add_assignment(session, made, place, date(2017, 10, 27))
        runner.count_from(session, now=parse_instant("2017-10-20T08:29"))
    jobs = runner.chosen(("reminders", "deliver"))
    with post_office() as office:
        _tick_together(sqlite_db, Settings(smtp_port=office.port), jobs)
    with sqlite_db.reading() as session:
        states = dict(session.execute(select(JobSlot.state, func.count()).group_by(JobSlot.state)).all())
        slots = session.execute(select(JobSlot.job, JobSlot.slot, JobSlot.attempts)).all()
        sent = list(session.scalars(select(OutboxMail.state)))
        told = session.scalar(select(func.count()).select_from(Reminder))
    assert states == {"done": len(slots)}
    assert len(slots) == len({row[:2] for row in slots}) > len(jobs)
    assert {row.attempts for row in slots} == {1}
    assert (sent, told) == (["sent"] * len(PLACES), len(PLACES))
    assert set(Counter(office.message_ids).values()) == {1}


def _tick_together(db: Database, settings: Settings, jobs: Sequence[Job]) -> None:
    """Two schedulers, each with its own connections, through the same minutes at the same moments."""
    own = [Database(db.url.render_as_string(hide_password=False)) for _ in range(2)]
    start = threading.Barrier(len(own))
    for minute in range(4):
        with db.transaction() as session:
            move_clock(session, parse_instant("2017-10-20T08:30:01") + timedelta(minutes=minute))
        with ThreadPoolExecutor(len(own)) as threads:
            list(threads.map(lambda each: _tick(each, settings, jobs, start), own))
    for each in own:
        each.dispose()


def _tick(db: Database, settings: Settings, jobs: Sequence[Job], start: threading.Barrier) -> None:
    start.wait()
    runner.tick(db, settings, jobs, owner=runner.owner_name())
