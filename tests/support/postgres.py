"""A PostgreSQL of the tests' own: started without a service, cloned from a template, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.support import tools

# Nothing here outlives a test run, so durability is traded for speed.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


@contextmanager
def server(**changed: str) -> Iterator[str]:
    """Address of a server where databases may be created: the one given by the environment, or one started now.

    `changed` are settings of the latter, such as fsync="on".
    """
    given = os.environ.get("LANTIAN_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    # A folder of its own: below pytest's tmp only its owner may enter, and the server never runs as root.
    folder = Path(tempfile.mkdtemp(prefix="lantian-pg-", dir="/tmp"))
    try:
        yield from _started(folder, SERVER_SETTINGS | changed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, chosen: dict[str, str]) -> Iterator[str]:
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    _run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    settings = {**chosen, "unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    _run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _run(program: str, *arguments: str | Path) -> None:
    binaries = tools.find_postgres()
    assert binaries, "callers ask tools.require('postgresql') first"
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_owner, str(binaries / program), *map(str, arguments)]
    # Output goes nowhere: a server that inherited a pipe would keep `run` waiting for its end.
    subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def create_database(server_url: str, template: str = "template1") -> str:
    """Create a database of its own name as a copy of `template` (a name or an address); return its address."""
    name = f"lantian_{uuid4().hex}"
    source = urlsplit(template).path.lstrip("/") or template
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
    _execute(server_url, statement)
    return urlunsplit(urlsplit(server_url)._replace(path="/" + name))


def drop_database(server_url: str, database_url: str) -> None:
    """Drop a database made by `create_database`, whoever is still connected to it."""
    name = urlsplit(database_url).path.lstrip("/")
    _execute(server_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(server_url: str, statement: sql.Composed) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)
