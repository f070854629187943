"""The register as it was known at an instant of the past: what was recorded by then, nothing rewritten. Pure.

Enterprises and lines are brought back to the newest of the states on record; the rows made of them are loose, so that
no session ever writes them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from webapp.caps.models import CapChange, CapEnterprise, CapLine

DAYS = ("in_service_from", "closed_on", "idle_since", "restarted_on")
FIGURES = ("capacity", "baseline")


class Recorded(Protocol):
    """A row with the instant it was recorded at."""

    @property
    def recorded_at(self) -> datetime: ...


Row = TypeVar("Row", bound=Recorded)


def recorded(rows: Iterable[Row], until: datetime | None) -> list[Row]:
    """The rows recorded before an instant; all of them without one."""
    return [row for row in rows if until is None or row.recorded_at < until]


def enterprise_then(row: CapEnterprise, changes: Sequence[CapChange], until: datetime) -> CapEnterprise | None:
    """An enterprise as it was known; None before it was put on the register. `changes` are its own, oldest first."""
    state = _newest(changes, None, until)
    if state is None or row.recorded_at >= until:
        return None
    values = {name: value for name, value in state.items() if name != "sector"}
    return CapEnterprise(
        id=row.id, plan_id=row.plan_id, organisation_id=row.organisation_id, sector=row.sector,
        recorded_at=row.recorded_at, version=row.version, **values,
    )  # fmt: skip


def lines_then(rows: Iterable[CapLine], changes: Sequence[CapChange], until: datetime) -> list[CapLine]:
    """An enterprise's lines as they were known."""
    found = ((row, _newest(changes, row.id, until)) for row in recorded(rows, until))
    return [_line(row, state) for row, state in found if state is not None]


def _newest(changes: Sequence[CapChange], line: int | None, until: datetime) -> dict[str, Any] | None:
    own = [change.state for change in recorded(changes, until) if change.line_id == line]
    return own[-1] if own else None


def _line(row: CapLine, state: dict[str, Any]) -> CapLine:
    values = {name: _value(name, value) for name, value in state.items()}
    return CapLine(
        id=row.id, enterprise_id=row.enterprise_id, recorded_at=row.recorded_at, version=row.version, **values
    )


def _value(name: str, value: Any) -> Any:
    """A value of a state as JSON keeps it, as the row has it."""
    if value is None:
        return None
    if name in FIGURES:
        return Decimal(value)
    return date.fromisoformat(value) if name in DAYS else value
