"""What every way out has in common: it is opened, is handed one message after the other, and says what came of each.

`tasks.deliver` holds the table of channels and picks one by the row's `channel`. A channel makes its own form of a
prepared message, never raises for what the other side does, and knows nothing of the outbox.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from webapp.mail.message import Prepared
from webapp.mail.rules import Fate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message.

    `answer` is the other side's reply or the error. `trouble`: nothing is wrong with the message, the operator has to
    see to the server, the login or the certificate. `away`: not even a connection was to be had.
    """

    fate: Fate
    answer: str = ""
    trouble: bool = False
    away: bool = False


class Channel(Protocol):
    """One way out, open while its `with` block runs."""

    def __enter__(self) -> Self:
        """Make ready; nothing need be connected yet."""
        ...

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        """Say goodbye; what was answered stays answered."""
        ...

    def send(self, prepared: Prepared, to: str) -> Outcome:
        """Hand over one message. SENT only after the other side's yes to the whole of it."""
        ...
