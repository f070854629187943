"""What a job is given when its turn has come, and the transaction it works in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.db import Database
from webapp.settings import Settings


class _RehearsalOver(Exception):
    """No error: it undoes the transaction on the way out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a job: `slot` is the instant it was due, `now` product time. A dry run keeps nothing."""

    database: Database
    settings: Settings
    slot: datetime
    now: datetime
    dry_run: bool = False

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A transaction; in a dry run everything is done, then nothing is kept."""
        try:
            with self.database.transaction() as session:
                yield session
                if self.dry_run:
                    raise _RehearsalOver
        except _RehearsalOver:
            return
