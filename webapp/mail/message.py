"""From a rendered mail to a message on the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from webapp.clock import local


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words in one language."""

    subject: str
    text: str
    html: str


# A template's facts and a locale give its words; `base_url` is among the facts when it is called.
Renderer = Callable[[dict[str, Any], str], Rendered]
Renderers = Mapping[str, Renderer]


def build(rendered: Rendered, *, sender: str, to: str, message_id: str, now: datetime) -> EmailMessage:
    """The message, text first and HTML as its alternative. `now` becomes its date, in Shanghai time."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(local(now))
    message["Message-ID"] = message_id
    # Asks holiday notices and ticket systems not to answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


def _address(sender: str) -> Address:
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)
