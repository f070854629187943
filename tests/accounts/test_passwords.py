"""Hashing: Argon2id, and the same work for people who do not exist."""

import pytest
from argon2 import PasswordHasher

from tests.support.people import PASSWORD, WEAK_HASH, WEAK_HASHER
from webapp.accounts import passwords


class CountingHasher(PasswordHasher):
    """Counts how often a password is checked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checked: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        """Check and count."""
        self.checked.append(str(hash))
        return super().verify(hash, password)


def test_the_product_hashes_with_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert passwords.HASHER.type.name == "ID"
    assert passwords.HASHER.memory_cost >= 19 * 1024


def test_verify() -> None:
    assert passwords.verify(WEAK_HASH, PASSWORD)
    assert not passwords.verify(WEAK_HASH, PASSWORD + "x")
    assert not passwords.verify(None, PASSWORD)
    assert not passwords.verify("not a hash", PASSWORD)


@pytest.mark.parametrize("stored", [None, WEAK_HASH], ids=["nobody", "somebody"])
def test_an_unknown_person_costs_the_same_work(monkeypatch: pytest.MonkeyPatch, stored: str | None) -> None:
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "HASHER", hasher)
    assert not passwords.verify(stored, "wrong")
    assert len(hasher.checked) == 1
    assert hasher.checked[0].startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_the_password_of_nobody_opens_nothing() -> None:
    assert not passwords.verify(None, "the password of nobody")


def test_an_old_hash_is_made_anew() -> None:
    assert passwords.renewed(WEAK_HASH, PASSWORD) is None
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    anew = passwords.renewed(older, PASSWORD)
    assert anew is not None
    assert WEAK_HASHER.verify(anew, PASSWORD)
