"""Old records of runs are removed: a job of every minute leaves half a million rows a year that nobody reads."""

from datetime import datetime, timedelta
from typing import Any

from tasks.rehearsal import work
from webapp.accounts import service as accounts
from webapp.db import Database
from webapp.jobs import service
from webapp.settings import Settings

KEPT = timedelta(days=30)


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Forget slots done more than KEPT ago, and sign-in attempts whose window is over; gives how many slots."""
    with work(database, dry_run=dry_run) as session:
        accounts.forget_old_attempts(session, now=now)
        return {"removed": service.forget_old(session, before=now - KEPT)}
