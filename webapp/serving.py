"""Running the web server: waitress where one process is enough, gunicorn in production (README, "production")."""

import ipaddress
import signal
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from waitress.server import create_server

THREADS = 8


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    # waitress drops requests in flight on SIGTERM unless the main thread leaves by an exception.
    raise SystemExit(0)


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises OSError when the address is taken."""
    # Otherwise waitress takes away what ProxyFix is to read.
    behind_proxy = app.extensions["lantian.settings"].trusted_proxies > 0
    server: Any = create_server(
        app, host=host, port=port, threads=THREADS, ident="lantian", clear_untrusted_proxy_headers=not behind_proxy
    )
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.close()


def is_loopback(host: str) -> bool:
    """Whether a name or address to bind to is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
