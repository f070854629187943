"""A month's report as three people see it through: one fills, one checks and signs, the province reviews.

A line comes back, words are saved while they are typed and two editors meet on one, the report is accepted, corrected
and accepted again.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from tests.browser.conftest import window
from tests.browser.test_axe import objections, runs_over
from tests.site.subjects import Subjects
from tests.support.lived_in import BAODING, actor_of
from tests.support.people import add_person
from tests.support.server import serve
from tests.support.site import Site, opened
from tests.support.stated import state_due
from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant
from webapp.db import move_clock
from webapp.permissions import Role
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report

pytestmark = pytest.mark.browser
DAY = "2017-11-06T09:00"


@pytest.fixture
def month(own_site: Site, subjects: Subjects) -> tuple[Site, Person, str]:
    """Baoding in November, October's report to be filed: the application, a signatory, the report's address."""
    made = opened(own_site.database, own_site.settings, own_site.people, csrf=True)
    now = parse_instant(DAY)
    with made.database.transaction() as session:
        move_clock(session, now)
        boss = add_person(session, "boss", BAODING, Role.OFFICER, now=now)
        fills = Membership.person_id == made.people.officer.id
        session.execute(update(Membership).where(fills).values(may_check=False, may_sign=False))
        officer = actor_of(session, made.people.officer)
        state_due(session, get_report(session, subjects.open_report, officer), actor=officer, now=now)
    return made, boss, f"/reports/{subjects.open_report}"


def looks_right(page: Page) -> None:
    """Nothing axe objects to and nothing sideways, wide and on a phone."""
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        assert not runs_over(page), page.url
        assert not objections(page), page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def fill(page: Page, address: str) -> str:
    """Words for the first line, saved without a button; “no change” for the rest. The id of the line."""
    page.goto(address)
    looks_right(page)
    line = page.locator(".rp-row").first
    name = str(line.get_attribute("id"))
    if line.locator("details.rp-edit").get_attribute("open") is None:
        line.locator("summary", has_text="填写问题和下一步").click()
    line.locator("textarea[name=problem]").fill("管网施工推迟。")
    expect(line.locator("[data-autosave-state]")).to_have_text(re.compile("已保存 09:0"))
    rest = page.locator("form[action$='/no-change'] button")
    if rest.count():
        rest.click()
        expect(page.locator(".lt-flash-success")).to_contain_text("本月无变化")
    page.locator("button[name=then]").click()
    expect(page.locator("main")).to_contain_text("月报由签发人报送")
    return name


def meet(mine: Page, theirs: Page, address: str, line: str) -> None:
    """Two editors on one line: the second sees both texts and keeps the own one."""
    for page in (mine, theirs):
        page.goto(address)
        page.locator(f"#{line} details.rp-edit").evaluate("each => { each.open = true; }")
    theirs.locator(f"#{line} textarea[name=next_step]").fill("协调施工许可。")
    expect(theirs.locator(f"#{line} [data-autosave-state]")).to_have_text(re.compile("已保存"))
    mine.locator(f"#{line} textarea[name=next_step]").fill("倒排工期。")
    expect(mine.locator(f"#{line} .rp-theirs", has_text="协调施工许可。")).to_be_visible()
    assert not objections(mine)
    mine.locator(f"#{line} [data-choice]", has_text="保留我写的").click()
    expect(mine.locator(f"#{line} [data-autosave-state]")).to_have_text(re.compile("已保存"))
    assert mine.locator(f"#{line} textarea[name=next_step]").input_value() == "倒排工期。"


def sign(page: Page, address: str) -> None:
    """Check and sign in one."""
    page.goto(f"{address}/check")
    looks_right(page)
    page.get_by_role("button", name="审核无误，签发报送").click()
    page.wait_for_url(re.compile("/receipt$"))


def send_back(page: Page, address: str) -> None:
    """The first line comes back with a reason."""
    page.goto(address)
    expect(page.locator(".rp-clock")).to_contain_text("今天收到")
    page.get_by_role("button", name="展开全部").click()
    page.locator("input[name=line]").first.check()
    why = page.locator(".rp-tick-why textarea:visible")
    expect(why).to_have_count(1)
    why.fill("与台账不符，请核对。")
    looks_right(page)
    page.get_by_role("button", name="退回修改").click()
    expect(page.locator(".lt-flash-success")).to_contain_text("已退回")


def accept(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="审核通过").click()
    page.locator("#lt-confirm [data-confirm-yes]").click()
    expect(page.locator(".lt-flash-success")).to_contain_text("已审核通过")


def correct(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#correct summary").click()
    page.locator("#correct textarea").fill("重复统计，核减。")
    looks_right(page)
    page.get_by_role("button", name="开始更正").click()
    expect(page.locator("main")).to_contain_text("更正中")


def test_three_people_file_review_and_correct_a_month(browser: Browser, month: tuple[Site, Person, str]) -> None:
    own, boss, path = month
    with (
        serve(own.app) as url,
        window(browser, own, url, own.people.officer) as filler,
        window(browser, own, url, boss) as signatory,
        window(browser, own, url, own.people.coordinator) as province,
    ):
        line = fill(filler, path)
        meet(signatory, filler, path, line)
        sign(signatory, path)
        send_back(province, path)
        filler.goto(path)
        expect(filler.locator("main")).to_contain_text("退回意见：与台账不符，请核对。")
        looks_right(filler)
        sign(signatory, path)
        accept(province, path)
        correct(filler, path)
        sign(signatory, path)
        accept(province, path)
    with own.database.reading() as session:
        row = session.scalars(select(MonthlyReport).where(MonthlyReport.id == int(path.rsplit("/", 1)[1]))).one()
        assert (row.status, row.revision, row.accepted_revision, row.days_late) == ("accepted", 3, 3, 0)
