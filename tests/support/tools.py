"""The programs that tests need and pip cannot bring: where they are, and how they come onto a Debian machine.

`make setup-test` runs this file. A test that lacks one is skipped by name; with LANTIAN_REQUIRE_TOOLS=1 it fails.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Names chromium goes by on Debian and elsewhere.
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Path of the browser's executable."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def find_postgres() -> Path | None:
    """Folder that holds `initdb` and `pg_ctl`; Debian keeps them off the PATH, one folder a version."""
    on_path = shutil.which("pg_ctl")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    return Path(on_path).parent if on_path and shutil.which("initdb") else None


def find_cjk_font() -> Path | None:
    """A font with Chinese glyphs, without which screenshots and print show boxes."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    return next((font for folder in folders for font in folder.rglob("NotoSansCJK*")), None)


# Debian package -> how one sees that it is there.
TOOLS: dict[str, Callable[[], object]] = {
    "chromium": find_chromium,
    "fonts-noto-cjk": find_cjk_font,
    "postgresql": find_postgres,
    "openssl": lambda: shutil.which("openssl"),
}
# Too large to be installed for everybody: what needs one of these is skipped by name wherever it is missing.
OPTIONAL: dict[str, Callable[[], object]] = {
    "libreoffice-calc": lambda: shutil.which("soffice"),
    "libreoffice-writer": lambda: shutil.which("soffice"),
}


def require(package: str) -> None:
    """Skip the present test by name when `package` is missing, or fail it where every tool is required."""
    if (TOOLS.get(package) or OPTIONAL[package])():
        return
    if package in OPTIONAL:
        pytest.skip(f"missing tool: {package} (apt-get install --no-install-recommends {package})")
    message = f"missing tool: {package} (make setup-test)"
    if os.environ.get("LANTIAN_REQUIRE_TOOLS") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def missing() -> list[str]:
    """Packages that are not here."""
    return [package for package, find in TOOLS.items() if not find()]


def install(packages: list[str]) -> None:
    """Install with apt-get, quietly and without questions; a failure shows as "still missing"."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def main() -> None:
    """Install what is missing where that is possible, and say what is missing where it is not."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing for the tests: " + ", ".join(missing()))
        install(missing())
    for package in missing():
        print(f"MISSING: {package}. Tests that need it will be skipped by name.", file=sys.stderr)


if __name__ == "__main__":
    main()
