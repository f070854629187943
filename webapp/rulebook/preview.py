"""What reminder rules would have sent in a month that is over: the month lived through again in memory. Pure.

The very rule of the job is asked (`rules.owed`), at the instants at which the job asks, about what was on record then.
Rungs that had passed before count as told: some working days before the month are lived through first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain

from webapp.clock import add_months, local_date, local_instant, month_end, month_start
from webapp.reminders.facts import HORIZON, Gathered, GatheredKey
from webapp.reminders.ladder import Rules
from webapp.reminders.rules import Digest, Latest, Recorded, Subject, digests, owed
from webapp.reminders.subjects import Staff, World
from webapp.rulebook.past import Past
from webapp.rulebook.replay import Known
from webapp.workdays.calendar import Calendar

# When the job runs (tasks.schedule): every half hour of the day.
SLOTS = tuple(time(hour, minute) for hour in range(7, 21) for minute in (0, 30))
# So many working days are lived through before the month, for what still waited from one day to the next.
WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that would have been sent. `gathered`: how many assignments its lines about whole organisations name."""

    at: datetime
    digest: Digest
    at_once: bool
    gathered: Mapping[GatheredKey, Gathered]

    @property
    def day(self) -> date:
        """The Shanghai date of the mail."""
        return local_date(self.at)

    @property
    def lines(self) -> int:
        """How many lines it holds, those included that are only counted."""
        return len(self.digest.lines)

    @property
    def escalations(self) -> int:
        """How many of its lines are there because others did not act."""
        return sum(line.escalation for line in self.digest.lines)


def first_morning(month: date, calendar: Calendar) -> date:
    """The first day that is lived through for a month."""
    day = month_start(month)
    for _ in range(WARM_UP):
        day = calendar.previous_workday(day)
    return day


def replay(past: Past, rules: Rules, calendar: Calendar, month: date, *, slots: Sequence[time] = SLOTS) -> list[Mail]:
    """Every mail the rules would have led to in a month (any of its days), in order."""
    return list(_Month(past, rules, calendar, month, slots).mails())


@dataclass(slots=True)
class _Month:
    """The month while it is lived through: what was told so far, and what need not be asked again."""

    past: Past
    rules: Rules
    calendar: Calendar
    month: date
    slots: Sequence[time]
    recorded: set[Recorded] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    # The rung of which everybody was told, by subject and due date, for the people in office since `staff_of`.
    settled: dict[tuple[str, int, date], str] = field(default_factory=dict)
    known: Known = field(init=False)
    staff_of: tuple[int, ...] = ()
    next: int = 0

    def __post_init__(self) -> None:
        self.slots = [slot for slot in self.slots if slot >= self.rules.send_at]
        self.known = Known(self.past, self.rules, self.calendar)

    def mails(self) -> Iterator[Mail]:
        first, last = month_start(self.month), month_end(self.month)
        day = first_morning(first, self.calendar)
        self._begin(day)
        while (day := self.calendar.next_workday(day)) <= last:
            found = self._day(day)
            if day >= first:
                yield from found

    def _begin(self, day: date) -> None:
        """Take all that had come about by the first morning as told."""
        now = local_instant(day, self.slots[0])
        self._people(day)
        self._happen(now)
        self.known.count_silent(day)
        self._ask(chain(self.known.all(), self.known.wholes(day)), now)
        for morning, subjects in self._gone_by_morning():
            told = owed(subjects, self.calendar, self.rules, frozenset(), now=local_instant(morning, self.slots[-1]))
            self.recorded.update(intent.record for intent in told)
        self.told.clear()
        self._rest_of_day(day)

    def _gone_by_morning(self) -> Iterable[tuple[date, list[Subject]]]:
        """What there was no more on the first morning, by the last day on which it was asked about."""
        found: dict[date, list[Subject]] = {}
        for subject, stood in self.known.gone.items():
            morning = self._last_asked(stood.until)
            if morning and self._first_asked(stood.since) <= morning:
                found.setdefault(morning, []).append(subject)
        return found.items()

    def _last_asked(self, until: datetime) -> date:
        day = local_date(until)
        asked = self.calendar.is_workday(day) and local_instant(day, self.slots[0]) <= until
        return day if asked else self.calendar.previous_workday(day)

    def _first_asked(self, since: datetime) -> date:
        day = local_date(since)
        in_time = local_instant(day, self.slots[-1]) >= since
        return self.calendar.on_or_after(day if in_time else day + timedelta(days=1))

    # --- a working day

    def _day(self, day: date) -> list[Mail]:
        self._people(day)
        now = local_instant(day, self.slots[0])
        self._happen(now)
        if day.month != self.calendar.previous_workday(day).month:
            self.known.count_silent(day)
        self.told.clear()
        found = self._ask(chain(self.known.all(), self.known.wholes(day)), now, morning=True)
        return found + self._rest_of_day(day)

    def _rest_of_day(self, day: date) -> list[Mail]:
        """The job's later runs: they can owe something only where something happened since the one before."""
        found: list[Mail] = []
        for slot in self.slots[1:]:
            now = local_instant(day, slot)
            if moved := self._happen(now):
                found += self._ask(chain(self.known.of(moved), self.known.wholes(day)), now)
        return found

    def _happen(self, until: datetime) -> set[tuple[str, int]]:
        """Let happen what is on record up to an instant; what moved."""
        moved: set[tuple[str, int]] = set()
        happenings = self.past.happenings
        while self.next < len(happenings) and happenings[self.next].at <= until:
            each = happenings[self.next]
            self.known.happen(each)
            moved.add((each.thing, each.id))
            self.next += 1
        return moved

    def _people(self, day: date) -> None:
        """Put those in office who hold roles on a day; with other people everything is asked anew."""
        held = tuple(place for place, each in enumerate(self.past.held) if each.on(day))
        if held != self.staff_of or self.known.world is None:
            self.staff_of = held
            staff = Staff(self.past.held[place].who for place in held)
            self.known.people(World(self.past.places, staff, {self.past.plan: self.past.region}))
            self.settled.clear()

    def _ask(self, subjects: Iterable[Subject], now: datetime, *, morning: bool = False) -> list[Mail]:
        fresh = list(self._unsettled(subjects, now, morning))
        found = owed(fresh, self.calendar, self.rules, self.recorded, now=now, told_today=self.told)
        self.recorded.update(intent.record for intent in found)
        days = digests(found, most_items=self.rules.most_items)
        self.told.update(each.person for each in days)
        singles = [Digest(each.person, (each,), (each,), 1) for each in found if each.at_once]
        gathered = dict(self.known.gathered)
        return [
            *(Mail(now, each, False, gathered) for each in days),
            *(Mail(now, each, True, gathered) for each in singles),
        ]

    def _unsettled(self, subjects: Iterable[Subject], now: datetime, morning: bool) -> Iterator[Subject]:
        """The subjects of whose latest rung not everybody was told.

        In the morning nobody has had a digest, so that everybody is told then: until the next rung it is settled.
        """
        today = local_date(now)
        latest, until = Latest(self.calendar, self.rules, today), today + HORIZON
        for subject in subjects:
            passed = latest.of(subject) if subject.due <= until else None
            if passed is None:
                continue
            key, rung = (subject.kind, subject.id, subject.due), passed[1].code
            if self.settled.get(key) != rung:
                if morning:
                    self.settled[key] = rung
                yield subject


def months(first: date, today: date) -> list[date]:
    """The closed months from the one of a day on, the last first; each as its first day."""
    found, month = [], add_months(today, -1)
    while month >= month_start(first):
        found.append(month)
        month = add_months(month, -1)
    return found
