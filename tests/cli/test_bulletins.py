"""`lantian bulletin build` and `lantian bulletin verify`, as the operator meets them."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.cli.conftest import Run
from tests.support.plans import person
from webapp.bulletins import service
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.permissions import Role
from webapp.plans.models import Plan
from webapp.reports.service import open_reports

SEPTEMBER = ("bulletin", "build", "--month", "2017-09")


@pytest.fixture
def database(ready: Run, tmp_path: Path) -> Database:
    """September open on 20 October, nothing filed: closed, and everybody missing."""
    found = Database(f"sqlite:///{tmp_path}/data/lantian.sqlite3")
    with found.transaction() as session:
        open_reports(session, month=date(2017, 9, 1), now=parse_instant("2017-09-25T00:20"))
    return found


def publish(database: Database, now: str = "2017-10-20T09:00") -> str:
    """The region's coordinator publishes; the check sum."""
    with database.transaction() as session:
        plan = session.scalars(select(Plan)).one()
        period, at = service.get_period(session, plan, "bulletin", "2017-09"), parse_instant(now)
        prepared = service.prepare(session, plan, period, now=at)
        actor = person(session, "jjj", Role.COORDINATOR)
        return service.release(session, plan, period, prepared, actor=actor, now=at).sha256


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK"), ("json", b"{")])
def test_a_draft_in_every_form(ready: Run, database: Database, tmp_path: Path, form: str, begins: bytes) -> None:
    out = tmp_path / f"september.{form}"
    result = ready(*SEPTEMBER, "--format", form, "--language", "en", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(begins)
    assert "a draft, not published yet" in result.stderr
    assert result.stdout == ""


def test_what_is_published_comes_before_the_draft_and_is_the_same_every_time(ready: Run, database: Database) -> None:
    sha256 = publish(database)
    first, second = (ready(*SEPTEMBER, "--format", "json") for _ in range(2))
    assert "issue No. 1 (2017)" in first.stderr
    assert first.stdout_bytes == second.stdout_bytes
    assert hashlib.sha256(first.stdout_bytes).hexdigest() == sha256


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--month", "2017-13"), "is no period"),
        (("--month", "2016-09"), ""),
        (("--month", "2017-10"), ""),
        (("--month", "2017-09", "--plan", "nothing"), ""),
        (("--month", "2017-09", "--kind", "upward"), ""),
        (("--month", "2017-09", "--out", "/nowhere/at/all.pdf"), "cannot be written"),
    ],
)
def test_what_cannot_be_built_is_told_in_one_line(
    ready: Run, database: Database, words: tuple[str, ...], told: str
) -> None:
    result = ready("bulletin", "build", *words)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("lantian: ")
    assert told in result.stderr


def test_before_the_due_date_is_over_it_is_refused(ready: Run, database: Database) -> None:
    result = ready(*SEPTEMBER, LANTIAN_CLOCK="2017-10-09T12:00")
    assert (result.exit_code, result.stdout) == (1, "")


# --- verify


@pytest.fixture
def file(ready: Run, database: Database, tmp_path: Path) -> Path:
    """The published issue as a file."""
    publish(database)
    path = tmp_path / "issue.json"
    path.write_bytes(ready(*SEPTEMBER, "--format", "json").stdout_bytes)
    return path


def changed(file: Path, **values: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values, ensure_ascii=False))


def test_the_file_is_what_was_published(ready: Run, file: Path) -> None:
    result = ready("bulletin", "verify", str(file))
    assert (result.exit_code, "ok: " in result.stdout) == (0, True)
    assert "issue: jjj-2017 bulletin 2017-09 1" in result.stdout


def test_the_printed_check_sum_needs_no_database(lantian: Run, file: Path) -> None:
    printed = hashlib.sha256(file.read_bytes()).hexdigest()
    assert lantian("bulletin", "verify", str(file), "--sha256", printed.upper()).exit_code == 0
    assert lantian("bulletin", "verify", str(file), "--sha256", "0" * 64).exit_code == 3


def test_a_changed_file_differs_and_says_where(ready: Run, file: Path) -> None:
    changed(file, remarks={"zh": "添的\x1b[2J", "en": ""})
    result = ready("bulletin", "verify", str(file))
    assert result.exit_code == 3
    assert "remarks.zh" in result.stdout
    assert "\x1b" not in result.stdout


def test_what_nobody_published_is_unknown(ready: Run, file: Path) -> None:
    strange: list[Any] = [None, {}, {"issue": True}, {"issue": 9}, {"issue": 10**30}, [], "x"]
    for issue in strange:
        changed(file, issue=issue)
        assert ready("bulletin", "verify", str(file)).exit_code == 4, issue


def test_what_is_no_bulletin(lantian: Run, tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    for raw in (b"", b"[]", b"{}", b'{"format": "lantian-report-2"}', b"\xff", b"[" * 100_000):
        file.write_bytes(raw)
        result = lantian("bulletin", "verify", str(file))
        assert (result.exit_code, result.stdout) == (1, ""), raw[:40]
