"""Reading what a person's calendar feed holds: over all plans, one statement for each kind of date.

"Own" is narrower here than on the pages: the organisations where the person holds the role, not what lies below them.
Claims and reports to decide on are those of the organisations right below.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import GRANTS, Actor, Permission
from webapp.plans.lists import COLUMNS, with_places
from webapp.plans.models import Assignment, DueDate, Plan, Reporter, Season, Task
from webapp.progress.facts import OPEN_STATUSES
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.queries import CLAIM_KINDS, WAITING, reviewable
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.reports.queries import decided_by

AnyRow = Row[*tuple[Any, ...]]
FINISHED = ("verified", "not_applicable")
PLAN = (Plan.id.label("plan_id"), Plan.short_zh.label("plan_zh"), Plan.short_en.label("plan_en"))
PLACE = (
    Organisation.id.label("organisation_id"),
    Organisation.kind.label("organisation_kind"),
    Organisation.short_zh.label("organisation_zh"),
    Organisation.short_en.label("organisation_en"),
)


def own_places(actor: Actor, permission: Permission = Permission.UPDATE_PROGRESS) -> list[int]:
    """The organisations whose own work is the person's."""
    return sorted({grant.organisation_id for grant in actor.grants if grant.role in GRANTS[permission]})


def _own(actor: Actor, permission: Permission = Permission.UPDATE_PROGRESS) -> ColumnElement[bool]:
    # Twice the same limit: the role's own organisation, and the one filter every list carries.
    return and_(Organisation.id.in_(own_places(actor, permission)), within(Organisation.path, actor, permission))


def deadlines(session: Session, actor: Actor, *, since: date) -> Sequence[AnyRow]:
    """Own open assignments due on a day or later, with the newest version of the date."""
    newest = (
        select(func.max(DueDate.revision))
        .where(DueDate.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    dated = (DueDate.revision, DueDate.reason, DueDate.decided_by_label, DueDate.recorded_at.label("dated_at"))
    query = (
        with_places(select(*COLUMNS, *dated, *PLAN))
        .join(Plan, Plan.id == Assignment.plan_id)
        .join(DueDate, and_(DueDate.assignment_id == Assignment.id, DueDate.revision == newest))
        .where(_own(actor), Assignment.status.in_(OPEN_STATUSES), Assignment.due >= since)
    )
    return session.execute(query.order_by(Assignment.due, Assignment.id)).all()


def reports(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Every opened report the person files, whatever its state."""
    query = (
        select(
            MonthlyReport.id,
            MonthlyReport.month,
            MonthlyReport.status,
            MonthlyReport.due,
            MonthlyReport.internal_due,
            MonthlyReport.internal_due_at,
            MonthlyReport.due_explained_zh,
            MonthlyReport.due_explained_en,
            MonthlyReport.provisional,
            MonthlyReport.opened_at,
            *PLACE,
            *PLAN,
        )
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .join(Plan, Plan.id == MonthlyReport.plan_id)
        .where(_own(actor, Permission.FILE_REPORT))
    )
    return session.execute(query.order_by(MonthlyReport.month, MonthlyReport.id)).all()


def reporters(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """From which month until which the person's organisations report, with each plan's rules."""
    query = (
        select(Reporter.first_month, Reporter.last_month, Plan.rules, Plan.ends_on, Plan.loaded_at, *PLACE, *PLAN)
        .join(Organisation, Organisation.id == Reporter.organisation_id)
        .join(Plan, Plan.id == Reporter.plan_id)
        .where(_own(actor, Permission.FILE_REPORT))
    )
    return session.execute(query.order_by(Reporter.id)).all()


def seasons(session: Session, actor: Actor, *, since: date) -> list[AnyRow]:
    """Seasons that begin on a day or later and bind an own assignment; an organisation's own days take precedence."""
    query = (
        select(
            Season.code,
            Season.name_zh,
            Season.name_en,
            Season.note_zh,
            Season.note_en,
            Season.starts_on,
            Season.ends_on,
            Season.organisation_id.label("kept_by"),
            Plan.loaded_at,
            *PLACE,
            *PLAN,
        )
        .select_from(Assignment)
        .join(Task, Task.id == Assignment.task_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Plan, Plan.id == Assignment.plan_id)
        .join(Season, and_(Season.plan_id == Assignment.plan_id, Season.code == Task.season_code))
        .where(_own(actor), Assignment.status.not_in(FINISHED))
        .where(or_(Season.organisation_id.is_(None), Season.organisation_id == Organisation.id))
        .distinct()
    )
    kept: dict[tuple[int, str, int], AnyRow] = {}
    for row in session.execute(query):
        key = (row.plan_id, row.code, row.organisation_id)
        if key not in kept or row.kept_by is not None:
            kept[key] = row
    return [kept[key] for key in sorted(kept) if kept[key].starts_on >= since]


def claims(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Claims that wait for this reviewer, over all plans."""
    is_the_claim = and_(
        ProgressUpdate.assignment_id == Assignment.id,
        ProgressUpdate.recorded_at == Assignment.last_update_at,
        ProgressUpdate.kind.in_(CLAIM_KINDS),
    )
    claim = (
        ProgressUpdate.id.label("claim_id"),
        ProgressUpdate.kind.label("claim_kind"),
        ProgressUpdate.recorded_at.label("claimed_on"),
        ProgressUpdate.actor_label.label("claimed_by"),
    )
    query = (
        with_places(select(*COLUMNS, *claim, *PLAN))
        .join(Plan, Plan.id == Assignment.plan_id)
        .join(ProgressUpdate, is_the_claim)
        .where(Assignment.status.in_(WAITING), reviewable(actor))
    )
    return session.execute(query.order_by(ProgressUpdate.id)).all()


def submitted(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Submitted reports that wait for this person's decision, over all plans."""
    newest = and_(ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == MonthlyReport.revision)
    query = (
        select(
            MonthlyReport.id,
            MonthlyReport.month,
            ReportRevision.revision,
            ReportRevision.submitted_at,
            ReportRevision.submitted_by_label,
            ReportRevision.receipt,
            *PLACE,
            *PLAN,
        )
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .join(Plan, Plan.id == MonthlyReport.plan_id)
        .join(ReportRevision, newest)
        .where(MonthlyReport.status == "submitted", decided_by(actor), ReportRevision.submitted_by != actor.id)
    )
    return session.execute(query.order_by(MonthlyReport.id)).all()


def changed_at(session: Session, actor: Actor) -> datetime | None:
    """When something last happened to what a feed is made of: also to what is closed now and no longer in it."""
    places = select(Organisation.id).where(or_(_own(actor), reviewable(actor), decided_by(actor)))
    assignments = select(Assignment.id).where(Assignment.organisation_id.in_(places))
    filed = select(MonthlyReport.id).where(MonthlyReport.organisation_id.in_(places))
    latest = [
        select(func.max(table.recorded_at)).where(table.assignment_id.in_(assignments)).scalar_subquery()
        for table in (ProgressUpdate, ReviewDecision, DueDate)
    ]
    latest += [
        select(func.max(MonthlyReport.opened_at)).where(MonthlyReport.id.in_(filed)).scalar_subquery(),
        select(func.max(ReportRevision.submitted_at)).where(ReportRevision.report_id.in_(filed)).scalar_subquery(),
        select(func.max(ReportDecision.recorded_at)).where(ReportDecision.report_id.in_(filed)).scalar_subquery(),
        select(func.max(AuditEvent.recorded_at))
        .where(AuditEvent.subject_kind == "person", AuditEvent.subject_id == actor.id)
        .scalar_subquery(),
        select(func.max(Plan.loaded_at)).scalar_subquery(),
    ]
    return max((each for each in session.execute(select(*latest)).one() if each is not None), default=None)
