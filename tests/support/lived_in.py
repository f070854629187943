"""The real plan some months into its life: figures, claims, decisions, evidence, reports, roll-ups and mails.

Much smaller than the demo's story, so that every test run can afford it, but nothing a page can show is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tasks import runner
from tests.evidence.samples import picture, sent
from tests.support.people import People, add_person, settle
from tests.support.plans import REAL, START, assignment, load_plan, person
from tests.support.stated import unchecked
from webapp.accounts.calendar_links import hashed
from webapp.accounts.models import CalendarLink, Person
from webapp.accounts.queries import load_actor
from webapp.bulletins import service as bulletins
from webapp.caps import deciding, filing
from webapp.caps import service as caps
from webapp.caps.checks import EnterpriseDraft, LineDraft, StopDraft
from webapp.caps.models import CapFiling, CapPower, CapStop
from webapp.caps.policy import policy_of
from webapp.caps.service import Scope
from webapp.clock import local_date, parse_instant, real_now
from webapp.db import Database, Instance
from webapp.evidence.service import record, stage
from webapp.jobs.models import JobSchedule
from webapp.ledgers import queries as ledgers
from webapp.ledgers import sampling
from webapp.ledgers import service as ledger_rows
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.organisations.queries import by_code
from webapp.permissions import Actor, Role
from webapp.plans.models import Assignment, Plan, Task
from webapp.progress.planning import extend, file_nodes
from webapp.progress.service import Kind, decide, record_update, relight
from webapp.ranking import service as ranking
from webapp.reminders.service import record_owed
from webapp.reports import service as reports
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.robots.models import GroupRobot
from webapp.rollups.service import recompute
from webapp.rulebook.queries import in_force
from webapp.rulebook.service import save_rules
from webapp.search.service import refresh as refresh_index
from webapp.settings import Settings

NOW = parse_instant("2017-10-20T08:25")
BOILERS = "m04-boilers-all"
REMOTE_SENSING = "m13-mobile"
# Behind which the officer's calendar stands; a real one is random.
CALENDAR = "calendar-of-the-officer-in-all-these-tests-"
BAODING, JINAN = "130600", "370100"
# Filed for every city that holds the task: enough for colours on the dashboard.
TASKS = (BOILERS, "m04-boilers-built-up", "m02-close-all", "m02-close-half", "m03-households")
STEPS = ("2017-04-25", "2017-06-26", "2017-08-25", "2017-10-12")


@dataclass(frozen=True)
class LivedIn:
    """A data folder (database and evidence) and the people in it."""

    folder: Path
    people: People


def at(day: str, time: str = "10:00") -> datetime:
    """A local instant."""
    return parse_instant(f"{day}T{time}")


def actor_of(session: Session, person: Person) -> Actor:
    """A person as the permission table sees them."""
    found = load_actor(session, person.id, person.auth_version, date(2017, 10, 1))
    assert found is not None
    return found


def live(database: Database, settings: Settings, *, now: datetime = NOW, mode: str = "demo") -> People:
    """Fill an empty, migrated database; product time stands at `now` when it returns."""
    load_plan(database, REAL)
    with database.transaction() as session:
        people = settle(session, now=START)
        add_person(session, "english", BAODING, Role.READER, now=START)
        session.add(CalendarLink(person_id=people.officer.id, token_hash=hashed(CALENDAR), created_at=START))
    with database.transaction() as session:
        _file_figures(session)
    with database.transaction() as session:
        _one_of_each(session, people, settings)
    with database.transaction() as session:
        _ledger(session, people)
    with database.transaction() as session:
        _reports(session, people)
    with database.transaction() as session:
        _bulletin(session, people)
    with database.transaction() as session:
        _ranking(session, people)
    with database.transaction() as session:
        _off_peak(session, people)
    with database.transaction() as session:
        relight(session, now=now)
        recompute(session, now=now)
        refresh_index(session, now=now)
        record_owed(session, now=at("2017-10-19", "08:30"))
        session.add(_robot(session))
        _rules(session, people)
        session.add(Instance(id=1, mode=mode, clock_offset_seconds=0, created_at=START))
        session.flush()
        session.get_one(Instance, 1).clock_offset_seconds = int((now - real_now()).total_seconds())
        runner.count_from(session, now=now)
        # However long the tests take, this scheduler was seen: the alarm has tests of its own.
        session.execute(update(JobSchedule).values(seen_at=now + timedelta(days=1)))
    return people


def _robot(session: Session) -> GroupRobot:
    # Switched off: nothing of a test leaves this machine.
    baoding = by_code(session, [BAODING])[BAODING]
    return GroupRobot(
        organisation_id=baoding.id, kind="wecom", name="保定工作群", active=False, created_at=START,
        url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000",
    )  # fmt: skip


def _rules(session: Session, people: People) -> None:
    """A version of the reminder rules, after the only run of the job: nobody is told anything else by it."""
    plan = session.scalars(select(Plan)).one()
    data = in_force(session, plan).rules.as_data()
    data["ladders"]["report"]["rungs"].insert(0, {"days_before": 7, "tell": ["officer"]})
    save_rules(session, plan, data=data, note="月报提前一周提醒", version=0, actor=actor_of(session, people.admin),
               now=at("2017-10-19", "16:00"))  # fmt: skip


def _file_figures(session: Session) -> None:
    query = select(Task.code, Organisation.code).select_from(Assignment).join(Task, Task.id == Assignment.task_id)
    query = query.join(Organisation, Organisation.id == Assignment.organisation_id).where(Task.code.in_(TASKS))
    for number, (task, place) in enumerate(session.execute(query.order_by(Assignment.id)).all()):
        # Whoever files for a city without a character of its own: the record needs only a name.
        who = person(session, place, person_id=99)
        row = assignment(session, task, place, who)
        for step, day in enumerate(STEPS, start=1):
            if (number + step) % 7 == 0:
                break
            share = Decimal(step * (60 + number % 40)) / 400
            say(session, row, who, at(day), "progress", quantity=_of_target(row, share), note="已按计划推进。")


def _of_target(row: Assignment, share: Decimal) -> Decimal:
    target = row.task.target_min or Decimal(1)
    return (target * share).quantize(Decimal("0.01") if row.task.unit == "share" else Decimal(1))


def say(session: Session, row: Assignment, who: Actor, when: datetime, kind: Kind, **values: Any) -> None:
    """Record a statement as of the day it is made."""
    record_update(session, row, actor=who, now=when, kind=kind, as_of=local_date(when), version=row.version, **values)
    session.flush()


def _one_of_each(session: Session, people: People, settings: Settings) -> None:
    officer, coordinator = actor_of(session, people.officer), actor_of(session, people.coordinator)
    overseer, stranger = actor_of(session, people.overseer), actor_of(session, people.stranger)
    boilers = assignment(session, BOILERS, BAODING, officer)
    files = record(session, stage([sent("拆除现场.jpg", picture("JPEG"))], settings), actor=officer,
                   organisation_id=boilers.organisation_id, now=at("2017-10-13"))  # fmt: skip
    say(session, boilers, officer, at("2017-10-13"), "progress", quantity=Decimal("0.91"), note="本周拆除12台。",
        problem="3台涉及供暖，正在协调。", next_step="10月25日前全部拆除。",
        evidence=[file.id for file in files])  # fmt: skip
    close = assignment(session, "m02-close-all", BAODING, officer)
    say(session, close, officer, at("2017-10-16"), "claim", quantity=Decimal(1), note="已全部取缔。")
    survey = assignment(session, "m02-survey", BAODING, officer)
    say(session, survey, officer, at("2017-09-12"), "claim", note="排查完毕。")
    decide(session, survey, actor=coordinator, now=at("2017-09-14"), decision="verify", version=survey.version)
    stoves = assignment(session, "m04-tea-stoves", BAODING, officer)
    say(session, stoves, officer, at("2017-10-10"), "claim", quantity=Decimal(1))
    decide(session, stoves, actor=coordinator, now=at("2017-10-11"), decision="return", version=stoves.version,
           reason="请补充拆除照片。")  # fmt: skip
    planned = assignment(session, "m04-small-stoves", BAODING, officer)
    months = [date(2017, month, 1) for month in range(6, 11)]
    file_nodes(session, planned, actor=officer, now=at("2017-06-05"), version=planned.version,
               shares={month: Decimal(place + 1) / 5 for place, month in enumerate(months)})  # fmt: skip
    late = assignment(session, BOILERS, JINAN, stranger)
    extend(session, late, actor=overseer, now=at("2017-10-12"), due=date(2017, 11, 15), reason="管网施工推迟。",
           version=late.version)  # fmt: skip


def _ledger(session: Session, people: People) -> None:
    """A ledger of two devices, one of them installed and drawn to be looked at."""
    officer, coordinator = actor_of(session, people.officer), actor_of(session, people.coordinator)
    row = assignment(session, REMOTE_SENSING, BAODING, officer)
    ledger, _use = ledgers.ledger_of(row)
    for name in ("Vehicle A", "Vehicle B"):
        raw = {"name": name, "county": "Anxin", "what": "mobile", "planned_on": "2017-09-30"}
        made = ledger_rows.add_row(session, ledger, raw, actor=officer, now=at("2017-06-05"))
    ledger_rows.act(session, ledger, made, "finish", actor=officer, now=at("2017-09-20"), version=made.version)
    sampling.draw_sample(session, row, actor=coordinator, now=at("2017-10-18"), seed="0" * 32)


def _reports(session: Session, people: People) -> None:
    officer, coordinator = actor_of(session, people.officer), actor_of(session, people.coordinator)
    for month, opened in ((8, "2017-08-01"), (9, "2017-09-01"), (10, "2017-10-01")):
        reports.open_reports(session, month=date(2017, month, 1), now=at(opened, "00:20"))
    for month, filed in ((8, "2017-09-05"), (9, "2017-10-09")):
        report = get_report(session, report_id(session, BAODING, date(2017, month, 1)), officer)
        with unchecked():
            reports.submit(session, report, actor=officer, now=at(filed), version=report.version, confirm_check=True)
        if month == 8:
            reports.decide(session, report, actor=coordinator, now=at("2017-09-06"), decision="accept",
                           version=report.version)  # fmt: skip


def _bulletin(session: Session, people: People) -> None:
    """August's bulletin is published, September's has remarks. Its mails have tests of their own."""
    overseer, plan, at_noon = actor_of(session, people.overseer), session.scalars(select(Plan)).one(), at("2017-09-20")
    for code in ("2017-08", "2017-09"):
        period = bulletins.get_period(session, plan, "bulletin", code)
        bulletins.save_remarks(
            session, plan, period, zh="一要压实责任。", en="First things first.", version=0, actor=overseer, now=at_noon
        )
        if code == "2017-08":
            prepared = bulletins.prepare(session, plan, period, now=at_noon)
            issue = bulletins.release(session, plan, period, prepared, actor=overseer, now=at_noon)
            session.execute(delete(OutboxMail).where(OutboxMail.cause == f"bulletin-issue:{issue.id}"))


def _ranking(session: Session, people: People) -> None:
    """August's ranking is published, as known on the day its reports were due."""
    overseer, plan, august = actor_of(session, people.overseer), session.scalars(select(Plan)).one(), date(2017, 8, 1)
    recompute(session, now=at("2017-09-01", "02:00"), months=[august])
    session.flush()
    made = ranking.draft(session, plan, august, actor=overseer, now=at("2017-09-20"))
    ranking.publish(session, plan, august, sha256=made.sha256, reason="", actor=overseer, now=at("2017-09-20"))


def _off_peak(session: Session, people: People) -> None:
    """A cement works with two kilns, a plan, a filed highest load, and a month whose meter contradicts what it says.

    That month lies ahead, so that no use case would take it: a page shows it all the same.
    """
    officer, plan = actor_of(session, people.officer), session.scalars(select(Plan)).one()
    policy, when = policy_of(plan.rules), at("2017-10-12")
    assert policy is not None
    where = Scope(plan, policy, by_code(session, [BAODING])[BAODING])
    works = caps.add_enterprise(session, where, "cement", EnterpriseDraft("Taihang Cement"), actor=officer, now=when)
    drafts = [LineDraft(f"No. {number}", "kiln", Decimal(80), Decimal(9000)) for number in (1, 2)]
    one, two = (caps.add_line(session, where, works, draft, actor=officer, now=when) for draft in drafts)
    stop = StopDraft(one.id, date(2017, 11, 15), date(2018, 3, 15))
    filing.file_plan(session, where, works, [stop], actor=officer, now=when, revision=0)
    deciding.exempt(session, where, works, ground="livelihood", line_id=two.id, dated=date(2017, 9, 28), document="B-8",
                  max_load=Decimal("0.4"), actor=officer, now=when)  # fmt: skip
    month = CapFiling(
        enterprise_id=works.id, kind="month", month=date(2017, 11, 1), through=date(2017, 11, 30), revision=1,
        actor_id=officer.id, actor_label=officer.name, recorded_at=when,
    )  # fmt: skip
    session.add(month)
    session.flush()
    session.add(CapStop(filing_id=month.id, line_id=one.id, starts_on=stop.first, ends_on=month.through, units=None))
    session.add(CapPower(filing_id=month.id, line_id=one.id, kwh=Decimal(90_000)))


def report_id(session: Session, code: str, month: date) -> int:
    """The id of a report by its organisation and month."""
    query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
    return session.scalars(query.where(Organisation.code == code, MonthlyReport.month == month)).one()


def faces(people: People) -> Sequence[tuple[str, Person]]:
    """The faces of the product: one person for each."""
    names = ("officer", "coordinator", "overseer", "reader", "admin")
    return [(name, getattr(people, name)) for name in names]
