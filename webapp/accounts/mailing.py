"""Which mails a person wants: refusing a topic and taking it back, each change on the record."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.audit.service import record
from webapp.mail.models import TOPICS
from webapp.mail.service import accept_again, refuse, refused_topics
from webapp.permissions import Actor


def set_topic(session: Session, person_id: int, topic: str, *, wanted: bool, actor: Actor, now: datetime) -> bool:
    """Mail a person about a topic, or no more; whether that changed anything. Raises NotFound for an unknown topic."""
    if wanted == (topic not in refused_topics(session, person_id)):
        return False
    if wanted:
        accept_again(session, person_id, topic)
    else:
        refuse(session, person_id, topic, now)
    action = "mail.want" if wanted else "mail.refuse"
    record(session, action, ("person", person_id), actor=actor, now=now, facts={"topic": topic})
    return True


def choose_topics(session: Session, wanted: Collection[str], *, actor: Actor, now: datetime) -> None:
    """Mail the actor about these topics and no others."""
    for topic in TOPICS:
        set_topic(session, actor.id, topic, wanted=topic in wanted, actor=actor, now=now)


def by_link(person: Person) -> Actor:
    """The person as the one who acts through a link in a mail: known by the link, holding no role."""
    return Actor(person.id, person.name_zh, person.locale, name_en=person.name_en)
