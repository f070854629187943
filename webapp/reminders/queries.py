"""What reminders are about and who could be told, read in a few statements however many there are.

For the job alone: not limited to an area.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.queries import Recipient, people_of
from webapp.clock import local_date
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.plans.models import Assignment, Plan, Task
from webapp.reminders.ladder import Rules, rules_from
from webapp.reminders.models import Reminder
from webapp.reminders.rules import Recorded
from webapp.reports.models import MonthlyReport

ASSIGNMENT, REPORT = "assignment", "report"
# A claim that waits is somebody's move too, so that claimed ones are read with the others.
UNFINISHED = ("not_started", "in_progress", "returned", "claimed", "na_claimed")
REPORT_UNFINISHED = ("open", "returned")
# The first rung is 30 days before the due date; before a long festival it moves back past the rest days.
HORIZON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something unfinished with a due date, as a mail speaks of it.

    `due` is the date of whoever has to act (a city's report: its internal one). A report has no title of its own: it is
    named by its `month`.
    """

    kind: str
    id: int
    plan_id: int
    status: str
    due: date
    organisation_id: int
    organisation_kind: str
    path: str
    parent_id: int | None
    region_id: int
    org_zh: str
    org_en: str
    light: str
    label: str
    title_zh: str
    title_en: str
    month: date | None


def digest_key(day: date, person_id: int) -> str:
    """The key of a person's digest of a day in the outbox: there can be one."""
    return f"digest:{day.isoformat()}:{person_id}"


def plan_rules(session: Session) -> dict[int, Rules]:
    """Each plan's reminder rules, by plan id."""
    rows = session.execute(select(Plan.id, Plan.rules))
    return {plan_id: rules_from(rules.get("reminders", {})) for plan_id, rules in rows}


def matters(session: Session, *, now: datetime) -> list[Matter]:
    """Everything unfinished that is due before the horizon."""
    until = local_date(now) + HORIZON
    statements = (_assignments(until), _reports(until))
    return [Matter(**row) for each in statements for row in session.execute(each).mappings()]


def _report_due() -> ColumnElement[date]:
    return func.coalesce(MonthlyReport.internal_due, MonthlyReport.due)


def _open_assignments(until: date) -> ColumnElement[bool]:
    return and_(Assignment.status.in_(UNFINISHED), Assignment.due <= until)


def _open_reports(until: date) -> ColumnElement[bool]:
    return and_(MonthlyReport.status.in_(REPORT_UNFINISHED), _report_due() <= until)


def _common(kind: str, subject: type[Assignment] | type[MonthlyReport]) -> list[ColumnElement[Any]]:
    return [
        literal(kind).label("kind"),
        subject.id.label("id"),
        subject.plan_id.label("plan_id"),
        subject.status.label("status"),
        Organisation.id.label("organisation_id"),
        Organisation.kind.label("organisation_kind"),
        Organisation.path.label("path"),
        Organisation.parent_id.label("parent_id"),
        Plan.region_id.label("region_id"),
        Organisation.name_zh.label("org_zh"),
        Organisation.name_en.label("org_en"),
    ]


def _assignments(until: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *_common(ASSIGNMENT, Assignment),
            Assignment.due.label("due"),
            Assignment.light.label("light"),
            Assignment.light_label.label("label"),
            Task.title_zh.label("title_zh"),
            Task.title_en.label("title_en"),
            literal(None).label("month"),
        )
        .join(Task, Task.id == Assignment.task_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Plan, Plan.id == Assignment.plan_id)
        .where(_open_assignments(until))
        .order_by(Assignment.id)
    )


def _reports(until: date) -> Select[*tuple[Any, ...]]:
    nothing = [literal("").label(name) for name in ("light", "label", "title_zh", "title_en")]
    return (
        select(
            *_common(REPORT, MonthlyReport), _report_due().label("due"), *nothing, MonthlyReport.month.label("month")
        )
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .join(Plan, Plan.id == MonthlyReport.plan_id)
        .where(_open_reports(until))
        .order_by(MonthlyReport.id)
    )


def recorded(session: Session, *, now: datetime) -> set[Recorded]:
    """What the ledger holds about the matters of `matters`."""
    until = local_date(now) + HORIZON
    assignments = select(Assignment.id).where(_open_assignments(until))
    reports = select(MonthlyReport.id).where(_open_reports(until))
    about = or_(
        and_(Reminder.subject_kind == ASSIGNMENT, Reminder.subject_id.in_(assignments)),
        and_(Reminder.subject_kind == REPORT, Reminder.subject_id.in_(reports)),
    )
    row = Reminder
    rows = session.execute(select(row.subject_kind, row.subject_id, row.due, row.person_id, row.rung).where(about))
    return {((kind, subject_id), due, person_id, rung) for kind, subject_id, due, person_id, rung in rows}


def told_on(session: Session, day: date) -> set[int]:
    """The people whose digest of a day is in the outbox already."""
    prefix = digest_key(day, 0).removesuffix("0")
    return set(session.scalars(select(OutboxMail.person_id).where(OutboxMail.key.startswith(prefix, autoescape=True))))


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is officer and who coordinator at each organisation, and how to write to each person."""

    officers: Mapping[int, list[int]]
    coordinators: Mapping[int, list[int]]
    people: Mapping[int, Recipient]


def staff(session: Session, organisation_ids: Iterable[int], day: date) -> Staff:
    """The people in office on a day at some organisations."""
    found = people_of(session, sorted(set(organisation_ids)), (Role.OFFICER, Role.COORDINATOR), day)
    by_role: dict[Role, dict[int, list[int]]] = {Role.OFFICER: {}, Role.COORDINATOR: {}}
    for each in found:
        by_role[each.role].setdefault(each.organisation_id, []).append(each.person_id)
    return Staff(by_role[Role.OFFICER], by_role[Role.COORDINATOR], {each.person_id: each for each in found})
