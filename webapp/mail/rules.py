"""Decisions about a mail's fate: what an answer means, and when to try again. Pure.

Retry delays are product time, like every date of a mail that a person reads; "for two days" is therefore a number of
attempts, not an age: moving a demo on by a week makes a waiting mail due at once but does not make it give up.
"""

from datetime import timedelta
from enum import StrEnum


class Fate(StrEnum):
    """What came of sending a mail once."""

    SENT = "sent"
    TRY_AGAIN = "try_again"
    REFUSED = "refused"
    ADDRESS_REFUSED = "address_refused"


# Waiting times between attempts; together a little under 48 hours.
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240, 480, 480, 480, 480, 480))
# What the operator has to see to is marked as such, so that it can be shown apart from single mails' mishaps.
TROUBLE = "server: "
PERMANENT = range(500, 600)
# Enhanced status codes (RFC 3463) of security and policy.
POLICY = "5.7."
# The server wants a login, or another one: nothing the mail could help.
LOGIN_WANTED = (530, 534, 535, 538)


def next_delay(attempts: int) -> timedelta | None:
    """How long to wait after that many failed attempts; None when two days are over and the mail is parked."""
    return DELAYS[attempts - 1] if attempts <= len(DELAYS) else None


def fate_of(answer: str, *, about_recipient: bool) -> Fate:
    """What an SMTP answer ("550 5.1.1 No such user") to the recipient or to the message means for the mail.

    A recipient refused for policy (5.7.x: relaying, blocked senders) says nothing against the address.
    """
    code, _, words = answer.partition(" ")
    if int(code) not in PERMANENT or int(code) in LOGIN_WANTED:
        return Fate.TRY_AGAIN
    return Fate.ADDRESS_REFUSED if about_recipient and not words.startswith(POLICY) else Fate.REFUSED
