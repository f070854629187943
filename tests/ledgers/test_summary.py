"""Ledgers in figures as known at an instant: what rules count of the rows that were there, undone to that instant."""

from decimal import Decimal

from sqlalchemy.orm import Session

from tests.ledgers.filling import APRIL, BOILERS, MARCH, MAY, TEA, add, boiler, do, officer, opened
from webapp.clock import parse_instant
from webapp.ledgers import queries, service
from webapp.ledgers.rules import Counts, Sums
from webapp.ledgers.summary import LedgerSummary, summary

JUNE = parse_instant("2017-06-01T00:00")


def told(session: Session, known_before: object) -> LedgerSummary | None:
    """Baoding's boilers as known before an instant."""
    row, ledger, _use = opened(session)
    found = summary(session, ledger.plan, [row.organisation_id], known_before=known_before)  # type: ignore[arg-type]
    return next(iter(found.get(row.organisation_id, ())), None)


def test_rows_are_seen_as_they_stood(session: Session) -> None:
    """Listed in March (2 t each), one done in April, one removed, one grown and one added late in May."""
    _row, ledger, use = opened(session)
    first, second, third = add(session, ledger, 1, 2, 3)
    do(session, ledger, first, "finish", now=APRIL)
    do(session, ledger, second, "remove", now=MAY)
    changed = boiler(3, capacity="5")
    service.edit_row(session, ledger, third, changed, actor=officer(session), now=MAY, version=third.version)
    add(session, ledger, 4, now=MAY)
    assert told(session, MARCH) is None
    before_may, now = told(session, MAY), told(session, JUNE)
    assert before_may is not None
    assert now is not None
    assert before_may.counts == Counts(base=Sums(3, Decimal(6)), done=Sums(1, Decimal(2)))
    assert now.counts == Counts(
        base=Sums(3, Decimal(9)), done=Sums(1, Decimal(2)), removed=Sums(1, Decimal(2)), late=Sums(1, Decimal(2))
    )
    boilers = next(each for each in now.tasks if each.task.code == BOILERS)
    assert boilers.counts == queries.counts(session, ledger, use)


def test_each_task_counts_its_own_rows(session: Session) -> None:
    """A stove that became a boiler counted for the stoves until it did."""
    _row, ledger, _use = opened(session)
    (stove,) = add(session, ledger, 1, what="tea_stove")
    service.edit_row(session, ledger, stove, boiler(1), actor=officer(session), now=MAY, version=stove.version)
    for moment, (stoves, boilers) in ((APRIL, (1, 0)), (JUNE, (0, 1))):
        found = told(session, moment)
        assert found is not None
        rows = {each.task.code: each.counts.base.rows for each in found.tasks}
        assert (rows[TEA], rows[BOILERS]) == (stoves, boilers)


def test_nobody_asked_about_is_in_it(session: Session) -> None:
    """Organisations not named are left out, and so is a ledger without rows."""
    row, ledger, _use = opened(session)
    assert summary(session, ledger.plan, [row.organisation_id], known_before=JUNE) == {}
    add(session, ledger, 1)
    assert summary(session, ledger.plan, [], known_before=JUNE) == {}
