"""Lights that change with time alone: those whose last good day has passed are worked out anew."""

from typing import Any

from tasks.turn import Turn
from webapp.progress import service


def run(turn: Turn) -> dict[str, Any]:
    """Work out the lights that may have changed; gives how many did."""
    with turn.work() as session:
        return {"changed": service.relight(session, now=turn.now)}
