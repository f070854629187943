"""The pace chart: what was planned by when against what was filed, as points of a drawing and rows of a table. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.clock import add_months, month_end
from webapp.progress.facts import ONE, AssignmentFacts, Node
from webapp.progress.rules import ZERO, PaceSource, pace_nodes, share_of_target

WIDTH, HEIGHT = 440, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 28
TALLEST = Decimal("1.3")
MOST_MONTH_LABELS = 7

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table behind: by a day, what was planned and what had been filed; None for what lies ahead."""

    on: date
    pace: Decimal | None
    actual: Decimal | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Points in a drawing of WIDTH by HEIGHT; `months` and `levels` are the axes' marks with where they stand."""

    pace: str
    actual: str
    dots: tuple[Point, ...]
    today: float
    due: float
    months: tuple[tuple[float, date], ...]
    levels: tuple[tuple[float, Decimal], ...]
    rows: tuple[Row, ...]
    source: PaceSource
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM
    right: int = WIDTH - RIGHT


def build(facts: AssignmentFacts, figures: Sequence[tuple[date, Decimal]], today: date) -> Chart | None:
    """The chart of a paced quantity; None where nothing is paced over time (no date, levels, milestones)."""
    if facts.due is None or facts.task.is_compared_directly or facts.task.unit == "milestone":
        return None
    nodes, source = pace_nodes(facts)
    filed = [(on, share_of_target(facts, figure) or ZERO) for on, figure in figures]
    end = max([facts.due, today, *(on for on, _ in filed)])
    scale = _Scale(facts.starts_on, end, min(TALLEST, max([ONE, *(share for _, share in filed)])))
    return Chart(
        pace=_line(_stairs(scale, facts.starts_on, [(node.on, node.share) for node in nodes], end)),
        actual=_line(_stairs(scale, facts.starts_on, filed, max(today, facts.starts_on))),
        dots=tuple(scale.point(on, share) for on, share in filed),
        today=scale.x(today),
        due=scale.x(facts.due),
        months=_months(scale),
        levels=tuple((scale.y(level), level) for level in (ZERO, Decimal("0.5"), ONE)),
        rows=_rows(nodes, filed, today),
        source=source,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    top: Decimal

    def x(self, day: date) -> float:
        days = max((self.last - self.first).days, 1)
        part = min(max((day - self.first).days / days, 0), 1)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def y(self, share: Decimal) -> float:
        part = float(min(share, self.top) / self.top)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)

    def point(self, day: date, share: Decimal) -> Point:
        return self.x(day), self.y(share)


def _stairs(scale: _Scale, start: date, steps: Sequence[tuple[date, Decimal]], until: date) -> list[Point]:
    """A figure holds until the next one: right, then up."""
    points, level = [scale.point(start, ZERO)], ZERO
    for on, share in steps:
        points += [scale.point(on, level), scale.point(on, share)]
        level = share
    return [*points, scale.point(max([until, *(on for on, _ in steps)]), level)]


def _line(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _months(scale: _Scale) -> tuple[tuple[float, date], ...]:
    months, month = [], add_months(scale.first, 1)
    while month <= scale.last:
        months.append(month)
        month = add_months(month, 1)
    every = -(-len(months) // MOST_MONTH_LABELS) or 1
    return tuple((scale.x(each), each) for each in months[::every])


def _rows(nodes: Sequence[Node], filed: Sequence[tuple[date, Decimal]], today: date) -> tuple[Row, ...]:
    days = sorted({node.on for node in nodes} | {today} | {min(month_end(on), today) for on, _ in filed})
    return tuple(Row(day, _pace_on(nodes, day), _filed_on(filed, day) if day <= today else None) for day in days)


def _pace_on(nodes: Sequence[Node], day: date) -> Decimal:
    """What was to be done by the end of a day."""
    return max((node.share for node in nodes if node.on <= day), default=ZERO)


def _filed_on(filed: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    return next((share for on, share in reversed(filed) if on <= day), ZERO)
