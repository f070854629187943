"""Escalations on an assignment's history: who was told on which day, for whom it names people, and what ends it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from tests.support import small_plan
from tests.support.small_plan import World, add_assignment, add_report
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.i18n import use_locale
from webapp.mail.models import OutboxMail
from webapp.permissions import Actor, Grant, Role
from webapp.plans.models import Assignment, DueDate
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.queries import timeline
from webapp.reminders import history
from webapp.reminders.models import Reminder
from webapp.reminders.service import record_owed
from webapp.reports.models import MonthlyReport

DUE = date(2017, 10, 23)  # a Monday


@pytest.fixture
def world(db: Database) -> World:
    """The small plan without an assignment."""
    return small_plan.build(db)


def assign(db: Database, world: World, place: str = "baoding", **values: Any) -> int:
    """An assignment due on DUE."""
    with db.transaction() as session:
        return add_assignment(session, world, place, DUE, **values)


def remind(db: Database, *days: str) -> None:
    """Let the job run on some mornings."""
    for day in days:
        with db.transaction() as session:
            record_owed(session, now=parse_instant(f"{day}T08:30"))


def file(session: Session, number: int, kind: str, status: str, when: str) -> None:
    """Let the officer file something."""
    now = parse_instant(when)
    session.add(
        ProgressUpdate(assignment_id=number, kind=kind, as_of=now.date(), recorded_at=now, actor_id=3,
                       actor_label="李敏", quantity=None, status_after=status)
    )  # fmt: skip
    session.execute(update(Assignment).where(Assignment.id == number).values(status=status, claimed_at=now))


def decide(session: Session, number: int, decision: str, status: str, when: str) -> None:
    """Let the reviewer decide."""
    row = ReviewDecision(assignment_id=number, update_id=None, decision=decision, quantity=None, actor_id=4,
                         actor_label="王芳", recorded_at=parse_instant(when), status_after=status)  # fmt: skip
    session.add(row)
    session.execute(update(Assignment).where(Assignment.id == number).values(status=status))


def move(session: Session, number: int, due: date, when: str) -> None:
    """Let the level above move the date."""
    session.add(DueDate(assignment_id=number, revision=2, due=due, reason="管网", decided_by=4, decided_by_label="王芳",
                        recorded_at=parse_instant(when)))  # fmt: skip
    session.execute(update(Assignment).where(Assignment.id == number).values(due=due))


def lines(db: Database, number: int, *, named: bool = False, locale: str = "zh") -> list[tuple[str, str]]:
    """Title and body of the lines, in order of time."""
    with db.reading() as session, use_locale(locale):
        found = history.items(history.escalations(session, number), timeline(session, number), named=named)
        return [(item["title"], item["body"]) for _at, item in sorted(found, key=lambda line: line[0])]


def titles(db: Database, number: int) -> list[str]:
    return [title for title, _body in lines(db, number)]


def test_each_level_and_day_is_a_line(db: Database, world: World) -> None:
    number, other = assign(db, world), assign(db, world, "cangzhou")
    remind(db, "2017-10-24", "2017-10-26", "2017-11-01")
    expected = [
        ("提级催办：已告知north市（逾期3个工作日）", "共告知 1 人"),
        ("提级催办：已告知north市（逾期7个工作日）", "共告知 1 人"),
        ("提级催办：已告知region市（逾期7个工作日）", "共告知 1 人"),
    ]
    assert lines(db, number) == expected
    assert lines(db, other) == expected
    assert lines(db, number, locale="en")[0][0]


def test_whoever_coordinates_reads_whom_and_whether_the_mail_went(db: Database, world: World) -> None:
    number = assign(db, world)
    remind(db, "2017-10-26")
    assert lines(db, number, named=True)[0][1] == "north某：邮件待发送"
    for state, words in [("sent", "邮件已发送"), ("parked", "邮件未能送达")]:
        with db.transaction() as session:
            session.execute(update(OutboxMail).values(state=state))
        assert lines(db, number, named=True)[0][1] == f"north某：{words}"


def test_two_people_of_a_level_are_one_line(db: Database, world: World) -> None:
    number = assign(db, world)
    with db.transaction() as session:
        for person in ("north", "south"):
            session.add(
                Reminder(subject_kind="assignment", subject_id=number, due=DUE, rung="after-3", plan_id=world.plan,
                         person_id=world.people[person], escalation=True, audience="province",
                         recorded_at=parse_instant("2017-10-27T08:30"))
            )  # fmt: skip
    assert lines(db, number) == [("提级催办：已告知north市（逾期4个工作日）", "共告知 2 人")]
    assert lines(db, number, named=True)[0][1] == "north某：未发邮件\nsouth某：未发邮件"


def test_a_claim_ends_it_and_a_mere_figure_does_not(db: Database, world: World) -> None:
    number = assign(db, world)
    remind(db, "2017-10-26")
    with db.transaction() as session:
        file(session, number, "progress", "in_progress", "2017-10-26T10:00")
    assert len(titles(db, number)) == 1
    remind(db, "2017-11-01")
    with db.transaction() as session:
        file(session, number, "claim", "claimed", "2017-11-01T10:00")
        decide(session, number, "verify", "verified", "2017-11-02T10:00")
    assert titles(db, number)[3:] == ["停止提级催办（申请销号）"]


def test_another_date_ends_it_and_the_next_time_is_told_again(db: Database, world: World) -> None:
    number = assign(db, world)
    remind(db, "2017-10-26")
    with db.transaction() as session:
        move(session, number, date(2017, 10, 30), "2017-10-27T10:00")
    remind(db, "2017-11-02")
    assert titles(db, number) == [
        "提级催办：已告知north市（逾期3个工作日）",
        "停止提级催办（期限调整）",
        "提级催办：已告知north市（逾期3个工作日）",
    ]


def test_a_claim_nobody_reviews_is_told_to_the_region_until_the_decision(db: Database, world: World) -> None:
    number = assign(db, world)
    with db.transaction() as session:
        file(session, number, "claim", "claimed", "2017-10-20T10:00")
    remind(db, "2017-10-30")
    with db.transaction() as session:
        decide(session, number, "verify", "verified", "2017-10-31T10:00")
    assert titles(db, number) == ["提级催办：已告知region市（审核逾期3个工作日）", "停止提级催办（办结销号）"]


def test_a_figure_ends_the_chasing_of_what_was_returned_alone(db: Database, world: World) -> None:
    number = assign(db, world)
    with db.transaction() as session:
        file(session, number, "claim", "claimed", "2017-10-18T10:00")
        decide(session, number, "return", "returned", "2017-10-18T11:00")
    remind(db, "2017-10-31")
    with db.transaction() as session:
        file(session, number, "progress", "in_progress", "2017-10-31T12:00")
    assert sorted(titles(db, number)) == [
        "停止整改提级催办（填报进展）",
        "提级催办：已告知north市（整改逾期4个工作日）",
        "提级催办：已告知north市（逾期6个工作日）",
    ]


def test_a_reports_escalations_are_its_own(db: Database, world: World) -> None:
    """Three working days after the date the province is told; a returned one is told of as a correction."""
    with db.transaction() as session:
        late, other = (add_report(session, world, place, date(2017, 9, 1), DUE) for place in ("baoding", "jinan"))
        session.execute(update(MonthlyReport).where(MonthlyReport.id == other).values(status="accepted"))
    number = assign(db, world)
    remind(db, "2017-10-26")
    with db.reading() as session, use_locale("zh"):
        found = history.report_escalations(session, late)
        assert [(each.kind, each.audience, each.days, len(each.told)) for each in found] == [
            ("report", "province", 3, 1)
        ]
        ((_at, line),) = history.items(found, (), named=True)
        assert line["title"] == "提级催办：已告知north市（逾期3个工作日）"
        assert line["body"] == "north某：邮件待发送"
        assert history.report_escalations(session, other) == []
        assert len(history.escalations(session, number)) == 1


@pytest.mark.parametrize(
    ("role", "path", "sees"),
    [
        (Role.COORDINATOR, "region/", True),
        (Role.COORDINATOR, "region/north/", True),
        (Role.COORDINATOR, "region/south/", False),
        (Role.ADMINISTRATOR, "region/", True),
        (Role.OFFICER, "region/north/baoding/", False),
        (Role.READER, "region/", False),
    ],
)
def test_who_reads_names(role: Role, path: str, sees: bool) -> None:
    actor = Actor(1, "某", "zh", (Grant(role, 1, "-", path),))
    assert history.sees_names(actor, "region/north/baoding/") is sees


def statements(db: Database, number: int) -> Sequence[str]:
    """What reading the escalations asks the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.reading_engine, "before_cursor_execute", note)
    try:
        with db.reading() as session:
            history.escalations(session, number)
    finally:
        event.remove(db.reading_engine, "before_cursor_execute", note)
    return [each for each in seen if each.startswith("SELECT")]


def test_one_statement_however_much_was_told(db: Database, world: World) -> None:
    number = assign(db, world)
    assert len(statements(db, number)) == 1
    remind(db, "2017-10-26", "2017-11-01", "2017-11-08", "2017-11-15")
    assert len(statements(db, number)) == 1
