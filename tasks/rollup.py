"""The monthly roll-up, nightly: the last months anew, so that late filings heal the figures by themselves."""

from typing import Any

from tasks.turn import Turn
from webapp.rollups import service


def run(turn: Turn) -> dict[str, Any]:
    """Recompute the last months; gives how many rows changed and therefore have a new version."""
    with turn.work() as session:
        return {"new_versions": service.recompute(session, now=turn.now)}
