"""The update form in a real browser: linked figures, a photo, a summary that takes the focus, the next item."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.october import file_progress, number
from tests.support.people import sign_in
from tests.support.server import serve
from tests.support.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(world: Site, page: Page) -> Iterator[tuple[Page, str]]:
    """A browser in which Baoding's officer is signed in, and the site's address."""
    file_progress(world, share="0.5")
    world.app.config["WTF_CSRF_ENABLED"] = True
    client = world.app.test_client()
    sign_in(client, world.people.officer)
    cookie = client.get_cookie("lantian")
    assert cookie
    with serve(world.app) as address:
        page.context.add_cookies([{"name": "lantian", "value": cookie.value, "url": address}])
        yield page, address


def test_filing_with_a_photo(world: Site, desk: tuple[Page, str], tmp_path: Path) -> None:
    page, address = desk
    picture = tmp_path / "现场.jpg"
    Image.new("RGB", (300, 300), "steelblue").save(picture, "JPEG")
    page.goto(f"{address}/today")
    page.get_by_role("link", name="小锅炉全域淘汰").first.click()
    page.get_by_label("本次新增").fill("12.5")
    expect(page.get_by_label("累计完成")).to_have_value("62.5")
    page.get_by_label("累计完成").fill("70")
    expect(page.get_by_label("本次新增")).to_have_value("20")
    page.get_by_label("佐证材料").set_input_files(picture)
    expect(page.get_by_role("button", name="移除 现场.jpg")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("累计 70%，为目标的 70.0%")).to_be_visible()
    expect(page.get_by_role("link", name="现场.jpg")).to_be_visible()
    page.get_by_role("link", name="下一项").click()
    expect(page.get_by_role("button", name="保存")).to_be_in_viewport()


def test_a_mistake_takes_the_focus_and_leads_to_its_field(world: Site, desk: tuple[Page, str]) -> None:
    page, address = desk
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(f"{address}/assignments/{number(world)}/update")
    page.get_by_label("累计完成").fill("40")
    page.get_by_label("进展说明").fill("重复统计")
    page.get_by_role("button", name="保存").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.get_by_label("进展说明")).to_have_value("重复统计")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("核减或异常说明")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Axe().run(page).response["violations"]


def test_no_change_is_one_tap(world: Site, desk: tuple[Page, str]) -> None:
    page, address = desk
    page.goto(f"{address}/assignments/{number(world)}")
    page.get_by_role("button", name="无变化").click()
    expect(page.get_by_text("已记录“无变化”")).to_be_visible()
