"""The main job as its people do it: photographed on a phone, verified, seen on the dashboard, reminded of by mail."""

import re
from collections import Counter
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from tasks import runner
from tests.browser.conftest import window
from tests.evidence.samples import picture
from tests.site.subjects import Subjects
from tests.support.lived_in import BAODING, BOILERS
from tests.support.people import PASSWORD
from tests.support.plans import assignment
from tests.support.server import serve
from tests.support.site import Site, opened
from tests.support.smtp import PostOffice, post_office
from webapp.clock import parse_instant
from webapp.db import move_clock
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment
from webapp.reminders.models import Reminder

pytestmark = pytest.mark.browser


@pytest.fixture
def own_site(own_site: Site) -> Site:
    """The application as people meet it: forms carry tokens."""
    return opened(own_site.database, own_site.settings, own_site.people, csrf=True)


def cell(page: Page) -> str:
    """Baoding's cell of the fourth measure on the dashboard, as it is read out."""
    row = page.locator("[data-matrix] tbody tr", has=page.locator("th[scope=row]", has_text="保定"))
    link = row.locator("td a", has_text="小燃煤锅炉").first
    return f"{link.text_content()} {link.get_attribute('data-counts')}"


def report_progress(page: Page, subjects: Subjects, photo: Path) -> None:
    """The officer takes a photo and says that all boilers are gone."""
    page.goto("/today")
    page.locator(f"main a[href*='/assignments/{subjects.assignment}']").first.click()
    if "/update" not in page.url:
        page.locator(f"a[href$='/assignments/{subjects.assignment}/update']").first.click()
    page.locator("input[name=quantity]").fill("100")
    page.locator("textarea[name=note]").fill("最后12台已拆除。")
    page.locator("input[type=file][data-drop-input]").set_input_files(photo)
    page.locator("input[name=claim]").check()
    page.locator("form.dk-form button[type=submit]").click()
    page.wait_for_url(re.compile(rf"/assignments/{subjects.assignment}$"))
    assert page.locator(".lt-flash-success").is_visible()
    assert page.locator("main a[href^='/evidence/']", has_text="boilers-photo").first.is_visible()


def verify(page: Page, subjects: Subjects) -> None:
    """The coordinator opens the claim from the list of claims and closes it out."""
    page.goto("/review")
    page.locator(f"main a[href='/review/{subjects.assignment}']").first.click()
    assert page.locator("a[href^='/evidence/']", has_text="boilers-photo").first.is_visible()
    page.locator("input[name=decision][value=verify]").check()
    with page.expect_navigation():
        page.locator(".lt-db-decide button[type=submit]").click()
    assert page.locator(".lt-flash-success").is_visible()


def test_an_officer_updates_and_a_coordinator_verifies(
    browser: Browser, own_site: Site, subjects: Subjects, tmp_path: Path
) -> None:
    photo = tmp_path / "boilers-photo.jpg"
    photo.write_bytes(picture("JPEG", (640, 480)))
    people = own_site.people
    with serve(own_site.app) as address:
        with window(browser, own_site, address, people.coordinator, width=1440) as page:
            page.goto("/overview")
            before = cell(page)
        with window(browser, own_site, address, people.officer, width=375) as page:
            report_progress(page, subjects, photo)
        with window(browser, own_site, address, people.coordinator, width=1440) as page:
            verify(page, subjects)
            page.goto("/overview")
            assert cell(page) != before
    with own_site.database.reading() as session:
        row = session.get_one(Assignment, subjects.assignment)
        assert (row.status, row.verified) == ("verified", 1)


# --- the day moves on


def move_to(site: Site, moment: str) -> None:
    with site.database.transaction() as session:
        move_clock(session, parse_instant(moment))


def reminded(site: Site, place: str) -> dict[int, list[str]]:
    """The rungs recorded for the officer of a place: by assignment."""
    found: dict[int, list[str]] = {}
    with site.database.reading() as session:
        query = select(Reminder).where(Reminder.subject_kind == "assignment").order_by(Reminder.id)
        for row in session.scalars(query):
            if row.person_id == site.people.officer.id:
                found.setdefault(row.subject_id, []).append(str(row.rung))
    return found


def mails_to(office: PostOffice, address: str) -> list[EmailMessage]:
    return [mail for to, mail in office.received if to == address]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_rungs_of_31_october_arrive_once_each_and_their_link_opens_the_assignment(
    browser: Browser, own_site: Site, subjects: Subjects
) -> None:
    officer = own_site.people.officer
    with post_office() as office, serve(own_site.app) as address:
        settings = replace(own_site.settings, smtp_port=office.port, base_url=address)
        for day in ("2017-10-24", "2017-10-30", "2017-10-31"):
            move_to(own_site, f"{day}T08:31")
            for _again in range(3):
                runner.tick(own_site.database, settings, owner="test")
        last = mails_to(office, officer.email)[-1]
        assert len(set(office.message_ids)) == len(office.received)
        days = Counter((to, str(mail["Date"])[:16]) for to, mail in office.received if "@" in to)
        assert days[officer.email, str(last["Date"])[:16]] == 1
        rungs = reminded(own_site, BAODING)[subjects.assignment]
        assert len(rungs) == len(set(rungs))
        assert len(rungs) >= 3
        link = f"{address}/assignments/{subjects.assignment}"
        assert text_of(last).count(f"{link}\n") == 1
        open_from_mail(browser, link, officer.email, own_site)


def open_from_mail(browser: Browser, link: str, email: str, site: Site) -> None:
    """Follow a link in a browser that has never been here: sign in, and be there."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(link)
    assert "/sign-in" in page.url
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(link)
    with site.database.reading() as session:
        title = assignment(session, BOILERS, BAODING).task.title_zh
    assert title in page.locator("h1").inner_text()
    context.close()


def test_the_demos_day_is_moved_by_its_bar(browser: Browser, own_site: Site) -> None:
    with serve(own_site.app) as address, window(browser, own_site, address, own_site.people.officer) as page:
        with own_site.database.transaction() as session:
            move_clock(session, parse_instant("2017-10-20T10:00"))
        page.goto("/today")
        for day in ("2017年10月20日", "2017年10月23日"):
            assert day in page.locator("body").inner_text()
            with page.expect_navigation():
                page.locator("form[action='/demo/advance'] button").first.click()
        assert "2017年10月24日" in page.locator("body").inner_text()
        with own_site.database.reading() as session:
            assert session.scalar(select(Organisation.id).limit(1))
