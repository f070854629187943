"""How the index is kept, and what finding costs: on one database, since nothing here differs between them."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from tests.search.conftest import NOW, Library, add_update, plan_of, reader_of, refresh, sources
from webapp.db import Database
from webapp.permissions import Actor
from webapp.plans.models import Task
from webapp.search import queries, service
from webapp.search.models import KINDS, SearchEntry
from webapp.search.queries import Reach
from webapp.search.rules import read


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    """For the library's sake."""
    return sqlite_db


def test_a_record_of_an_earlier_instant_that_came_late_is_found(db: Database, library: Library) -> None:
    """A transaction that took long is committed after a later one was read: time is no boundary."""
    with db.transaction() as session:
        add_update(session, library.assignments["baoding"], NOW - timedelta(hours=2), note="迟到的说明")
    assert refresh(db) == 1
    assert sources(db, "迟到的说明", "region") == [("update", "baoding")]


def test_what_is_too_much_for_one_turn_waits_and_is_not_said_to_be_there(db: Database, library: Library) -> None:
    with db.transaction() as session:
        service.empty(session)
    with db.transaction() as session:
        assert not service.refresh(session, now=NOW, most=1).complete
        assert service.indexed_at(session) is None
    for _turn in range(3):
        with db.transaction() as session:
            read_so_far = service.refresh(session, now=NOW, most=2)
    assert read_so_far == service.Read(0, complete=True)
    with db.reading() as session:
        assert service.indexed_at(session) == NOW
    assert len(sources(db, "baoding", "region")) == 7


def test_what_left_the_plan_leaves_the_index(db: Database, library: Library) -> None:
    with db.transaction() as session:
        session.execute(text("DELETE FROM sentence"))
        task = session.get_one(Task, library.world.task)
        session.add(SearchEntry(
            source="task", subject_id=task.id + 99, kind="task", stamp=1, plan_id=library.world.plan, area="",
            code="gone", title_zh="", title_en="", body_zh="", body_en="", words="",
        ))  # fmt: skip
    assert refresh(db) == 2
    assert sources(db, "coal", "region") == []


def test_a_person_without_a_place_finds_only_the_plan(db: Database, library: Library) -> None:
    nobody = Actor(9, "无", "zh")
    with db.reading() as session:
        reach = Reach(nobody, plan_of(session))
        assert {row.kind for row in queries.best(session, read("锅炉"), reach, KINDS, size=9)} == {"clause", "task"}
        assert queries.counts(session, read("baoding"), reach) == dict.fromkeys(KINDS, 0)


def test_another_plan_is_not_searched(db: Database, library: Library) -> None:
    with db.reading() as session:
        reach = Reach(reader_of(session, "region"), library.world.plan + 1)
        found = queries.counts(session, read("锅炉 or 1"), reach) | queries.counts(session, read("锅炉"), reach)
    assert set(found.values()) == {0}


def test_however_much_is_found_it_is_two_statements(db: Database, library: Library) -> None:
    made: list[str] = []
    event.listen(db.reading_engine, "before_cursor_execute", lambda *args: made.append(args[2]))
    with db.reading() as session:
        reach = Reach(reader_of(session, "region"), library.world.plan)
        session.connection()
        for typed in ("baoding", "nothing"):
            made.clear()
            queries.counts(session, read(typed), reach)
            queries.best(session, read(typed), reach, KINDS, size=5)
            assert len(made) == 2


def test_a_long_list_goes_on_without_gaps(db: Database, library: Library) -> None:
    with db.transaction() as session:
        for number in range(7):
            add_update(session, library.assignments["jinan"], NOW, note=f"第{number}次巡查")
    refresh(db)
    with db.reading() as session:
        reach = Reach(reader_of(session, "south"), library.world.plan)
        pages = [queries.best(session, read("巡查"), reach, ["note"], size=3, page=page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({row.id for page in pages for row in page}) == 7
