"""The calendar feed: what stands in it, for whom, in which bytes; its address, and what the account page says of it."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.support.html import parse
from tests.support.lived_in import actor_of, say
from tests.support.people import NOW
from tests.support.plans import assignment
from tests.support.site import Site
from tests.support.stated import unchecked
from webapp.accounts.calendar_links import make_link
from webapp.accounts.models import Person
from webapp.clock import local_date, parse_instant
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM
from webapp.plans.models import Assignment, Season, Task
from webapp.progress.facts import OPEN_STATUSES
from webapp.progress.planning import extend
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.reports.service import submit

BOILERS = "m04-boilers-all"
BAODING = "130600"
Events = Mapping[str, Any]


def link(site: Site, person: Person) -> str:
    """The path of a fresh feed."""
    with site.database.transaction() as session:
        return f"/calendar/{make_link(session, person.id, actor=SYSTEM, now=NOW)}.ics"


def fetch(site: Site, person: Person, **headers: str) -> TestResponse:
    return site.client().get(link(site, person), headers=headers)


def events(answer: TestResponse) -> Events:
    """The events by what comes before the @ of their UID, read by the library."""
    calendar = Calendar.from_ical(answer.data)
    found = {str(each["UID"]).partition("@")[0]: each for each in calendar.walk("VEVENT")}
    assert len(found) == len(list(calendar.walk("VEVENT")))
    return found


def of_kind(found: Events, kind: str) -> dict[str, Any]:
    return {uid: each for uid, each in found.items() if re.fullmatch(rf"{kind}-[\d-]+(-internal)?", uid)}


def boilers(site: Site) -> int:
    with site.database.reading() as session:
        return assignment(session, BOILERS, BAODING).id


# --- the file


def test_the_file_is_as_rfc_5545_wants_it(world: Site) -> None:
    answer = fetch(world, world.people.officer)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = answer.data.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines)
    assert lines[0] == b"BEGIN:VCALENDAR"
    unfolded = answer.data.replace(b"\r\n ", b"").decode()
    assert "X-WR-CALNAME:蓝天：李敏\r\n" in unfolded
    assert "X-WR-TIMEZONE:Asia/Shanghai\r\n" in unfolded
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in unfolded
    assert "X-PUBLISHED-TTL:PT6H\r\n" in unfolded
    assert "VALARM" not in unfolded


def test_a_calendar_without_a_date_is_a_calendar(world: Site) -> None:
    """RFC 5545 wants at least one component; programs refuse an address that gives none."""
    found = Calendar.from_ical(fetch(world, world.people.reader).data)
    assert [each.name for each in found.subcomponents] == ["VTIMEZONE"]
    assert found.subcomponents[0].to_tz().utcoffset(NOW.replace(tzinfo=None)) == timedelta(hours=8)


def test_every_event_is_a_whole_day_that_blocks_nothing(world: Site) -> None:
    found = events(fetch(world, world.people.officer))
    assert len(found) > 20
    for each in found.values():
        first, last = each["DTSTART"].dt, each["DTEND"].dt
        assert type(first) is date
        assert (last - first).days == 1
        assert each["TRANSP"] == "TRANSPARENT"
        assert each["STATUS"] in ("CONFIRMED", "TENTATIVE")
        assert each["DTSTAMP"].dt == each["LAST-MODIFIED"].dt
        assert isinstance(each["DTSTAMP"].dt, datetime)
        assert str(each["URL"]).startswith(world.settings.public_url)
        assert str(each["SUMMARY"])


def test_it_speaks_the_persons_language(world: Site) -> None:
    with world.database.transaction() as session:
        session.get_one(Person, world.people.officer.id).locale = "en"
    found = events(fetch(world, world.people.officer))
    assert found[f"assignment-{boilers(world)}"]["SUMMARY"].params["LANGUAGE"] == "en"


# --- dates


def test_each_deadline_is_the_pages(world: Site) -> None:
    found = of_kind(events(fetch(world, world.people.officer)), "assignment")
    with world.database.reading() as session:
        query = select(Assignment.id, Assignment.due).join(Organisation, Organisation.id == Assignment.organisation_id)
        since = date(2017, 8, 21)
        rows = session.execute(
            query.where(Organisation.code == BAODING, Assignment.status.in_(OPEN_STATUSES), Assignment.due >= since)
        ).all()
    assert {uid: each["DTSTART"].dt for uid, each in found.items()} == {f"assignment-{key}": due for key, due in rows}
    browser = world.client(world.people.officer)
    for uid, each in list(found.items())[:8]:
        path = str(each["URL"]).removeprefix(world.settings.public_url)
        assert path == f"/assignments/{uid.partition('-')[2]}"
        page = parse(browser.get(path).text)
        assert each["DTSTART"].dt.isoformat() in [time.get("datetime") for time in page.all("time")]


def test_a_deadline_says_target_and_clause(world: Site) -> None:
    told = str(events(fetch(world, world.people.officer))[f"assignment-{boilers(world)}"]["DESCRIPTION"])
    with world.database.reading() as session:
        task = session.scalars(select(Task).where(Task.code == BOILERS)).one()
    assert task.title_zh in told
    assert "目标：" in told
    assert "依据：" in told
    assert told.endswith(f"/assignments/{boilers(world)}")


def test_an_extension_moves_the_event_and_raises_its_sequence(world: Site) -> None:
    uid = f"assignment-{boilers(world)}"
    before = events(fetch(world, world.people.officer))[uid]
    assert before["SEQUENCE"] == 0
    with world.database.transaction() as session:
        overseer = actor_of(session, world.people.overseer)
        row = assignment(session, BOILERS, BAODING, overseer)
        extend(session, row, actor=overseer, now=NOW, due=date(2017, 11, 20), reason="管网施工推迟。",
               version=row.version)  # fmt: skip
    after = events(fetch(world, world.people.officer))[uid]
    assert after["SEQUENCE"] == 1
    assert after["DTSTART"].dt == date(2017, 11, 20)
    assert after["LAST-MODIFIED"].dt == NOW
    assert "2017年10月31日" in str(after["DESCRIPTION"])
    assert "管网施工推迟" in str(after["DESCRIPTION"])


def test_a_claimed_task_leaves_and_is_the_reviewers(world: Site) -> None:
    with world.database.transaction() as session:
        officer = actor_of(session, world.people.officer)
        row = assignment(session, "m02-survey", BAODING, officer)
        say(session, row, officer, parse_instant("2017-09-28T10:00"), "claim", note="排查完毕。")
        claimed = row.id
    assert f"assignment-{claimed}" not in events(fetch(world, world.people.officer))
    reviews = of_kind(events(fetch(world, world.people.coordinator)), "review")
    # The third working day after Thursday 28 September: Saturday the 30th is made up for, then a week of holidays.
    assert [each["DTSTART"].dt for each in reviews.values()] == [date(2017, 10, 9)]
    assert [str(each["URL"]) for each in reviews.values()] == [f"{world.settings.public_url}/review/{claimed}"]
    assert not of_kind(events(fetch(world, world.people.overseer)), "review")


def test_a_city_sees_its_own_report_date_and_the_legal_one(world: Site) -> None:
    found = of_kind(events(fetch(world, world.people.officer)), "report")
    with world.database.reading() as session:
        query = select(MonthlyReport).join(MonthlyReport.organisation).where(Organisation.code == BAODING)
        row = session.scalars(query).one()
    uid = f"report-{row.plan_id}-{row.organisation_id}-201709"
    assert found[uid]["DTSTART"].dt == row.due == date(2017, 10, 9)
    assert found[f"{uid}-internal"]["DTSTART"].dt == row.internal_due
    assert "12:00" in str(found[f"{uid}-internal"]["SUMMARY"])
    assert row.due_explained_zh in str(found[uid]["DESCRIPTION"])
    assert found[uid]["SEQUENCE"] == 1


def test_reports_to_come_stand_under_the_uid_they_will_keep(world: Site) -> None:
    found = of_kind(events(fetch(world, world.people.officer)), "report")
    months = sorted({uid.split("-")[3] for uid in found})
    assert months == ["201709", "201710", "201711", "201712", "201801", "201802", "201803"]
    october = next(each for uid, each in found.items() if uid.endswith("-201710"))
    assert october["DTSTART"].dt == date(2017, 11, 8)
    assert october["SEQUENCE"] == 0


def test_a_submitted_report_leaves_and_is_the_provinces_to_decide(world: Site) -> None:
    with world.database.transaction() as session:
        officer = actor_of(session, world.people.officer)
        query = select(MonthlyReport.id).join(MonthlyReport.organisation).where(Organisation.code == BAODING)
        report = get_report(session, session.scalars(query).one(), officer)
        now = parse_instant("2017-10-19T10:00")
        with unchecked():
            submit(session, report, actor=officer, now=now, version=report.version, confirm_check=True)
        uid = f"report-review-{report.id}-1"
    assert not [each for each in events(fetch(world, world.people.officer)) if each.endswith("201709")]
    assert events(fetch(world, world.people.coordinator))[uid]["DTSTART"].dt == date(2017, 10, 24)


def test_the_seasons_start_stands_in_it_once(world: Site) -> None:
    found = [each for uid, each in events(fetch(world, world.people.officer)).items() if uid.startswith("season-")]
    with world.database.reading() as session:
        season = session.scalars(select(Season).where(Season.organisation_id.is_(None))).one()
    assert [each["DTSTART"].dt for each in found] == [season.starts_on]
    assert season.note_zh in str(found[0]["DESCRIPTION"])


# --- whose


def test_nobody_sees_another_area(world: Site) -> None:
    own, strange = fetch(world, world.people.officer).text, fetch(world, world.people.stranger).text
    assert "济南" not in own
    assert "保定" not in strange.replace("\r\n ", "")


def test_who_looks_over_others_gets_no_flood(world: Site) -> None:
    with world.database.reading() as session:
        region = session.scalars(select(Organisation.id).where(Organisation.code == "jjj")).one()
        own = session.scalars(select(Assignment.id).where(Assignment.organisation_id == region)).all()
    for person in (world.people.overseer, world.people.coordinator):
        assert len(of_kind(events(fetch(world, person)), "assignment")) < 72
    assert len(of_kind(events(fetch(world, world.people.overseer)), "assignment")) <= len(own)
    assert events(fetch(world, world.people.reader)) == {}


def test_the_statements_do_not_grow_with_the_events(world: Site) -> None:
    counted: list[str] = []
    event.listen(world.database.reading_engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
    sizes = {}
    for person in (world.people.officer, world.people.reader):
        path = link(world, person)
        counted.clear()
        found = events(world.client().get(path))
        sizes[len(found)] = len([each for each in counted if not each.startswith(("BEGIN", "PRAGMA"))])
    assert len(sizes) == 2
    assert len(set(sizes.values())) == 1
    assert max(sizes.values()) <= 12


# --- asked again


def test_what_has_not_changed_is_not_sent_again(world: Site) -> None:
    path = link(world, world.people.officer)
    first = world.client().get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    for header, value in (
        ("If-None-Match", first.headers["ETag"]),
        ("If-Modified-Since", first.headers["Last-Modified"]),
    ):
        again = world.client().get(path, headers={header: value})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    head = world.client().head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(first.data))


def test_a_closed_task_is_a_change(world: Site) -> None:
    path = link(world, world.people.officer)
    first = world.client().get(path)
    with world.database.transaction() as session:
        officer = actor_of(session, world.people.officer)
        row = assignment(session, "m02-close-all", BAODING, officer)
        say(session, row, officer, NOW + timedelta(minutes=5), "claim", quantity=Decimal(1), note="已全部取缔。")
    for header, value in (
        ("If-None-Match", first.headers["ETag"]),
        ("If-Modified-Since", first.headers["Last-Modified"]),
    ):
        assert world.client().get(path, headers={header: value}).status_code == 200


@pytest.mark.parametrize("path", ["/calendar/x.ics", f"/calendar/{'A' * 43}.ics", "/calendar/%00.ics"])
def test_unknown_and_revoked_addresses_get_the_same_answer(world: Site, path: str) -> None:
    revoked = link(world, world.people.officer)
    link(world, world.people.officer)
    answers = [world.client().get(each) for each in (revoked, path)]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert answers[0].headers["Cache-Control"] == "no-store"


# --- the account page


def press(browser: FlaskClient, path: str) -> TestResponse:
    """Press the account page's button that posts to an address."""
    page = parse(browser.get("/account").text)
    form = next(each for each in page.all("form") if each.get("action") == path)
    return browser.post(path, data={each.get("name"): each.get("value") for each in form.all("input")})


def shown(browser: FlaskClient) -> list[str]:
    return [
        each.get("value") for each in parse(browser.get("/account").text).all("input") if ".ics" in each.get("value")
    ]


def test_the_address_is_shown_once(world: Site) -> None:
    browser = world.client(world.people.officer)
    answer = press(browser, "/account/calendar")
    assert (answer.status_code, answer.location) == (303, "/account#calendar")
    page = browser.get("/account")
    found = re.search(r'value="(\S+/calendar/\S+\.ics)"', page.text)
    assert found is not None
    assert found[1].replace("http://", "webcal://") in page.text
    assert page.headers["Cache-Control"] == "no-store"
    path = found[1].removeprefix(world.settings.public_url)
    assert world.client().get(path).status_code == 200
    assert shown(browser) == []


def test_made_anew_and_revoked_on_the_page(world: Site) -> None:
    browser = world.client(world.people.officer)
    paths = []
    for _ in range(2):
        press(browser, "/account/calendar")
        paths += [each.removeprefix(world.settings.public_url) for each in shown(browser)]
    assert [world.client().get(each).status_code for each in paths] == [404, 200]
    assert press(browser, "/account/calendar/revoke").status_code == 303
    assert [world.client().get(each).status_code for each in paths] == [404, 404]
    assert "/account/calendar/revoke" not in browser.get("/account").text


def test_a_button_pressed_twice_makes_one_address(world: Site) -> None:
    browser = world.client(world.people.officer)
    data = {"request_key": "calendar-key-0001"}
    assert browser.post("/account/calendar", data=data).status_code == 303
    assert browser.post("/account/calendar", data=data).status_code == 303
    (address,) = shown(browser)
    assert world.client().get(address.removeprefix(world.settings.public_url)).status_code == 200
    assert browser.post("/account/calendar", data={"request_key": "x"}).status_code == 422


def test_the_day_of_the_world() -> None:
    assert local_date(NOW) == date(2017, 10, 20)
