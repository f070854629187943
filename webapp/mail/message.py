"""From a rendered mail to the bytes on the wire.

Written by hand: `email.message` takes more than twenty times as long, half of what all the rest of a mail costs.
All that is allowed in is what is needed: text and HTML, plain ASCII or base64, headers encoded by the standard library.
"""

import re
from base64 import encodebytes
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from typing import Any
from uuid import uuid4

from webapp.clock import local

# What smtplib can put into RCPT TO without SMTPUTF8, and what cannot end a header early.
ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
# RFC 5322 allows 998; a line near that length is nothing a person wrote.
LONGEST_LINE = 900


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words in one language."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a channel needs to make its own form of a message; `at` is product time.

    `unsubscribe` is the address of the page that ends mails of this kind, empty where they cannot be refused.
    """

    rendered: Rendered
    message_id: str
    at: datetime
    unsubscribe: str = ""


# A template's facts and a locale give its words; `base_url` is among the facts when it is called.
Renderer = Callable[[dict[str, Any], str], Rendered]
Renderers = Mapping[str, Renderer]


def build(prepared: Prepared, *, sender: str, to: str) -> bytes:
    """The message, text first and HTML as its alternative, dated in Shanghai time.

    Raises ValueError for an address that is none, or that holds other than ASCII.
    """
    if not ADDRESS.fullmatch(to):
        raise ValueError(f"{to!r} is no address mail can be sent to")
    words, boundary = prepared.rendered, f"=_{uuid4().hex}"
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(prepared, sender, to, boundary)).encode("ascii")
    rule = f"\r\n--{boundary}\r\n".encode()
    parts = rule + _part("plain", words.text) + rule + _part("html", words.html)
    return head + parts + f"\r\n--{boundary}--\r\n".encode()


def _headers(prepared: Prepared, sender: str, to: str, boundary: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender)
    yield "To", to
    yield "Subject", _subject(prepared.rendered.subject)
    yield "Date", format_datetime(local(prepared.at))
    yield "Message-ID", prepared.message_id
    # Asks holiday notices and ticket systems not to answer (RFC 3834).
    yield "Auto-Submitted", "auto-generated"
    if prepared.unsubscribe:
        # RFC 2369 and, for the button of mail programs, RFC 8058.
        yield "List-Unsubscribe", f"<{prepared.unsubscribe}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


@lru_cache(maxsize=8)
def _mailbox(sender: str) -> str:
    return formataddr(parseaddr(sender))


def envelope_address(sender: str) -> str:
    """The bare address of a sender, for MAIL FROM."""
    return parseaddr(sender)[1]


def _subject(text: str) -> str:
    line = " ".join(text.split())
    if line.isascii() and len(line) < 68 and "=?" not in line:
        return line
    return Header(line, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _part(subtype: str, text: str) -> bytes:
    lines = text.splitlines()
    content = "".join(f"{line}\r\n" for line in lines)
    if content.isascii() and all(len(line) < LONGEST_LINE for line in lines):
        return f"Content-Type: text/{subtype}; charset=us-ascii\r\n\r\n{content}".encode("ascii")
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("ascii") + encodebytes(content.encode()).replace(b"\n", b"\r\n")
