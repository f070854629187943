"""What a robot's server answers, and what it means for the message. Pure.

Both services answer HTTP 200 with {"errcode": …, "errmsg": …}, refusals included: only 200 with errcode 0 is delivery.
What is not in a table is not final: the message waits, as it does after a connection that broke.
"""

import json
from typing import Any

from webapp.mail.channels import Outcome
from webapp.mail.rules import Fate

LONGEST = 300
# Busy, and too many messages in a minute (WeCom 45009 and 45033, DingTalk the others; both allow 20).
LATER = frozenset({-1, 45009, 45033, 130101, 410100, 660026})
TOO_FAST = ("too fast", "freq")
# The robot's own settings are wrong until somebody corrects them.
# WeCom: 93000 unknown key, 93004 switched off, 93008 not in the group. DingTalk: 310000 keyword, signature or network
# not as its security settings ask; 300001, 300005 and 400101 unknown token; 40035 no token; 400013 the group is gone;
# 400102 switched off; 400106 no such robot.
ROBOT = frozenset({93000, 93004, 93008, 310000, 300001, 300005, 400101, 40035, 400013, 400102, 400106})
# This one message is not as the service wants it: 40008 and 400105 kind, 40058 and 43004 form, 460101 too long.
MESSAGE = frozenset({40008, 40058, 43004, 400105, 460101})
GONE = frozenset({401, 403, 404, 410})
HTTP_LATER = frozenset({408, 425, 429, *range(500, 600)})


def outcome_of(status: int, body: bytes) -> Outcome:
    """The fate of a message that was answered so."""
    code, said = _read(body)
    words = "without errcode" if code is None else f"errcode {code}: {said}"
    return Outcome(_fate(status, code, said), f"{status} {words}")


def _fate(status: int, code: int | None, said: str) -> Fate:
    if (status, code) == (200, 0):
        return Fate.SENT
    if status in HTTP_LATER or code in LATER or any(word in said.lower() for word in TOO_FAST):
        return Fate.TRY_AGAIN
    # A redirect is never followed: the key would go wherever it points.
    if code in ROBOT or status in GONE or 300 <= status < 400:
        return Fate.ADDRESS_REFUSED
    return Fate.REFUSED if code in MESSAGE or 400 <= status < 500 else Fate.TRY_AGAIN


def _read(body: bytes) -> tuple[int | None, str]:
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):  # a proxy's page, half an answer, brackets without end
        return None, ""
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if type(code) is not int:
        return None, ""
    words = "".join(each if each.isprintable() else " " for each in str(answer.get("errmsg", "")))
    return code, " ".join(words.split())[:LONGEST]
