"""Opening a month's reports: one row for each organisation that files, with its explained due dates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.clock import add_months, month_end, month_start
from webapp.db import insert_each_once
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM
from webapp.plans.models import Plan, Reporter
from webapp.reports.models import MonthlyReport
from webapp.workdays.rules import (
    Calendar,
    InternalDue,
    ReportDue,
    explain,
    internal_due,
    published_calendar,
    report_due,
)

# Their report first goes to the province above, which needs days of its own; everybody else files with the region.
KINDS_WITH_INTERNAL_DATE = frozenset({"city"})
# The day of the month itself on which its report is opened.
OPENS_ON = 25


def newest_month(today: date) -> date:
    """The newest month whose report is opened by a day: its own from the 25th on, the one before until then."""
    return month_start(today) if today.day >= OPENS_ON else add_months(month_start(today), -1)


def open_reports(session: Session, *, month: date, now: datetime) -> int:
    """Open the reports on a month (any of its days) for everybody who files one; gives how many rows are new.

    Running it again adds only what is missing: an organisation that joined later, a plan loaded later.
    """
    return sum(_open_plan(session, plan, month_start(month), now) for plan in session.scalars(_plans()))


def _plans() -> Select[Plan]:
    return select(Plan).order_by(Plan.id)


def _open_plan(session: Session, plan: Plan, month: date, now: datetime) -> int:
    missing = _missing(session, plan.id, month)
    if not missing:
        return 0
    reporting, calendar = plan.rules["reporting"], published_calendar()
    due = legal_date(month, reporting, calendar)
    rows = []
    for organisation, light in missing:
        earlier = None if light else earlier_date(organisation.kind, due, reporting, calendar)
        rows.append(_row(plan.id, organisation, due, earlier, now, light=light))
    opened = insert_each_once(session, MonthlyReport, rows)
    facts = {"month": f"{month:%Y-%m}", "opened": opened, "due": due.due.isoformat()}
    record(session, "report.open", ("plan", plan.id), actor=SYSTEM, now=now, facts=facts)
    return opened


def legal_date(month: date, reporting: Mapping[str, Any], calendar: Calendar) -> ReportDue:
    """When the report on a month is due by a plan's reporting rules."""
    return report_due(month, int(reporting["day"]), reporting["shift"] == "next_working_day", calendar)


def _missing(session: Session, plan_id: int, month: date) -> Sequence[Row[Organisation, bool]]:
    """The organisations that file on this month and have no row yet, and whether their report is a light one."""
    opened = select(MonthlyReport.organisation_id).where(
        MonthlyReport.plan_id == plan_id, MonthlyReport.month == month
    )  # fmt: skip
    query = (
        select(Organisation, Reporter.light)
        .join(Reporter, Reporter.organisation_id == Organisation.id)
        .where(Reporter.plan_id == plan_id, Reporter.first_month <= month)
        .where(or_(Reporter.last_month.is_(None), Reporter.last_month >= month))
        .where(Organisation.id.not_in(opened))
        .order_by(Organisation.sort, Organisation.id)
    )
    return session.execute(query).all()


def earlier_date(kind: str, due: ReportDue, reporting: Mapping[str, Any], calendar: Calendar) -> InternalDue | None:
    """The earlier date of an organisation that files through the level above it; None for all others."""
    inside = reporting.get("internal")
    if not inside or kind not in KINDS_WITH_INTERNAL_DATE:
        return None
    days = int(inside["working_days_before"])
    return internal_due(due.month, due.due, calendar, working_days_before=days)


def _row(
    plan_id: int,
    organisation: Organisation,
    due: ReportDue,
    earlier: InternalDue | None,
    now: datetime,
    *,
    light: bool,
) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "organisation_id": organisation.id,
        "month": due.month,
        "status": "open",
        "opened_at": now,
        "nominal_due": due.nominal,
        "due": due.due,
        "due_explained_zh": explain(due, "zh"),
        "due_explained_en": explain(due, "en"),
        "provisional": due.provisional,
        "calendar": due.calendar_version,
        "internal_due": earlier.due if earlier else None,
        "internal_due_at": earlier.at if earlier else None,
        "cutoff": month_end(due.month),
        "remark": "",
        "problems": "",
        "light": light,
        "correction_reason": "",
        "missing_reason": "",
        "filled_by_label": "",
        "checked_by_label": "",
        "checked_figures": "",
        "revision": 0,
        "version": 1,
    }
