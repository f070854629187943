"""The demo for tests: created once a test run by the command itself, then copied."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from webapp.db import Database
from webapp.demo.service import resume
from webapp.settings import Settings

LANTIAN = Path(sys.executable).parent / "lantian"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a `lantian` that keeps its data in a folder."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LANTIAN_")}
    return plain | {"LANTIAN_DATA_DIR": str(folder)} | more


def lantian(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a `lantian` command to its end."""
    return subprocess.run(
        [LANTIAN, *words], env=environment(folder, **more), capture_output=True, text=True, check=False, timeout=300
    )


def create(folder: Path) -> None:
    """Create the demo in a folder, as a newcomer does."""
    result = lantian(folder, "init", "--demo")
    assert result.returncode == 0, result.stderr


def copied(template: Path, folder: Path) -> Path:
    """A copy whose day is where the demo opens, however long ago the template was made."""
    shutil.copytree(template, folder)
    database = Database(Settings(data_dir=folder).database)
    with database.transaction() as session:
        resume(session)
    database.dispose()
    return folder
