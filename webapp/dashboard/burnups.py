"""The burn-ups of an area: a measure after the other, each month as it was known at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.clock import local_date, month_end
from webapp.dashboard import queries
from webapp.dashboard.burnup import Drawing, Due, Forecast, Point, drawing, forecast, month_ends, required
from webapp.dashboard.choosing import Chosen
from webapp.dashboard.overview import Area, area_of
from webapp.dashboard.pictures import Line
from webapp.i18n import pick
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.rollups import tally_queries
from webapp.rollups.tally import NEVER, Cell, average


@dataclass(frozen=True, slots=True)
class Burnup:
    """One measure: its points month by month, where it is going, and the lines of both."""

    code: str
    title: str
    last_due: date
    points: list[Point]
    ahead: Forecast | None
    drawn: Drawing


@dataclass(frozen=True, slots=True)
class Burnups:
    """What the page shows; `area` is whose figures they are."""

    area: str
    measures: list[Burnup]


def burnups(session: Session, plan: Plan, actor: Actor, chosen: Chosen, *, now: datetime) -> Burnups:
    """The measures of an area, or the one chosen. Raises NotFound for a province or measure that is not in it."""
    area = area_of(session, plan, actor, chosen)
    today = chosen.on or local_date(now)
    duties = _duties(session, area, plan)
    last = max((each.due for dues in duties.values() for each in dues), default=today)
    days = month_ends(plan.starts_on, max(last, today))
    known = _known(session, area, [*(day for day in days if day < today), today])
    found = [_burnup(clause, duties[clause.id], known, days, today) for clause in area.clauses if duties.get(clause.id)]
    name = pick(area.top or area.roots[0], "name") if area.roots else ""
    return Burnups(name, found)


def _duties(session: Session, area: Area, plan: Plan) -> Mapping[int, list[Due]]:
    """The dated duties by clause; how many of each are averaged."""
    counted = tally_queries.duties(session, area.scope, area.roots)
    cells = [(duty, cell) for each in counted.values() for duty, cell in each.items() if duty.due != NEVER]
    tasks = queries.tasks(session, {duty.task_id for duty, _ in cells})
    found: dict[int, list[Due]] = {}
    for duty, cell in cells:
        if cell.averaged:
            milestone = tasks[duty.task_id].kind == "milestone"
            due = Due(min(plan.starts_on, duty.due), duty.due, cell.averaged, milestone)
            found.setdefault(duty.clause_id, []).append(due)
    return found


def _known(session: Session, area: Area, days: Sequence[date]) -> dict[date, dict[int, Cell]]:
    """By day and clause, the area's counts as known at the day's end."""
    found: dict[date, dict[int, Cell]] = {}
    ids = [each.id for each in area.roots]
    for day in days:
        scope = replace(area.scope, on=None if day == days[-1] and area.scope.on is None else day)
        book = tally_queries.book(session, scope, area.roots, cells=ids)
        here = found.setdefault(day, {})
        for (_place, clause), cell in book.cells.items():
            tally_queries.merge(here, clause, cell)
    return found


def _burnup(
    clause: Line, duties: list[Due], known: Mapping[date, Mapping[int, Cell]], days: Sequence[date], today: date
) -> Burnup:
    last_due = max(each.due for each in duties)
    shares = {day: _share(cells.get(clause.id)) for day, cells in known.items()}
    until = max(month_end(last_due), today)
    shown = sorted({day for day in days if day <= until} | {today})
    points = [Point(day, shares.get(day), required(duties, day)) for day in shown]
    told = [(each.day, each.actual) for each in points if each.actual is not None and each.day <= today]
    ahead = forecast(told)
    return Burnup(clause.code, pick(clause, "title"), last_due, points, ahead, drawing(points, ahead, today))


def _share(cell: Cell | None) -> int | None:
    return average(cell.progress, cell.averaged) if cell else None
