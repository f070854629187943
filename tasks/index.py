"""The index of search: what was written since it was read last."""

from typing import Any

from tasks.turn import Turn
from webapp.search.service import refresh

# Of a large import the rest is read in the next minute.
ROUNDS = 20


def run(turn: Turn) -> dict[str, Any]:
    """Read what is new or changed, in short transactions; gives how many texts."""
    texts = 0
    for _round in range(ROUNDS):
        with turn.work() as session:
            read = refresh(session, now=turn.now)
            texts += read.texts
        if read.complete or turn.dry_run:
            break
    return {"texts": texts}
