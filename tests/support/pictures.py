"""The README's pictures, taken from a demo of their own that this script makes, serves and stops: `make pictures`."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page

from tests.support.browser import chromium
from tests.support.repository import ROOT
from tests.support.shots import SIZES, speak

FOLDER = ROOT / "docs" / "pictures"
LANTIAN = Path(sys.executable).with_name("lantian")
WIDE = {"width": 1360, "height": 1180}
# Whose pages: the first button of a face on the sign-in page, the faces in their order.
OFFICER, REGION = 0, 2
# Two people of the region; the second reads English.
MAILED = {"zh": "region@demo.lantian.example", "en": "region-2@demo.lantian.example"}


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """A fresh demo being served; gives its address and stops it by its own process id."""
    settings = {**os.environ, "LANTIAN_DATA_DIR": str(folder), "LANTIAN_PORT": "8137"}
    subprocess.run([LANTIAN, "init", "--demo"], env=settings, check=True)
    with subprocess.Popen([LANTIAN, "demo", "run"], env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        process.send_signal(signal.SIGINT)


def signed_in(browser: Browser, address: str, language: str, face: int, size: dict[str, int]) -> Page:
    """A page of one person in one language."""
    page = browser.new_context(viewport=size, device_scale_factor=1.5, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.goto(address)
    speak(page, language)
    page.locator(".si-face").nth(face).locator("button").first.click()
    page.wait_for_load_state()
    return page


def take(browser: Browser, address: str, language: str) -> None:
    """The four pictures in one language."""
    region = signed_in(browser, address, language, REGION, WIDE)
    region.goto(urljoin(address, "/overview"))
    region.screenshot(path=FOLDER / f"overview-{language}.png")
    phone = signed_in(browser, address, language, OFFICER, SIZES["phone"])
    phone.goto(urljoin(address, "/today"))
    phone.screenshot(path=FOLDER / f"today-phone-{language}.png")
    officer = signed_in(browser, address, language, OFFICER, WIDE)
    officer.goto(urljoin(address, "/assignments?measure=measure-4"))
    officer.locator("main tbody a").first.click()
    officer.wait_for_load_state()
    officer.screenshot(path=FOLDER / f"assignment-{language}.png")
    officer.goto(urljoin(address, f"/demo/mailbox?to={MAILED[language]}"))
    officer.locator("main a[href^='/demo/mailbox/']").first.click()
    officer.wait_for_load_state()
    officer.screenshot(path=FOLDER / f"mail-{language}.png")


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as address, chromium() as browser:
        for language in ("zh", "en"):
            take(browser, address, language)
    print(f"pictures are in {FOLDER.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
