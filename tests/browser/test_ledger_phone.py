"""A ledger on the phone: a row is found while its name is typed, photographed and marked done on one screen."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import window
from tests.browser.test_axe import runs_over
from tests.ledgers.filling import add, opened
from tests.ledgers.test_pages import photo
from tests.support.site import Site

pytestmark = pytest.mark.browser


def test_from_the_list_to_done(browser: Browser, guarded: Site, own_address: str) -> None:
    with guarded.database.transaction() as session:
        assignment, ledger, _use = opened(session)
        add(session, ledger, *range(1, 13))
        here = f"/assignments/{assignment.id}/ledger"
    with window(browser, guarded, own_address, guarded.people.officer, width=375) as page:
        page.set_viewport_size({"width": 375, "height": 667})
        page.goto(here)
        rows = page.locator(".lg-name")
        expect(rows).to_have_count(12)
        page.locator("#filter-q").press_sequentially("第12")
        expect(rows).to_have_count(1)
        assert not runs_over(page)
        with page.expect_navigation():
            rows.first.click()
        camera, done = page.locator(".lt-camera"), page.get_by_role("button", name="标记完成")
        for each in (camera, done):
            box = each.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 667
        page.locator("[data-drop-camera]").set_input_files(
            {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        )
        with page.expect_navigation():
            done.click()
        expect(page.get_by_text("已标记完成：第12小学。")).to_be_visible()
        expect(page.get_by_role("link", name="IMG_1.jpg")).to_be_visible()
