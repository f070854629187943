"""Who is given a report on which months: joining late, leaving, light reports, slots that were missed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from seed.check import check_pack
from seed.models import Term, Who
from seed.pack import Pack
from seed.schema import load_pack
from tasks import open_reports
from tasks.schedule import BY_NAME
from tasks.turn import Turn
from tests.support.plans import REAL, load_plan
from webapp.clock import local, parse_instant
from webapp.db import Database
from webapp.jobs.rules import missed
from webapp.organisations.models import Organisation
from webapp.plans.models import Reporter
from webapp.reports.models import MonthlyReport
from webapp.reports.service import newest_month
from webapp.settings import Settings


def opened(database: Database, slot: str) -> Mapping[str, Any]:
    """The job in a slot."""
    at = parse_instant(slot)
    return open_reports.run(Turn(database, Settings(), at, at))


def reporting(database: Database, month: date) -> dict[str, bool]:
    """Who has a report on a month, and whether a light one."""
    with database.reading() as session:
        query = select(Organisation.code, MonthlyReport.light).join(MonthlyReport.organisation)
        return {row.code: row.light for row in session.execute(query.where(MonthlyReport.month == month))}


def with_terms(*terms: Term) -> Pack:
    """The real pack, with shorter terms for some."""
    pack = load_pack(REAL)
    reporting = pack.plan.reporting.model_copy(update={"terms": list(terms)})
    return replace(pack, plan=pack.plan.model_copy(update={"reporting": reporting}))


def test_twenty_eight_cities_six_provinces_and_light_reports(planned: Database) -> None:
    assert opened(planned, "2017-02-25T00:20") == {"months": ["2017-01", "2017-02"], "opened": 50}
    found = reporting(planned, date(2017, 2, 1))
    with planned.reading() as session:
        kinds = {row.code: row.kind for row in session.execute(select(Organisation.code, Organisation.kind))}
        counts = {kind: sum(kinds[code] == kind for code in found) for kind in set(kinds.values())}
    assert counts == {"city": 26, "municipality": 2, "province": 4, "ministry": 8, "enterprise": 10, "region": 0}
    assert {code for code, light in found.items() if light} == {
        code for code in found if kinds[code] in ("ministry", "enterprise")
    }
    assert reporting(planned, date(2017, 1, 1)) == {}


def test_who_joins_late_is_opened_with_the_next_run_and_who_has_left_is_not(planned: Database) -> None:
    with planned.transaction() as session:
        ids = {row.code: row.id for row in session.execute(select(Organisation.code, Organisation.id))}
        for code, values in {
            "130600": {"first_month": date(2017, 9, 1)},
            "371400": {"last_month": date(2017, 7, 1)},
            "mot": {"first_month": date(2017, 10, 1)},
        }.items():
            session.execute(update(Reporter).where(Reporter.organisation_id == ids[code]).values(values))
    assert opened(planned, "2017-08-25T00:20") == {"months": ["2017-07", "2017-08"], "opened": 48 + 47}
    assert "371400" in reporting(planned, date(2017, 7, 1))
    assert not {"371400", "130600", "mot"} & reporting(planned, date(2017, 8, 1)).keys()
    with planned.transaction() as session:
        session.execute(
            update(Reporter).where(Reporter.organisation_id == ids["130600"]).values(first_month=date(2017, 8, 1))
        )
    assert opened(planned, "2017-09-25T00:20")["opened"] == 1 + 48
    assert "130600" in reporting(planned, date(2017, 8, 1))


def test_terms_of_the_pack(sqlite_db: Database) -> None:
    late = Term(orgs=Who(of=["140300"]), first_month="2017-05")
    gone = Term(orgs=Who(of=["cnooc"]), last_month="2017-06")
    pack = with_terms(late, gone)
    assert check_pack(pack) == []
    load_plan(sqlite_db, pack)
    with sqlite_db.reading() as session:
        rows = session.execute(
            select(Organisation.code, Reporter.first_month, Reporter.last_month, Reporter.light)
            .join(Organisation, Organisation.id == Reporter.organisation_id)
            .where(Organisation.code.in_(("140300", "cnooc", "cnpc")))
        ).all()
    assert {row[0]: tuple(row)[1:] for row in rows} == {
        "140300": (date(2017, 5, 1), date(2018, 3, 1), False),
        "cnooc": (date(2017, 2, 1), date(2017, 6, 1), True),
        "cnpc": (date(2017, 2, 1), date(2018, 3, 1), True),
    }


@pytest.mark.parametrize(
    ("term", "what"),
    [
        (Term(orgs=Who(of=["130600"]), first_month="2017-01"), "months reported on"),
        (Term(orgs=Who(of=["130600"]), first_month="2017-09", last_month="2017-08"), "months reported on"),
        (Term(orgs=Who(of=["jjj"]), first_month="2017-09"), "files no report"),
        (Term(orgs=Who(of=["atlantis"]), first_month="2017-09"), "atlantis"),
    ],
)
def test_terms_that_make_no_sense_are_found(term: Term, what: str) -> None:
    assert any(what in each.message for each in check_pack(with_terms(term)))


def test_every_missed_slot_is_made_good(sqlite_db: Database) -> None:
    """A scheduler that was away from August to November finds a slot a month and opens four months, October not yet."""
    load_plan(sqlite_db, REAL)
    job = BY_NAME["open_reports"]
    slots = missed(job.cron, job.catch_up, parse_instant("2017-06-26T09:00"), parse_instant("2017-10-20T08:25"))
    assert [local(slot).strftime("%m-%d %H:%M") for slot in slots] == ["07-25 00:20", "08-25 00:20", "09-25 00:20"]
    for slot in slots:
        open_reports.run(Turn(sqlite_db, Settings(), slot, parse_instant("2017-10-20T08:25")))
    with sqlite_db.reading() as session:
        counted = select(MonthlyReport.month, func.count().label("many")).group_by(MonthlyReport.month)
        months = {row.month: row.many for row in session.execute(counted)}
    assert months == dict.fromkeys([date(2017, 6, 1), date(2017, 7, 1), date(2017, 8, 1), date(2017, 9, 1)], 50)


@pytest.mark.parametrize(
    ("today", "month"),
    [("2017-09-24", "2017-08"), ("2017-09-25", "2017-09"), ("2017-10-01", "2017-09"), ("2018-01-10", "2017-12")],
)
def test_the_newest_month(today: str, month: str) -> None:
    assert f"{newest_month(date.fromisoformat(today)):%Y-%m}" == month
