"""Points and places. Exact fractions until a part is rounded; what has no data is told, not counted as nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Literal

from webapp.permissions import Actor, Permission, can

ReportState = Literal["on_time", "late", "missing", "pending"]
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the points: `weight` of a hundred; without a `required` part there is no place."""

    code: str
    weight: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """What the pack says of the ranking."""

    version: str
    places: int
    behind: Fraction
    late_day: Fraction
    parts: tuple[Part, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Formula":
        """The formula as the plan's row keeps it."""
        parts = tuple(Part(each["code"], each["weight"], each["required"]) for each in data["parts"])
        return cls(
            data["version"], data["places"], Fraction(str(data["behind"])), Fraction(str(data["late_day"])), parts
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paced:
    """Tasks by how they stand at the month's end."""

    done: int = 0
    on_pace: int = 0
    behind: int = 0
    overdue: int = 0
    not_due: int = 0

    @property
    def base(self) -> int:
        """Those that have begun and apply."""
        return self.done + self.on_pace + self.behind + self.overdue

    def __add__(self, other: "Paced") -> "Paced":
        return Paced(
            self.done + other.done, self.on_pace + other.on_pace, self.behind + other.behind,
            self.overdue + other.overdue, self.not_due + other.not_due,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reported:
    """One report: how it stood on the cut-off, and by how many working days it was late."""

    state: ReportState
    days_late: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """Tasks claimed as completed at the month's end: verified, and still waiting for it."""

    verified: int = 0
    waiting: int = 0

    def __add__(self, other: "Checked") -> "Checked":
        return Checked(self.verified + other.verified, self.waiting + other.waiting)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an organisation, or of a province with its cities."""

    paced: Paced = Paced()
    reported: tuple[Reported, ...] = ()
    checked: Checked = Checked()


@dataclass(frozen=True, slots=True)
class Score:
    """The points of each part (None: no data), their sum brought to a hundred, and the place (None: none is given)."""

    points: Mapping[str, Decimal | None] = field(default_factory=dict)
    total: Decimal | None = None
    place: int | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts without data."""
        return tuple(code for code, points in self.points.items() if points is None)


def share(facts: Facts, code: str, formula: Formula) -> Fraction | None:
    """How much of a part was earned, from 0 to 1; None without data."""
    if code == "pace":
        paced = facts.paced
        earned = paced.done + paced.on_pace + paced.behind * formula.behind
        return Fraction(earned) / paced.base if paced.base else None
    if code == "reports":
        due = sum(each.state != "pending" for each in facts.reported)
        return earned_by_reports(facts, formula) / due if due else None
    claimed = facts.checked.verified + facts.checked.waiting
    return Fraction(facts.checked.verified, claimed) if claimed else None


def earned_by_reports(facts: Facts, formula: Formula) -> Fraction:
    """What the reports that were due earned together, each 1 at most."""
    return sum((_report(each, formula) for each in facts.reported if each.state != "pending"), Fraction(0))


def _report(report: Reported, formula: Formula) -> Fraction:
    if report.state == "missing":
        return Fraction(0)
    return max(Fraction(0), 1 - report.days_late * formula.late_day)


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, as people do it by hand."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def score(facts: Facts, formula: Formula) -> Score:
    """The points without a place; no total where a required part has no data."""
    shares = {part.code: share(facts, part.code, formula) for part in formula.parts}
    points = {
        part.code: None if (earned := shares[part.code]) is None else rounded(earned * part.weight, formula.places)
        for part in formula.parts
    }
    if any(part.required and points[part.code] is None for part in formula.parts):
        return Score(points)
    known = [(part.weight, points[part.code]) for part in formula.parts]
    weight = sum(each for each, got in known if got is not None)
    summed = sum((got for _each, got in known if got is not None), Decimal(0))
    if weight == 100:
        return Score(points, summed)
    return Score(points, rounded(Fraction(summed) * 100 / weight, formula.places) if weight else None)


def placed(scores: Sequence[Score]) -> list[Score]:
    """Places in the order given: equal totals share one, the next moves down (1, 2, 2, 4); no total, no place."""
    totals = [each.total for each in scores if each.total is not None]
    return [
        each if each.total is None else Score(each.points, each.total, 1 + sum(other > each.total for other in totals))
        for each in scores
    ]


def together(facts: Iterable[Facts]) -> Facts:
    """Organisations as one: tasks are added, reports stand beside one another."""
    found = list(facts)
    return Facts(
        sum((each.paced for each in found), Paced()),
        tuple(report for each in found for report in each.reported),
        sum((each.checked for each in found), Checked()),
    )


def report_state(filed: bool, days_late: int | None, over: bool) -> Reported:
    """How a report stood: `filed` by the cut-off, `over`: its legal date was."""
    if filed:
        return Reported("late" if days_late else "on_time", days_late or 0)
    return Reported("missing" if over else "pending")


# --- who may


def may_publish(actor: Actor, region_path: str) -> bool:
    """Whether the actor sees drafts and publishes: the region's coordinators alone."""
    return can(actor, Permission.PUBLISH, region_path)


def may_read(actor: Actor, region_path: str) -> bool:
    """Whether the actor belongs to a plan's region at any level, and so reads what is published."""
    return any(each.path.startswith(region_path) or region_path.startswith(each.path) for each in actor.grants)
