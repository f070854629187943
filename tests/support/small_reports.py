"""Two cities and their province with September's reports open, and people of all kinds: a start for report tests."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import small_plan
from webapp.accounts.models import Membership, Person
from webapp.accounts.queries import load_actor
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Plan, Reporter
from webapp.reports import queries, service
from webapp.reports.models import MonthlyReport

SEPTEMBER = date(2017, 9, 1)
PLACES = ("baoding", "cangzhou", "north")
RULES = {
    "reminders": small_plan.LADDER,
    "reporting": {"day": 8, "shift": "next_working_day", "internal": {"working_days_before": 3}},
    "thresholds": {"red_below": 0.7, "yellow_days": 7, "yellow_under": 0.9, "silent_months": 2},
}
# Who there is besides one person at each place: (place, role) of each role held. "turncoat" files for Baoding and
# decides for the province; the writer may neither check nor sign.
OTHERS = {
    "colleague": [("baoding", "officer")],
    "turncoat": [("baoding", "officer"), ("north", "coordinator")],
    "writer": [("baoding", "officer")],
    "deputy": [("north", "coordinator")],
    "minister": [("region", "coordinator")],
    "admin": [("region", "administrator")],
    "reader": [("north", "reader")],
}
ALL = (*small_plan.PLACES, *OTHERS)


def settle(database: Database, *, places: tuple[str, ...] = PLACES) -> small_plan.World:
    """Make the world; each place has a task due at the end of October and its report on September."""
    world = small_plan.build(database)
    with database.transaction() as session:
        session.get_one(Plan, world.plan).rules = RULES
        for name in places:
            session.add(Reporter(plan_id=world.plan, organisation_id=world.places[name], first_month=SEPTEMBER))
            small_plan.add_assignment(session, world, name, date(2017, 10, 31))
        for name, roles in OTHERS.items():
            _hire(session, world, name, roles)
        session.flush()
        opened = service.open_reports(session, month=SEPTEMBER, now=parse_instant("2017-09-25T00:20"))
        assert opened == len(places)
    return world


def _hire(session: Session, world: small_plan.World, name: str, roles: list[tuple[str, str]]) -> None:
    row = Person(email=f"{name}@example.test", name_zh=f"{name}某", name_en=name.title(), locale="zh", phone="0312-1",
                 password_hash="-", created_at=parse_instant("2017-02-17T09:00"), last_seen_at=None)  # fmt: skip
    session.add(row)
    session.flush()
    may = name != "writer"
    for code, role in roles:
        session.add(
            Membership(
                person_id=row.id, organisation_id=world.places[code], role=role, valid_from=date(2017, 1, 1),
                valid_until=None, may_check=may, may_sign=may,
            )
        )  # fmt: skip


def people(session: Session) -> dict[str, Actor]:
    """Everybody by name, as they sign in."""
    found = {}
    for row in session.scalars(select(Person)).all():
        actor = load_actor(session, row.id, row.auth_version, SEPTEMBER)
        assert actor is not None
        found[row.email.split("@")[0]] = actor
    return found


def found(session: Session, code: str, overseer: Actor, month: date = SEPTEMBER) -> MonthlyReport:
    """A report as somebody who sees everything loads it."""
    query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
    number = session.scalars(query.where(Organisation.code == code, MonthlyReport.month == month)).one()
    return queries.get_report(session, number, overseer)


def line_of(session: Session, report: MonthlyReport) -> int:
    """The report's one line: its assignment."""
    return session.scalars(select(Assignment.id).where(Assignment.organisation_id == report.organisation_id)).one()


class Desk:
    """A database with that world, and the acts of its people in a word."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.world = settle(database)
        with database.reading() as session:
            self.people = people(session)

    def report(self, session: Session, code: str) -> MonthlyReport:
        """A place's report on September."""
        return found(session, code, self.people["region"])

    def note(self, who: str, problem: str, version: int = 0, now: str = "2017-10-02T09:00", **texts: str) -> int:
        """Somebody writes on Baoding's one line; the note's version."""
        with self.db.transaction() as session:
            row = self.report(session, "baoding")
            said = {"problem": problem, "next_step": "", "reason": ""} | texts
            note = service.save_note(
                session, row, line_of(session, row), **said, version=version, actor=self.people[who],
                now=parse_instant(now),
            )  # fmt: skip
            return note.version

    def check(self, who: str, code: str = "baoding", now: str = "2017-10-02T10:00") -> None:
        """Somebody confirms a draft as it is now."""
        with self.db.transaction() as session:
            row, at = self.report(session, code), parse_instant(now)
            seen = service.fingerprint(row, service.draft(session, row, now=at))
            service.check(session, row, actor=self.people[who], now=at, version=row.version, seen=seen)

    def submit(self, who: str, code: str = "baoding", now: str = "2017-10-09T10:00", **more: object) -> str:
        """Somebody submits; the receipt."""
        with self.db.transaction() as session:
            row = self.report(session, code)
            values = {"confirm_check": True} | more
            revision = service.submit(
                session, row, actor=self.people[who], now=parse_instant(now), version=row.version,
                **values,  # type: ignore[arg-type]
            )  # fmt: skip
            return revision.receipt

    def decide(
        self, who: str, decision: service.Verdict, code: str = "baoding", now: str = "2017-10-10T10:00", **more: object
    ) -> int:
        """Somebody decides; how many working days the submission had waited."""
        with self.db.transaction() as session:
            row = self.report(session, code)
            made = service.decide(
                session, row, actor=self.people[who], now=parse_instant(now), decision=decision, version=row.version,
                **more,  # type: ignore[arg-type]
            )  # fmt: skip
            return made.waited_days

    def correct(self, who: str, reason: str, code: str = "baoding", now: str = "2017-11-01T10:00") -> None:
        """Somebody opens an accepted report again."""
        with self.db.transaction() as session:
            row = self.report(session, code)
            service.correct(
                session, row, reason=reason, actor=self.people[who], now=parse_instant(now), version=row.version
            )

    def drop(self, who: str, code: str = "baoding", now: str = "2017-11-02T10:00") -> None:
        """Somebody gives a correction up."""
        with self.db.transaction() as session:
            row = self.report(session, code)
            service.drop_correction(session, row, actor=self.people[who], now=parse_instant(now), version=row.version)

    def at(self, moment: str) -> datetime:
        """An instant."""
        return parse_instant(moment)
