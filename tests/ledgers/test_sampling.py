"""Samples: who draws, what is drawn, what follows for rows, figures and the assignment."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from tests.ledgers.filling import APRIL, BOILERS, MAY, add, coordinator, do, officer, opened, rows
from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.ledgers import queries, sampling, service
from webapp.ledgers.models import LedgerSample
from webapp.ledgers.queries import Ledger
from webapp.ledgers.rules import draw
from webapp.plans.models import Assignment
from webapp.progress.service import decide, record_update

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
