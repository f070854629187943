"""A server on this machine that answers as the group robots of WeCom and DingTalk do, and keeps what it was sent."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from webapp.clock import real_now

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
TOKEN = "566cc69da782ec33e1f5d8e3b1c9a7d4f0a2"
SECRET = "SECf094e0d33f815287ff3e75b9fd0d2f0dd15"
Answer = tuple[int, bytes]


@dataclass
class Chat:
    """The server's side: how it is set, what it got, and answers it gives instead of its own."""

    address: str = ""
    secret: str = ""
    keyword: str = ""
    scripted: list[Answer] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hold: Event | None = None
    trickle: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The setting's entry: host and port."""
        return self.address.removeprefix("http://")

    def wecom(self, key: str = KEY) -> str:
        """A WeCom robot's address here."""
        return f"{self.address}/cgi-bin/webhook/send?key={key}"

    def dingtalk(self, token: str = TOKEN) -> str:
        """A DingTalk robot's address here."""
        return f"{self.address}/robot/send?access_token={token}"

    def answer(self, path: str, body: bytes) -> Answer:
        """What the services answer; a message that is taken is kept."""
        parts = urlsplit(path)
        arguments = {name: values[0] for name, values in parse_qs(parts.query).items()}
        message = json.loads(body.decode("utf-8"))
        check = self._wecom if parts.path.startswith("/cgi-bin") else self._dingtalk
        code, words = check(arguments, message)
        if code == 0:
            self.received.append(message)
        return 200, json.dumps({"errcode": code, "errmsg": words}).encode()

    def _wecom(self, arguments: dict[str, str], message: dict[str, Any]) -> tuple[int, str]:
        if arguments.get("key") != KEY:
            return 93000, "invalid webhook url, hint: [1592021214_50], from ip: 127.0.0.1"
        if message.get("msgtype") != "markdown" or set(message) != {"msgtype", "markdown"}:
            return 40008, "invalid message type"
        if len(message["markdown"]["content"].encode()) > 4096:
            return 40058, "markdown.content exceed max length 4096. invalid Request Parameter"
        return 0, "ok"

    def _dingtalk(self, arguments: dict[str, str], message: dict[str, Any]) -> tuple[int, str]:
        if arguments.get("access_token") != TOKEN:
            return 300005, "token is not exist"
        if self.secret and not self._signed(arguments):
            return 310000, "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"
        if self.keyword not in message["markdown"]["text"]:
            return 310000, "keywords not in content"
        if len(json.dumps(message, ensure_ascii=False).encode()) > 20_000:
            return 460101, "message too long, exceed 20000 bytes"
        return (0, "ok") if message["markdown"]["title"] else (40035, "empty title")

    def _signed(self, arguments: dict[str, str]) -> bool:
        timestamp = arguments.get("timestamp", "0")
        digest = hmac.new(self.secret.encode(), f"{timestamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        fresh = abs(real_now().timestamp() * 1000 - int(timestamp)) < 3_600_000
        return fresh and arguments.get("sign") == base64.b64encode(digest).decode()


def _handler(chat: Chat) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            chat.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if chat.hold is not None:
                chat.hold.wait(10)
            status, answer = chat.scripted.pop(0) if chat.scripted else chat.answer(self.path, body)
            try:
                self._say(status, answer)
            except OSError:
                return  # the asker hung up, as some tests want

        def _say(self, status: int, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            for name, value in chat.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for byte in answer if chat.trickle else b"":
                self.wfile.write(bytes([byte]))
                Event().wait(0.1)
            self.wfile.write(b"" if chat.trickle else answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            return

    return Handler


@contextmanager
def group_chat() -> Iterator[Chat]:
    """The server, running."""
    chat = Chat()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(chat))
    chat.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield chat
    finally:
        if chat.hold is not None:
            chat.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
