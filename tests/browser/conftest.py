"""Fixtures of the tests that look at the product through a real browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from tests.site.subjects import Subjects, find
from tests.support.browser import collect_faults
from tests.support.server import serve
from tests.support.site import Site, opened
from webapp.accounts.models import Person

SignedIn = Callable[..., "Page"]


@pytest.fixture(scope="session")
def subjects(shared_site: Site) -> Subjects:
    """Ids of Baoding's things in the lived-in plan."""
    return find(shared_site)


@pytest.fixture(scope="session")
def address(shared_site: Site) -> Iterator[str]:
    """Where the application on the shared, lived-in plan is served."""
    with serve(shared_site.app) as url:
        yield url


@pytest.fixture
def guarded(own_site: Site) -> Site:
    """The application as people meet it: forms carry tokens."""
    return opened(own_site.database, own_site.settings, own_site.people, csrf=True)


@pytest.fixture
def own_address(guarded: Site) -> Iterator[str]:
    """Where it is served."""
    with serve(guarded.app) as url:
        yield url


@contextmanager
def window(
    browser: Browser, site: Site, address: str, person: Person | None, *, language: str = "zh", width: int = 1280
) -> Iterator[Page]:
    """A browser window with somebody signed in; a script error or a refusal by the content policy is a failure.

    A test that leads to another page waits for it (`expect_navigation`): Chromium can hang for ever when a window is
    closed while its next page is only being asked for.
    """
    context = browser.new_context(
        base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": 900}
    )
    client = site.client(person)
    with client.session_transaction() as session:
        session["language"] = language
    cookie = client.get_cookie("lantian")
    assert cookie is not None
    context.add_cookies([{"name": "lantian", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults = collect_faults(page)
    yield page
    context.close()
    assert not faults, faults
