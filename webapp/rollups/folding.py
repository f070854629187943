"""Adding up: notes of changed lights (`progress.tallying`) become versions of the tallies of every organisation above.

Only one process adds up at a time: it holds the one row of `tally_state`. Those who change assignments never do. A note
is marked in the transaction that adds it up, so that none is lost or counted twice, in whatever order they appear.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, delete, false, select, true, update
from sqlalchemy.orm import Session

from webapp.db import insert_many
from webapp.organisations.models import Organisation
from webapp.progress.models import LightChange
from webapp.rollups.models import Tally, TallyState
from webapp.rollups.tally import NEVER, Delta, Version, averaged, unpacked, with_changes

BATCH = 50_000
MANY = 400
# Their own duties are shown apart from those of the cities below them.
APART = ("region", "province")
ALL, CELL, DUTY = "all", "cell", "duty"
NOTES = (
    LightChange.plan_id, LightChange.organisation_id, LightChange.clause_id, LightChange.task_id, LightChange.day,
    LightChange.letter_before, LightChange.letter, LightChange.due_before, LightChange.due,
    LightChange.progress_before, LightChange.progress,
)  # fmt: skip

Note = Row[*tuple[Any, ...]]
# plan, organisation, own, grain, clause, task, due
Key = tuple[int, int, bool, str, int, int, date]
Steps = dict[date, dict[str, int]]
PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as adding up sees it."""

    above: int | None
    apart: bool


def fold(session: Session) -> int:
    """Add up the notes that wait; how many there were. None in a database that was never counted (see `recounting`)."""
    if session.scalar(select(TallyState.id).with_for_update()) is None:
        return 0
    folded = 0
    while notes := _taken(session):
        apply(session, notes)
        folded += len(notes)
        if len(notes) < BATCH:
            break
    return folded


def _taken(session: Session) -> Sequence[Note]:
    """Some of the notes that wait, marked as added up."""
    waiting = select(LightChange.id).where(~LightChange.folded).order_by(LightChange.id).limit(BATCH)
    marked = update(LightChange).where(LightChange.id.in_(waiting)).values(folded=True).returning(*NOTES)
    return session.execute(marked, execution_options={"synchronize_session": False}).all()


def apply(session: Session, notes: Iterable[Note]) -> None:
    """Bring the tallies to what some notes say. The caller holds the state's row."""
    changes = spread(_by_holder(notes), places(session))
    by_organisation: defaultdict[tuple[int, int], dict[Key, Mapping[date, Delta]]] = defaultdict(dict)
    for key, steps in changes.items():
        by_organisation[key[0], key[1]][key] = _deltas(steps)
    groups = list(by_organisation.items())
    for start in range(0, len(groups), MANY):
        _store(session, dict(groups[start : start + MANY]))


def _by_holder(notes: Iterable[Note]) -> dict[tuple[int, int, int, int, date], Steps]:
    """What changed on each duty of each holder: by plan, organisation, clause, task and due date."""
    found: defaultdict[tuple[int, int, int, int, date], Steps] = defaultdict(dict)
    for plan, place, clause, task, day, was, letter, due_before, due, progress_before, progress in notes:
        duty = (plan, place, clause, task)
        if was is not None:
            add(found[*duty, due_before or NEVER], day, {was: -1, PROGRESS: -progress_before})
        if letter is not None:
            add(found[*duty, due or NEVER], day, {letter: 1, PROGRESS: progress})
    return found


def add(steps: Steps, day: date, more: Mapping[str, int]) -> None:
    """Add to what happens on a day."""
    held = steps.setdefault(day, {})
    for name, number in more.items():
        held[name] = held.get(name, 0) + number


def places(session: Session) -> dict[int, Place]:
    """Every organisation, by id."""
    rows = session.execute(select(Organisation.id, Organisation.parent_id, Organisation.kind))
    return {row.id: Place(row.parent_id, row.kind in APART) for row in rows}


def spread(holders: Mapping[tuple[int, int, int, int, date], Steps], known: Mapping[int, Place]) -> Mapping[Key, Steps]:
    """The same for every organisation above a holder, and for each grain."""
    found: dict[Key, Steps] = {}
    below: defaultdict[int, dict[tuple[int, int, int, date], Steps]] = defaultdict(dict)
    for (plan, holder, clause, task, due), steps in holders.items():
        below[holder][plan, clause, task, due] = steps
        if known[holder].apart:
            _count(found, holder, True, {(plan, clause, task, due): steps})
    # From the lowest up: what lies below a city is added up once for it, not for everyone above it.
    for place in _deepest_first(below, known):
        _count(found, place, False, below[place])
        above = known[place].above
        if above is not None:
            held = below[above]
            for duty, steps in below[place].items():
                held[duty] = _joined(held.get(duty), steps)
    return found


def _deepest_first(holders: Iterable[int], known: Mapping[int, Place]) -> list[int]:
    """The holders and everything above them, each before what is above it."""
    depths: dict[int, int] = {}
    for holder in holders:
        chain: list[int] = []
        place: int | None = holder
        while place is not None:
            chain.append(place)
            place = known[place].above
        depths.update({each: len(chain) - number for number, each in enumerate(chain)})
    return sorted(depths, key=lambda each: depths[each], reverse=True)


def _joined(held: Steps | None, more: Steps) -> Steps:
    found = {day: dict(each) for day, each in held.items()} if held else {}
    for day, each in more.items():
        add(found, day, each)
    return found


def _count(found: dict[Key, Steps], place: int, own: bool, duties: Mapping[tuple[int, int, int, date], Steps]) -> None:
    """Duties as they are, added up in cells, and in all."""
    for (plan, clause, task, due), steps in duties.items():
        cell = found.setdefault((plan, place, own, CELL, clause, 0, NEVER), {})
        whole = found.setdefault((plan, place, own, ALL, 0, 0, NEVER), {})
        duty = found.setdefault((plan, place, own, DUTY, clause, task, due), {})
        for day, more in steps.items():
            for held in (duty, cell, whole):
                add(held, day, more)


def _deltas(steps: Steps) -> dict[date, Delta]:
    return {
        day: Delta({letter: n for letter, n in more.items() if n and letter != PROGRESS}, more[PROGRESS])
        for day, more in steps.items()
    }


# --- reading and writing versions

KEYS = (Tally.plan_id, Tally.organisation_id, Tally.own, Tally.grain, Tally.clause_id, Tally.task_id, Tally.due)
COLUMNS = (*KEYS, Tally.valid_from, Tally.valid_to, Tally.lights, Tally.progress)
_TABLE = Tally.__table__
_GONE = delete(_TABLE).where(  # type: ignore[arg-type]
    *(
        _TABLE.c[name] == bindparam(f"gone_{name}")
        for name in ("plan_id", "organisation_id", "own", "grain", "valid_to", "clause_id", "task_id", "due")
    )
)


def _store(session: Session, changes: Mapping[tuple[int, int], Mapping[Key, Mapping[date, Delta]]]) -> None:
    """Write the new versions of some organisations' tallies in place of those they alter."""
    found = _present(session, changes)
    gone: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for of_place in changes.values():
        for key, deltas in of_place.items():
            before = found.get(key, [])
            after = with_changes(before, deltas)
            gone += [_named(key, each, "gone_") for each in before if each not in after]
            new += [_row(key, each) for each in after if each not in before]
    if gone:
        session.connection().execute(_GONE, gone)
    insert_many(session, Tally, new)


def _present(
    session: Session, changes: Mapping[tuple[int, int], Mapping[Key, Mapping[date, Delta]]]
) -> dict[Key, list[Version]]:
    """The versions that the changes can alter: those that hold on the earliest changed day or later."""
    earliest = min(day for of_place in changes.values() for deltas in of_place.values() for day in deltas)
    wanted = {key for of_place in changes.values() for key in of_place}
    # Both values of a column named, so that the key's index leads through to the days.
    query = select(*COLUMNS).where(
        Tally.plan_id.in_({plan for plan, _ in changes}),
        Tally.organisation_id.in_({place for _, place in changes}),
        Tally.own.in_((false(), true())),
        Tally.grain.in_((ALL, CELL, DUTY)),
        Tally.valid_to >= earliest,
    )
    found: defaultdict[Key, list[Version]] = defaultdict(list)
    for row in session.execute(query):
        key = (row[0], row[1], bool(row[2]), row[3], row[4], row[5], row[6])
        if key in wanted:
            found[key].append(Version(*row[7:]))
    return found


def _named(key: Key, version: Version, prefix: str = "") -> dict[str, Any]:
    plan, place, own, grain, clause, task, due = key
    values = {
        "plan_id": plan, "organisation_id": place, "own": own, "grain": grain, "clause_id": clause, "task_id": task,
        "due": due, "valid_to": version.valid_to,
    }  # fmt: skip
    return {prefix + name: value for name, value in values.items()}


def _row(key: Key, version: Version) -> dict[str, Any]:
    counts = unpacked(version.lights)
    return _named(key, version) | {
        "valid_from": version.valid_from,
        "lights": version.lights,
        "averaged": averaged(counts),
        "progress": version.progress,
    }
