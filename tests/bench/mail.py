"""How fast mail goes out: 20,000 digests of ten lines on PostgreSQL, real deliverer processes, a real SMTP server.

`make bench-mail` makes one digest as the product makes it, copies it to 20,000 people, and lets one and then two
`lantian mail deliver` empty the outbox into a server on loopback. The server's and the database's work counts too: all
of it shares the processors. Wall time depends on who else works on the machine; processor time hardly does. Writes its
part of docs/speed.md.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from tests.bench.measuring import DURABLE, new_database, peak, spent, spent_by_server, vacuum, write_part
from tests.support import postgres, small_plan
from tests.support.repository import ROOT
from tests.support.smtp import post_office
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import OutboxMail
from webapp.mail.service import Recipient, outbox_row
from webapp.reminders.service import record_owed

MAILS = 20_000
LINES = 10
NOW = "2017-10-20T08:30"
HEADING = "## Mail"


@dataclass(frozen=True)
class Result:
    """One run: seconds of wall time, and of processor time by who spent it."""

    deliverers: int
    mails: int
    wall: float
    cpu: dict[str, float]
    memory: float

    @property
    def row(self) -> str:
        """The run as a line of the table."""
        each = [seconds / self.mails * 1000 for seconds in self.cpu.values()]
        figures = [self.mails / self.wall, *each, sum(each), 2000 / sum(each), self.memory]
        return f"| {self.deliverers} | {' | '.join(f'{figure:.{_digits(figure)}f}' for figure in figures)} |"


def _digits(figure: float) -> int:
    return 0 if figure >= 20 else 2


# --- what is to be sent


def fill(database: Database, mails: int) -> None:
    """Queue a digest of LINES lines, as the product makes it, to so many people in both languages."""
    payload = _digest(database)
    with database.transaction() as session:
        session.execute(insert(OutboxMail), [_row(number, payload) for number in range(mails)])
    vacuum(database, "outbox")


def _digest(database: Database) -> dict[str, object]:
    """The facts of a digest; what the product wrote for it is undone."""
    world = small_plan.build(database, now=NOW)
    with Session(database.engine) as session:
        for number in range(LINES):
            due = date(2017, 10, 27) - timedelta(days=number)
            small_plan.add_assignment(session, world, "baoding", due, another=True)
        record_owed(session, now=parse_instant(NOW))
        found = session.scalars(select(OutboxMail.payload)).all()
        session.rollback()
    return next(payload for payload in found if len(payload["items"]) == LINES)


def _row(number: int, payload: dict[str, object]) -> dict[str, object]:
    person = Recipient(number, f"person-{number}@example.test", ("zh", "en")[number % 2])
    return outbox_row(
        key=f"bench:{number}", template="digest", person=person, payload=payload, cause="bench",
        now=parse_instant(NOW), topic="reminders",
    )  # fmt: skip


# --- the run


@contextmanager
def started(*command: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own, ended by SIGTERM."""
    environment = {**os.environ, **settings}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def measure(database: Database, folder: Path, deliverers: int, mails: int) -> Result:
    """Fill the outbox and let so many processes empty it."""
    fill(database, mails)
    url = database.url.render_as_string(hide_password=False)
    with started(sys.executable, "-m", "tests.bench.mail", "office") as office:
        assert office.stdout is not None
        settings = {
            "LANTIAN_DATA_DIR": str(folder), "LANTIAN_DATABASE_URL": url, "LANTIAN_SECRET_KEY": "k" * 32,
            "LANTIAN_SMTP_PORT": office.stdout.readline().strip(), "LANTIAN_BASE_URL": "https://lantian.example.cn",
        }  # fmt: skip
        others = spent_by_server(database)
        command = (str(Path(sys.executable).parent / "lantian"), "mail", "deliver")
        with _several(command, settings, deliverers) as running:
            wall = _until_sent(database, mails)
            cpu = {
                "deliverers": sum(map(spent, running)),
                "database": spent_by_server(database) - others,
                "SMTP server": spent(office.pid),
            }
            memory = max(map(peak, running))
    return Result(deliverers, mails, wall, cpu, memory)


@contextmanager
def _several(command: Sequence[str], settings: dict[str, str], count: int) -> Iterator[list[int]]:
    if not count:
        yield []
        return
    with started(*command, **settings) as one, _several(command, settings, count - 1) as more:
        yield [one.pid, *more]


def _until_sent(database: Database, mails: int) -> float:
    """Seconds from the first mail that is sent to the last: starting a process is no delivery."""
    began: tuple[float, int] | None = None
    while True:
        with database.reading() as session:
            sent = session.scalar(text("SELECT count(*) FROM outbox WHERE state = 'sent'")) or 0
        if began is None and sent:
            began = (time.perf_counter(), sent)
        if sent == mails and began:
            return (time.perf_counter() - began[0]) * mails / max(1, mails - began[1])
        time.sleep(0.5)


def office() -> None:
    """The SMTP server: it keeps nothing and says yes to everything."""
    with post_office(keep=False) as running:
        print(running.port, flush=True)
        while True:
            time.sleep(60)


INTRODUCTION = """
Written by `make bench-mail`: {mails:,} queued digests of {lines} lines, half of them in English, delivered by
`lantian mail deliver` processes on PostgreSQL (fsync on) to a Python SMTP server (aiosmtpd) on loopback, {cpus}
processors for all of it. Milliseconds are processor time for one mail. "Two processors carry" is what those
milliseconds allow when nothing else runs; mails a second is what was seen, with whatever else ran.

| deliverers | mails a second | deliverers ms | database ms | SMTP server ms | together ms | two processors carry | MB |
|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def main(mails: int) -> None:
    """Measure with one deliverer and with two, and write it down."""
    results: list[Result] = []
    with postgres.server(**DURABLE) as server, tempfile.TemporaryDirectory() as folder:
        for deliverers in (1, 2):
            with new_database(server) as database:
                results.append(measure(database, Path(folder), deliverers, mails))
    head = INTRODUCTION.format(mails=mails, lines=LINES, cpus=os.cpu_count())
    section = head + "\n".join(result.row for result in results)
    print(section)
    if mails == MAILS:
        write_part(HEADING, section)


if __name__ == "__main__":
    if sys.argv[1:2] == ["office"]:
        office()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else MAILS)
