"""Timeliness over time: the figures by hand, then the page and its sheet as each role sees them."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.reports.test_release import act, page
from tests.support.site import Site, site
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.reports.models import MonthlyReport
from webapp.reports.rules import Timeliness
from webapp.reports.service import open_reports
from webapp.reports.timeliness import Wanted, chosen, matrix, review_waits
from webapp.workdays.rules import published_calendar

NOW = parse_instant("2017-10-20T11:00")
TODAY = date(2017, 10, 20)


def report(organisation: int, month: int, late: int | None, **more: Any) -> SimpleNamespace:
    """A row of the query: filed so many working days late, or not at all."""
    filed = None if late is None else parse_instant(f"2017-{month + 1:02}-07T10:00")
    row = {
        "id": organisation * 100 + month, "organisation_id": organisation, "month": date(2017, month, 1),
        "due": date(2017, month + 1, 9), "first_submitted_at": filed, "days_late": late, "submitted_at": filed,
        "lines": None if late is None else 8, "silent": None if late is None else 2, "status": "accepted",
        "organisation_parent_id": 9, "organisation_kind": "city", "organisation_path": "jjj/130000/130600/",
    }  # fmt: skip
    return SimpleNamespace(**row | more)


def test_cells_and_totals_by_hand() -> None:
    rows = [report(1, 8, 0), report(1, 9, 2, silent=0), report(2, 9, None), report(2, 10, None)]
    shown = matrix(rows, TODAY, published_calendar())
    assert shown.months == (date(2017, 8, 1), date(2017, 9, 1), date(2017, 10, 1))
    told = [[(cell.standing.timeliness.value, cell.standing.days_late) for cell in row.cells] for row in shown.rows]
    assert told == [
        [("on_time", 0), ("late", 2), ("not_required", 0)],
        [("not_required", 0), ("missing", 9), ("pending", 0)],
    ]
    first, second = (row.total for row in shown.rows)
    assert (first.on_time, first.required, first.completeness) == (1, 2, Decimal("0.8750"))
    assert (second.on_time, second.required, second.completeness) == (0, 1, None)
    assert [(each.on_time, each.required) for each in shown.by_month] == [(1, 1), (0, 2), (0, 0)]
    assert shown.total.counts[Timeliness.LATE] == 1


def test_filters_leave_the_province_and_the_kind() -> None:
    light = report(3, 9, 0, organisation_kind="ministry", organisation_path="jjj/mep/")
    other = report(2, 9, 0, organisation_path="jjj/370000/370100/")
    rows = [report(1, 9, 0), other, light]
    assert chosen(rows, Wanted("130000")) == rows[:1]
    assert chosen(rows, Wanted("", "ministry")) == [light]
    assert chosen(rows, Wanted("370000", "ministry")) == []
    assert chosen(rows, Wanted()) == rows


def test_waiting_counts_against_the_reviewer() -> None:
    rows = [report(1, 9, 0), report(2, 9, 0, status="submitted", submitted_at=parse_instant("2017-10-16T17:00"))]
    kinds = {"organisation_id": 9, "kind": "province", "short_zh": "河北", "short_en": "Hebei"}
    decided = [
        SimpleNamespace(**kinds, reporter_id=1, decided=2, days=7, longest=6, slow=1),
        SimpleNamespace(**kinds, reporter_id=2, decided=1, days=1, longest=1, slow=0),
        SimpleNamespace(**kinds, reporter_id=3, decided=5, days=50, longest=10, slow=5),
    ]
    (wait,) = review_waits(decided, rows, TODAY, published_calendar())
    assert (wait.decided, wait.average, wait.longest, wait.slow) == (3, Decimal("2.7"), 6, 1)
    assert (wait.waiting, wait.waiting_longest) == (1, 4)


# --- the page


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """20 October: Baoding filed two working days late and was corrected since, Jinan is missing, October is open."""
    act(september, "submit", "2017-10-11T10:00", confirm_check=True)
    act(september, "decide", "2017-10-17T09:00", decision="accept")
    act(september, "correct", "2017-10-18T09:00", reason="漏报")
    act(september, "submit", "2017-10-18T10:00", confirm_check=True)
    with september.transaction() as session:
        open_reports(session, month=date(2017, 10, 1), now=NOW)
    with site(september, tmp_path, now=NOW) as made:
        yield made


def sheet(world: Site, name: str, query: str = "") -> list[list[str]]:
    answer = world.client(getattr(world.people, name)).get(f"/reports/timeliness.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_corrections_do_not_wash_lateness(world: Site) -> None:
    html = page(world.client(world.people.overseer), "/reports/timeliness")
    assert "迟报 2 日" in html
    assert "未报" in html
    assert "未到期" in html
    rows = {row[0]: row for row in sheet(world, "overseer") if row}
    assert rows["保定市"][3] == "迟报 2 个工作日"
    assert rows["保定市"][1] == "0 / 1 份"
    assert rows["济南市"][3].startswith("未报")
    assert rows["合计"][1] == "0 / 50 份"
    assert rows["河北"][:3] == ["河北", "1", "4.0"]


def test_everybody_sees_the_own_area_alone(world: Site) -> None:
    names = {name: {row[0] for row in sheet(world, name) if row} for name in ("officer", "coordinator", "stranger")}
    assert "保定市" in names["officer"]
    assert "济南市" not in names["officer"] | names["coordinator"]
    assert "石家庄市" not in names["officer"]
    assert "石家庄市" in names["coordinator"]
    assert "保定市" not in names["stranger"]
    assert "济南市" not in page(world.client(world.people.officer), "/reports/timeliness")


def test_the_sheet_is_what_the_filters_leave(world: Site) -> None:
    few = {row[0] for row in sheet(world, "overseer", "?province=130000&kind=city") if row}
    assert {"保定市", "石家庄市"} <= few
    assert not {"济南市", "河北省", "北京市"} & few
    assert "没有月报" in page(world.client(world.people.overseer), "/reports/timeliness?kind=nonsense")


def test_a_cell_opens_its_report(world: Site) -> None:
    with world.database.reading() as session:
        query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        ids = session.scalars(query.where(Organisation.code == "130600")).all()
    html = page(world.client(world.people.coordinator), "/reports/timeliness")
    for each in ids:
        assert f'href="/reports/{each}"' in html


def test_statements_do_not_grow(world: Site) -> None:
    seen: list[str] = []
    event.listen(world.database.reading_engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    page(world.client(world.people.overseer), "/reports/timeliness")
    assert len(seen) <= 20, len(seen)
