"""The monthly roll-up, nightly: the last months anew, so that late filings heal the figures by themselves."""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.db import Database
from webapp.rollups import service
from webapp.settings import Settings


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Recompute the last months; gives how many rows changed and therefore have a new version."""
    with work(database, dry_run=dry_run) as session:
        return {"new_versions": service.recompute(session, now=now)}
