"""The demo's mailbox: a real SMTP server on loopback that keeps what it receives as files, and the reading of them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from webapp.clock import real_now

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
KEPT = 2000
NAME = re.compile(r"\d{20}-[0-9a-f]{8}")
ENVELOPE_HEADER = "X-Envelope-To"


@dataclass(frozen=True, slots=True)
class MailSummary:
    """A received mail in a list. `id` orders by arrival; `to` is the address the server was given."""

    id: str
    subject: str
    sender: str
    to: str
    date: str

    @property
    def sent_at(self) -> datetime | None:
        """The instant its Date header tells; None where that is no date."""
        try:
            return parsedate_to_datetime(self.date)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file a mail carries."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """A received mail, taken apart. `html` is empty for a mail of text alone."""

    summary: MailSummary
    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[Attachment]


class _Handler:
    """Called by aiosmtpd for each message; its 250 is given only after the file is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: "SMTP", _session: "Session", envelope: "Envelope") -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        store(self._folder, content, list(envelope.rcpt_tos))
        return "250 Message accepted for delivery"


class Catcher:
    """The server. `start` and `stop` it; mails appear in the folder."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # The server's own process alone needs it, not each page that shows what was caught.
        from aiosmtpd.controller import Controller

        self._controller: Any = Controller(_Handler(folder), hostname=LOOPBACK, port=port)

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()


def store(folder: Path, content: bytes, recipients: list[str]) -> str:
    """Keep a message under a name that orders by arrival; written beside and renamed, so that no half file is read."""
    name = f"{real_now():%Y%m%d%H%M%S%f}-{uuid4().hex[:8]}"
    part = folder / f"{name}.part"
    part.write_bytes(f"{ENVELOPE_HEADER}: {', '.join(recipients)}\r\n".encode() + content)
    part.rename(folder / f"{name}.eml")
    kept = [each for each in os.listdir(folder) if each.endswith(".eml")]  # noqa: PTH208 - no `Path` each: for speed
    for old in nsmallest(max(0, len(kept) - KEPT), kept):
        (folder / old).unlink(missing_ok=True)
    return name


def _names(folder: Path) -> list[str]:
    """What is kept, newest first."""
    return sorted((path.stem for path in folder.glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)


def list_mails(folder: Path, *, to: str = "", limit: int = 100) -> list[MailSummary]:
    """Received mails, newest first; with `to` only those sent to an address that holds it."""
    found = []
    for summary in _summaries(folder):
        if not to or to.lower() in summary.to.lower():
            found.append(summary)
        if len(found) == limit:
            break
    return found


def _summaries(folder: Path) -> Iterator[MailSummary]:
    for name in _names(folder):
        message = _read(folder, name)
        if message is not None:
            yield _summary(name, message)


def count_mails(folder: Path) -> int:
    """How many mails are kept."""
    return len(_names(folder))


def load_mail(folder: Path, name: str) -> CaughtMail | None:
    """One received mail; None when there is none of that name."""
    message = _read(folder, name) if NAME.fullmatch(name) else None
    if message is None:
        return None
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return CaughtMail(
        summary=_summary(name, message),
        headers=[(key, str(value)) for key, value in message.items()],
        text=str(text.get_content()) if text else "",
        html=str(html.get_content()) if html else "",
        attachments=[_attachment(part) for part in message.iter_attachments()],
    )


def _read(folder: Path, name: str) -> EmailMessage | None:
    try:
        content = (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return message_from_bytes(content, policy=policy.default)


def _summary(name: str, message: EmailMessage) -> MailSummary:
    subject, sender, to, date = (str(message[key] or "") for key in ("Subject", "From", ENVELOPE_HEADER, "Date"))
    return MailSummary(name, subject, sender, to, date)


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    return Attachment(part.get_filename() or "", part.get_content_type(), data)
