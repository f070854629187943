"""Figures of heating-season caps that change with time alone: months that nobody stated by the day they were due."""

from typing import Any

from tasks.turn import Turn
from webapp.caps.feeding import recount


def run(turn: Turn) -> dict[str, Any]:
    """Count the figures anew; gives how many changed."""
    with turn.work() as session:
        return {"counted": recount(session, now=turn.now)}
