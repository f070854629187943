"""The signed word in the unsubscribe address of a mail: who, and what kind of mail. It needs no sign-in and never ends.

It allows nothing but to refuse, or to accept again, mails of that kind to that person.
"""

from itsdangerous import BadSignature, URLSafeSerializer

from webapp.mail.models import TOPICS

SALT = "lantian.unsubscribe"


def make_token(secret_key: str, person_id: int, topic: str) -> str:
    """The token of a person and a topic, the same each time. Raises ValueError without a secret key."""
    if not secret_key:
        raise ValueError("without a secret key anybody could sign")
    return str(URLSafeSerializer(secret_key, salt=SALT).dumps([person_id, topic]))


def read_token(secret_key: str, token: str) -> tuple[int, str] | None:
    """The person's id and the topic of a token; None for one that was not made with this key."""
    if not secret_key:
        return None
    try:
        person_id, topic = URLSafeSerializer(secret_key, salt=SALT).loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    return (person_id, topic) if isinstance(person_id, int) and topic in TOPICS else None


def unsubscribe_url(public_url: str, secret_key: str, person_id: int, topic: str) -> str:
    """The address for the List-Unsubscribe header; empty for what cannot be refused.

    Without a secret key there is none either; no process that delivers starts so.
    """
    if topic not in TOPICS or not secret_key:
        return ""
    return f"{public_url}/unsubscribe/{make_token(secret_key, person_id, topic)}"
