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
PERMANENT = range(500, 600)


def next_delay(attempts: int) -> timedelta | None:
    """How long to wait after that many failed attempts; None when two days are over and the mail is parked."""
    return DELAYS[attempts - 1] if attempts <= len(DELAYS) else None


def fate_of(code: int, *, about_recipient: bool) -> Fate:
    """What an SMTP answer to the recipient or to the message means for the mail."""
    if code not in PERMANENT:
        return Fate.TRY_AGAIN
    return Fate.ADDRESS_REFUSED if about_recipient else Fate.REFUSED
