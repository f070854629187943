"""Reading monthly reports: one's own by month, a month's table of the area, one report with all that was decided.

Every function makes the same number of statements whatever it finds and is limited to the actor's area.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from webapp.accounts.models import Membership, Person
from webapp.accounts.queries import valid_on
from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import GRANTS, Actor, Permission
from webapp.plans.models import Assignment
from webapp.progress.models import ProgressUpdate, UpdateEvidence
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision

AnyRow = Row[*tuple[Any, ...]]
Line = Mapping[str, Any]
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
    MonthlyReport.accepted_revision,
    MonthlyReport.light,
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


# The revision that stands: the accepted one of an accepted report, of any other the newest (0: there is none). The two
# differ where a correction that was returned has been given up.
STANDING = case(
    (MonthlyReport.status == "accepted", MonthlyReport.accepted_revision), else_=MonthlyReport.revision
)  # fmt: skip
# The revision whose figures count for others: the accepted one also while it is corrected, else the newest.
COUNTED = func.coalesce(MonthlyReport.accepted_revision, MonthlyReport.revision)


def standing_revision(report: MonthlyReport) -> int:
    """The number of the revision that stands: see STANDING."""
    accepted = report.accepted_revision if report.status == "accepted" else None
    return accepted or report.revision


def _rows(plan_id: int) -> Select[*tuple[Any, ...]]:
    """Reports with their organisation and the revision that stands, if there is one."""
    newest = and_(ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == STANDING)
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


# --- what a submission looks at


def cities_of(session: Session, report: MonthlyReport) -> Sequence[AnyRow]:
    """The same month's reports of the organisations right below the report's own: a province's cities.

    Besides the columns of the lists: `counted`, the
    revision whose figures count (0: none), and its `sha256`. The caller has loaded the report within the actor's area.
    """
    counted = and_(ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == COUNTED)
    query = (
        select(*COLUMNS, COUNTED.label("counted"), ReportRevision.sha256)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .outerjoin(ReportRevision, counted)
        .where(MonthlyReport.plan_id == report.plan_id, MonthlyReport.month == report.month)
        .where(Organisation.parent_id == report.organisation_id, MonthlyReport.light.is_(False))
    )
    return session.execute(query.order_by(Organisation.sort, Organisation.id)).all()


def last_accepted(session: Session, report: MonthlyReport) -> Mapping[str, Line]:
    """The lines, by task code, of the accepted revision on the newest month before; empty when there is none.

    The caller has loaded the report within the actor's area.
    """
    query = (
        select(ReportRevision.content)
        .join(MonthlyReport, MonthlyReport.id == ReportRevision.report_id)
        .where(
            MonthlyReport.plan_id == report.plan_id,
            MonthlyReport.organisation_id == report.organisation_id,
            MonthlyReport.month < report.month,
            ReportRevision.revision == MonthlyReport.accepted_revision,
        )
        .order_by(MonthlyReport.month.desc())
        .limit(1)
    )
    content = session.scalar(query)
    return {line["task"]: line for line in content["lines"]} if content else {}


def bare_claims(session: Session, report: MonthlyReport) -> set[int]:
    """The assignments whose completion was claimed in the report's month without a file, as the claim that stands.

    The caller has loaded the report within the actor's area.
    """
    has_file = exists().where(UpdateEvidence.update_id == ProgressUpdate.id)
    query = (
        select(ProgressUpdate.assignment_id)
        .join(Assignment, Assignment.id == ProgressUpdate.assignment_id)
        .where(
            Assignment.plan_id == report.plan_id,
            Assignment.organisation_id == report.organisation_id,
            Assignment.status == "claimed",
            ProgressUpdate.kind == "claim",
            ProgressUpdate.recorded_at >= Assignment.claimed_at,
            ProgressUpdate.as_of.between(report.month, report.cutoff),
            ~has_file,
        )
    )
    return set(session.scalars(query))


def signatories(session: Session, organisation_id: int, today: date) -> Sequence[AnyRow]:
    """Who files for an organisation on a day: person_id, both names, phone, role, and what each may be.

    The caller has loaded the organisation or its report within the actor's area.
    """
    query = (
        select(
            Person.id.label("person_id"), Person.name_zh, Person.name_en, Person.phone, Membership.role,
            Membership.deputy, Membership.may_fill, Membership.may_check, Membership.may_sign,
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.active, Membership.organisation_id == organisation_id, valid_on(today))
        .where(Membership.role.in_([role.value for role in GRANTS[Permission.FILE_REPORT]]))
    )  # fmt: skip
    return session.execute(query.order_by(Membership.deputy, Membership.id)).all()


# --- timeliness over time


def standing_rows(session: Session, plan_id: int, actor: Actor) -> Sequence[AnyRow]:
    """Every report of the area on every month, by organisation, the oldest month first: one row a report.

    Besides the columns of the lists: `lines` and `silent`, the counts of the first revision, None before there is one.
    An organisation without a row in a month did not have to report on it.
    """
    first = aliased(ReportRevision)
    counts = first.content["counts"]
    query = (
        _rows(plan_id)
        .add_columns(counts["lines"].as_integer().label("lines"), counts["silent"].as_integer().label("silent"))
        .outerjoin(first, and_(first.report_id == MonthlyReport.id, first.revision == 1))
        .where(within(Organisation.path, actor))
    )
    return session.execute(query.order_by(Organisation.sort, Organisation.id, MonthlyReport.month)).all()


# --- one report


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


def assignments_for_update(session: Session, ids: Collection[int]) -> list[Assignment]:
    """The assignments of a draft's lines with what an update needs of them; the draft has limited them to its own."""
    query = (
        select(Assignment)
        .join(Assignment.organisation)
        .where(Assignment.id.in_(ids))
        .options(
            contains_eager(Assignment.organisation),
            selectinload(Assignment.plan),
            joinedload(Assignment.task),
        )
        .order_by(Assignment.id)
    )
    return list(session.scalars(query))
