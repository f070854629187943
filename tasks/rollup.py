"""The monthly roll-up, nightly: this month and the two before, so that late filings heal the figures by themselves."""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.clock import add_months, local_date
from webapp.db import Database
from webapp.rollups import service
from webapp.settings import Settings

MONTHS_BACK = 2


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Recompute the last months; gives how many figures changed."""
    months = [add_months(local_date(now), -back) for back in range(MONTHS_BACK, -1, -1)]
    with work(database, dry_run=dry_run) as session:
        versions = service.recompute(session, months=months, now=now)
    return {"months": [f"{month:%Y-%m}" for month in months], "new_versions": versions}
