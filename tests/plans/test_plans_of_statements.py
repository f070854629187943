"""What the database does for the list, an assignment and its form, grown to counties: it never reads them all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.bench import grown
from tests.support.people import People
from tests.support.plans import REAL, assignment_id, load_plan
from tests.support.site import Site, site
from webapp.db import Database

COUNTIES = 560
# Tables that grow with the counties; on PostgreSQL reading one from end to end is a "Seq Scan", on SQLite a "SCAN".
GROWING = ("assignment", "progress_update", "due_date", "monthly_node", "review_decision")


@pytest.fixture
def grown_site(db: Database, tmp_path: Path) -> Iterator[Site]:
    load_plan(db, REAL)
    with site(db, tmp_path, now=grown.NOW) as made:
        grown.grow(db, COUNTIES)
        with db.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        yield made


@contextmanager
def asked(db: Database) -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    event.listen(db.reading_engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(db.reading_engine, "before_cursor_execute", keep)


def pages(people: People, number: int) -> Iterator[tuple[Any, str]]:
    yield people.overseer, "/overview/assignments"
    yield people.overseer, "/overview/assignments?status=in_progress&label=behind&organisation=130600"
    yield people.officer, f"/assignments/{number}"
    yield people.officer, f"/assignments/{number}/update"


def plan_of(db: Database, statement: str, parameters: Any) -> list[str]:
    with db.reading_engine.connect() as connection:
        words = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
        return [str(row[-1]) for row in connection.exec_driver_sql(words + statement, parameters)]


def scanned(db: Database, statement: str, parameters: Any) -> Sequence[str]:
    """The lines of a statement's plan that read a growing table from end to end; none of one that stops early."""
    sign = "SCAN {} " if db.is_sqlite else "Seq Scan on {} "
    lines = [] if "LIMIT" in statement else plan_of(db, statement, parameters)
    return [line for line in lines if any(sign.format(table) in f"{line} " for table in GROWING)]


def test_no_page_reads_all_assignments_and_the_list_comes_off_its_index(grown_site: Site) -> None:
    db, people = grown_site.database, grown_site.people
    with db.reading() as session:
        number = assignment_id(session, "m04-boilers-all", "130600")
    for person, path in pages(people, number):
        client = grown_site.client(person)
        with asked(db) as statements:
            assert client.get(path).status_code == 200
        for statement, parameters in statements:
            assert not scanned(db, statement, parameters), (path, statement)
        for listed, parameters in (each for each in statements if "ORDER BY (CASE" in each[0] and "?" not in path):
            plan = "\n".join(plan_of(db, listed, parameters))
            assert "ix_assignment_worst" in plan
            assert "Sort" not in plan
            assert "TEMP B-TREE" not in plan
