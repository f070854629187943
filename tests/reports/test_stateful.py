"""Reports in random hands: draft, check, submit, return, accept, correct, drop, by anybody on any day.

Whatever is pressed, what was submitted stays as it was, one accepted revision counts, the first submission decides
lateness and nobody decides on a submission of their own. A real SQLite database answers, read back after every step.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.support.small_reports import ALL, PLACES, found, people, settle
from webapp.audit.models import AuditEvent
from webapp.clock import local_date, parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.plans.queries import get_assignment
from webapp.progress.service import record_update
from webapp.reports import queries, rules, service
from webapp.reports.figuring import restate_line
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.workdays.rules import published_calendar
from webapp.workflow import REPORT, next_status

FILERS = {
    "baoding": {"baoding", "colleague", "turncoat", "writer"},
    "cangzhou": {"cangzhou"},
    "north": {"north", "deputy", "turncoat"},
}
DECIDERS = {"baoding": FILERS["north"], "cangzhou": FILERS["north"], "north": {"region", "minister"}}
# The writer may neither check nor sign.
SIGNERS = {place: people - {"writer"} for place, people in FILERS.items()}
REFUSALS = (Conflict, Forbidden, Invalid, NotFound)
ACTS = {"report.submit", "report.accept", "report.return", "report.correct", "report.drop"}

# Without these a run proves nothing. Which come up in one of its rounds is chance, and differs between machines.
ALL_ACTS = {"note", "remark", "figure", "submit", "accept", "return", "correct"}
# What got through, in all examples together: a machine that never gets anywhere proves nothing.
DONE: Counter[str] = Counter()

# Mostly somebody who may, else little would ever happen: see `Hands.somebody`.
who = st.integers(0, 44)
place = st.sampled_from(("baoding", "baoding", "north", "cangzhou"))
words = st.sampled_from(["写明情况", "有原因", "核减", "  "])
lines = st.sampled_from([None, None, None, "请核实", ""])
stale = st.sampled_from([0, 0, 0, 0, 0, 1])


@dataclass
class Seen:
    """What was once read of a report and may never be otherwise."""

    frozen: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    first: tuple[datetime, int] | None = None


@dataclass(frozen=True)
class Told:
    """A report as the database has it now, with all that was said of it."""

    name: str
    report: MonthlyReport
    revisions: Sequence[ReportRevision]
    decisions: Sequence[ReportDecision]
    events: Sequence[AuditEvent]


class Hands(RuleBasedStateMachine):
    """People who press buttons without looking, on random days."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "lantian.db"
        shutil.copyfile(self.template, path)
        self.db = Database(f"sqlite:///{path}")
        self.now = parse_instant("2017-09-30T18:00")
        self.seen = {name: Seen() for name in PLACES}
        self.people: dict[str, Actor] = {}
        self.changed = True

    @initialize()
    def look_around(self) -> None:
        with self.db.reading() as session:
            self.people = people(session)
        assert set(self.people) == set(ALL)

    # --- what people do

    @rule(who=who, at=place, words=words, version=st.integers(0, 2), note=st.booleans(), old=stale)
    def write(self, who: int, at: str, words: str, version: int, note: bool, old: int) -> None:
        def act(session: Session, report: MonthlyReport, actor: Actor) -> None:
            common: dict[str, Any] = {"actor": actor, "now": self.now}
            if not note:
                service.save_remark(session, report, remark=words, problems="", version=report.version - old, **common)
                return
            line = session.scalars(select(Assignment.id).where(Assignment.organisation_id == report.organisation_id))
            service.save_note(
                session, report, line.one(), problem=words, next_step="", reason="", version=version, **common
            )  # fmt: skip

        self.attempt("note" if note else "remark", who, at, act, allowed=FILERS[at])

    @rule(
        who=who, at=st.sampled_from(("baoding", "cangzhou")), done=st.integers(0, 10), back=st.integers(0, 8),
        words=words,
    )  # fmt: skip
    def count_boilers(self, who: int, at: str, done: int, back: int, words: str) -> None:
        """The figures behind the reports move, perhaps of days gone by; or the month's is put right."""
        if back == 8:
            self.put_right(who, at, done, words)
            return
        try:
            with self.db.transaction() as session:
                query = select(Assignment.id).join(Organisation, Organisation.id == Assignment.organisation_id)
                number = session.scalars(query.where(Organisation.code == at)).one()
                row = get_assignment(session, number, self.people[at])
                record_update(
                    session, row, actor=self.people[at], now=self.now, kind="progress", quantity=Decimal(done),
                    as_of=local_date(self.now) - timedelta(days=back), reason="核减", version=row.version,
                )  # fmt: skip
        except REFUSALS:
            pass

    def put_right(self, who: int, at: str, done: int, words: str) -> None:
        """A figure of the month is stated anew, though later days were spoken of."""

        def act(session: Session, report: MonthlyReport, actor: Actor) -> None:
            numbers = session.scalars(select(Assignment.id).where(Assignment.organisation_id == report.organisation_id))
            number = numbers.one()
            restate_line(
                session, report, number, quantity=Decimal(done), reason=words, actor=actor, now=self.now,
                version=session.get_one(Assignment, number).version,
            )  # fmt: skip

        self.attempt("figure", who, at, act, allowed=FILERS[at])

    @rule(
        button=st.sampled_from((*["next"] * 8, "check", "uncheck", "submit", "accept", "return", "correct", "drop")),
        who=who, at=place, words=words, alone=st.sampled_from([True, True, False]), line=lines, old=stale,
        days=st.sampled_from([0, 0, 0, 1, 3]),
    )  # fmt: skip
    def press(
        self, button: str, who: int, at: str, words: str, alone: bool, line: str | None, old: int, days: int
    ) -> None:
        """A button, often the one that the report's status calls for, perhaps some days later."""
        self.now += timedelta(days=days)
        with self.db.reading() as session:
            status = found(session, at, self.people["region"]).status
        if button == "next":
            button = {"submitted": "accept" if alone else "return", "accepted": "correct"}.get(status, "submit")
        acts: dict[str, Callable[..., None]] = {
            "check": self.check, "uncheck": self.uncheck, "submit": self.submit, "accept": self.decide,
            "return": self.decide, "correct": self.correct, "drop": self.drop,
        }  # fmt: skip
        allowed = {"accept": DECIDERS, "return": DECIDERS, "correct": FILERS, "drop": FILERS}.get(button, SIGNERS)

        def act(session: Session, report: MonthlyReport, actor: Actor) -> None:
            facts = {"actor": actor, "now": self.now, "version": report.version - old}
            acts[button](session, report, button=button, words=words, alone=alone, line=line, **facts)

        self.attempt(button, who, at, act, allowed=allowed[at])

    def check(self, session: Session, report: MonthlyReport, *, alone: bool, **given: Any) -> None:
        lines = service.draft(session, report, now=self.now)
        seen = service.fingerprint(report, lines) if alone else "0" * 64
        service.check(session, report, seen=seen, **facts(given))

    def uncheck(self, session: Session, report: MonthlyReport, **given: Any) -> None:
        service.uncheck(session, report, **facts(given))

    def submit(self, session: Session, report: MonthlyReport, *, alone: bool, words: str, **given: Any) -> None:
        service.submit(session, report, confirm_check=alone, missing_reason=words, **facts(given))

    def decide(
        self, session: Session, report: MonthlyReport, *, button: Any, words: str, line: str | None, **given: Any
    ) -> None:
        numbers = session.scalars(select(Assignment.id).where(Assignment.organisation_id == report.organisation_id))
        pointed = [] if line is None else [{"assignment": number, "reason": line} for number in numbers]
        service.decide(session, report, decision=button, reason=words, lines=pointed, **facts(given))

    def correct(self, session: Session, report: MonthlyReport, *, words: str, **given: Any) -> None:
        service.correct(session, report, reason=words, **facts(given))

    def drop(self, session: Session, report: MonthlyReport, **given: Any) -> None:
        service.drop_correction(session, report, **facts(given))

    def somebody(self, number: int, at: str, allowed: set[str]) -> str:
        """Two times out of three one of those who may, else somebody near by, else anybody at all."""
        near = sorted(FILERS[at] | DECIDERS[at])
        if number < 24:
            return sorted(allowed)[number % len(allowed)]
        return near[number % len(near)] if number < 32 else ALL[number % len(ALL)]

    def attempt(
        self, what: str, who: int, at: str, act: Callable[[Session, MonthlyReport, Actor], None], *, allowed: set[str]
    ) -> None:
        """Do something; a refusal leaves everything as it was, and only some people get through."""
        name = self.somebody(who, at, allowed)
        before = self.everything()
        try:
            with self.db.transaction() as session:
                act(session, found(session, at, self.people["region"]), self.people[name])
        except REFUSALS:
            assert self.everything() == before
        else:
            assert name in allowed, f"{name} got through at {at}"
            self.changed = True
            DONE[what] += 1
        self.now += timedelta(hours=2)

    def everything(self) -> list[Sequence[Any]]:
        """All that acts on reports could change, as the database has it."""
        tables = ("monthly_report", "report_revision", "report_note", "report_decision", "audit_event", "outbox",
                  "progress_update")  # fmt: skip
        with self.db.reading() as session:
            return [session.execute(text(f"SELECT * FROM {table} ORDER BY id")).all() for table in tables]

    # --- what holds after every step that changed something (the others left every row as it was)

    @invariant()
    def what_must_hold(self) -> None:
        if not self.changed or not self.people:
            return
        with self.db.reading() as session:
            for name in PLACES:
                told = self.read(session, name)
                self.what_was_submitted_stays(told)
                self.one_accepted_revision_counts(told)
                self.the_first_submission_decides_lateness(told)
                self.nobody_decides_on_their_own(told)
                self.the_status_is_that_of_the_last_event(told)
                self.a_revision_says_who_stands_for_it_and_who_is_missing(told)
        self.the_database_itself_refuses()
        self.changed = False

    def read(self, session: Session, name: str) -> Told:
        report = found(session, name, self.people["region"])
        events = select(AuditEvent).where(AuditEvent.subject_kind == "report", AuditEvent.subject_id == report.id)
        return Told(
            name, report, queries.revisions(session, report.id), queries.decisions(session, report.id),
            session.scalars(events.order_by(AuditEvent.id)).all(),
        )  # fmt: skip

    def what_was_submitted_stays(self, told: Told) -> None:
        frozen = self.seen[told.name].frozen
        assert [each.revision for each in told.revisions] == list(range(1, told.report.revision + 1))
        assert len(frozen) <= len(told.revisions)
        for each in told.revisions:
            said = (rules.canonical(each.content), each.sha256, each.receipt)
            assert frozen.setdefault(each.revision, said) == said
            assert rules.digest(each.content) == each.sha256
            assert each.content["format"] == "lantian-report-3"

    def the_database_itself_refuses(self) -> None:
        for table, column in (
            ("report_revision", "content"),
            ("report_revision", "days_late"),
            ("report_decision", "reason"),
        ):
            with self.db.reading() as session:
                if session.scalar(text(f"SELECT count(*) FROM {table}")) == 0:
                    continue
            with pytest.raises(DBAPIError, match="append-only"), self.db.transaction() as session:
                session.execute(text(f"UPDATE {table} SET {column} = 0"))

    def one_accepted_revision_counts(self, told: Told) -> None:
        accepted = [each.revision for each in told.decisions if each.decision == "accept"]
        assert told.report.accepted_revision == (accepted[-1] if accepted else None)
        assert accepted == sorted(set(accepted))
        assert set(accepted) <= {each.revision for each in told.revisions}
        assert told.report.status != "accepted" or accepted

    def the_first_submission_decides_lateness(self, told: Told) -> None:
        report, seen = told.report, self.seen[told.name]
        if not told.revisions:
            assert (report.first_submitted_at, report.days_late) == (None, None)
            return
        first = told.revisions[0].submitted_at
        late = rules.days_late(report.due, local_date(first), published_calendar())
        assert (report.first_submitted_at, report.days_late) == (first, late)
        seen.first = seen.first or (first, late)
        assert seen.first == (first, late)
        assert {each.days_late for each in told.revisions} == {late}

    def nobody_decides_on_their_own(self, told: Told) -> None:
        submitters = {each.revision: each.submitted_by for each in told.revisions}
        for decision in told.decisions:
            assert decision.actor_id != submitters[decision.revision]
            assert decision.actor_id in {self.people[each].id for each in DECIDERS[told.name]}
            assert decision.decision == "accept" or decision.reason or decision.lines
        assert set(submitters.values()) <= {self.people[each].id for each in SIGNERS[told.name]}

    def the_status_is_that_of_the_last_event(self, told: Told) -> None:
        status, correcting = "open", False
        for event in told.events:
            if event.action in ACTS:
                act = event.action.removeprefix("report.")
                status = next_status(status, act, table=REPORT)
                correcting = act == "correct" or (correcting and act not in ("accept", "drop"))
            assert event.facts["status"] == status
        assert told.report.status == status
        assert bool(told.report.correction_reason) == correcting
        assert service.is_correcting(told.report) == (correcting and status in service.EDITABLE)

    def a_revision_says_who_stands_for_it_and_who_is_missing(self, told: Told) -> None:
        for revision in told.revisions:
            content = revision.content
            assert all(content["people"][part]["name"] for part in ("filler", "checker", "signatory"))
            assert content["people"]["signatory"]["name"] == revision.submitted_by_label
            assert bool(content["missing"]) == bool(content["missing_reason"])
            cities = {"baoding", "cangzhou"} if told.name == "north" else set()
            assert {city["code"] for city in content["cities"]} == cities
            assert bool(content["correction_reason"]) == (content["corrects"] is not None)

    def teardown(self) -> None:
        self.db.dispose()
        self.folder.cleanup()


def facts(given: dict[str, Any]) -> dict[str, Any]:
    """What every act is given."""
    return {name: given[name] for name in ("actor", "now", "version")}


@pytest.fixture(scope="session")
def small_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small plan whose September reports are open: two cities and their province."""
    path = tmp_path_factory.mktemp("hands") / "lantian.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    settle(database)
    database.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def run(template: Path, monkeypatch: pytest.MonkeyPatch, *, rounds: range, examples: int) -> None:
    """Some rounds, each from a seed of its own; no more once every act was done, after the least number of them."""
    monkeypatch.setattr(Hands, "template", template, raising=False)
    thorough = settings(
        max_examples=examples, stateful_step_count=60, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    DONE.clear()
    for number in range(rounds.stop):
        run_machine(seed(number)(Hands), settings=thorough)
        if number >= rounds.start and DONE.keys() >= ALL_ACTS:
            return
    raise AssertionError(f"never done: {ALL_ACTS - DONE.keys()}")


def test_reports_in_random_hands(small_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(small_file, monkeypatch, rounds=range(1, 10), examples=8)


@pytest.mark.soak
def test_reports_in_random_hands_for_long(small_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(small_file, monkeypatch, rounds=range(15, 16), examples=10)
