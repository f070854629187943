"""A real SMTP server on loopback in bad weather: it drops connections, dawdles and answers 4xx, at random.

It keeps the book that the tests need afterwards: every copy of a mail it took, and how that ended for the client.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.smtp import free_port

LATER = "451 4.3.0 Try again later"
# How often each kind of bad weather meets a mail.
DROPPED, REFUSED, SLOW = 0.05, 0.08, 0.3
SLOWEST = 0.15


class End(StrEnum):
    """How a mail that was taken ended for the client."""

    ANSWERED = "answered"
    DROPPED = "dropped by the server after it took the mail"
    DIED = "the client's connection ended with this mail, without a goodbye"


@dataclass
class Copy:
    """A mail that was taken once."""

    message_id: str
    address: str
    end: End = End.ANSWERED


@dataclass
class StormyOffice:
    """The server's handler. `quiet` ends the bad weather; `steps` counts what clients did, to time things by."""

    port: int
    chance: random.Random
    quiet: threading.Event = field(default_factory=threading.Event)
    copies: list[Copy] = field(default_factory=list)
    weather: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    _last: dict[int, Copy] = field(default_factory=dict)

    def _strikes(self, kind: str, likelihood: float) -> bool:
        struck = not self.quiet.is_set() and self.chance.random() < likelihood
        self.weather[kind] += struck
        return struck

    async def _dawdle(self) -> None:
        self.steps += 1
        if self._strikes("delays", SLOW):
            await asyncio.sleep(self.chance.uniform(0, SLOWEST))

    @staticmethod
    def _drop(server: SMTP) -> str:
        transport: Any = server.transport
        transport.abort()
        return "421 gone"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        await self._dawdle()
        if self._strikes("drops before the data", DROPPED):
            return self._drop(server)
        if self._strikes("recipients put off", REFUSED):
            return LATER
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._dawdle()
        if self._strikes("mails put off", REFUSED):
            return LATER
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        copy = Copy(str(message["Message-ID"]), envelope.rcpt_tos[0])
        self.copies.append(copy)
        self._last[id(session)] = copy
        await self._dawdle()
        if self._strikes("drops after the data", DROPPED):
            copy.end = End.DROPPED
            return self._drop(server)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._last.pop(id(session), None)
        return "221 Bye"

    def lost(self, session: Session) -> None:
        """A connection ended. Whoever said goodbye, or was sent away, is not in the book any more."""
        copy = self._last.pop(id(session), None)
        if copy is not None and copy.end is End.ANSWERED:
            copy.end = End.DIED


class _Watched(SMTP):
    """Tells the office when a connection ends."""

    def connection_lost(self, error: Exception | None) -> None:
        office, session = self.event_handler, self.session
        super().connection_lost(error)
        if session is not None:
            office.lost(session)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Watched(self.handler, **self.SMTP_kwargs)


@contextmanager
def stormy_office(seed: int) -> Iterator[StormyOffice]:
    """A running server in bad weather."""
    office = StormyOffice(free_port(), random.Random(seed))
    controller: Any = _Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
