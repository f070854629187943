"""The bell in a real browser: opened and closed by hand and by keyboard, counting at once, a link without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import window
from tests.browser.test_axe import objections, runs_over
from tests.support.site import Site

pytestmark = pytest.mark.browser

PANEL = "#lt-bell-panel"


def unread(page: Page) -> int:
    """The number on the bell."""
    count = page.locator("[data-unread]")
    return int(count.get_attribute("data-unread") or 0) if count.count() else 0


def test_the_bell_by_keyboard_alone(browser: Browser, guarded: Site, own_address: str) -> None:
    with window(browser, guarded, own_address, guarded.people.officer) as page:
        page.goto("/today")
        bell = page.locator(".lt-bell")
        for key in ("Enter", " "):
            bell.focus()
            page.keyboard.press(key)
            expect(page.locator(PANEL)).to_be_visible()
            assert bell.get_attribute("aria-expanded") == "true"
            assert page.evaluate("() => document.activeElement.id") == "lt-bell-panel"
            page.keyboard.press("Escape")
            expect(page.locator(PANEL)).to_be_hidden()
            assert bell.get_attribute("aria-expanded") == "false"
            assert "lt-bell" in page.evaluate("() => document.activeElement.className")
        bell.click()
        expect(page.locator(PANEL)).to_be_visible()
        page.locator("h1").click()
        expect(page.locator(PANEL)).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wrong_with_the_panel(
    browser: Browser, guarded: Site, own_address: str, language: str, width: int
) -> None:
    for person in (guarded.people.officer, guarded.people.admin):
        with window(browser, guarded, own_address, person, language=language, width=width) as page:
            page.goto("/account")
            page.locator(".lt-bell").click()
            expect(page.locator(PANEL)).to_be_visible()
            assert objections(page) == []
            assert runs_over(page) == ""


def test_what_is_opened_is_read_and_the_rest_at_one_press(browser: Browser, guarded: Site, own_address: str) -> None:
    with window(browser, guarded, own_address, guarded.people.officer) as page:
        page.goto("/plan")
        before = unread(page)
        assert before > 1
        page.locator(".lt-bell").click()
        page.locator(f"{PANEL} li a").first.click()
        page.wait_for_url("**/messages/*")
        expect(page.locator("form[data-mark-read]")).to_be_hidden()
        assert unread(page) == before - 1
        page.goto("/plan")
        assert unread(page) == before - 1
        page.locator(".lt-bell").click()
        with page.expect_navigation():
            page.locator(f"{PANEL} form button").click()
        assert page.url.endswith("/plan")
        assert unread(page) == 0
        assert page.locator(".lt-flash-success").is_visible()
        page.locator(".lt-bell").click()
        expect(page.locator(PANEL)).to_contain_text("没有未读消息")


def test_without_scripts_it_is_a_link_and_reading_a_button(browser: Browser, guarded: Site, own_address: str) -> None:
    client = guarded.client(guarded.people.officer)
    client.get("/messages")
    cookie = client.get_cookie("lantian")
    assert cookie is not None
    context = browser.new_context(base_url=own_address, java_script_enabled=False)
    context.add_cookies([{"name": "lantian", "value": cookie.value, "url": own_address}])
    page = context.new_page()
    page.goto("/today")
    before = unread(page)
    page.locator(".lt-bell").click()
    assert page.url.endswith("/messages")
    page.locator(".lt-mail-subject a").first.click()
    page.locator("form[data-mark-read] button").click()
    assert "/messages/" in page.url
    assert unread(page) == before - 1
    context.close()
