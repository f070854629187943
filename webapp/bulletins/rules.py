"""Which periods there are, when one is closed, how an issue is numbered, who may read and write. Pure.

Sources: notice-4 (the months reported on), safeguard-1.4 (upward every quarter, every month of the heating season).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from webapp.clock import add_months, month_end, month_start
from webapp.permissions import Actor, Permission, can

Kind = Literal["bulletin", "upward"]
CODE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2]|Q[1-4])")


@dataclass(frozen=True, slots=True)
class Period:
    """What a document speaks of: "2017-09" or "2017-Q3", and those of its months that are reported on."""

    kind: Kind
    code: str
    months: tuple[date, ...]

    @property
    def is_quarter(self) -> bool:
        """Whether it is a quarter rather than a month."""
        return "Q" in self.code

    @property
    def last(self) -> date:
        """The month whose reports give the figures: they are cumulative."""
        return self.months[-1]

    @property
    def ends_on(self) -> date:
        """The day up to which its figures count."""
        return month_end(self.last)


def quarter_code(month: date) -> str:
    """The quarter a month lies in: 2017-Q3."""
    return f"{month.year}-Q{(month.month + 2) // 3}"


def reported_months(reporting: Mapping[str, Any], ends_on: date) -> list[date]:
    """The months a plan is reported on, from its pack's rule; the plan's last month where that names none.

    Empty for a plan that is not reported on.
    """
    if not reporting.get("first_month"):
        return []
    first, last = _month(reporting["first_month"]), reporting.get("last_month")
    end = _month(last) if last else month_start(ends_on)
    return [add_months(first, count) for count in range(_distance(first, end) + 1)]


def _month(text: str) -> date:
    return date.fromisoformat(f"{text[:7]}-01")


def _distance(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def bulletin_periods(months: Sequence[date]) -> list[Period]:
    """One bulletin a month."""
    return [Period("bulletin", f"{month:%Y-%m}", (month,)) for month in months]


def upward_periods(
    months: Sequence[date], upward: Mapping[str, Any] | None, seasons: Mapping[str, tuple[date, date]]
) -> list[Period]:
    """The reports upward: every quarter, and besides every month the named season touches; the earlier end first.

    `upward` is the pack's rule ({"monthly_in": "heating"}); a plan without one has no report upward.
    """
    if upward is None:
        return []
    quarters: dict[str, list[date]] = {}
    for month in months:
        quarters.setdefault(quarter_code(month), []).append(month)
    found = [Period("upward", code, tuple(inside)) for code, inside in quarters.items()]
    season = seasons.get(upward.get("monthly_in") or "")
    if season:
        touched = [month for month in months if month <= season[1] and month_end(month) >= season[0]]
        found += [Period("upward", f"{month:%Y-%m}", (month,)) for month in touched]
    return sorted(found, key=lambda each: (each.last, each.is_quarter))


def is_code(text: str) -> bool:
    """Whether a text has the form of a period."""
    return bool(CODE.fullmatch(text))


# --- closed or not


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period's reports are: how many are wanted, filed and accepted, and the last legal date of them."""

    wanted: int
    filed: int
    accepted: int
    due: date | None

    def is_closed(self, today: date) -> bool:
        """Whether a document can be made: the legal date is over, or everything has been accepted before it is.

        While reports may still come in time nobody is late or missing, so that nothing could be said of them.
        """
        if not self.wanted or self.due is None:
            return False
        return today > self.due or self.accepted == self.wanted

    @property
    def is_settled(self) -> bool:
        """Whether every report that was wanted has been accepted."""
        return self.wanted > 0 and self.accepted == self.wanted


# --- numbers and people


def number_text(year: int, number: int, language: str) -> str:
    """An issue's own number within its year: 〔2017〕第8期, No. 8 (2017)."""
    return f"〔{year}〕第{number}期" if language == "zh" else f"No. {number} ({year})"


def may_publish(actor: Actor, region_path: str) -> bool:
    """Whether the actor writes and publishes for a plan's region: its coordinators alone."""
    return can(actor, Permission.PUBLISH, region_path)


def may_read(actor: Actor, region_path: str) -> bool:
    """Whether the actor belongs to a plan's region and so reads what is published: members at any level of it."""
    held: Iterable[str] = (grant.path for grant in actor.grants)
    return any(path.startswith(region_path) or region_path.startswith(path) for path in held)
