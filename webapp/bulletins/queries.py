"""Reading for bulletins: periods and how far their reports are, the frozen reports of one, drafts, issues, readers.

A document speaks of a plan's whole region, so that nothing here is limited to an area; who may read what is decided by
`service` before it asks. How many statements a function makes never depends on how many rows there are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import Membership, Person
from webapp.accounts.queries import valid_on
from webapp.bulletins.content import Correction, Facts, Source
from webapp.bulletins.models import BulletinDraft, BulletinIssue
from webapp.bulletins.rules import Kind, Period, Progress, bulletin_periods, reported_months, upward_periods
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below
from webapp.permissions import Role
from webapp.plans.models import Clause, Plan, Season
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision
from webapp.reports.queries import COUNTED

# What is kept of the revision that counts, besides its content.
KEPT = (ReportRevision.revision, ReportRevision.receipt, ReportRevision.sha256, ReportRevision.submitted_at)
AnyRow = Row[*tuple[Any, ...]]
# Officers and coordinators work with what is published; readers and administrators find it in the product.
MAILED_ROLES = (Role.OFFICER.value, Role.COORDINATOR.value)


# --- periods


def periods(session: Session, plan: Plan, kind: Kind) -> list[Period]:
    """The periods of a kind in a plan's time, oldest first."""
    reporting = plan.rules.get("reporting", {})
    months = reported_months(reporting, plan.ends_on)
    if kind == "bulletin":
        return bulletin_periods(months)
    return upward_periods(months, reporting.get("upward"), _seasons(session, plan.id))


def _seasons(session: Session, plan_id: int) -> Mapping[str, tuple[date, date]]:
    query = select(Season).where(Season.plan_id == plan_id, Season.organisation_id.is_(None))
    return {row.code: (row.starts_on, row.ends_on) for row in session.scalars(query)}


def progress_by_month(session: Session, plan_id: int) -> Mapping[date, Progress]:
    """How far the reports of each month are."""
    filed = func.sum(case((MonthlyReport.revision > 0, 1), else_=0))
    accepted = func.sum(case((MonthlyReport.accepted_revision.is_not(None), 1), else_=0))
    query = (
        select(MonthlyReport.month, func.count(), filed, accepted, func.max(MonthlyReport.due))
        .where(MonthlyReport.plan_id == plan_id)
        .group_by(MonthlyReport.month)
    )
    return {
        month: Progress(int(wanted), int(in_), int(done), due)
        for month, wanted, in_, done, due in session.execute(query)
    }


def changed_at(session: Session, plan_id: int) -> Mapping[date, datetime]:
    """When what counts of each month's reports last changed: a revision filed, or decided on."""
    decided = _decided_at()
    query = (
        select(MonthlyReport.month, func.max(ReportRevision.submitted_at), func.max(decided.c.at))
        .join(ReportRevision, and_(ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == COUNTED))
        .outerjoin(decided, and_(decided.c.report_id == MonthlyReport.id, decided.c.revision == COUNTED))
        .where(MonthlyReport.plan_id == plan_id)
        .group_by(MonthlyReport.month)
    )
    return {month: max(filter(None, moments)) for month, *moments in session.execute(query)}


# --- what a document is made of


def facts(session: Session, plan: Plan, period: Period) -> Facts:
    """The frozen reports of a period's months, the corrections accepted so far, and what was told of them before."""
    region = session.get_one(Organisation, plan.region_id)
    clauses = select(Clause.code).where(Clause.plan_id == plan.id).order_by(Clause.sort, Clause.id)
    return Facts(
        plan={name: getattr(plan, name) for name in ("code", "title_zh", "title_en", "short_zh", "short_en")},
        issuer={name: getattr(region, name) for name in ("code", "name_zh", "name_en")},
        period=period,
        sources=_sources(session, plan.id, period.months),
        corrections=_corrections(session, plan.id, period.last),
        told=_told(session, plan.id, period),
        clauses=session.scalars(clauses).all(),
    )


def _sources(session: Session, plan_id: int, months: Sequence[date]) -> list[Source]:
    first, parent = aliased(ReportRevision), aliased(Organisation)
    decided = _decided_at()
    # Figures are taken of the last month alone; the contents are large.
    content = case((MonthlyReport.month == months[-1], ReportRevision.content), else_=None)
    query = (
        select(
            MonthlyReport, Organisation, parent.code, *KEPT, content.label("content"), first.content["counts"],
            decided.c.at,
        )
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .outerjoin(
            ReportRevision, and_(ReportRevision.report_id == MonthlyReport.id, ReportRevision.revision == COUNTED)
        )
        .outerjoin(first, and_(first.report_id == MonthlyReport.id, first.revision == 1))
        .outerjoin(decided, and_(decided.c.report_id == MonthlyReport.id, decided.c.revision == COUNTED))
        .where(MonthlyReport.plan_id == plan_id, MonthlyReport.month.in_(months))
        .order_by(Organisation.sort, Organisation.id, MonthlyReport.month)
    )  # fmt: skip
    return [_source(*row) for row in session.execute(query)]


def _decided_at() -> Any:
    return (
        select(ReportDecision.report_id, ReportDecision.revision, func.max(ReportDecision.recorded_at).label("at"))
        .group_by(ReportDecision.report_id, ReportDecision.revision)
        .subquery()
    )


def _source(
    report: MonthlyReport,
    organisation: Organisation,
    parent: str | None,
    revision: int | None,
    receipt: str,
    sha256: str,
    submitted_at: datetime,
    content: Mapping[str, Any] | None,
    first: Mapping[str, int] | None,
    decided_at: datetime | None,
) -> Source:
    names = {name: getattr(organisation, name) for name in ("name_zh", "name_en", "short_zh", "short_en")}
    filed: dict[str, Any] = {}
    if revision is not None:
        filed = {
            "days_late": report.days_late or 0, "revision": revision, "receipt": receipt, "sha256": sha256,
            "content": content, "first": first, "at": max(filter(None, (submitted_at, decided_at))),
        }  # fmt: skip
    return Source(
        code=organisation.code, kind=organisation.kind, parent=parent or "", light=report.light, month=report.month,
        due=report.due, state=_state(report, filed=revision is not None), **names, **filed,
    )  # fmt: skip


def _state(report: MonthlyReport, *, filed: bool) -> str:
    """What the revision that counts is: an accepted one stays so while it is corrected."""
    if not filed:
        return "missing"
    if report.accepted_revision is not None:
        return "accepted"
    return "returned" if report.status == "returned" else "submitted"


def _corrections(session: Session, plan_id: int, until: date) -> list[Correction]:
    """Every accepted correction of a report on a month up to one, in the order of acceptance."""
    query = (
        select(
            Organisation.code, Organisation.name_zh, Organisation.name_en, MonthlyReport.month,
            ReportRevision.revision, ReportRevision.content["corrects"].as_integer(),
            ReportRevision.correction_reason, ReportRevision.receipt, ReportDecision.recorded_at,
        )
        .join(MonthlyReport, MonthlyReport.id == ReportRevision.report_id)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .join(
            ReportDecision,
            and_(
                ReportDecision.report_id == ReportRevision.report_id,
                ReportDecision.revision == ReportRevision.revision, ReportDecision.decision == "accept",
            ),
        )
        .where(MonthlyReport.plan_id == plan_id, MonthlyReport.month <= until, ReportRevision.correction_reason != "")
        .order_by(ReportDecision.recorded_at, ReportRevision.id)
    )  # fmt: skip
    return [Correction(*row) for row in session.execute(query)]


def _told(session: Session, plan_id: int, period: Period) -> frozenset[str]:
    """The receipts of corrections that issues of earlier periods told of."""
    query = select(BulletinIssue.content["corrections"], BulletinIssue.content["cutoff"].as_string()).where(
        BulletinIssue.plan_id == plan_id, BulletinIssue.kind == period.kind, BulletinIssue.period != period.code
    )
    earlier = [told for told, cutoff in session.execute(query) if cutoff < period.ends_on.isoformat()]
    return frozenset(each["receipt"] for told in earlier for each in told)


def contents_of(session: Session, digests: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Frozen reports by their digests: those a province's report names. The caller may see that report."""
    query = select(ReportRevision.sha256, ReportRevision.content).where(ReportRevision.sha256.in_(digests))
    return dict(session.execute(query))


# --- drafts and issues


def get_draft(session: Session, plan_id: int, period: Period, *, fresh: bool = False) -> BulletinDraft | None:
    """The remarks on a period; `fresh` reads them again, and holds them until the transaction ends."""
    query = select(BulletinDraft).where(
        BulletinDraft.plan_id == plan_id, BulletinDraft.kind == period.kind, BulletinDraft.period == period.code
    )
    if fresh:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def issues(session: Session, plan_id: int, period: Period) -> list[BulletinIssue]:
    """The issues on a period, the first one first."""
    query = select(BulletinIssue).where(
        BulletinIssue.plan_id == plan_id, BulletinIssue.kind == period.kind, BulletinIssue.period == period.code
    )
    return list(session.scalars(query.order_by(BulletinIssue.issue)))


def issue_rows(session: Session, plan_id: int, kind: Kind) -> Sequence[AnyRow]:
    """Every issue of a kind without its content, in the order of publication."""
    number = BulletinIssue.content["issue"]
    query = (
        select(
            BulletinIssue.id, BulletinIssue.period, BulletinIssue.issue, BulletinIssue.published_at,
            BulletinIssue.published_by_label, number["year"].as_integer().label("year"),
            number["number"].as_integer().label("number"),
        )
        .where(BulletinIssue.plan_id == plan_id, BulletinIssue.kind == kind)
        .order_by(BulletinIssue.published_at, BulletinIssue.id)
    )  # fmt: skip
    return session.execute(query).all()


def drafted_periods(session: Session, plan_id: int, kind: Kind) -> frozenset[str]:
    """The periods on which somebody wrote remarks."""
    query = select(BulletinDraft.period).where(BulletinDraft.plan_id == plan_id, BulletinDraft.kind == kind)
    return frozenset(session.scalars(query))


def find_issue(session: Session, plan: str, kind: str, period: str, issue: int) -> BulletinIssue | None:
    """An issue by what its file says of itself: for the operator's command line."""
    query = (
        select(BulletinIssue)
        .join(Plan, Plan.id == BulletinIssue.plan_id)
        .where(Plan.code == plan, BulletinIssue.kind == kind)
        .where(BulletinIssue.period == period, BulletinIssue.issue == issue)
    )
    return session.scalar(query)


# --- readers


def mails_of(session: Session, cause: str) -> int:
    """How many mails were written for a reason."""
    return session.scalar(select(func.count()).select_from(OutboxMail).where(OutboxMail.cause == cause)) or 0


def members(session: Session, region_path: str, today: date) -> Sequence[AnyRow]:
    """The officers and coordinators of a region on a day, each once: id, address, language, both names."""
    query = (
        select(Person.id, Person.email, Person.locale, Person.name_zh, Person.name_en)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Person.active, Membership.role.in_(MAILED_ROLES), valid_on(today), below(Organisation.path, [region_path])
        )
        .distinct()
        .order_by(Person.id)
    )
    return session.execute(query).all()
