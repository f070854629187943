"""The jobs of the table on a small plan: each runs by hand, and a rehearsal keeps nothing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from tasks import runner
from tasks.deliver import RENDERERS
from tasks.schedule import BY_NAME
from tests.jobs.conftest import SETTINGS
from tests.support import small_plan
from webapp.clock import parse_instant
from webapp.db import Base, Database
from webapp.plans.models import Plan, Reporter, Task
from webapp.progress.emails import TEMPLATE_NAMES
from webapp.reports.models import MonthlyReport

NOW = parse_instant("2017-10-20T08:30")
RULES = {
    "reminders": small_plan.LADDER,
    "reporting": {"day": 8, "shift": "next_working_day", "internal": {"working_days_before": 3}},
    "thresholds": {"red_below": 0.7, "yellow_days": 7, "yellow_under": 0.9, "silent_months": 2},
}


@pytest.fixture
def world(db: Database) -> small_plan.World:
    """A plan in which one city files reports and has something due in a week."""
    made = small_plan.build(db)
    with db.transaction() as session:
        session.get_one(Plan, made.plan).rules = RULES
        session.add(
            Reporter(
                plan_id=made.plan, organisation_id=made.places["baoding"], first_month=date(2017, 2, 1), last_month=None
            )
        )
        small_plan.add_assignment(session, made, "baoding", date(2017, 10, 27))
    return made


def run(db: Database, name: str, *, dry_run: bool = False) -> dict[str, Any]:
    return runner.run_job(db, SETTINGS, name, at=NOW, dry_run=dry_run)


def rows(db: Database) -> dict[str, int]:
    """How many rows every table holds."""
    with db.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rehearsal_keeps_nothing(db: Database, world: small_plan.World, name: str) -> None:
    before = rows(db)
    assert isinstance(run(db, name, dry_run=True), dict)
    assert rows(db) == before


def test_reports_of_the_slots_month_and_the_one_before_are_opened_once(db: Database, world: small_plan.World) -> None:
    assert run(db, "open_reports") == {"months": ["2017-08", "2017-09"], "opened": 2}
    assert run(db, "open_reports")["opened"] == 0
    with db.reading() as session:
        assert set(session.scalars(select(MonthlyReport.month))) == {date(2017, 8, 1), date(2017, 9, 1)}


def test_a_dry_run_of_reminders_says_who_would_be_sent_what(db: Database, world: small_plan.World) -> None:
    summary = run(db, "reminders", dry_run=True)
    assert (summary["digests"], summary["items"]) == (1, 1)
    (mail,) = summary["would_send"]
    assert mail["to"] == "baoding@example.test"
    assert mail["not_before"] == "2017-10-20T08:30:00+08:00"
    (item,) = mail["items"]
    with db.reading() as session:
        title = session.scalars(select(Task.title_zh)).first()
    assert title
    assert title in mail["subject"]
    assert item["line"].split(" · ")[1:3] == [title, "baoding市"]
    assert run(db, "reminders") == {"digests": 1, "at_once": 0, "items": 1}
    assert run(db, "deliver", dry_run=True) == {"would_send": ["baoding@example.test: reminders 2017-10-20: 1"]}


def test_what_fell_due_between_set_up_and_the_first_scheduler_is_run(db: Database, world: small_plan.World) -> None:
    with db.transaction() as session:
        runner.count_from(session, now=parse_instant("2017-10-20T08:25"))
    due = runner.due_slots(db, [BY_NAME["reminders"]], now=parse_instant("2017-10-20T11:15"))
    assert [each.slot for each in due] == [parse_instant("2017-10-20T11:00")]


def test_jobs_list_has_a_line_a_job(db: Database) -> None:
    runner.tick(db, SETTINGS, [], owner="one")
    runner.tick(db, SETTINGS, [BY_NAME["sweep"]], owner="one")
    (line,) = runner.jobs_list(db)
    assert line.split("\t")[:5] == ["sweep", "30 3 * * *", "latest", "-", "-"]


def test_every_template_has_its_words() -> None:
    assert {"digest", *TEMPLATE_NAMES.values()} <= set(RENDERERS)
