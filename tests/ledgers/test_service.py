"""Rows one by one: what may be done, by whom, what stays on record, and what the figures then say."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.ledgers.filling import (
    APRIL,
    BAODING,
    BOILERS,
    HOUSES,
    MARCH,
    MAY,
    SITES,
    SURVEY,
    TEA,
    add,
    boiler,
    coordinator,
    do,
    officer,
    opened,
    rows,
)
from tests.support.plans import assignment
from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.ledgers import queries, service
from webapp.ledgers.models import LedgerEvent, LedgerRow
from webapp.ledgers.rules import Row, count, figure
from webapp.permissions import Role
from webapp.progress.models import ProgressUpdate
from webapp.progress.service import decide, record_update


def updates(session: Session, task: str = BOILERS) -> list[ProgressUpdate]:
    """The statements about an assignment."""
    row = assignment(session, task, BAODING)
    query = select(ProgressUpdate).where(ProgressUpdate.assignment_id == row.id).order_by(ProgressUpdate.id)
    return list(session.scalars(query))


def test_figures_follow_the_rows(session: Session) -> None:
    row, ledger, use = opened(session)
    one, two, _three = add(session, ledger, 1, 2, 3)
    assert (row.counted, row.claimed, row.status) == (True, Decimal(0), "in_progress")
    do(session, ledger, one, "finish")
    assert row.claimed == Decimal("0.3333")
    do(session, ledger, two, "remove")
    assert row.claimed == Decimal("0.5")
    do(session, ledger, one, "undo")
    assert row.claimed == 0
    told = updates(session)
    assert [each.quantity for each in told] == [Decimal(each) for each in ("0", "0.3333", "0.5", "0")]
    assert all(each.counted for each in told)
    found = queries.counts(session, ledger, use)
    assert (found.base.rows, found.removed.rows, found.ever, found.base.quantity) == (2, 1, 3, 4)


def test_a_statement_is_added_only_when_the_figure_changes(session: Session) -> None:
    row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    version = row.version
    service.edit_row(session, ledger, one, boiler(1, address="中街"), actor=officer(session), now=APRIL, version=1)
    assert (len(updates(session)), row.version) == (1, version)


def test_tasks_count_the_rows_that_concern_them(session: Session) -> None:
    boilers, ledger, _use = opened(session)
    stoves = assignment(session, TEA, BAODING)
    (_one,) = add(session, ledger, 1)
    assert (boilers.counted, stoves.counted) == (True, False)
    (two,) = add(session, ledger, 2, what="tea_stove")
    do(session, ledger, two, "finish")
    assert (boilers.claimed, stoves.claimed) == (0, 1)


def test_typing_is_refused_once_there_is_a_row(session: Session) -> None:
    row, ledger, _use = opened(session)
    say(session, row, quantity=Decimal("0.4"))
    add(session, ledger, 1)
    with pytest.raises(Invalid) as caught:
        say(session, row, quantity=Decimal("0.5"))
    assert caught.value.problems[0].field == "quantity"
    say(session, row, note="正在拆除")
    assert (row.claimed, updates(session)[-1].note, updates(session)[-1].counted) == (0, "正在拆除", False)


def say(session: Session, row: Any, **given: Any) -> None:
    """State progress as the officer."""
    given = {"kind": "progress", "as_of": local_date(APRIL), "now": APRIL, "version": row.version, **given}
    record_update(session, row, actor=officer(session), **given)


def test_a_list_that_is_the_duty_itself_leaves_the_milestone_alone(session: Session) -> None:
    row, ledger, use = opened(session, SURVEY)
    raw = {"name": "宏达铸造", "county": "安新县", "industry": "foundry", "way": "close"}
    service.add_row(session, ledger, raw, actor=officer(session), now=MARCH)
    assert (row.counted, row.claimed) == (False, None)
    assert queries.counts(session, ledger, use).base.rows == 1
    assert assignment(session, "m02-close-all", BAODING).counted
    say(session, row, kind="claim")
    assert row.status == "claimed"


def test_households_are_summed(session: Session) -> None:
    row, ledger, _use = opened(session, HOUSES, "130100")
    raw = {"name": "东村", "county": "正定县", "township": "曲阳桥镇", "energy": "gas", "households": "1,280"}
    village = service.add_row(session, ledger, raw, actor=officer(session, "130100"), now=MARCH)
    assert row.claimed == 0
    do(session, ledger, village, "finish", actor=officer(session, "130100"))
    assert row.claimed == 1280


def test_fields_make_a_site_done(session: Session) -> None:
    five, ledger, _use = opened(session, SITES)
    online = assignment(session, "m16-site-online", BAODING)
    site = service.add_row(session, ledger, {"name": "一号工地", "county": "安新县"}, actor=officer(session), now=MARCH)
    do(session, ledger, site, "finish", ticked=["online", "fence"])
    assert (site.state, online.claimed, five.claimed) == ("done", 1, 0)
    everything = {"name": "一号工地", "county": "安新县", **dict.fromkeys(ledger.kind.checks, "是")}
    service.edit_row(session, ledger, site, everything, actor=officer(session), now=APRIL, version=site.version)
    assert five.claimed == 1


def test_the_first_stamp_stays(session: Session) -> None:
    _row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    do(session, ledger, one, "finish", now=APRIL)
    do(session, ledger, one, "undo")
    do(session, ledger, one, "finish", now=MAY)
    assert (one.first_done_at, one.done_on) == (APRIL, local_date(MAY))


def test_history_tells_old_and_new(session: Session) -> None:
    _row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    edited = boiler(1, capacity="4", address="中街")
    service.edit_row(session, ledger, one, edited, actor=officer(session), now=APRIL, version=1, reason="核对铭牌")
    do(session, ledger, one, "remove", reason="已停用多年")
    told = queries.history(session, one.id)
    assert [each.event.action for each in told] == ["remove", "edit", "list"]
    assert told[1].event.changes == {"capacity": ["2", "4"], "address": [None, "中街"]}
    assert (told[0].event.reason, told[0].event.state_before, told[0].event.state_after) == (
        "已停用多年", "listed", "removed",
    )  # fmt: skip
    assert one.quantity == 4


def test_history_and_rows_cannot_be_rewritten(session: Session) -> None:
    _row, ledger, _use = opened(session)
    add(session, ledger, 1)
    for statement in ("UPDATE ledger_event SET reason = 'x'", "DELETE FROM ledger_event"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(statement))


WRONG = [
    pytest.param({"name": ""}, "name", id="required"),
    pytest.param({"capacity": "10.5"}, "capacity", id="too large"),
    pytest.param({"capacity": "许多"}, "capacity", id="no number"),
    pytest.param({"zone": "月球"}, "zone", id="no choice"),
    pytest.param({"planned_on": "2017-02-30"}, "planned_on", id="no day"),
    pytest.param({"county": "县" * 41}, "county", id="too long"),
    pytest.param({"name": "第1小学"}, "name", id="taken"),
    pytest.param({"name": "第1小学", "number": "二号"}, "sure", id="alike"),
]


@pytest.mark.parametrize(("given", "field"), WRONG)
def test_wrong_rows_are_refused(session: Session, given: dict[str, Any], field: str) -> None:
    _row, ledger, _use = opened(session)
    add(session, ledger, 1)
    with pytest.raises(Invalid) as caught:
        add(session, ledger, 2, **given)
    assert [each.field for each in caught.value.problems] == [field]
    assert str(caught.value.problems[0].message)
    assert len(rows(session)) == 1


def test_what_looks_the_same_can_be_kept_knowingly(session: Session) -> None:
    _row, ledger, _use = opened(session)
    add(session, ledger, 1)
    raw = boiler(1, number="二号")
    service.add_row(session, ledger, raw, actor=officer(session), now=MARCH, sure=True)
    assert len(rows(session)) == 2


@pytest.mark.parametrize("code", ["130900", "130000", "jjj"])
def test_only_the_city_writes(session: Session, code: str) -> None:
    _row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    role = Role.OFFICER if code == "130900" else Role.COORDINATOR
    other = officer(session, code) if role is Role.OFFICER else coordinator(session, code)
    with pytest.raises(Forbidden):
        service.add_row(session, ledger, boiler(2), actor=other, now=MARCH)
    with pytest.raises(Forbidden):
        do(session, ledger, one, "finish", actor=other)


def test_strangers_find_nothing(session: Session) -> None:
    _row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    with pytest.raises(NotFound):
        queries.get_row(session, one.id, officer(session, "130900"))
    assert queries.get_row(session, one.id, coordinator(session))[0].id == one.id


def test_stale_and_impossible_moves(session: Session) -> None:
    _row, ledger, _use = opened(session)
    (one,) = add(session, ledger, 1)
    with pytest.raises(Stale):
        do(session, ledger, one, "finish", version=7)
    do(session, ledger, one, "remove")
    for action in ("finish", "undo", "remove", "reopen"):
        with pytest.raises(Conflict):
            do(session, ledger, one, action)
    with pytest.raises(Invalid):
        do(session, ledger, do(session, ledger, one, "restore"), "remove", reason=" ")


def test_a_row_makes_not_applicable_lapse(session: Session) -> None:
    _boilers, ledger, _use = opened(session, "m07-permits-power")
    row = assignment(session, "m07-permits-power", BAODING)
    say(session, row, kind="na_claim", reason="没有火电企业")
    add_permit(session, ledger, "91350100M000100Y43", "steel")
    assert row.status == "na_claimed"
    add_permit(session, ledger, "91350100M000100Y43", "power")
    assert (row.status, row.claimed) == ("in_progress", 0)


def test_agreed_not_applicable_is_opened_by_the_system(session: Session) -> None:
    row, ledger, _use = opened(session, "m07-permits-power")
    say(session, row, kind="na_claim", reason="没有火电企业")
    decide(session, row, actor=coordinator(session), now=APRIL, decision="na_accept", version=row.version)
    add_permit(session, ledger, "91350100M000100Y43", "power")
    assert (row.status, row.not_applicable_from, row.counted) == ("in_progress", None, True)


def add_permit(session: Session, ledger: Any, code: str, industry: str) -> LedgerRow:
    """List an enterprise that needs a permit."""
    raw = {"name": f"{industry}厂", "credit_code": code, "county": "安新县", "industry": industry}
    return service.add_row(session, ledger, raw, actor=officer(session), now=APRIL)


def test_a_claim_keeps_the_figure_it_was_made_with(session: Session) -> None:
    row, ledger, _use = opened(session)
    one, two = add(session, ledger, 1, 2)
    do(session, ledger, one, "finish")
    do(session, ledger, two, "finish")
    say(session, row, kind="claim")
    assert (row.status, row.claimed) == ("claimed", 1)
    add(session, ledger, 3, now=APRIL)
    assert (row.status, row.claimed) == ("claimed", 1)
    say(session, row, kind="withdraw")
    add(session, ledger, 4, now=APRIL)
    assert row.claimed == Decimal("0.5")


def test_the_database_counts_as_the_rules_do(session: Session) -> None:
    row, ledger, use = opened(session)
    made = add(session, ledger, *range(1, 9))
    add(session, ledger, 9, 10, now=MAY)
    for each in made[:3]:
        do(session, ledger, each, "finish")
    do(session, ledger, made[3], "remove")
    made[0].state = "verified"
    session.flush()
    plain = [Row(each.state, each.quantity, each.listed_on, each.values) for each in rows(session)]
    by_hand = count(use, plain, ledger.kind.survey_until)
    assert queries.counts(session, ledger, use) == by_hand
    assert (by_hand.late.rows, figure(use, by_hand, "share")) == (2, row.claimed)
    assert session.scalar(select(func.count()).select_from(LedgerEvent)) == 14


def test_lists_are_narrowed_and_sorted(session: Session) -> None:
    _row, ledger, use = opened(session)
    made = add(session, ledger, *range(1, 56))
    do(session, ledger, made[4], "finish")
    add(session, ledger, 77, now=MAY, county="雄县")
    find = queries.Filter
    first = queries.rows(session, ledger, use, find(), 1)
    assert (len(first.rows), first.pages, first.total) == (50, 2, 56)
    assert queries.rows(session, ledger, use, find(state="done"), 9).rows == [made[4]]
    assert [each.name for each in queries.rows(session, ledger, use, find(text="第7 雄"), 1).rows] == ["第77小学"]
    assert [each.name for each in queries.rows(session, ledger, use, find(state="late"), 1).rows] == ["第77小学"]
    assert queries.rows(session, ledger, use, find(text="%"), 1).total == 0
    assert queries.counties(session, ledger) == ["安新县", "雄县"]
