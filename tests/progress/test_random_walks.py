"""Any order of updates and decisions, sensible or not: what must hold afterwards whatever happened."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.plans import assignment, person
from webapp.clock import local_date, parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Invalid
from webapp.permissions import Role
from webapp.plans.models import Assignment
from webapp.progress.queries import decisions, updates
from webapp.progress.service import decide, record_update, relight
from webapp.progress.state import known, light_values
from webapp.workflow import next_status

TASK, CITY, PROVINCE = "m06-limits-steel", "130600", "130000"
KINDS = ("progress", "no_change", "claim", "na_claim", "withdraw")
DECISIONS = ("verify", "return", "na_accept", "na_refuse", "reopen")
LIGHTS = {"verified": {"done", "done_late"}, "not_applicable": {"not_applicable"}, "claimed": {"awaiting"}}


class Walk(RuleBasedStateMachine):
    """An officer and a coordinator who press buttons without looking, while days go by."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "lantian.db"
        shutil.copyfile(self.template, path)
        self.db = Database(f"sqlite:///{path}")
        self.now = parse_instant("2017-08-20T09:00")
        self.stamp: Any = None

    @initialize()
    def look(self) -> None:
        with self.db.reading() as session:
            self.officer = person(session, CITY, person_id=7)
            self.coordinator = person(session, PROVINCE, Role.COORDINATOR, 8)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.db.transaction() as session:
            relight(session, now=self.now)

    @rule(
        kind=st.sampled_from(KINDS),
        share=st.one_of(st.none(), st.just(Decimal(1)), st.decimals(-1, 2, places=2, allow_nan=True)),
        reason=st.sampled_from(["", "有原因"]),
        stale=st.sampled_from([0, 0, 0, 1]),
    )
    def update(self, kind: Any, share: Decimal | None, reason: str, stale: int) -> None:
        def act(session: Any, row: Assignment) -> None:
            record_update(
                session, row, actor=self.officer, now=self.now, kind=kind, as_of=local_date(self.now), quantity=share,
                reason=reason, version=row.version - stale,
            )  # fmt: skip

        self.attempt(act)

    @rule(decision=st.sampled_from(DECISIONS), reason=st.sampled_from(["", "有原因"]))
    def decide(self, decision: Any, reason: str) -> None:
        def act(session: Any, row: Assignment) -> None:
            decide(session, row, actor=self.coordinator, now=self.now, decision=decision, reason=reason,
                   version=row.version)  # fmt: skip

        self.attempt(act)

    def attempt(self, act: Any) -> None:
        before = self.facts()
        try:
            with self.db.transaction() as session:
                act(session, assignment(session, TASK, CITY))
            kept = 1
        except (Conflict, Invalid):
            kept = 0
        after = self.facts()
        assert after == before if not kept else after[0] == before[0] + 1
        self.now += timedelta(minutes=1)

    def facts(self) -> tuple[Any, ...]:
        with self.db.reading() as session:
            row = assignment(session, TASK, CITY)
            statements = len(updates(session, row.id)) + len(decisions(session, row.id))
            return statements, row.version, row.status, row.claimed, row.verified, row.light, row.light_label

    @invariant()
    def what_must_hold(self) -> None:
        with self.db.reading() as session:
            row = assignment(session, TASK, CITY)
            said = [(each.recorded_at, each.kind, each.status_after) for each in updates(session, row.id)]
            said += [(each.recorded_at, each.decision, each.status_after) for each in decisions(session, row.id)]
            today = local_date(self.now)
            wanted = light_values(known(session, [row.id], today)[0], today)
        self.check_replay(row, said)
        self.check_figures(row)
        if row.light_until is None or row.light_until >= today:
            assert (row.light, row.light_label) == (wanted["light"], wanted["light_label"])
        assert row.light_label in LIGHTS.get(row.status, {row.light_label})

    def check_replay(self, row: Assignment, said: list[Any]) -> None:
        """What was recorded, played through the table, gives the status."""
        status = "not_started"
        for _, action, after in sorted(said):
            status = next_status(status, action)
            assert status == after
        assert row.status == status

    def check_figures(self, row: Assignment) -> None:
        assert (row.verified is not None) == (row.status == "verified")
        assert (row.not_applicable_from is not None) == (row.status == "not_applicable")
        if row.status in ("claimed", "verified"):
            assert row.claimed == Decimal(1)
            assert row.claimed_at is not None
        # The first stamp stays, whatever follows.
        assert self.stamp in (None, row.first_done_at)
        self.stamp = row.first_done_at

    def teardown(self) -> None:
        self.db.dispose()
        self.folder.cleanup()


def test_any_order_of_updates_and_decisions(loaded_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Walk, "template", loaded_sqlite, raising=False)
    thorough = settings(
        max_examples=9, stateful_step_count=20, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Walk, settings=thorough)
