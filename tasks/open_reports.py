"""On the first of a month the report on the month before is opened for everybody who files one."""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.clock import add_months, local_date
from webapp.db import Database
from webapp.reports import service
from webapp.settings import Settings


def run(
    database: Database,
    *,
    slot: datetime,
    now: datetime,
    settings: Settings,  # noqa: ARG001 - every job has the same signature
    dry_run: bool = False,
) -> dict[str, Any]:
    """Open the reports on the month before the slot's, however late the slot is run; gives how many were new."""
    month = add_months(local_date(slot), -1)
    with work(database, dry_run=dry_run) as session:
        opened = service.open_reports(session, month=month, now=now)
    return {"month": f"{month:%Y-%m}", "opened": opened}
