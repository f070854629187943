"""`lantian report verify` and `lantian export reports`, as the operator and other programs meet them."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from tests.support.plans import person
from tests.support.stated import state_due
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Role
from webapp.reports import service
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.reports.queries import get_report
from webapp.reports.rules import canonical

LATE, CORRECTED = "2017-10-11T16:00", "2017-10-16T10:00"
REASON = "=cmd|' /C calc'!A0"


def baodings(session: Session, place: str, role: Role, number: int) -> tuple[MonthlyReport, Actor]:
    """Baoding's report as somebody of a place sees it."""
    query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
    actor = person(session, place, role, person_id=number)
    return get_report(session, session.scalars(query.where(Organisation.code == "130600")).one(), actor), actor


def act(database: Database, name: str, now: str, **values: Any) -> None:
    """Somebody of Baoding, or of Hebei, does something with September's report."""
    who = ("130000", Role.COORDINATOR, 4) if name == "decide" else ("130600", Role.OFFICER, 1)
    with database.transaction() as session:
        row, actor = baodings(session, *who)
        getattr(service, name)(session, row, actor=actor, now=parse_instant(now), version=row.version, **values)


@pytest.fixture
def released(ready: Run, tmp_path: Path) -> Run:
    """September open on 20 October; Baoding's filed two days late, accepted, and corrected once."""
    database = Database(f"sqlite:///{tmp_path}/data/lantian.sqlite3")
    with database.transaction() as session:
        service.open_reports(session, month=date(2017, 9, 1), now=parse_instant("2017-09-25T00:20"))
    with database.transaction() as session:
        row, officer = baodings(session, "130600", Role.OFFICER, 1)
        state_due(session, row, actor=officer, now=parse_instant("2017-10-01T00:20"))
    act(database, "submit", LATE, confirm_check=True)
    act(database, "decide", "2017-10-12T09:00", decision="accept")
    act(database, "correct", "2017-10-13T09:00", reason=REASON)
    act(database, "submit", CORRECTED, confirm_check=True)
    with database.reading() as session:
        for row in session.scalars(select(ReportRevision)):
            (tmp_path / f"{row.revision}.json").write_text(canonical(row.content), encoding="utf-8")
    database.dispose()
    return ready


def table(run: Run, *words: str) -> list[dict[str, str]]:
    result = run("export", "reports", "--format", "csv", *words, LANTIAN_CLOCK="2017-10-20T09:00")
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


# --- verify


def test_a_download_is_what_was_submitted(released: Run, tmp_path: Path) -> None:
    result = released("report", "verify", str(tmp_path / "2.json"))
    assert result.exit_code == 0, result.output
    assert "receipt: JJJ2017-130600-201709-2" in result.stdout
    assert "ok: " in result.stdout
    assert "note" not in result.stdout


def test_a_file_written_anew_is_still_the_same_report(released: Run, tmp_path: Path) -> None:
    content = json.loads((tmp_path / "1.json").read_text(encoding="utf-8"))
    (tmp_path / "1.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
    result = released("report", "verify", str(tmp_path / "1.json"))
    assert (result.exit_code, "note: " in result.stdout, "ok: " in result.stdout) == (0, True, True)


def test_what_was_changed_in_a_file_is_named(released: Run, tmp_path: Path) -> None:
    content = json.loads((tmp_path / "1.json").read_text(encoding="utf-8"))
    content["lines"][3]["cumulative"] = "999\x1b[31m"
    content["added"] = 1
    (tmp_path / "1.json").write_text(json.dumps(content), encoding="utf-8")
    result = released("report", "verify", str(tmp_path / "1.json"))
    assert result.exit_code == 3
    assert f"differs: lines[3].cumulative ({content['lines'][3]['task']})" in result.stdout
    assert "differs: added: the file says 1, the database nothing" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_tampered_database_is_found_out(released: Run, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/data/lantian.sqlite3")
    with database.transaction() as session:
        names = session.scalars(
            text("SELECT name FROM sqlite_master WHERE tbl_name = 'report_revision' AND type = 'trigger'")
        )
        for name in list(names):
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("UPDATE report_revision SET content = replace(content, 'JJJ2017', 'JJJ2018')"))
    database.dispose()
    result = released("report", "verify", str(tmp_path / "1.json"))
    assert result.exit_code == 3
    assert "changed outside the product" in result.stdout


def test_an_unknown_receipt(released: Run, tmp_path: Path) -> None:
    content = json.loads((tmp_path / "1.json").read_text(encoding="utf-8")) | {"receipt": "JJJ2017-130600-201709-7"}
    (tmp_path / "1.json").write_text(canonical(content), encoding="utf-8")
    result = released("report", "verify", str(tmp_path / "1.json"))
    assert (result.exit_code, "unknown: " in result.stdout) == (4, True)


def test_without_a_database_the_printed_digest_decides(lantian: Run, tmp_path: Path) -> None:
    content = {"format": "lantian-report-1", "receipt": "A-1", "lines": []}
    file = tmp_path / "old.json"
    file.write_text(canonical(content), encoding="utf-8")
    result = lantian("report", "verify", str(file))
    assert result.exit_code == 4
    digest = result.stdout.split("sha256: ")[1].split()[0]
    assert lantian("report", "verify", str(file), "--sha256", f"{digest[:32]} {digest[32:]}".upper()).exit_code == 0
    assert lantian("report", "verify", str(file), "--sha256", "0" * 64).exit_code == 3


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"PK\x03\x04\xff", "not UTF-8"),
        (b'{"format": ', "line 1"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"[]", "no report"),
        (b'{"format": "lantian-report-9", "receipt": "A-1"}', "known format"),
        (b'{"format": "lantian-report-2"}', "no receipt"),
        (b'{"format": "lantian-report-2", "receipt": "\\u001b[2J"}', "no receipt"),
        (b'{"format": "lantian-report-2", "receipt": "A-1", "x": NaN}', "NaN"),
        (b'{"format": "lantian-report-2", "receipt": "A-1", "x": "\\ud800"}', "no report can hold"),
        (b'{"format": "lantian-report-2", "receipt": "A-1", "receipt": "A-2"}', "twice"),
        (b'{"x": ' + b"9" * 5000 + b"}", "not JSON"),
        (b" " * (16 * 1024 * 1024 + 1), "larger than 16 MB"),
    ],
)
def test_hostile_files_are_refused_in_one_line(lantian: Run, tmp_path: Path, raw: bytes, words: str) -> None:
    file = tmp_path / "hostile.json"
    file.write_bytes(raw)
    result = lantian("report", "verify", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


# --- export


def test_a_row_for_each_report_with_its_newest_revision(released: Run) -> None:
    rows = table(released)
    assert len(rows) == 50
    by_org = {row["org"]: row for row in rows}
    filed, unfiled, light = by_org["130600"], by_org["370100"], by_org["mep"]
    assert list(filed)[:7] == ["plan", "month", "org", "org_name", "kind", "revision", "status"]
    assert (filed["revision"], filed["status"], filed["accepted_revision"]) == ("2", "submitted", "1")
    assert (filed["timeliness"], filed["days_late"]) == ("late", "2")
    assert filed["first_submitted_at"] == "2017-10-11T16:00:00+08:00"
    assert filed["submitted_at"] == "2017-10-16T10:00:00+08:00"
    assert 0 <= float(filed["completeness"]) <= 1
    assert filed["correction_reason"] == "'" + REASON
    assert (unfiled["revision"], unfiled["timeliness"], unfiled["days_late"], unfiled["sha256"]) == (
        "",
        "missing",
        "",
        "",
    )
    assert (light["kind"], light["internal_due"]) == ("light", "")


def test_all_revisions_of_a_month(released: Run) -> None:
    assert [row["revision"] for row in table(released, "--all-revisions") if row["org"] == "130600"] == ["1", "2"]
    assert table(released, "--month", "2017-08") == []
    assert released("export", "reports", "--month", "later").exit_code == 1
    assert released("export", "reports", "--plan", "nothing").exit_code == 1


def test_json_and_xlsx_hold_the_same(released: Run) -> None:
    rows = table(released, "--all-revisions")
    told = released("export", "reports", "--format", "json", "--all-revisions", LANTIAN_CLOCK="2017-10-20T09:00")
    plain = json.loads(told.stdout)
    book = released("export", "reports", "--format", "xlsx", "--all-revisions", LANTIAN_CLOCK="2017-10-20T09:00")
    sheet = load_workbook(io.BytesIO(book.stdout_bytes)).active
    assert sheet is not None
    header, *cells = list(sheet.iter_rows())
    assert [cell.value for cell in header] == list(rows[0]) == list(plain[0])
    assert not any(cell.data_type == "f" for row in cells for cell in row)
    assert len(cells) == len(rows) == len(plain)
    for row, record, shown in zip(rows, plain, cells, strict=True):
        spoken = {name: str(cell.value or "").removesuffix(" 00:00:00") for name, cell in zip(row, shown, strict=True)}
        exact = {name for name in row if name not in ("completeness", "days_late")}
        assert {name: spoken[name] for name in exact} == {name: row[name] for name in exact}
        assert {name: "" if value is None else str(value) for name, value in record.items() if name in exact} == {
            name: row[name].removeprefix("'") for name in exact
        }
    assert "'" + REASON in [cell.value for row in cells for cell in row]
