"""Reading for the operators' pages: the audit record, and whose mails an operator may see."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, literal, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Person
from webapp.accounts.queries import names_shown
from webapp.audit.models import AuditEvent
from webapp.errors import NotFound
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission, areas
from webapp.plans.models import Assignment, Plan, Task
from webapp.reports.models import MonthlyReport
from webapp.robots.models import GroupRobot

PAGE = 50


@dataclass(frozen=True, slots=True)
class SubjectView:
    """What a deed was done to: its name, whose it is, and the unit its quantities are counted in."""

    name_zh: str
    name_en: str
    organisation_zh: str = ""
    organisation_en: str = ""
    unit: str = ""
    month: date | None = None


Subjects = dict[tuple[str, int], SubjectView]


@dataclass(frozen=True, slots=True)
class EventView:
    """One deed as the page shows it."""

    id: int
    recorded_at: datetime
    actor_id: int
    actor_label: str
    action: str
    subject_kind: str
    subject_id: int
    area: str
    facts: dict[str, Any]


def events(session: Session, actor: Actor, *, page: int, action: str = "") -> tuple[list[EventView], bool]:
    """A page of deeds, newest first, in the actor's area (or of no area), and whether there are older ones."""
    row = AuditEvent
    statement = (
        select(
            row.id,
            row.recorded_at,
            row.actor_id,
            row.actor_label,
            row.action,
            row.subject_kind,
            row.subject_id,
            row.area,
            row.facts,
        )
        .where((row.area == "") | within(row.area, actor, Permission.OPERATE))
        .order_by(row.recorded_at.desc(), row.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    if action:
        statement = statement.where(row.action.startswith(action, autoescape=True))
    found = [EventView(**each) for each in session.execute(statement).mappings()]
    names = names_shown(session, [event.actor_id for event in found])
    shown = [replace(event, actor_label=names.get(event.actor_id, event.actor_label)) for event in found[:PAGE]]
    return shown, len(found) > PAGE


def mails_of_area(actor: Actor, robots: Collection[str]) -> ColumnElement[bool]:
    """A condition on the outbox: mails to people who hold or held a role in the actor's area, and to its robots.

    Whoever looks after a whole region sees all that leaves.
    """
    if any(path.count("/") == 1 for path in areas(actor, Permission.OPERATE)):
        return true()
    place = Organisation
    people = select(Membership.person_id).join(place, place.id == Membership.organisation_id)
    theirs = people.where(within(place.path, actor, Permission.OPERATE))
    return or_(OutboxMail.person_id.in_(theirs), OutboxMail.address.in_(robots))


def check_mail(session: Session, mail_id: int, whose: ColumnElement[bool]) -> None:
    """Raises NotFound for a mail that is none of the actor's."""
    if session.scalar(select(OutboxMail.id).where(OutboxMail.id == mail_id, whose)) is None:
        raise NotFound(_l("没有这封邮件。"))


def subjects(session: Session, shown: list[EventView]) -> Subjects:
    """What the deeds of a page were done to: one statement a kind, however many there are."""
    org = (Organisation.short_zh, Organisation.short_en)
    statements: dict[str, Any] = {
        "assignment": select(Assignment.id, Task.short_zh, Task.short_en, *org, Task.unit)
        .join(Task, Task.id == Assignment.task_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id),
        "report": select(MonthlyReport.id, literal(""), literal(""), *org, literal(""), MonthlyReport.month).join(
            Organisation, Organisation.id == MonthlyReport.organisation_id
        ),
        "person": select(Person.id, Person.name_zh, Person.name_en),
        "plan": select(Plan.id, Plan.short_zh, Plan.short_en),
        "robot": select(GroupRobot.id, GroupRobot.name, literal(""), *org).join(
            Organisation, Organisation.id == GroupRobot.organisation_id
        ),
    }
    keys = {
        "assignment": Assignment.id, "report": MonthlyReport.id, "person": Person.id, "plan": Plan.id,
        "robot": GroupRobot.id,
    }  # fmt: skip
    found: Subjects = {}
    for kind, statement in statements.items():
        ids = {each.subject_id for each in shown if each.subject_kind == kind}
        rows = session.execute(statement.where(keys[kind].in_(ids))) if ids else ()
        found |= {(kind, row[0]): SubjectView(*row[1:]) for row in rows}
    return found
