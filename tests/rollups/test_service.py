"""The roll-up: versions only when a figure changed, totals of an area, what was known on an earlier day."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select

from tests.support.plans import INVENTED, assignment, load_plan, person, plan_id
from webapp.clock import local_instant, parse_instant
from webapp.db import Database
from webapp.permissions import Role
from webapp.plans.models import Assignment
from webapp.progress.service import leave_out, record_update
from webapp.rollups import queries, service
from webapp.rollups.models import Rollup
from webapp.rollups.rules import Counts, ratio

START = parse_instant("2019-01-15T09:00")
MARCH, APRIL = date(2019, 3, 1), date(2019, 4, 1)


@pytest.fixture
def loaded(db: Database) -> Database:
    """The invented plan."""
    load_plan(db, INVENTED, START)
    return db


def recompute(db: Database, now: str, *months: date) -> int:
    with db.transaction() as session:
        return service.recompute(session, now=parse_instant(now), months=months or None)


def report(db: Database, when: str, as_of: str, quantity: int) -> None:
    with db.transaction() as session:
        row = assignment(session, "c-gas", "stonebridge")
        record_update(
            session, row, actor=person(session, "stonebridge"), now=parse_instant(when), kind="progress",
            as_of=date.fromisoformat(as_of), version=row.version, quantity=Decimal(quantity),
        )  # fmt: skip


def test_each_applicable_assignment_is_counted_once(loaded: Database) -> None:
    recompute(loaded, "2019-04-10T02:00")
    with loaded.reading() as session:
        rows = list(session.scalars(select(Rollup)))
        applicable = sum(row.applicable for row in rows if row.month == APRIL)
        assert applicable == session.scalar(select(func.count(Assignment.id)))
    for row in rows:
        assert row.applicable == row.done + row.on_pace + row.behind + row.overdue + row.not_due
        assert row.completion == ratio(row.done, row.applicable)


def test_a_second_run_adds_nothing_and_a_late_filing_one_version(loaded: Database) -> None:
    assert recompute(loaded, "2019-04-10T02:00", MARCH) > 0
    assert recompute(loaded, "2019-04-11T02:00", MARCH) == 0
    report(loaded, "2019-04-11T10:00", "2019-03-31", 15000)
    assert recompute(loaded, "2019-04-12T02:00", MARCH) == 1
    with loaded.reading() as session:
        province = person(session, "upper-shore", Role.COORDINATOR)
        plan = plan_id(session, "delta-2019")
        clause = assignment(session, "c-gas", "stonebridge").task.clause.code
        first, second = queries.versions(session, plan, MARCH, "stonebridge", clause, province)
        assert (first.revision, second.revision) == (1, 2)
        assert (first.behind, second.on_pace) == (1, 1)
        then = queries.month_rows(session, plan, MARCH, province, as_known_on=date(2019, 4, 10), measures=False)
        now = queries.month_rows(session, plan, MARCH, province, measures=False)
        pick = {row.revision: row for row in now if (row.organisation_code, row.clause_code) == ("stonebridge", clause)}
        assert {row.revision for row in then} == {1}
        assert list(pick) == [2]


def test_an_area_sees_its_own_figures_alone(loaded: Database) -> None:
    recompute(loaded, "2019-04-10T02:00", MARCH, APRIL)
    with loaded.reading() as session:
        plan = plan_id(session, "delta-2019")
        town, whole = person(session, "stonebridge"), person(session, "delta", Role.COORDINATOR)
        province = person(session, "upper-shore", Role.COORDINATOR)
        assert {row.organisation_code for row in queries.month_rows(session, plan, MARCH, town)} == {"stonebridge"}
        by_town = queries.totals_by_organisation(session, plan, MARCH, province)
        assert {row.organisation_code for row in by_town} == {"upper-shore", "alderford", "stonebridge", "millhaven"}
        total = queries.area_totals(session, plan, MARCH, province)
        assert total is not None
        assert total.applicable == sum(row.applicable for row in by_town)
        assert isinstance(total.applicable, int)
        months = queries.series(session, plan, [MARCH, APRIL], whole, under=province.grants[0].path)
        assert [row.month for row in months] == [MARCH, APRIL]
        assert queries.area_totals(session, plan, date(2019, 12, 1), whole) is None


def test_what_was_agreed_to_be_not_applicable_leaves_the_denominator(loaded: Database) -> None:
    with loaded.transaction() as session:
        leave_out(session, [assignment(session, "c-gas", "stonebridge").id], reason="无此类用户",
                  now=parse_instant("2019-04-10T09:00"))  # fmt: skip
    recompute(loaded, "2019-04-11T02:00", MARCH, APRIL)
    with loaded.reading() as session:
        whole = person(session, "stonebridge")
        plan = plan_id(session, "delta-2019")
        before, after = queries.series(session, plan, [MARCH, APRIL], whole)
        assert (before.left_out, after.left_out) == (0, 1)
        assert after.applicable == before.applicable - 1


def test_months_outside_the_plan_have_no_rows(loaded: Database) -> None:
    assert recompute(loaded, "2019-04-10T02:00", date(2018, 12, 1), date(2019, 5, 1)) == 0


def test_completion_is_rounded_down() -> None:
    assert Counts(applicable=3, done=2, on_pace=1).completion == Decimal("0.6666")
    assert Counts().completion is None


def test_statements_do_not_grow_with_the_plan(planned: Database) -> None:
    """Some 2,400 assignments take as many statements as the invented plan's few."""
    seen: list[str] = []
    event.listen(planned.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    now = local_instant(date(2017, 10, 20))
    with planned.transaction() as session:
        assert service.recompute(session, now=now, months=[date(2017, 9, 1), date(2017, 10, 1)]) > 1000
    assert len(seen) <= 12
