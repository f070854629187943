"""All settings, read from `LANTIAN_*` variables, checked together once at start.

Nothing else reads the environment. Each field's meaning is in README.md (a test compares the two lists).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from webapp.clock import parse_instant

PREFIX = "LANTIAN_"
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
MAIL_SECURITY = ("none", "starttls", "tls")
LOG_LEVELS = ("debug", "info", "warning", "error")
SECRET_MINIMUM = 32
TOKEN_MINIMUM = 16
_HOST = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")


class SettingsError(Exception):
    """One or more variables cannot be used; holds a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides. Field `data_dir` is read from LANTIAN_DATA_DIR, and so on."""

    data_dir: Path = Path("var")
    database_url: str = ""
    clock: datetime | None = None
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = ""
    cookie_secure: bool = True
    trusted_proxies: int = 0
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_security: str = "none"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    mail_from: str = "Lantian <lantian@localhost.localdomain>"
    webhook_hosts: tuple[str, ...] = ()
    upload_max_mb: int = 20
    metrics_token: str = ""
    log_level: str = "info"

    @property
    def database(self) -> str:
        """The database's address; without one, the embedded SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'lantian.sqlite3'}"

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files lie: never below a folder that is served."""
        return self.data_dir.resolve() / "evidence"

    @property
    def mailbox_dir(self) -> Path:
        """Where the demo's SMTP catcher keeps what it received."""
        return self.data_dir.resolve() / "mailbox"

    @property
    def public_url(self) -> str:
        """The address links in mails begin with, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def _boolean(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError("write true or false")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError("write a port number from 1 to 65535")
    return int(text)


def _count(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(text)

    return read


def _choice(options: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in options:
            raise ValueError(f"write one of {', '.join(options)}")
        return text.lower()

    return read


def _database_url(text: str) -> str:
    try:
        backend = make_url(text).get_backend_name()
    except ArgumentError:
        raise ValueError("write an address such as postgresql://user@host/name") from None
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("only sqlite and postgresql are supported")
    return text


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        raise ValueError("write a local time such as 2017-10-20T08:25") from None


def _secret(text: str) -> str:
    if len(text) < SECRET_MINIMUM:
        raise ValueError(f"use at least {SECRET_MINIMUM} random characters")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    entries = tuple(each.strip().lower() for each in text.split(",") if each.strip())
    for entry in entries:
        found = _HOST.fullmatch(entry)
        if found is None or not 0 < int(found[1] or 443) < 65536:
            raise ValueError("write hosts such as proxy.example.cn or 127.0.0.1:8999, with commas between them")
        urlsplit(f"//{entry}")  # raises ValueError for brackets around what is no address
    return entries


def _file(text: str) -> str:
    if not Path(text).is_file():
        raise ValueError("there is no such file")
    return text


def _token(text: str) -> str:
    if len(text) < TOKEN_MINIMUM or not text.isascii() or any(letter.isspace() for letter in text):
        raise ValueError(f"use at least {TOKEN_MINIMUM} random ASCII characters without spaces")
    return text


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("write an address that begins with http:// or https://")
    return text


READERS: Mapping[str, Callable[[str], Any]] = {
    "data_dir": Path,
    "database_url": _database_url,
    "clock": _instant,
    "secret_key": _secret,
    "port": _port,
    "base_url": _url,
    "cookie_secure": _boolean,
    "trusted_proxies": _count(0, 9),
    "smtp_port": _port,
    "smtp_security": _choice(MAIL_SECURITY),
    "smtp_ca_file": _file,
    "webhook_hosts": _hosts,
    "upload_max_mb": _count(1, 500),
    "metrics_token": _token,
    "log_level": _choice(LOG_LEVELS),
}


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment. Raises SettingsError with every unusable or unknown variable of ours at once."""
    known = {PREFIX + field.name.upper(): field.name for field in fields(Settings)}
    problems, values = [], {}
    for variable, text in environ.items():
        if not variable.startswith((PREFIX, "LANTIAN")) or variable.startswith(("LANTIAN_TEST_", "LANTIAN_REQUIRE_")):
            continue
        name = known.get(variable)
        if name is None:
            problems.append(f"{variable}: there is no such setting; the README lists them")
            continue
        if not text.strip():
            continue
        try:
            values[name] = READERS.get(name, str)(text.strip())
        except ValueError as error:
            problems.append(f"{variable}: {error}")
    if problems:
        raise SettingsError(sorted(problems))
    return Settings(**values)
