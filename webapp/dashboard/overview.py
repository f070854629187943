"""The overview put together: what is read once, and the figures, pictures and lists made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.clock import known_before, local_date, month_end, month_start
from webapp.dashboard import pictures, queries
from webapp.dashboard.choosing import OTHERS, Chosen
from webapp.dashboard.coming import Coming, Day, coming, falling_due, in_days, soonest
from webapp.dashboard.pictures import Bar, Column, Group, Line, Paper, Pen, Tile, is_city
from webapp.dashboard.queries import ReportsIn, Waiting
from webapp.dashboard.rules import Board, of_label
from webapp.dashboard.visits import seen_until
from webapp.dashboard.wording import light_words
from webapp.i18n import pick
from webapp.permissions import Actor, areas
from webapp.plans.models import Plan
from webapp.progress.letters import LIGHTS
from webapp.rollups import tally_queries
from webapp.rollups.folding import APART
from webapp.rollups.tally import Cell, Tally
from webapp.rollups.tally_queries import Book, Scope
from webapp.workdays.calendar import published_calendar

BEFORE = timedelta(days=7)
SHOWN_FALLS = 6


@dataclass(frozen=True, slots=True)
class Fall:
    """A task and those whose light on it got worse within the week."""

    title: str
    url: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows; `present` are the counts of now beside those of a past day."""

    chosen: Chosen
    area: str
    day: date
    paper: Paper
    board: Board
    present: Tally | None
    provinces: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    columns: list[Column]
    groups: list[Group]
    tiles: list[Tile]
    bars: list[Bar]
    falls: list[Fall]
    fallen: int
    due: list[Coming]
    calendar: list[Day]
    month: tuple[date, date]
    in_month: Tally
    waiting: Waiting
    waited: int
    reports: ReportsIn | None
    has_others: bool
    seen_until: date
    seen: Tally


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures alone, for a file: the rows and columns of the matrix, its cells, and those of now if it is past."""

    rows: Sequence[Line]
    clauses: Sequence[Line]
    board: Board
    present: Mapping[tuple[int, int], Cell] | None


@dataclass(frozen=True, slots=True)
class Area:
    """What an overview is about: the organisations it names, those at its top, the plan's clauses, what is counted."""

    everywhere: Sequence[Line]
    shown: Sequence[Line]
    roots: Sequence[Line]
    top: Line | None
    clauses: Sequence[Line]
    scope: Scope


def overview(
    session: Session,
    plan: Plan,
    actor: Actor,
    chosen: Chosen,
    *,
    now: datetime,
    list_prefix: str,
    task_prefix: str,
    pen: Pen,
) -> Overview:
    """The overview of the actor's area. Raises NotFound for a province or measure that is not in it."""
    today = local_date(now)
    area = area_of(session, plan, actor, chosen)
    day = chosen.on or today
    notes = tally_queries.unfolded(session, plan.id)
    rows = _rows(area, chosen)
    book = _book(session, area, rows, chosen, notes)
    board = _board(book, area, chosen)
    paper = Paper(list_prefix, _kept_in_lists(chosen), light_words(), pen)
    columns, groups = _matrix(board, area, rows, chosen, paper)
    coming_up = tally_queries.duties(session, _coming_scope(area.scope, day), area.roots, notes=notes)
    duties = falling_due(coming_up.values())
    fallen = queries.falls(session, area.scope, [each.id for each in area.shown], days=(day - BEFORE, day))
    month = (month_start(day), month_end(day))
    waiting = queries.waiting(session, plan.id, actor)
    seen = seen_until(session, actor, day)
    near = soonest(duties, day)
    tasks = queries.tasks(session, {each.task_id for each in fallen} | {each.task_id for each in near})
    return Overview(
        chosen=chosen,
        area=_name(area, actor),
        day=day,
        paper=paper,
        board=board,
        present=_present(session, area, notes) if chosen.on else None,
        provinces=_provinces(area.everywhere),
        measures=[(each.code, pick(each, "title")) for each in area.clauses if each.measure],
        columns=columns,
        groups=groups,
        tiles=pictures.tiles(board, area.shown, paper),
        bars=pictures.bars(board, area.shown, paper),
        falls=_falls(fallen, area, tasks, paper, task_prefix),
        fallen=len({each.assignment_id for each in fallen}),
        due=coming(near, tasks, paper),
        calendar=in_days(duties, day, paper),
        month=month,
        in_month=tally_queries.together(
            cell for duty, cell in duties.items() if month[0] <= duty.due <= month[1]
        ),
        waiting=waiting,
        waited=_waited(waiting.oldest, today),
        reports=_reports(session, plan, actor, area, day, now),
        has_others=any(not is_city(each) for each in area.everywhere),
        seen_until=seen,
        seen=_present(session, area, notes, on=seen),
    )  # fmt: skip


def figures(session: Session, plan: Plan, actor: Actor, chosen: Chosen) -> Figures:
    """What the matrix is made of. Raises NotFound for a province or measure that is not in the area."""
    area = area_of(session, plan, actor, chosen)
    rows = _rows(area, chosen)
    board = _board(_book(session, area, rows, chosen, None), area, chosen)
    if chosen.on is None:
        return Figures(rows, area.clauses, board, None)
    later = replace(area, scope=replace(area.scope, on=None))
    present = _board(_book(session, later, rows, chosen, None), later, chosen)
    return Figures(rows, area.clauses, board, present.cells)


def _book(session: Session, area: Area, rows: Sequence[Line], chosen: Chosen, notes: Sequence[Line] | None) -> Book:
    cells = [each.id for each in rows if each.kind not in APART]
    return tally_queries.book(session, area.scope, area.shown, cells=cells, own=chosen.side == OTHERS, notes=notes)


def area_of(session: Session, plan: Plan, actor: Actor, chosen: Chosen) -> Area:
    """The part of the plan and of the tree that is asked for. Raises NotFound for what is not in the actor's area."""
    everywhere = queries.places(session, actor, chosen.province)
    clauses = queries.clauses(session, plan.id)
    top = queries.find_code(everywhere, chosen.province) if chosen.province else None
    clause = queries.find_code(clauses, chosen.measure) if chosen.measure else None
    held = areas(actor)
    roots = [top] if top else [each for each in everywhere if each.path in held]
    shown = [each for each in everywhere if top is None or each.path.startswith(top.path)]
    scope = Scope(plan.id, clause.id if clause else None, chosen.due_after, chosen.due_before, chosen.on)
    return Area(everywhere, shown, roots, top, clauses, scope)


def _kept_in_lists(chosen: Chosen) -> dict[str, str]:
    kept = {**chosen.kept, "organisation": chosen.province}
    return {name: kept.get(name, "") for name in ("organisation", "measure", "label", "due_after", "due_before", "on")}


def _coming_scope(scope: Scope, day: date) -> Scope:
    """What falls due from the month of a day on, or within the days that were chosen."""
    first = max(month_start(day), scope.due_after or date.min)
    last = scope.due_before or date.max - timedelta(days=1)
    return Scope(scope.plan_id, scope.clause_id, first, last, scope.on)


def _board(book: Book, area: Area, chosen: Chosen) -> Board:
    cells = {key: cell for key, cell in book.cells.items() if cell.lights}
    if chosen.side == OTHERS:
        apart = {each.id for each in area.shown if each.kind in APART}
        cells = {key: cell for key, cell in cells.items() if key[0] not in apart} | book.own
    wholes: Mapping[Any, Cell] = book.wholes
    if chosen.label:
        cells = of_label(cells, chosen.label)
        wholes = of_label(wholes, chosen.label)
    organisations = {place: Tally(cell.lights, cell.progress) for place, cell in wholes.items() if cell.lights}
    total = tally_queries.together(wholes[each.id] for each in area.roots if each.id in wholes)
    return Board(cells, organisations, total, of_lights=bool(chosen.label))


def _present(session: Session, area: Area, notes: Sequence[Line], *, on: date | None = None) -> Tally:
    """The same counts as known now, or on another day, beside those of the page."""
    scope = Scope(area.scope.plan_id, area.scope.clause_id, area.scope.due_after, area.scope.due_before, on)
    found = tally_queries.book(session, scope, area.roots, cells=(), notes=notes)
    return found.whole(*(each.id for each in area.roots))


def _reports(session: Session, plan: Plan, actor: Actor, area: Area, day: date, now: datetime) -> ReportsIn | None:
    path, known_by = area.top.path if area.top else "", min(now, known_before(day))
    return queries.reports_in(session, plan.id, actor, path, today=day, known_by=known_by)


def _provinces(everywhere: Sequence[Line]) -> list[tuple[str, str]]:
    found = [each for each in pictures.tops(everywhere) if not _only(each, everywhere)]
    return [(each.code, pick(each, "short")) for each in found]


def _only(one: Line, everywhere: Sequence[Line]) -> bool:
    """Whether choosing among organisations makes no sense: there is one, or they are the cities of one province."""
    return len(everywhere) == 1 or one.kind == "city"


def _name(area: Area, actor: Actor) -> str:
    if area.top is not None:
        return pick(area.top, "name")
    home = actor.home
    own = next((each for each in area.everywhere if home and each.id == home.organisation_id), None)
    return pick(own, "name") if own is not None else ""


# --- the matrix


def _is_below_city(place: Line) -> bool:
    return place.kind in ("county", "township", "department")


def _rows(area: Area, chosen: Chosen) -> list[Line]:
    """The organisations whose cells are shown."""
    if chosen.side == OTHERS:
        return [each for each in area.shown if not is_city(each) and not _is_below_city(each)]
    return [each for each in area.shown if is_city(each) or _is_below_city(each)]


def _matrix(
    board: Board, area: Area, rows: Sequence[Line], chosen: Chosen, paper: Paper
) -> tuple[list[Column], list[Group]]:
    filled = {place for place, _clause in board.cells}
    with_duties = [each for each in rows if each.id in filled]
    headed = _others(with_duties) if chosen.side == OTHERS else _cities(with_duties, area.shown)
    members = {each.id for each in with_duties}
    used = {clause for place, clause in board.cells if place in members}
    columns = [each for each in area.clauses if each.id in used and (each.measure or chosen.side == OTHERS)]
    return pictures.matrix(board, headed, columns, paper)


def _cities(with_duties: Sequence[Line], shown: Sequence[Line]) -> Mapping[str, list[Line]]:
    """The cities under their provinces, the municipalities under a heading of their own, what lies below at the end."""
    names = {each.id: pick(each, "short") for each in shown}
    rows: dict[str, list[Line]] = {}
    for each in with_duties:
        heading = _("直辖市") if each.kind == "municipality" else names.get(each.parent_id, "")
        rows.setdefault(heading, []).append(each)
    return rows


def _others(with_duties: Sequence[Line]) -> Mapping[str, list[Line]]:
    headings = {
        "region": _("区域"), "province": _("省级自身任务"), "ministry": _("中央部门"), "enterprise": _("中央企业"),
    }  # fmt: skip
    rows: dict[str, list[Line]] = {heading: [] for heading in headings.values()}
    for each in with_duties:
        rows.setdefault(headings.get(each.kind, ""), []).append(each)
    return rows


# --- what got worse


def _falls(rows: Sequence[Line], area: Area, tasks: Mapping[int, Line], paper: Paper, task_prefix: str) -> list[Fall]:
    """What got worse by task, the most widespread first; of an assignment, the last time counts."""
    names = {each.id: pick(each, "short") for each in area.shown}
    grouped: dict[int, dict[int, Line]] = {}
    for row in rows:
        grouped.setdefault(row.task_id, {}).setdefault(row.assignment_id, row)
    widespread = sorted(grouped.items(), key=lambda item: len(item[1]), reverse=True)[:SHOWN_FALLS]
    return [
        Fall(pick(tasks[task], "title"), paper.list_of(task=tasks[task].code),
             tuple(_fall(row, names, task_prefix) for row in members.values()))
        for task, members in widespread
    ]  # fmt: skip


def _fall(row: Line, names: Mapping[int, str], task_prefix: str) -> dict[str, Any]:
    colour, label = LIGHTS[row.letter]
    return {
        "name": names[row.organisation_id],
        "url": f"{task_prefix}{row.assignment_id}",
        "colour": colour,
        "label": label,
    }


def _waited(since: datetime | None, today: date) -> int:
    """For how many working days the oldest claim has been waiting."""
    return published_calendar().workdays_between(local_date(since), today) if since else 0
