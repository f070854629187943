"""Reminders owed: the rule is asked, the ledger and one digest a person are written, all in one transaction.

It is asked every half hour of the day, so that a scheduler that was away in the morning sends on its return.
"""

from datetime import datetime
from typing import Any

from tasks.rehearsal import work
from webapp.db import Database
from webapp.reminders import service
from webapp.robots import daily as robots
from webapp.settings import Settings


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,  # noqa: ARG001
    dry_run: bool = False,
) -> dict[str, Any]:
    """Record what is owed. A dry run adds `would_send`: who would be sent what, and why."""
    with work(database, dry_run=dry_run) as session:
        owed = service.record_owed(session, now=now, dry_run=dry_run)
        told = robots.explained(session, owed.digests, now=now) if dry_run else []
        if not dry_run:
            robots.queue(session, owed.digests, now=now)
    summary: dict[str, Any] = {"digests": len(owed.digests), "at_once": len(owed.singles), "items": owed.items}
    return summary | ({"would_send": [*owed.explained(), *told]} if dry_run else {})
