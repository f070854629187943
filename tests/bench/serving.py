"""The process that `make bench` measures: the product and the floor on one server, each answer saying what it cost.

The floor is the least an application on this server and database could do: a bare Flask page of 50 rows from one
query, and a bare update in one transaction, without session, frame or permissions.
"""

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Flask, Response
from sqlalchemy import event, text
from waitress import serve
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.support.repository import ROOT
from tests.support.smtp import free_port
from webapp.app import create_app
from webapp.db import Database
from webapp.settings import Settings

THREADS = 8
STARTS = 5
BARE_ROWS = """<!doctype html><title>floor</title><table>{% for row in rows %}<tr><td>{{ row.id }}</td>
<td>{{ row.title_zh }}</td><td>{{ row.status }}</td><td>{{ row.due }}</td></tr>{% endfor %}</table>"""
ROWS = (
    "SELECT a.id, t.title_zh, a.status, a.due FROM assignment a JOIN task t ON t.id = a.task_id ORDER BY a.id LIMIT 50"
)
# A row that nothing else writes: the row of one person who never signs in.
UPDATE = "UPDATE person SET phone = '1' WHERE id = (SELECT max(id) FROM person)"


def settings_of(folder: Path, url: str) -> Settings:
    """The settings of everything that is measured on a database."""
    return Settings(data_dir=folder, database_url=url, cookie_secure=False, secret_key="k" * 32)


def served(folder: Path, url: str, port: int) -> None:
    """Serve the product and the floor until the process is ended."""
    settings = settings_of(folder, url)
    database = Database(settings.database)
    app = create_app(settings, database)
    floor, counted = _floor(database), threading.local()

    def count(*_what: object) -> None:
        counted.number = getattr(counted, "number", 0) + 1

    for engine in {database.engine, database.reading_engine} if database.is_sqlite else {database.engine}:
        event.listen(engine, "before_cursor_execute", count)
    for each in (app, floor):
        _tell_costs(each, counted)
    serve(DispatcherMiddleware(app, {"/floor": floor}), host="127.0.0.1", port=port, threads=THREADS)


def _floor(database: Database) -> Flask:
    bare = Flask("floor")
    page = bare.jinja_env.from_string(BARE_ROWS)

    @bare.get("/")
    def show() -> str:
        with database.reading_engine.connect() as connection:
            return page.render(rows=connection.execute(text(ROWS)).all())

    @bare.post("/")
    def update() -> tuple[str, int]:
        with database.engine.begin() as connection:
            connection.execute(text(UPDATE))
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


@contextmanager
def server(folder: Path, url: str) -> Iterator[tuple[int, int]]:
    """The measured process: its port and its id."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.serving", str(folder), url, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, process.pid
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)


def _wait(port: int) -> None:
    """Until the first answer; refused connections are tried again for half a minute."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.01)
    raise SystemExit("the server does not answer")


def start_up(folder: Path, url: str) -> float:
    """Seconds from starting a web process (`lantian serve`) to its first answer: the median of some starts."""
    took = []
    for _ in range(STARTS):
        port = free_port()
        told = {"LANTIAN_DATA_DIR": str(folder), "LANTIAN_PORT": str(port), "LANTIAN_SECRET_KEY": "k" * 32}
        told |= {"LANTIAN_DATABASE_URL": url} if url else {}
        start = time.perf_counter()
        process = subprocess.Popen(
            [Path(sys.executable).parent / "lantian", "serve"], cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, **told},
        )  # fmt: skip
        try:
            _wait(port)
            took.append(time.perf_counter() - start)
        finally:
            _end(process)
    return statistics.median(took)


if __name__ == "__main__":
    served(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
