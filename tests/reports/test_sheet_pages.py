"""The draft as a workbook, on its pages: taken, filled in, brought back, looked at, kept."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.reports.test_pages import NOW, hidden, number, page, row, send
from tests.support.plans import assignment_id
from tests.support.sheets import Sheets
from tests.support.site import Site, site
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.progress.models import ProgressUpdate
from webapp.reports.models import ReportNote
from webapp.reports.spreadsheet.layout import COLUMNS, STATES, headers, states

BOILERS = "m04-boilers-all"


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """The application on the morning of 9 October; what was due is stated."""
    with site(september, tmp_path, now=NOW) as made:
        yield made


def address(world: Site, code: str = "130600") -> str:
    return f"/reports/{number(world, code)}/spreadsheet"


def taken(world: Site, client: FlaskClient) -> bytes:
    answer = client.get(f"{address(world)}.xlsx")
    assert answer.status_code == 200
    return answer.data


def brought(world: Site, client: FlaskClient, data: bytes, name: str = "填好.xlsx", code: str = "130600") -> Any:
    form = {"file": (io.BytesIO(data), name)}
    return client.post(address(world, code), data=form, content_type="multipart/form-data")


def kept(world: Site, client: FlaskClient, html: str, **choices: str) -> Any:
    form = {"content": hidden(html, "content"), "request_key": hidden(html, "request_key")}
    return client.post(f"{address(world)}/confirm", data=form | choices)


def counted(world: Site) -> tuple[int, int, int]:
    """Statements, notes, audit events of uploads."""
    with world.database.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(ProgressUpdate)) or 0,
            session.scalar(select(func.count()).select_from(ReportNote)) or 0,
            session.scalar(select(func.count()).where(AuditEvent.action == "report.spreadsheet")) or 0,
        )


def words(html: str) -> str:
    """A page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_taken_filled_in_looked_at_and_kept(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert f'href="{address(world)}"' in page(officer, f"/reports/{number(world)}")
    assert "下载表格" in page(officer, address(world))
    sheets = Sheets(taken(world, officer))
    sheets.fill(BOILERS, 本月累计=0.62, 存在问题="管网施工推迟", 下一步打算="十月底前完成")
    before = counted(world)
    answer = brought(world, officer, sheets.saved())
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200, words(html)
    assert "确认保存 1 项任务的改动" in html
    assert "<b>62%</b>" in html
    assert counted(world) == before
    assert kept(world, officer, html).location == f"/reports/{number(world)}"
    assert counted(world) == (before[0] + 1, before[1] + 1, 1)
    shown = page(officer, f"/reports/{number(world)}")
    assert "表格已保存，改动了 1 项任务" in shown
    assert "管网施工推迟" in shown
    assert row(world).filled_by == world.people.officer.id
    # The same file once more has nothing new to say.
    assert "表格里没有改动" in brought(world, officer, sheets.saved()).get_data(as_text=True)


def test_an_untouched_file_changes_nothing(world: Site) -> None:
    officer = world.client(world.people.officer)
    answer = brought(world, officer, taken(world, officer))
    assert (answer.status_code, "表格里没有改动" in answer.get_data(as_text=True)) == (200, True)


def test_a_double_click_keeps_once_and_an_old_preview_is_refused(world: Site) -> None:
    officer = world.client(world.people.officer)
    sheets = Sheets(taken(world, officer))
    sheets.fill(BOILERS, 本月累计=0.62)
    html, later = (brought(world, officer, sheets.saved()).get_data(as_text=True) for _twice in range(2))
    assert [kept(world, officer, html).status_code for _double in range(2)] == [303, 303]
    before = counted(world)
    answer = kept(world, officer, later)
    assert answer.status_code == 409
    assert "没有保存任何内容" in answer.get_data(as_text=True)
    assert counted(world) == before


def test_two_people_wrote_and_the_one_who_uploads_chooses(world: Site) -> None:
    officer, colleague = world.client(world.people.officer), world.client(world.people.colleague)
    sheets = Sheets(taken(world, officer))
    sheets.fill(BOILERS, 存在问题="管网施工推迟", 下一步打算="十月底前完成")
    with world.database.reading() as session:
        task = assignment_id(session, BOILERS, "130600")
    note = {"version": "0", "problem": "资金缺口", "next_step": "", "reason": ""}
    assert colleague.post(f"/reports/{number(world)}/notes/{task}", data=note).status_code == 303
    html = brought(world, officer, sheets.saved()).get_data(as_text=True)
    assert "保留哪一处" in html
    assert "资金缺口" in html
    assert "管网施工推迟" in html
    assert kept(world, officer, html).status_code == 303
    with world.database.reading() as session:
        said = session.scalars(select(ReportNote)).one()
    assert (said.problem, said.next_step) == ("资金缺口", "十月底前完成")
    again = brought(world, officer, sheets.saved()).get_data(as_text=True)
    assert kept(world, officer, again, **{f"line-{task}": "file"}).status_code == 303
    with world.database.reading() as session:
        assert session.scalars(select(ReportNote)).one().problem == "管网施工推迟"


def test_who_may_not_write_takes_nothing_and_brings_nothing(world: Site) -> None:
    stranger, coordinator = world.client(world.people.stranger), world.client(world.people.coordinator)
    officer = world.client(world.people.officer)
    data = taken(world, officer)
    html = brought(world, officer, _changed(data)).get_data(as_text=True)
    for client, status in ((stranger, 404), (coordinator, 403)):
        assert client.get(address(world)).status_code == status
        assert client.get(f"{address(world)}.xlsx").status_code == status
        assert brought(world, client, data).status_code == status
    assert kept(world, world.client(world.people.colleague), html).status_code == 409
    assert world.client().get(address(world)).status_code == 303


def _changed(data: bytes) -> bytes:
    sheets = Sheets(data)
    sheets.fill(BOILERS, 本月累计=0.62)
    return sheets.saved()


def test_a_forged_preview_is_refused(world: Site) -> None:
    officer = world.client(world.people.officer)
    html = brought(world, officer, _changed(taken(world, officer))).get_data(as_text=True)
    content = hidden(html, "content")
    for bad in ("", content[:-1], "x" + content, content.replace(".", "")):
        answer = officer.post(f"{address(world)}/confirm", data={"content": bad})
        assert answer.status_code == 409
    assert counted(world)[2] == 0


def test_a_file_of_another_city_or_of_before_the_submission_is_refused_with_the_reason(world: Site) -> None:
    officer, stranger = world.client(world.people.officer), world.client(world.people.stranger)
    data = taken(world, officer)
    foreign = brought(world, stranger, data, code="370100")
    assert foreign.status_code == 422
    assert "这是保定市的表格，而这里是济南市的月报" in foreign.get_data(as_text=True)
    html = brought(world, officer, _changed(data)).get_data(as_text=True)
    send(world, officer)
    assert officer.get(f"{address(world)}.xlsx").status_code == 409
    assert kept(world, officer, html).status_code == 409
    coordinator = world.client(world.people.coordinator)
    decision = {"decision": "return", "reason": "请核对", "version": str(row(world).version)}
    assert coordinator.post(f"/reports/{number(world)}/decide", data=decision).status_code == 303
    assert "这份表格下载之后，月报又报送过" in brought(world, officer, data).get_data(as_text=True)
    assert kept(world, officer, html).status_code == 409


def test_english_speaks_english(world: Site) -> None:
    officer = world.client(world.people.officer)
    officer.post("/language", data={"locale": "en", "next": "/"})
    sheets = Sheets(taken(world, officer))
    assert sheets.lines["A1"].value
    assert brought(world, officer, sheets.saved()).status_code == 200


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_headers_and_choices_differ_in_every_language(locale: str) -> None:
    assert len(set(headers(locale).values())) == len(COLUMNS)
    assert len(states(locale)) == len(STATES)
