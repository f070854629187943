"""Three schedulers and two deliverers on one PostgreSQL, killed at random, with a mail server in bad weather.

No reminder is lost, none has two Message-IDs, and a mail arrives twice only where the crash fell between the server's
250 and its record, or where the server took the mail and dropped the connection; both are counted.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tasks import runner
from tasks.schedule import JOBS
from tests.support import postgres, small_plan
from tests.support.stormy import Copy, End, StormyOffice, stormy_office
from webapp.clock import StoppedClock, local_instant, parse_instant
from webapp.db import Database, move_clock
from webapp.jobs.models import JobSlot
from webapp.mail.models import OutboxMail
from webapp.plans.models import Plan
from webapp.reminders.models import Reminder
from webapp.settings import Settings
from webapp.workdays.calendar import published_calendar

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("many_processes.py")
ROLES = ("scheduler", "scheduler", "scheduler", "deliverer", "deliverer")
SEED = int(os.environ.get("LANTIAN_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
EVE = "2017-10-19T20:00"
NIGHT, MORNING = timedelta(hours=5), timedelta(hours=8, minutes=30, seconds=1)
BY_NIGHT = ("relight", "rollup", "sweep")
CITIES = 20
PATIENCE = 60.0
RULES = {
    "reminders": small_plan.LADDER,
    "reporting": {"day": 8, "shift": "next_working_day", "internal": {"working_days_before": 3}},
    "thresholds": {"red_below": 0.7, "yellow_days": 7, "yellow_under": 0.9, "silent_months": 2},
}


@dataclass
class Herd:
    """The processes, and how often one was killed."""

    command: tuple[str, ...]
    log: Path
    living: "dict[int, tuple[str, subprocess.Popen[bytes]]]" = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)

    def start(self, role: str) -> None:
        words = [sys.executable, str(LAUNCHER), role, *self.command]
        with self.log.open("ab") as log:
            process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=log)
        self.living[process.pid] = (role, process)

    def kill_one(self, chance: random.Random) -> None:
        """Kill one of them where it stands, and start another in its place."""
        role, process = self.living.pop(chance.choice(list(self.living)))
        assert process.poll() is None, "a process ended by itself"
        process.kill()
        process.wait()
        self.killed[role] += 1
        self.start(role)

    def stop(self) -> list[int]:
        """Ask all to end; how they ended."""
        for _, process in self.living.values():
            process.terminate()
        return [process.wait(PATIENCE) for _, process in self.living.values()]

    def kill_all(self) -> None:
        for _, process in self.living.values():
            process.kill()
            process.wait()


@dataclass
class Story:
    """One run: the mornings it goes through and the number of kills."""

    db: Database
    office: StormyOffice
    herd: Herd
    chance: random.Random

    def until(self, done: Callable[[], bool], *, within: float = PATIENCE, strict: bool = True) -> None:
        """Wait for a condition, looking often; being late is a failure unless it was only a bound."""
        end = time.monotonic() + within
        while not done():
            if time.monotonic() > end:
                assert not strict, f"{done.__name__}: not in {within:.0f} s"
                return
            time.sleep(0.02)

    def move(self, to: datetime) -> None:
        with self.db.transaction() as session:
            move_clock(session, to)

    def day(self, day: date, kills: int) -> None:
        """A night's work, then the morning's with kills at random moments; mails may wait for the days to come."""
        night, morning = local_instant(day) + NIGHT, local_instant(day) + MORNING
        self.move(night)
        self.until(lambda: self._done(BY_NIGHT, since=local_instant(day)))
        self.move(morning)
        for _ in range(kills):
            self._let_work_go_on()
            self.herd.kill_one(self.chance)
            self.move(self.db.clock().now() + timedelta(minutes=self.chance.randint(0, 3)))
        self.until(lambda: self._done(("reminders",), since=local_instant(day) + timedelta(hours=8, minutes=30)))

    def _let_work_go_on(self) -> None:
        """Until the mail server has seen so many steps, or for a moment: so that kills fall on busy and idle times."""
        steps = self.office.steps + self.chance.randint(0, 60)
        self.until(lambda: self.office.steps >= steps, within=self.chance.uniform(0.1, 1.5), strict=False)

    def _done(self, names: tuple[str, ...], *, since: datetime) -> bool:
        ready = select(JobSlot.job).where(JobSlot.job.in_(names), JobSlot.state == "done", JobSlot.slot >= since)
        with self.db.reading() as session:
            return set(session.scalars(ready)) == set(names)

    def drain(self) -> None:
        """Good weather; time goes on to whenever the next mail is due, until nothing waits."""
        self.office.quiet.set()
        self.until(self._drained)

    def _drained(self) -> bool:
        waiting = select(OutboxMail.state, func.min(OutboxMail.not_before)).where(OutboxMail.state != "sent")
        with self.db.reading() as session:
            found = dict(session.execute(waiting.group_by(OutboxMail.state)).all())
        due, now = found.get("new"), self.db.clock().now()
        if due and due > now and "sending" not in found:
            self.move(due + timedelta(seconds=1))
        return not found


def settled(url: str, mornings: list[date], chance: random.Random) -> Database:
    """A plan whose cities have something due around every morning; product time stands at the eve of the first."""
    db = Database(url)
    made = small_plan.build(db, now=EVE)
    now = parse_instant(EVE)
    span = (mornings[-1] - mornings[0]).days + 8
    with db.transaction() as session:
        session.get_one(Plan, made.plan).rules = RULES
        for number in range(CITIES):
            small_plan.add_city(session, made, f"city{number}", chance.choice(("north", "south")), now)
            for day in {chance.randrange(span) for _ in range(2 + span // 10)}:
                due = mornings[0] + timedelta(days=day - 4)
                small_plan.add_assignment(session, made, f"city{number}", due, another=True)
        runner.count_from(session, now=now)
    db.dispose()  # it is copied next, and nobody may be connected then
    return db


def undisturbed(url: str, mornings: list[date]) -> Database:
    """What one scheduler that nobody disturbs records on a copy; it sends nothing."""
    db = Database(url)
    jobs = [job for job in JOBS if job.name != "deliver"]
    for day in mornings:
        for at in (NIGHT, MORNING):
            runner.tick(db, Settings(), jobs, owner="one", clock=StoppedClock(local_instant(day) + at))
    return db


def working_mornings(count: int) -> list[date]:
    found, calendar = [date(2017, 10, 20)], published_calendar()
    while len(found) < count:
        found.append(calendar.next_workday(found[-1]))
    return found


@pytest.fixture
def copied(postgres_server: str, postgres_database: str) -> Iterator[Callable[[], str]]:
    """Copies this test's database while nobody is connected to it."""
    made: list[str] = []

    def copy() -> str:
        made.append(postgres.create_database(postgres_server, template=postgres_database))
        return made[-1]

    yield copy
    for url in made:
        postgres.drop_database(postgres_server, url)


def play(url: str, copy: Callable[[], str], log: Path, *, kills: int, mornings: list[date]) -> str:
    """Run the story and check everything; gives the counts in words."""
    chance = random.Random(SEED)
    db = settled(url, mornings, chance)
    expected = undisturbed(copy(), mornings)
    with stormy_office(SEED) as office:
        herd = Herd((url, str(office.port)), log)
        story = Story(db, office, herd, chance)
        try:
            for role in ROLES:
                herd.start(role)
            for place, day in enumerate(mornings):
                story.day(day, kills * (place + 1) // len(mornings) - kills * place // len(mornings))
            story.drain()
            assert set(herd.stop()) <= {0, -signal.SIGTERM}  # the latter when it was still starting
        finally:
            herd.kill_all()
    assert herd.killed.total() == kills
    check_the_ledger(db, expected)
    again = check_the_wire(db, office.copies, kills)
    for each in (db, expected):
        each.dispose()
    return (
        f"seed {SEED}: {len(mornings)} mornings, killed {dict(herd.killed)}, {len(office.copies)} copies of mails, "
        f"of these repeats {dict(again)}; weather {dict(office.weather)}"
    )


def ledger(db: Database) -> set[tuple[object, ...]]:
    row = Reminder
    columns = (
        row.plan_id, row.subject_kind, row.subject_id, row.due, row.rung, row.person_id, row.audience, row.escalation
    )  # fmt: skip
    with db.reading() as session:
        return {tuple(found) for found in session.execute(select(*columns))}


def mails(db: Database) -> dict[str, object]:
    with db.reading() as session:
        return dict(session.execute(select(OutboxMail.key, OutboxMail.payload)).all())


def check_the_ledger(db: Database, expected: Database) -> None:
    """No reminder lost, none invented, each carried by a mail that was sent."""
    assert len(ledger(expected)) > CITIES
    assert ledger(db) == ledger(expected)
    assert mails(db) == mails(expected)
    with db.reading() as session:
        carried = select(OutboxMail.state).join(Reminder, Reminder.outbox_id == OutboxMail.id).distinct()
        assert set(session.scalars(carried)) == {"sent"}
        assert session.scalar(select(func.count()).where(Reminder.outbox_id.is_(None))) == 0


def check_the_wire(db: Database, copies: list[Copy], kills: int) -> Counter[str]:
    """Every mail arrived, under its one Message-ID; gives the repeats by their reason."""
    with db.reading() as session:
        queued = dict(session.execute(select(OutboxMail.message_id, OutboxMail.address)).all())
    arrived: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        arrived[copy.message_id].append(copy)
    assert arrived.keys() == queued.keys()
    assert all(copy.address == queued[copy.message_id] for copy in copies)
    again = Counter(str(copy.end) for each in arrived.values() for copy in each[:-1])
    assert again.keys() <= {str(End.DROPPED), str(End.DIED)}, again
    assert again[End.DIED] <= kills
    assert not [each for each in arrived.values() if each[-1].end is End.DROPPED], "recorded as sent without a 250"
    return again


def test_ten_kills(postgres_database: str, copied: Callable[[], str], tmp_path: Path) -> None:
    print(play(postgres_database, copied, tmp_path / "log", kills=10, mornings=working_mornings(4)))


@pytest.mark.soak
def test_a_hundred_kills(postgres_database: str, copied: Callable[[], str], tmp_path: Path) -> None:
    print(play(postgres_database, copied, tmp_path / "log", kills=100, mornings=working_mornings(20)))
