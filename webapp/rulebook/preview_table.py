"""Two previews of one month side by side: by day, in all, and by person. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from webapp.clock import month_end, month_start
from webapp.rulebook.preview import Mail
from webapp.workdays.calendar import Calendar

Key = TypeVar("Key", date, int)


@dataclass(frozen=True, slots=True)
class Count:
    """So many mails with so many lines, of which so many tell that others did not act."""

    mails: int = 0
    lines: int = 0
    escalations: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.mails + other.mails, self.lines + other.lines, self.escalations + other.escalations
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """What the rules in force would have sent, and what the draft would."""

    now: Count = Count()
    draft: Count = Count()

    @property
    def lines(self) -> int:
        """How many lines more the draft has."""
        return self.draft.lines - self.now.lines

    @property
    def mails(self) -> int:
        """How many mails more the draft has."""
        return self.draft.mails - self.now.mails


@dataclass(frozen=True, slots=True)
class Table:
    """The comparison: every working day, the month, and everybody by person id, the greatest differences first."""

    days: dict[date, Pair]
    total: Pair
    people: dict[int, Pair]

    @property
    def more(self) -> int:
        """How many people would get more lines or mails."""
        return sum(_difference(each) > (0, 0) for each in self.people.values())

    @property
    def fewer(self) -> int:
        """How many people would get fewer."""
        return sum(_difference(each) < (0, 0) for each in self.people.values())


def side_by_side(now: Sequence[Mail], draft: Sequence[Mail], month: date, calendar: Calendar) -> Table:
    """Count two previews of a month."""
    counted = [(_counts((mail.day, mail) for mail in mails), _counts((mail.digest.person, mail) for mail in mails))
               for mails in (now, draft)]  # fmt: skip
    (days_now, people_now), (days_draft, people_draft) = counted
    people = {each: Pair(people_now[each], people_draft[each]) for each in sorted({*people_now, *people_draft})}
    return Table(
        {day: Pair(days_now[day], days_draft[day]) for day in workdays(month, calendar)},
        Pair(sum(days_now.values(), Count()), sum(days_draft.values(), Count())),
        dict(sorted(people.items(), key=lambda each: _rank(each[1]), reverse=True)),
    )


def workdays(month: date, calendar: Calendar) -> Iterator[date]:
    """The working days of a month."""
    day = calendar.on_or_after(month_start(month))
    while day <= month_end(month):
        yield day
        day = calendar.next_workday(day)


def mails_of(mails: Iterable[Mail], day: date, person: int) -> list[Mail]:
    """What one person would have got on a day."""
    return [each for each in mails if each.digest.person == person and each.day == day]


def _counts(mails: Iterable[tuple[Key, Mail]]) -> dict[Key, Count]:
    counts: dict[Key, Count] = defaultdict(Count)
    for key, each in mails:
        counts[key] += Count(1, each.lines, each.escalations)
    return counts


def _difference(pair: Pair) -> tuple[int, int]:
    return pair.lines, pair.mails


def _rank(pair: Pair) -> tuple[int, int, int]:
    return abs(pair.lines), abs(pair.mails), pair.now.lines + pair.draft.lines
