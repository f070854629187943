"""Which rows of a list an act can be done to, and why not to the others. Pure; the services ask again for each row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

VERIFY, RETURN, REMIND = "verify", "return", "remind"
ACTS = (VERIFY, RETURN, REMIND)
# So many at once: what a person can still look through, and a transaction others wait for some seconds at most.
MOST = 100
OPEN = ("not_started", "in_progress", "returned")
# The statuses in which each act exists.
FITTING = {VERIFY: ("claimed",), RETURN: ("claimed", "na_claimed"), REMIND: OPEN}

NOT_ABOVE = _l("由承办单位的上一级审核，不归您办理")
OWN_CLAIM = _l("是您自己提交的申请，请由其他人员办理")
NOT_CLAIMED = _l("没有等待审核的申请")
NOT_APPLICABLE = _l("申报的是不涉及，请逐项审核")
NOT_YOURS = _l("不在您的调度范围内")
CLAIMED = _l("承办单位已提出申请，正等待审核")
SETTLED = _l("已经办结或不涉及，无需催办")
UNDATED = _l("长期任务没有期限，不催办")
REMINDED = _l("本工作日已经催办过")
GONE = _l("没有这个任务事项，或者不在您的管辖范围内")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a row before an act: `decides` and `reminds` say whether the actor may."""

    status: str
    due: date | None
    decides: bool
    reminds: bool
    own_claim: bool = False
    reminded: bool = False


def obstacle(act: str, facts: Facts) -> Any:
    """Why an act cannot be done to a row, in words; None when it can."""
    return _against_reminding(facts) if act == REMIND else _against_deciding(act, facts)


def _against_deciding(act: str, facts: Facts) -> Any:
    if not facts.decides:
        return NOT_ABOVE
    if act == VERIFY and facts.status == "na_claimed":
        return NOT_APPLICABLE
    if facts.status not in FITTING[act]:
        return NOT_CLAIMED
    return OWN_CLAIM if facts.own_claim else None


def _against_reminding(facts: Facts) -> Any:
    if not facts.reminds:
        return NOT_YOURS
    if facts.status not in OPEN:
        return CLAIMED if facts.status in ("claimed", "na_claimed") else SETTLED
    if facts.due is None:
        return UNDATED
    return REMINDED if facts.reminded else None


def verdict(act: str, status: str) -> str:
    """The decision of the review service that an act on a row of this status is."""
    return "na_refuse" if act == RETURN and status == "na_claimed" else act


def packed(rows: Iterable[tuple[int, int]]) -> str:
    """Ids and versions as one field of a form holds them."""
    return " ".join(f"{row}:{version}" for row, version in rows)


def unpacked(text: str) -> Sequence[tuple[int, int]]:
    """The same read back, each row once, no more than may be done at once. Raises ValueError for anything else."""
    found: dict[int, int] = {}
    for word in text.split():
        row, _, version = word.partition(":")
        if not (row.isascii() and row.isdigit() and version.isascii() and version.isdigit()):
            raise ValueError(word)
        found[int(row)] = int(version)
    if len(found) > MOST or any(max(pair) >= 2**53 for pair in found.items()):
        raise ValueError(text[:20])
    return list(found.items())
