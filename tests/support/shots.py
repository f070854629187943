"""Pictures of every kind of page in a running demo: both languages, wide and phone, each face of the product.

Start `make run` in one terminal, then `make shots` in another; ADDRESS=http://127.0.0.1:8080 says where it runs.
The pages are found by following links: one picture a face and kind of address, numbers counted as one kind.
"""

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support import tools
from tests.support.browser import chromium
from tests.support.repository import ROOT

SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}
LANGUAGES = ("zh", "en")
FOLDER = ROOT / "shots"
# A face ends its walk here, should links never end.
MOST_PAGES = 40


def kind(address: str) -> str:
    """What pages of one sort have in common: the path, every number and code of digits as one letter."""
    path = re.sub(r"^https?://[^/]+", "", address).split("?", maxsplit=1)[0].strip("/")
    return re.sub(r"\d[\d-]*", "N", path) or "home"


def file_name(address: str) -> str:
    """A page's kind as a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", kind(address)).strip("-") + ".png"


def speak(page: Page, language: str) -> None:
    """Switch the sign-in page to a language."""
    if not (page.get_attribute("html", "lang") or "").startswith(language):
        page.locator("form[action*='language'] button").first.click()
        page.wait_for_load_state()


def links(page: Page, address: str) -> list[str]:
    """Addresses of our own pages that this page links to."""
    found = page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)")
    return [link.split("#")[0] for link in found if link.startswith(address) and "/export" not in link]


def walk(page: Page, address: str, folder: Path) -> None:
    """Follow links from where the page is, and picture each kind of page once."""
    waiting, seen = [page.url], {kind(page.url)}
    taken = 0
    while waiting and taken < MOST_PAGES:
        response = page.goto(waiting.pop(0))
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            continue
        page.screenshot(path=folder / file_name(page.url), full_page=True)
        taken += 1
        for link in links(page, address):
            if kind(link) not in seen:
                seen.add(kind(link))
                waiting.append(link)


def picture(browser: Browser, address: str, language: str, size: str) -> None:
    """All faces of the demo in one language and size."""
    face, faces = 0, 1
    while face < faces:
        context = browser.new_context(viewport=SIZES[size], accept_downloads=False)
        page = context.new_page()
        page.goto(address)
        speak(page, language)
        faces = page.locator(".si-face").count()
        folder = FOLDER / f"{language}-{size}" / f"face-{face + 1}"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / "sign-in.png", full_page=True)
        page.locator(".si-face").nth(face).locator("button").first.click()
        page.wait_for_load_state()
        walk(page, address, folder)
        context.close()
        face += 1


def main() -> None:
    """Picture everything."""
    if not tools.find_chromium():
        raise SystemExit("Chromium is missing: make setup-test")
    address = os.environ.get("ADDRESS", "http://127.0.0.1:8080")
    with chromium() as browser:
        for language in LANGUAGES:
            for size in SIZES:
                picture(browser, address, language, size)
    print(f"pictures are in {FOLDER.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
