"""Decisions about accounts that need no database: good passwords, safe ways back, when to let somebody try again."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from webapp.errors import Invalid, Problem, Text

SHORTEST, LONGEST = 10, 128
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
# What people add digits to: letters only, because digits and signs are taken off before comparing.
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split())
ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")

WINDOW = timedelta(minutes=15)
TRIES_A_PERSON = 5
TRIES_A_HOST = 60


def normalise_email(email: str) -> str:
    """An address as it is stored and compared: without blanks around it, in small letters."""
    return email.strip().lower()


def is_email(email: str) -> bool:
    """Whether a text can be an e-mail address."""
    return len(email) <= 254 and EMAIL.fullmatch(email) is not None


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise Invalid (field `password`) for a password that is too short, too long or easy to guess."""
    if len(password) < SHORTEST:
        raise _refused(_l("密码至少 %(n)s 位。", n=SHORTEST))
    if len(password) > LONGEST:
        raise _refused(_l("密码最多 %(n)s 位。", n=LONGEST))
    if _holds_own_words(password, email, name):
        raise _refused(_l("密码不能包含您的姓名或电子邮箱。"))
    if _is_common(password):
        raise _refused(_l("这个密码太容易被猜到，请换一个，例如几个互不相关的词连在一起。"))


def _refused(message: Text) -> Invalid:
    return Invalid([Problem("password", message)])


def _holds_own_words(password: str, email: str, name: str) -> bool:
    plain = password.lower()
    local = email.lower().partition("@")[0]
    words = [local, *re.split(r"[._+\-]", local), name.lower(), *re.split(r"[\s,]+", name.lower())]
    # A Chinese name is two characters; of Latin letters it takes four to count.
    return any(len(word) >= (4 if word.isascii() else 2) and word in plain for word in words)


def _is_common(password: str) -> bool:
    plain = password.lower()
    letters = re.sub(r"[\W\d_]+", "", plain)
    return len(set(plain)) < 4 or not letters or letters in COMMON or _steps(plain) >= len(plain) - 3


def _steps(plain: str) -> int:
    """How many neighbouring characters are also neighbours on a keyboard's row, in the alphabet or in counting."""
    rows = [*ROWS, *(row[::-1] for row in ROWS)]
    return sum(any(first + second in row for row in rows) or first == second for first, second in pairwise(plain))


def safe_path(target: str | None) -> str | None:
    """A way back inside this site, or None: only a path of our own, never another host."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(letter) < 33 or ord(letter) == 127 for letter in target):
        return None
    parts = urlsplit(target)
    own = not parts.scheme and not parts.netloc and not parts.path.startswith(("/sign-in", "/sign-out"))
    return target if own else None


def masked_email(address: str) -> str:
    """An address its owner recognises and others do not learn: "li***@example.cn"."""
    name, _at, host = address.partition("@")
    return f"{name[:2]}***@{host}"


def minutes_left(started_at: datetime, now: datetime) -> int:
    """Whole minutes until a window of attempts ends, at least one."""
    left = (started_at + WINDOW - now).total_seconds()
    return max(1, -(-int(left) // 60))
