"""Mails owed when somebody decides: written to the outbox in the transaction of the decision itself."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts.queries import Recipient, people_of
from webapp.clock import local_date
from webapp.mail.service import enqueue
from webapp.permissions import Actor, Role
from webapp.plans.effective import may_go_out
from webapp.plans.models import Assignment
from webapp.progress.emails import TEMPLATE_NAMES


def tell_officers(
    session: Session,
    assignment: Assignment,
    decision: str,
    cause: tuple[str, int],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    quantity: Decimal | None = None,
    due: date | None = None,
) -> int:
    """Queue a mail to each officer of the organisation; how many. `cause` ("review", 12) makes the keys."""
    people = {
        each.person_id: each
        for each in people_of(session, [assignment.organisation_id], _roles(assignment), local_date(now))
        if each.person_id != actor.id
    }
    facts = _facts(assignment, decision, actor=actor, reason=reason, quantity=quantity, due=due)
    when = may_go_out(session, assignment.plan_id, now=now)
    for person in people.values():
        row = _row(person, TEMPLATE_NAMES[decision], cause, facts)
        enqueue(session, **row, now=now, not_before=when, topic="decisions")
    return len(people)


def _roles(assignment: Assignment) -> Collection[Role]:
    # Provinces, ministries and the region have no officers where their coordinators report themselves.
    return (Role.OFFICER,) if assignment.organisation.kind == "city" else (Role.OFFICER, Role.COORDINATOR)


def _facts(
    assignment: Assignment, decision: str, *, actor: Actor, reason: str, quantity: Decimal | None, due: date | None
) -> dict[str, Any]:
    task, organisation = assignment.task, assignment.organisation
    return {
        "assignment": assignment.id,
        "decision": decision,
        "title_zh": task.title_zh,
        "title_en": task.title_en,
        "org_zh": organisation.name_zh,
        "org_en": organisation.name_en,
        "unit": task.unit,
        "reason": reason,
        "quantity": None if quantity is None else f"{quantity:f}",
        "due": due.isoformat() if due else None,
        "by": actor.name,
    }


def _row(person: Recipient, template: str, cause: tuple[str, int], facts: dict[str, Any]) -> dict[str, Any]:
    kind, row_id = cause
    return {
        "key": f"{template}:{kind}:{row_id}:{person.person_id}",
        "template": template,
        "person": (person.person_id, person.email, person.locale),
        "payload": facts | {"name_zh": person.name_zh, "name_en": person.name_en},
        "cause": f"{kind}:{row_id}",
    }
