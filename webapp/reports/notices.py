"""The mails owed when a report is decided on: written to the outbox in the transaction of the decision itself.

The level above needs none when a report is submitted: its next digest says what waits.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.mail.service import enqueue
from webapp.permissions import Actor
from webapp.plans.effective import may_go_out
from webapp.reports.emails import TEMPLATE_NAMES
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision


def tell_filers(
    session: Session,
    report: MonthlyReport,
    revision: ReportRevision,
    decision: ReportDecision,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Queue a mail to signatory, filler and checker, once a person; how many. Whoever has left gets none."""
    concerned = {revision.submitted_by, report.filled_by, report.checked_by} - {None, actor.id}
    query = select(Person).where(Person.id.in_(concerned), Person.active).order_by(Person.id)
    people = session.scalars(query).all()
    if not people:
        return 0
    told = _told(report, revision, decision, actor)
    opens = may_go_out(session, report.plan_id, now=now)
    queued = [_queue(session, person, decision, told, now=now, not_before=opens) for person in people]
    return sum(queued)


def _told(report: MonthlyReport, revision: ReportRevision, decision: ReportDecision, actor: Actor) -> dict[str, Any]:
    """What all of them are told."""
    return {
        "report": report.id,
        "decision": decision.decision,
        "month": report.month.isoformat(),
        "org_zh": report.organisation.name_zh,
        "org_en": report.organisation.name_en,
        "receipt": revision.receipt,
        "reason": decision.reason,
        "lines": _lines(revision, decision),
        "correction": bool(revision.correction_reason),
        "by": actor.name,
    }


def _lines(revision: ReportRevision, decision: ReportDecision) -> list[dict[str, str]]:
    """The lines a return points at, with their titles."""
    titles = {line["assignment"]: line for line in revision.content["lines"]}
    return [
        {"title_zh": titles[each["assignment"]]["title_zh"], "title_en": titles[each["assignment"]]["title_en"],
         "reason": each["reason"]}
        for each in decision.lines
    ]  # fmt: skip


def _queue(
    session: Session,
    person: Person,
    decision: ReportDecision,
    told: dict[str, Any],
    *,
    now: datetime,
    not_before: datetime | None,
) -> bool:
    template = TEMPLATE_NAMES[decision.decision]
    queued = enqueue(
        session,
        key=f"{template}:report-decision:{decision.id}:{person.id}",
        template=template,
        person=(person.id, person.email, person.locale),
        payload=told | {"name_zh": person.name_zh, "name_en": person.name_en},
        cause=f"report-decision:{decision.id}",
        now=now,
        topic="decisions",
        not_before=not_before,
    )
    return queued is not None
