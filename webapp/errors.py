"""The errors a use case may raise, each with a message for the person who caused it.

A message is a lazy translation, so that it is worded in the language of whoever reads it. `web.py` turns each kind into
its HTTP answer, `cli.py` into a line on standard error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Text(Protocol):
    """Anything that can be worded when it is shown: a lazy translation or a plain string."""

    def __str__(self) -> str: ...


class LantianError(Exception):
    """Base of all errors that are meant for a person."""

    status = 500

    def __init__(self, message: Text | str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotFound(LantianError):
    """The thing does not exist for this actor (it may exist for others: strangers are told nothing)."""

    status = 404


class Forbidden(LantianError):
    """The actor may see the thing but not do this to it."""

    status = 403


class Conflict(LantianError):
    """The thing is not in a state in which this can be done."""

    status = 409


class Stale(Conflict):
    """Somebody else saved first: the form was made from an older version."""


class RequestReused(Conflict):
    """A request key came back with other content than the first time."""


class TooMany(LantianError):
    """A throttle was hit."""

    status = 429


class TooLarge(LantianError):
    """An upload is larger than the settings allow."""

    status = 413


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: the field's name ("" for the whole) and what is wrong and what to do."""

    field: str
    message: Text | str


class Invalid(LantianError):
    """The input has problems; nothing was changed."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else str(p.message) for p in problems))
        self.problems = list(problems)
