"""What reminders are owed: one pure function of the facts, the calendar, the ladders, what is recorded, and now.

The latest rung that has passed is the only one that counts. If the ledger has it for this subject, this due date and
this person, nothing is owed; earlier rungs are void. So a scheduler that slept for days neither forgets nor floods, an
extended subject starts afresh against its new date, and a person who takes a subject over is told where it stands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Literal

from webapp.clock import local
from webapp.reminders.ladder import Rules
from webapp.reminders.rungs import ESCALATIONS, Audience, Ladder, Rung, Tell
from webapp.workdays.calendar import Calendar

SubjectKey = tuple[str, int]
Recorded = tuple[int, str, int, date, int, str]
"""What makes a reminder unique in the ledger: (plan, kind, id, due date, person, rung code)."""

RungKey = tuple[int, str, date, str]
"""A rung that counts now: (plan, kind, due date, rung code)."""

Move = Literal["officer", "reviewer"]

# Which of a subject's people a rung's `tell` reaches, by whose move it is.
_REACHES: Mapping[Move, Mapping[Tell, Audience]] = {
    "officer": {
        Tell.OFFICER: Audience.OFFICER,
        Tell.DEPUTY: Audience.DEPUTY,
        Tell.COORDINATOR: Audience.PROVINCE,
        Tell.REGION: Audience.REGION,
    },
    "reviewer": {Tell.COORDINATOR: Audience.REVIEWER, Tell.REGION: Audience.REGION},
}
# Kinds that speak of the same thing: one line of a digest.
_OBJECTS: Mapping[str, str] = {
    "review": "assignment",
    "na_claim": "assignment",
    "returned": "assignment",
    "report_review": "report",
    "report_returned": "report",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Something with a due date that somebody may be reminded of.

    `due` is the day its `ladder` is counted from, `move` whose move it is. `people` are person ids by capacity. `group`
    is what an escalated list is grouped by: the organisation's path.
    """

    kind: str
    id: int
    due: date
    move: Move
    people: Mapping[Audience, Collection[int]] = field(hash=False)
    ladder: str
    group: str = ""
    plan: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """One person to be told about one subject at one rung. `days` to the due date, negative when it is past."""

    subject: SubjectKey
    person: int
    audience: Audience
    due: date
    rung: str
    rung_on: date
    days: int
    group: str = ""
    plan: int = 0
    at_once: bool = False

    @property
    def escalation(self) -> bool:
        """Whether the person is told because others did not act."""
        return self.audience in ESCALATIONS

    @property
    def record(self) -> Recorded:
        """What makes the intent unique in the ledger."""
        return (self.plan, *self.subject, self.due, self.person, self.rung)

    @property
    def object(self) -> tuple[int, str, int]:
        """What the intent speaks of: intents about one object are one line of a digest."""
        kind, subject_id = self.subject
        return self.plan, _OBJECTS.get(kind, kind), subject_id


def awake(calendar: Calendar, rules: Rules, now: datetime) -> bool:
    """Whether anything may be owed at an instant: on working days, from the sending hour on."""
    moment = local(now)
    return calendar.is_workday(moment.date()) and moment.time() >= rules.send_at


def owed(
    subjects: Iterable[Subject],
    calendar: Calendar,
    rules: Rules,
    recorded: AbstractSet[Recorded],
    *,
    now: datetime,
    told_today: AbstractSet[int] = frozenset(),
) -> list[Intent]:
    """Every reminder owed at an instant (aware UTC); empty on rest days and before the sending hour.

    `told_today` are people who already had their digest on this Shanghai date: theirs wait for the next working day.
    What goes at once does not wait for it.
    """
    if not awake(calendar, rules, now):
        return []
    latest = Latest(calendar, rules, local(now).date())
    found = (intent for subject in subjects for intent in _for_subject(subject, latest))
    return [
        intent
        for intent in found
        if intent.record not in recorded and (intent.at_once or intent.person not in told_today)
    ]


def current_rungs(subjects: Iterable[Subject], calendar: Calendar, rules: Rules, *, now: datetime) -> set[RungKey]:
    """The latest rung of every subject: all that the ledger has to be asked about."""
    latest, found = Latest(calendar, rules, local(now).date()), set[RungKey]()
    for subject in subjects:
        passed = latest.of(subject)
        if passed:
            found.add((subject.plan, subject.kind, subject.due, passed[1].code))
    return found


class Latest:
    """The latest rungs of a plan's ladders on a day, each worked out once for a due date."""

    def __init__(self, calendar: Calendar, rules: Rules, today: date) -> None:
        self.today = today
        self._calendar, self._rules = calendar, rules
        self._known: dict[tuple[str, date], tuple[Ladder, Rung, date] | None] = {}

    def of(self, subject: Subject) -> tuple[Ladder, Rung, date] | None:
        """The ladder, the latest rung passed and its day; None when there is none."""
        key = subject.ladder, subject.due
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, name: str, due: date) -> tuple[Ladder, Rung, date] | None:
        ladder = self._rules.ladder(name)
        passed = ladder.latest_passed(due, self.today, self._calendar) if ladder else None
        return (ladder, *passed) if ladder and passed else None


def _for_subject(subject: Subject, latest: Latest) -> Iterator[Intent]:
    found = latest.of(subject)
    if found is None:
        return
    ladder, rung, rung_on = found
    days, key = (subject.due - latest.today).days, (subject.kind, subject.id)
    for person, audience in _told(subject, rung).items():
        yield Intent(
            key, person, audience, subject.due, rung.code, rung_on, days, subject.group, subject.plan,
            ladder.delivery == "at_once",
        )  # fmt: skip


def _told(subject: Subject, rung: Rung) -> dict[int, Audience]:
    """The people a rung reaches, each in the first capacity that applies."""
    told: dict[int, Audience] = {}
    for audience in _audiences(subject.move, rung.tell):
        for person in sorted(subject.people.get(audience, ())):
            told.setdefault(person, audience)
    return told


@cache
def _audiences(move: Move, tell: tuple[Tell, ...]) -> tuple[Audience, ...]:
    """The capacities a rung reaches, in the order in which a person with several is told."""
    reaches = _REACHES[move]
    reached = {reaches[each] for each in tell if each in reaches}
    return tuple(each for each in Audience if each in reached)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told in one mail: all of `intents` is recorded, `lines` are shown or counted.

    Of the intents about one object only the first is a line.
    """

    person: int
    intents: tuple[Intent, ...]
    lines: tuple[Intent, ...]
    most_items: int

    @property
    def shown(self) -> tuple[Intent, ...]:
        """The most urgent lines, at most `most_items`."""
        return self.lines[: self.most_items]

    @property
    def more(self) -> int:
        """How many lines are only counted."""
        return len(self.lines) - len(self.shown)

    @property
    def escalates(self) -> bool:
        """Whether anything is told because others did not act: such a mail cannot be refused."""
        return any(intent.escalation for intent in self.intents)


def digests(intents: Iterable[Intent], *, most_items: Mapping[int, int] | int = 20) -> list[Digest]:
    """One digest a person, by person id; nothing to say, no digest. What goes at once is left out.

    `most_items` may differ by plan: the strictest of the plans a digest speaks of holds.
    """
    by_person: dict[int, list[Intent]] = defaultdict(list)
    for intent in intents:
        if not intent.at_once:
            by_person[intent.person].append(intent)
    return [_digest(person, theirs, most_items) for person, theirs in sorted(by_person.items())]


def _digest(person: int, intents: list[Intent], most_items: Mapping[int, int] | int) -> Digest:
    ordered = tuple(sorted(intents, key=_urgency))
    lines: dict[tuple[int, str, int], Intent] = {}
    for intent in ordered:
        lines.setdefault(intent.object, intent)
    most = most_items if isinstance(most_items, int) else min(most_items[intent.plan] for intent in ordered)
    return Digest(person, ordered, tuple(lines.values()), most)


def _urgency(intent: Intent) -> tuple[bool, str, date, SubjectKey, int]:
    """Own work first, the longest overdue first; then what was escalated, city by city."""
    group = intent.group if intent.escalation else ""
    return intent.escalation, group, intent.due, intent.subject, intent.plan
