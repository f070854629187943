"""Timeliness and completeness over time: organisations by months, from the first submissions. Pure.

Corrections and returns change nothing here: the first submission decides both, as `rules` says.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.clock import local_date
from webapp.reports import rules
from webapp.reports.rules import NOT_REQUIRED, Standing, Timeliness
from webapp.workdays.rules import Calendar

# Working days a level has to decide on what was submitted to it.
REVIEW_DAYS = 3
REGION_KINDS = frozenset({"region"})
HOLDER_KINDS = frozenset({"ministry", "enterprise"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One organisation's report on one month; `report_id` None where it need not report."""

    month: date
    standing: Standing
    completeness: Decimal | None = None
    report_id: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How many reports there are of each kind of timeliness, and how complete those filed were on average."""

    counts: Mapping[Timeliness, int]
    completeness: Decimal | None

    @property
    def required(self) -> int:
        """Reports whose legal date has come or that are filed already: what a share can be taken of."""
        return sum(self.counts.get(each, 0) for each in (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING))

    @property
    def on_time(self) -> int:
        """Reports filed in time."""
        return self.counts.get(Timeliness.ON_TIME, 0)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation (a row of the query carries its names), its cells by month, and their total."""

    organisation: Any
    cells: tuple[Cell, ...]
    total: Total


@dataclass(frozen=True, slots=True)
class Matrix:
    """The page: months from left to right, organisations in the tree's order, totals per month and of all."""

    months: tuple[date, ...]
    rows: tuple[OrganisationRow, ...]
    by_month: tuple[Total, ...]
    total: Total


def matrix(reports: Iterable[Any], today: date, calendar: Calendar) -> Matrix:
    """Rows of `queries.standing_rows`, arranged. The months are those of any of them."""
    by_org: dict[int, dict[date, Cell]] = {}
    organisations: dict[int, Any] = {}
    for report in reports:
        organisations.setdefault(report.organisation_id, report)
        by_org.setdefault(report.organisation_id, {})[report.month] = _cell(report, today, calendar)
    months = tuple(sorted({month for cells in by_org.values() for month in cells}))
    rows = tuple(_row(organisations[key], months, cells) for key, cells in by_org.items())
    columns = [[row.cells[number] for row in rows] for number in range(len(months))]
    return Matrix(months, rows, tuple(map(total, columns)), total([cell for column in columns for cell in column]))


def _row(organisation: Any, months: Sequence[date], known: Mapping[date, Cell]) -> OrganisationRow:
    cells = tuple(known.get(month) or Cell(month, NOT_REQUIRED) for month in months)
    return OrganisationRow(organisation, cells, total(cells))


def _cell(report: Any, today: date, calendar: Calendar) -> Cell:
    filed = report.first_submitted_at is not None
    standing = rules.standing(report.due, report.days_late if filed else None, today, calendar)
    share = rules.completeness({"lines": report.lines, "silent": report.silent}) if report.lines else None
    return Cell(report.month, standing, share, report.id)


def total(cells: Sequence[Cell]) -> Total:
    """The total of some cells; completeness is the plain average of the reports that have one."""
    shares = [cell.completeness for cell in cells if cell.completeness is not None]
    average = (sum(shares, Decimal(0)) / len(shares)).quantize(Decimal("0.0001")) if shares else None
    return Total(Counter(cell.standing.timeliness for cell in cells), average)


# --- filters


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which organisations are looked at: those of a province (by path) and of a kind; empty is all."""

    province: str = ""
    kind: str = ""


def chosen(reports: Iterable[Any], wanted: Wanted) -> list[Any]:
    """The rows that the filters leave."""
    return [
        each
        for each in reports
        if (not wanted.province or province_of(each) == wanted.province)
        and (not wanted.kind or each.organisation_kind == wanted.kind)
    ]


def province_of(report: Any) -> str:
    """The code of the province or municipality an organisation lies in; empty for ministries and enterprises."""
    if report.organisation_kind in HOLDER_KINDS:
        return ""
    parts = str(report.organisation_path).rstrip("/").split("/")
    return parts[1] if len(parts) > 1 else ""


# --- how long reports waited for those who review them


@dataclass(frozen=True, slots=True)
class Wait:
    """A reviewing organisation: its decisions, the working days they took, and what waits with it now."""

    organisation: Any
    decided: int
    days: int
    longest: int
    slow: int
    waiting: int
    waiting_longest: int

    @property
    def average(self) -> Decimal | None:
        """Working days a revision waited on average, to one decimal; None without decisions."""
        return (Decimal(self.days) / self.decided).quantize(Decimal("0.1")) if self.decided else None


def review_waits(decided: Iterable[Any], reports: Iterable[Any], today: date, calendar: Calendar) -> list[Wait]:
    """Rows of `release_queries.waits` put together by reviewer, with what of `reports` still waits there today."""
    kept = {report.organisation_id: report for report in reports}
    waiting: dict[int, list[int]] = {}
    for report in reports:
        if report.status == "submitted":
            days = calendar.workdays_between(local_date(report.submitted_at), today)
            waiting.setdefault(report.organisation_parent_id or report.organisation_id, []).append(days)
    grouped: dict[int, list[Any]] = {}
    for row in decided:
        if row.reporter_id in kept:
            grouped.setdefault(row.organisation_id, []).append(row)
    return [_wait(rows, waiting.get(key, [])) for key, rows in grouped.items()]


def _wait(rows: Sequence[Any], waiting: Sequence[int]) -> Wait:
    return Wait(
        organisation=rows[0],
        decided=sum(row.decided for row in rows),
        days=sum(row.days for row in rows),
        longest=max(row.longest for row in rows),
        slow=sum(row.slow for row in rows),
        waiting=len(waiting),
        waiting_longest=max(waiting, default=0),
    )
