"""Two years of due dates, typed from the State Council's notices for 2017 and 2018 with a calendar on the table.

The job opens each month on its own 25th; what a city, a province, a municipality and a ministry are then asked for must
be what is written here. The rules behind it are tested in `tests/rules`.
"""

from datetime import date, datetime, time

import pytest
from sqlalchemy import delete, select, update

from tasks import open_reports
from tasks.turn import Turn
from tests.support.plans import REAL, load_plan
from webapp.clock import local_instant, parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.plans.models import Reporter
from webapp.reports.models import MonthlyReport
from webapp.settings import Settings

NOON = "12:00"
# The month reported on, the legal date, a city's own date three working days before it, and why.
TABLE = """
2017-02  2017-03-08  2017-03-03        Wednesday; the weekend of 4 and 5 March between
2017-03  2017-04-10  2017-04-05        8 April a Saturday; Qingming ended on the 4th
2017-04  2017-05-08  2017-05-03        Monday; Labour Day ended on 1 May
2017-05  2017-06-08  2017-06-05        Thursday
2017-06  2017-07-10  2017-07-05        8 July a Saturday
2017-07  2017-08-08  2017-08-03        Tuesday
2017-08  2017-09-08  2017-09-05        Friday
2017-09  2017-10-09  2017-10-09 12:00  8 October in the long holiday; 28 to 30 September worked: noon of the legal date
2017-10  2017-11-08  2017-11-03        Wednesday
2017-11  2017-12-08  2017-12-05        Friday
2017-12  2018-01-08  2018-01-03        Monday; New Year's Day is over
2018-01  2018-02-08  2018-02-05        Thursday; a week before the Spring Festival
2018-02  2018-03-08  2018-03-05        Thursday
2018-03  2018-04-08  2018-04-02        Sunday, worked for Qingming (5 to 7 April): 4, 3, 2 April
2018-04  2018-05-08  2018-05-03        Tuesday
2018-05  2018-06-08  2018-06-05        Friday
2018-06  2018-07-09  2018-07-04        8 July a Sunday
2018-07  2018-08-08  2018-08-03        Wednesday
2018-08  2018-09-10  2018-09-05        8 September a Saturday
2018-09  2018-10-08  2018-10-08 12:00  first day after the holiday; 28 September and the weekend of 29, 30 worked
2018-10  2018-11-08  2018-11-05        Thursday
2018-11  2018-12-10  2018-12-05        8 December a Saturday
2018-12  2019-01-08  2019-01-03        Tuesday
"""
ROWS = [line.split(maxsplit=4) for line in TABLE.strip().splitlines()]
FILING = {"130600": "city", "130000": "province", "110000": "municipality", "mep": "ministry"}


def written() -> dict[str, tuple[date, date, time | None]]:
    """The table: legal date, a city's own, and by when on that day."""
    return {
        row[0]: (date.fromisoformat(row[1]), date.fromisoformat(row[2]), time(12) if row[3] == NOON else None)
        for row in ROWS
    }


@pytest.fixture
def two_years(sqlite_db: Database) -> Database:
    """The plan with one reporter of each kind, who go on reporting beyond the plan's last month."""
    load_plan(sqlite_db, REAL)
    with sqlite_db.transaction() as session:
        kept = select(Organisation.id).where(Organisation.code.in_(FILING))
        session.execute(delete(Reporter).where(Reporter.organisation_id.not_in(kept)))
        session.execute(update(Reporter).values(last_month=None))
    return sqlite_db


def run_job(database: Database, slot: datetime) -> int:
    """The job in a slot of its own; how many reports it opened."""
    return int(open_reports.run(Turn(database, Settings(), slot, slot))["opened"])


def test_every_due_date_of_two_years(two_years: Database) -> None:
    table = written()
    assert len(table) == 23
    for month in table:
        # Nothing opens a day early; on the 25th every kind of reporter gets the month's.
        assert run_job(two_years, parse_instant(f"{month}-24T00:20")) == 0
        assert run_job(two_years, parse_instant(f"{month}-25T00:20")) == len(FILING)
    with two_years.reading() as session:
        rows = session.execute(
            select(MonthlyReport, Organisation.code).join(
                Organisation, Organisation.id == MonthlyReport.organisation_id
            )
        ).all()
    assert len(rows) == 23 * len(FILING)
    for report, code in rows:
        legal, own, at = table[f"{report.month:%Y-%m}"]
        assert report.due == legal, report.month
        assert report.opened_at == local_instant(report.month.replace(day=25), time(0, 20))
        assert report.light is (FILING[code] == "ministry")
        expected = (own, at) if FILING[code] == "city" else (None, None)
        assert (report.internal_due, report.internal_due_at) == expected, report.month
        assert not report.provisional
        assert report.due_explained_zh
        assert report.due_explained_en
