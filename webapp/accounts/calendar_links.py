"""Secret addresses of calendar feeds: made, revoked, and who stands behind one.

The secret is shown once, when it is made, and only its hash is kept: whoever reads the database cannot use it.
"""

import hashlib
import re
import secrets
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import CalendarLink, Person
from webapp.accounts.queries import actor_by_calendar_link
from webapp.audit.service import record
from webapp.permissions import Actor

SECRET_BYTES = 32
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def hashed(secret: str) -> str:
    """What is kept of a secret. It is random and long, so that a plain hash is as good as a slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_link(session: Session, person_id: int, *, actor: Actor, now: datetime) -> str:
    """Give a person a new address and revoke the one before; the secret, which nobody can look up again."""
    # One at a time for each person, so that two tabs leave one address.
    session.get_one(Person, person_id, with_for_update=True)
    _revoke(session, person_id, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(CalendarLink(person_id=person_id, token_hash=hashed(secret), created_at=now))
    record(session, "account.calendar", ("person", person_id), actor=actor, now=now, area=_area(actor))
    return secret


def revoke_link(session: Session, person_id: int, *, actor: Actor, now: datetime) -> bool:
    """Let a person's address end; False when there was none."""
    session.get_one(Person, person_id, with_for_update=True)
    if not _revoke(session, person_id, now):
        return False
    record(session, "account.calendar_end", ("person", person_id), actor=actor, now=now, area=_area(actor))
    return True


def _revoke(session: Session, person_id: int, now: datetime) -> bool:
    holds = (CalendarLink.person_id == person_id, CalendarLink.revoked_at.is_(None))
    ended = session.scalars(update(CalendarLink).where(*holds).values(revoked_at=now).returning(CalendarLink.id)).all()
    return bool(ended)


def _area(actor: Actor) -> str:
    return actor.home.path if actor.home else ""


def current_link(session: Session, person_id: int) -> CalendarLink | None:
    """The address a person has now; its secret is not known."""
    return session.scalar(
        select(CalendarLink).where(CalendarLink.person_id == person_id, CalendarLink.revoked_at.is_(None))
    )


def reader_of(session: Session, secret: str, today: date) -> Actor | None:
    """Whose address a secret is, with the roles of today; None for one that is unknown, revoked or opens nothing."""
    if not SECRET.fullmatch(secret):
        return None
    return actor_by_calendar_link(session, hashed(secret), today)
