"""Reading the audit record for the operators' page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission

PAGE = 50


@dataclass(frozen=True, slots=True)
class EventView:
    """One deed as the page shows it."""

    id: int
    recorded_at: datetime
    actor_label: str
    action: str
    subject_kind: str
    subject_id: int
    area: str
    facts: dict[str, Any]


def events(session: Session, actor: Actor, *, page: int, action: str = "") -> tuple[list[EventView], bool]:
    """A page of deeds, newest first, in the actor's area (or of no area), and whether there are older ones."""
    row = AuditEvent
    statement = (
        select(
            row.id, row.recorded_at, row.actor_label, row.action, row.subject_kind, row.subject_id, row.area, row.facts
        )
        .where((row.area == "") | within(row.area, actor, Permission.OPERATE))
        .order_by(row.recorded_at.desc(), row.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    if action:
        statement = statement.where(row.action.startswith(action, autoescape=True))
    found = [EventView(**each) for each in session.execute(statement).mappings()]
    return found[:PAGE], len(found) > PAGE
