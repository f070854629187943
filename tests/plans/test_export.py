"""The export of the real plan, read as another program would read it."""

import csv
import io
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.plans import INVENTED, REAL, load_plan, person
from webapp.db import Database
from webapp.documents.words import disarmed
from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Role
from webapp.plans.export import HEADER, export_assignments

FIRST_COLUMNS = (
    "plan,clause,sentences,task,org,org_name,nominal_due,due,season,comparator,target_min,target_max,unit,status,light"
)
SEVEN = {"110000", "120000", "130100", "131000", "130600", "370100", "410100"}
Rows = list[dict[str, str]]


def exported(db: Database, fmt: Any = "csv", **more: Any) -> str:
    stream = io.StringIO()
    with db.reading() as session:
        export_assignments(session, "jjj-2017", fmt, stream=stream, **more)
    return stream.getvalue()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory, loaded_sqlite: Path) -> str:
    path = tmp_path_factory.mktemp("export") / "lantian.db"
    path.write_bytes(loaded_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    found = exported(database)
    database.dispose()
    return found


@cache
def parsed(content: str) -> Rows:
    return list(csv.DictReader(io.StringIO(content)))


def held(rows: Rows, task: str) -> set[str]:
    return {row["org"] for row in rows if row["task"] == task}


def citing(rows: Rows, sentence: str, **more: str) -> Rows:
    return [
        row for row in rows
        if sentence in row["sentences"].split() and all(row[key] == value for key, value in more.items())
    ]  # fmt: skip


def test_the_columns_stand_in_the_order_that_was_asked_for(text: str) -> None:
    assert text.startswith(FIRST_COLUMNS)
    assert tuple(text.splitlines()[0].split(",")) == HEADER
    assert not text.startswith("\ufeff")


def test_each_task_goes_to_an_organisation_once(text: str) -> None:
    pairs = Counter((row["task"], row["org"]) for row in parsed(text))
    assert max(pairs.values()) == 1


def test_every_clause_has_assignments(text: str) -> None:
    by_clause = Counter(row["clause"] for row in parsed(text))
    assert {f"measure-{number}" for number in range(1, 20)} <= by_clause.keys()


@pytest.mark.parametrize(
    ("sentence", "other", "few", "many"),
    [
        ("measure-4.2", "measure-4.3", 7, 21),  # small boilers: whole territory, or built-up areas
        ("measure-3.3", "measure-3.4", 4, 24),  # coal-free zones, or households
    ],
)
def test_the_cities_are_split_as_the_plan_splits_them(
    text: str, sentence: str, other: str, few: int, many: int
) -> None:
    rows = parsed(text)
    first = {row["org"] for row in citing(rows, sentence, due="2017-10-31")}
    second = {row["org"] for row in citing(rows, other, due="2017-10-31")}
    assert (len(first), len(second), first & second) == (few, many, set())


def test_scattered_polluters_all_or_half(text: str) -> None:
    rows = [row for row in citing(parsed(text), "measure-2.4", due="2017-10-31") if row["unit"] == "share"]
    everything = {row["org"] for row in rows if row["target_min"] == "1"}
    half = {row["org"] for row in rows if row["target_min"] == "0.5"}
    assert (len(everything), len(half), everything & half) == (13, 15, set())
    assert {row["basically"] for row in rows if row["org"] in everything} == {"true"}


def test_seven_cities_lose_all_small_boilers_in_one_task(text: str) -> None:
    rows = parsed(text)
    tasks = {row["task"] for row in rows if row["clause"] == "measure-4"}
    assert any(held(rows, task) == SEVEN for task in tasks)


def test_households_are_a_range(text: str) -> None:
    rows = [row for row in parsed(text) if row["unit"] == "household"]
    assert {(row["comparator"], row["target_min"], row["target_max"]) for row in rows} == {
        ("between", "50000", "100000")
    }
    assert len(rows) == 24


def test_caps_are_the_share_taken_out_and_end_with_the_season(text: str) -> None:
    caps = [row for row in parsed(text) if row["kind"] == "seasonal_cap"]
    assert caps
    assert {(row["season"], row["due"]) for row in caps} == {("heating", "2018-03-15")}
    shares = {row["target_min"] or row["target_max"] for row in citing(caps, "measure-11.2")}
    assert {"0.3", "0.5"} <= shares
    steel = {row["org"]: row["target_min"] for row in citing(caps, "measure-10.3")}
    assert steel == dict.fromkeys(("130100", "130200", "130400", "410500"), "0.5")


def test_standing_duties_have_no_date_and_reports_say_how_often(text: str) -> None:
    rows = parsed(text)
    standing = [row for row in rows if row["kind"] == "standing"]
    assert standing
    assert {row["due"] for row in standing} == {""}
    reports = [row for row in rows if row["kind"] == "recurring_report"]
    assert {row["due"] for row in reports} == {""}
    assert "monthly:8" in {row["recurrence"] for row in reports}


def test_comparators_are_those_of_the_list_and_fill_their_columns(text: str) -> None:
    filled = {">=": (True, False), ">": (True, False), "<=": (False, True), "<": (False, True), "=": (True, True),
              "between": (True, True)}  # fmt: skip
    for row in parsed(text):
        assert (bool(row["target_min"]), bool(row["target_max"])) == filled[row["comparator"]], row


def test_json_says_the_same(db: Database) -> None:
    load_plan(db, REAL)
    rows = json.loads(exported(db, "json"))
    assert [row["task"] for row in rows] == [row["task"] for row in parsed(exported(db))]
    boiler = next(row for row in rows if row["task"] == "m04-boilers-all" and row["org"] == "130600")
    assert boiler["sentences"] == ["measure-4.1", "measure-4.2"]
    assert (boiler["due"], boiler["target_min"], boiler["season"]) == ("2017-10-31", 1, "")
    assert next(row for row in rows if row["kind"] == "standing")["due"] is None


def test_the_export_of_a_province_holds_its_own_area(db: Database) -> None:
    load_plan(db, REAL)
    with db.reading() as session:
        hebei = person(session, "130000", Role.COORDINATOR)
    rows = parsed(exported(db, actor=hebei))
    assert {row["org"][:2] for row in rows} == {"13"}


def test_an_unknown_plan_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        exported(db)


def test_an_empty_plan_is_valid_json(sqlite_db: Database) -> None:
    load_plan(sqlite_db, INVENTED)
    with sqlite_db.reading() as session:
        stream = io.StringIO()
        stranger = Actor(9, "无", "zh")
        export_assignments(session, "delta-2019", "json", stream=stream, actor=stranger)
    assert json.loads(stream.getvalue()) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_finds_no_formula(planned: Database, start: str) -> None:
    with planned.transaction() as session:
        session.execute(update(Organisation).where(Organisation.code == "130600").values(name_zh=f"{start}1+1"))
    names = {row["org_name"] for row in parsed(exported(planned)) if row["org"] == "130600"}
    assert names == {f"'{start}1+1".replace("\r", " ")}
    assert disarmed("保定市") == "保定市"
