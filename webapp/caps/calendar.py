"""A season as a picture: for each line its days in pieces, as percentages of the season's width."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.caps.counting import Sum, timeline
from webapp.caps.facts import Electricity, Line, Window


@dataclass(frozen=True, slots=True)
class Piece:
    """A bar: where it begins and how wide it is (percent), how tall (0 to 1), of which kind, its days."""

    kind: str
    start: str
    width: str
    share: float
    window: Window


@dataclass(frozen=True, slots=True)
class Track:
    """A line's season: what was planned, what was stated, and what lies outside the base."""

    planned: tuple[Piece, ...]
    stated: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A month's place on the axis."""

    month: date
    start: str


def ticks(season: Window) -> list[Tick]:
    """Where each month begins."""
    return [Tick(month.first, _at(season, month.first)) for month in season.months()]


def today_mark(season: Window, today: date) -> str | None:
    """Where today is, None outside the season."""
    return _at(season, today) if today in season else None


def track(line: Line, season: Window, rule: Electricity) -> Track:
    """The picture of a line's season."""
    pieces = timeline(line, season, rule).pieces
    planned = [piece for window, daily in pieces for piece in _piece(line, season, window, daily, ("planned",))]
    kinds = ("stopped", "pending", "rejected", "idle", "exempt")
    stated = [piece for window, daily in pieces for piece in _piece(line, season, window, daily, kinds)]
    return Track(tuple(planned), tuple(stated))


def _piece(line: Line, season: Window, window: Window, daily: Sum, kinds: Iterable[str]) -> Iterable[Piece]:
    for kind in kinds:
        units: Decimal = getattr(daily, kind)
        if units:
            share = float(units / line.capacity)
            yield Piece(kind, _at(season, window.first), _percent(window.days, season), share, window)


def _at(season: Window, day: date) -> str:
    return _percent((day - season.first).days, season)


def _percent(days: int, season: Window) -> str:
    return f"{days / season.days * 100:.3f}%"
