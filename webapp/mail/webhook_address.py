"""Which addresses a message may be posted to, and how an address is shown without its key. Pure.

A robot's address is typed by an administrator and called by the server, so it is held to a list: the two hosts of WeCom
and DingTalk, and what an operator adds in LANTIAN_WEBHOOK_HOSTS.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from flask_babel import lazy_gettext as _l

from webapp.errors import Text

WECOM, DINGTALK = "wecom", "dingtalk"
LONGEST = 500
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Each service's own host, the one path its robots have there, and the name of the key in the query.
HOSTS = {WECOM: "qyapi.weixin.qq.com", DINGTALK: "oapi.dingtalk.com"}
PATHS = {WECOM: "/cgi-bin/webhook/send", DINGTALK: "/robot/send"}
KEYS = {WECOM: "key", DINGTALK: "access_token"}

_PRINTABLE = re.compile(r"[!-~]+")
_PATH = re.compile(r"(/[0-9A-Za-z._~-]+)+")
_KEY = re.compile(r"[0-9A-Za-z_-]{8,200}")


class AddressRefusedError(ValueError):
    """An address that is not called; `why` is for people, the argument for logs. Neither repeats the address."""

    def __init__(self, code: str, why: Text) -> None:
        super().__init__(code)
        self.why = why


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message is posted to, taken apart and checked."""

    secure: bool
    host: str
    port: int
    path: str
    key_name: str
    key: str

    def request_path(self, **more: str) -> str:
        """Path and query, with further arguments."""
        return f"{self.path}?{urlencode({self.key_name: self.key, **more})}"


def checked(kind: str, url: str, extra_hosts: Collection[str] = ()) -> Target:
    """The parts of an address that may be called. Raises AddressRefusedError.

    `extra_hosts` are "host" (port 443) or "host:port". Plain HTTP is for loopback alone.
    """
    parts, port = _parts(url)
    host = parts.hostname or ""
    own = (host, port, parts.scheme) == (HOSTS[kind], 443, "https")
    if not own and (host, port) not in {_pair(each) for each in extra_hosts}:
        raise AddressRefusedError("host", _l("只能发往企业微信或钉钉的机器人地址，请从群机器人设置中复制完整地址。"))
    if parts.scheme != "https" and host not in LOOPBACK:
        raise AddressRefusedError("scheme", _l("地址必须以 https:// 开头。"))
    if not (parts.path == PATHS[kind] if own else _PATH.fullmatch(parts.path)):
        raise AddressRefusedError("path", _l("这不是群机器人的地址，请从群机器人设置中复制完整地址。"))
    return Target(parts.scheme == "https", host, port, parts.path, KEYS[kind], _key(kind, parts.query))


def _parts(url: str) -> tuple[SplitResult, int]:
    # Before anything is taken apart: urlsplit drops tabs and line ends, and unicode hosts have many spellings.
    if len(url) > LONGEST or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise AddressRefusedError("characters", _l("地址里有空格或不允许的字符。"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("form", _l("这不是网址。")) from None
    if parts.scheme not in ("http", "https"):
        raise AddressRefusedError("scheme", _l("地址必须以 https:// 开头。"))
    if "@" in parts.netloc or "#" in url or not parts.hostname:
        raise AddressRefusedError("form", _l("地址里不能有用户名、密码或 # 号。"))
    return parts, (443 if parts.scheme == "https" else 80) if port is None else port


def _key(kind: str, query: str) -> str:
    arguments = parse_qsl(query, keep_blank_values=True)
    if len(arguments) != 1 or arguments[0][0] != KEYS[kind] or not _KEY.fullmatch(arguments[0][1]):
        raise AddressRefusedError("key", _l("地址的问号后面应当只有 %(name)s=…，请复制完整地址。", name=KEYS[kind]))
    return arguments[0][1]


def _pair(entry: str) -> tuple[str, int]:
    parts = urlsplit(f"//{entry}")
    return (parts.hostname or "", 443 if parts.port is None else parts.port)


def masked(url: str) -> str:
    """An address as it may be shown: host and the last four characters of its key."""
    parts = urlsplit(url)
    return f"{parts.hostname}…{url[-4:]}"
