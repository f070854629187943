"""A database object, and jobs that only note that they ran."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from tasks.schedule import Job
from tasks.turn import Turn
from webapp.db import Database
from webapp.settings import Settings

SETTINGS = Settings()


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """The empty database, opened."""
    opened = Database(database)
    yield opened
    opened.dispose()


@dataclass
class Diary:
    """Notes which slots ran, in order; `fails` names how often a job raises before it works."""

    entries: list[tuple[str, datetime]] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)

    def job(self, name: str, cron: str, catch_up: Literal["every", "latest"] = "every", lease: int = 60) -> Job:
        """A job that writes into this diary."""

        def run(turn: Turn) -> dict[str, Any]:
            if self.fails.get(name, 0) > 0:
                self.fails[name] -= 1
                raise RuntimeError(f"{name} cannot")
            self.entries.append((name, turn.slot))
            return {"ran": 1}

        return Job(name, cron, catch_up, timedelta(seconds=lease), name, name, run)


@pytest.fixture
def diary() -> Diary:
    """An empty diary."""
    return Diary()
