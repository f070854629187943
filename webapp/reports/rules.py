"""Lateness, receipts and the canonical form of a report: what makes a submitted figure checkable.

Source: notice-4.1, a report by the 8th of the next month; lateness is counted in working days from the legal date.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from webapp.workdays.rules import Calendar

RECEIPT_LENGTH = 40
# So many working days the level above has for its decision.
REVIEW_WITHIN = 3


class Timeliness(StrEnum):
    """How a report stands against its legal date."""

    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    NOT_REQUIRED = "not_required"


@dataclass(frozen=True, slots=True)
class Standing:
    """A report's timeliness, and how many working days late it is or was."""

    timeliness: Timeliness
    days_late: int = 0


def days_late(due: date, submitted_on: date, calendar: Calendar) -> int:
    """Working days between the legal date and the day of submission; 0 in time.

    A report filed on a rest day right after its due date is late all the same: it counts as one day.
    """
    if submitted_on <= due:
        return 0
    return max(1, calendar.workdays_between(due, submitted_on))


def standing(due: date, first_submitted_days_late: int | None, today: date, calendar: Calendar) -> Standing:
    """How a report stands today. Its first submission counts for good; `first_submitted_days_late` is None before."""
    if first_submitted_days_late is not None:
        late = first_submitted_days_late
        return Standing(Timeliness.LATE, late) if late else Standing(Timeliness.ON_TIME)
    if today <= due:
        return Standing(Timeliness.PENDING)
    return Standing(Timeliness.MISSING, days_late(due, today, calendar))


# Of an organisation that has no report on a month: it had not joined yet, or had left.
NOT_REQUIRED = Standing(Timeliness.NOT_REQUIRED)


def completeness(counts: Mapping[str, int]) -> Decimal | None:
    """Which share of a report's lines says something about its month, to four places; None without lines."""
    if not counts["lines"]:
        return None
    return (1 - Decimal(counts["silent"]) / counts["lines"]).quantize(Decimal("0.0001"))


def share_text(share: Decimal | None) -> str | None:
    """A share as it is kept in a report: plain digits without trailing zeros."""
    return None if share is None else f"{share.normalize():f}"


def is_missing(report: Any) -> bool:
    """Whether nothing of a report is in: never filed, or returned before any of it was accepted."""
    return report.status in ("open", "returned") and report.accepted_revision is None


def is_after_internal(internal: date | None, at: time | None, submitted_on: date, submitted_at: time) -> bool:
    """Whether something was filed after the date the level above set for itself (None: it set none)."""
    if internal is None:
        return False
    if submitted_on != internal or at is None:
        return submitted_on > internal
    return submitted_at > at


def receipt_number(plan: str, organisation: str, month: date, revision: int) -> str:
    """The number on a receipt: JJJ2017-130600-201709-1 for the plan "jjj-2017"."""
    tail = f"-{organisation.upper()}-{month:%Y%m}-{revision}"
    return plan.replace("-", "").upper()[: RECEIPT_LENGTH - len(tail)] + tail


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write a report's content: JSON with sorted keys, no spaces, Chinese as it is, in UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical content, 64 hexadecimal digits: the same as of the downloaded file."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


# The lights of a line that somebody has to look at, the worst first.
WORRYING = ("overdue", "behind")


def severity(line: Mapping[str, Any]) -> int:
    """How much a line's light worries, 0 the most."""
    return WORRYING.index(line["label"]) if line["label"] in WORRYING else len(WORRYING)


def needs_attention(line: Mapping[str, Any]) -> bool:
    """Whether a line is behind, overdue or silent."""
    return line["label"] in WORRYING or line["silent_months"] > 0


def attention_first(lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lines that need attention: overdue, then far behind, behind, silent; the earlier due first."""
    return sorted(
        (line for line in lines if needs_attention(line)),
        key=lambda line: (severity(line), line["light"] != "red", line["due"] or "9999"),
    )
