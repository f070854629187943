"""What watchdogs are told, and the alarm on the pages: silence, jobs that fail, a database that is away."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from tasks import runner
from tasks.schedule import BY_NAME, JOBS
from tests.support import small_plan
from tests.support.people import NOW
from tests.support.site import Site, opened, site, site_settings
from webapp.app import create_app
from webapp.clock import StoppedClock
from webapp.db import Database, Instance, move_clock
from webapp.jobs import service
from webapp.mail.service import enqueue
from webapp.settings import Settings

MINUTE = timedelta(minutes=1)
TOKEN = "t" * 20


@pytest.fixture
def world(db: Database, tmp_path: Path) -> Iterator[Site]:
    """An installation at NOW whose scheduler has just shown itself."""
    with site(db, tmp_path, now=NOW) as made:
        seen(db)
        yield made


def seen(db: Database, ago: timedelta = timedelta(), jobs: tuple[str, ...] = ()) -> None:
    """A scheduler of some jobs (all, unless told otherwise) showed itself so long before the present."""
    with db.transaction() as session:
        facts = [job.facts for job in runner.chosen(jobs)]
        service.write_schedule(session, facts, now=db.clock().now() - ago)


def let_pass(db: Database, time: timedelta) -> None:
    """Product time goes by, without anybody moving it."""
    with db.transaction() as session:
        session.get_one(Instance, 1).clock_offset_seconds += int(time.total_seconds())


def fail(db: Database, name: str, times: int = 1) -> None:
    """Slots of a job, one a minute, each of which failed once."""
    for minute in range(times):
        with db.transaction() as session:
            now = db.clock().now() + minute * MINUTE
            held = service.claim(session, name, now, owner="x", lease=MINUTE, now=now)
            assert held
            service.mark_failed(session, held, error="RuntimeError: no")


def succeed(db: Database, name: str, later: timedelta) -> None:
    """A later slot of a job that was done."""
    with db.transaction() as session:
        now = db.clock().now() + later
        held = service.claim(session, name, now, owner="x", lease=MINUTE, now=now)
        assert held
        service.mark_done(session, held, summary={service.TOOK: 1.5}, now=now)


def health(made: Site) -> tuple[int, dict[str, Any]]:
    answer = made.client().get("/health")
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_json()
    assert isinstance(told, dict)
    return answer.status_code, told


# --- /health


def test_all_is_well(world: Site) -> None:
    status, told = health(world)
    assert (status, told["status"], told["problems"]) == (200, "ok", [])
    assert (told["database"], told["migrations"]) == ("reachable", "current")
    assert told["scheduler"]["silent"] is False
    assert told["scheduler"]["seen_seconds_ago"] < 60
    assert (told["mail"], told["jobs"]) == ({"oldest_due_seconds": 0}, {"failing": 0})


def test_silence_is_told_with_its_beginning(db: Database, world: Site) -> None:
    let_pass(db, 4 * MINUTE)
    status, told = health(world)
    assert (status, told["status"]) == (503, "trouble")
    assert told["problems"] == ["scheduler silent since 2017-10-20T08:25+08:00"]
    assert told["scheduler"]["seen_seconds_ago"] >= 240
    seen(db)
    assert health(world)[0] == 200


def test_three_minutes_are_no_silence_yet(db: Database, world: Site) -> None:
    let_pass(db, 3 * MINUTE - timedelta(seconds=30))
    assert health(world)[0] == 200


def test_a_scheduler_that_never_ran(db: Database, tmp_path: Path) -> None:
    with site(db, tmp_path) as made:
        assert health(made)[1]["problems"] == ["no scheduler was ever seen"]


def test_moving_the_day_on_raises_no_alarm_at_once_but_does_if_nobody_wakes(db: Database, world: Site) -> None:
    with db.transaction() as session:
        move_clock(session, db.clock().now() + timedelta(days=7))
    assert health(world)[0] == 200
    let_pass(db, 4 * MINUTE)
    assert health(world)[1]["problems"] == ["scheduler silent since 2017-10-20T08:25+08:00"]


def test_a_scheduler_of_some_jobs_does_not_stand_in_for_the_others(db: Database, world: Site) -> None:
    let_pass(db, 4 * MINUTE)
    seen(db, jobs=("deliver",))
    status, told = health(world)
    assert (status, told["problems"]) == (503, ["some jobs are run by no scheduler"])
    assert told["scheduler"]["silent"] is False


def test_a_job_that_fails_three_times_in_a_row_is_told_until_it_works(db: Database, world: Site) -> None:
    fail(db, "deliver", times=2)
    fail(db, "rollup")
    assert health(world)[0] == 200
    with db.transaction() as session:
        held = service.claim(
            session, "deliver", db.clock().now() + 5 * MINUTE, owner="x", lease=MINUTE, now=db.clock().now()
        )
        assert held
        service.mark_failed(session, held, error="RuntimeError: no")
    assert health(world)[1]["problems"] == ["jobs that keep failing: 1"]
    succeed(db, "deliver", 9 * MINUTE)
    assert health(world)[0] == 200


def test_a_slot_tried_three_times_in_vain_is_told(db: Database, world: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RETRY_DELAY", timedelta())
    fail(db, "sweep")
    broken = replace(BY_NAME["sweep"], run=_raise)
    for _ in range(2):
        assert health(world)[0] == 200
        runner.tick(db, Settings(), [broken], owner="one", clock=StoppedClock(db.clock().now()))
    assert health(world)[1]["jobs"] == {"failing": 1}


def _raise(*_args: object, **_kwargs: object) -> dict[str, Any]:
    raise RuntimeError("no")


def test_the_oldest_due_mail(db: Database, world: Site) -> None:
    with db.transaction() as session:
        enqueue(
            session, key="k", template="digest", person=(1, "li@example.cn", "zh"), payload={}, cause="c",
            now=db.clock().now() - 9 * MINUTE,
        )  # fmt: skip
    status, told = health(world)
    assert status == 200
    assert 540 <= told["mail"]["oldest_due_seconds"] < 600


def test_a_database_that_is_away(tmp_path: Path) -> None:
    app = create_app(site_settings(tmp_path), Database(f"postgresql://nobody@/none?host={tmp_path}"))
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.get_json()["problems"]) == (503, ["database away"])
    alive = app.test_client().get("/health/live")
    assert (alive.status_code, alive.get_json()) == (200, {"status": "ok"})


def test_a_database_behind_the_code(db: Database, world: Site) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    status, told = health(world)
    assert (status, told["migrations"]) == (503, "behind")


def test_health_costs_two_statements(db: Database, world: Site) -> None:
    assert len(statements(db, lambda: world.client().get("/health"))) == 2


def statements(db: Database, act: Callable[[], object]) -> list[str]:
    """What an act asks the database, transactions' own words left out."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            counted.append(statement)

    event.listen(db.reading_engine, "before_cursor_execute", count)
    try:
        act()
    finally:
        event.remove(db.reading_engine, "before_cursor_execute", count)
    return counted


# --- /metrics


def with_token(made: Site) -> Site:
    return opened(made.database, replace(made.settings, metrics_token=TOKEN), made.people)


def figures(made: Site, **wanted: str) -> dict[str, float]:
    """The figures by name, of those samples that bear the labels wanted."""
    answer = with_token(made).client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if wanted.items() <= sample.labels.items() and (wanted or not sample.labels)
    }


def test_metrics_are_for_who_has_the_token_and_for_administrators(world: Site) -> None:
    for name in ("officer", "coordinator", "reader"):
        assert world.client(getattr(world.people, name)).get("/metrics").status_code == 404
    assert world.client(world.people.admin).get("/metrics").status_code == 200
    guarded = with_token(world)
    for given in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer é", f"bearer {TOKEN}"):
        assert guarded.client().get("/metrics", headers={"Authorization": given}).status_code == 404, given
        assert world.client().get("/metrics", headers={"Authorization": given}).status_code == 404, given


def test_metrics_of_a_quiet_installation(world: Site) -> None:
    found = figures(world)
    assert found["lantian_reminders_owed"] == found["lantian_reminders_recorded_total"] == 0
    assert found["lantian_scheduler_age_seconds"] < 60
    assert found["lantian_mail_oldest_due_seconds"] == found["lantian_address_flags"] == 0
    assert found["lantian_clock_offset_seconds"] < 0
    assert figures(world, state="parked", channel="mail") == {"lantian_mails": 0}
    assert figures(world, kind="silent") == {"lantian_alarm": 0}


def test_metrics_of_jobs(db: Database, world: Site) -> None:
    fail(db, "deliver", times=3)
    succeed(db, "rollup", MINUTE)
    deliver, rollup = figures(world, job="deliver"), figures(world, job="rollup")
    assert deliver["lantian_job_failures_in_a_row"] == 3
    assert "lantian_job_last_success_timestamp_seconds" not in deliver
    assert rollup["lantian_job_last_duration_seconds"] == 1.5
    assert abs(rollup["lantian_job_last_success_timestamp_seconds"] - (NOW + MINUTE).timestamp()) < 60
    assert figures(world, job="deliver", state="failed") == {"lantian_job_slots": 3}
    assert figures(world, kind="failing") == {"lantian_alarm": 1}


def test_metrics_count_what_is_owed_and_what_was_recorded(db: Database, tmp_path: Path) -> None:
    made = small_plan.build(db, now="2017-10-20T08:31")
    with db.transaction() as session:
        for place in ("baoding", "jinan"):
            small_plan.add_assignment(session, made, place, date(2017, 10, 27))
    app = create_app(replace(site_settings(tmp_path), metrics_token=TOKEN), db)

    def read() -> dict[str, float]:
        text = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        found = text_string_to_metric_families(text)
        return {sample.name: sample.value for family in found for sample in family.samples if not sample.labels}

    assert read()["lantian_reminders_owed"] == 2
    runner.run_job(db, Settings(), "reminders")
    found = read()
    assert found["lantian_reminders_owed"] == 0
    assert found["lantian_reminders_recorded_total"] == found["lantian_reminders_recorded_last_day"] == 2


# --- the alarm on the pages


def banner(made: Site, name: str) -> str:
    """The words of the alarm on somebody's page, without markup; empty when there is none."""
    page = made.client(getattr(made.people, name)).get("/account").text
    return "".join(
        words for words in ("没有响应", "可能晚到", "连续失败", "后台任务出现故障", "部分定时任务") if words in page
    )


def test_silence_is_shown_to_those_who_can_mend_it_or_must_know(db: Database, world: Site) -> None:
    everybody = ("admin", "coordinator", "officer", "reader")
    assert [banner(world, name) for name in everybody] == ["", "", "", ""]
    let_pass(db, 4 * MINUTE)
    assert [banner(world, name) for name in everybody] == ["没有响应", "可能晚到", "", ""]
    assert "/jobs" in world.client(world.people.admin).get("/account").text
    seen(db, jobs=("deliver",))
    assert [banner(world, name) for name in everybody] == ["部分定时任务", "可能晚到", "", ""]
    jobs = world.client(world.people.admin).get("/jobs").text
    assert jobs.count("没有调度程序</span>") == len(JOBS) - 1


def test_failures_are_shown(db: Database, world: Site) -> None:
    fail(db, "deliver", times=3)
    assert banner(world, "admin") == "连续失败"
    assert banner(world, "coordinator") == "可能晚到后台任务出现故障"
    assert "连续失败3次" in world.client(world.people.admin).get("/jobs").text


def test_only_those_who_are_told_pay_for_the_question(db: Database, world: Site) -> None:
    def asked(name: str) -> int:
        browser = world.client(getattr(world.people, name))
        browser.get("/account")
        found = statements(db, lambda: browser.get("/account"))
        return sum("job_schedule" in each for each in found)

    assert {name: asked(name) for name in ("admin", "coordinator", "officer", "reader")} == {
        "admin": 1, "coordinator": 1, "officer": 0, "reader": 0,
    }  # fmt: skip
