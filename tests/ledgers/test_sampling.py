"""Samples: who draws, what is drawn, what follows for rows, figures and the assignment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.ledgers.filling import APRIL, BOILERS, MAY, add, coordinator, do, officer, opened, rows
from webapp.clock import local_date
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.ledgers import queries, sampling, service
from webapp.ledgers.models import LedgerSample
from webapp.ledgers.queries import Ledger
from webapp.ledgers.rules import draw
from webapp.plans.models import Assignment
from webapp.progress.models import VerifiedCount
from webapp.progress.service import decide, record_update, record_verified

SEED = "0123456789abcdef0123456789abcdef"


def done_boilers(session: Session, count: int, *, claim: bool = False) -> tuple[Assignment, Ledger]:
    """So many boilers, all done; on request the assignment is claimed."""
    row, ledger, _use = opened(session)
    for each in add(session, ledger, *range(1, count + 1)):
        do(session, ledger, each, "finish")
    if claim:
        record_update(session, row, actor=officer(session), now=APRIL, kind="claim", as_of=local_date(APRIL),
                      version=row.version)  # fmt: skip
    return row, ledger


def drawn(session: Session, row: Assignment) -> LedgerSample:
    """A sample with a known seed."""
    return sampling.draw_sample(session, row, actor=coordinator(session), now=MAY, seed=SEED)


def judge(session: Session, sample: LedgerSample, failing: int) -> None:
    """The first rows drawn fail, the others pass."""
    for place, (found, _row) in enumerate(sampling.sample_rows(session, sample.id)):
        bad = place < failing
        sampling.check_row(session, sample, found.row_id, "fail" if bad else "pass", actor=coordinator(session),
                           now=MAY, note="仍在使用" if bad else "")  # fmt: skip


def close(session: Session, row: Assignment, sample: LedgerSample) -> bool:
    """End it."""
    return sampling.close_sample(session, row, sample, actor=coordinator(session), now=MAY, version=sample.version)


def test_a_sample_can_be_drawn_again(session: Session) -> None:
    row, _ledger = done_boilers(session, 16)
    sample = drawn(session, row)
    assert (sample.number, sample.size, sample.limit) == (1, 13, Decimal("0.1"))
    found = [row.id for _found, row in sampling.sample_rows(session, sample.id)]
    assert draw(sample.population, sample.seed, sample.size) == found
    assert len(sample.population) == 16


def test_passing_on_site_and_by_sample_are_two_things(session: Session) -> None:
    row, ledger = done_boilers(session, 16, claim=True)
    sample = drawn(session, row)
    judge(session, sample, 1)
    assert close(session, row, sample)
    hows = [each.verified_how for each in rows(session)]
    assert (hows.count("on_site"), hows.count("sample"), hows.count("")) == (12, 3, 1)
    failed = next(each for each in rows(session) if each.state == "listed")
    assert (failed.done_on, failed.first_done_at) == (None, APRIL)
    assert (row.status, sample.state, sample.failed) == ("claimed", "passed", 1)
    told = queries.history(session, failed.id)
    assert [each.event.action for each in told] == ["send_back", "check_fail", "finish", "list"]
    use = queries.ledger_of(row)[1]
    assert queries.counts(session, ledger, use).verified_share() == Decimal("0.9375")


def test_above_the_limit_everything_goes_back(session: Session) -> None:
    row, ledger = done_boilers(session, 16, claim=True)
    sample = drawn(session, row)
    judge(session, sample, 2)
    assert not close(session, row, sample)
    states = [each.state for each in rows(session)]
    assert (states.count("verified"), states.count("done"), states.count("listed")) == (11, 3, 2)
    # The assignment went back, and the rows then said what is left of its figure.
    assert (row.status, row.claimed, sample.state) == ("in_progress", Decimal("0.875"), "failed")
    again = drawn(session, row)
    assert (again.number, len(again.population)) == (2, 3)
    assert sampling.waiting(session, ledger, queries.ledger_of(row)[1]) == 3


def test_an_assignment_closed_out_is_opened_again(session: Session) -> None:
    row, _ledger = done_boilers(session, 4, claim=True)
    decide(session, row, actor=coordinator(session), now=MAY, decision="verify", version=row.version)
    sample = drawn(session, row)
    judge(session, sample, 4)
    assert not close(session, row, sample)
    assert (row.status, row.claimed) == ("in_progress", 0)


def test_rows_under_check_rest(session: Session) -> None:
    row, ledger = done_boilers(session, 4)
    sample = drawn(session, row)
    one = sampling.sample_rows(session, sample.id)[0][1]
    with pytest.raises(Conflict, match="抽查"):
        do(session, ledger, one, "undo")
    judge(session, sample, 0)
    close(session, row, sample)
    with pytest.raises(Conflict):
        do(session, ledger, one, "undo")
    do(session, ledger, one, "reopen", reason="回头看发现复产")
    assert (one.state, one.verified_how, one.first_done_at) == ("listed", "", APRIL)
    assert row.claimed == Decimal("0.75")


def test_what_is_refused(session: Session) -> None:
    row, ledger = done_boilers(session, 4)
    with pytest.raises(Forbidden):
        sampling.draw_sample(session, row, actor=officer(session), now=MAY)
    sample = drawn(session, row)
    with pytest.raises(Conflict):
        drawn(session, row)
    with pytest.raises(Conflict):
        close(session, row, sample)
    first, last = (sampling.sample_rows(session, sample.id)[place][1].id for place in (0, -1))
    with pytest.raises(Invalid):
        sampling.check_row(session, sample, first, "fail", actor=coordinator(session), now=MAY)
    with pytest.raises(Forbidden):
        sampling.check_row(session, sample, last, "pass", actor=officer(session), now=MAY)
    (other,) = add(session, ledger, 99, now=MAY)
    with pytest.raises(NotFound):
        sampling.check_row(session, sample, other.id, "pass", actor=coordinator(session), now=MAY)
    judge(session, sample, 0)
    with pytest.raises(Stale):
        sampling.close_sample(session, row, sample, actor=coordinator(session), now=MAY, version=9)
    close(session, row, sample)
    with pytest.raises(Conflict):
        sampling.check_row(session, sample, first, "pass", actor=coordinator(session), now=MAY)
    with pytest.raises(Conflict):
        drawn(session, row)


def test_only_rows_of_the_task_are_drawn(session: Session) -> None:
    row, ledger = done_boilers(session, 3)
    (stove,) = add(session, ledger, 9, what="tea_stove")
    do(session, ledger, stove, "finish")
    service.recount(session, ledger, queries.holding(session, ledger), actor=officer(session), now=MAY)
    assert stove.id not in drawn(session, row).population
    assert opened(session, BOILERS)[0].id == row.id


# --- the verified figure of the assignment


def test_verified_rows_are_the_verified_figure(session: Session) -> None:
    row, ledger = done_boilers(session, 16, claim=True)
    add(session, ledger, 17, now=MAY)
    assert row.verified is None
    sample = drawn(session, row)
    judge(session, sample, 1)
    assert close(session, row, sample)
    # 15 of 17 rows by now; while the claim waits, its own figure stands.
    assert (row.status, row.claimed, row.verified) == ("claimed", Decimal(1), Decimal("0.8823"))
    do(session, ledger, next(each for each in rows(session) if each.state == "verified"), "reopen", now=MAY)
    assert row.verified == Decimal("0.8235")


def test_a_close_out_has_a_figure_of_its_own(session: Session) -> None:
    row, ledger = done_boilers(session, 2, claim=True)
    sample = drawn(session, row)
    judge(session, sample, 0)
    assert close(session, row, sample)
    decide(session, row, actor=coordinator(session), now=MAY, decision="verify", version=row.version)
    do(session, ledger, rows(session)[0], "reopen", now=MAY)
    assert row.verified == 1
    decide(session, row, actor=coordinator(session), now=MAY, decision="reopen", version=row.version, reason="复燃")
    assert row.verified == Decimal("0.5")


def test_never_more_is_verified_than_was_filed(session: Session) -> None:
    row, ledger = done_boilers(session, 1)
    add(session, ledger, 3)
    for _ in range(2):
        record_verified(session, row, actor=officer(session), now=MAY, quantity=Decimal("0.9"))
    assert (row.claimed, row.verified) == (Decimal("0.5"), Decimal("0.5"))
    assert session.scalar(select(func.count()).select_from(VerifiedCount)) == 1


# --- what comes between draw and close


def withdraw(session: Session, row: Assignment, sample: LedgerSample, **other: Any) -> None:
    """Take it back as the coordinator."""
    given = {"actor": coordinator(session), "version": sample.version, "reason": "少列一行", **other}
    sampling.withdraw_sample(session, row, sample, now=MAY, **given)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"reason": " "}, Invalid), ({"reason": "长" * 501}, Invalid), ({"version": 7}, Stale), ({}, Forbidden)],
)
def test_who_withdraws_a_sample_says_why(session: Session, wrong: dict[str, Any], error: type[Exception]) -> None:
    row, _ledger = done_boilers(session, 2)
    sample = drawn(session, row)
    with pytest.raises(error):
        withdraw(session, row, sample, **(wrong or {"actor": officer(session)}))


def test_a_sample_is_withdrawn_before_anything_was_found(session: Session) -> None:
    row, ledger = done_boilers(session, 2)
    sample = drawn(session, row)
    withdraw(session, row, sample)
    assert (sample.state, sample.reason, sample.closed_by) == ("revoked", "少列一行", coordinator(session).id)
    do(session, ledger, rows(session)[0], "undo", now=MAY)
    with pytest.raises(Conflict):
        withdraw(session, row, sample)
    sample = drawn(session, row)
    assert (sample.number, sample.size) == (2, 1)
    judge(session, sample, 0)
    with pytest.raises(Conflict, match="已经填写"):
        withdraw(session, row, sample)


def test_rows_listed_after_the_draw_are_not_in_it(session: Session) -> None:
    row, ledger = done_boilers(session, 16)
    sample = drawn(session, row)
    (late,) = add(session, ledger, 20, now=MAY)
    do(session, ledger, late, "finish", now=MAY)
    looked_at = {found.row_id for found, _row in sampling.sample_rows(session, sample.id)}
    undrawn = next(each for each in rows(session) if each.id in sample.population and each.id not in looked_at)
    do(session, ledger, undrawn, "undo", now=MAY)
    judge(session, sample, 0)
    assert close(session, row, sample)
    assert (late.state, undrawn.state) == ("done", "listed")
    assert sorted(each.verified_how for each in rows(session)) == ["", "", *["on_site"] * 13, *["sample"] * 2]


# --- two people at once


def together(*deeds: Callable[[], object]) -> list[str]:
    """Do things at the same time; the errors' names."""
    barrier = threading.Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> str:
        barrier.wait(10)
        try:
            deed()
        except (Conflict, Invalid) as error:
            return type(error).__name__
        return ""

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(attempt, deeds, timeout=30))


def test_two_draw_at_once_and_one_sample_is_drawn(loaded: Database) -> None:
    with loaded.transaction() as session:
        done_boilers(session, 3)

    def draw_one() -> None:
        with loaded.transaction() as session:
            drawn(session, opened(session)[0])

    assert together(draw_one, draw_one) == ["", "Conflict"]

    def close_one() -> None:
        with loaded.transaction() as session:
            row = opened(session)[0]
            close(session, row, sampling.get_sample(session, row.id, 1))

    with loaded.transaction() as session:
        judge(session, sampling.get_sample(session, opened(session)[0].id, 1), 0)
    assert together(close_one, close_one) == ["", "Conflict"]
    with loaded.reading() as session:
        assert [each.verified_how for each in rows(session)] == ["on_site"] * 3


def test_two_finish_a_row_at_once_and_it_is_done_once(loaded: Database) -> None:
    with loaded.transaction() as session:
        add(session, opened(session)[1], 1, 2)

    def finish(place: int) -> None:
        with loaded.transaction() as session:
            do(session, opened(session)[1], rows(session)[place], "finish", version=1)

    assert together(lambda: finish(0), lambda: finish(0), lambda: finish(1)) == ["", "", "Stale"]
    with loaded.reading() as session:
        assert (opened(session)[0].claimed, [each.version for each in rows(session)]) == (1, [2, 2])


def test_two_list_the_same_boiler_at_once_and_it_is_listed_once(loaded: Database) -> None:
    def list_one() -> None:
        with loaded.transaction() as session:
            add(session, opened(session)[1], 1)

    assert together(list_one, list_one) == ["", "Invalid"]
