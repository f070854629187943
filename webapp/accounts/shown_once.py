"""Secrets that are shown on the next page and never again: a new password, a calendar's address.

They travel in the session's own cookie (signed, HttpOnly, over HTTPS), so that no row and no log ever holds them; the
page that shows one takes it out of there.
"""

from flask import session

PLACE = "shown_once"


def keep(kind: str, subject_id: int, secret: str) -> None:
    """Put a secret by for the page that shows it."""
    session[PLACE] = [kind, subject_id, secret]


def take(kind: str, subject_id: int) -> str:
    """The secret of this kind put by for a subject; empty when there is none, or when it was shown already."""
    kept = session.get(PLACE)
    if not kept or kept[:2] != [kind, subject_id]:
        return ""
    session.pop(PLACE)
    return str(kept[2])
