"""A transaction that can be a rehearsal: everything is done, then nothing is kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from webapp.db import Database


class _RehearsalOver(Exception):
    """No error: it undoes the transaction on the way out."""


@contextmanager
def work(database: Database, *, dry_run: bool) -> Iterator[Session]:
    """A transaction, undone at its end when it is only a dry run."""
    try:
        with database.transaction() as session:
            yield session
            if dry_run:
                raise _RehearsalOver
    except _RehearsalOver:
        return
