"""The `lantian` command in this process, on a data folder of the test's own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.once import made_once
from tests.support.people import WEAK_HASHER
from webapp.accounts import passwords
from webapp.cli import main
from webapp.clock import parse_instant, real_now
from webapp.db import Database, Instance
from webapp.settings import Settings

Run = Callable[..., Result]
NOW = "2017-10-20T09:00"


@pytest.fixture
def lantian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command: `lantian("plan", "check", LANTIAN_CLOCK="…")`."""
    monkeypatch.setattr(passwords, "HASHER", WEAK_HASHER)
    monkeypatch.setenv("LANTIAN_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str, **environment: str) -> Result:
        return CliRunner().invoke(main, list(words), env=environment)

    return run


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `lantian init` makes; copy it, never write to it."""

    def make(folder: Path) -> None:
        settings = {"LANTIAN_DATA_DIR": str(folder / "data"), "LANTIAN_CLOCK": NOW}
        result = CliRunner().invoke(main, ["init"], env=settings)
        assert result.exit_code == 0, result.output

    return made_once(tmp_path_factory.getbasetemp(), "initialised", make) / "data"


@pytest.fixture
def ready(lantian: Run, initialised: Path, tmp_path: Path) -> Run:
    """The same, after `lantian init` on 20 October 2017 at 9:00."""
    shutil.copytree(initialised, tmp_path / "data")
    database = Database(Settings(data_dir=tmp_path / "data").database)
    with database.transaction() as session:
        offset = int((parse_instant(NOW) - real_now()).total_seconds())
        session.get_one(Instance, 1).clock_offset_seconds = offset
    database.dispose()
    return lantian
