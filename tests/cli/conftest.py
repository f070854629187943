"""The `lantian` command in this process, on a data folder of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.people import WEAK_HASHER
from webapp.accounts import passwords
from webapp.cli import main

Run = Callable[..., Result]


@pytest.fixture
def lantian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command: `lantian("plan", "check", LANTIAN_CLOCK="…")`."""
    monkeypatch.setattr(passwords, "HASHER", WEAK_HASHER)
    monkeypatch.setenv("LANTIAN_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str, **environment: str) -> Result:
        return CliRunner().invoke(main, list(words), env=environment)

    return run


@pytest.fixture
def ready(lantian: Run) -> Run:
    """The same, after `lantian init`."""
    result = lantian("init", LANTIAN_CLOCK="2017-10-20T09:00")
    assert result.exit_code == 0, result.output
    return lantian
