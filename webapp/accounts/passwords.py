"""Hashing and checking passwords with Argon2id.

A hash takes about 0.2 s and 64 MiB, so nothing here is ever called inside a write transaction: other
writers would wait.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.accounts.rules import check_password

# Argon2id, RFC 9106's second recommendation. Tests put a cheaper one in its place.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def hash_new(password: str, *, email: str, name: str) -> str:
    """The hash of a new password. Raises Invalid (field `password`) when the password is too easy to guess."""
    check_password(password, email=email, name=name)
    return HASHER.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether a password belongs to a stored hash.

    Without a hash (nobody has this address) the same work is done for nothing, so that the time taken tells nothing.
    """
    try:
        HASHER.verify(stored or _nobody(HASHER), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def renewed(stored: str, password: str) -> str | None:
    """The hash of a password that was just verified, made anew when the stored one has other settings than today's."""
    return HASHER.hash(password) if HASHER.check_needs_rehash(stored) else None


@cache
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("the password of nobody")
