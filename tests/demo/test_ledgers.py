"""The demo's ledgers: kept by several cities, and their figures are what the rows say."""

from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from seed.story.visits import PHOTOGRAPHS
from webapp.db import Database
from webapp.ledgers import queries, sampling
from webapp.ledgers.kinds import kinds_of
from webapp.ledgers.models import LedgerEvent, LedgerEvidence, LedgerRow, LedgerSample
from webapp.ledgers.pictures import near
from webapp.ledgers.rules import figure
from webapp.plans.models import Assignment, Plan


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
        assert (len(cities) >= 4, len(kinds) >= 7) == (True, True)


def test_every_kind_of_ledger_is_kept_somewhere(demo_database: Database) -> None:
    with demo_database.reading() as session:
        plan = session.scalars(select(Plan)).one()
        kept = set(session.scalars(select(LedgerRow.type).distinct()))
        assert kept == {kind.code for kind in kinds_of(plan.rules)}


def test_a_sample_passed_with_one_row_sent_back(demo_database: Database) -> None:
    with demo_database.reading() as session:
        sample = session.scalars(select(LedgerSample)).one()
        assert (sample.state, sample.failed, sample.size) == ("passed", 1, 20)
        results = [found.result for found, _row in sampling.sample_rows(session, sample.id)]
        ways = set(session.scalars(select(LedgerRow.verified_how)))
    assert (results.count("pass"), results.count("fail")) == (19, 1)
    assert ways == {"", "on_site", "sample"}


def test_photographs_of_rows_are_all_different(demo_database: Database) -> None:
    with demo_database.reading() as session:
        pictures = session.scalars(select(LedgerEvidence.picture)).all()
    assert len(pictures) == len(PHOTOGRAPHS)
    assert all(pictures)
    assert not any(near(one, other) for one, other in combinations(pictures, 2))


def test_every_row_of_the_demo_has_its_history(demo_database: Database) -> None:
    with demo_database.reading() as session:
        states = {row.id: row.state for row in session.execute(select(LedgerRow.id, LedgerRow.state))}
        told = select(LedgerEvent.row_id, LedgerEvent.state_after).order_by(LedgerEvent.id)
        ends = {row.row_id: row.state_after for row in session.execute(told)}
        assert states == ends
        assert set(states.values()) == {"listed", "done", "removed", "verified"}
