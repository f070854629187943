"""How long it takes to find out who is owed what and to queue the mails: the reminders' job on PostgreSQL.

`make bench-mail` runs it for 5,000, 10,000 and 20,000 places with an officer each (tests/bench/crowd.py): the real job,
each time in a process of its own. First all are owed a digest; then the same instant again, when nothing is owed; then
the next working day, beside a ledger that is full. Wall time depends on who else works on the machine; processor time
hardly does. Writes its part of docs/speed.md.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from tasks import reminders
from tasks.turn import Turn
from tests.bench import crowd
from tests.bench.measuring import DURABLE, new_database, peak, spent_by_server, vacuum, write_part
from tests.support import postgres
from tests.support.repository import ROOT
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.mail.models import OutboxMail
from webapp.reminders.models import Reminder
from webapp.settings import Settings

PLACES = (5_000, 10_000, 20_000)
# A Friday and the working day after it.
RUNS: Mapping[str, str] = {
    "all are owed a digest": "2017-10-20T08:30",
    "the same instant again": "2017-10-20T08:30",
    "the next working day": "2017-10-23T08:30",
}
HEADING = "## Planning reminders"
INTRODUCTION = """
Written by `make bench-mail`: the reminders' job, once, in a process of its own on PostgreSQL (fsync on), {cpus}
processors for both. An officer at each place, with five open tasks and every second one with a report; a third is late,
which their coordinators and the region's are told. Seconds are from the start of the job to its commit; processor
seconds are those of the job and those of the database server.

| places | | digests | reminders recorded | seconds | job CPU s | database CPU s | MB |
|---:|---|---:|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True)
class Result:
    """One run of the job: what it wrote, and what that took."""

    places: int
    run: str
    mails: int
    reminders: int
    wall: float
    job: float
    server: float
    memory: float

    @property
    def row(self) -> str:
        """The run as a line of the table."""
        counts = f"{self.places:,} | {self.run} | {self.mails:,} | {self.reminders:,}"
        return f"| {counts} | {self.wall:.1f} | {self.job:.1f} | {self.server:.1f} | {self.memory:.0f} |"


def job(url: str, instant: str) -> None:
    """The process that is measured: runs the job once and prints seconds, processor seconds and MB."""
    database, now = Database(url), parse_instant(instant)
    wall, cpu = time.perf_counter(), time.process_time()
    reminders.run(Turn(database, Settings(), now, now))
    print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, peak(os.getpid())]))


def measure(database: Database, places: int) -> Iterator[Result]:
    """Fill the database and run the job as often as RUNS says."""
    crowd.fill(database, places, parse_instant(RUNS["all are owed a digest"]))
    vacuum(database)
    for run, instant in RUNS.items():
        before, server = _written(database), spent_by_server(database)
        wall, cpu, memory = _in_own_process(database, instant)
        server = spent_by_server(database) - server
        mails, recorded = (after - earlier for after, earlier in zip(_written(database), before, strict=True))
        yield Result(places, run, mails, recorded, wall, cpu, server, memory)


def _in_own_process(database: Database, instant: str) -> tuple[float, float, float]:
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.bench.planning", "job", url, instant]
    wall, cpu, memory = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return wall, cpu, memory


def _written(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        mails, recorded = (session.scalar(select(func.count()).select_from(each)) for each in (OutboxMail, Reminder))
    return mails or 0, recorded or 0


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size on a database of its own, and write it down."""
    results: list[Result] = []
    with postgres.server(**DURABLE) as server:
        for places in sizes:
            with new_database(server) as database:
                for result in measure(database, places):
                    print(result.row, flush=True)
                    results.append(result)
    if sizes == PLACES:
        rows = "\n".join(result.row for result in results)
        write_part(HEADING, INTRODUCTION.format(cpus=os.cpu_count()) + rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        job(*sys.argv[2:])
    else:
        main(tuple(map(int, sys.argv[1:])) or PLACES)
