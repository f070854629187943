"""Recomputing the monthly roll-up. A row is only ever added, and only when one of its figures changed.

How a past month is worked out is told in `rollups.asof`. A month of the 2017 plan is some 2,400 assignments: they are
loaded once, whatever the number of months, and replayed in memory; three months take about two seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.clock import add_months, local_date, month_start
from webapp.plans.models import Assignment, Plan
from webapp.progress.facts import Thresholds
from webapp.progress.lights import Light, light_on
from webapp.rollups.asof import History, Point, known_at, load_history, point
from webapp.rollups.models import Rollup
from webapp.rollups.queries import latest_revisions
from webapp.rollups.rules import Counts, add_up

MONTHS = 3
FIGURES = ("applicable", "left_out", "done", "on_pace", "behind", "overdue", "silent", "not_due")
Key = tuple[int, int]
Found = Mapping[tuple[date, int, int], tuple[int, tuple[int, ...]]]


def recompute(session: Session, *, now: datetime, months: Sequence[date] | None = None) -> int:
    """Bring the roll-up of some months (any day of each; the last three when none are named) up to date, for all plans.

    Gives how many rows were added: none when no figure changed. Months before a plan begins or after today are passed
    over.
    """
    wanted = sorted({month_start(month) for month in months}) if months else last_months(now, MONTHS)
    return sum(_recompute(session, plan, wanted, now) for plan in session.scalars(select(Plan).order_by(Plan.id)))


def last_months(now: datetime, count: int) -> list[date]:
    """The running month and those before it, oldest first."""
    return [add_months(local_date(now), -back) for back in range(count - 1, -1, -1)]


def _recompute(session: Session, plan: Plan, months: Sequence[date], now: datetime) -> int:
    today = local_date(now)
    wanted = [month for month in months if month_start(plan.starts_on) <= month <= today]
    if not wanted:
        return 0
    history = load_history(session, Assignment.plan_id == plan.id, now=now)
    thresholds = Thresholds.from_data(plan.rules.get("thresholds", {}))
    found = _present(session, plan.id, wanted)
    rows = [row for month in wanted for row in _changed(plan.id, history, point(month, now=now), thresholds, found)]
    if rows:
        session.execute(insert(Rollup), [row | {"recorded_at": now} for row in rows])
    return len(rows)


def _present(session: Session, plan_id: int, months: Sequence[date]) -> Found:
    """The newest revision of each row of some months, with its figures."""
    columns = [getattr(Rollup, name) for name in FIGURES]
    newest = latest_revisions(plan_id, months)
    query = select(Rollup.month, Rollup.organisation_id, Rollup.clause_id, Rollup.revision, *columns).where(newest)
    return {(row[0], row[1], row[2]): (row[3], tuple(row[4:])) for row in session.execute(query)}


def _changed(
    plan_id: int, history: History, at: Point, thresholds: Thresholds, found: Found
) -> Iterable[dict[str, Any]]:
    """The rows of a month whose figures are not those of the newest revision."""
    for (organisation_id, clause_id), counts in _count(history, at, thresholds).items():
        figures = tuple(getattr(counts, name) for name in FIGURES)
        revision, before = found.get((at.month, organisation_id, clause_id), (0, ()))
        if figures != before:
            yield {
                "plan_id": plan_id,
                "month": at.month,
                "organisation_id": organisation_id,
                "clause_id": clause_id,
                "revision": revision + 1,
                **dict(zip(FIGURES, figures, strict=True)),
                "completion": counts.completion,
            }


def _count(history: History, at: Point, thresholds: Thresholds) -> dict[Key, Counts]:
    groups: defaultdict[Key, list[Light]] = defaultdict(list)
    for known in known_at(history, at):
        lit = light_on(known.facts, at.on, thresholds)
        groups[known.row.organisation_id, known.row.clause_id].append(lit)
    return {key: add_up(lights) for key, lights in groups.items()}


def last_run(session: Session, plan_id: int) -> datetime | None:
    """When a figure of the roll-up last changed."""
    return session.scalar(select(func.max(Rollup.recorded_at)).where(Rollup.plan_id == plan_id))
