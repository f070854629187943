"""What may be reminded of at an instant of the past, kept up to date as the records are read on. Pure.

It says of the records what `facts` asks the database of the present: the same conditions, over one plan's rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from webapp.clock import add_months, local_date, month_end, month_start
from webapp.progress.facts import AssignmentFacts, TaskFacts
from webapp.progress.rules import silent_months
from webapp.reminders.facts import HORIZON, OPEN, REPORT_OPEN, SETTLED, Gathered, GatheredKey
from webapp.reminders.ladder import Rules
from webapp.reminders.rules import Subject
from webapp.reminders.subjects import ASSIGNMENT, Terms, World
from webapp.rulebook.past import Duty, Happening, Past
from webapp.workdays.calendar import Calendar

ThingKey = tuple[str, int]
WAITS = {
    ASSIGNMENT: {"claimed": "review", "na_claimed": "na_claim", "returned": "returned"},
    "report": {"submitted": "report_review", "returned": "report_returned"},
}
_TASK = TaskFacts("milestone")


@dataclass(frozen=True, slots=True)
class Standing:
    """From when until when something could be reminded of."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class _State:
    """An assignment or a report at an instant. `since` is when its status came about."""

    opened: datetime
    place: int
    status: str
    since: datetime
    duty: Duty | None = None
    due: date | None = None
    as_of: date | None = None
    filed_on: date | None = None
    silent: bool = False
    subjects: tuple[Subject, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the organisation has to act."""
        return self.status in OPEN


@dataclass(slots=True)
class Known:
    """The state of everything, and the subjects that follow from it. `gone` are those that once were, while none is."""

    past: Past
    rules: Rules
    calendar: Calendar
    world: World | None = None
    gathered: dict[GatheredKey, Gathered] = field(default_factory=dict)
    gone: dict[Subject, Standing] = field(default_factory=dict)
    _born: dict[Subject, datetime] = field(default_factory=dict)
    _states: dict[ThingKey, _State] = field(default_factory=dict)
    _seasonal: list[_State] = field(default_factory=list)
    _silent: Counter[int] = field(default_factory=Counter)
    _month: date = date.min
    _terms: Terms = field(init=False)
    _ladders: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._terms = Terms({self.past.plan: self.rules}, self.calendar)
        self._ladders = self.rules.ladders_of_tasks()

    def people(self, world: World) -> None:
        """From now on these people are in office."""
        self.world = world
        for key, state in self._states.items():
            state.subjects = tuple(self._subjects(key, state))

    # --- what happens

    def happen(self, each: Happening) -> None:
        """Bring one thing to where a happening leads."""
        key = each.thing, each.id
        state = self._states.get(key) or self._open(key, each)
        if each.status is not None and each.status != state.status:
            state.status, state.since = each.status, each.at
        state.due = each.due or state.due
        if each.as_of is not None:
            state.as_of, state.filed_on = each.as_of, local_date(each.at)
        self._note_silence(state)
        before, state.subjects = state.subjects, tuple(self._subjects(key, state))
        self._note_standing(before, state.subjects, each.at)

    def _open(self, key: ThingKey, each: Happening) -> _State:
        thing, row_id = key
        duty = self.past.duties[row_id] if thing == ASSIGNMENT else None
        place = duty.place if duty else self.past.reports[row_id]
        state = _State(each.at, place, each.status or "", each.at, duty)
        self._states[key] = state
        if duty and duty.season:
            self._seasonal.append(state)
        return state

    def _note_standing(self, before: Iterable[Subject], after: Iterable[Subject], at: datetime) -> None:
        """Keep when subjects came and went: the rungs that passed meanwhile were told."""
        for subject in before:
            if subject not in after:
                self.gone[subject] = Standing(self._born.get(subject, at), at)
        for subject in after:
            if subject not in before:
                self._born[subject] = at
                self.gone.pop(subject, None)

    # --- one thing

    def _subjects(self, key: ThingKey, state: _State) -> Iterator[Subject]:
        assert self.world is not None
        (thing, row_id), plan = key, self.past.plan
        if state.due and state.status in (OPEN if thing == ASSIGNMENT else REPORT_OPEN):
            ladder = self._ladders.get(state.duty.task, "") if state.duty else ""
            yield self.world.subject(thing, plan, row_id, state.place, state.due, ladder)
        kind = WAITS[thing].get(state.status, "")
        due = self._terms.due(kind, plan, state.since) if kind else None
        if due:
            yield self.world.subject(kind, plan, row_id, state.place, due)

    def all(self) -> Iterator[Subject]:
        """The assignments and reports that may be reminded of."""
        return (subject for state in self._states.values() for subject in state.subjects)

    def of(self, keys: Iterable[ThingKey]) -> Iterator[Subject]:
        """The same of some of them."""
        return (subject for key in sorted(keys) for subject in self._states[key].subjects)

    # --- silence

    def count_silent(self, today: date) -> None:
        """Ask of every assignment whether it was silent for a month: at the first, and when a month begins."""
        self._month = today
        for state in self._states.values():
            self._note_silence(state)

    def _note_silence(self, state: _State) -> None:
        silent = self._is_silent(state)
        if silent != state.silent:
            self._silent[state.place] += 1 if silent else -1
            state.silent = silent

    def _is_silent(self, state: _State) -> bool:
        duty = state.duty
        if duty is None or not state.open or self._month == date.min:
            return False
        facts = AssignmentFacts(
            _TASK, state.status, duty.starts_on, state.due, last_update_on=state.filed_on,
            opened_on=local_date(state.opened),
        )  # fmt: skip
        return silent_months(facts, self._month) >= 1

    # --- organisations as a whole

    def wholes(self, today: date) -> list[Subject]:
        """Silence, season starts and monthly checks; how many assignments each stands for is in `gathered`."""
        assert self.world is not None
        self.gathered.clear()
        for kind, place, due, told in (*self._silence(today), *self._season_starts(today), *self._cap_checks(today)):
            key = self.past.plan, kind, place, due
            many = self.gathered[key].many if key in self.gathered else 0
            self.gathered[key] = told._replace(many=many + told.many)
        return [self.world.subject(kind, plan, place, place, due) for plan, kind, place, due in self.gathered]

    def _silence(self, today: date) -> Iterator[tuple[str, int, date, Gathered]]:
        first = month_start(today)
        return (("silence", place, first, Gathered(many)) for place, many in sorted(self._silent.items()) if many)

    def _season_starts(self, today: date) -> Iterator[tuple[str, int, date, Gathered]]:
        for state in self._seasonal:
            season = state.duty.season if state.duty else None
            if season and state.status not in SETTLED and today <= season.starts_on <= today + HORIZON:
                yield "season_start", state.place, season.starts_on, Gathered(1, season.name_zh, season.name_en)

    def _cap_checks(self, today: date) -> Iterator[tuple[str, int, date, Gathered]]:
        this = month_start(today)
        for first in (add_months(this, -1), this):
            last = month_end(first)
            for state in self._seasonal:
                duty = state.duty
                if not (duty and duty.season and duty.kind == "seasonal_cap" and state.open) or duty.counted:
                    continue
                begins, ends = max(first, duty.season.starts_on), min(last, duty.season.ends_on)
                unsaid = state.as_of is None or state.as_of < begins
                if unsaid and begins <= ends and begins <= min(last, today):
                    yield "cap_check", state.place, ends, Gathered(1)
