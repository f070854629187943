"""What waits at the register and whom it reaches: plans and months not filed, cases that wait for a decision."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.caps.worked import d
from tests.caps.works import DECEMBER, coordinator, furnace, month, off, plan, scope, works
from webapp.caps import deciding
from webapp.caps.service import season_of
from webapp.caps.waiting import Undecided, Unfiled, deadlines, waiting
from webapp.i18n import use_locale
from webapp.organisations.models import Organisation
from webapp.plans.models import Plan
from webapp.reminders import facts
from webapp.reminders.ladder import DEFAULTS
from webapp.reminders.linewords import path, title
from webapp.reminders.subjects import Place, Staff, World
from webapp.workdays.rules import published_calendar

NOVEMBER = date(2017, 11, 1)


def found(session: Session, day: str) -> list[tuple[Any, ...]]:
    session.flush()
    (each,) = session.scalars(select(Plan)).all()
    rows = waiting(session, each, date.fromisoformat(day))
    return [(row.month, row.due.isoformat(), row.many) for row in rows if isinstance(row, Unfiled)] + [
        ("cases", row.many) for row in rows if isinstance(row, Undecided)
    ]


@pytest.fixture
def two(session: Session) -> Any:
    """Two works, one with a plan."""
    made, other = works(session), works(session, "乙钢铁")
    one = furnace(session, made)
    furnace(session, other)
    plan(session, made, off(one, "11-15", "3-15"))
    return made, one, other


def test_plans_and_months_are_waited_for_until_they_are_filed(session: Session, two: Any) -> None:
    made, one, other = two
    assert found(session, "2017-09-01") == []
    unplanned = (None, "2017-11-14", 1)
    assert found(session, "2017-10-20") == [unplanned]
    assert found(session, "2017-11-30") == [unplanned, (NOVEMBER, "2017-12-05", 2)]
    month(session, made, NOVEMBER, off(one, "11-15", "11-30"), power={one.id: Decimal(4000)}, now=DECEMBER)
    december = (date(2017, 12, 1), "2018-01-05", 2)
    assert found(session, "2017-12-06") == [unplanned, (NOVEMBER, "2017-12-05", 1), december]
    plan(session, other, now=DECEMBER)
    month(session, other, NOVEMBER, through=d("11-20"), now=DECEMBER)
    assert found(session, "2017-12-06") == [(NOVEMBER, "2017-12-05", 1), december], "stated in part"
    assert found(session, "2018-09-01") == []


def test_a_case_waits_for_the_level_above_until_it_is_decided(session: Session, two: Any) -> None:
    made, one, _other = two
    said = month(session, made, NOVEMBER, off(one, "11-15", "11-30"), power={one.id: Decimal(40_000)}, now=DECEMBER)
    assert ("cases", 1) in found(session, "2017-12-06")
    subjects = {(each.kind, each.due.isoformat(), each.move, each.ladder) for each in _subjects(session, "2017-12-06")}
    # Stated on a Sunday; the third working day after it is Wednesday.
    assert ("cap_verdict", "2017-12-06", "reviewer", "review") in subjects
    assert ("cap_month", "2017-12-05", "officer", "cap_check") in subjects
    assert ("cap_plan", "2017-11-14", "officer", "cap_check") in subjects
    deciding.decide(session, scope(session), made, filing_id=said.id, line_id=one.id, verdict="rejected",
                    reason="仍在生产", actor=coordinator(session), now=DECEMBER)  # fmt: skip
    assert ("cases", 1) not in found(session, "2017-12-06")


def _subjects(session: Session, day: str) -> list[Any]:
    session.flush()
    rows = session.scalars(select(Organisation)).all()
    places = {o.id: Place(o.id, o.code, o.kind, o.path, o.parent_id, o.name_zh, o.name_en) for o in rows}
    each = session.scalars(select(Plan)).one()
    world = World(places, Staff([]), {each.id: each.region_id})
    known = facts.read(session, world, {each.id: DEFAULTS}, published_calendar(), date.fromisoformat(day))
    return known.subjects[each.id]


@pytest.mark.parametrize(
    ("kind", "due", "words", "address"),
    [
        ("cap_plan", "2017-11-14", "3 家企业没有提交错峰生产计划", "show=unplanned"),
        ("cap_month", "2017-12-05", "2017年11月停产实绩：3 家企业未报", "show=unstated&month=2017-11"),
        ("cap_month", "2018-01-05", "2017年12月停产实绩：3 家企业未报", "show=unstated&month=2017-12"),
        ("cap_verdict", "2017-12-06", "错峰停产待核实 3 项", "show=suspect"),
    ],
)
def test_a_line_says_what_waits_and_opens_the_very_list(kind: str, due: str, words: str, address: str) -> None:
    item = {"kind": kind, "due": due, "count": 3, "plan": 1, "org_code": "130200", "id": 5, "days": 0, "light": ""}
    with use_locale("zh"):
        assert title(item) == words
        assert path(item) == f"/caps/enterprises?plan=1&city=130200&{address}"


def test_deadlines_follow_the_season(session: Session) -> None:
    where = scope(session)
    told = [due.isoformat() for _month, due in deadlines(season_of(session, where, "steel"), where.policy)]
    assert told == ["2017-11-14", "2017-12-05", "2018-01-05", "2018-02-05", "2018-03-05", "2018-04-05"]
