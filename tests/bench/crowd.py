"""Many people who are owed reminders: the 2017 plan with thousands of places below its cities, an officer at each.

What a place owes follows from its number, so that every run measures the same. A third of the places is late with
something: their escalations reach coordinators of cities, of provinces (every tenth place answers to its province) and
of the region, whose digests grow with the places.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.support.plans import REAL, load_plan
from webapp.accounts.models import Membership, Person
from webapp.clock import local_date
from webapp.db import Base, Database
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Plan, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reports.models import MonthlyReport

Row = dict[str, Any]
COORDINATORS = 2
# Every so many places has a deputy besides the officer.
DEPUTY_EVERY = 10
START = date(2017, 2, 17)


def fill(database: Database, places: int, now: datetime) -> None:
    """Load the plan; add places with their officers, and give each five tasks and every second one a report."""
    load_plan(database, REAL)
    with database.transaction() as session:
        standing = session.scalars(select(Organisation)).all()
        added = _insert(session, Organisation, _places(standing, places))
        coordinated = [each.id for each in standing for _ in range(COORDINATORS)]
        _people(session, coordinated, "coordinator", now)
        _people(session, [each.id for each in standing if each.kind in ("city", "municipality")], "officer", now)
        _people(session, added, "officer", now)
        _people(session, added[::DEPUTY_EVERY], "officer", now, deputy=True)
        _duties(session, added, now)
        _reports(session, added[::2], now)


def _insert(session: Session, table: type[Base], rows: Iterable[Row]) -> list[int]:
    statement = insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, list(rows)))


def _places(standing: Iterable[Organisation], count: int) -> Iterator[Row]:
    cities = [each for each in standing if each.kind in ("city", "municipality")]
    provinces = [each for each in standing if each.kind == "province"]
    for number in range(count):
        above = provinces if number % 10 == 9 else cities
        parent = above[number // 10 % len(above) if above is provinces else number % len(above)]
        code = f"place-{number}"
        yield {
            # Of this kind, because only a city's silence is told to the coordinators above it.
            "code": code, "kind": "city", "parent_id": parent.id, "path": f"{parent.path}{code}/",
            "name_zh": f"第{number}县（市、区）人民政府", "name_en": f"County government number {number}",
            "short_zh": f"第{number}县", "short_en": f"County {number}", "pinyin": code, "sort": 1000 + number,
        }  # fmt: skip


def _people(session: Session, places: list[int], role: str, now: datetime, *, deputy: bool = False) -> None:
    kind = "deputy" if deputy else role
    people = [
        {
            "email": f"{kind}-{place}-{number}@example.test", "name_zh": f"第{number}联系人",
            "name_en": f"Contact {number}", "locale": ("zh", "en")[number % 2], "password_hash": "-", "created_at": now,
        }
        for number, place in enumerate(places)
    ]  # fmt: skip
    ids = _insert(session, Person, people)
    held = ({"person_id": who, "organisation_id": at} for who, at in zip(ids, places, strict=True))
    common = {"role": role, "valid_from": START, "deputy": deputy}
    _insert(session, Membership, (each | common for each in held))


# --- what they owe


def _duties(session: Session, places: list[int], now: datetime) -> None:
    tasks = _tasks(session)
    rows = [row for number, place in enumerate(places) for row in _assignments(tasks, number, place, now)]
    ids = _insert(session, Assignment, rows)
    by_status: dict[str, list[int]] = {}
    for subject, row in zip(ids, rows, strict=True):
        by_status.setdefault(row["status"], []).append(subject)
    _insert(session, ProgressUpdate, (_statement(each, now) for each in by_status["na_claimed"]))
    _insert(session, ReviewDecision, (_return(each, now) for each in by_status["returned"]))


def _tasks(session: Session) -> list[Task]:
    """Four duties with dates of their own, and one that has a season."""
    kinds = Task.kind.in_(("quantity", "milestone")), Task.season_code == ""
    dated = session.scalars(select(Task).where(*kinds).order_by(Task.id).limit(4)).all()
    return [*dated, session.scalars(select(Task).where(Task.kind == "seasonal_cap").order_by(Task.id)).first()]  # type: ignore[list-item]


def _assignments(tasks: list[Task], number: int, place: int, now: datetime) -> Iterator[Row]:
    """Five open tasks: one due this week, one this month, one overdue in a third of the places, one often claimed."""
    today = local_date(now)
    late = {0: today - timedelta(days=45), 1: today - timedelta(days=5)}.get(number % 6, today + timedelta(days=20))
    states = ("claimed", "na_claimed", "returned", "in_progress", "in_progress", "in_progress")
    dues = [
        today + timedelta(days=1 + number % 7), today + timedelta(days=8 + number % 21), late,
        today + timedelta(days=40), date(2018, 3, 15),
    ]  # fmt: skip
    for position, (task, due) in enumerate(zip(tasks, dues, strict=True)):
        status = states[number % 6] if position == 3 else "in_progress"
        yield {
            "plan_id": task.plan_id, "task_id": task.id, "clause_id": task.clause_id, "organisation_id": place,
            "starts_on": START, "nominal_due": due, "due": due, "status": status, "light": "yellow",
            "light_label": "behind", "silent_months": int(number % 4 == 0),
            "claimed_at": now - timedelta(days=number % 12) if status == "claimed" else None,
        }  # fmt: skip


def _statement(assignment: int, now: datetime) -> Row:
    at = now - timedelta(days=assignment % 12)
    return {
        "assignment_id": assignment, "kind": "na_claim", "as_of": local_date(at), "recorded_at": at, "actor_id": 1,
        "actor_label": "-", "status_after": "na_claimed",
    }  # fmt: skip


def _return(assignment: int, now: datetime) -> Row:
    at = now - timedelta(days=assignment % 12)
    return {
        "assignment_id": assignment, "decision": "return", "recorded_at": at, "actor_id": 1, "actor_label": "-",
        "status_after": "returned",
    }  # fmt: skip


def _reports(session: Session, places: list[int], now: datetime) -> None:
    plan, due = session.scalars(select(Plan.id)).one(), local_date(now) + timedelta(days=4)
    rows = (
        {
            "plan_id": plan, "organisation_id": place, "month": due.replace(day=1), "opened_at": now,
            "nominal_due": due, "due": due, "due_explained_zh": "-", "due_explained_en": "-", "provisional": False,
            "calendar": "-", "cutoff": due,
        }
        for place in places
    )  # fmt: skip
    _insert(session, MonthlyReport, rows)
