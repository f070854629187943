"""What the pages of bulletins show, worked out from rows and contents. No SQL, no HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.bulletins.rules import Kind, Period, Progress, number_text
from webapp.bulletins.service import together
from webapp.documents.tongue import Tongue
from webapp.i18n import language

# The part of an address that stands for each kind.
ROOMS: Mapping[str, Kind] = {"bulletins": "bulletin", "upward": "upward"}
TITLES: Mapping[str, Any] = {"bulletin": _l("调度通报"), "upward": _l("上报国务院报告")}


def room_of(kind: Kind) -> str:
    """The address part of a kind."""
    return next(room for room, each in ROOMS.items() if each == kind)


def period_word(code: str) -> str:
    """A period in the language being spoken: 2017年9月, 2017年第三季度."""
    word = Tongue("zh" if language() == "zh" else "en").period(code)
    return word[:1].upper() + word[1:]


def number_word(year: int, number: int) -> str:
    """An issue's number in the language being spoken."""
    return number_text(year, number, language())


@dataclass(frozen=True, slots=True)
class Listed:
    """A period in the list: its newest issue if there is one, and how far its reports are.

    `changed` says that what counts changed after the newest issue; `drafted` that remarks were written.
    """

    period: Period
    progress: Progress
    newest: Any
    closed: bool
    drafted: bool
    changed: bool

    @property
    def word(self) -> str:
        """The period in words."""
        return period_word(self.period.code)

    @property
    def number(self) -> str:
        """The number of its newest issue; empty where there is none."""
        return number_word(self.newest.year, self.newest.number) if self.newest else ""

    @property
    def state(self) -> str:
        """published, changed, ready, waiting: one word for the page's badge."""
        if self.newest:
            return "changed" if self.changed else "published"
        return "ready" if self.closed else "waiting"


STATE_WORDS: Mapping[str, tuple[Any, str]] = {
    "published": (_l("已印发"), "green"),
    "changed": (_l("印发后有变化"), "amber"),
    "ready": (_l("待印发"), "blue"),
    "waiting": (_l("未成文"), "grey"),
}


def listed(
    periods: Sequence[Period],
    by_month: Mapping[date, Progress],
    newest: Mapping[str, Any],
    drafted: frozenset[str],
    changed_at: Mapping[date, datetime],
    today: date,
) -> list[Listed]:
    """The periods, the newest first; those that have not begun to be reported on are left out."""
    found = []
    for period in reversed(periods):
        progress, issue = together(by_month, period), newest.get(period.code)
        if progress.due is None and issue is None:
            continue
        moved = [changed_at[month] for month in period.months if month in changed_at]
        changed = issue is not None and any(moment > issue.published_at for moment in moved)
        closed = progress.is_closed(today)
        found.append(Listed(period, progress, issue, closed, period.code in drafted, changed))
    return found


def state_of_reports(progress: Progress) -> str:
    """How far a period's reports are, in a sentence."""
    if progress.is_settled:
        return _("应报 %(wanted)s 份，全部审核通过。", wanted=progress.wanted)
    return _(
        "应报 %(wanted)s 份，已报 %(filed)s 份，审核通过 %(accepted)s 份；未审结的按最近一次报送计入，未报的列名。",
        wanted=progress.wanted, filed=progress.filed, accepted=progress.accepted,
    )  # fmt: skip
