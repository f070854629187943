"""Reading a stretch of the past for a preview: a fixed number of statements, however long it was and whatever it holds.

For operators of the plan's whole region: not limited to an area but the one that was chosen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Person
from webapp.accounts.queries import Recipient
from webapp.clock import known_before, local_date, local_instant, month_end
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below
from webapp.permissions import Role
from webapp.plans.models import Assignment, DueDate, Plan, Season, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reminders.facts import OPEN
from webapp.reminders.queries import BATCH
from webapp.reminders.subjects import ASSIGNMENT, Place
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.rulebook.past import Days, Duty, Happening, Held, Past
from webapp.rulebook.preview import first_morning
from webapp.workdays.calendar import Calendar

MOST_ASSIGNMENTS = 30_000
AFTER_DECISION = {"accept": "accepted", "return": "returned"}
AnySelect = Select[*tuple[Any, ...]]
# Of what was put on record at one instant: first it was opened and dated, then something was filed, then decided.
Ranked = tuple[datetime, int, int, Happening]


def open_assignments(session: Session, plan_id: int, path: str) -> int:
    """How many of a plan's assignments at or below a path wait for somebody: what a preview's cost grows with."""
    return session.scalar(
        select(func.count())
        .select_from(Assignment)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.plan_id == plan_id, below(Organisation.path, [path]))
        .where(Assignment.status.in_((*OPEN, "claimed", "na_claimed")))
    ) or 0  # fmt: skip


def read(session: Session, plan: Plan, path: str, calendar: Calendar, month: date) -> Past:
    """All that a month's reminders of a plan followed from, at the organisations at or below a path."""
    since = local_instant(first_morning(month, calendar))
    reading = _Reading(session, plan, path, since, known_before(month_end(month)))
    duties, dates = reading.duties()
    reports, opened = reading.reports()
    ranked = [
        *reading.openings(duties, dates), *opened, *reading.statements(), *reading.decisions(),
        *reading.submissions(), *reading.report_decisions(),
    ]  # fmt: skip
    known = {ASSIGNMENT: duties.keys(), "report": reports.keys()}
    happenings = [each for *_, each in sorted(ranked, key=lambda each: each[:3]) if each.id in known[each.thing]]
    return Past(plan.id, plan.region_id, reading.places(), duties, reports, happenings, reading.held(month))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What every statement needs: whose records, and between which instants."""

    session: Session
    plan: Plan
    path: str
    since: datetime
    until: datetime

    def rows(self, statement: AnySelect) -> Iterable[Any]:
        return self.session.execute(statement, execution_options={"yield_per": BATCH})

    def here(self, statement: AnySelect, thing: type[Assignment] | type[MonthlyReport]) -> AnySelect:
        """A statement narrowed to the plan and the path."""
        place = Organisation.id == thing.organisation_id
        return statement.join(Organisation, place).where(
            thing.plan_id == self.plan.id, below(Organisation.path, [self.path])
        )

    def places(self) -> dict[int, Place]:
        row = Organisation
        found = self.rows(select(row.id, row.code, row.kind, row.path, row.parent_id, row.name_zh, row.name_en))
        return {each.id: Place(*each) for each in found}

    # --- assignments

    def duties(self) -> tuple[dict[int, Duty], dict[int, date | None]]:
        """The assignments, and the dates the plan gave them."""
        row, seasons = Assignment, self._seasons()
        columns = (row.id, row.organisation_id, row.starts_on, row.nominal_due, row.counted)
        statement = select(*columns, Task.code, Task.kind, Task.season_code).join(Task, Task.id == row.task_id)
        duties, dates = {}, {}
        for found in self.rows(self.here(statement, row)):
            place, code = found.organisation_id, found.season_code
            season = seasons.get((code, place), seasons.get((code, None)))
            duties[found.id] = Duty(found.id, place, found.code, found.kind, found.starts_on, season, found.counted)
            dates[found.id] = found.nominal_due
        return duties, dates

    def _seasons(self) -> dict[tuple[str, int | None], Days]:
        found = self.session.scalars(select(Season).where(Season.plan_id == self.plan.id))
        return {
            (each.code, each.organisation_id): Days(each.starts_on, each.ends_on, each.name_zh, each.name_en)
            for each in found
        }

    def openings(self, duties: Iterable[int], dates: dict[int, date | None]) -> Iterator[Ranked]:
        """When each assignment was there, and every date it was given."""
        row, dated = DueDate, set[int]()
        statement = select(row.id, row.assignment_id, row.due, row.recorded_at).join(
            Assignment, Assignment.id == row.assignment_id
        )
        found = self.here(statement, Assignment).where(row.recorded_at < self.until)
        for each in self.rows(found.order_by(row.assignment_id, row.revision)):
            first = each.assignment_id not in dated
            dated.add(each.assignment_id)
            status = "not_started" if first else None
            yield (each.recorded_at, 0, each.id,
                   Happening(each.recorded_at, ASSIGNMENT, each.assignment_id, status, each.due))  # fmt: skip
        loaded = self.plan.loaded_at
        for duty in duties:
            if duty not in dated and loaded < self.until:
                yield loaded, 0, duty, Happening(loaded, ASSIGNMENT, duty, "not_started", dates[duty])

    def statements(self) -> Iterator[Ranked]:
        """What organisations filed."""
        row = ProgressUpdate
        spoken_of = func.max(row.as_of).over(partition_by=row.assignment_id, order_by=(row.recorded_at, row.id))
        for each in self._newest_or_all(row, spoken_of.label("spoken_of")):
            told = Happening(each.recorded_at, ASSIGNMENT, each.assignment_id, each.status_after, None, each.spoken_of)
            yield each.recorded_at, 1, each.id, told

    def decisions(self) -> Iterator[Ranked]:
        """What was decided on claims."""
        for each in self._newest_or_all(ReviewDecision):
            told = Happening(each.recorded_at, ASSIGNMENT, each.assignment_id, each.status_after)
            yield each.recorded_at, 2, each.id, told

    def _newest_or_all(self, row: type[ProgressUpdate] | type[ReviewDecision], *columns: Any) -> Iterable[Any]:
        """The newest row of each assignment; all of those that moved in the month, for what they were before."""
        rank = func.row_number().over(partition_by=row.assignment_id, order_by=(row.recorded_at.desc(), row.id.desc()))
        inner = select(row.id, row.assignment_id, row.recorded_at, row.status_after, rank.label("rank"), *columns)
        inner = self.here(inner.join(Assignment, Assignment.id == row.assignment_id), Assignment)
        known = inner.where(row.recorded_at < self.until).subquery()
        return self.rows(select(known).where(or_(known.c.rank == 1, known.c.assignment_id.in_(self._moved()))))

    def _moved(self) -> Any:
        rows = (ProgressUpdate, ReviewDecision)
        return union(*(select(row.assignment_id).where(self._within(row.recorded_at)) for row in rows))

    def _within(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.since, column < self.until)

    # --- reports

    def reports(self) -> tuple[dict[int, int], list[Ranked]]:
        """Whose report each is, and when they were opened."""
        row = MonthlyReport
        due = func.coalesce(row.internal_due, row.due).label("due")
        statement = self.here(select(row.id, row.organisation_id, row.opened_at, due), row)
        places, opened = {}, []
        for each in self.rows(statement.where(row.opened_at < self.until)):
            places[each.id] = each.organisation_id
            told = Happening(each.opened_at, "report", each.id, "open", each.due)
            opened.append((each.opened_at, 0, each.id, told))
        return places, opened

    def submissions(self) -> Iterator[Ranked]:
        """When reports were submitted."""
        row = ReportRevision
        statement = select(row.id, row.report_id, row.submitted_at).join(
            MonthlyReport, MonthlyReport.id == row.report_id
        )
        for each in self.rows(self.here(statement, MonthlyReport).where(row.submitted_at < self.until)):
            told = Happening(each.submitted_at, "report", each.report_id, "submitted")
            yield each.submitted_at, 1, each.id, told

    def report_decisions(self) -> Iterator[Ranked]:
        """What was decided on reports."""
        row = ReportDecision
        statement = select(row.id, row.report_id, row.decision, row.recorded_at).join(
            MonthlyReport, MonthlyReport.id == row.report_id
        )
        for each in self.rows(self.here(statement, MonthlyReport).where(row.recorded_at < self.until)):
            told = Happening(each.recorded_at, "report", each.report_id, AFTER_DECISION[each.decision])
            yield each.recorded_at, 2, each.id, told

    # --- people

    def held(self, month: date) -> list[Held]:
        """Who was officer or coordinator on some day of the month; of those who are still active."""
        row, first, last = Membership, local_date(self.since), month_end(month)
        statement = (
            select(
                Person.id, Person.email, Person.name_zh, Person.name_en, Person.locale, row.organisation_id,
                Organisation.path, row.role, row.deputy, row.valid_from, row.valid_until,
            )
            .join(Person, Person.id == row.person_id)
            .join(Organisation, Organisation.id == row.organisation_id)
            .where(Person.active, row.role.in_([Role.OFFICER.value, Role.COORDINATOR.value]))
            .where(row.valid_from <= last, or_(row.valid_until.is_(None), row.valid_until >= first))
            .order_by(Person.id, row.id)
        )  # fmt: skip
        return [
            Held(Recipient(each[0], *each[1:7], Role(each.role), each.deputy), each.valid_from, each.valid_until)
            for each in self.session.execute(statement)
        ]
