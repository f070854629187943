"""One tick: the slots product time has passed, each once, whoever ticks and whatever fails."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tasks import runner
from tasks.schedule import JOBS, Job
from tests.jobs.conftest import SETTINGS, Diary
from webapp.clock import StoppedClock, parse_instant, real_now
from webapp.db import Database
from webapp.jobs import pulse, queries, service
from webapp.jobs.models import JobSchedule, JobSlot
from webapp.jobs.rules import Alarm

START = parse_instant("2017-10-20T08:00")
HOURLY, DAILY = "0 * * * *", "30 8 * * *"


def at(text: str) -> datetime:
    return parse_instant(text)


def tick(db: Database, jobs: Sequence[Job], now: datetime, owner: str = "one") -> int:
    return runner.tick(db, SETTINGS, jobs, owner=owner, clock=StoppedClock(now))


def rows(db: Database) -> list[JobSlot]:
    with db.reading() as session:
        return list(session.scalars(select(JobSlot).order_by(JobSlot.slot, JobSlot.id)))


def let_leases_end(db: Database) -> None:
    with db.transaction() as session:
        session.execute(update(JobSlot).values(lease_until=real_now() - timedelta(seconds=1)))


def test_slots_count_from_the_first_time_a_job_is_seen(db: Database, diary: Diary) -> None:
    jobs = [diary.job("hourly", HOURLY)]
    assert tick(db, jobs, START) == 0
    assert tick(db, jobs, START + timedelta(hours=2)) == 2
    assert diary.entries == [("hourly", START + timedelta(hours=1)), ("hourly", START + timedelta(hours=2))]
    assert tick(db, jobs, START + timedelta(hours=2)) == 0


def test_oldest_first_across_jobs_then_in_table_order(db: Database, diary: Diary) -> None:
    jobs = [diary.job("late", "0 10 * * *"), diary.job("daily", DAILY), diary.job("with_daily", DAILY)]
    tick(db, jobs, START)
    tick(db, jobs, at("2017-10-20T11:00"))
    assert [name for name, _ in diary.entries] == ["daily", "with_daily", "late"]


def test_after_four_days_away_latest_runs_once_and_every_runs_all(db: Database, diary: Diary) -> None:
    jobs = [diary.job("every", DAILY), diary.job("latest", DAILY, "latest")]
    tick(db, jobs, START)
    tick(db, jobs, START + timedelta(days=4))
    assert Counter(name for name, _ in diary.entries) == {"every": 4, "latest": 1}
    assert ("latest", at("2017-10-23T08:30")) in diary.entries


def test_the_schedule_is_kept_as_the_table_has_it(db: Database, diary: Diary) -> None:
    tick(db, [diary.job("hourly", HOURLY)], START)
    tick(db, [diary.job("hourly", DAILY, "latest")], START + timedelta(minutes=5))
    with db.reading() as session:
        row = session.get_one(JobSchedule, "hourly")
    assert (row.cron, row.catch_up, row.counted_from) == (DAILY, "latest", START)
    assert row.seen_at == START + timedelta(minutes=5)


def test_a_failure_is_recorded_and_stops_nobody(db: Database, diary: Diary) -> None:
    diary.fails["broken"] = 1
    jobs = [diary.job("broken", HOURLY), diary.job("sound", HOURLY)]
    tick(db, jobs, START)
    tick(db, jobs, START + timedelta(hours=1))
    broken, sound = rows(db)
    assert (broken.state, broken.error, broken.attempts) == ("failed", "RuntimeError: broken cannot", 1)
    assert (sound.state, sound.summary["ran"]) == ("done", 1)
    assert 0 <= sound.summary[service.TOOK] < 60


def test_a_failed_slot_is_tried_three_times_with_a_delay(db: Database, diary: Diary) -> None:
    diary.fails["broken"] = 9
    jobs = [diary.job("broken", HOURLY)]
    tick(db, jobs, START)
    now = START + timedelta(hours=1)
    assert [tick(db, jobs, now), tick(db, jobs, now)] == [1, 0]
    for _ in range(4):
        let_leases_end(db)
        tick(db, jobs, now)
    assert (rows(db)[0].state, rows(db)[0].attempts) == ("failed", service.MAX_FAILURES)


def test_a_failed_slot_that_works_later_is_done(db: Database, diary: Diary) -> None:
    diary.fails["broken"] = 1
    jobs = [diary.job("broken", HOURLY)]
    tick(db, jobs, START)
    tick(db, jobs, START + timedelta(hours=1))
    let_leases_end(db)
    tick(db, jobs, START + timedelta(hours=1))
    row = rows(db)[0]
    assert (row.state, row.attempts, row.error) == ("done", 2, "")


def test_a_dead_owner_is_replaced_only_after_its_lease(db: Database, diary: Diary) -> None:
    jobs = [diary.job("hourly", HOURLY)]
    tick(db, jobs, START)
    slot = START + timedelta(hours=1)
    with db.transaction() as session:
        service.claim(session, "hourly", slot, owner="dead", lease=timedelta(minutes=1), now=slot)
    assert tick(db, jobs, slot) == 0
    let_leases_end(db)
    assert tick(db, jobs, slot, owner="heir") == 1
    assert (rows(db)[0].owner, rows(db)[0].state, rows(db)[0].attempts) == ("heir", "done", 2)


def test_moving_the_day_on_does_not_end_a_lease(db: Database, diary: Diary) -> None:
    jobs = [diary.job("daily", DAILY)]
    tick(db, jobs, START)
    slot = at("2017-10-20T08:30")
    with db.transaction() as session:
        service.claim(session, "daily", slot, owner="busy", lease=timedelta(minutes=1), now=slot)
    tick(db, jobs, START + timedelta(days=7))
    assert ("daily", slot) not in diary.entries
    assert len(diary.entries) == 6


def test_who_lost_a_slot_cannot_finish_it(db: Database) -> None:
    lease = timedelta(minutes=1)
    with db.transaction() as session:
        first = service.claim(session, "job", START, owner="one", lease=lease, now=START)
    let_leases_end(db)
    assert first
    with db.transaction() as session:
        second = service.take_over(session, first.id, owner="one", lease=lease, now=START)
        assert second
        assert service.take_over(session, first.id, owner="two", lease=lease, now=START) is None
        assert not service.mark_done(session, first, summary={}, now=START)
        assert not service.mark_failed(session, first, error="late")
        assert service.mark_done(session, second, summary={}, now=START)


def test_several_runners_run_each_slot_once(db: Database, diary: Diary) -> None:
    jobs = [diary.job("a", "*/5 * * * *"), diary.job("b", HOURLY), diary.job("c", "*/10 * * * *", "latest")]
    tick(db, jobs, START)
    now = START + timedelta(hours=2)
    start = threading.Barrier(3)

    def run(owner: str) -> None:
        start.wait()
        tick(db, jobs, now, owner)

    threads = [threading.Thread(target=run, args=(f"runner-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(diary.entries).most_common(1)[0][1] == 1
    assert Counter(name for name, _ in diary.entries) == {"a": 24, "b": 2, "c": 1}
    assert {row.state for row in rows(db)} == {"done"}


def test_stop_ends_a_tick_between_two_slots(db: Database, diary: Diary) -> None:
    stop = threading.Event()
    jobs = [diary.job("hourly", HOURLY)]
    tick(db, jobs, START)
    stop.set()
    clock = StoppedClock(START + timedelta(hours=3))
    assert runner.tick(db, SETTINGS, jobs, owner="one", clock=clock, stop=stop) == 0


def test_the_page_shows_last_and_next_slot_and_what_is_waiting(db: Database, diary: Diary) -> None:
    jobs = [diary.job("hourly", HOURLY)]
    tick(db, jobs, START)
    tick(db, jobs, START + timedelta(hours=1))
    with db.reading() as session:
        (view,) = queries.job_views(session, now=START + timedelta(hours=2, minutes=10))
        alarm = pulse.pulse(session).alarm(START + timedelta(hours=2))
    assert view.last
    assert (view.last.slot, view.last.state) == (START + timedelta(hours=1), "done")
    assert (view.next_slot, view.lag) == (START + timedelta(hours=3), timedelta(minutes=10))
    assert alarm is Alarm.SILENT


def test_a_scheduler_of_some_jobs_runs_them_in_the_order_of_the_table() -> None:
    assert [job.name for job in runner.chosen(("deliver", "reminders"))] == ["reminders", "deliver"]
    assert runner.chosen(()) == JOBS
    with pytest.raises(KeyError):
        runner.chosen(("deliver", "dream"))


def test_a_job_that_left_the_table_is_waited_for_no_longer(db: Database) -> None:
    with db.transaction() as session:
        service.write_schedule(session, [service.JobFacts("old", HOURLY, "every", "-", "-")], now=START)
    runner.tick(db, SETTINGS, JOBS, owner="one", clock=StoppedClock(START + timedelta(hours=1)))
    with db.reading() as session:
        assert set(session.scalars(select(JobSchedule.name))) == {job.name for job in JOBS}
        assert pulse.pulse(session).alarm(START + timedelta(hours=1)) is None


def test_a_long_catching_up_keeps_showing_itself(db: Database, diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "HEARTBEAT", timedelta(seconds=-1))
    shown: list[datetime] = []
    keep = service.write_schedule
    monkeypatch.setattr(service, "write_schedule", lambda *args, now: (shown.append(now), keep(*args, now=now)))
    jobs = [diary.job("hourly", HOURLY)]
    tick(db, jobs, START)
    shown.clear()
    tick(db, jobs, START + timedelta(hours=2))
    assert len(shown) == 3


def test_the_sweep_keeps_the_newest_slot_of_each_job(db: Database, diary: Diary) -> None:
    jobs = [diary.job("hourly", HOURLY), diary.job("once", DAILY)]
    tick(db, jobs, START)
    tick(db, jobs, START + timedelta(hours=5))
    with db.transaction() as session:
        assert service.forget_old(session, before=START + timedelta(days=9)) == 4
    assert [(row.job, row.slot) for row in rows(db)] == [
        ("once", at("2017-10-20T08:30")), ("hourly", START + timedelta(hours=5)),
    ]  # fmt: skip
    assert tick(db, jobs, START + timedelta(hours=5)) == 0


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_of_the_table_comes_round(job: Job) -> None:
    first = next(iter(runner.missed(job.cron, job.catch_up, START, START + timedelta(days=32))))
    assert first > START
    assert job.lease >= timedelta(minutes=1)
