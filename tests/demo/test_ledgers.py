"""The demo's ledgers: kept by several cities, and their figures are what the rows say."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.db import Database
from webapp.ledgers import queries
from webapp.ledgers.models import LedgerEvent, LedgerRow
from webapp.ledgers.rules import figure
from webapp.plans.models import Assignment


def test_figures_of_the_demo_are_counted(demo_database: Database) -> None:
    related = (joinedload(Assignment.task), joinedload(Assignment.organisation), joinedload(Assignment.plan))
    with demo_database.reading() as session:
        counted = session.scalars(select(Assignment).where(Assignment.counted).options(*related)).all()
        cities, kinds = set(), set()
        for row in counted:
            if row.task.ledger is None:
                continue
            ledger, use = queries.ledger_of(row)
            found = queries.counts(session, ledger, use)
            assert figure(use, found, row.task.unit) == row.claimed
            assert found.base.rows >= 10
            cities.add(row.organisation.code)
            kinds.add(ledger.kind.code)
        assert (len(cities) >= 4, len(kinds) >= 3) == (True, True)


def test_every_row_of_the_demo_has_its_history(demo_database: Database) -> None:
    with demo_database.reading() as session:
        states = {row.id: row.state for row in session.execute(select(LedgerRow.id, LedgerRow.state))}
        told = select(LedgerEvent.row_id, LedgerEvent.state_after).order_by(LedgerEvent.id)
        ends = {row.row_id: row.state_after for row in session.execute(told)}
        assert states == ends
        assert set(states.values()) == {"listed", "done", "removed"}
