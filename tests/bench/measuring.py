"""What the measurements share: processor time and memory of processes, databases to measure on, and docs/speed.md."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from tests.support import postgres
from tests.support.repository import ROOT
from webapp.db import Database, migrate

OUT = ROOT / "docs" / "speed.md"
TICKS = os.sysconf("SC_CLK_TCK")
# A database that keeps what it says it keeps: each commit waits for the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


# --- processes


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


def peak(process: int) -> float:
    """The most memory a process held, in MB. Not getrusage: that counts what the parent held before the start, too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def resident(process: int) -> float:
    """The memory a process holds now, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


# --- databases


@contextmanager
def new_database(server: str) -> Iterator[Database]:
    """A migrated database of a server, gone afterwards."""
    url = postgres.create_database(server)
    migrate(url)
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
        postgres.drop_database(server, url)


def vacuum(database: Database, *tables: str) -> None:
    """Let the database tidy tables up and count them, as it does by itself in time; none named: all of them."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {', '.join(tables)}"))


def postmaster(database: Database) -> int:
    """The database server's first process."""
    with database.reading() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return int(fields[1])


def spent_by_server(database: Database) -> float:
    """Seconds of processor time of the database server, with all its processes."""
    server = postmaster(database)
    return spent(server) + sum(map(spent, children(server)))


# --- docs/speed.md: a part for each measurement, in the order they were first written


def write_part(heading: str, words: str) -> None:
    """Put a measurement into docs/speed.md in the place of its last one; the part without a heading is the first."""
    parts = _parts(OUT.read_text(encoding="utf-8") if OUT.exists() else "")
    parts[heading] = words.strip()
    written = (f"{name}\n\n{body}" if name else body for name, body in parts.items())
    OUT.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def _parts(document: str) -> dict[str, str]:
    first, *rest = re.split(r"^(## .*)$", document, flags=re.MULTILINE)
    return {"": first.strip()} | {name: body.strip() for name, body in zip(rest[::2], rest[1::2], strict=True)}
