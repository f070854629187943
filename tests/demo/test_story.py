"""What the demo opens on: a believable 20 October 2017, made by the services, with nothing ahead of its time."""

import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seed import demo
from seed.loader import load
from seed.schema import load_pack
from seed.story.cast import DOMAIN
from tasks import runner
from tasks.schedule import BY_NAME, JOBS
from tests.support.demo import environment
from tests.support.smtp import PostOffice, post_office
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import BulletinDraft, BulletinIssue
from webapp.clock import local, local_date, local_instant, parse_instant
from webapp.db import Database, instance
from webapp.demo.catcher import list_mails
from webapp.demo.service import advance
from webapp.evidence.models import EvidenceFile
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, DueDate, MonthlyNode, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.state import relight_some
from webapp.reminders.models import Reminder
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.settings import Settings
from webapp.workdays.calendar import published_calendar

OPENS_AT = parse_instant("2017-10-20T08:25")


def assignment(session: Session, place: str, task: str) -> Assignment:
    query = select(Assignment).join(Task, Task.id == Assignment.task_id).join(Organisation)
    return session.scalars(query.where(Organisation.code == place, Task.code == task)).one()


def test_the_region_published_its_bulletins_and_drafts_the_last(demo_database: Database) -> None:
    """February to August and two quarters are out; September's has remarks; July's was corrected afterwards."""
    with demo_database.reading() as session:
        published = [
            (issue.kind, issue.period, issue.content["issue"]["number"])
            for issue in session.scalars(select(BulletinIssue).order_by(BulletinIssue.published_at, BulletinIssue.id))
        ]
        drafts = set(session.scalars(select(BulletinDraft.period)))
        august = session.scalars(select(BulletinIssue).where(BulletinIssue.period == "2017-08")).one()
        mails = session.scalar(select(func.count()).where(OutboxMail.template == "bulletin_published"))
    assert [each[1:] for each in published if each[0] == "bulletin"] == [
        (f"2017-{month:02}", month - 1) for month in range(2, 9)
    ]
    assert [each[1:] for each in published if each[0] == "upward"] == [("2017-Q1", 1), ("2017-Q2", 2)]
    assert "2017-09" in drafts
    assert [each["code"] for each in august.content["corrections"]] == ["371400"]
    assert mails > 7 * 50


def test_the_story_holds_enough_of_everything(demo_database: Database) -> None:
    with demo_database.reading() as session:
        updates = Counter(session.scalars(select(ProgressUpdate.kind)))
        decisions = Counter(session.scalars(select(ReviewDecision.decision)))
        months = Counter(session.scalars(select(MonthlyReport.month)))
        corrected = session.scalar(
            select(func.count()).where(ProgressUpdate.kind == "progress", ProgressUpdate.reason != "")
        )
        files = session.scalar(select(func.count(EvidenceFile.id)))
        extended = session.scalar(select(func.count()).where(DueDate.revision > 1))
        planned = session.scalar(select(func.count(MonthlyNode.assignment_id.distinct())))
    assert updates["progress"] > 4000
    assert updates["claim"] > 400
    assert all(updates[kind] > 10 for kind in ("no_change", "na_claim"))
    assert decisions["verify"] > 400
    assert all(decisions[each] for each in ("return", "na_accept", "na_refuse"))
    assert len(months) == 8
    assert set(months.values()) == {50}
    assert corrected
    assert 5 <= corrected <= 60
    assert files
    assert files > 20
    assert extended == 6
    assert planned
    assert planned > 20


def test_nothing_is_recorded_before_the_day_it_speaks_of_or_after_the_demo_opens(demo_database: Database) -> None:
    with demo_database.reading() as session:
        rows = session.execute(select(ProgressUpdate.as_of, ProgressUpdate.recorded_at)).all()
        latest = [
            session.scalar(select(func.max(column)))
            for column in (
                ProgressUpdate.recorded_at, ReviewDecision.recorded_at, ReportRevision.submitted_at,
                AuditEvent.recorded_at, OutboxMail.sent_at, DueDate.recorded_at, EvidenceFile.uploaded_at,
            )
        ]  # fmt: skip
    assert all(as_of <= local_date(recorded_at) for as_of, recorded_at in rows)
    assert all(moment and moment <= OPENS_AT for moment in latest)


def test_the_boilers_of_baoding_are_open_and_almost_done(demo_database: Database) -> None:
    with demo_database.reading() as session:
        boilers = assignment(session, "130600", "m04-boilers-all")
    assert boilers.status == "in_progress"
    assert boilers.claimed is not None
    assert 0.85 <= boilers.claimed <= 0.9
    assert boilers.light == "yellow"


def test_the_dashboard_is_mostly_green_with_some_yellow_and_a_few_red(demo_database: Database) -> None:
    with demo_database.reading() as session:
        lights = Counter(session.scalars(select(Assignment.light)))
        caps = select(Assignment.status).join(Task, Task.id == Assignment.task_id).where(Task.kind == "seasonal_cap")
        statuses = set(session.scalars(caps))
    lit = lights["green"] + lights["yellow"] + lights["red"]
    assert lights["green"] / lit > 0.85
    assert 20 <= lights["yellow"] <= 90
    assert 10 <= lights["red"] <= 40
    assert statuses <= {"not_started", "na_claimed", "not_applicable", "returned", "in_progress"}


def test_hebei_has_claims_to_review_and_handan_owes_its_report(demo_database: Database) -> None:
    with demo_database.reading() as session:
        waiting = select(Organisation.code).join(Assignment, Assignment.organisation_id == Organisation.id)
        hebei = session.scalars(
            waiting.where(Assignment.status == "claimed", Organisation.path.startswith("jjj/130000/13"))
        ).all()
        missing = session.scalars(
            select(Organisation.code)
            .join(MonthlyReport, MonthlyReport.organisation_id == Organisation.id)
            .where(MonthlyReport.status == "open", MonthlyReport.month == date(2017, 9, 1))
        ).all()
    assert len(hebei) >= 4
    assert list(missing) == ["130400"]


def test_every_mail_of_the_story_was_really_sent(demo_database: Database, demo_data: Path) -> None:
    with demo_database.reading() as session:
        states = Counter(session.scalars(select(OutboxMail.state)))
    assert set(states) == {"sent"}
    mails = list_mails(Settings(data_dir=demo_data).mailbox_dir, limit=5000)
    assert len(mails) == states["sent"]
    assert all("2017" in mail.date and mail.to.endswith(DOMAIN) for mail in mails)


def test_no_slot_was_missed_and_no_light_is_stale(demo_database: Database) -> None:
    assert runner.due_slots(demo_database, JOBS, now=OPENS_AT) == []
    with demo_database.transaction() as session:
        ids = session.scalars(select(Assignment.id)).all()
        assert relight_some(session, ids, now=OPENS_AT) == 0


def test_the_first_morning_brings_that_mornings_reminders_only(demo_database: Database, demo_data: Path) -> None:
    summary = runner.run_job(
        demo_database, Settings(data_dir=demo_data), "reminders", at=parse_instant("2017-10-20T08:30"), dry_run=True
    )
    addresses = {each["to"] for each in summary["would_send"]}
    assert {f"baoding@{DOMAIN}", f"hebei@{DOMAIN}"} <= addresses
    assert 5 <= summary["digests"] <= 25
    assert summary["items"] <= 60


SCRIPT = """
import hashlib, sys
from pathlib import Path
from seed.story.cast import Cast, members
from seed.story.figures import items
from seed.story.review import course_of
from webapp.db import Database
from webapp.organisations.models import Organisation
from sqlalchemy import select
with Database(f"sqlite:///{sys.argv[1]}").reading() as session:
    rows = session.scalars(select(Organisation)).all()
    codes = {row.id: row.code for row in rows}
    parents = {row.code: codes[row.parent_id] for row in rows if row.parent_id}
    cast = Cast(tuple(members({row.code: row for row in rows})), {}, parents)
    beats = [beat for item in items(session) for beat in course_of(item, cast)]
print(len(beats), hashlib.sha256(repr(beats).encode()).hexdigest())
"""


def test_two_scripts_are_the_same_whatever_the_process(demo_data: Path) -> None:
    """The services add no chance of their own, so that the same script gives the same figures."""
    database = demo_data / "lantian.sqlite3"
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, database], capture_output=True, text=True, check=True,
            env=environment(demo_data, PYTHONHASHSEED=seed),
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
    assert int(printed.pop().split()[0]) > 5000


def test_a_creation_that_was_broken_off_is_begun_anew(
    sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, said = Settings(data_dir=tmp_path), list[str]()
    with sqlite_db.transaction() as session:
        load(session, load_pack(demo.PACK), now=demo.BEGINS_AT)
    assert demo.was_broken_off(sqlite_db)
    monkeypatch.setattr(demo, "play", lambda *_, **__: None)
    demo.create(sqlite_db, settings, say=said.append)
    assert "beginning again" in said[0]
    with sqlite_db.reading() as session:
        found = instance(session)
        assert found is not None
        assert (found.mode, found.clock_moved_to) == ("demo", OPENS_AT)
        assert session.scalar(select(func.count(Assignment.id))) == 2394


# --- on to the end of October


def move_to_the_31st(database: Database, settings: Settings) -> None:
    """Every working morning until 31 October, as the running demo would live it."""
    jobs = [BY_NAME[name] for name in ("relight", "open_reports", "reminders", "deliver")]
    while local(database.clock().now()).date() < local_date(parse_instant("2017-10-31T12:00")):
        with database.transaction() as session:
            advance(session)
        runner.tick(database, settings, jobs, owner="test")
        runner.tick(database, settings, jobs, owner="test")


def settings_of(folder: Path, office: PostOffice) -> Settings:
    return Settings(data_dir=folder, smtp_host="127.0.0.1", smtp_port=office.port)


def test_each_rung_up_to_31_october_arrives_once(demo_database: Database, demo_data: Path) -> None:
    with post_office() as office:
        move_to_the_31st(demo_database, settings_of(demo_data, office))
    with demo_database.reading() as session:
        boilers = assignment(session, "130600", "m04-boilers-all")
        rungs = session.scalars(
            select(Reminder.rung)
            .where(Reminder.subject_kind == "assignment", Reminder.subject_id == boilers.id)
            .where(Reminder.audience == "officer")
            .where(Reminder.recorded_at > OPENS_AT)
            .order_by(Reminder.recorded_at)
        ).all()
        digests = session.execute(
            select(OutboxMail.person_id, OutboxMail.created_at, OutboxMail.state, OutboxMail.message_id).where(
                OutboxMail.template == "digest", OutboxMail.created_at > OPENS_AT
            )
        ).all()
    assert rungs == ["before-7", "before-3", "before-1", "before-0"]
    per_day = Counter((row.person_id, local_date(row.created_at)) for row in digests)
    assert set(per_day.values()) == {1}
    assert {row.state for row in digests} == {"sent"}
    assert sorted(office.message_ids) == sorted(row.message_id for row in digests)
    calendar = published_calendar()
    assert all(calendar.is_workday(day) for _, day in per_day)
    assert local_instant(local_date(OPENS_AT)) < min(row.created_at for row in digests)
