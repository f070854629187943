"""Submission: every figure is copied into a new revision with a receipt, signed by somebody who may.

A province waits for its cities or names those that are missing; a city's draft was checked by somebody, perhaps by the
signatory in person. Light reports need the signature alone.
"""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Invalid, Problem
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.reports import checking, content, guard, queries, rules
from webapp.reports.checks import Finding, errors, findings
from webapp.reports.draft import Draft, draft, is_running
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.reports.queries import AnyRow
from webapp.workdays.rules import published_calendar
from webapp.workflow import REPORT, next_status

# Whose report waits for those of the cities below.
KINDS_WITH_CITIES = frozenset({"province"})


class NotReady(Conflict):
    """Blocking errors stand; `findings` are they, each with a place that mends it."""

    def __init__(self, found: Sequence[Finding]) -> None:
        count = len(found)
        super().__init__(
            lazy_ngettext("还有 %(num)s 处错误，请改正后再报送。", "还有 %(num)s 处错误，请改正后再报送。", count)
        )
        self.findings = tuple(found)


def examine(session: Session, report: MonthlyReport, lines: Draft) -> list[Finding]:
    """What is missing or contradicts itself in a draft, errors before warnings. Two statements."""
    return findings(
        lines.lines,
        last_accepted=queries.last_accepted(session, report),
        month_end=report.cutoff,
        bare_claims=queries.bare_claims(session, report),
        later=lines.later,
    )


def blocking(session: Session, report: MonthlyReport, lines: Draft) -> list[Finding]:
    """The errors that stand in the way of submission."""
    return errors(examine(session, report, lines))


def submit(
    session: Session,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    version: int,
    seen: str | None = None,
    confirm_check: bool = False,
    missing_reason: str = "",
) -> ReportRevision:
    """Copy every figure into a new revision and give it a receipt; the report waits for the level above from now on.

    `seen` is the `fingerprint` of the lines the person looked at: Conflict when a figure has moved since. With
    `confirm_check` the signatory, if allowed, is the checker too. `missing_reason` says why a province does not wait
    for the cities that have not filed. The first submission decides lateness for good.

    Raises Forbidden, Stale, Conflict (not open, the month is not over, unchecked; NotReady: errors stand) or Invalid.
    """
    _allow_signing(actor, report)
    guard.lock(session, report, version)
    after = next_status(report.status, "submit", table=REPORT)
    if is_running(report, now=now):
        raise Conflict(_l("报告月份尚未结束，请在月末之后报送。"))
    lines = draft(session, report, now=now)
    _see_to_check(report, lines, actor, now, seen=seen, confirm=confirm_check)
    found = examine(session, report, lines)
    if standing := errors(found):
        raise NotReady(standing)
    cities = queries.cities_of(session, report) if report.organisation.kind in KINDS_WITH_CITIES else []
    report.missing_reason = _reason_for_missing(cities, missing_reason)
    report.status = after
    revision = _add_revision(session, report, lines, cities, found, actor, now)
    guard.save(session)
    facts = {"revision": revision.revision, "receipt": revision.receipt, "sha256": revision.sha256,
             "days_late": revision.days_late, "reason": revision.correction_reason}  # fmt: skip
    guard.write_down(session, "report.submit", report, actor, now, facts)
    return revision


def _allow_signing(actor: Actor, report: MonthlyReport) -> None:
    guard.allow_filing(actor, report)
    if not guard.may_sign(actor, report):
        raise Forbidden(_l("月报由签发人报送，您不是本单位的签发人。"))


def _see_to_check(
    report: MonthlyReport, lines: Draft, actor: Actor, now: datetime, *, seen: str | None, confirm: bool
) -> None:
    """Hold what was seen and what was checked against the draft as it is now. Raises Conflict or Forbidden."""
    if report.light and seen is None:
        return
    # Whoever signs unseen what nobody has checked needs no comparison.
    figures = checking.fingerprint(report, lines) if seen is not None or report.checked_by is not None else ""
    if seen not in (None, figures):
        raise Conflict(_l("在您核对之后，有数据发生了变化。请重新核对后再报送。"))
    if report.light or checking.is_checked(report, figures):
        return
    if not confirm:
        again = _l("审核之后有内容或数据发生了变化，请审核人重新确认后再报送。")
        raise Conflict(again if report.checked_by is not None else _l("月报尚未经本单位审核人确认，不能报送。"))
    if not guard.may_check(actor, report):
        raise Forbidden(_l("您不是本单位月报的审核人，不能确认审核无误。"))
    checking.set_check(report, figures, actor, now)


def _reason_for_missing(cities: Sequence[AnyRow], reason: str) -> str:
    """Why a province does not wait; empty when nobody is missing. Raises Invalid when it does not say."""
    if not any(rules.is_missing(city) for city in cities):
        return ""
    words = guard.tidy(reason)
    if not words:
        raise Invalid(
            [Problem("missing_reason", _l("还有城市未报送。请等候，或写明不再等候的原因，缺报城市将列入月报。"))]
        )
    guard.refuse_long({"missing_reason": words})
    return words


def _add_revision(
    session: Session,
    report: MonthlyReport,
    lines: Draft,
    cities: Sequence[AnyRow],
    found: Sequence[Finding],
    actor: Actor,
    now: datetime,
) -> ReportRevision:
    plan = session.get_one(Plan, report.plan_id)
    if report.first_submitted_at is None:
        report.first_submitted_at = now
        report.days_late = rules.days_late(report.due, local_date(now), published_calendar())
    report.revision += 1
    receipt = rules.receipt_number(plan.code, report.organisation.code, report.month, report.revision)
    people = content.people(session, report, actor)
    copied = content.written(plan, report, lines, receipt, actor, now) | content.dispatch(
        report, lines, people, cities, found, now
    )
    revision = ReportRevision(
        report_id=report.id,
        revision=report.revision,
        content=copied,
        sha256=rules.digest(copied),
        receipt=receipt,
        submitted_by=actor.id,
        submitted_by_label=actor.name,
        submitted_at=now,
        days_late=report.days_late or 0,
        correction_reason=report.correction_reason,
    )
    session.add(revision)
    return revision
