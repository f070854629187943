"""A small world for jobs: a region with two provinces and three cities, an officer or coordinator at each, one plan."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant, real_now
from webapp.db import Database, Instance
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Clause, Plan, Task
from webapp.reminders.ladder import DEFAULTS
from webapp.reports.models import MonthlyReport

# The rules a plan has unless its pack or an administrator says otherwise.
LADDER = DEFAULTS.as_data()
# code: (kind, parent, role of its one person)
PLACES = {
    "region": ("region", None, "coordinator"),
    "north": ("province", "region", "coordinator"),
    "south": ("province", "region", "coordinator"),
    "baoding": ("city", "north", "officer"),
    "cangzhou": ("city", "north", "officer"),
    "jinan": ("city", "south", "officer"),
}


@dataclass
class World:
    """The ids of what was made, by code."""

    places: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    plan: int = 0
    task: int = 0
    clause: int = 0


def build(database: Database, *, now: str = "2017-10-20T08:00", english: tuple[str, ...] = ("jinan",)) -> World:
    """Make the world, with product time standing at `now` when it returns. People are named after their place."""
    instant, world = parse_instant(now), World()
    offset = int((instant - real_now()).total_seconds())
    with database.transaction() as session:
        session.add(Instance(id=1, mode="demo", clock_offset_seconds=offset, created_at=instant))
        for sort, (code, (kind, parent, role)) in enumerate(PLACES.items()):
            _place(session, world, code, kind, parent, sort)
            _person(session, world, code, role, "en" if code in english else "zh", instant)
        _plan(session, world, instant)
    return world


def _place(session: Session, world: World, code: str, kind: str, parent: str | None, sort: int) -> None:
    above = session.get(Organisation, world.places[parent]) if parent else None
    row = Organisation(
        code=code, kind=kind, parent_id=above.id if above else None, path=(above.path if above else "") + f"{code}/",
        name_zh=f"{code}市", name_en=code.title(), short_zh=code, short_en=code, pinyin=code, grid_col=None,
        grid_row=None, sort=sort,
    )  # fmt: skip
    session.add(row)
    session.flush()
    world.places[code] = row.id


def _person(session: Session, world: World, code: str, role: str, locale: str, now: datetime) -> None:
    row = Person(
        email=f"{code}@example.test", name_zh=f"{code}某", name_en=code.title(), locale=locale, password_hash="-",
        created_at=now, last_seen_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    world.people[code] = row.id
    session.add(
        Membership(
            person_id=row.id,
            organisation_id=world.places[code],
            role=role,
            valid_from=date(2017, 1, 1),
            valid_until=None,
        )
    )


def _plan(session: Session, world: World, now: datetime) -> None:
    plan = Plan(
        code="small", title_zh="小方案", title_en="Small plan", short_zh="小", short_en="small",
        published_on=date(2017, 2, 17), starts_on=date(2017, 2, 17), ends_on=date(2018, 3, 31),
        region_id=world.places["region"], rules={"reminders": LADDER}, pack_hash="-", loaded_at=now,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    clause = Clause(plan_id=plan.id, code="m-1", title_zh="条款", title_en="Clause", measure=True, sort=1)
    session.add(clause)
    session.flush()
    task = Task(
        plan_id=plan.id, clause_id=clause.id, code="boilers", sort=1, title_zh="小燃煤锅炉淘汰",
        title_en="Retire small boilers", short_zh="锅炉", short_en="boilers", kind="quantity", due_rule={},
        comparator=">=", target_min=Decimal(10), target_max=None, unit="device", measure_kind="cumulative",
        evidence_zh="-", evidence_en="-",
    )  # fmt: skip
    session.add(task)
    session.flush()
    world.plan, world.clause, world.task = plan.id, clause.id, task.id


def add_city(session: Session, world: World, code: str, parent: str, now: datetime) -> None:
    """Add a city below a province, with an officer of its own."""
    _place(session, world, code, "city", parent, len(world.places))
    _person(session, world, code, "officer", "zh", now)


def add_assignment(session: Session, world: World, place: str, due: date | None, **values: Any) -> int:
    """Give a place a task of its own (in progress, unless told otherwise); its id."""
    task = session.get_one(Task, world.task)
    if values.pop("another", False):
        copied = {column.key: getattr(task, column.key) for column in Task.__table__.columns if column.key != "id"}
        task = Task(**copied | {"code": f"task-{due}-{place}", "title_zh": f"任务{due}", "title_en": f"Task {due}"})
        session.add(task)
        session.flush()
    row = Assignment(
        plan_id=world.plan, task_id=task.id, clause_id=world.clause, organisation_id=world.places[place],
        starts_on=date(2017, 2, 17), nominal_due=due, due=due,
        **{"status": "in_progress", "light": "yellow", "light_label": "behind"} | values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def add_report(session: Session, world: World, place: str, month: date, due: date, **values: Any) -> int:
    """Open a report; its id."""
    row = MonthlyReport(
        plan_id=world.plan, organisation_id=world.places[place], month=month,
        opened_at=parse_instant("2017-10-01T00:20"), nominal_due=due, due=due, due_explained_zh="-",
        due_explained_en="-", provisional=False, calendar="-", cutoff=due - timedelta(days=8), **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
