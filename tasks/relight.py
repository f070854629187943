"""Lights that change with time alone: those whose last good day has passed are worked out anew."""

from typing import Any

from tasks.turn import Turn
from webapp.progress import service
from webapp.rollups.folding import fold


def run(turn: Turn) -> dict[str, Any]:
    """Work out the lights that may have changed; gives how many did."""
    with turn.work() as session:
        changed = service.relight(session, now=turn.now)
        # A night may change most of them: added up here, nobody's page has to.
        fold(session)
        return {"changed": changed}
