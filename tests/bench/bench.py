"""How fast the product answers: real HTTP, signed in, beside a bare Flask page on the same server and database.

`make bench` measures the 2017 plan once, and grown ten and a hundred times (tests/bench/grown.py), on SQLite and on
PostgreSQL: each page with one client and with eight, the download of the whole list, the roll-up and the reminders'
job, memory and start-up. Ratios say what the product adds to the floor measured in the same run; absolute figures
depend on the machine. A whole run writes docs/speed.md; for a part:
`python -m tests.bench.bench --engines postgresql --sizes 1,100 --parts pages,csv`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tasks import reminders, rollup
from tasks.turn import Turn
from tests.bench import clients, grown, results
from tests.bench.clients import Client, Line, Told
from tests.bench.measuring import DURABLE, peak, resident, vacuum, write_part
from tests.bench.serving import server, settings_of, start_up
from tests.site.subjects import Subjects, find
from tests.support import postgres
from tests.support.html import parse
from tests.support.people import People
from tests.support.repository import ROOT
from tests.support.site import opened
from webapp.accounts.models import Person
from webapp.db import Database, migrate
from webapp.rollups.recounting import recount

ENGINES, SIZES = ("postgresql", "sqlite"), (1, 10, 100)
PARTS = ("pages", "eight", "csv", "jobs", "start")
PAGES, POSTS, EACH_OF_EIGHT = 60, 30, 30
MANY = 8
JOBS = {"roll-up": rollup.run, "reminders": reminders.run}
JOB_SECONDS = 150
FILTERED = urlencode({"status": "in_progress", "label": "behind", "organisation": "130000"})
CSV = "/overview/assignments.csv"


@dataclass
class Measured:
    """Everything about one database."""

    engine: str
    size: int
    assignments: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    eight: dict[str, Line] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)


# --- databases


@contextmanager
def base(engine: str, folder: Path) -> Iterator[tuple[Callable[[int], str], People]]:
    """Makes addresses of databases that hold the plan once, and its people."""
    if engine == "sqlite":
        first = folder / "base.sqlite3"
        people = _begin(f"sqlite:///{first}", folder)

        def another(size: int) -> str:
            shutil.copy(first, folder / f"{size}.sqlite3")
            return f"sqlite:///{folder / f'{size}.sqlite3'}"

        yield another, people
        return
    with postgres.server(**DURABLE, shared_buffers="256MB") as address:
        template = postgres.create_database(address)
        people = _begin(template, folder)
        yield lambda _size: postgres.create_database(address, template), people


def _begin(url: str, folder: Path) -> People:
    migrate(url)
    database = Database(url)
    people = grown.begin(database, settings_of(folder, url))
    database.dispose()
    return people


def _fill(database: Database, size: int) -> None:
    if grown.COUNTIES[size]:
        grown.grow(database, grown.COUNTIES[size])
    with database.transaction() as session:
        recount(session, now=grown.NOW, replay=False)
    if not database.is_sqlite:
        vacuum(database)


# --- pages


def _asked(subjects: Subjects) -> dict[str, tuple[str, str]]:
    """The pages by name: who asks, and for what."""
    return {
        "list, 50 rows": ("overseer", "/overview/assignments"),
        "list, three filters": ("overseer", f"/overview/assignments?{FILTERED}"),
        "assignment": ("officer", f"/assignments/{subjects.claimed}"),
        "overview with the matrix": ("overseer", "/overview"),
        "overview of a province": ("overseer", "/overview?province=130000"),
        "officer's list": ("officer", "/assignments"),
        "today": ("officer", "/today"),
        "update form": ("officer", f"/assignments/{subjects.assignment}/update"),
        "bulletin of a month": ("overseer", "/bulletins/2017-08"),
        "report, frozen revision": ("officer", f"/reports/{subjects.report}/revisions/1"),
    }


def _pages(found: Measured, port: int, cookies: dict[str, str], subjects: Subjects) -> None:
    who = {name: Client(port, cookie) for name, cookie in cookies.items()}
    found.lines["floor"] = clients.alone("floor", who["officer"], lambda each, _n: each.ask("/floor/"), PAGES)
    for name, (person, path) in _asked(subjects).items():
        found.lines[name] = clients.alone(name, who[person], lambda each, _n, path=path: each.ask(path), PAGES)  # type: ignore[misc]
    found.lines["floor's update"] = clients.alone(
        "floor's update", who["officer"], lambda each, _n: each.ask("/floor/", {}), POSTS, 204
    )
    found.lines["posting an update"] = clients.alone(
        "posting an update", who["officer"], _posting(f"/assignments/{subjects.assignment}/update"), POSTS, 303
    )
    for client in who.values():
        client.close()


def _posting(address: str) -> clients.Ask:
    def post(client: Client, number: int) -> Told:
        page = client.ask(address).body.decode()
        form = next(each for each in parse(page).all("form") if each.get("action") == address)
        fields = [each for each in form.all("input") if each.get("type") not in ("checkbox", "radio", "file")]
        typed = {each.get("name"): each.get("value") for each in fields if each.get("name")}
        return client.ask(address, {**typed, "quantity": f"92.{number:02}", "added": "", "note": "本周拆除。"})

    return post


def _eight(found: Measured, port: int, cookies: dict[str, str], subjects: Subjects) -> None:
    wanted = {"floor": ("officer", "/floor/"), **dict(list(_asked(subjects).items())[:4])}
    for name, (person, path) in wanted.items():
        several = [Client(port, cookies[person]) for _ in range(MANY)]
        ask: clients.Ask = lambda each, _n, path=path: each.ask(path)  # type: ignore[misc]  # noqa: E731
        clients.together(name, several, ask, clients.WARM)
        found.eight[name] = clients.together(name, several, ask, EACH_OF_EIGHT)
        for client in several:
            client.close()


def _csv(found: Measured, port: int, process: int, cookie: str) -> None:
    size, first, last = Client(port, cookie).stream(CSV)
    found.facts |= {"csv MB": size / 1e6, "csv first byte s": first, "csv s": last, "csv process MB": peak(process)}


def _cookies(people: People, folder: Path, url: str) -> dict[str, str]:
    """The sessions of those who ask, as the sign-in page would give them."""
    site = opened(Database(url), settings_of(folder, url), people)

    def cookie(person: Person) -> str:
        kept = site.client(person).get_cookie("lantian")
        assert kept is not None
        return kept.value

    return {"officer": cookie(people.officer), "overseer": cookie(people.overseer)}


# --- jobs


def job(name: str, folder: Path, url: str) -> None:
    """The process that is measured: runs a job once and prints its seconds, processor seconds and MB."""
    import time

    database, now = Database(url), grown.NOW
    wall, cpu = time.perf_counter(), time.process_time()
    JOBS[name](Turn(database, settings_of(folder, url), now, now))
    print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, peak(os.getpid())]))


def _jobs(found: Measured, folder: Path, url: str) -> None:
    """Each job; infinity for one that takes longer than `JOB_SECONDS`."""
    for name in JOBS:
        command = [sys.executable, "-m", "tests.bench.bench", "--job", name, str(folder), url]
        try:
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=JOB_SECONDS)
            figures = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            figures = [float("inf")] * 3
        found.facts |= dict(zip((f"{name} s", f"{name} CPU s", f"{name} MB"), figures, strict=True))


# --- all of it


def measure(engine: str, size: int, folder: Path, url: str, people: People, parts: Sequence[str]) -> Measured:
    """Fill a database and measure what was asked for."""
    database, found = Database(url), Measured(engine, size)
    _fill(database, size)
    with database.reading() as session:
        found.assignments = results.count_assignments(session)
    site = opened(database, settings_of(folder, url), people)
    subjects, cookies = find(site), _cookies(people, folder, url)
    if {"pages", "eight"} & set(parts):
        with server(folder, url) as (port, process):
            if "pages" in parts:
                _pages(found, port, cookies, subjects)
            if "eight" in parts:
                _eight(found, port, cookies, subjects)
            found.facts["memory MB"] = resident(process)
    if "csv" in parts:
        with server(folder, url) as (port, process):
            _csv(found, port, process, cookies["overseer"])
    database.dispose()
    if "jobs" in parts and (engine == "postgresql" or size < max(SIZES)):
        _jobs(found, folder, url)
    if "start" in parts and size == 1:
        found.facts["start s"] = start_up(folder, url)
    return found


def main(engines: Sequence[str], sizes: Sequence[int], parts: Sequence[str]) -> None:
    """Measure, print, and write down a whole run."""
    found = []
    for engine in engines:
        with tempfile.TemporaryDirectory() as name, base(engine, Path(name)) as (another, people):
            for size in sizes:
                one = measure(engine, size, Path(name), another(size), people, parts)
                print(results.told(one), flush=True)
                found.append(one)
    if (*engines,) == ENGINES and (*sizes,) == SIZES and (*parts,) == PARTS:
        write_part("", results.document(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--sizes", type=lambda text: [int(each) for each in text.split(",")], default=list(SIZES))
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--job", nargs=3, metavar=("NAME", "FOLDER", "ADDRESS"))
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    if asked.job:
        job(asked.job[0], Path(asked.job[1]), asked.job[2])
    else:
        main(asked.engines, asked.sizes, asked.parts)
