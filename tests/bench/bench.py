"""How fast the product answers: real HTTP, one client, beside a bare Flask page on the same server.

`make bench` fills a fresh SQLite database with the lived-in plan (every assignment of the 2017 plan, with figures),
serves it from a process of its own with waitress, and measures each page from outside. The floor is measured in the
same run, on the same server and database: a bare Flask page of 50 rows from one query, and a bare update in one
transaction. A ratio says what the product adds; absolute figures depend on the machine. Writes docs/speed.md.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response
from sqlalchemy import event, text
from waitress import serve
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.bench.measuring import write_part
from tests.site.subjects import Subjects, find
from tests.support.html import parse
from tests.support.lived_in import live
from tests.support.people import People
from tests.support.repository import ROOT
from tests.support.site import opened, site_settings
from tests.support.smtp import free_port
from webapp.accounts.models import Person
from webapp.app import create_app
from webapp.db import Database, migrate
from webapp.settings import Settings

PAGES, POSTS, WARM = 60, 40, 5
STARTS = 5
BARE_ROWS = """<!doctype html><title>floor</title><table>{% for row in rows %}<tr><td>{{ row.id }}</td>
<td>{{ row.title_zh }}</td><td>{{ row.status }}</td><td>{{ row.due }}</td></tr>{% endfor %}</table>"""
ROWS = (
    "SELECT a.id, t.title_zh, a.status, a.due FROM assignment a JOIN task t ON t.id = a.task_id ORDER BY a.id LIMIT 50"
)


# --- the process that is measured


def served(folder: Path, port: int) -> None:
    """Serve the product and the floor; every answer says what it cost: statements, processor time."""
    settings = site_settings(folder)
    database = Database(settings.database)
    app = create_app(settings, database)
    floor, counted = _floor(database), threading.local()

    def count(*_what: object) -> None:
        counted.number = getattr(counted, "number", 0) + 1

    for engine in (database.engine, database.reading_engine):
        event.listen(engine, "before_cursor_execute", count)
    for each in (app, floor):
        _tell_costs(each, counted)
    serve(DispatcherMiddleware(app, {"/floor": floor}), host="127.0.0.1", port=port, threads=4)


def _floor(database: Database) -> Flask:
    """The least an application on this server and database could do: no session, no frame, no permissions."""
    bare = Flask("floor")
    page = bare.jinja_env.from_string(BARE_ROWS)

    @bare.get("/")
    def show() -> str:
        with database.reading_engine.connect() as connection:
            return page.render(rows=connection.execute(text(ROWS)).all())

    @bare.post("/")
    def update() -> tuple[str, int]:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE instance SET clock_offset_seconds = clock_offset_seconds WHERE id = 1"))
        return "", 204

    return bare


def _tell_costs(app: Flask, counted: threading.local) -> None:
    @app.before_request
    def begin() -> None:
        counted.number, counted.began = 0, time.thread_time()

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Statements"] = str(counted.number)
        response.headers["X-Cpu"] = str((time.thread_time() - counted.began) * 1000)
        return response


# --- the one who measures


@dataclass(frozen=True)
class Told:
    """An answer with what it cost: statements, milliseconds of the server's processor, seconds of waiting."""

    status: int
    text: str
    statements: int
    cpu: float
    seconds: float


class Client:
    """One browser with one kept connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = cookie

    def ask(self, path: str, form: dict[str, str] | None = None) -> Told:
        """Ask for a page, or send a form."""
        headers = {"Cookie": f"lantian={self._cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        body = None if form is None else urlencode(form)
        start = time.perf_counter()
        self._connection.request("GET" if form is None else "POST", path, body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read().decode()
        took = time.perf_counter() - start
        if found := re.search("lantian=([^;]+)", answer.getheader("Set-Cookie") or ""):
            self._cookie = found[1]
        cpu, statements = answer.getheader("X-Cpu") or 0, answer.getheader("X-Statements") or 0
        return Told(answer.status, content, int(statements), float(cpu), took)


class Line:
    """One row of the result; milliseconds."""

    def __init__(self, name: str, told: list[Told]) -> None:
        seconds = [each.seconds for each in told]
        self.name, self.statements = name, told[-1].statements
        self.cpu = statistics.median(each.cpu for each in told)
        self.median = statistics.median(seconds) * 1000
        self.p95 = statistics.quantiles(seconds, n=20)[-1] * 1000


def measure(name: str, ask: Callable[[int], Told], times: int, wanted: int = 200) -> Line:
    """Ask again and again; the first answers are not counted. Any other status than `wanted` ends the run."""
    told = [ask(number) for number in range(times + WARM)]
    wrong = next((each for each in told if each.status != wanted), None)
    if wrong:
        raise SystemExit(f"{name}: answered {wrong.status}\n{wrong.text[:2000]}")
    return Line(name, told[WARM:])


def pages(officer: Client, overseer: Client, subjects: Subjects) -> Iterator[tuple[Line, bool]]:
    """Every measurement, with whether it is a write."""
    form_address = f"/assignments/{subjects.assignment}/update"

    def post(number: int) -> Told:
        typed = _form(officer.ask(form_address).text, form_address)
        return officer.ask(form_address, {**typed, "quantity": f"92.{number:02}", "added": "", "note": "本周拆除。"})

    yield measure("floor: bare page, 50 rows", lambda _n: officer.ask("/floor/"), PAGES), False
    yield measure("floor: bare update", lambda _n: officer.ask("/floor/", {}), POSTS, 204), True
    for name, client, path in [
        ("dashboard, 28 cities × 20 measures", overseer, "/overview"),
        ("list, 50 rows of 2,394", overseer, "/overview/assignments"),
        ("officer's list, 50 rows", officer, "/assignments"),
        ("today", officer, "/today"),
        ("one assignment", officer, f"/assignments/{subjects.assignment}"),
        ("update form", officer, form_address),
        ("report, draft of a month", officer, f"/reports/{subjects.open_report}"),
        ("report, frozen revision", officer, f"/reports/{subjects.report}/revisions/1"),
    ]:
        yield measure(name, lambda _n, client=client, path=path: client.ask(path), PAGES), False  # type: ignore[misc]
    yield measure("posting an update", post, POSTS, 303), True


def _form(page: str, address: str) -> dict[str, str]:
    form = next(each for each in parse(page).all("form") if each.get("action") == address)
    fields = [each for each in form.all("input") if each.get("type") not in ("checkbox", "radio", "file")]
    return {each.get("name"): each.get("value") for each in fields if each.get("name")}


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, int]]:
    """The measured process: its port and its id."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bench", "serve", str(folder), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(3000):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise SystemExit("the server does not answer")


def start_up(folder: Path) -> float:
    """Seconds from starting a web process (`lantian serve`) to its first answer: the median of some starts."""
    took = []
    for _ in range(STARTS):
        port = free_port()
        settings = {"LANTIAN_DATA_DIR": str(folder), "LANTIAN_PORT": str(port), "LANTIAN_SECRET_KEY": "k" * 32}
        start = time.perf_counter()
        process = subprocess.Popen(
            [Path(sys.executable).parent / "lantian", "serve"], cwd=ROOT, stderr=subprocess.DEVNULL,
            env={**os.environ, **settings},
        )  # fmt: skip
        try:
            _wait(port)
            took.append(time.perf_counter() - start)
        finally:
            process.terminate()
            process.wait(timeout=20)
    return statistics.median(took)


def resident(process: int) -> float:
    """Memory of a process in MB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0


def cookie(folder: Path, people: People, person: Person) -> str:
    """The session of somebody, as the sign-in page would give it."""
    settings = site_settings(folder)
    site = opened(Database(settings.database), settings, people)
    found = site.client(person).get_cookie("lantian")
    assert found is not None
    return found.value


def table(lines: list[tuple[Line, bool]]) -> str:
    """The result as Markdown."""
    floors = {write: next(line.median for line, wrote in lines if wrote is write) for write in (False, True)}
    rows = ["| | median ms | p95 ms | × floor | server CPU ms | statements |", "|---|---:|---:|---:|---:|---:|"]
    for line, write in lines:
        ratio = line.median / floors[write]
        figures = [line.median, line.p95, ratio, line.cpu]
        rows.append(f"| {line.name} | {' | '.join(f'{each:.1f}' for each in figures)} | {line.statements} |")
    return "\n".join(rows)


INTRODUCTION = """# Speed

Written by `make bench`: one client over HTTP on loopback, SQLite, waitress, {cpus} processors; every assignment of the
2017 plan with some months of figures. The floor is a bare Flask page of 50 rows from one query, and a bare update, on
the same server in the same run, without session, frame or permissions. Milliseconds belong to the machine and to what
else ran on it; the server's processor time suffers least from neighbours. Statements include BEGIN.
"""


def main() -> None:
    """Fill, serve, measure, write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder)
        migrate(settings.database)
        people = live(Database(settings.database), settings)
        made = opened(Database(settings.database), site_settings(folder), people)
        subjects = find(made)
        with server(folder) as (port, process):
            officer = Client(port, cookie(folder, people, people.officer))
            overseer = Client(port, cookie(folder, people, people.overseer))
            found = list(pages(officer, overseer, subjects))
            memory = resident(process)
        started = start_up(folder)
    facts = f"A web process answers {started:.2f} s after it is started, and holds {memory:.0f} MB after this run."
    written = f"{INTRODUCTION.format(cpus=os.cpu_count())}\n{table(found)}\n\n{facts}\n"
    write_part("", written)
    print(written)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        served(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
