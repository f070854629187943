"""Posting a message to a group chat's robot: WeCom (企业微信) and DingTalk (钉钉).

Formats as their documents have them: WeCom path/91770, at most 4096 bytes of markdown; DingTalk "custom robot access",
at most 20000 bytes, optionally signed. Nothing that leaves here in words names a key or a secret.
"""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLError, create_default_context
from threading import Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, quote_plus

from webapp.clock import real_now
from webapp.mail.channels import Outcome
from webapp.mail.message import Prepared, Rendered
from webapp.mail.rules import Fate
from webapp.mail.webhook_address import DINGTALK, WECOM, AddressRefusedError, Target, checked
from webapp.mail.webhook_answers import outcome_of

# Seconds to connect, and again for the whole answer.
TIMEOUT = 20.0
LARGEST_ANSWER = 64 * 1024
# Bytes of UTF-8. DingTalk counts the whole body, so room is left for its frame and what JSON escapes.
LIMITS = {WECOM: 4096, DINGTALK: 18_000}
LONGEST_TITLE = 60
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Lantian", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Hook:
    """A robot as it is called: its service, address and signing secret. Never worded whole."""

    kind: str
    url: str
    secret: str = ""

    def __repr__(self) -> str:
        return f"Hook({self.kind!r}, …)"


class Webhook:
    """The channel to group robots. `find` gives the robot of an outbox address; None when it is not to be called.

    `hosts` are the operator's additions to the two services' own; `timeout` is in seconds.
    """

    def __init__(
        self, find: Callable[[str], Hook | None], hosts: Collection[str] = (), *, timeout: float = TIMEOUT
    ) -> None:
        self._find, self._hosts, self._timeout = find, hosts, timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        return  # each message has a connection of its own

    def send(self, prepared: Prepared, to: str) -> Outcome:
        """Post a message to the robot of an address."""
        hook = self._find(to)
        if hook is None:
            return Outcome(Fate.REFUSED, "the robot is switched off")
        return post(hook, prepared.rendered, self._hosts, timeout=self._timeout)


def post(hook: Hook, message: Rendered, hosts: Collection[str] = (), *, timeout: float = TIMEOUT) -> Outcome:
    """Post a message whose text is markdown. SENT only after HTTP 200 with errcode 0."""
    try:
        target = checked(hook.kind, hook.url, hosts)
    except AddressRefusedError as error:
        return Outcome(Fate.ADDRESS_REFUSED, f"the robot's address is not allowed: {error}")
    outcome = _exchange(target, hook, json.dumps(_body(hook.kind, message), ensure_ascii=False).encode(), timeout)
    return replace(outcome, answer=_without(outcome.answer, target.key, hook.secret))


def _exchange(target: Target, hook: Hook, body: bytes, timeout: float) -> Outcome:
    connection = _connection(target, timeout)
    try:
        connection.connect()
    except OSError as error:
        return Outcome(Fate.TRY_AGAIN, _words(error), trouble=isinstance(error, SSLError), away=True)
    try:
        path = target.request_path(**_signature(hook.secret) if hook.kind == DINGTALK and hook.secret else {})
        return outcome_of(*_answer(connection, path, body, timeout))
    except (OSError, HTTPException, ValueError) as error:
        return Outcome(Fate.TRY_AGAIN, _words(error))
    finally:
        connection.close()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _body(kind: str, message: Rendered) -> dict[str, Any]:
    text = cut(message.text, LIMITS[kind])
    if kind == WECOM:
        return {"msgtype": "markdown", "markdown": {"content": text}}
    # DingTalk runs lines together unless they end in two spaces.
    spaced = cut(message.text.replace("\n", "  \n"), LIMITS[kind])
    return {"msgtype": "markdown", "markdown": {"title": message.subject[:LONGEST_TITLE], "text": spaced}}


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` bytes, cut at a line end; its last line (how many there are, and the link) stays."""
    if len(text.encode()) <= limit:
        return text
    *lines, last = text.rstrip().split("\n")
    last = "……" + last.removeprefix("……")
    while lines and (len("\n".join([*lines, last]).encode()) > limit or lines[-1].startswith("**")):
        lines.pop()  # a heading goes with the last of its lines
    return "\n".join([*lines, last]).encode()[:limit].decode(errors="ignore")


def _signature(secret: str) -> dict[str, str]:
    # DingTalk refuses what is an hour off its own clock: real time, also where product time is moved.
    timestamp = str(int(real_now().timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}


def _answer(connection: HTTPConnection, path: str, body: bytes, timeout: float) -> tuple[int, bytes]:
    with _deadline(connection.sock, timeout):
        connection.request("POST", path, body, HEADERS)
        with connection.getresponse() as response:
            return response.status, response.read(LARGEST_ANSWER)


def _connection(target: Target, timeout: float) -> HTTPConnection:
    if target.secure:
        return HTTPSConnection(target.host, target.port, timeout=timeout, context=create_default_context())
    return HTTPConnection(target.host, target.port, timeout=timeout)


@contextmanager
def _deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection after a while, whatever trickles in: a socket's own timeout begins anew with every byte."""
    timer = Timer(seconds, _hang_up, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _without(text: str, *secrets: str) -> str:
    for secret in filter(None, secrets):
        for spelling in (secret, quote(secret), quote_plus(secret)):
            text = text.replace(spelling, "…")
    return text
