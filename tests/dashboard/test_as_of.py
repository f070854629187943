"""A past day beside now: what was known then, what moved since and why, nothing of another's area."""

from datetime import date
from decimal import Decimal

import pytest

from tests.support.site import Site
from tests.support.small_plan import World, add_assignment, build
from webapp.accounts.queries import load_actor
from webapp.clock import parse_instant
from webapp.dashboard import queries
from webapp.dashboard.choosing import Chosen
from webapp.dashboard.figures_file import figure_rows
from webapp.dashboard.moved import Moved, every_moved, moved
from webapp.dashboard.overview import figures
from webapp.db import Database
from webapp.errors import NotFound
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.plans.queries import current_plan, get_assignment
from webapp.progress.planning import extend
from webapp.progress.service import decide, record_update, relight
from webapp.rollups.folding import fold
from webapp.rollups.recounting import recount
from webapp.rollups.tally_queries import Scope

COUNTED = parse_instant("2017-10-02T09:00")
DUE = date(2017, 10, 31)
BEFORE, AFTER = date(2017, 10, 4), date(2017, 10, 20)


@pytest.fixture
def world(sqlite_db: Database) -> World:
    """Three assignments, counted on the second of October; then time passes, and people act."""
    made = build(sqlite_db)
    with sqlite_db.transaction() as session:
        for place in ("baoding", "cangzhou", "jinan"):
            add_assignment(session, made, place, DUE, light_until=date(2017, 10, 9), completion=Decimal(0))
        recount(session, now=COUNTED, replay=False)
    act(sqlite_db, made)
    return made


def act(db: Database, world: World) -> None:
    officer, north = actor(db, world, "baoding"), actor(db, world, "north")
    with db.transaction() as session:
        relight(session, now=parse_instant("2017-10-12T00:10"))
    for when, kind in (("2017-10-13T10:00", "claim"), ("2017-10-16T10:00", "return")):
        with db.transaction() as session:
            row = of(db, session, world, officer if kind == "claim" else north)
            if kind == "claim":
                record_update(session, row, actor=officer, now=parse_instant(when), kind="claim",
                              as_of=date(2017, 10, 13), quantity=row.task.target_min, version=row.version,
                              note="已拆除")  # fmt: skip
            else:
                decide(session, row, actor=north, now=parse_instant(when), decision="return", version=row.version,
                       reason="照片不清")  # fmt: skip
    with db.transaction() as session:
        region = actor(db, world, "region")
        row = of(db, session, world, region)
        extend(session, row, actor=region, now=parse_instant("2017-10-18T09:00"), due=date(2017, 11, 30),
               reason="供货延误", version=row.version)  # fmt: skip
        fold(session)


def of(db: Database, session, world: World, who: Actor) -> Assignment:  # type: ignore[no-untyped-def]
    number = session.query(Assignment.id).filter(Assignment.organisation_id == world.places["baoding"]).scalar()
    return get_assignment(session, number, who)


def actor(db: Database, world: World, place: str) -> Actor:
    with db.reading() as session:
        found = load_actor(session, world.people[place], 1, AFTER)
    assert found is not None
    return found


def since(db: Database, world: World, place: str, day: date, chosen: Chosen | None = None) -> list[Moved]:
    with db.reading() as session:
        page = moved(session, world.plan, actor(db, world, place), chosen or Chosen(), day)
        every = list(every_moved(session, world.plan, actor(db, world, place), chosen or Chosen(), day))
    assert page.total == len(page.rows) == len(every)
    return page.rows


def test_each_difference_is_told_with_what_made_it(sqlite_db: Database, world: World) -> None:
    [found] = [each for each in since(sqlite_db, world, "region", BEFORE) if each.row.organisation_code == "baoding"]
    assert [step.cause for step in found.steps] == ["time", "filed", "decided", "dated"]
    assert [step.day.day for step in found.steps] == [10, 13, 16, 18], "time's change on the day it came, not when seen"
    assert found.before == ("yellow", "behind")
    assert found.steps[1].after == ("green", "awaiting")
    assert (found.row.due_before, found.row.due) == (DUE, date(2017, 11, 30))


def test_what_stands_where_it_stood_is_no_difference(sqlite_db: Database, world: World) -> None:
    assert since(sqlite_db, world, "region", AFTER) == []
    assert len(since(sqlite_db, world, "region", date(2017, 10, 17))) == 1


def test_an_area_hears_of_its_own_alone(sqlite_db: Database, world: World) -> None:
    heard = {each.row.organisation_code for each in since(sqlite_db, world, "south", BEFORE)}
    assert heard == {"jinan"}
    for chosen in (Chosen(province="north"), Chosen(measure="m-9")):
        with pytest.raises(NotFound):
            since(sqlite_db, world, "south", BEFORE, chosen)


def test_choices_narrow_what_moved(sqlite_db: Database, world: World) -> None:
    codes = [each.row.organisation_code for each in since(sqlite_db, world, "region", BEFORE, Chosen(province="south"))]
    assert codes == ["jinan"]
    november = Chosen(due_after=date(2017, 11, 1))
    assert [each.row.organisation_code for each in since(sqlite_db, world, "region", BEFORE, november)] == ["baoding"]
    assert since(sqlite_db, world, "region", BEFORE, Chosen(label="done")) == []


def test_what_got_worse_and_recovered_is_not_among_what_fell_behind(sqlite_db: Database, world: World) -> None:
    with sqlite_db.reading() as session:
        scope, places = Scope(world.plan), list(world.places.values())
        fallen, claimed = (
            queries.falls(session, scope, places, days=(date(2017, 10, 8), date(2017, 10, day))) for day in (12, 14)
        )
    names = {number: code for code, number in world.places.items()}
    assert {names[row.organisation_id] for row in fallen} == {"cangzhou", "jinan", "baoding"}
    assert {names[row.organisation_id] for row in claimed} == {"cangzhou", "jinan"}


def test_the_file_holds_the_day_and_now(sqlite_db: Database, world: World) -> None:
    with sqlite_db.reading() as session:
        plan = current_plan(session)
        who = actor(sqlite_db, world, "north")
        rows = list(figure_rows(figures(session, plan, who, Chosen(on=date(2017, 10, 14)))))
    assert [row.place.code for row in rows] == ["baoding", "cangzhou"]
    assert rows[0].now is not None
    assert (rows[0].then.count("awaiting"), rows[0].now.count("awaiting")) == (1, 0)


@pytest.mark.parametrize(
    "path",
    ["/overview?on=2017-09-30", "/overview?on=2017-09-30&label=behind&due_before=2017-12-31", "/overview/changes",
     "/overview/changes?on=2017-09-30&label=behind", "/overview/changes?on=2017-10-19"],
)  # fmt: skip
def test_the_pages_say_of_when_they_are(shared_site: Site, path: str) -> None:
    page = shared_site.client(shared_site.people.overseer).get(path)
    assert page.status_code == 200


@pytest.mark.parametrize("name", ["overview/figures", "overview/changes"])
def test_the_files_are_files(shared_site: Site, name: str) -> None:
    client = shared_site.client(shared_site.people.overseer)
    text = client.get(f"/{name}.csv?on=2017-09-30")
    assert text.get_data(as_text=True).startswith("\ufeff")
    with client.get(f"/{name}.xlsx?on=2017-09-30") as book:
        assert book.data[:2] == b"PK"
    assert client.get(f"/{name}.pdf").status_code == 404
