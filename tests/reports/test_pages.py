"""The pages of the monthly report as officer, coordinator, reader and stranger use them."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.support.site import Site, site
from webapp.accounts.models import Person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.reminders.models import Reminder
from webapp.reports.models import MonthlyReport, ReportRevision

NOW = parse_instant("2017-10-09T11:00")


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """The application on the morning of 9 October, September's reports open."""
    with site(september, tmp_path, now=NOW) as made:
        yield made


def number(world: Site, code: str = "130600") -> int:
    """The id of an organisation's report."""
    query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
    with world.database.reading() as session:
        return session.scalars(query.where(Organisation.code == code)).one()


def row(world: Site) -> MonthlyReport:
    with world.database.reading() as session:
        return session.get_one(MonthlyReport, number(world))


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', html)
    assert found, name
    return found.group(1) or found.group(2)


def guard(html: str) -> dict[str, str]:
    return {"version": hidden(html, "version"), "request_key": hidden(html, "request_key")}


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def send(world: Site, client: FlaskClient) -> str:
    """Check and submit Baoding's report; the address of the receipt."""
    html = page(client, f"/reports/{number(world)}/check")
    form = {**guard(html), "seen": hidden(html, "seen"), "confirm": "y"}
    answer = client.post(f"/reports/{number(world)}/submit", data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_from_the_draft_to_the_receipt_to_acceptance(world: Site) -> None:
    officer, report = world.client(world.people.officer), number(world)
    assert "2017年9月工作进展月报" in page(officer, "/reports")
    html = page(officer, f"/reports/{report}")
    assert "国庆节、中秋节假期内" in html
    texts = {"problems": "资金未到位", "remark": "见附件", "then": "check"}
    answer = officer.post(f"/reports/{report}", data=guard(html) | texts)
    assert (answer.status_code, answer.location) == (303, f"/reports/{report}/check")
    checked = page(officer, answer.location)
    assert "资金未到位" in checked
    assert "现在报送为按时报送" in checked
    receipt = send(world, officer)
    assert receipt == f"/reports/{report}/revisions/1/receipt"
    shown = page(officer, receipt)
    assert "JJJ2017-130600-201709-1" in shown

    download = officer.get(f"/reports/{report}/revisions/1.json")
    assert hashlib.sha256(download.data).hexdigest() in shown
    assert "attachment" in download.headers["Content-Disposition"]

    coordinator = world.client(world.people.coordinator)
    assert "待审核" in page(coordinator, "/reports?state=submitted")
    html = page(coordinator, f"/reports/{report}")
    assert "审核这份月报" in html
    answer = coordinator.post(f"/reports/{report}/decide", data=guard(html) | {"decision": "accept", "reason": ""})
    assert answer.status_code == 303
    assert row(world).status == "accepted"
    assert "数据从此固定" in page(coordinator, answer.location)


def test_a_double_click_sends_once(world: Site) -> None:
    officer, report = world.client(world.people.officer), number(world)
    html = page(officer, f"/reports/{report}/check")
    form = {**guard(html), "seen": hidden(html, "seen"), "confirm": "y"}
    first = officer.post(f"/reports/{report}/submit", data=form)
    second = officer.post(f"/reports/{report}/submit", data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    with world.database.reading() as session:
        assert len(session.scalars(select(ReportRevision)).all()) == 1
    assert officer.post(f"/reports/{report}/submit", data=form | {"seen": "other"}).status_code == 409


def test_somebody_saved_first_and_what_was_typed_is_kept(world: Site) -> None:
    officer, colleague, report = world.client(world.people.officer), world.client(world.people.colleague), number(world)
    mine, theirs = page(officer, f"/reports/{report}"), page(colleague, f"/reports/{report}")
    assert colleague.post(f"/reports/{report}", data=guard(theirs) | {"remark": "先存的"}).status_code == 303
    answer = officer.post(f"/reports/{report}", data=guard(mine) | {"remark": "我写的一大段"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "我写的一大段" in text
    assert row(world).remark == "先存的"
    # Sent once more from the page that was shown, it is saved.
    again = guard(text) | {"request_key": "another-key", "remark": "我写的一大段"}
    assert officer.post(f"/reports/{report}", data=again).status_code == 303


def test_figures_that_moved_are_shown_again(world: Site) -> None:
    officer, report = world.client(world.people.officer), number(world)
    html = page(officer, f"/reports/{report}/check")
    answer = officer.post(f"/reports/{report}/submit", data=guard(html) | {"seen": "0" * 64})
    assert answer.status_code == 409
    assert "数据发生了变化" in answer.get_data(as_text=True)
    assert row(world).status == "open"


def test_too_long_a_text_is_refused_and_kept(world: Site) -> None:
    officer, report = world.client(world.people.officer), number(world)
    html = page(officer, f"/reports/{report}")
    answer = officer.post(f"/reports/{report}", data=guard(html) | {"remark": "长" * 4001})
    assert answer.status_code == 422
    assert "长" * 4001 in answer.get_data(as_text=True)


def test_a_return_needs_a_reason(world: Site) -> None:
    report = number(world)
    send(world, world.client(world.people.officer))
    coordinator = world.client(world.people.coordinator)
    html = page(coordinator, f"/reports/{report}")
    answer = coordinator.post(f"/reports/{report}/decide", data=guard(html) | {"decision": "return", "reason": " "})
    assert answer.status_code == 422
    assert "请写明退回原因" in answer.get_data(as_text=True)
    retry = guard(html) | {"request_key": "another-key", "decision": "return", "reason": "数据与台账不符"}
    assert coordinator.post(f"/reports/{report}/decide", data=retry).status_code == 303
    officer = world.client(world.people.officer)
    assert "数据与台账不符" in page(officer, f"/reports/{report}")
    assert send(world, officer).endswith("/revisions/2/receipt")
    assert "已经由第 2 版替代" in page(officer, f"/reports/{report}/revisions/1")


ADDRESSES = ["", "/check", "/revisions/1", "/revisions/1.json", "/revisions/1/receipt"]


@pytest.mark.parametrize("tail", ADDRESSES)
def test_strangers_find_nothing(world: Site, tail: str) -> None:
    send(world, world.client(world.people.officer))
    assert world.client(world.people.stranger).get(f"/reports/{number(world)}{tail}").status_code == 404


@pytest.mark.parametrize(
    ("who", "tail", "status"),
    [
        ("reader", "", 403),
        ("reader", "/submit", 403),
        ("reader", "/decide", 403),
        ("stranger", "", 404),
        ("stranger", "/submit", 404),
        ("coordinator", "", 403),
        ("coordinator", "/submit", 403),
        ("officer", "/decide", 403),
        ("overseer", "/decide", 403),
    ],
)
def test_the_wrong_people_change_nothing(world: Site, who: str, tail: str, status: int) -> None:
    person: Person = getattr(world.people, who)
    if tail == "/decide":
        send(world, world.client(world.people.officer))
    before = row(world)
    form = {"version": str(before.version), "decision": "accept", "remark": "x", "seen": ""}
    assert world.client(person).post(f"/reports/{number(world)}{tail}", data=form).status_code == status
    assert (row(world).status, row(world).version) == (before.status, before.version)


def test_readers_see_the_area_and_no_buttons(world: Site) -> None:
    send(world, world.client(world.people.officer))
    reader = world.client(world.people.reader)
    listing = page(reader, "/reports")
    assert "保定市" in listing
    assert "济南市" not in listing
    shown = page(reader, f"/reports/{number(world)}")
    assert "审核这份月报" not in shown
    assert page(reader, "/reports?month=nonsense&state=nonsense")


def test_who_was_told_that_a_report_is_late_stands_on_its_page(world: Site) -> None:
    with world.database.transaction() as session:
        session.add(
            Reminder(
                plan_id=session.get_one(MonthlyReport, number(world)).plan_id,
                subject_kind="report",
                subject_id=number(world),
                due=NOW.date(),
                rung="after-3",
                person_id=world.people.coordinator.id,
                escalation=True,
                audience="province",
                recorded_at=NOW,
            )
        )
    own, above = (
        page(world.client(who), f"/reports/{number(world)}").partition('id="escalations"')[2]
        for who in (world.people.officer, world.people.coordinator)
    )
    assert "提级催办：已告知河北省" in own
    assert "共告知 1 人" in own
    assert "王芳" in above
    assert 'id="escalations"' not in page(world.client(world.people.coordinator), f"/reports/{number(world, '130000')}")


def test_english_speakers_read_english_names(world: Site) -> None:
    client = world.client(world.people.coordinator)
    with client.session_transaction() as session:
        session["language"] = "en"
    assert "Baoding" in page(client, "/reports")


@pytest.mark.parametrize("address", ["/reports", "/reports/{report}"])
def test_statements_do_not_grow_with_the_rows(world: Site, address: str) -> None:
    seen: list[str] = []
    event.listen(world.database.reading_engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    page(world.client(world.people.overseer), address.format(report=number(world)))
    assert len(seen) <= 30, len(seen)
