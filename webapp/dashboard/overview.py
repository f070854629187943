"""The overview put together: what is read once, and the figures, pictures and lists made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.clock import local_date, month_end, month_start
from webapp.dashboard import pictures, queries
from webapp.dashboard.pictures import Bar, Column, Group, Line, Paper, Pen, Tile, is_city
from webapp.dashboard.queries import InMonth, Narrowed, ReportsIn, Waiting
from webapp.dashboard.rules import Board, board
from webapp.dashboard.wording import light_words
from webapp.i18n import pick
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.progress.queries import fell_behind
from webapp.workdays.calendar import published_calendar

AHEAD = timedelta(days=14)
BEFORE = timedelta(days=7)
MOST_FALLS = 100
SHOWN_FALLS = 6
CITIES, OTHERS = "cities", "others"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for: a province and a measure by code, and which organisations the matrix shows."""

    province: str = ""
    measure: str = ""
    side: str = CITIES


@dataclass(frozen=True, slots=True)
class Fall:
    """A task and those whose light on it got worse within the week."""

    title: str
    url: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows."""

    chosen: Chosen
    area: str
    paper: Paper
    board: Board
    provinces: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    columns: list[Column]
    groups: list[Group]
    tiles: list[Tile]
    bars: list[Bar]
    falls: list[Fall]
    fallen: int
    due: list[dict[str, Any]]
    month: tuple[date, date]
    in_month: InMonth
    waiting: Waiting
    waited: int
    reports: ReportsIn | None
    has_others: bool


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
    everywhere, clauses = queries.organisations(session, actor), queries.clauses(session, plan.id)
    top = queries.find_code(everywhere, chosen.province) if chosen.province else None
    clause = queries.find_code(clauses, chosen.measure) if chosen.measure else None
    narrowed = Narrowed(top.path if top else "", clause.id if clause else None)
    month = (month_start(today), month_end(today))
    counted = board(queries.counted(session, plan.id, actor, narrowed))
    shown = [each for each in everywhere if each.path.startswith(narrowed.path)]
    paper = Paper(list_prefix, {"organisation": chosen.province, "measure": chosen.measure}, light_words(), pen)
    columns, groups = _matrix(counted, shown, clauses, chosen, paper)
    fallen = _fallen(session, plan.id, actor, narrowed, chosen, now=now)
    waiting, in_month = queries.waiting_and_month(session, plan.id, actor, narrowed, month=month)
    due = queries.due_between(session, plan.id, actor, narrowed, days=(today, today + AHEAD))
    return Overview(
        chosen=chosen,
        area=_area(everywhere, top, actor),
        paper=paper,
        board=counted,
        provinces=[
            (each.code, pick(each, "short")) for each in pictures.tops(everywhere) if not _only(each, everywhere)
        ],
        measures=[(each.code, pick(each, "title")) for each in clauses if each.measure],
        columns=columns,
        groups=groups,
        tiles=pictures.tiles(counted, shown, paper),
        bars=pictures.bars(counted, shown, paper),
        falls=_falls(fallen, paper, task_prefix),
        fallen=len(fallen),
        due=[_due(row, paper) for row in due],
        month=month,
        in_month=in_month,
        waiting=waiting,
        waited=_waited(waiting.oldest, today),
        reports=queries.reports_in(session, plan.id, actor, narrowed, today=today),
        has_others=any(not is_city(each) for each in everywhere),
    )


def _only(one: Line, everywhere: Sequence[Line]) -> bool:
    """Whether choosing among organisations makes no sense: there is one, or they are the cities of one province."""
    return len(everywhere) == 1 or one.kind == "city"


def _area(everywhere: Sequence[Line], top: Line | None, actor: Actor) -> str:
    if top is not None:
        return pick(top, "name")
    home = actor.home
    own = next((each for each in everywhere if home and each.id == home.organisation_id), None)
    return pick(own, "name") if own is not None else ""


def _matrix(
    counted: Board, shown: Sequence[Line], clauses: Sequence[Line], chosen: Chosen, paper: Paper
) -> tuple[list[Column], list[Group]]:
    with_duties = [each for each in shown if each.id in counted.organisations]
    rows = _others(with_duties) if chosen.side == OTHERS else _cities(with_duties, shown)
    members = {each.id for group in rows.values() for each in group}
    used = {clause_id for organisation_id, clause_id in counted.cells if organisation_id in members}
    columns = [each for each in clauses if each.id in used and (each.measure or chosen.side == OTHERS)]
    return pictures.matrix(counted, rows, columns, paper)


def _cities(with_duties: Sequence[Line], shown: Sequence[Line]) -> Mapping[str, list[Line]]:
    """The cities under their provinces, the municipalities under a heading of their own."""
    names = {each.id: pick(each, "short") for each in shown}
    rows: dict[str, list[Line]] = {}
    for each in with_duties:
        if is_city(each):
            heading = _("直辖市") if each.kind == "municipality" else names.get(each.parent_id, "")
            rows.setdefault(heading, []).append(each)
    return rows


def _others(with_duties: Sequence[Line]) -> Mapping[str, list[Line]]:
    headings = {
        "region": _("区域"), "province": _("省级自身任务"), "ministry": _("中央部门"), "enterprise": _("中央企业"),
    }  # fmt: skip
    rows: dict[str, list[Line]] = {heading: [] for heading in headings.values()}
    for each in with_duties:
        if not is_city(each):
            rows.setdefault(headings.get(each.kind, ""), []).append(each)
    return rows


def _fallen(
    session: Session, plan_id: int, actor: Actor, narrowed: Narrowed, chosen: Chosen, *, now: datetime
) -> list[Line]:
    """The assignments whose light got worse within the week, the latest first."""
    rows = fell_behind(session, plan_id, actor, now=now, days=BEFORE.days, limit=MOST_FALLS)
    return [
        row
        for row in rows
        if row.organisation_path.startswith(narrowed.path) and chosen.measure in ("", row.clause_code)
    ]


def _falls(rows: Sequence[Line], paper: Paper, task_prefix: str) -> list[Fall]:
    """The same by task, the most widespread first."""
    grouped: dict[str, list[Line]] = {}
    for row in rows:
        grouped.setdefault(row.task_code, []).append(row)
    widespread = sorted(grouped.items(), key=lambda item: len(item[1]), reverse=True)[:SHOWN_FALLS]
    return [
        Fall(pick(members[0], "title"), paper.list_of(task=code), tuple(_fall(row, task_prefix) for row in members))
        for code, members in widespread
    ]


def _fall(row: Line, task_prefix: str) -> dict[str, Any]:
    return {
        "name": pick(row, "organisation"),
        "url": f"{task_prefix}{row.id}",
        "colour": row.light,
        "label": row.light_label,
        "at": row.fell_at,
    }


def _due(row: Line, paper: Paper) -> dict[str, Any]:
    day = row.due.isoformat()
    return {
        "due": row.due,
        "title": pick(row, "title"),
        "number": row.number,
        "behind": row.behind,
        "awaiting": row.awaiting,
        "url": paper.list_of(task=row.code, due_after=day, due_before=day, unfinished="1"),
    }


def _waited(since: datetime | None, today: date) -> int:
    """For how many working days the oldest claim has been waiting."""
    return published_calendar().workdays_between(local_date(since), today) if since else 0
