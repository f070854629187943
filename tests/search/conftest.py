"""A small world with something to find in every kind of record, in two cities of different provinces."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import small_plan
from tests.support.plans import person
from tests.support.small_plan import World
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.ledgers.models import LedgerRow
from webapp.permissions import Actor, Role
from webapp.plans.models import Plan, Sentence, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reports.models import MonthlyReport, ReportDecision, ReportNote
from webapp.search import queries, service
from webapp.search.models import KINDS
from webapp.search.queries import Reach
from webapp.search.rules import read

NOW = parse_instant("2017-10-20T08:30")
SEPTEMBER = date(2017, 9, 1)
WHO = {"actor_id": 7, "actor_label": "某"}
DEVICES: dict[str, Any] = {
    "code": "devices", "name_zh": "设备", "name_en": "Devices", "done_zh": "安装", "done_en": "Installed",
    "unit": "device", "identity": ["name"], "quantity": None, "sample": {"limit": 0.1, "steps": []},
    "fields": [
        {"code": "name", "label_zh": "名称", "label_en": "Name", "kind": "text"},
        {"code": "maker", "label_zh": "厂家", "label_en": "Maker", "kind": "text"},
        {"code": "planned_on", "label_zh": "计划", "label_en": "Planned", "kind": "date"},
    ],
}  # fmt: skip


@dataclass
class Library:
    """The world, and the assignment and report of each city, by its code."""

    world: World
    assignments: dict[str, int]
    reports: dict[str, int]


def _field(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit": "",
        "options": [],
        "required": False,
        "whole": False,
        "longest": 100,
        "least": None,
        "most": None,
    } | data


@pytest.fixture
def library(db: Database) -> Library:
    """Baoding (north) and Jinan (south) have said the same things in every kind of record; all is in the index."""
    world = small_plan.build(db)
    found = Library(world, {}, {})
    with db.transaction() as session:
        kind = DEVICES | {"fields": [_field(each) for each in DEVICES["fields"]]}
        plan = session.get_one(Plan, world.plan)
        plan.rules = plan.rules | {"ledgers": [kind]}
        session.get_one(Task, world.task).ledger = {"type": "devices", "by": "count"}
        session.add(
            Sentence(
                clause_id=world.clause, code="m-1.1", sort=1, gist_zh="京津冀10月底前淘汰小燃煤锅炉。",
                gist_en="Small coal-fired boilers go by October.",
            )
        )  # fmt: skip
        for place in ("baoding", "jinan"):
            write(session, found, place)
    refresh(db)
    return found


def write(session: Session, library: Library, place: str) -> None:
    """One of everything that can be found, with the place's name in each text."""
    world, at = library.world, parse_instant("2017-10-10T10:00")
    held = library.assignments[place] = small_plan.add_assignment(session, world, place, date(2017, 10, 31))
    report = library.reports[place] = small_plan.add_report(
        session, world, place, SEPTEMBER, date(2017, 10, 9), remark=f"{place}月报总体平稳", problems="管网推迟"
    )
    add_update(session, held, at, note=f"{place}拆除１２台", problem="资金缺口1,200万元", next_step="")
    decision = ReviewDecision(
        assignment_id=held, decision="return", reason=f"{place}请补照片", recorded_at=at, status_after="returned", **WHO
    )
    noted = ReportNote(
        report_id=report,
        assignment_id=held,
        problem=f"{place}供暖协调",
        updated_by=7,
        updated_by_label="某",
        updated_at=at,
    )
    returned = ReportDecision(
        report_id=report, revision=1, decision="return", reason="", recorded_at=at, waited_days=1,
        lines=[{"assignment": held, "reason": f"{place}数字对不上"}], **WHO,
    )  # fmt: skip
    row = LedgerRow(
        plan_id=world.plan, type="devices", organisation_id=world.places[place], identity=place, likeness=place,
        name=f"{place}热力公司3号锅炉", county="安新县", township="", quantity=Decimal(1), listed_on=date(2017, 6, 1),
        values={"name": "x", "maker": f"{place}蓝焰设备厂", "planned_on": "2017-09-30"}, updated_at=at,
    )  # fmt: skip
    session.add_all([decision, noted, returned, row])
    session.flush()


def add_update(session: Session, assignment: int, at: datetime, **texts: str) -> None:
    """Something stated on an assignment."""
    session.add(
        ProgressUpdate(
            assignment_id=assignment, kind="progress", as_of=at.date(), recorded_at=at, status_after="in_progress",
            **WHO, **texts,
        )
    )  # fmt: skip


def refresh(db: Database, *, now: datetime = NOW) -> int:
    """What the job does."""
    with db.transaction() as session:
        return service.refresh(session, now=now).texts


def sources(db: Database, typed: str, place: str) -> list[tuple[str, str]]:
    """What the coordinator of a place finds: (source, organisation or code), in the order of the page."""
    with db.reading() as session:
        query, reach = read(typed), Reach(person(session, place, Role.COORDINATOR), plan_of(session))
        rows = queries.best(session, query, reach, KINDS, size=20)
        counts = queries.counts(session, query, reach)
    assert sum(counts.values()) == len(rows)
    return [(row.source, row.organisation_code or row.code) for row in rows]


def plan_of(session: Session) -> int:
    """The one plan there is."""
    return session.scalars(select(Plan.id)).one()


def reader_of(session: Session, place: str) -> Actor:
    """Somebody who reads at a place."""
    return person(session, place, Role.READER)


def reports_of(session: Session) -> list[MonthlyReport]:
    """All reports."""
    return list(session.scalars(select(MonthlyReport).order_by(MonthlyReport.id)))
