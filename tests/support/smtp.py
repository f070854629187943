"""A real SMTP server on loopback that can be told to misbehave."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

DROP, SLOW = "drop", "slow"
SLOWNESS = 1.0


@dataclass
class PostOffice:
    """Keeps what it accepted. Answers given beforehand are used up one a mail, by recipient: at RCPT or after DATA.

    The answer `DROP` closes the connection without a word instead; `SLOW` comes after SLOWNESS seconds.
    """

    port: int = 0
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    at_recipient: dict[str, list[str]] = field(default_factory=dict)
    after_data: dict[str, list[str]] = field(default_factory=dict)
    connections: int = 0
    keep: bool = True

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        answer = self._next(self.at_recipient, address) or "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        answer = self._next(self.after_data, address) or "250 OK"
        if answer == DROP:
            transport: Any = server.transport
            transport.close()
            return "421 gone"
        if answer == SLOW:
            await asyncio.sleep(SLOWNESS)
            return "250 OK at last"
        if answer.startswith("2") and self.keep:
            assert isinstance(envelope.content, bytes)
            self.received.append((address, message_from_bytes(envelope.content, policy=policy.default)))
        return answer

    @staticmethod
    def _next(answers: dict[str, list[str]], address: str) -> str:
        waiting = answers.get(address)
        return waiting.pop(0) if waiting else ""

    @property
    def message_ids(self) -> list[str]:
        """The Message-ID of every mail accepted, in order."""
        return [str(message["Message-ID"]) for _, message in self.received]


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def post_office(*, keep: bool = True, **parameters: Any) -> Iterator[PostOffice]:
    """A running server; with `keep` false what it accepts is forgotten. `parameters` are those of aiosmtpd."""
    office = PostOffice(free_port(), keep=keep)
    controller: Any = Controller(office, hostname="127.0.0.1", port=office.port, **parameters)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
