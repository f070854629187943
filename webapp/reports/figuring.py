"""A month's figure put right while its report is written, after later days have already been spoken of."""

from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.plans.units import MILESTONE
from webapp.progress.restating import restate
from webapp.reports import guard
from webapp.reports.draft import cutoff_of
from webapp.reports.models import MonthlyReport
from webapp.reports.noting import touch
from webapp.reports.queries import assignments_for_update


def line_of(session: Session, report: MonthlyReport, assignment_id: int) -> Assignment:
    """The assignment of one of the report's lines. Raises NotFound for another organisation's, or a milestone."""
    row = next(iter(assignments_for_update(session, [assignment_id])), None)
    mine = row is not None and (row.plan_id, row.organisation_id) == (report.plan_id, report.organisation_id)
    if row is None or not mine or row.task.unit == MILESTONE or row.starts_on > report.cutoff:
        raise NotFound(_l("这份月报里没有可以更正数字的这项任务。"))
    return row


def restate_line(
    session: Session,
    report: MonthlyReport,
    assignment_id: int,
    *,
    quantity: Decimal | None,
    reason: str,
    actor: Actor,
    now: datetime,
    version: int,
) -> None:
    """State a line's total as of the report's cut-off anew; `version` is the assignment's.

    The report is unchecked by it. Raises Forbidden, NotFound, Stale, Conflict or Invalid.
    """
    guard.allow_filling(actor, report)
    guard.hold_draft(session, report)
    row = line_of(session, report, assignment_id)
    restate(
        session, row, as_of=cutoff_of(report, now=now), quantity=quantity, reason=guard.tidy(reason), actor=actor,
        now=now, version=version,
    )  # fmt: skip
    touch(session, report, actor)
    guard.write_down(session, "report.figure", report, actor, now, {"task": row.task.code, "figure": f"{quantity:f}"})
