"""Reading the messages a person was sent. Each function is one statement, and finds the actor's own alone."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import Session

from webapp.bulletins.emails import RENDERERS as OF_BULLETINS
from webapp.errors import NotFound
from webapp.mail.models import OutboxMail
from webapp.permissions import Actor
from webapp.progress.emails import RENDERERS as OF_PROGRESS
from webapp.reminders.emails import RENDERERS as OF_REMINDERS
from webapp.reports.emails import RENDERERS as OF_REPORTS

A_PAGE = 30
IN_THE_BELL = 6
DECISIONS = (*OF_PROGRESS, *OF_REPORTS, *OF_BULLETINS)
REMINDERS = tuple(OF_REMINDERS)

# What the page of messages can be narrowed to, by the word in its address.
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "": true(),
    "unread": OutboxMail.read_at.is_(None),
    "reminders": OutboxMail.template.in_(REMINDERS),
    "decisions": OutboxMail.template.in_(DECISIONS),
}


def mine(actor: Actor) -> ColumnElement[bool]:
    """A condition: the message is to the actor (what goes to a group's robot is to nobody)."""
    return and_(OutboxMail.person_id == actor.id, OutboxMail.channel == "mail")


def _newest_first(actor: Actor) -> Select[OutboxMail]:
    return select(OutboxMail).where(mine(actor)).order_by(OutboxMail.created_at.desc(), OutboxMail.id.desc())


def messages(session: Session, actor: Actor, *, shown: str, page: int) -> tuple[Sequence[OutboxMail], bool]:
    """A page of the messages of one of FILTERS, newest first, and whether there are older ones."""
    query = _newest_first(actor).where(FILTERS[shown]).limit(A_PAGE + 1).offset((page - 1) * A_PAGE)
    found = session.scalars(query).all()
    return found[:A_PAGE], len(found) > A_PAGE


def newest_unread(session: Session, actor: Actor) -> Sequence[OutboxMail]:
    """What the bell's panel shows."""
    return session.scalars(_newest_first(actor).where(FILTERS["unread"]).limit(IN_THE_BELL)).all()


def get_message(session: Session, mail_id: int, actor: Actor) -> OutboxMail:
    """A message to the actor. Raises NotFound for anybody else's."""
    found = session.scalar(select(OutboxMail).where(OutboxMail.id == mail_id, mine(actor)))
    if found is None:
        raise NotFound(_l("没有这封邮件。"))
    return found
