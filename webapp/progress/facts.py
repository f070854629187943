"""What the rules of progress look at: plain values, free of the database, with every date a day in Shanghai."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

ONE = Decimal(1)

# Statuses in which the organisation still has to act.
OPEN_STATUSES = frozenset({"not_started", "in_progress", "returned"})


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a task asks for, figures as in the pack; `named`: its clause names the organisation."""

    kind: str
    comparator: str = "="
    target_min: Decimal | None = ONE
    target_max: Decimal | None = ONE
    unit: str = "milestone"
    measure_kind: str = "cumulative"
    named: bool = False

    @property
    def is_ceiling(self) -> bool:
        """Whether less is better."""
        return self.comparator in ("<", "<=")

    @property
    def is_compared_directly(self) -> bool:
        """Whether the figure is held against the target as it is: levels and ceilings have no pace."""
        return self.measure_kind == "level" or self.is_ceiling

    @property
    def target(self) -> Decimal | None:
        """The figure from which the task is met: the ceiling, or the least that is asked ("between" is met there)."""
        return self.target_max if self.is_ceiling else self.target_min


@dataclass(frozen=True, slots=True)
class Node:
    """The share of the target an organisation plans to have done by the end of a day (a month's last, as a rule)."""

    on: date
    share: Decimal


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """One assignment as known now.

    `due` is the effective last day, `nominal_due` the plan's own. `claimed` and `verified` are cumulative figures in
    the task's unit. `claimed_on` is the day of the claim that stands (completion or not applicable), `first_done_on`
    the first day the target was claimed as met. `missed_on` is the day after a due date that passed unmet before it was
    extended (see `rules.first_missed`). `last_update_on` is the day something was last filed, "no change" included.
    """

    task: TaskFacts
    status: str
    starts_on: date
    due: date | None
    nominal_due: date | None = None
    nodes: tuple[Node, ...] = ()
    claimed: Decimal | None = None
    verified: Decimal | None = None
    claimed_on: date | None = None
    first_done_on: date | None = None
    missed_on: date | None = None
    last_update_on: date | None = None
    opened_on: date | None = None

    @property
    def active_from(self) -> date:
        """The first day on which something could be filed and was asked for."""
        return max(self.starts_on, self.opened_on) if self.opened_on else self.starts_on

    @property
    def is_open(self) -> bool:
        """Whether the organisation still has to act."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The plan's limits for lights: shares of the pace or of the target, days, closed months."""

    red_below: Decimal = Decimal("0.7")
    yellow_days: int = 7
    yellow_under: Decimal = Decimal("0.9")
    silent_months: int = 2

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """From the pack's `thresholds`; what is left out keeps its default."""
        base = cls()
        return cls(
            red_below=Decimal(str(data.get("red_below", base.red_below))),
            yellow_days=int(data.get("yellow_days", base.yellow_days)),
            yellow_under=Decimal(str(data.get("yellow_under", base.yellow_under))),
            silent_months=int(data.get("silent_months", base.silent_months)),
        )
