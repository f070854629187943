"""What a report says of ledgers and off-peak production: in the draft, frozen, as tables, and against another one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.caps.works import furnace, month, off, plan, works
from tests.ledgers.filling import add, do, opened
from tests.support.plans import person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.documents.tongue import Language, Tongue
from webapp.i18n import use_locale
from webapp.organisations.models import Organisation
from webapp.plans.models import Plan
from webapp.reports import checking, content, section_tables, service
from webapp.reports.compare import compare
from webapp.reports.draft import draft
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.reports.sections import sections
from webapp.reports.service import open_reports

NOVEMBER = date(2017, 11, 1)
MARCH, OCTOBER, DECEMBER = (parse_instant(f"2017-{day}T09:00") for day in ("03-20", "10-05", "12-03"))


def report(session: Session, code: str, of: date = date(2017, 9, 1)) -> MonthlyReport:
    """A city's report."""
    query = select(MonthlyReport.id).join(MonthlyReport.organisation).where(Organisation.code == code)
    return get_report(session, session.scalars(query.where(MonthlyReport.month == of)).one(), person(session, code))


def boilers(session: Session) -> None:
    """Two boilers in March, one done in April; in October another one is listed and done."""
    _row, ledger, _use = opened(session)
    first, _second = add(session, ledger, 1, 2, now=MARCH)
    do(session, ledger, first, "finish")
    (late,) = add(session, ledger, 3, now=OCTOBER)
    do(session, ledger, late, "finish", now=OCTOBER)


def test_ledgers_stand_as_on_the_last_day_of_the_month(september: Database) -> None:
    """What is done in October is in no report on September, and the section agrees with the line counted from rows."""
    with september.transaction() as session:
        boilers(session)
        lines = draft(session, report(session, "130600"), now=parse_instant("2017-10-06T09:00"))
        (found,) = lines.sections["ledgers"]
        assert found["rows"] == {"listed": 2, "late": 0, "removed": 0, "done": 1, "verified": 0}
        assert (found["sums"]["listed"], found["share"]) == ("4", "0.5")
        line = next(each for each in lines.lines if each["task"] == "m04-boilers-all")
        task = next(each for each in found["tasks"] if each["task"] == "m04-boilers-all")
        assert line["cumulative"] == task["share"]
        assert "caps" not in lines.sections


def test_sections_are_frozen_and_checked_with_the_draft(september: Database) -> None:
    """They are in the fingerprint of what a checker saw and in the revision; without any of them nothing is added."""
    with september.transaction() as session:
        row = report(session, "130600")
        bare = draft(session, row, now=OCTOBER)
        before = checking.fingerprint(row, bare)
        assert bare.sections == {}
        boilers(session)
        assert checking.fingerprint(row, draft(session, row, now=OCTOBER)) != before
        actor = person(session, "130600")
        frozen = service.submit(
            session, row, actor=actor, now=parse_instant("2017-10-09T10:00"), version=row.version, confirm_check=True
        )
        assert frozen.content["format"] == content.FORMAT
        assert frozen.content["ledgers"][0]["type"] == "boilers"


def test_the_table_names_the_ledger_and_the_tasks_that_count_of_it(september: Database) -> None:
    """Boilers alone are on the list: stoves, of which nobody listed one, take no line; tonnes of steam stand below."""
    with september.transaction() as session:
        boilers(session)
        told = draft(session, report(session, "130600"), now=OCTOBER).sections
    with use_locale("zh"):
        ((table,),) = section_tables.tables(Tongue("zh"), told)
    shown = [[cell.text for cell in row.cells] for row in table.rows]
    assert shown[0][1:] == ["2", "0", "0", "1", "0", "50%", "0%"]
    assert shown[1][:2] == ["数量合计（蒸吨/小时）", "4"]
    assert not [row for row in shown if "茶炉" in row[0]]


def steel(session: Session) -> None:
    """A furnace of two stands still by plan; its November was stated in December, after the month."""
    made = works(session)
    big, small = furnace(session, made), furnace(session, made, "2号高炉", capacity=Decimal(50))
    plan(session, made, off(small, "11-15", "03-15"))
    month(session, made, NOVEMBER, off(small, "11-15", "11-30"), now=DECEMBER,
          power={big.id: Decimal(20000), small.id: Decimal(1)})  # fmt: skip


@pytest.fixture
def november(september: Database) -> list[dict[str, Any]]:
    """Tangshan's sectors as its report on November tells of them."""
    with september.transaction() as session:
        steel(session)
        open_reports(session, month=NOVEMBER, now=DECEMBER)
        found = draft(session, report(session, "130200", NOVEMBER), now=DECEMBER).sections
        september_ = report(session, "130200")
        assert "caps" not in draft(session, september_, now=DECEMBER).sections
        return list(found["caps"])


def test_a_month_of_the_season_is_held_against_plan_and_cap(november: list[dict[str, Any]]) -> None:
    """16 days of 50 stood still, as planned; a third of what was asked, where half is."""
    (found,) = november
    assert (found["sector"], found["works"], found["lines"], found["least"]) == ("steel", 1, 2, "0.5")
    stated = {name: found["month"][name] for name in ("stopped", "planned", "asked", "stated")}
    assert stated == {"stopped": "800", "planned": "800", "asked": "2400", "stated": True}
    assert (found["counted"], found["reason"], found["suspects"], found["exempt"]) == ("0.3333", "plan_below_cap", 0, 0)
    assert [each["light"] for each in found["enterprises"]] == ["green"]


@pytest.mark.parametrize(("tongue", "words"), [("zh", "万吨/年"), ("en", "10,000 t a year")])
def test_tables_speak_both_languages(november: list[dict[str, Any]], tongue: Language, words: str) -> None:
    """A share short of all is never shown as all of it, and a workbook gets numbers."""
    with use_locale(tongue):
        ((caps, enterprises),) = section_tables.tables(Tongue(tongue), {"caps": november})
    first = caps.rows[0].cells
    assert words in first[0].text
    assert (first[4].text, first[4].number, first[6].text) == ("800", 800, "33.33%")
    assert enterprises.rows[0].cells[0].text == "甲钢铁"
    assert section_tables.exact("0.9999") == "99.99%"
    assert section_tables.tables(Tongue(tongue), {}) == []


def test_two_revisions_are_compared_by_ledger_and_sector(november: list[dict[str, Any]]) -> None:
    """Where the older one has no section, nothing is said to have changed."""
    old: dict[str, Any] = {"lines": [], "caps": november}
    new = {"lines": [], "caps": [november[0] | {"suspects": 1, "light": "red", "label": "overdue"}]}
    ((entry, changes),) = compare(old, new).sections
    assert entry["sector"] == "steel"
    assert [(each.field, each.old, each.new) for each in changes] == [
        ("suspects", 0, 1), ("light", ("behind", "yellow"), ("overdue", "red")),
    ]  # fmt: skip
    assert compare({"lines": []}, new).sections == ()
    gone = compare(new, {"lines": [], "caps": []}).sections
    assert {each.new for each in gone[0][1]} == {None}


def test_a_plan_without_ledgers_and_caps_has_no_sections(september: Database) -> None:
    with september.transaction() as session:
        row = report(session, "130600")
        bare = Plan(id=row.plan_id, rules={})
        assert sections(session, bare, row, date(2017, 11, 30)) == {}
