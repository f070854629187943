"""The mail owed when a report is decided on: written to the outbox in the transaction of the decision itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.mail.service import enqueue
from webapp.permissions import Actor
from webapp.plans.effective import may_go_out
from webapp.reports.emails import TEMPLATE_NAMES
from webapp.reports.models import MonthlyReport, ReportDecision, ReportRevision


def tell_filer(
    session: Session,
    report: MonthlyReport,
    revision: ReportRevision,
    decision: ReportDecision,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Queue a mail to whoever submitted the revision; False when that person has left."""
    person = session.get(Person, revision.submitted_by)
    if person is None or not person.active:
        return False
    template = TEMPLATE_NAMES[decision.decision]
    payload = {
        "report": report.id,
        "decision": decision.decision,
        "month": report.month.isoformat(),
        "org_zh": report.organisation.name_zh,
        "org_en": report.organisation.name_en,
        "receipt": revision.receipt,
        "reason": decision.reason,
        "by": actor.name,
        "name_zh": person.name_zh,
        "name_en": person.name_en,
    }
    queued = enqueue(
        session,
        key=f"{template}:report-decision:{decision.id}:{person.id}",
        template=template,
        person=(person.id, person.email, person.locale),
        payload=payload,
        cause=f"report-decision:{decision.id}",
        now=now,
        topic="decisions",
        not_before=may_go_out(session, report.plan_id, now=now),
    )
    return queued is not None
