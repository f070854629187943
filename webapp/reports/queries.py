"""Reading monthly reports: one's own by month, a month's table of the area, one report with all that was decided.

Every function makes the same number of statements whatever it finds and is limited to the actor's area.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import GRANTS, Actor, Permission
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision

AnyRow = Row[*tuple[Any, ...]]
COLUMNS = (
    MonthlyReport.id,
    MonthlyReport.month,
    MonthlyReport.status,
    MonthlyReport.due,
    MonthlyReport.internal_due,
    MonthlyReport.internal_due_at,
    MonthlyReport.first_submitted_at,
    MonthlyReport.days_late,
    MonthlyReport.revision,
    ReportRevision.receipt,
    ReportRevision.submitted_at,
    ReportRevision.submitted_by,
    ReportRevision.submitted_by_label,
    Organisation.id.label("organisation_id"),
    Organisation.code.label("organisation_code"),
    Organisation.path.label("organisation_path"),
    Organisation.kind.label("organisation_kind"),
    Organisation.parent_id.label("organisation_parent_id"),
    Organisation.name_zh.label("organisation_zh"),
    Organisation.name_en.label("organisation_en"),
    Organisation.short_zh.label("short_zh"),
    Organisation.short_en.label("short_en"),
)


def _rows(plan_id: int) -> Select[*tuple[Any, ...]]:
    """Reports with their organisation and their newest revision, if there is one."""
    newest = and_(
        ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == MonthlyReport.revision
    )  # fmt: skip
    return (
        select(*COLUMNS)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .outerjoin(ReportRevision, newest)
        .where(MonthlyReport.plan_id == plan_id)
    )


def months(session: Session, plan_id: int, actor: Actor) -> list[date]:
    """The months with a report in the actor's area, the newest first."""
    query = (
        select(MonthlyReport.month)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .where(MonthlyReport.plan_id == plan_id, within(Organisation.path, actor))
        .distinct()
        .order_by(MonthlyReport.month.desc())
    )
    return list(session.scalars(query))


def month_rows(session: Session, plan_id: int, month: date, actor: Actor) -> Sequence[AnyRow]:
    """A month's reports in the actor's area, in the tree's order."""
    query = _rows(plan_id).where(MonthlyReport.month == month, within(Organisation.path, actor))
    return session.execute(query.order_by(Organisation.sort, Organisation.id)).all()


def own_rows(session: Session, plan_id: int, actor: Actor, *, unfinished: bool = False) -> Sequence[AnyRow]:
    """The reports the actor files, the newest month first; if asked, only those to be submitted, the oldest first."""
    query = _rows(plan_id).where(_own(actor))
    if unfinished:
        waits = query.where(MonthlyReport.status.in_(("open", "returned")))
        return session.execute(waits.order_by(MonthlyReport.month, Organisation.sort)).all()
    return session.execute(query.order_by(MonthlyReport.month.desc(), Organisation.sort)).all()


def waiting_rows(session: Session, plan_id: int, actor: Actor) -> Sequence[AnyRow]:
    """The submitted reports that wait for the actor's decision, the earliest submitted first."""
    query = _waiting(_rows(plan_id), actor)
    return session.execute(query.order_by(ReportRevision.submitted_at, MonthlyReport.id)).all()


def waiting_count(session: Session, plan_id: int, actor: Actor) -> int:
    """How many submitted reports wait for the actor's decision."""
    return session.scalar(select(func.count()).select_from(_waiting(_rows(plan_id), actor).subquery())) or 0


def _waiting(query: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    return query.where(
        MonthlyReport.status == "submitted", decided_by(actor), ReportRevision.submitted_by != actor.id
    )  # fmt: skip


def _own(actor: Actor) -> ColumnElement[bool]:
    """A condition: the actor files for the organisation itself."""
    roles = GRANTS[Permission.FILE_REPORT]
    return Organisation.id.in_([grant.organisation_id for grant in actor.grants if grant.role in roles])


def decided_by(actor: Actor) -> ColumnElement[bool]:
    """A condition on organisations: the actor stands right above the organisation."""
    roles = GRANTS[Permission.DECIDE_REPORT]
    held = [grant.organisation_id for grant in actor.grants if grant.role in roles]
    return or_(Organisation.parent_id.in_(held), and_(Organisation.parent_id.is_(None), Organisation.id.in_(held)))


def get_report(
    session: Session, report_id: int, actor: Actor, permission: Permission = Permission.SEE
) -> MonthlyReport:
    """A report with its organisation. Raises NotFound when there is none where the actor holds the permission."""
    query = (
        select(MonthlyReport)
        .join(MonthlyReport.organisation)
        .where(MonthlyReport.id == report_id, within(Organisation.path, actor, permission))
        .options(contains_eager(MonthlyReport.organisation))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(_l("没有这份月报，或者不在您的管辖范围内。"))
    return found


def get_revision(session: Session, report_id: int, revision: int) -> ReportRevision:
    """A revision of a report that was already loaded within the area. Raises NotFound."""
    query = select(ReportRevision).where(ReportRevision.report_id == report_id, ReportRevision.revision == revision)
    found = session.scalar(query)
    if found is None:
        raise NotFound(_l("没有这一版月报。"))
    return found


def revisions(session: Session, report_id: int) -> list[ReportRevision]:
    """All revisions of a report, the first one first."""
    query = select(ReportRevision).where(ReportRevision.report_id == report_id).order_by(ReportRevision.revision)
    return list(session.scalars(query))


def decisions(session: Session, report_id: int) -> list[ReportDecision]:
    """All decisions on a report, oldest first."""
    query = select(ReportDecision).where(ReportDecision.report_id == report_id)
    return list(session.scalars(query.order_by(ReportDecision.recorded_at, ReportDecision.id)))
