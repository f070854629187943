"""A database object, and the small plan in it, with or without a heating season."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import update

from tests.support import small_plan
from tests.support.reminding import add
from tests.support.small_plan import World
from webapp.db import Database
from webapp.plans.models import Season, Task

SEASON = (date(2017, 11, 15), date(2018, 3, 15))


@pytest.fixture
def db(database: str) -> Iterator[Database]:
    """The empty database, opened."""
    opened = Database(database)
    yield opened
    opened.dispose()


@pytest.fixture
def world(db: Database) -> World:
    """The small plan without an assignment."""
    return small_plan.build(db)


@pytest.fixture
def heating(db: Database, world: World) -> World:
    """The task is a limit of the heating season, which Jinan begins earlier."""
    days = {"starts_on": SEASON[0], "ends_on": SEASON[1], "note_zh": "-", "note_en": "-", "code": "heating"}
    names = {"name_zh": "采暖季", "name_en": "Heating season", "plan_id": world.plan}
    add(
        db,
        Season(**names, **days, organisation_id=None),
        Season(**names, **days | {"starts_on": date(2017, 11, 1)}, organisation_id=world.places["jinan"]),
    )
    with db.transaction() as session:
        session.execute(update(Task).values(kind="seasonal_cap", season_code="heating"))
    return world
