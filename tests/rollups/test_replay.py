"""The replay of the record: today's equals the stored state; a month gone by keeps what was decided later out."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.plans import INVENTED, assignment, load_plan, person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Invalid
from webapp.permissions import Actor, Role
from webapp.plans.models import Assignment
from webapp.progress.facts import Thresholds
from webapp.progress.lights import light
from webapp.progress.restating import restate
from webapp.progress.service import decide, record_update
from webapp.rollups.asof import Known, known_at, load_history, point

START = parse_instant("2019-01-15T09:00")
TASK, TOWN = "c-gas", "stonebridge"


@pytest.fixture
def loaded(db: Database) -> Database:
    """The invented plan."""
    load_plan(db, INVENTED, START)
    return db


def state(db: Database, when: str, quantity: str | None, as_of: str, kind: str = "progress") -> None:
    """The town files a statement."""
    with db.transaction() as session:
        row = assignment(session, TASK, TOWN)
        record_update(
            session, row, actor=person(session, TOWN), now=parse_instant(when), kind=kind,  # type: ignore[arg-type]
            as_of=date.fromisoformat(as_of), version=row.version, quantity=Decimal(quantity) if quantity else None,
        )  # fmt: skip


def reviewer(session: Session) -> Actor:
    return person(session, "upper-shore", Role.COORDINATOR, person_id=8)


def judge(db: Database, when: str, decision: str, reason: str = "") -> None:
    """The province decides."""
    with db.transaction() as session:
        actor = reviewer(session)
        row = assignment(session, TASK, TOWN, actor)
        decide(
            session, row, actor=actor, now=parse_instant(when), decision=decision,  # type: ignore[arg-type]
            version=row.version, reason=reason,
        )  # fmt: skip


def known(db: Database, month: str, now: str) -> Known:
    """The town's assignment in a month, as known at an instant."""
    with db.reading() as session:
        instant = parse_instant(now)
        row = assignment(session, TASK, TOWN)
        history = load_history(session, Assignment.id == row.id, now=instant)
        return next(iter(known_at(history, point(date.fromisoformat(f"{month}-01"), now=instant))))


def test_a_late_filing_heals_the_month_it_speaks_of(loaded: Database) -> None:
    state(loaded, "2019-03-20T10:00", "5", "2019-03-20")
    assert known(loaded, "2019-03", "2019-04-01T02:00").facts.claimed == Decimal(5)
    state(loaded, "2019-04-03T10:00", "9", "2019-03-31")
    state(loaded, "2019-04-04T10:00", "12", "2019-04-04")
    assert known(loaded, "2019-03", "2019-04-05T02:00").facts.claimed == Decimal(9)
    assert known(loaded, "2019-04", "2019-04-05T02:00").facts.claimed == Decimal(12)
    # As known before it came in, the month is what it was.
    assert known(loaded, "2019-03", "2019-04-02T02:00").facts.claimed == Decimal(5)


def test_a_late_filing_ends_the_silence_of_its_month_alone(loaded: Database) -> None:
    state(loaded, "2019-03-20T10:00", "5", "2019-03-20")
    state(loaded, "2019-06-03T10:00", "6", "2019-05-31")
    limits = Thresholds()
    silent = {
        month: light(found.facts, point(date(2019, month, 1), now=parse_instant("2019-06-04T02:00")).on, limits).silent
        for month in (3, 4, 5)
        if (found := known(loaded, f"2019-{month:02d}", "2019-06-04T02:00"))
    }
    assert silent == {3: False, 4: True, 5: False}


def test_a_decision_counts_from_its_day(loaded: Database) -> None:
    target = target_of(loaded)
    state(loaded, "2019-03-28T10:00", str(target), "2019-03-28", kind="claim")
    judge(loaded, "2019-04-02T10:00", "verify")
    assert known(loaded, "2019-03", "2019-04-05T02:00").facts.status == "claimed"
    april = known(loaded, "2019-04", "2019-04-05T02:00").facts
    assert (april.status, april.verified) == ("verified", target)


def test_what_follows_a_late_decision_brings_it_into_no_month_gone_by(loaded: Database) -> None:
    target = target_of(loaded)
    state(loaded, "2019-03-28T10:00", str(target), "2019-03-28", kind="claim")
    judge(loaded, "2019-04-02T10:00", "return", "照片看不清")
    state(loaded, "2019-04-03T10:00", str(target + 1), "2019-03-31")
    march, april = (known(loaded, month, "2019-04-05T02:00").facts for month in ("2019-03", "2019-04"))
    assert (march.status, march.claimed_on, march.claimed) == ("claimed", date(2019, 3, 28), target + 1)
    assert (april.status, april.claimed_on) == ("in_progress", None)
    state(loaded, "2019-04-04T10:00", None, "2019-03-31", kind="claim")
    again = known(loaded, "2019-03", "2019-04-05T02:00").facts
    assert (again.status, again.claimed_on) == ("claimed", date(2019, 3, 28))
    same(loaded, "2019-04-05T02:00")


def target_of(db: Database) -> Decimal:
    with db.reading() as session:
        found = assignment(session, TASK, TOWN).task.target_min
        assert found is not None
        return found


def test_replayed_until_today_it_is_the_stored_state(loaded: Database) -> None:
    target = target_of(loaded)
    state(loaded, "2019-02-20T10:00", "1", "2019-02-20")
    state(loaded, "2019-03-28T10:00", str(target), "2019-03-28", kind="claim")
    judge(loaded, "2019-04-02T10:00", "return", "照片看不清")
    same(loaded, "2019-04-02T11:00")
    state(loaded, "2019-04-03T10:00", str(target), "2019-04-03", kind="claim")
    same(loaded, "2019-04-03T11:00")
    judge(loaded, "2019-04-05T10:00", "verify")
    same(loaded, "2019-04-05T11:00")
    judge(loaded, "2019-04-09T10:00", "reopen", "抽查发现未拆除")
    same(loaded, "2019-04-09T11:00")


def same(db: Database, now: str) -> None:
    """Every assignment's stored light and figures are what the replay gives at the same instant."""
    instant = parse_instant(now)
    with db.reading() as session:
        history = load_history(session, Assignment.id > 0, now=instant)
        at = point(date.fromisoformat(f"{now[:7]}-01"), now=instant)
        stored = {row.id: row for row in session.scalars(select(Assignment))}
        ours = stored[assignment(session, TASK, TOWN).id]
        for found in known_at(history, at):
            row, facts = stored[found.row.id], found.facts
            assert (facts.status, facts.claimed, facts.verified) == (row.status, row.claimed, row.verified)
            if row is ours:
                limits = Thresholds.from_data({"red_below": 0.6, "yellow_days": 10, "yellow_under": 0.8,
                                               "silent_months": 3})  # fmt: skip
                shown = light(facts, at.on, limits)
                assert (shown.colour, shown.label) == (row.light, row.light_label)


# --- a figure of a day gone by put right


def put_right(db: Database, when: str, quantity: str, as_of: str, reason: str = "重复统计") -> None:
    with db.transaction() as session:
        row = assignment(session, TASK, TOWN)
        restate(
            session, row, as_of=date.fromisoformat(as_of), quantity=Decimal(quantity), reason=reason,
            actor=person(session, TOWN), now=parse_instant(when), version=row.version,
        )  # fmt: skip


def test_a_figure_put_right_counts_until_the_next_one_that_was_stated(loaded: Database) -> None:
    state(loaded, "2019-03-30T10:00", "9", "2019-03-30")
    state(loaded, "2019-05-10T10:00", "12", "2019-05-10")
    put_right(loaded, "2019-06-03T10:00", "4", "2019-03-31")
    now = "2019-06-04T02:00"
    figures = {month: known(loaded, f"2019-{month:02d}", now).facts.claimed for month in (3, 4, 5, 6)}
    assert figures == {3: Decimal(4), 4: Decimal(4), 5: Decimal(12), 6: Decimal(12)}
    march, june = known(loaded, "2019-03", now), known(loaded, "2019-06", now)
    assert march.figure is not None
    assert march.figure.reason == "重复统计"
    assert june.latest is not None
    assert june.latest.as_of == date(2019, 5, 10), "silence and the last word are judged by what was said of later days"
    # As known before, the month is what it was; and the present state is the replay's.
    assert known(loaded, "2019-03", "2019-06-01T02:00").facts.claimed == Decimal(9)
    same(loaded, now)


def test_a_figure_put_right_moves_the_present_one_where_none_was_stated_since(loaded: Database) -> None:
    state(loaded, "2019-03-30T10:00", "9", "2019-03-30")
    state(loaded, "2019-04-10T10:00", None, "2019-04-10", kind="no_change")
    put_right(loaded, "2019-04-12T10:00", "4", "2019-03-31")
    assert known(loaded, "2019-04", "2019-04-13T02:00").facts.claimed == Decimal(4)
    same(loaded, "2019-04-13T02:00")


def test_a_figure_put_right_leaves_a_claim_and_its_stamps(loaded: Database) -> None:
    target = target_of(loaded)
    state(loaded, "2019-03-28T10:00", "3", "2019-03-28")
    state(loaded, "2019-04-02T10:00", str(target), "2019-04-02", kind="claim")
    put_right(loaded, "2019-04-05T10:00", "2", "2019-03-31")
    march, april = (known(loaded, month, "2019-04-06T02:00").facts for month in ("2019-03", "2019-04"))
    assert (march.status, march.claimed) == ("in_progress", Decimal(2))
    assert (april.status, april.claimed, april.claimed_on) == ("claimed", target, date(2019, 4, 2))
    same(loaded, "2019-04-06T02:00")


@pytest.mark.parametrize(
    ("quantity", "as_of", "reason", "field"),
    [("-1", "2019-03-20", "错", "quantity"), ("4", "2019-03-20", "  ", "reason"), ("4", "2018-01-01", "错", "as_of")],
)
def test_a_figure_is_put_right_with_a_reason_and_as_a_figure(
    loaded: Database, quantity: str, as_of: str, reason: str, field: str
) -> None:
    state(loaded, "2019-03-30T10:00", "9", "2019-03-30")
    with pytest.raises(Invalid) as caught:
        put_right(loaded, "2019-04-02T10:00", quantity, as_of, reason)
    assert field in {each.field for each in caught.value.problems}


def test_what_is_the_last_word_is_filed_and_not_put_right(loaded: Database) -> None:
    with pytest.raises(Conflict):
        put_right(loaded, "2019-04-02T10:00", "4", "2019-03-20")
    state(loaded, "2019-03-30T10:00", "9", "2019-03-30")
    with pytest.raises(Conflict):
        put_right(loaded, "2019-04-02T10:00", "4", "2019-03-30")
