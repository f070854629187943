"""Reminders owed: the rule is asked, the ledger and one digest a person are written, all in one transaction.

It is asked every half hour of the day, so that a scheduler that was away in the morning sends on its return.
"""

from typing import Any

from tasks.turn import Turn
from webapp.reminders import service
from webapp.robots import daily as robots


def run(turn: Turn) -> dict[str, Any]:
    """Record what is owed. A dry run adds `would_send`: who would be sent what, and why."""
    with turn.work() as session:
        owed = service.record_owed(session, now=turn.now, dry_run=turn.dry_run)
        told = robots.explained(session, owed.digests, now=turn.now) if turn.dry_run else []
        if not turn.dry_run:
            robots.queue(session, owed.digests, now=turn.now)
    summary: dict[str, Any] = {"digests": len(owed.digests), "at_once": len(owed.singles), "items": owed.items}
    return summary | ({"would_send": [*owed.explained(), *told]} if turn.dry_run else {})
