"""Those who ask: browsers with one kept connection each, alone or eight at once, and what their answers took.

Plain sockets, so that the asking takes less of the two processors than the answering.
"""

import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

WARM = 5
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"set-cookie: lantian=([^;]+)", re.IGNORECASE)
COSTS = re.compile(rb"x-(statements|cpu): ([0-9.]+)", re.IGNORECASE)
TIMEOUT = 120


@dataclass(frozen=True)
class Told:
    """An answer with what it cost: statements, milliseconds of the server's processor, seconds of waiting."""

    status: int
    body: bytes
    statements: int
    cpu: float
    seconds: float


class Client:
    """One browser, signed in by its cookie."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie
        self._socket = self._connected()

    def _connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self, path: str, form: dict[str, str] | None = None) -> Told:
        """Ask for a page, or send a form."""
        content = b"" if form is None else urlencode(form).encode()
        verb = "GET" if form is None else "POST"
        head = f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: lantian={self._cookie}"
        kind = f"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}"
        start = time.perf_counter()
        self._socket.sendall(f"{head}{kind if form is not None else ''}\r\n\r\n".encode() + content)
        answer, body = self._read()
        took = time.perf_counter() - start
        if b"connection: close" in answer.lower():
            self._socket = self._connected()
        if found := COOKIE.search(answer):
            self._cookie = found[1].decode()
        costs = {name.lower(): float(value) for name, value in COSTS.findall(answer)}
        return Told(int(answer[9:12]), body, int(costs.get(b"statements", 0)), costs.get(b"cpu", 0), took)

    def _read(self) -> tuple[bytes, bytes]:
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, body = bytes(data[:end]), data[end + 4 :]
        length = LENGTH.search(head)
        if length is None and b"204" not in head[:12]:
            raise SystemExit("an answer without a length is asked for by `stream`")
        while length and len(body) < int(length[1]):
            body += self._more()
        return head, bytes(body)

    def _more(self) -> bytes:
        found = self._socket.recv(1 << 18)
        if not found:
            raise SystemExit("the server closed the connection")
        return found

    def stream(self, path: str) -> tuple[int, float, float]:
        """Download a file of unknown length: its bytes, seconds to the first of them, seconds to the last."""
        with self._connected() as connection:
            head = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nCookie: lantian={self._cookie}\r\n\r\n"
            start, first, size = time.perf_counter(), 0.0, 0
            connection.sendall(head.encode())
            while found := connection.recv(1 << 18):
                if not size and b" 200 " not in found[:15]:
                    raise SystemExit(f"{path}: {found[:200]!r}")
                first = first or time.perf_counter() - start
                size += len(found)
            return size, first, time.perf_counter() - start

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


Ask = Callable[[Client, int], Told]


@dataclass(frozen=True)
class Line:
    """What a page cost; milliseconds. `rate`: answers a second where several asked at once."""

    name: str
    median: float
    p95: float
    cpu: float
    statements: int
    rate: float = 0


def alone(name: str, client: Client, ask: Ask, times: int, wanted: int = 200) -> Line:
    """One client asks again and again; the first answers are not counted."""
    told = [_checked(name, ask(client, number), wanted) for number in range(times + WARM)][WARM:]
    return _line(name, told)


def together(name: str, clients: Sequence[Client], ask: Ask, times: int, wanted: int = 200) -> Line:
    """Several clients at once, each its own number of times."""
    told: list[Told] = []
    faults: list[BaseException] = []

    def run(client: Client, place: int) -> None:
        try:
            told.extend(_checked(name, ask(client, place * times + number), wanted) for number in range(times))
        except (SystemExit, OSError) as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(client, place)) for place, client in enumerate(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return _line(name, told, len(told) / (time.perf_counter() - start))


def _checked(name: str, told: Told, wanted: int) -> Told:
    if told.status != wanted:
        raise SystemExit(f"{name}: answered {told.status}\n{told.body[:2000].decode(errors='replace')}")
    return told


def _line(name: str, told: Sequence[Told], rate: float = 0) -> Line:
    seconds = [each.seconds for each in told]
    cpu = statistics.median(each.cpu for each in told)
    p95 = statistics.quantiles(seconds, n=20)[-1] * 1000
    return Line(name, statistics.median(seconds) * 1000, p95, cpu, told[-1].statements, rate)
