"""Any order of edits, moves, imports and samples: the figures stay what the rows say, and the history adds up."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.ledgers.filling import BAODING, MARCH, TEA, boiler, coordinator, officer, opened
from tests.support.people import settle
from tests.support.plans import assignment
from webapp.clock import local_date
from webapp.db import Database
from webapp.errors import Conflict, Invalid, NotFound
from webapp.evidence.models import EvidenceFile
from webapp.ledgers import importing, queries, sampling, service
from webapp.ledgers.comparing import compare
from webapp.ledgers.models import LedgerEvent, LedgerRow, LedgerSample
from webapp.ledgers.reading import Table
from webapp.ledgers.rules import Counts, Row, count, figure, verified_figure
from webapp.ledgers.summary import counts_before
from webapp.plans.models import Assignment
from webapp.progress.service import decide, record_update
from webapp.rollups.asof import known_at, load_history, point

numbers = st.integers(1, 8)
whats = st.sampled_from(["boiler", "boiler", "tea_stove"])


class Walk(RuleBasedStateMachine):
    """An officer, a coordinator and files, in any order; what is refused changes nothing."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "lantian.db"
        shutil.copyfile(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.now = MARCH
        self.known: list[tuple[datetime, Counts]] = []
        with self.database.transaction() as session:
            people = settle(session)
            ledger = opened(session)[1]
            file = EvidenceFile(sha256="0" * 64, size=1, media_type="text/csv", filename="a.csv", uploaded_at=MARCH,
                                uploaded_by=people.officer.id, organisation_id=ledger.organisation.id)  # fmt: skip
            session.add(file)
            session.flush()
            self.file = file.id

    def teardown(self) -> None:
        """In the end every earlier figure can still be told."""
        with self.database.reading() as session:
            _row, ledger, use = opened(session)
            for at, counts in self.known[::3]:
                assert counts_before(session, ledger, use, at + timedelta(hours=1)) == counts
        self.database.dispose()
        self.folder.cleanup()

    def attempt(self, deed: Any) -> None:
        """Try something; a refusal is an answer as well."""
        self.now += timedelta(hours=7)
        try:
            with self.database.transaction() as session:
                deed(session)
        except (Conflict, Invalid, NotFound):
            pass
        with self.database.reading() as session:
            _row, ledger, use = opened(session)
            self.known.append((self.now, queries.counts(session, ledger, use)))

    @initialize()
    def begin(self) -> None:
        """One row to begin with."""
        self.list_row(1, "boiler")

    @rule(number=numbers, what=whats)
    def list_row(self, number: int, what: str) -> None:
        """List a boiler, perhaps once more."""

        def deed(session: Session) -> None:
            ledger = opened(session)[1]
            service.add_row(session, ledger, boiler(number, what=what), actor=officer(session), now=self.now, sure=True)

        self.attempt(deed)

    @rule(place=numbers, capacity=st.integers(0, 12), what=whats)
    def edit(self, place: int, capacity: int, what: str) -> None:
        """Change what a row says, also its kind."""

        def deed(session: Session) -> None:
            ledger, row = self.chosen(session, place)
            raw = {**row.values, "capacity": str(capacity), "what": what}
            service.edit_row(session, ledger, row, raw, actor=officer(session), now=self.now, version=row.version,
                             sure=True)  # fmt: skip

        self.attempt(deed)

    def chosen(self, session: Session, place: int) -> Any:
        """A row by its place."""
        rows = session.scalars(select(LedgerRow).order_by(LedgerRow.id)).all()
        return opened(session)[1], rows[place % len(rows)]

    @rule(place=numbers, action=st.sampled_from(["finish", "finish", "finish", "undo", "remove", "restore", "reopen"]))
    def move(self, place: int, action: Any) -> None:
        """Press a button."""

        def deed(session: Session) -> None:
            ledger, row = self.chosen(session, place)
            actor = coordinator(session) if action == "reopen" else officer(session)
            service.act(session, ledger, row, action, actor=actor, now=self.now, version=row.version, reason="因")

        self.attempt(deed)

    @rule(lines=st.dictionaries(numbers, st.tuples(st.integers(0, 11), st.booleans()), min_size=1, max_size=6))
    def take_over(self, lines: dict[int, tuple[int, bool]]) -> None:
        """Import a file."""

        def deed(session: Session) -> None:
            ledger = opened(session)[1]
            cells = [
                (place, {**boiler(number, capacity=capacity), "state": "done" if done else ""})
                for place, (number, (capacity, done)) in enumerate(lines.items(), start=2)
            ]
            columns = {name: place for place, name in enumerate(cells[0][1])}
            table = Table(columns, {name: name for name in columns}, cells, (), ())
            seen = compare(session, ledger, table, today=local_date(self.now))
            file = session.get_one(EvidenceFile, self.file)
            importing.take_over(session, ledger, table, fingerprint=seen.fingerprint, file=file,
                                actor=officer(session), now=self.now)  # fmt: skip

        self.attempt(deed)

    @rule()
    def draw(self) -> None:
        """Draw a sample; what happens before it is closed happens to a ledger with rows under check."""

        def deed(session: Session) -> None:
            sampling.draw_sample(session, opened(session)[0], actor=coordinator(session), now=self.now)

        self.attempt(deed)

    @rule(failing=st.integers(0, 3), judged=st.sampled_from(["all", "all", "one"]))
    def judge_rows(self, failing: int, judged: str) -> None:
        """Say what was found on site, and close the sample if that is all of it."""

        def deed(session: Session) -> None:
            row, actor = opened(session)[0], coordinator(session)
            drawn = self.newest(session)
            rows = sampling.sample_rows(session, drawn.id)
            for place, (found, _row) in enumerate(rows if judged == "all" else rows[:1]):
                result: Any = "fail" if place < failing else "pass"
                sampling.check_row(session, drawn, found.row_id, result, actor=actor, now=self.now, note="见")
            if judged == "all":
                sampling.close_sample(session, row, drawn, actor=actor, now=self.now, version=drawn.version)

        self.attempt(deed)

    @rule()
    def withdraw(self) -> None:
        """Take a sample back."""

        def deed(session: Session) -> None:
            drawn = self.newest(session)
            sampling.withdraw_sample(session, opened(session)[0], drawn, actor=coordinator(session), now=self.now,
                                     version=drawn.version, reason="抽错")  # fmt: skip

        self.attempt(deed)

    def newest(self, session: Session) -> LedgerSample:
        """The sample drawn last. Raises NotFound."""
        row = opened(session)[0]
        return sampling.get_sample(session, row.id, len(sampling.samples(session, row.id)))

    @rule(kind=st.sampled_from(["claim", "withdraw", "no_change"]))
    def say(self, kind: Any) -> None:
        """File something about the assignment."""

        def deed(session: Session) -> None:
            row = opened(session)[0]
            record_update(session, row, actor=officer(session), now=self.now, kind=kind, as_of=local_date(self.now),
                          version=row.version)  # fmt: skip

        self.attempt(deed)

    @rule(decision=st.sampled_from(["verify", "return", "reopen"]))
    def judge(self, decision: Any) -> None:
        """Decide on a claim."""

        def deed(session: Session) -> None:
            row = opened(session)[0]
            decide(session, row, actor=coordinator(session), now=self.now, decision=decision, version=row.version,
                   reason="因")  # fmt: skip

        self.attempt(deed)

    @invariant()
    def figures_are_what_the_rows_say(self) -> None:
        """The database counts as the rules do, and open assignments carry that figure."""
        with self.database.reading() as session:
            found = session.scalars(select(LedgerRow)).all()
            plain = [Row(row.state, row.quantity, row.listed_on, row.values) for row in found]
            for task in ("m04-boilers-all", TEA):
                row, (ledger, use) = (its := assignment(session, task, BAODING)), queries.ledger_of(its)
                by_hand = count(use, plain, ledger.kind.survey_until)
                assert queries.counts(session, ledger, use) == by_hand
                if by_hand.opened:
                    assert row.counted
                if row.counted and row.status in ("in_progress", "not_started"):
                    expected = figure(use, by_hand, row.task.unit)
                    assert expected is None or row.claimed == expected, (task, row.claimed, expected)
                    if expected is not None:
                        assert (row.verified or 0) == verified_figure(use, by_hand, row.task.unit)
                self.replayed(session, row)

    def replayed(self, session: Session, row: Assignment) -> None:
        """The record of an assignment leads to the figures that are stored."""
        history = load_history(session, Assignment.id == row.id, now=self.now)
        facts = next(iter(known_at(history, point(local_date(self.now), now=self.now)))).facts
        assert (facts.status, facts.claimed, facts.verified) == (row.status, row.claimed, row.verified)

    @invariant()
    def history_leads_to_the_present(self) -> None:
        """Every row's events follow each other, end in its state, and give its values."""
        with self.database.reading() as session:
            for row in session.scalars(select(LedgerRow)):
                state, values = "", {}
                for event in session.scalars(
                    select(LedgerEvent).where(LedgerEvent.row_id == row.id).order_by(LedgerEvent.id)
                ):
                    assert event.state_before == state
                    state = event.state_after
                    values |= {name: new for name, (_old, new) in event.changes.items()}
                assert state == row.state
                assert {name: value for name, value in values.items() if value is not None} == row.values
            assert session.scalar(select(func.count()).select_from(LedgerRow)) is not None


def test_figures_follow_rows_whatever_happens(loaded_sqlite: Path) -> None:
    Walk.template = loaded_sqlite
    limits = settings(max_examples=12, stateful_step_count=14, deadline=None, print_blob=False, derandomize=True,
                      suppress_health_check=list(HealthCheck))  # fmt: skip
    run_state_machine_as_test(Walk, settings=limits)


@pytest.mark.soak
def test_figures_follow_rows_for_long(loaded_sqlite: Path) -> None:
    Walk.template = loaded_sqlite
    limits = settings(max_examples=200, stateful_step_count=30, deadline=None, print_blob=False,
                      suppress_health_check=list(HealthCheck))  # fmt: skip
    run_state_machine_as_test(Walk, settings=limits)
