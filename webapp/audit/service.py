"""Writing the audit record."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.permissions import Actor


def record(
    session: Session,
    action: str,
    subject: tuple[str, int],
    *,
    actor: Actor,
    now: datetime,
    area: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Add an event to the running transaction. `action` is "progress.update", `subject` ("assignment", 12)."""
    session.add(
        AuditEvent(
            recorded_at=now,
            actor_id=actor.id,
            actor_label=actor.name,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            area=area,
            facts=facts or {},
        )
    )
