"""Writing the audit record."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.permissions import Actor

# Built once and run without the ORM: each deed writes one, and nobody asks for the row again.
_INSERT = insert(cast(Table, AuditEvent.__table__)).inline()


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
    values = {
        "recorded_at": now,
        "actor_id": actor.id,
        "actor_label": actor.name,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "area": area,
        "facts": facts or {},
    }
    session.connection().execute(_INSERT, values)
