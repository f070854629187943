"""What a change of an assignment does to the counts of lights: noted beside it, in the same transaction.

Each note is a row of its own. Nobody who changes an assignment waits for the counts of a province: `rollups.tallies`
adds the notes up later, and whoever reads counts adds those not added up yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.progress.letters import LETTERS, averaged_share
from webapp.progress.models import LightChange

_NOTE = insert(LightChange.__table__)  # type: ignore[arg-type]
# Why a light changed: the plan was loaded, something was filed, decided, a date moved, days passed, a recount.
Cause = Literal["loaded", "filed", "decided", "dated", "time", "recounted"]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the counts hold of an assignment: where it stands in the plan, its due date, its light, its share."""

    clause_id: int
    due: date | None
    letter: str
    progress: int


@dataclass(frozen=True, slots=True)
class Change:
    """An assignment before and after (None: not counted), and the day from which the latter holds."""

    row: Any
    day: date
    before: Counted | None
    after: Counted | None


def counted(row: Any, light: str, label: str, completion: Any, due: date | None = None) -> Counted:
    """What the counts hold of an assignment's row with a light; the due date is the row's unless another is given."""
    return Counted(row.clause_id, due or row.due, LETTERS[light, label], averaged_share(label, completion))


def stored(row: Any, due: date | None = None) -> Counted:
    """What the counts hold of an assignment's row as it was read."""
    return counted(row, row.light, row.light_label, row.completion, due)


def note(session: Session, changes: Iterable[Change], *, cause: Cause, now: datetime) -> None:
    """Write down the changes that the counts would show; `row` needs the columns of `state.known`."""
    rows = [each for change in changes for each in _rows(change, cause, now)]
    if rows:
        session.connection().execute(_NOTE, rows)


def _rows(change: Change, cause: Cause, now: datetime) -> list[dict[str, Any]]:
    before, after = change.before, change.after
    if before == after:
        return []
    if before and after and before.clause_id != after.clause_id:
        # From one clause to another: out there, in here.
        parts = (Change(change.row, change.day, before, None), Change(change.row, change.day, None, after))
        return [_row(part, cause, now) for part in parts]
    return [_row(change, cause, now)]


def _row(change: Change, cause: Cause, now: datetime) -> dict[str, Any]:
    row, before, after = change.row, change.before, change.after
    either = after or before
    assert either is not None
    return {
        "assignment_id": row.id,
        "plan_id": row.plan_id,
        "organisation_id": row.organisation_id,
        "clause_id": either.clause_id,
        "task_id": row.task_id,
        "day": change.day,
        "recorded_at": now,
        "cause": cause,
        "letter_before": before.letter if before else None,
        "letter": after.letter if after else None,
        "due_before": before.due if before else None,
        "due": after.due if after else None,
        "progress_before": before.progress if before else 0,
        "progress": after.progress if after else 0,
        "folded": False,
    }
