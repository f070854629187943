"""Debian's Chromium under Playwright, kept quiet and at home."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import tools

ARGUMENTS = [
    "--no-sandbox",  # the sandbox refuses to run as root, as which builds often run
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages may load nothing from elsewhere: other hosts do not resolve.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser; the caller has asked `tools.require("chromium")`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tools.find_chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def collect_faults(page: Page) -> list[str]:
    """A list that fills with script errors and refusals by the content security policy while `page` is used."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return faults
