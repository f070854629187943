"""Loading the tree of organisations from a pack."""

from dataclasses import replace
from pathlib import Path

import pytest

from seed.schema import load_pack
from tests.support.organisations import Row
from webapp.db import Database
from webapp.errors import Conflict, Invalid
from webapp.organisations.models import Organisation
from webapp.organisations.queries import by_code
from webapp.organisations.service import save_organisations

PACK = Path(__file__).parents[2] / "seed" / "jjj-2017"


REGION, PROVINCE, CITY = Row("jjj", kind="region"), Row("130000", "jjj", "province"), Row("130600", "130000")


def save(database: Database, *rows: Row) -> dict[str, Organisation]:
    with database.transaction() as session:
        return save_organisations(session, rows)


def test_children_may_come_before_their_parents(db: Database) -> None:
    saved = save(db, CITY, PROVINCE, REGION)
    assert saved["130600"].path == "jjj/130000/130600/"
    assert saved["130600"].parent_id == saved["130000"].id
    assert [saved[code].sort for code in ("130600", "130000", "jjj")] == [0, 1, 2]


def test_a_second_time_changes_nothing(sqlite_db: Database) -> None:
    first = save(sqlite_db, REGION, PROVINCE, CITY)
    with sqlite_db.transaction() as session:
        by_code(session)
        save_organisations(session, [REGION, PROVINCE, CITY])
        assert not session.dirty
    with sqlite_db.reading() as session:
        assert {code: each.id for code, each in by_code(session).items()} == {c: each.id for c, each in first.items()}


def test_a_later_pack_renames_and_hangs_new_ones_below_old_ones(sqlite_db: Database) -> None:
    save(sqlite_db, REGION, PROVINCE)
    saved = save(sqlite_db, replace(PROVINCE, name_zh="河北省"), replace(CITY, grid=[3, 4]))
    assert saved["130000"].name_zh == "河北省"
    assert (saved["130600"].grid_col, saved["130600"].grid_row) == (3, 4)
    assert saved["130600"].path == "jjj/130000/130600/"


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        pytest.param([Row("a", "nobody")], ["a"], id="parent unknown"),
        pytest.param([Row("a", "a")], ["a"], id="its own parent"),
        pytest.param([Row("a", "b"), Row("b", "c"), Row("c", "a")], ["a", "b", "c"], id="circle of three"),
        pytest.param([REGION, Row("a", "b"), Row("b", "a")], ["a", "b"], id="circle beside a sound tree"),
    ],
)
def test_a_broken_tree_is_refused_as_a_whole(sqlite_db: Database, rows: list[Row], fields: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        save(sqlite_db, *rows)
    assert [problem.field for problem in caught.value.problems] == fields
    with sqlite_db.reading() as session:
        assert by_code(session) == {}


def test_too_deep_a_tree_is_refused(sqlite_db: Database) -> None:
    rows = [Row("x" * 19 + str(n), "x" * 19 + str(n - 1) if n else None) for n in range(10)]
    with pytest.raises(Invalid):
        save(sqlite_db, *rows)


def test_an_organisation_does_not_move(sqlite_db: Database) -> None:
    save(sqlite_db, REGION, PROVINCE, CITY)
    with pytest.raises(Conflict):
        save(sqlite_db, replace(CITY, parent="jjj"))


def test_the_plan_of_2017(sqlite_db: Database) -> None:
    with sqlite_db.transaction() as session:
        saved = save_organisations(session, load_pack(PACK).organisations)
    cities = [each for each in saved.values() if each.kind in ("city", "municipality")]
    assert len(cities) == 28
    assert saved["130600"].path == "jjj/130000/130600/"
    assert saved["110000"].path == "jjj/110000/"
