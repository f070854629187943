"""Old records of runs are removed: a job of every minute leaves half a million rows a year that nobody reads."""

from datetime import timedelta
from typing import Any

from tasks.turn import Turn
from webapp.accounts import service as accounts
from webapp.jobs import service

KEPT = timedelta(days=30)


def run(turn: Turn) -> dict[str, Any]:
    """Forget slots done more than KEPT ago, and sign-in attempts whose window is over; gives how many slots."""
    with turn.work() as session:
        accounts.forget_old_attempts(session, now=turn.now)
        return {"removed": service.forget_old(session, before=turn.now - KEPT)}
