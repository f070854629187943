"""What may be reminded of, read in a fixed number of statements however many there are.

For the job alone: not limited to an area. Of an assignment only ids, dates and its status are read; what a mail says of
it is read for the lines that are shown (`reminders.lines`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.caps.waiting import Undecided, waiting
from webapp.clock import add_months, month_end, month_start
from webapp.plans.models import Assignment, Plan, Season, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reminders import unpublished
from webapp.reminders.ladder import Rules
from webapp.reminders.rules import Subject
from webapp.reminders.subjects import ASSIGNMENT, Terms, World
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.workdays.calendar import Calendar

OPEN = ("not_started", "in_progress", "returned")
SETTLED = ("verified", "not_applicable")
REPORT_OPEN = ("open", "returned")
# What waits for an answer, by the status that says so.
ANSWERED = {"claimed": "review", "na_claimed": "na_claim", "returned": "returned"}
REPORT_ANSWERED = {"submitted": "report_review", "returned": "report_returned"}
# The first rung may be 60 days before the due date; before a long festival it moves back past the rest days.
HORIZON = timedelta(days=75)
BATCH = 5_000


class Gathered(NamedTuple):
    """What a line says about an organisation as a whole: how many assignments, and the season's names."""

    many: int
    name_zh: str = ""
    name_en: str = ""


GatheredKey = tuple[int, str, int, date]
"""(plan, kind, organisation, due date)."""


@dataclass(slots=True)
class Facts:
    """The subjects by plan, and what is known of those that stand for several assignments."""

    subjects: dict[int, list[Subject]]
    gathered: dict[GatheredKey, Gathered]


@dataclass(frozen=True, slots=True)
class Reading:
    """What every statement needs: the database, whose people are concerned, the plans' rules, and the day."""

    session: Session
    world: World
    rules: Mapping[int, Rules]
    calendar: Calendar
    today: date

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Iterable[Row[*tuple[Any, ...]]]:
        """The rows of the plans that may send now, a batch at a time."""
        found = self.session.execute(statement, execution_options={"yield_per": BATCH})
        return (row for row in found if row.plan_id in self.rules)


def read(session: Session, world: World, rules: Mapping[int, Rules], calendar: Calendar, today: date) -> Facts:
    """Everything that may be reminded of on a day, for the plans in `rules`."""
    reading = Reading(session, world, rules, calendar, today)
    facts = Facts({plan: [] for plan in rules}, {})
    for each in (*_assignments(reading), *_reports(reading)):
        facts.subjects[each.plan].append(each)
    for about, told in _unpublished(reading):
        facts.subjects[about.plan].append(about)
        facts.gathered[about.plan, about.kind, about.id, about.due] = told
    wholes = (*_silence(reading), *_season_starts(reading), *_cap_checks(reading), *_registers(reading))
    for plan, kind, place, due, gathered in wholes:
        known = facts.gathered.get((plan, kind, place, due))
        if known is None:
            facts.subjects[plan].append(world.subject(kind, plan, place, place, due))
        total = gathered.many + (known.many if known else 0)
        facts.gathered[plan, kind, place, due] = gathered._replace(many=total)
    return facts


# --- assignments


def _assignments(reading: Reading) -> Iterator[Subject]:
    ladders, terms = _ladders_of_tasks(reading), Terms(reading.rules, reading.calendar)
    newest = _newest_na_claims(reading.session) | _newest_returns(reading.session)
    until = reading.today + HORIZON
    chased = and_(Assignment.status.in_(OPEN), Assignment.due <= until)
    waiting = Assignment.status.in_(ANSWERED)
    row = Assignment
    statement = select(
        row.id, row.plan_id, row.organisation_id, row.task_id, row.status, row.due, row.claimed_at
    ).where(or_(chased, waiting))  # fmt: skip
    for found in reading.rows(statement):
        if found.status in OPEN and found.due and found.due <= until:
            ladder = ladders.get(found.task_id, "")
            yield reading.world.subject(ASSIGNMENT, found.plan_id, found.id, found.organisation_id, found.due, ladder)
        if found.status in ANSWERED:
            since = found.claimed_at if found.status == "claimed" else newest.get(found.id)
            yield from _answered(reading, terms, ANSWERED[found.status], since, found)


def _answered(
    reading: Reading, terms: Terms, kind: str, since: datetime | None, found: Row[*tuple[Any, ...]]
) -> Iterator[Subject]:
    due = terms.due(kind, found.plan_id, since)
    if due:
        yield reading.world.subject(kind, found.plan_id, found.id, found.organisation_id, due)


def _ladders_of_tasks(reading: Reading) -> dict[int, str]:
    """The ladders of the plans' own naming by task id."""
    named = {plan: rules.ladders_of_tasks() for plan, rules in reading.rules.items()}
    codes = {code for each in named.values() for code in each}
    rows = reading.rows(select(Task.id, Task.plan_id, Task.code).where(Task.code.in_(codes)))
    return {row.id: named[row.plan_id][row.code] for row in rows if row.code in named[row.plan_id]}


def _newest_na_claims(session: Session) -> dict[int, datetime]:
    row = ProgressUpdate
    return _instants(
        session,
        select(row.assignment_id, func.max(row.recorded_at))
        .join(Assignment, Assignment.id == row.assignment_id)
        .where(Assignment.status == "na_claimed", row.kind == "na_claim")
        .group_by(row.assignment_id),
    )


def _newest_returns(session: Session) -> dict[int, datetime]:
    row = ReviewDecision
    return _instants(
        session,
        select(row.assignment_id, func.max(row.recorded_at))
        .join(Assignment, Assignment.id == row.assignment_id)
        .where(Assignment.status == "returned", row.status_after == "returned")
        .group_by(row.assignment_id),
    )


def _instants(session: Session, statement: Select[int, datetime]) -> dict[int, datetime]:
    return {subject: instant for subject, instant in session.execute(statement)}  # noqa: C416


# --- reports


def _reports(reading: Reading) -> Iterator[Subject]:
    terms = Terms(reading.rules, reading.calendar)
    since = _newest_submissions(reading.session) | _newest_report_returns(reading.session)
    row, until = MonthlyReport, reading.today + HORIZON
    due = func.coalesce(row.internal_due, row.due)
    statement = select(
        row.id, row.plan_id, row.organisation_id, row.status, row.accepted_revision, due.label("due")
    ).where(or_(row.status.in_(REPORT_ANSWERED), and_(row.status == "open", due <= until)))  # fmt: skip
    for found in reading.rows(statement):
        # What was accepted once is filed: a correction of it is nothing to be chased for.
        if found.status in REPORT_OPEN and found.accepted_revision is None:
            yield reading.world.subject("report", found.plan_id, found.id, found.organisation_id, found.due)
        if found.status in REPORT_ANSWERED:
            yield from _answered(reading, terms, REPORT_ANSWERED[found.status], since.get(found.id), found)


def _newest_submissions(session: Session) -> dict[int, datetime]:
    row = ReportRevision
    return _instants(
        session,
        select(row.report_id, func.max(row.submitted_at))
        .join(MonthlyReport, MonthlyReport.id == row.report_id)
        .where(MonthlyReport.status == "submitted")
        .group_by(row.report_id),
    )


def _newest_report_returns(session: Session) -> dict[int, datetime]:
    row = ReportDecision
    return _instants(
        session,
        select(row.report_id, func.max(row.recorded_at))
        .join(MonthlyReport, MonthlyReport.id == row.report_id)
        .where(MonthlyReport.status == "returned", row.decision == "return")
        .group_by(row.report_id),
    )


# --- organisations as a whole, counted by the database

Whole = tuple[int, str, int, date, Gathered]


def _silence(reading: Reading) -> Iterator[Whole]:
    row = Assignment
    statement = (
        select(row.plan_id, row.organisation_id, func.count().label("many"))
        .where(row.status.in_(OPEN), row.silent_months >= 1)
        .group_by(row.plan_id, row.organisation_id)
    )
    first = month_start(reading.today)
    for found in reading.rows(statement):
        yield found.plan_id, "silence", found.organisation_id, first, Gathered(found.many)


_OWN, _PLANS = aliased(Season), aliased(Season)
_STARTS: ColumnElement[date] = func.coalesce(_OWN.starts_on, _PLANS.starts_on)
_ENDS: ColumnElement[date] = func.coalesce(_OWN.ends_on, _PLANS.ends_on)


def _seasonal(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Assignments of tasks with a season, joined with its days as their organisation keeps them."""
    same = (Assignment.plan_id, Task.season_code)
    return (
        select(Assignment.plan_id, Assignment.organisation_id, func.count().label("many"), *columns)
        .join(Task, Task.id == Assignment.task_id)
        .outerjoin(
            _OWN,
            and_(
                _OWN.plan_id == same[0], _OWN.code == same[1], _OWN.organisation_id == Assignment.organisation_id
            ),
        )
        .outerjoin(_PLANS, and_(_PLANS.plan_id == same[0], _PLANS.code == same[1], _PLANS.organisation_id.is_(None)))
        .where(Task.season_code != "")
    )  # fmt: skip


def _season_starts(reading: Reading) -> Iterator[Whole]:
    names = [func.coalesce(_OWN.name_zh, _PLANS.name_zh), func.coalesce(_OWN.name_en, _PLANS.name_en)]
    statement = (
        _seasonal(_STARTS.label("starts"), names[0].label("zh"), names[1].label("en"))
        .where(Assignment.status.not_in(SETTLED), _STARTS.between(reading.today, reading.today + HORIZON))
        .group_by(Assignment.plan_id, Assignment.organisation_id, _STARTS, *names)
    )
    for found in reading.rows(statement):
        told = Gathered(found.many, found.zh, found.en)
        yield found.plan_id, "season_start", found.organisation_id, found.starts, told


def _cap_checks(reading: Reading) -> Iterator[Whole]:
    this = month_start(reading.today)
    for first in (add_months(this, -1), this):
        last = month_end(first)
        begun = min(last, reading.today)
        unsaid = or_(Assignment.as_of.is_(None), Assignment.as_of < first, Assignment.as_of < _STARTS)
        statement = (
            _seasonal(_ENDS.label("ends"))
            .where(
                Task.kind == "seasonal_cap", Assignment.status.in_(OPEN), unsaid, Assignment.counted.is_(False),
                begun >= _STARTS, first <= _ENDS,
            )
            .group_by(Assignment.plan_id, Assignment.organisation_id, _ENDS)
        )  # fmt: skip
        for found in reading.rows(statement):
            due = min(found.ends, last)
            yield found.plan_id, "cap_check", found.organisation_id, due, Gathered(found.many)


def _registers(reading: Reading) -> Iterator[Whole]:
    """What the registers of off-peak production wait for: plans, months, decisions; a line for each and city."""
    terms = Terms(reading.rules, reading.calendar)
    for plan in reading.session.scalars(select(Plan).where(Plan.id.in_(reading.rules)).order_by(Plan.id)):
        for each in waiting(reading.session, plan, reading.today):
            told = Gathered(each.many)
            if isinstance(each, Undecided):
                due = terms.due("cap_verdict", plan.id, each.since)
                if due:
                    yield plan.id, "cap_verdict", each.organisation_id, due, told
            else:
                yield plan.id, "cap_month" if each.month else "cap_plan", each.organisation_id, each.due, told


# --- a year whose holidays are not published


def _unpublished(reading: Reading) -> Iterator[tuple[Subject, Gathered]]:
    """For the administrators of each plan that reaches into such a year; without one, no statement."""
    year = unpublished.unpublished_year(reading.calendar, reading.today)
    if year is None:
        return
    row, due = Plan, month_start(reading.today)
    lasting = row.ends_on >= date(year, 1, 1) - unpublished.AFTER
    for plan in reading.session.execute(select(row.id, row.region_id, row.short_zh, row.short_en).where(lasting)):
        if plan.id in reading.rules:
            subject = reading.world.for_administrators(unpublished.KIND, plan.id, year, plan.region_id, due)
            yield subject, Gathered(1, plan.short_zh, plan.short_en)
