"""How long 20,000 rows of a ledger take to be read, previewed and taken over, and its pages, on both engines.

Run `make bench-ledger`: it writes its part of docs/speed.md. Each measurement is a process of its own.
"""

import io
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from tests.bench.measuring import DURABLE, children, new_database, peak, postmaster, spent, vacuum, write_part
from tests.ledgers.filling import APRIL, MAY, boiler, coordinator, officer, opened
from tests.support import postgres
from tests.support.plans import REAL, load_plan
from tests.support.site import Site, site
from webapp.clock import local_date
from webapp.db import Database, migrate
from webapp.evidence.models import EvidenceFile
from webapp.ledgers import importing, sampling
from webapp.ledgers.comparing import compare
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.reading import read_table

ROWS, FEW, TIMES = 20_000, 50, 5
HEADING = "## Ledgers"
WORDS = f"""\
Written by `make bench-ledger`: one city's {ROWS:,} boilers, first all of them new, then, a month later, half of them
done. Processor seconds of the product and the database together (with a processor free, what one waits): from the
upload to the preview, and from the confirmation to the commit, for which the file is read again. MB is the most the
product held.

| | file | MB of file | preview | take-over | later: preview | take-over | most MB |
|---|---|---:|---:|---:|---:|---:|---:|
{{taken}}

Pages without a network: processor milliseconds of the product and the database together, with {FEW} and with {ROWS:,}
rows, and statements. On paper there are {FEW} and 200 rows to a page. Closing a sample verifies {FEW // 2} and
{ROWS // 2:,} rows; its statements grow with the rows looked at on site, not with the ledger.

| | SQLite {FEW} | {ROWS:,} | PostgreSQL {FEW} | {ROWS:,} | statements |
|---|---:|---:|---:|---:|---:|
{{pages}}"""


def lines(rows: int, done: bool) -> Sequence[dict[str, str]]:
    """A city's boilers, in the end every second one done."""
    return [
        boiler(number, number=f"B{number:05}", address=f"中心街{number % 300}号", purpose="heating", way="gas",
               planned_on="2017-10-15", county=f"第{number % 24}县", township=f"第{number % 400}乡",
               state="已完成" if done and number % 2 else "")
        for number in range(rows)
    ]  # fmt: skip


def as_file(kind: str, codes: Sequence[str], count: int, *, done: bool) -> bytes:
    """The rows as an XLSX or a GB18030 CSV, headed by the fields' codes."""
    rows = [[line.get(code, "") for code in codes] for line in lines(count, done)]
    heads = ["状态" if code == "state" else code for code in codes]
    if kind == "csv":
        return "\r\n".join(",".join(row) for row in [heads, *rows]).encode("gb18030")
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate([heads, *rows]):
        sheet.write_row(place, 0, row)
    book.close()
    return buffer.getvalue()


# --- taking a file over


def prepare(url: str, folder: str, kind: str, count: int) -> None:
    """A database with the plan, and the file."""
    database = Database(url)
    load_plan(database, REAL)
    with database.reading() as session:
        _row, ledger, _use = opened(session)
        codes = [*(field.code for field in ledger.kind.fields), "state"]
    Path(folder, "rows").write_bytes(as_file(kind, codes, count, done=False))
    Path(folder, "later").write_bytes(as_file(kind, codes, count, done=True))
    database.dispose()


def take(url: str, folder: str) -> None:
    """Take the file over, and a month later one in which half is done; what it cost goes to files beside them."""
    database = Database(url)
    with site(database, Path(folder)) as made:
        told = {name: _taken(made, Path(folder, name), now) for name, now in (("rows", APRIL), ("later", MAY))}
        Path(folder, "taken").write_text(json.dumps([*told.values(), peak(os.getpid())]), encoding="ascii")
        Path(folder, "pages").write_text(json.dumps(pages(made)), encoding="utf-8")
    database.dispose()


def _taken(made: Site, path: Path, now: datetime) -> list[float]:
    """Megabytes; processor seconds of preview and take-over."""
    data = path.read_bytes()
    with timed(made) as preview, made.database.reading() as session:
        _row, ledger, _use = opened(session)
        seen = compare(session, ledger, read_table(data, ledger.kind), today=local_date(now))
        assert not seen.wrong, seen.wrong[:3]
        fingerprint = seen.fingerprint
        del seen
    with timed(made) as written, made.database.transaction() as session:
        _row, ledger, _use = opened(session)
        file = EvidenceFile(
            sha256="0" * 64, size=len(data), media_type="text/csv", filename="x.csv", uploaded_at=now,
            uploaded_by=made.people.officer.id, organisation_id=ledger.organisation.id,
        )  # fmt: skip
        session.add(file)
        session.flush()
        table = read_table(data, ledger.kind)
        importing.take_over(session, ledger, table, fingerprint=fingerprint, file=file, actor=officer(session), now=now)
    return [len(data) / 1e6, *preview, *written]


@contextmanager
def timed(made: Site) -> Iterator[list[float]]:
    """Processor seconds of a block: the product's and the database's together."""
    told: list[float] = []
    database = made.database
    server = postmaster(database) if database.engine.dialect.name == "postgresql" else 0

    def used() -> float:
        return time.process_time() + (spent(server) + sum(map(spent, children(server))) if server else 0)

    begun = used()
    yield told
    told.append(used() - begun)


# --- pages


def pages(made: Site) -> dict[str, tuple[float, int]]:
    """Each page and act: milliseconds and statements."""
    if made.database.engine.dialect.name == "postgresql":
        vacuum(made.database)
    with made.database.reading() as session:
        here = f"/assignments/{opened(session)[0].id}/ledger"
        listed = session.scalars(select(LedgerRow.id).where(LedgerRow.state == "listed").order_by(LedgerRow.id)).all()
    mine, above = made.client(made.people.officer), made.client(made.people.coordinator)
    asked = {
        "list": here,
        "list, searched": f"{here}?q=第{listed[0] - 1}小",
        "list by name, page 2": f"{here}?order=name&page=2",
        "list with the figures of a past day": f"{here}?on=2017-05-01",
        "list for paper": f"{here}/sheets",
        "row": f"{here}/{listed[0]}",
        "assignment": here.removesuffix("/ledger"),
    }
    found = {name: _page(made, lambda path=path: mine.get(path)) for name, path in asked.items()}
    found["marking a row done"] = _page(
        made, lambda: mine.post(f"{here}/{listed[0]}/finish", data={"version": 1, "on": "2017-10-19"}), 1, 303
    )
    found["drawing a sample"] = _page(made, lambda: above.post(f"{here}/samples"), 1, 303)
    found["sample"] = _page(made, lambda: above.get(f"{here}/samples/1"))
    with made.database.transaction() as session:
        actor, row = coordinator(session), opened(session)[0]
        drawn = sampling.get_sample(session, row.id, 1)
        for each, _row in sampling.sample_rows(session, drawn.id):
            sampling.check_row(session, drawn, each.row_id, "pass", actor=actor, now=APRIL)
        version = drawn.version
    found["closing a sample"] = _page(
        made, lambda: above.post(f"{here}/samples/1/close", data={"version": version}), 1, 303
    )
    return found


def _page(made: Site, ask: Callable[[], Any], times: int = TIMES, status: int = 200) -> tuple[float, int]:
    """Processor milliseconds of the product and the database, and statements."""
    statements = 0

    def count(*_arguments: Any) -> None:
        nonlocal statements
        statements += 1

    if times > 1:
        ask()
    event.listen(Engine, "before_cursor_execute", count)
    with timed(made) as took:
        for _ in range(times):
            answer = ask()
            assert answer.status_code == status, answer.text[:500]
    event.remove(Engine, "before_cursor_execute", count)
    return took[0] / times * 1000, statements // times


# --- all of it


def main() -> None:
    """Measure both engines and write what was seen."""
    taken, found = [], {}
    with postgres.server(**DURABLE) as server:
        for engine in ("SQLite", "PostgreSQL"):
            for kind, count in (("csv", FEW), ("xlsx", ROWS), ("csv", ROWS)):
                (first, later, most), seen = _once(engine, server, kind, count)
                found[engine, count] = seen
                if count == ROWS:
                    figures = [
                        *(f"{each:.1f}" for each in first),
                        *(f"{each:.1f}" for each in later[1:]),
                        f"{most:.0f}",
                    ]
                    taken.append(f"| {engine} | {kind} | {' | '.join(figures)} |")
    rows = []
    for name, (_ms, most) in found["SQLite", ROWS].items():
        few = found["SQLite", FEW][name][1]
        costs = [found[engine, count][name][0] for engine in ("SQLite", "PostgreSQL") for count in (FEW, ROWS)]
        statements = str(most) if most == few else f"{few}, {most}"
        rows.append(f"| {name} | {' | '.join(f'{each:.0f}' for each in costs)} | {statements} |")
    part = WORDS.format(taken="\n".join(taken), pages="\n".join(rows))
    print(part)
    write_part(HEADING, part)


def _once(engine: str, server: str, kind: str, count: int) -> tuple[list[float], dict[str, tuple[float, int]]]:
    with tempfile.TemporaryDirectory() as folder:
        if engine == "SQLite":
            url = f"sqlite:///{folder}/lantian.db"
            migrate(url)
            return _measured(url, folder, kind, count)
        with new_database(server) as database:
            return _measured(database.engine.url.render_as_string(hide_password=False), folder, kind, count)


def _measured(url: str, folder: str, kind: str, count: int) -> Any:
    spawn = multiprocessing.get_context("spawn")
    for deed, arguments in ((prepare, (url, folder, kind, count)), (take, (url, folder))):
        process = spawn.Process(target=deed, args=arguments)
        process.start()
        process.join(300)
        assert process.exitcode == 0, (deed, url, kind, count)
    return [json.loads(Path(folder, name).read_text(encoding="utf-8")) for name in ("taken", "pages")]


if __name__ == "__main__":
    main()
