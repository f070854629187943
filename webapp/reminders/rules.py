"""What reminders are owed: one pure function of the facts, the calendar, the ladder, what is recorded, and now.

The latest rung that has passed is the only one that counts. If the ledger has it for this subject, this due date and
this person, nothing is owed; earlier rungs are void. So a scheduler that slept for days neither forgets nor floods, an
extended subject starts afresh against its new date, and a person who takes a subject over is told where it stands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from webapp.clock import local
from webapp.reminders.ladder import ESCALATIONS, Audience, Rules, Rung
from webapp.workdays.calendar import Calendar

SubjectKey = tuple[str, int]
Recorded = tuple[SubjectKey, date, int, str]
"""(subject, effective due date, person, rung code)."""

WaitsFor = Literal["officer", "reviewer", "nobody"]

_WAITS_FOR: Mapping[tuple[str, str], WaitsFor] = {
    ("assignment", "not_started"): "officer",
    ("assignment", "in_progress"): "officer",
    ("assignment", "returned"): "officer",
    ("assignment", "claimed"): "reviewer",
    ("assignment", "na_claimed"): "reviewer",
    ("review", "claimed"): "reviewer",
    ("review", "na_claimed"): "reviewer",
    ("report", "open"): "officer",
    ("report", "returned"): "officer",
}


def waits_for(kind: str, status: str) -> WaitsFor:
    """Whose move it is: finished, waived and submitted things wait for nobody whom a ladder would chase."""
    return _WAITS_FOR.get((kind, status), "nobody")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something with a due date that somebody may be reminded of.

    `due` is the effective date for the one who has to act (a city's report: its internal date). `people` are person ids
    by capacity. `group` is what an escalated list is grouped by (the city).
    """

    kind: str
    id: int
    due: date | None
    waits_for: WaitsFor
    people: Mapping[Audience, Collection[int]] = field(hash=False)
    group: str = ""
    plan: int = 0

    @property
    def key(self) -> SubjectKey:
        """What the ledger knows the subject by."""
        return self.kind, self.id


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

    @property
    def escalation(self) -> bool:
        """Whether the person is told because others did not act."""
        return self.audience in ESCALATIONS

    @property
    def record(self) -> Recorded:
        """What makes the intent unique in the ledger."""
        return self.subject, self.due, self.person, self.rung


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
    """
    moment = local(now)
    today = moment.date()
    if not calendar.is_workday(today) or moment.time() < rules.send_at:
        return []
    found = (intent for subject in subjects for intent in _for_subject(subject, calendar, rules, today))
    return [intent for intent in found if intent.record not in recorded and intent.person not in told_today]


def _for_subject(subject: Subject, calendar: Calendar, rules: Rules, today: date) -> Iterator[Intent]:
    if subject.due is None or subject.waits_for == "nobody":
        return
    latest = rules.ladder(subject.kind).latest_passed(subject.due, today, calendar)
    if latest is None:
        return
    rung, rung_on = latest
    days = (subject.due - today).days
    for person, audience in _told(subject, rung).items():
        yield Intent(subject.key, person, audience, subject.due, rung.code, rung_on, days, subject.group, subject.plan)


def _told(subject: Subject, rung: Rung) -> dict[int, Audience]:
    """The people a rung reaches, each in the first capacity that applies."""
    capacities = {Audience(subject.waits_for), *rung.escalations}
    told: dict[int, Audience] = {}
    for audience in Audience:
        if audience in capacities:
            for person in sorted(subject.people.get(audience, ())):
                told.setdefault(person, audience)
    return told


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told in one mail: `shown` in order, `more` only counted; all of `intents` is recorded."""

    person: int
    intents: tuple[Intent, ...]
    most_items: int

    @property
    def shown(self) -> tuple[Intent, ...]:
        """The most urgent ones, at most `most_items`."""
        return self.intents[: self.most_items]

    @property
    def more(self) -> int:
        """How many are only counted."""
        return len(self.intents) - len(self.shown)


def digests(intents: Iterable[Intent], *, most_items: int = 20) -> list[Digest]:
    """One digest a person, by person id; nothing to say, no digest."""
    by_person: dict[int, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_person[intent.person].append(intent)
    return [
        Digest(person, tuple(sorted(theirs, key=_urgency)), most_items) for person, theirs in sorted(by_person.items())
    ]


def _urgency(intent: Intent) -> tuple[bool, str, date, SubjectKey]:
    """Own work first, the longest overdue first; then what was escalated, city by city."""
    return intent.escalation, intent.group if intent.escalation else "", intent.due, intent.subject
