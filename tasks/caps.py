"""Figures of heating-season caps that change with time alone: months that nobody stated by the day they were due."""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.caps.feeding import recount
from webapp.db import Database
from webapp.settings import Settings


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Count the figures anew; gives how many changed."""
    with work(database, dry_run=dry_run) as session:
        return {"counted": recount(session, now=now)}
