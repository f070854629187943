"""Every main page in a real browser: nothing axe objects to, no sideways scrolling, usable by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import window
from tests.site.subjects import Subjects
from tests.support.lived_in import BOILERS
from tests.support.site import Site

pytestmark = pytest.mark.browser

# The third is what a 1280 px window shows at 200 % zoom.
WIDE, PHONE, ZOOMED = 1280, 375, 640
# Axe takes a second a page, so that it sees each page once wide and once narrow: what it objects to seldom depends on
# the language.
EXAMINED_AT = {"zh": WIDE, "en": PHONE}
AXE = Axe().axe_script
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PAGES = {
    "officer": [
        "/today", "/assignments", "/assignments?light=behind", "/assignments/{assignment}", "/assignments/{claimed}",
        "/assignments/{assignment}/update", "/assignments/{assignment}/nodes", "/reports", "/reports/{report}",
        "/reports/{open_report}", "/reports/{open_report}/check", "/reports/{report}/revisions/1",
        "/reports/{report}/revisions/1/receipt", "/messages", "/messages?show=unread", "/messages/{mail}", "/account",
        "/plan", "/plan/measure-4", f"/plan/tasks/{BOILERS}", "/reminder-rules",
        "/reminder-rules/versions/1", "/nowhere",
    ],
    "coordinator": [
        "/overview", "/overview/assignments", "/review", "/review/{claimed}", "/reports", "/assignments/{assignment}",
    ],
    "overseer": ["/overview", "/overview?side=others", "/overview/assignments?colour=red"],
    "admin": [
        "/overview", "/people", "/people/new", "/people/{person}", "/jobs", "/audit", "/reminder-rules",
        "/reminder-rules/edit", "/demo/mailbox",
    ],
    "nobody": ["/sign-in", "/unsubscribe/{token}"],
}  # fmt: skip


def objections(page: Page) -> list[str]:
    """What axe finds, each with the first places."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run(rules).then((results) => results.violations)", RULES)
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}" for each in found]


def runs_over(page: Page) -> str:
    """Which elements stick out sideways; empty when the page fits."""
    script = """() => {
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= wide) return '';
      const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > wide + 1);
      return out.slice(0, 3).map((e) => e.tagName + '.' + e.className).join(' ') || 'something hidden';
    }"""
    return str(page.evaluate(script))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("face", PAGES)
def test_pages_of_a_face(
    browser: Browser, shared_site: Site, address: str, subjects: Subjects, face: str, language: str
) -> None:
    wrong = {}
    person = getattr(shared_site.people, face, None)
    with window(browser, shared_site, address, person, language=language) as page:
        for path in (each.format(**vars(subjects)) for each in PAGES[face]):
            for width in (WIDE, ZOOMED, PHONE):
                page.set_viewport_size({"width": width, "height": 900})
                if width == WIDE:
                    page.goto(path)
                if sticking := runs_over(page):
                    wrong[f"{path} {width}"] = [f"runs over: {sticking}"]
                if width == EXAMINED_AT[language] and (found := objections(page)):
                    wrong[f"{path} {width} axe"] = found
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


# --- the keyboard


def outline(page: Page) -> bool:
    """Whether the focused element shows that it has the focus."""
    script = """() => { const s = getComputedStyle(document.activeElement);
      return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== 'none'; }"""
    return bool(page.evaluate(script))


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.outerHTML.slice(0, 80)"))


def test_the_first_tab_offers_to_skip_to_the_content(browser: Browser, shared_site: Site, address: str) -> None:
    with window(browser, shared_site, address, shared_site.people.officer) as page:
        page.goto("/today")
        page.keyboard.press("Tab")
        assert "lt-skip" in focused(page)
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "content"


FACES_AND_PATHS = [("officer", "/today"), ("officer", "/assignments"), ("coordinator", "/review")]


@pytest.mark.parametrize(("face", "path"), FACES_AND_PATHS)
def test_focus_is_seen_wherever_tab_leads(
    browser: Browser, shared_site: Site, address: str, face: str, path: str
) -> None:
    with window(browser, shared_site, address, getattr(shared_site.people, face)) as page:
        page.goto(path)
        for _ in range(25):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement === document.body"):
                break
            assert outline(page), focused(page)


def test_arrow_keys_move_in_the_matrix(browser: Browser, shared_site: Site, address: str) -> None:
    with window(browser, shared_site, address, shared_site.people.overseer) as page:
        page.goto("/overview")
        links = page.locator("[data-matrix] tbody tr:has(td a)").first.locator("td a")
        links.first.focus()
        summary = page.locator("[data-matrix-summary]").inner_text()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("() => document.activeElement.closest('td') !== null")
        assert page.locator("[data-matrix-summary]").inner_text() != summary
        before = focused(page)
        page.keyboard.press("ArrowDown")
        assert focused(page) != before
        page.keyboard.press("Home")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/overview/assignments" in page.url
