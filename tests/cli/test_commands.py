"""Commands as a person or another program meets them: data on standard output, one line for each mistake."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import Run
from webapp.db import downgrade, newest_migration

DELTA = Path(__file__).parent.parent / "packs" / "delta-2019"
COLUMNS = [
    "plan", "clause", "sentences", "task", "org", "org_name", "nominal_due", "due", "season", "comparator",
    "target_min", "target_max", "unit", "status", "light",
]  # fmt: skip


def refused(result: Result, *words: str) -> None:
    """A mistake: status 1, nothing on standard output, no traceback, every word in the message."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


# --- plan


def test_plan_check_of_the_shipped_pack(lantian: Run) -> None:
    result = lantian("plan", "check")
    assert result.exit_code == 0
    assert result.stdout.startswith("jjj-2017: 135 sentences, 161 tasks")


def test_plan_check_of_another_pack(lantian: Run) -> None:
    result = lantian("plan", "check", str(DELTA))
    assert result.exit_code == 0
    assert result.stdout.startswith("delta-2019: ")


def test_plan_check_of_a_broken_pack_names_file_and_line(lantian: Run, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(DELTA, pack)
    tasks = pack / "tasks" / "all.yaml"
    text = tasks.read_text(encoding="utf-8").replace("kind: milestone", "kind: milestones", 1)
    tasks.write_text(text, encoding="utf-8")
    line = text.splitlines().index("  kind: milestones") + 1
    refused(lantian("plan", "check", str(pack)), f"all.yaml:{line}: ", "kind: ")


def test_plan_check_finds_a_sentence_without_an_owner(lantian: Run, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(DELTA, pack)
    tasks = pack / "tasks" / "all.yaml"
    text = tasks.read_text(encoding="utf-8").replace("sentences: [part-b.2]", "sentences: [part-b.1]", 1)
    tasks.write_text(text, encoding="utf-8")
    result = lantian("plan", "check", str(pack))
    assert result.exit_code == 1
    assert "part-b.2" in result.stdout + result.stderr


def test_a_second_plan_is_loaded_beside_the_first(ready: Run) -> None:
    assert "rows added" in ready("plan", "load", str(DELTA)).stdout
    assert "nothing changed" in ready("plan", "load", str(DELTA)).stdout
    rows = csv.DictReader(io.StringIO(ready("export", "assignments", "--plan", "delta-2019").stdout))
    assert {row["plan"] for row in rows} == {"delta-2019"}


# --- calendar


@pytest.mark.parametrize(("month", "due"), [("2017-09", "2017-10-09"), ("2018-03", "2018-04-08")])
def test_calendar_due_date(ready: Run, month: str, due: str) -> None:
    """October 2017: past the holidays. April 2018: a Sunday that is a make-up working day stays."""
    first, second = ready("calendar", "due-date", "--month", month).stdout.splitlines()
    assert first == due
    assert len(second) > 10


def test_calendar_refuses_what_is_no_month(ready: Run) -> None:
    refused(ready("calendar", "due-date", "--month", "2018-13"), "2018-13")


# --- export


def test_export_as_csv(ready: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(ready("export", "assignments").stdout)))
    assert len(rows) == 2394
    assert list(rows[0])[: len(COLUMNS)] == COLUMNS
    boilers = [row for row in rows if row["task"] == "m04-boilers-all"]
    assert len(boilers) == 7
    assert {(row["due"], row["clause"], row["target_min"]) for row in boilers} == {("2017-10-31", "measure-4", "1")}
    assert {row["due"] for row in rows if row["season"] == "heating"} == {"2018-03-15"}


def test_export_as_json(ready: Run) -> None:
    rows = json.loads(ready("export", "assignments", "--format", "json").stdout)
    assert len(rows) == 2394
    assert set(COLUMNS) <= set(rows[0])


# --- people, jobs


def test_user_create(ready: Run) -> None:
    words = ("user", "create", "--email", "Zhao@Example.cn", "--name", "赵文博", "--org", "130600", "--role", "officer")
    result = ready(*words, "--password", "correct horse battery")
    assert result.exit_code == 0, result.output
    assert result.stdout == "zhao@example.cn: officer at Baoding City\n"
    refused(ready(*words, "--password", "correct horse battery"), "email")
    refused(ready(*words, "--password", "1234567890"), "password")
    refused(ready(*words[:6], "--org", "999999", *words[-2:], "--password", "correct horse battery"), "999999")


def test_user_create_a_deputy(ready: Run) -> None:
    words = ("user", "create", "--email", "geng@example.cn", "--name", "耿亚楠", "--org", "130600", "--deputy")
    secret = ("--password", "correct horse battery")
    refused(ready(*words, "--role", "reader", *secret), "deputy")
    assert ready(*words, "--role", "officer", *secret).stdout == "geng@example.cn: deputy officer at Baoding City\n"


def test_jobs_list_and_a_dry_run(ready: Run) -> None:
    names = [line.split("\t")[0] for line in ready("jobs", "list").stdout.splitlines()]
    assert {"relight", "open_reports", "rollup", "reminders", "deliver"} <= set(names)
    words = ("jobs", "run", "open_reports", "--at", "2017-11-01T00:30")
    dry = json.loads(ready(*words, "--dry-run").stdout)
    assert dry == {"months": ["2017-09", "2017-10"], "opened": 100}
    assert json.loads(ready(*words).stdout) == dry
    assert json.loads(ready(*words).stdout)["opened"] == 0
    refused(ready("jobs", "run", "dream"), "dream")
    words = ("scheduler", "--only", "deliver", "--only", "dream")
    refused(ready(*words, LANTIAN_SECRET_KEY="k" * 32), "dream")


# --- settings


def test_all_unusable_settings_are_told_at_once(lantian: Run) -> None:
    result = lantian("serve", LANTIAN_PORT="many", LANTIAN_SMTP_SECURITY="perhaps", LANTIAN_COLOUR="blue")
    refused(result, "LANTIAN_PORT", "LANTIAN_SMTP_SECURITY", "LANTIAN_COLOUR")


def test_production_wants_a_secret_key(ready: Run) -> None:
    for command in ("serve", "scheduler"):
        refused(ready(command), "LANTIAN_SECRET_KEY")


def test_nothing_is_served_before_init(lantian: Run) -> None:
    for words in (("serve",), ("scheduler",), ("demo", "run"), ("jobs", "list"), ("export", "assignments")):
        refused(lantian(*words), "init")


def test_a_production_database_is_no_demo(ready: Run) -> None:
    refused(ready("demo", "run"), "no demo")
    refused(ready("demo", "advance"))
    refused(ready("init", "--demo"), "production")


def test_a_second_init_changes_nothing(ready: Run) -> None:
    assert "nothing changed" in ready("init").stderr


def test_a_database_of_an_earlier_release_is_named_and_migrated(ready: Run, tmp_path: Path) -> None:
    newest = newest_migration()
    downgrade(f"sqlite:///{tmp_path / 'data' / 'lantian.sqlite3'}", "-1")
    refused(ready("jobs", "list"), "another release")
    assert f"to {newest}" in ready("init").stderr
    assert ready("jobs", "list").exit_code == 0


def test_user_set_duties(ready: Run) -> None:
    words = ("user", "create", "--email", "geng@example.cn", "--name", "耿亚楠", "--org", "130600", "--role", "officer")
    assert ready(*words, "--password", "correct horse battery").exit_code == 0
    result = ready("user", "set-duties", "--email", "geng@example.cn", "--org", "130600", "--no-sign")
    assert result.exit_code == 0, result.output
    assert "geng@example.cn at 130600 may: fill, check" in result.output
    assert "nobody at 130600 may now sign" in result.output
    again = ready("user", "set-duties", "--email", "geng@example.cn", "--org", "130600", "--sign", "--no-check")
    assert "may: fill, sign" in again.output
    missing = ready("user", "set-duties", "--email", "nobody@example.cn", "--org", "130600", "--sign")
    assert missing.exit_code == 1
