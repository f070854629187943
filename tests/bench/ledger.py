"""How long it takes to read, preview and take over 20,000 rows of a ledger, and how much memory that holds.

Run `.venv/bin/python -m tests.bench.ledger`: each format on SQLite in a process of its own, in
processor seconds and peak MB.
"""

import io
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measuring import peak
from tests.ledgers.filling import APRIL, boiler, officer, opened
from tests.support.plans import REAL, load_plan
from webapp.clock import local_date
from webapp.db import Database, migrate
from webapp.evidence.models import EvidenceFile
from webapp.ledgers import importing
from webapp.ledgers.comparing import compare
from webapp.ledgers.reading import read_table

ROWS = 20_000


def lines() -> Sequence[dict[str, str]]:
    """A city's boilers."""
    return [
        boiler(number, number=f"B{number:05}", address=f"中心街{number % 300}号", purpose="heating", way="gas",
               planned_on="2017-10-15", county=f"第{number % 24}县", township=f"第{number % 400}乡")
        for number in range(ROWS)
    ]  # fmt: skip


def as_file(kind: str, codes: Sequence[str]) -> bytes:
    """The rows as an XLSX or a GB18030 CSV, headed by the fields' codes."""
    rows = [[line.get(code, "") for code in codes] for line in lines()]
    if kind == "csv":
        return "\r\n".join(",".join(row) for row in [codes, *rows]).encode("gb18030")
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate([list(codes), *rows]):
        sheet.write_row(place, 0, row)
    book.close()
    return buffer.getvalue()


def _measure(kind: str, path: str, url: str) -> None:
    database = Database(url)
    data = Path(path).read_bytes()
    before = peak(os.getpid())
    started = time.process_time()
    with database.reading() as session:
        _row, ledger, _use = opened(session)
        first = time.process_time()
        table = read_table(data, ledger.kind)
        read = time.process_time()
        preview = compare(session, ledger, table, today=local_date(APRIL))
        assert len(preview.new) == ROWS, preview.wrong[:3]
        compared = time.process_time()
    with database.transaction() as session:
        _row, ledger, _use = opened(session)
        actor = officer(session)
        file = EvidenceFile(
            sha256="0" * 64, size=len(data), media_type="text/csv", filename="x.csv", uploaded_by=1, uploaded_at=APRIL,
            organisation_id=ledger.organisation.id,
        )  # fmt: skip
        session.add(file)
        table = read_table(data, ledger.kind)
        importing.take_over(session, ledger, table, fingerprint=preview.fingerprint, file=file, actor=actor, now=APRIL)
    done = time.process_time()
    print(
        f"{kind}: {len(data) / 1e6:.1f} MB; read {read - first:.1f} s, preview in all {compared - started:.1f} s, "
        f"read again and written {done - compared:.1f} s; peak {peak(os.getpid()):.0f} MB, {before:.0f} MB of it before"
    )
    database.dispose()


def main() -> None:
    """Measure both formats."""
    for kind in ("xlsx", "csv"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/lantian.db"
            process = multiprocessing.get_context("spawn").Process(target=_prepare, args=(kind, folder, url))
            process.start()
            process.join(300)
            process = multiprocessing.get_context("spawn").Process(target=_measure, args=(kind, f"{folder}/rows", url))
            process.start()
            process.join(300)
            assert process.exitcode == 0


def _prepare(kind: str, folder: str, url: str) -> None:
    migrate(url)
    database = Database(url)
    load_plan(database, REAL)
    with database.transaction() as session:
        from tests.support.people import settle

        settle(session)
        _row, ledger, _use = opened(session)
        Path(folder, "rows").write_bytes(as_file(kind, [field.code for field in ledger.kind.fields]))
    database.dispose()


if __name__ == "__main__":
    main()
