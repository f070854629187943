"""Assignments to judge: a quantity, a milestone, a seasonal cap, with whatever a test says otherwise."""

from datetime import date
from decimal import Decimal
from typing import Any

from webapp.progress.facts import AssignmentFacts, TaskFacts

BOILERS = TaskFacts("quantity", ">=", Decimal(200), None, "device")
MILESTONE = TaskFacts("milestone")
CAP = TaskFacts("seasonal_cap", ">=", Decimal("0.5"), None, "share", "level")
CEILING = TaskFacts("quantity", "<=", None, Decimal(9), "t/km2", "level")
STANDING = TaskFacts("standing")


def assignment(task: TaskFacts = BOILERS, **changes: Any) -> AssignmentFacts:
    """An assignment in progress from 1 March to 31 October 2017, last filed on 30 September."""
    values: dict[str, Any] = {
        "status": "in_progress",
        "starts_on": date(2017, 3, 1),
        "due": date(2017, 10, 31),
        "last_update_on": date(2017, 9, 30),
    }
    return AssignmentFacts(task, **(values | changes))
