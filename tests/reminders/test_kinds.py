"""Every kind of subject from the database's rows: what its date is counted from, whom it tells, and when it ends."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import func, select, update

from tests.support.reminding import add, assign, decision, record, told
from tests.support.small_plan import World, add_report
from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.desk.views import filter_of
from webapp.i18n import use_locale
from webapp.permissions import Actor, Grant, Role
from webapp.plans.lists import assignments
from webapp.plans.models import Assignment, Plan, Task
from webapp.progress.models import ProgressUpdate
from webapp.reminders.emails import render_digest
from webapp.reminders.linewords import line_words, path
from webapp.reminders.models import Reminder
from webapp.reminders.unpublished import unpublished_year
from webapp.reports.models import ReportDecision, ReportRevision
from webapp.workdays.calendar import Calendar

FAR = date(2018, 3, 31)


def test_a_claim_waits_for_its_reviewer_within_three_working_days(db: Database, world: World) -> None:
    """Claimed on a Tuesday: due on Friday, and the region hears of it three working days after."""
    assign(db, world, "baoding", FAR, status="claimed", claimed_at=parse_instant("2017-10-17T10:00"))
    assert told(db, "2017-10-17T17:00") == {}
    assert told(db, "2017-10-18T08:30") == {"north": [("review", "before-2")]}
    assert told(db, "2017-10-20T08:30") == {"north": [("review", "before-0")]}
    assert told(db, "2017-10-25T08:30") == {"north": [("review", "after-3")], "region": [("review", "after-3")]}
    assert told(db, "2017-11-01T08:30") == {"north": [("review", "weekly-1")], "region": [("review", "weekly-1")]}


def test_a_claim_of_not_applicable_waits_from_the_newest_statement(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", FAR, status="na_claimed")
    for at in ("2017-09-01T10:00", "2017-10-17T10:00"):
        statement = ProgressUpdate(
            assignment_id=assignment, kind="na_claim", as_of=date(2017, 10, 17), recorded_at=parse_instant(at),
            actor_id=0, actor_label="-", status_after="na_claimed",
        )  # fmt: skip
        add(db, statement)
    assert told(db, "2017-10-20T08:30") == {"north": [("na_claim", "before-0")]}


def test_what_was_returned_has_a_date_of_its_own_besides_the_assignments(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", date(2017, 10, 27), status="returned")
    add(db, decision(assignment, "2017-09-01T10:00"), decision(assignment, "2017-10-13T10:00"))
    found = record(db, "2017-10-20T08:30")
    (digest,) = found.digests
    assert [(i.subject[0], i.rung) for i in digest.digest.intents] == [
        ("returned", "before-0"),
        ("assignment", "before-7"),
    ]
    assert len(digest.lines) == 1
    with db.reading() as session:
        assert set(session.scalars(select(Reminder.subject_kind))) == {"returned", "assignment"}


def test_a_standing_duty_that_was_returned_is_reminded_of_too(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", None, status="returned")
    add(db, decision(assignment, "2017-10-13T10:00", "na_refuse"))
    assert told(db, "2017-10-23T08:30") == {"baoding": [("returned", "after-1")]}


def test_reports_wait_for_review_and_for_correction(db: Database, world: World) -> None:
    with db.transaction() as session:
        waiting = add_report(session, world, "baoding", date(2017, 9, 1), date(2017, 10, 9), status="submitted")
        returned = add_report(session, world, "jinan", date(2017, 9, 1), date(2017, 12, 29), status="returned")
        for number, (report, at) in enumerate(((waiting, "2017-10-17T10:00"), (returned, "2017-10-10T10:00"))):
            session.add(
                ReportRevision(
                    report_id=report, revision=1, content={}, sha256="-", receipt=f"r-{number}", submitted_by=0,
                    submitted_by_label="-", submitted_at=parse_instant(at), days_late=0,
                )
            )  # fmt: skip
        session.add(
            ReportDecision(
                report_id=returned, revision=1, decision="return", actor_id=0, actor_label="-",
                recorded_at=parse_instant("2017-10-13T10:00"),
            )
        )  # fmt: skip
    assert told(db, "2017-10-20T08:30") == {
        "north": [("report_review", "before-0")],
        "jinan": [("report_returned", "before-0")],
    }


def test_silence_is_one_line_an_organisation_and_starts_afresh_each_month(db: Database, world: World) -> None:
    for due in (None, date(2018, 3, 1), FAR):
        assign(db, world, "baoding", due, another=True, silent_months=1)
    assign(db, world, "cangzhou", None, silent_months=0)
    found = record(db, "2017-10-13T08:30")
    (digest,) = found.digests
    rendered = render_digest({**digest.payload, "base_url": "http://x.test"}, "zh")
    assert [intent.rung for intent in digest.digest.intents] == ["after-5"]
    assert "3 项任务未更新进展" in rendered.subject
    assert f"http://x.test/assignments?plan={world.plan}&organisation=baoding&silent=1" in rendered.text
    assert told(db, "2017-10-20T08:30") == {"baoding": [("silence", "after-10")], "north": [("silence", "after-10")]}
    assert told(db, "2017-11-02T08:30") == {"baoding": [("silence", "after-1")]}


def test_who_acted_is_not_silent_any_more(db: Database, world: World) -> None:
    assignment = assign(db, world, "baoding", None, silent_months=2)
    with db.transaction() as session:
        session.execute(update(Assignment).where(Assignment.id == assignment).values(silent_months=0))
    assert told(db, "2017-10-20T08:30") == {}


def test_the_season_is_announced_by_the_organisations_own_days(db: Database, heating: World) -> None:
    assign(db, heating, "baoding", FAR)
    assign(db, heating, "jinan", FAR)
    found = record(db, "2017-11-01T08:30")
    assert {each.person.name_zh: each.digest.intents[0].rung for each in found.digests} == {
        "baoding某": "before-14",
        "jinan某": "before-0",
    }
    rendered = render_digest({**found.digests[0].payload, "base_url": "http://x.test"}, "zh")
    assert "采暖季将于11月15日开始，涉及任务 1 项" in rendered.subject
    assert told(db, "2017-11-02T08:30") == {}


@pytest.mark.parametrize("status", ["verified", "not_applicable"])
def test_a_season_without_open_tasks_is_not_announced(db: Database, heating: World, status: str) -> None:
    assign(db, heating, "baoding", FAR, status=status)
    assert told(db, "2017-11-01T08:30") == {}


def test_each_month_of_the_season_is_checked_until_it_was_spoken_of(db: Database, heating: World) -> None:
    """November's window begins with the season; it is asked about in December too, and December beside it."""
    assignment = assign(db, heating, "baoding", FAR, as_of=date(2017, 11, 14))
    assert told(db, "2017-11-29T08:30") == {"baoding": [("cap_check", "before-1")]}
    assert told(db, "2017-12-05T08:30") == {"baoding": [("cap_check", "after-3")]}
    with db.transaction() as session:
        session.execute(update(Assignment).where(Assignment.id == assignment).values(as_of=date(2017, 11, 30)))
    found = record(db, "2017-12-29T08:30")
    (digest,) = found.digests
    assert [(i.due, i.rung) for i in digest.digest.intents] == [(date(2017, 12, 31), "before-0")]
    rendered = render_digest({**digest.payload, "base_url": "http://x.test"}, "zh")
    assert "2017年12月错峰限产核查：1 项未填报" in rendered.subject
    with db.transaction() as session:
        session.execute(update(Assignment).where(Assignment.id == assignment).values(as_of=date(2017, 12, 1)))
    assert told(db, "2018-01-03T08:30") == {}


def test_both_months_are_one_line_and_both_are_recorded(db: Database, heating: World) -> None:
    assign(db, heating, "baoding", FAR)
    found = record(db, "2017-12-27T08:30")
    (digest,) = [each for each in found.digests if each.person.name_zh == "baoding某"]
    assert [i.due for i in digest.digest.intents] == [date(2017, 11, 30), date(2017, 12, 31)]
    assert len(digest.lines) == 1


def listed(db: Database, world: World, item: dict[str, Any]) -> int:
    """How many assignments stand on the list to which a line leads."""
    asked = dict(parse_qsl(urlsplit(path(item)).query))
    reader = Actor(1, "读者", "zh", (Grant(Role.READER, world.places["region"], "region", "region/", "region"),))
    with db.reading() as session:
        return assignments(session, int(asked["plan"]), reader, where=filter_of(asked, date(2017, 11, 1))).total


@pytest.mark.parametrize("at", ["2017-11-01T08:30", "2017-11-29T08:30"])
def test_the_list_behind_a_line_holds_what_the_line_counts(db: Database, heating: World, at: str) -> None:
    for day, said in enumerate((None, date(2017, 11, 14), date(2017, 11, 20)), start=1):
        assign(db, heating, "baoding", date(2018, 3, day), another=True, as_of=said)
    assign(db, heating, "baoding", date(2018, 3, 4), another=True, status="verified", as_of=None)
    assign(db, heating, "jinan", FAR, another=True)
    with db.transaction() as session:
        newest = session.scalar(select(func.max(Task.id)))
        session.execute(update(Task).values(kind="seasonal_cap", season_code="heating"))
        # A lasting duty of the season is announced with the limits, but not asked about each month.
        session.execute(update(Task).where(Task.id == newest).values(kind="standing"))
    items = [item for each in record(db, at).digests for item in each.payload["items"]]
    assert items
    assert [listed(db, heating, item) for item in items] == [item["count"] for item in items]


def test_a_late_correction_is_not_said_to_be_early_because_the_task_is(db: Database, world: World) -> None:
    """The line's light is the correction's where the assignment's own date is far off."""
    assignment = assign(db, world, "baoding", FAR, status="returned", light="grey", light_label="not_started")
    add(db, decision(assignment, "2017-10-13T10:00"))
    with use_locale("zh"):
        words = [
            line_words(item, "http://x.test")["word"]
            for at in ("2017-10-20T08:30", "2017-10-23T08:30")
            for each in record(db, at).digests
            for item in each.payload["items"]
        ]
    assert words == ["待整改", "逾期"]


def test_a_year_without_published_holidays_is_told_to_the_regions_administrators_once_a_month(
    db: Database, world: World
) -> None:
    with db.transaction() as session:
        for code in ("region", "north"):
            person = Person(
                email=f"admin-{code}@example.test", name_zh=f"管理员{code}", name_en=code, locale="zh",
                password_hash="-", created_at=parse_instant("2017-01-01T00:00"), last_seen_at=None,
            )  # fmt: skip
            session.add(person)
            session.flush()
            session.add(
                Membership(
                    person_id=person.id, organisation_id=world.places[code], role="administrator",
                    valid_from=date(2017, 1, 1), valid_until=None,
                )
            )  # fmt: skip
    assert told(db, "2098-09-01T08:30") == {}, "the plan is long over"
    with db.transaction() as session:
        session.execute(update(Plan).values(ends_on=date(2098, 12, 31)))
    found = record(db, "2098-09-01T08:30")
    (digest,) = found.digests
    assert digest.person.email == "admin-region@example.test"
    rendered = render_digest({**digest.payload, "base_url": "http://x.test"}, "zh")
    assert "系统没有2098年的放假安排，期限暂按周末推算" in rendered.subject
    assert "http://x.test/jobs" in rendered.text
    assert told(db, "2098-09-02T08:30") == {}
    assert told(db, "2098-10-01T08:30") == {"admin-region": [("calendar", "before-0")]}


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 11, 30), None), (date(2026, 12, 1), 2027), (date(2027, 1, 4), 2027), (date(2026, 1, 1), None)],
)
def test_the_next_year_is_asked_about_from_december_on(day: date, year: int | None) -> None:
    assert unpublished_year(Calendar({}, frozenset({2026}), "-"), day) == year
