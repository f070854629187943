"""How the databases carry out the overview's statements: through indexes, whatever lies below what is named."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from tests.support.small_plan import World, build
from webapp.accounts.queries import load_actor
from webapp.clock import parse_instant
from webapp.dashboard.choosing import OTHERS, Chosen
from webapp.dashboard.overview import overview
from webapp.dashboard.pictures import Pen
from webapp.db import Database
from webapp.i18n import use_locale
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Task
from webapp.plans.queries import current_plan
from webapp.rollups.recounting import recount

COUNTIES, TASKS = 300, 8
NOW = parse_instant("2017-10-20T08:25")
PEN = Pen(lambda label, colour: ("", "", "", "", "", ""), "")
# What grows with the counties.
LARGE = ("assignment", "tally", "light_change")


@pytest.fixture
def counties(db: Database) -> World:
    """Three hundred counties below one city, each with eight duties; counted a month ago."""
    world = build(db)
    with db.transaction() as session:
        _grow(session, world)
        recount(session, now=parse_instant("2017-09-20T09:00"), replay=False)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return world


def _grow(session: Session, world: World) -> None:
    city = session.get_one(Organisation, world.places["baoding"])
    session.execute(insert(Organisation), [
        {"code": f"c{number}", "kind": "county", "parent_id": city.id, "path": f"{city.path}c{number}/", "sort": number,
         "name_zh": "县", "name_en": "County", "short_zh": "县", "short_en": "County", "pinyin": "xian"}
        for number in range(COUNTIES)
    ])  # fmt: skip
    first = session.get_one(Task, world.task)
    copied = {column.key: getattr(first, column.key) for column in Task.__table__.columns if column.key != "id"}
    session.execute(insert(Task), [copied | {"code": f"t{number}"} for number in range(TASKS)])
    places = session.scalars(select(Organisation.id).where(Organisation.kind == "county")).all()
    tasks = session.scalars(select(Task.id).where(Task.code.like("t_"))).all()
    session.execute(insert(Assignment), [
        {"plan_id": world.plan, "task_id": task, "clause_id": world.clause, "organisation_id": place,
         "starts_on": date(2017, 2, 17), "nominal_due": date(2017, 10, 31), "due": date(2017, 10, 31),
         "status": "in_progress", "light": "yellow", "light_label": "behind", "version": 1}
        for place in places for task in tasks
    ])  # fmt: skip


@contextmanager
def asked(db: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements meanwhile, with their parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        found.append((statement, parameters))

    event.listen(db.reading_engine, "before_cursor_execute", note)
    yield found
    event.remove(db.reading_engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "chosen",
    [Chosen(), Chosen(side=OTHERS), Chosen(province="north", measure="m-1"), Chosen(on=date(2017, 10, 1)),
     Chosen(due_before=date(2017, 10, 31), label="behind")],
)  # fmt: skip
def test_no_large_table_is_read_from_end_to_end(db: Database, counties: World, chosen: Chosen) -> None:
    with db.reading() as session:
        who = load_actor(session, counties.people["region"], 1, date(2017, 10, 20))
        assert who is not None
        with asked(db) as statements, use_locale("zh"):
            found = overview(session, current_plan(session), who, chosen, now=NOW, list_prefix="/", task_prefix="/",
                             pen=PEN)  # fmt: skip
        assert found.board.total.total == COUNTIES * TASKS if chosen.side != OTHERS else True
        large = [each for each in statements if re.search(rf"FROM ({'|'.join(LARGE)})\b", each[0])]
        assert len(large) >= 4
        for statement, parameters in large:
            assert not scanned(db, session, statement, parameters), statement


def scanned(db: Database, session: Session, statement: str, parameters: Any) -> list[str]:
    """The large tables that a statement reads from end to end."""
    words = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    rows = session.connection().exec_driver_sql(words + statement, parameters).all()
    plan = "\n".join(str(row[-1]) for row in rows)
    scan = r"^SCAN (\w+)" if db.is_sqlite else r"Seq Scan on (\w+)"
    return [table for table in re.findall(scan, plan, re.MULTILINE) if table in LARGE]
