"""What mails people ought to get, worked out a second time, from the rules alone: no code is shared with the product.

It replays what happened (`Event`) and, at every instant the scheduler was awake, asks who is owed what. Times are
Shanghai wall time without a zone. Everything is spelled out again: the calendar, the ladders (`oracle_calendar`), the
dates of reports, statuses, who is told, and the digest's order and cut.

Silence, as decided: an assignment with a due date that waits for its organisation is silent when the last closed month
went by without a statement on it ("no change" is one, a decision is none), provided it was there for the whole of that
month: since the later of its own first day and the day the plan was loaded.

Mails about decisions are no reminders but share the outbox: at once to every officer of the organisation (deputies too;
where it is no city, to its coordinators too) but the one who decided; on a report, to whoever submitted it. In quiet
hours they wait. Whoever refused the mails of one kind gets none of it, but a digest with an escalation all the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from tests.reminders.oracle_calendar import (
    CLIMBS,
    DAY,
    FIRST_KNOWN,
    LADDERS,
    LAST_KNOWN,
    WITHIN,
    first_of_month,
    latest_rung,
    workdays_on,
    working,
    works,
)

# --- the world


@dataclass(frozen=True)
class Place:
    """An organisation: its number, its kind, its path down from the region."""

    number: int
    kind: str
    path: str
    above: str | None


@dataclass(frozen=True)
class Role:
    """Somebody (by address) is officer or coordinator at a place, from a day to another, both included."""

    person: str
    place: str
    role: str
    first: date = FIRST_KNOWN
    last: date = LAST_KNOWN
    deputy: bool = False


@dataclass
class Assignment:
    """A duty of a place, and what became of it."""

    number: int
    place: str
    task: str
    kind: str
    starts_on: date
    due: date | None
    season: bool = False
    status: str = "not_started"
    as_of: date | None = None
    spoken_on: date | None = None
    claimed_on: date | None = None
    returned_on: date | None = None


@dataclass
class Report:
    """A place's report on a month, and what became of it."""

    number: int
    place: str
    due: date
    status: str = "open"
    submitted_on: date | None = None
    submitted_by: str = ""
    returned_on: date | None = None


@dataclass
class World:
    """A plan with its places and roles. Assignments by (task, place), reports' numbers by (place, month).

    `at_once` are ladders whose reminders are mails of their own, `fixed` those whose rungs do not mind rest days.
    """

    loaded_on: date
    region: str
    places: Mapping[str, Place]
    roles: list[Role]
    assignments: Mapping[tuple[str, str], Assignment]
    report_numbers: Mapping[tuple[str, date], int]
    season: tuple[date, date]
    own_seasons: Mapping[str, tuple[date, date]]
    special_ladders: Mapping[str, str]
    ladders: Mapping[str, str] = field(default_factory=lambda: LADDERS)
    at_once: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    most_items: int = 20
    send_at: time = time(8, 30)
    quiet: tuple[time, time] = (time(21), time(7))


@dataclass(frozen=True)
class Event:
    """Somebody did something: `about` is a (task, place), a (place, month) or a person."""

    at: datetime
    verb: str
    about: Any
    by: str = ""
    value: Any = None


@dataclass(frozen=True, order=True)
class Line:
    """One line of a mail: under which heading, about what, by when, how many days that is away (None: not said).

    `count` is the number of assignments where the line speaks of several.
    """

    section: str
    about: tuple[str, int]
    due: date | None = None
    days: int | None = None
    count: int = 1


@dataclass(frozen=True, order=True)
class Mail:
    """A mail as somebody found it: delivered at an instant, with its lines and how many more were only counted."""

    at: datetime
    to: str
    kind: str
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True)
class Intent:
    """Somebody ought to be told of a subject at a rung, in a capacity."""

    kind: str
    number: int
    place: str
    due: date
    rung: str
    person: str
    capacity: str
    count: int
    at_once: bool

    @property
    def about(self) -> tuple[str, int]:
        """What the line speaks of: an assignment's several subjects are one, a report's too."""
        if self.kind.startswith("report"):
            return "report", self.number
        same = self.kind in ("assignment", "review", "na_claim", "returned")
        return ("assignment" if same else self.kind), self.number


Told = tuple[str, int, date, str, str]
Subject = tuple[str, int, str, date, int]
ESCALATED = ("province", "region")
# The headings of a digest, in the order in which they stand there.
SECTIONS = ("own", "review", "escalated")
OPEN = ("not_started", "in_progress", "returned")
AFTER = {
    "progress": "in_progress", "no_change": "in_progress", "claim": "claimed", "na_claim": "na_claimed",
    "withdraw": "in_progress", "verify": "verified", "return": "returned", "reopen": "returned",
    "na_accept": "not_applicable", "na_refuse": "returned",
}  # fmt: skip
STATEMENTS = ("progress", "no_change", "claim", "na_claim", "withdraw")


@dataclass
class Oracle:
    """Replays a world; `mails` and `told` are what ought to be in people's mailboxes and in the ledger."""

    world: World
    reports: dict[tuple[str, date], Report] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refusing: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[tuple[datetime, str, Line]] = field(default_factory=list)
    digests: set[tuple[date, str]] = field(default_factory=set)
    told: dict[Told, str] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)

    def replay(self, events: Iterable[Event], ticks: Sequence[datetime]) -> "Oracle":
        """Let the events happen, and the scheduler wake at each tick: work out reminders, deliver mail."""
        ahead = sorted(events, key=lambda event: event.at)
        for tick in ticks:
            while ahead and ahead[0].at <= tick:
                self.happen(ahead.pop(0))
            self._open_reports(tick.date())
            self.mails += self._reminders(tick)
            self._deliver(tick)
        return self

    # --- what happens

    def happen(self, event: Event) -> None:
        """Bring the world to what an event makes of it."""
        if event.verb in AFTER:
            self._moved(event, self.world.assignments[event.about])
        elif event.verb in ("submit", "accept", "send_back"):
            self._reported(event)
        elif event.verb == "extend":
            row = self.world.assignments[event.about]
            row.due = event.value
            self._tell_of_decision(event, row)
        elif event.verb == "role":
            self.world.roles.append(event.value)
        elif event.verb == "leaves":
            self.gone.add(event.about)
        else:
            assert event.verb == "refuses", event
            self.refusing.add((event.about, event.value))

    def _moved(self, event: Event, row: Assignment) -> None:
        row.status, today = AFTER[event.verb], event.at.date()
        if event.verb in STATEMENTS:
            row.spoken_on = today
            row.as_of = max(row.as_of or today, event.value or today)
        else:
            self._tell_of_decision(event, row)
        if event.verb in ("claim", "na_claim"):
            row.claimed_on = today
        if row.status == "returned":
            row.returned_on = today

    def _reported(self, event: Event) -> None:
        self._open_reports(event.at.date())
        row, today = self.reports[event.about], event.at.date()
        if event.verb == "submit":
            row.status, row.submitted_on, row.submitted_by = "submitted", today, event.by
            return
        row.status = "accepted" if event.verb == "accept" else "returned"
        row.returned_on = today
        if row.submitted_by not in self.gone:
            self._queue(event.at, row.submitted_by, ("report", row.number))

    def _open_reports(self, today: date) -> None:
        """A report counts from its month's first day on: by its first rung, at the month's end, it is opened anyhow."""
        for (place, month), number in self.world.report_numbers.items():
            if month <= today and (place, month) not in self.reports:
                self.reports[place, month] = Report(number, place, self._report_due(place, month))

    def _report_due(self, place: str, month: date) -> date:
        """The 8th of the next month or the working day after; a city three before, unless still in the month itself."""
        legal = working(first_of_month(month, 1).replace(day=8), 1)
        own = workdays_on(legal, -3)
        if self.world.places[place].kind != "city" or own < first_of_month(month, 1):
            return legal
        return own

    # --- subjects

    def subjects(self, today: date) -> Iterator[Subject]:
        """Everything that waits for somebody: (kind, number, place, due, of how many assignments)."""
        for row in self.world.assignments.values():
            for kind, due in self._of_assignment(row):
                yield kind, row.number, row.place, due, 1
        for report in self.reports.values():
            for kind, due in self._of_report(report):
                yield kind, report.number, report.place, due, 1
        for code, place in self.world.places.items():
            rows = [row for row in self.world.assignments.values() if row.place == code]
            for kind, due, count in self._of_place(code, rows, today):
                if count:
                    yield kind, place.number, code, due, count

    def _of_assignment(self, row: Assignment) -> Iterator[tuple[str, date]]:
        if row.status in OPEN and row.due:
            yield "assignment", row.due
        since = {"claimed": row.claimed_on, "na_claimed": row.claimed_on, "returned": row.returned_on}.get(row.status)
        if since:
            kind = {"claimed": "review", "na_claimed": "na_claim", "returned": "returned"}[row.status]
            yield kind, workdays_on(since, WITHIN[kind])

    def _of_report(self, row: Report) -> Iterator[tuple[str, date]]:
        if row.status in ("open", "returned"):
            yield "report", row.due
        if row.status == "submitted" and row.submitted_on:
            yield "report_review", workdays_on(row.submitted_on, WITHIN["review"])
        if row.status == "returned" and row.returned_on:
            yield "report_returned", workdays_on(row.returned_on, WITHIN["returned"])

    def _of_place(self, place: str, rows: Sequence[Assignment], today: date) -> Iterator[tuple[str, date, int]]:
        yield "silence", first_of_month(today), sum(self._is_silent(row, today) for row in rows)
        first, last = self.world.own_seasons.get(place, self.world.season)
        if first >= today:
            unfinished = [row for row in rows if row.season and row.status not in ("verified", "not_applicable")]
            yield "season_start", first, len(unfinished)
        caps = [row for row in rows if row.kind == "seasonal_cap" and row.status in OPEN]
        for month in (first_of_month(today, -1), first_of_month(today)):
            begins, ends = max(month, first), min(first_of_month(month, 1) - DAY, last)
            if begins <= ends and begins <= today:
                yield "cap_check", ends, sum(row.as_of is None or row.as_of < begins for row in caps)

    def _is_silent(self, row: Assignment, today: date) -> bool:
        there = max(row.starts_on, self.world.loaded_on)
        closed = first_of_month(today, -1)
        spoken = row.spoken_on is not None and row.spoken_on >= closed
        return row.status in OPEN and row.due is not None and there <= closed and not spoken

    # --- whom to tell

    def holders(self, place: str, role: str, today: date, *, deputy: bool | None = None) -> list[str]:
        """Who holds a role at a place today and is still there; only deputies, or only others, where that is asked."""
        return [
            each.person
            for each in self.world.roles
            if (each.place, each.role) == (place, role)
            and each.first <= today <= each.last
            and each.person not in self.gone
            and deputy in (None, each.deputy)
        ]

    def officers(self, place: str, today: date) -> list[str]:
        """Who is told as officer: where there is none, the deputies; where there is none either, the coordinators."""
        return (
            self.holders(place, "officer", today, deputy=False)
            or self.holders(place, "officer", today, deputy=True)
            or self.holders(place, "coordinator", today)
        )

    def listeners(self, subject: Subject, tell: str, today: date) -> dict[str, str]:
        """Whom a rung tells, each with the first of their capacities."""
        kind, _, place, *_ = subject
        here, found = self.world.places[place], list[tuple[str, list[str]]]()
        if kind in ("review", "report_review", "na_claim"):
            found.append(("reviewer", self.holders(here.above or place, "coordinator", today) if "c" in tell else []))
        else:
            officers = self.officers(place, today)
            deputies = self.holders(place, "officer", today, deputy=True)
            chased = {"city": here.above, "municipality": place, "province": place}.get(here.kind)
            province = self.holders(chased, "coordinator", today) if chased else []
            found.append(("officer", officers if "o" in tell else []))
            # A deputy who stands in for the officer is told as officer, at the officer's rungs.
            found.append(("deputy", deputies if "d" in tell else []))
            found.append(("province", province if "c" in tell else []))
        found.append(("region", self.holders(self.world.region, "coordinator", today) if "r" in tell else []))
        return {person: capacity for capacity, people in reversed(found) for person in people}

    def owed(self, today: date) -> Iterator[Intent]:
        """What somebody ought to be told today and was not: of each subject the latest rung alone."""
        special = {
            row.number: self.world.special_ladders.get(row.task, "assignment")
            for row in self.world.assignments.values()
        }
        for subject in self.subjects(today):
            kind, number, place, due, count = subject
            ladder = special[number] if kind == "assignment" else CLIMBS.get(kind, kind)
            found = latest_rung(self.world.ladders[ladder], due, today, fixed=ladder in self.world.fixed)
            for person, capacity in self.listeners(subject, found[1], today).items() if found else ():
                if found and (kind, number, due, found[0], person) not in self.told:
                    yield Intent(
                        kind, number, place, due, found[0], person, capacity, count, ladder in self.world.at_once
                    )

    # --- the mails

    def _reminders(self, tick: datetime) -> Iterator[Mail]:
        """One digest a person and day, and beside it what goes at once."""
        today = tick.date()
        if not works(today) or tick.time() < self.world.send_at:
            return
        by_person = defaultdict[str, list[Intent]](list)
        for intent in list(self.owed(today)):
            if intent.at_once:
                yield from self._mailed(tick, "reminder", [intent])
            elif (today, intent.person) not in self.digests:
                by_person[intent.person].append(intent)
        for person, intents in by_person.items():
            self.digests.add((today, person))
            yield from self._mailed(tick, "digest", intents)

    def _mailed(self, tick: datetime, kind: str, intents: Sequence[Intent]) -> Iterator[Mail]:
        """Note that somebody is told; the mail, unless they refused such mails and nobody else's delay is in it."""
        person = intents[0].person
        self.told |= {(each.kind, each.number, each.due, each.rung, person): each.capacity for each in intents}
        escalates = any(each.capacity in ESCALATED for each in intents)
        if escalates or (person, "reminders") not in self.refusing:
            yield self._mail(tick, kind, intents)

    def _mail(self, tick: datetime, kind: str, intents: Sequence[Intent]) -> Mail:
        first_of = dict[tuple[str, int], Intent]()
        for intent in sorted(intents, key=self._urgency):
            first_of.setdefault(intent.about, intent)
        shown = [_line(each, tick.date()) for each in first_of.values()][: self.world.most_items]
        headed = sorted(shown, key=lambda line: SECTIONS.index(line.section))
        return Mail(tick, intents[0].person, kind, tuple(headed), len(first_of) - len(shown))

    def _urgency(self, intent: Intent) -> tuple[bool, str, date, str, int]:
        escalated = intent.capacity in ESCALATED
        path = self.world.places[intent.place].path if escalated else ""
        return escalated, path, intent.due, intent.kind, intent.number

    def _tell_of_decision(self, event: Event, row: Assignment) -> None:
        today, place = event.at.date(), self.world.places[row.place]
        people = set(self.holders(row.place, "officer", today))
        if place.kind != "city":
            people |= set(self.holders(row.place, "coordinator", today))
        for person in people - {event.by}:
            self._queue(event.at, person, ("assignment", row.number))

    def _queue(self, at: datetime, person: str, about: tuple[str, int]) -> None:
        """A mail that goes at once; one that arises in quiet hours waits for their end."""
        begins, ends = self.world.quiet
        over_midnight = ends < begins
        if at.time() < ends and (over_midnight or begins <= at.time()):
            at = datetime.combine(at.date(), ends)
        elif over_midnight and at.time() >= begins:
            at = datetime.combine(at.date() + DAY, ends)
        self.waiting.append((at, person, Line("decision", about)))

    def _deliver(self, tick: datetime) -> None:
        due = [each for each in self.waiting if each[0] <= tick]
        self.waiting = [each for each in self.waiting if each[0] > tick]
        self.mails += [
            Mail(tick, person, "decision", (line,))
            for _, person, line in due
            if (person, "decisions") not in self.refusing
        ]


def _line(intent: Intent, today: date) -> Line:
    """How a mail says it. Silence has no date to meet."""
    section = {"officer": "own", "deputy": "own", "reviewer": "review"}.get(intent.capacity, "escalated")
    if intent.kind == "silence":
        return Line(section, intent.about, count=intent.count)
    return Line(section, intent.about, intent.due, (intent.due - today).days, intent.count)
