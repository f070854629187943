"""Lights that change with time alone: those whose last good day has passed are worked out anew."""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.db import Database
from webapp.progress import service
from webapp.settings import Settings


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Work out the lights that may have changed; gives how many did."""
    with work(database, dry_run=dry_run) as session:
        return {"changed": service.relight(session, now=now)}
