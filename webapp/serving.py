"""Running the web server: waitress where one process is enough, gunicorn through `wsgi.py` in production.

Either way the same two things are checked first: a demo stays on this machine, production has a secret key of its own.
"""

import ipaddress
import signal
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from waitress.server import create_server

from webapp.command_line import CommandError
from webapp.db import Database, instance
from webapp.settings import Settings

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
    # SIGINT too: a shell that starts a program in the background has it ignored otherwise.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
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


def mode(database: Database) -> str:
    """What the database says it is: "demo", "production", or nothing when it was never initialised."""
    with database.reading() as session:
        found = instance(session)
    return found.mode if found else ""


def check_may_serve(settings: Settings, database: Database) -> None:
    """Raise CommandError for a demo that would be reached from elsewhere, or production without a secret key."""
    if mode(database) == "demo":
        if not is_loopback(settings.host):
            raise CommandError("a demo binds to loopback only (its accounts are public); set LANTIAN_HOST=127.0.0.1")
    elif not settings.secret_key:
        raise CommandError(
            "LANTIAN_SECRET_KEY is missing; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )


def check_may_deliver(settings: Settings, database: Database) -> None:
    """The same for a process that sends mail; a demo's, whose people are invented, must not leave this machine."""
    check_may_serve(settings, database)
    if mode(database) == "demo" and not is_loopback(settings.smtp_host):
        raise CommandError("no mail leaves a demo; set LANTIAN_SMTP_HOST=127.0.0.1 or use `lantian demo run`")
