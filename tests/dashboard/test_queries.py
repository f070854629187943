"""The area counted, on both engines: its limits, and statements that do not grow with rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.support.small_plan import World, add_assignment, add_report, build
from webapp.accounts.queries import load_actor
from webapp.clock import parse_instant
from webapp.dashboard.choosing import OTHERS, Chosen, chosen_of
from webapp.dashboard.columns import COLUMNS, fields
from webapp.dashboard.listing import asked, listing
from webapp.dashboard.overview import Overview, overview
from webapp.dashboard.pictures import Pen
from webapp.dashboard.sheet import every_row
from webapp.db import Database
from webapp.errors import NotFound
from webapp.i18n import use_locale
from webapp.lists.files import csv_lines
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.plans.queries import current_plan, get_assignment
from webapp.progress.letters import NOT_AVERAGED, URGENCY
from webapp.progress.service import record_update
from webapp.rollups.recounting import recount

NOW = parse_instant("2017-10-20T08:25")
PEN = Pen(lambda label, colour: (f"<td>{label} ", " ", " ", " ", " ", "</td>"), "<td></td>")
DUE = date(2017, 10, 31)


@pytest.fixture
def world(db: Database) -> World:
    """Baoding is behind, Cangzhou waits, Jinan in the south is overdue."""
    made = build(db)
    with db.transaction() as session:
        add_assignment(session, made, "baoding", DUE, completion=Decimal("0.5"))
        claimed = {"status": "claimed", "light": "green", "light_label": "awaiting", "completion": Decimal("1.2")}
        add_assignment(session, made, "cangzhou", DUE, last_update_at=parse_instant("2017-10-16T10:00"), **claimed)
        add_assignment(session, made, "jinan", date(2017, 9, 30), light="red", light_label="overdue")
        add_report(session, made, "north", date(2017, 9, 1), date(2017, 10, 9))
        add_report(session, made, "south", date(2017, 9, 1), date(2017, 10, 9),
                   status="submitted", first_submitted_at=NOW, days_late=2)  # fmt: skip
        recount(session, now=NOW, replay=False)
    return made


def actor(db: Database, world: World, place: str) -> Actor:
    """The one person of a place."""
    with db.reading() as session:
        found = load_actor(session, world.people[place], 1, date(2017, 10, 20))
    assert found is not None
    return found


def shown(db: Database, who: Actor, chosen: Chosen | None = None) -> Overview:
    """The overview somebody sees."""
    with db.reading() as session, use_locale("zh"):
        plan = current_plan(session)
        return overview(
            session, plan, who, chosen or Chosen(), now=NOW, list_prefix="/list", task_prefix="/assignments/", pen=PEN
        )


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked_for: list[str] = []

    def note(*arguments: Any) -> None:
        asked_for.append(arguments[2])

    event.listen(db.reading_engine, "before_cursor_execute", note)
    yield asked_for
    event.remove(db.reading_engine, "before_cursor_execute", note)


def test_the_region_sees_everything_counted(db: Database, world: World) -> None:
    found = shown(db, actor(db, world, "region"))
    total = found.board.total
    assert (total.count("overdue"), total.count("behind"), total.count("awaiting")) == (1, 1, 1)
    assert (found.in_month.applicable, found.in_month.still_open) == (2, 2)
    assert total.average == (5_000 + 10_000 + 0) // 3
    assert found.reports is not None
    assert (found.reports.number, found.reports.handed_in, found.reports.late) == (2, 1, 1)
    assert [row.label for group in found.groups for row in group.rows] == ["baoding", "cangzhou", "jinan"]


def test_a_province_sees_nothing_of_another_in_any_figure(db: Database, world: World) -> None:
    found = shown(db, actor(db, world, "north"))
    assert found.board.total.total == 2
    assert found.board.total.count("overdue") == 0
    assert found.reports is not None
    assert found.reports.number == 1
    assert "jinan" not in str((found.groups, found.tiles, found.bars, found.falls, found.due, found.provinces))
    assert [each.number for each in found.due] == [2]


@pytest.mark.parametrize("chosen", [Chosen(province="south"), Chosen(measure="m-9")])
def test_what_lies_outside_the_area_does_not_exist(db: Database, world: World, chosen: Chosen) -> None:
    who = actor(db, world, "north")
    with pytest.raises(NotFound):
        shown(db, who, chosen)
    with db.reading() as session, use_locale("zh"), pytest.raises(NotFound):
        listing(session, world.plan, who, asked({"organisation": "south"}), page=1)


def test_filters_narrow_every_figure(db: Database, world: World) -> None:
    found = shown(db, actor(db, world, "region"), Chosen(province="south", measure="m-1"))
    assert found.board.total.total == 1
    assert found.area == "south市"
    assert found.paper.list_of(label="overdue") == "/list?organisation=south&measure=m-1&label=overdue"


def test_who_decides_is_told_how_long_the_oldest_has_waited(db: Database, world: World) -> None:
    north, region = shown(db, actor(db, world, "north")), shown(db, actor(db, world, "region"))
    assert (north.waiting.number, north.waited) == (1, 4)
    assert (region.waiting.number, region.waited) == (0, 0)


def test_the_number_of_statements_does_not_grow(db: Database, world: World) -> None:
    who = actor(db, world, "region")
    with statements(db) as before:
        shown(db, who)
        list_page(db, world, who)
    with db.transaction() as session:
        for day in range(1, 29):
            for place in ("baoding", "cangzhou", "jinan"):
                add_assignment(session, world, place, date(2017, 11, day), another=True)
        recount(session, now=NOW, replay=False)
    with statements(db) as after:
        shown(db, who)
        found = list_page(db, world, who)
    assert found == 87
    assert len(after) == len(before)


def list_page(db: Database, world: World, who: Actor) -> int:
    """How many rows the whole list of somebody has."""
    with db.reading() as session, use_locale("zh"):
        return listing(session, world.plan, who, asked({}), page=1).page.total


def test_no_statement_of_the_overview_reads_assignments_one_by_one(db: Database, world: World) -> None:
    with statements(db) as asked_for:
        shown(db, actor(db, world, "region"))
    [waiting] = [each for each in asked_for if "FROM assignment" in each]
    assert "count(*)" in waiting
    assert len(asked_for) <= 17


def test_every_light_is_counted_as_what_it_is(db: Database, world: World) -> None:
    with db.transaction() as session:
        for day, (colour, label) in enumerate(URGENCY, start=1):
            values = {"light": colour, "light_label": label, "another": True, "completion": Decimal("0.1")}
            add_assignment(session, world, "south", date(2017, 10, day), **values)
        recount(session, now=NOW, replay=False)
    found = shown(db, actor(db, world, "region"), Chosen(province="south", side=OTHERS))
    # The province with its one city, whose one assignment is overdue.
    south = found.board.organisations[world.places["south"]]
    assert south.by_light == [(light, 2 if light == URGENCY[0] else 1) for light in URGENCY]
    own = [cell for (place, _), cell in found.board.cells.items() if place == world.places["south"]]
    assert [cell.lights for cell in own] == ["a1b1c1d1e1f1g1h1i1j1k1l1"], "its own duties alone"
    shares = {"done": 10_000, "done_late": 10_000, **dict.fromkeys(NOT_AVERAGED, 0)}
    assert own[0].progress == sum(shares.get(label, 1_000) for _, label in URGENCY)
    assert (found.in_month.applicable, found.in_month.still_open) == (11, 9)


def test_counties_are_counted_in_their_city_and_named_only_there(db: Database, world: World) -> None:
    with db.transaction() as session:
        city = session.get_one(Organisation, world.places["baoding"])
        county = Organisation(
            code="fuping", kind="county", parent_id=city.id, path=f"{city.path}fuping/", name_zh="阜平县",
            name_en="Fuping", short_zh="阜平", short_en="Fuping", pinyin="fuping", sort=99,
        )  # fmt: skip
        session.add(county)
        session.flush()
        world.places["fuping"] = county.id
        add_assignment(session, world, "fuping", DUE, light="red", light_label="behind")
        recount(session, now=NOW, replay=False)
    north = shown(db, actor(db, world, "north"))
    assert names(north) == ["baoding", "cangzhou"]
    assert north.board.organisations[world.places["baoding"]].count("behind") == 2
    assert names(shown(db, actor(db, world, "north"), Chosen(province="baoding"))) == ["baoding", "阜平"]


def names(found: Overview) -> list[str]:
    return [row.label for group in found.groups for row in group.rows]


def test_lights_and_due_dates_narrow_every_figure(db: Database, world: World) -> None:
    who = actor(db, world, "region")
    behind = shown(db, who, Chosen(label="behind"))
    assert (behind.board.total.total, names(behind)) == (1, ["baoding"])
    september = shown(db, who, Chosen(due_before=date(2017, 9, 30)))
    assert (september.board.total.total, names(september)) == (1, ["jinan"])
    assert "due_before=2017-09-30" in september.paper.list_of(label="overdue")
    both = shown(db, who, Chosen(label="behind", due_before=date(2017, 9, 30)))
    assert both.board.total.total == 0


def test_what_is_changed_shows_before_it_is_added_up(db: Database, world: World) -> None:
    officer = actor(db, world, "baoding")
    with db.transaction() as session:
        row = session.scalars(select(Assignment).where(Assignment.organisation_id == world.places["baoding"])).one()
        row = get_assignment(session, row.id, officer)
        record_update(session, row, actor=officer, now=NOW, kind="na_claim", as_of=date(2017, 10, 20), reason="无",
                      version=row.version)  # fmt: skip
    for place in ("region", "north"):
        total = shown(db, actor(db, world, place)).board.total
        assert (total.count("behind"), total.count("awaiting")) == (0, 2)
    assert shown(db, actor(db, world, "region"), Chosen(province="south")).board.total.count("awaiting") == 0


def test_a_past_day_is_shown_beside_now(db: Database, world: World) -> None:
    who, officer = actor(db, world, "region"), actor(db, world, "baoding")
    with db.transaction() as session:
        row = session.scalars(select(Assignment).where(Assignment.organisation_id == world.places["baoding"])).one()
        row = get_assignment(session, row.id, officer)
        record_update(session, row, actor=officer, now=parse_instant("2017-10-23T09:00"), kind="na_claim",
                      as_of=date(2017, 10, 23), reason="无", version=row.version)  # fmt: skip
    then = shown(db, who, Chosen(on=date(2017, 10, 22)))
    assert then.present is not None
    assert (then.board.total.count("behind"), then.present.count("behind")) == (1, 0)
    assert (then.board.total.count("awaiting"), then.present.count("awaiting")) == (1, 2)
    before = shown(db, who, Chosen(on=date(2017, 10, 19)))
    assert before.board.total.total == 0, "nothing was known yet"


def test_the_sheet_is_the_list_and_harmless(db: Database, world: World) -> None:
    who = actor(db, world, "north")
    with db.reading() as session, use_locale("zh"):
        shown = fields(COLUMNS)
        lines, everything = (
            "".join(csv_lines(shown, every_row(session, world.plan, who, asked(what))))
            for what in ({"label": "behind"}, {})
        )
    assert lines.startswith("\ufeff条款,条款名称,任务代码,任务,单位代码,单位,")
    assert [line.split(",")[4] for line in lines.splitlines()[1:]] == ["baoding"]
    assert "jinan" not in everything


def test_nonsense_in_the_address_of_an_overview_does_not_narrow() -> None:
    today = date(2017, 10, 20)
    found = chosen_of({"label": "purple", "due_after": "soon", "on": "2017-10-20", "side": "x"}, today)
    assert found == Chosen(), "today is no past day"
    assert chosen_of({"on": "2017-10-19"}, today).on == date(2017, 10, 19)


def test_nonsense_in_the_address_does_not_narrow() -> None:
    found = asked({"order": "; drop table", "due_after": "soon", "page": "x"})
    assert found.order == "light"
    assert found.where.due_after is None
