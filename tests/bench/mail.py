"""How fast mail goes out: 20,000 digests of ten lines on PostgreSQL, real deliverer processes, a real SMTP server.

`make bench-mail` makes one digest as the product makes it, copies it to 20,000 people, and lets one and then two
`lantian mail deliver` empty the outbox into a server on loopback. The server's and the database's work counts too: all
of it shares the processors. Wall time depends on who else works on the machine; processor time hardly does. Writes its
part of docs/speed.md.
"""

import os
import re
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

from tests.bench.bench import MAIL, OUT
from tests.support import postgres, small_plan
from tests.support.repository import ROOT
from tests.support.smtp import post_office
from webapp.clock import parse_instant
from webapp.db import Database, migrate
from webapp.mail.models import OutboxMail
from webapp.mail.service import Recipient, outbox_row
from webapp.reminders.service import record_owed

MAILS = 20_000
LINES = 10
NOW = "2017-10-20T08:30"
TICKS = os.sysconf("SC_CLK_TCK")
# A database that keeps what it says it keeps: each record of a 250 waits for the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


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
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE outbox"))


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


# --- processor time


def spent(process: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def children(process: int) -> list[int]:
    """The processes a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="ascii", errors="replace").rpartition(") ")[2].split()[1]
        except OSError:
            continue
        if int(parent) == process:
            found.append(int(path.parent.name))
    return found


def postmaster(database: Database) -> int:
    """The database server's first process."""
    with database.reading() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return int(fields[1])


def peak(process: int) -> float:
    """The most memory a process held, in MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


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
        server = postmaster(database)
        others = spent(server) + sum(map(spent, children(server)))
        command = (str(Path(sys.executable).parent / "lantian"), "mail", "deliver")
        with _several(command, settings, deliverers) as running:
            wall = _until_sent(database, mails)
            cpu = {
                "deliverers": sum(map(spent, running)),
                "database": spent(server) + sum(map(spent, children(server))) - others,
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


def _on_new_database(server: str, folder: Path, deliverers: int, mails: int) -> Result:
    url = postgres.create_database(server)
    migrate(url)
    database = Database(url)
    try:
        return measure(database, folder, deliverers, mails)
    finally:
        database.dispose()
        postgres.drop_database(server, url)


def main(mails: int) -> None:
    """Measure with one deliverer and with two, and write it down."""
    with postgres.server(**DURABLE) as server, tempfile.TemporaryDirectory() as folder:
        results = [_on_new_database(server, Path(folder), count, mails) for count in (1, 2)]
    head = INTRODUCTION.format(mails=mails, lines=LINES, cpus=os.cpu_count())
    section = MAIL + "\n" + head + "\n".join(result.row for result in results) + "\n"
    print(section)
    if mails == MAILS:
        before = OUT.read_text(encoding="utf-8").partition(MAIL)[0].rstrip()
        OUT.write_text(f"{before}\n\n{section}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["office"]:
        office()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else MAILS)
