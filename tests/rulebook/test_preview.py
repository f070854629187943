"""The preview proves itself: of a month lived through with the real job it tells what the ledger holds."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.reminders.oracle import Event
from tests.reminders.year import NIGHT, Year, instant, ticks
from tests.reminders.year_plan import address
from tests.support.smtp import post_office
from webapp.clock import local_instant, month_end
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.plans.models import Plan
from webapp.reminders.ladder import Rules, rules_from
from webapp.reminders.models import Reminder
from webapp.reminders.queries import effective_rules
from webapp.reminders.rules import Recorded
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.rulebook import preview, preview_facts
from webapp.rulebook.preview import Mail
from webapp.rulebook.preview_table import side_by_side
from webapp.settings import Settings
from webapp.workdays.rules import published_calendar

CALENDAR = published_calendar()
HOURS = (time(8, 30), time(11, 30), time(14, 30), time(17, 30))
Records = dict[Recorded, tuple[datetime, bool]]


class Month(Year):
    """The year's plan; what becomes of reports is put on record as it is, whatever their forms ask for."""

    def _report(self, session: Any, event: Event) -> None:
        place, month = event.about
        found = select(MonthlyReport).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        row = session.scalars(found.where(Organisation.code == place, MonthlyReport.month == month)).one()
        who: dict[str, Any] = {"report_id": row.id, "revision": row.revision + (event.verb == "submit")}
        status = {"submit": "submitted", "accept": "accepted"}.get(event.verb, "returned")
        if event.verb == "submit":
            session.add(ReportRevision(
                **who, content={}, sha256="-", receipt=f"{row.id}-{row.revision}", submitted_by=1,
                submitted_by_label="-", submitted_at=instant(event.at), days_late=0,
            ))  # fmt: skip
        else:
            decision = "accept" if status == "accepted" else "return"
            session.add(ReportDecision(
                **who, decision=decision, actor_id=1, actor_label="-", recorded_at=instant(event.at)
            ))  # fmt: skip
        values = {"status": status, "revision": who["revision"]}
        session.execute(update(MonthlyReport).where(MonthlyReport.id == row.id).values(values))


@pytest.fixture
def year(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Year]:
    """The plan of the year's test, not yet loaded, on the engine that is asked for."""
    database = Database(request.getfixturevalue(request.param))
    with post_office() as office:
        yield Month(database, Settings(data_dir=tmp_path, smtp_port=office.port, secret_key="k" * 32), office)
    database.dispose()


def lived(year: Year, folder: Path, month: date) -> None:
    """Live from some days before the preview begins to the month's end; the job wakes four times a day."""
    first = preview.first_morning(month, CALENDAR) - timedelta(days=7)
    year.build(folder / "pack", datetime.combine(first, time()))
    year.live([tick for tick in ticks(first, month_end(month)) if tick.time() in (NIGHT, *HOURS)])


def previewed(db: Database, month: date, path: str = "jjj/", draft: Rules | None = None) -> list[Mail]:
    with db.reading() as session:
        plan = session.scalars(select(Plan)).one()
        rules = draft or effective_rules(session)[plan.id]
        past = preview_facts.read(session, plan, path, CALENDAR, month)
    return preview.replay(past, rules, CALENDAR, month, slots=HOURS)


def records(mails: list[Mail]) -> Records:
    return {intent.record: (mail.at, intent.escalation) for mail in mails for intent in mail.digest.intents}


def ledger(db: Database, month: date) -> Records:
    row = Reminder
    until = local_instant(month_end(month), time(23))
    with db.reading() as session:
        found = session.scalars(select(row).where(row.recorded_at >= local_instant(month), row.recorded_at < until))
        return {
            (each.plan_id, each.subject_kind, each.subject_id, each.due, each.person_id, each.rung): (
                each.recorded_at, each.escalation,
            )
            for each in found
        }  # fmt: skip


def differences(was: Records, would_be: Records) -> list[str]:
    """What is in one alone, or at another time."""
    odd = [key for key in {*was, *would_be} if was.get(key) != would_be.get(key)]
    return [f"{key}: {was.get(key)} but previewed {would_be.get(key)}" for key in sorted(odd, key=str)]


MONTHS = [
    pytest.param("sqlite_database", date(2017, 11, 1), id="sqlite-season-begins"),
    pytest.param(
        "postgres_database",
        date(2018, 1, 1),
        id="postgresql-mid-winter",
        marks=[pytest.mark.postgres, pytest.mark.soak],
    ),
]


@pytest.mark.parametrize(("year", "month"), MONTHS, indirect=["year"])
def test_the_preview_of_a_month_is_its_ledger(year: Year, tmp_path: Path, month: date) -> None:
    lived(year, tmp_path, month)
    was, mails = ledger(year.database, month), previewed(year.database, month)
    assert len(was) > 100
    assert len({kind for _plan, kind, *_ in was}) > 5
    assert not differences(was, records(mails))
    _the_draft_is_another(year.database, month, mails)
    _a_province_is_a_part(year.database, month, mails)


def _the_draft_is_another(db: Database, month: date, mails: list[Mail]) -> None:
    """The comparison has teeth: with one rung a day later other things are told, and counted so."""
    with db.reading() as session:
        (rules,) = effective_rules(session).values()
    data = rules.as_data()
    data["ladders"]["report"]["rungs"][-1]["workdays_after"] += 1
    data["ladders"]["silence"]["rungs"].pop()
    later = previewed(db, month, draft=rules_from(data))
    assert differences(records(mails), records(later))
    table = side_by_side(mails, later, month, CALENDAR)
    assert table.total.draft.lines == sum(each.lines for each in later) < table.total.now.lines
    assert sum(pair.now.mails for pair in table.days.values()) == len(mails)
    assert sum(pair.now.escalations for pair in table.people.values()) == table.total.now.escalations > 0
    assert table.fewer > table.more


def _a_province_is_a_part(db: Database, month: date, mails: list[Mail]) -> None:
    part = records(previewed(db, month, "jjj/130000/"))
    assert part
    assert part.keys() < records(mails).keys()


@pytest.mark.soak
@pytest.mark.parametrize("year", ["sqlite_database"], indirect=True)
def test_of_people_who_left_since_nothing_is_known(year: Year, tmp_path: Path) -> None:
    """In October somebody left: all else is as it was."""
    month = date(2017, 10, 1)
    lived(year, tmp_path, month)
    gone = year.people[address("zhao")]
    was = ledger(year.database, month)
    stayed = {key: told for key, told in was.items() if key[4] != gone}
    assert len(stayed) < len(was)
    assert not differences(stayed, records(previewed(year.database, month)))
