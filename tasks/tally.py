"""Counts of lights: what changed since the last minute is added up for every organisation above."""

from typing import Any

from tasks.turn import Turn
from webapp.rollups.folding import fold


def run(turn: Turn) -> dict[str, Any]:
    """Add up; gives how many changes there were."""
    with turn.work() as session:
        return {"added_up": fold(session)}
