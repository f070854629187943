"""Reading the tallies: cells, wholes and duties of some organisations, as known now or on a past day.

What a page shows costs the same however much lies below it. Figures are exact: the few changes that were not added up
yet are added here. The organisations asked for are those the caller was allowed to list.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Row, Select, bindparam, select, text
from sqlalchemy.orm import Session

from webapp.db import plain_rows
from webapp.organisations.models import Organisation
from webapp.progress.models import LightChange
from webapp.rollups.folding import ALL, APART, CELL, DUTY
from webapp.rollups.models import Tally as TallyRow
from webapp.rollups.tally import NEVER, Cell, Duty, Tally, averaged, merged, packed, unpacked

AnyRow = Row[*tuple[Any, ...]]
# Written like the condition of its index, which SQLite compares word by word.
WAITS = text("NOT light_change.folded")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: of a plan, a clause or all, what falls due between two days, as known now or at a day's end."""

    plan_id: int
    clause_id: int | None = None
    due_after: date | None = None
    due_before: date | None = None
    on: date | None = None

    @property
    def dated(self) -> bool:
        """Whether due dates narrow it."""
        return self.due_after is not None or self.due_before is not None

    def takes(self, clause_id: int, due: date | None) -> bool:
        """Whether something of a clause with a due date is counted."""
        if self.clause_id not in (None, clause_id):
            return False
        day = due or NEVER
        if self.dated and due is None:
            return False
        return (self.due_after is None or day >= self.due_after) and (self.due_before is None or day <= self.due_before)


@dataclass(slots=True)
class Book:
    """Counts by organisation, and by organisation and clause; `own` of those whose own duties are shown apart."""

    wholes: dict[int, Cell] = field(default_factory=dict)
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    own: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def whole(self, *places: int) -> Tally:
        """The counts of some organisations together; of one that counts another twice the caller takes care."""
        return together(self.wholes[each] for each in places if each in self.wholes)


# --- cells and wholes


def book(
    session: Session,
    scope: Scope,
    places: Sequence[AnyRow],
    *,
    cells: Iterable[int],
    own: bool = False,
    notes: Sequence[AnyRow] | None = None,
) -> Book:
    """The wholes of some organisations, and the cells of those whose ids are given (`own`: their own duties' cells).

    `notes` are those of `unfolded`, where they were read already.
    """
    ids = [each.id for each in places]
    found = Book()
    wanted = list(cells)
    if scope.dated:
        _from_duties(session, scope, found, ids, own)
    else:
        _from_cells(session, scope, found, ids, wanted, own)
    for place, was_own, clause, letter, number, progress in _waiting(session, scope, places, notes):
        if was_own:
            _adjust(found.own, (place, clause), letter, number, progress)
        else:
            _adjust(found.wholes, place, letter, number, progress)
            _adjust(found.cells, (place, clause), letter, number, progress)
    return found


def _from_cells(session: Session, scope: Scope, found: Book, ids: list[int], cells: list[int], own: bool) -> None:
    of_clause = scope.clause_id is not None
    found.cells = _cells(_rows(session, scope, CELL, False, ids if of_clause else cells))
    if own:
        found.own = _cells(_rows(session, scope, CELL, True, ids))
    if of_clause:
        found.wholes = {place: cell for (place, _clause), cell in found.cells.items()}
    else:
        whole = _cells(_rows(session, scope, ALL, False, ids))
        found.wholes = {place: cell for (place, _none), cell in whole.items()}


def _cells(rows: Sequence[AnyRow]) -> dict[tuple[int, int], Cell]:
    # Named one by one: hundreds of rows a page.
    return {(place, clause): Cell(lights, count, share) for place, clause, lights, count, share in rows}


def _rows(session: Session, scope: Scope, grain: str, own: bool, ids: list[int]) -> Sequence[AnyRow]:
    if not ids:
        return ()
    query = _reading(grain, own, scope.on is not None, scope.clause_id is not None)
    values = {"plan": scope.plan_id, "places": ids, "clause": scope.clause_id or 0, "day": scope.on or NEVER}
    return plain_rows(session, query, **values)


@lru_cache(maxsize=64)
def _reading(grain: str, own: bool, past: bool, of_clause: bool) -> Select[*tuple[Any, ...]]:
    more = (TallyRow.task_id, TallyRow.due) if grain == DUTY else ()
    columns = (
        TallyRow.organisation_id, TallyRow.clause_id, *more, TallyRow.lights, TallyRow.averaged, TallyRow.progress
    )  # fmt: skip
    day = bindparam("day", type_=Date)
    query = select(*columns).where(
        TallyRow.plan_id == bindparam("plan"),
        TallyRow.organisation_id.in_(bindparam("places", expanding=True)),
        TallyRow.own.is_(own),
        TallyRow.grain == grain,
        TallyRow.valid_to > day if past else TallyRow.valid_to == NEVER,
    )
    if past:
        query = query.where(TallyRow.valid_from <= day)
    if grain == DUTY:
        days = (bindparam("first_due", type_=Date), bindparam("last_due", type_=Date))
        query = query.where(TallyRow.due.between(*days))
    return query.where(TallyRow.clause_id == bindparam("clause")) if of_clause else query


def _from_duties(session: Session, scope: Scope, found: Book, ids: list[int], own: bool) -> None:
    """Where due dates narrow, cells and wholes are added up from the duties that are left."""
    for is_own in (False, True) if own else (False,):
        target = found.own if is_own else found.cells
        for place, clause, _, due, *cell in _duty_rows(session, scope, is_own, ids):
            if scope.takes(clause, None if due == NEVER else due):
                merge(target, (place, clause), Cell(*cell))
                if not is_own:
                    merge(found.wholes, place, Cell(*cell))


def _duty_rows(session: Session, scope: Scope, own: bool, ids: list[int]) -> Sequence[AnyRow]:
    if not ids:
        return ()
    query = _reading(DUTY, own, scope.on is not None, scope.clause_id is not None)
    return plain_rows(
        session, query, plan=scope.plan_id, places=ids, clause=scope.clause_id or 0, day=scope.on or NEVER,
        first_due=scope.due_after or date.min, last_due=scope.due_before or NEVER,
    )  # fmt: skip


def together(cells: Iterable[Cell]) -> Tally:
    """Several counts as one."""
    return merged(Tally(each.lights, each.progress) for each in cells)


def merge(held: dict[Any, Cell], key: Any, more: Cell) -> None:
    """Add counts to those held under a key."""
    if key not in held:
        held[key] = more
        return
    counts = dict(unpacked(held[key].lights))
    for letter, number in unpacked(more.lights).items():
        counts[letter] = counts.get(letter, 0) + number
    held[key] = Cell(packed(counts), held[key].averaged + more.averaged, held[key].progress + more.progress)


# --- duties


def duties(
    session: Session, scope: Scope, places: Sequence[AnyRow], *, notes: Sequence[AnyRow] | None = None
) -> dict[int, dict[Duty, Cell]]:
    """By organisation, each task with its due date and its counts."""
    found: defaultdict[int, dict[Duty, Cell]] = defaultdict(dict)
    for place, clause, task, due, *cell in _duty_rows(session, scope, False, [each.id for each in places]):
        if scope.takes(clause, None if due == NEVER else due):
            found[place][Duty(clause, task, due)] = Cell(*cell)
    for note, sides in _notes(session, scope, places, notes):
        for clause, due, letter, number, progress in sides:
            for place in _above(note.path, places):
                _adjust(found[place.id], Duty(clause, note.task_id, due or NEVER), letter, number, progress)
    return found


# --- what waits to be added up

Side = tuple[int, date | None, str, int, int]


def _waiting(
    session: Session, scope: Scope, places: Sequence[AnyRow], notes: Sequence[AnyRow] | None
) -> Iterable[tuple[int, bool, int, str, int, int]]:
    for note, sides in _notes(session, scope, places, notes):
        for clause, _, letter, number, progress in sides:
            for place in _above(note.path, places):
                yield place.id, False, clause, letter, number, progress
                if place.id == note.organisation_id and place.kind in APART:
                    yield place.id, True, clause, letter, number, progress


def unfolded(session: Session, plan_id: int) -> Sequence[AnyRow]:
    """The changes of a plan that were not added up yet: a minute's, as a rule none. Only to be counted, never shown."""
    return plain_rows(session, _NOTES, plan=plan_id)


def _notes(
    session: Session, scope: Scope, places: Sequence[AnyRow], notes: Sequence[AnyRow] | None
) -> Iterable[tuple[AnyRow, list[Side]]]:
    """The changes not added up yet that a scope takes in, each as what it takes out and what it puts in."""
    if not places:
        return
    for note in unfolded(session, scope.plan_id) if notes is None else notes:
        if scope.on is not None and note.day > scope.on:
            continue
        out = (note.clause_id, note.due_before, note.letter_before, -1, -note.progress_before)
        into = (note.clause_id, note.due, note.letter, 1, note.progress)
        if sides := [each for each in (out, into) if each[2] is not None and scope.takes(each[0], each[1])]:
            yield note, sides


_NOTES = (
    select(
        LightChange.organisation_id, LightChange.clause_id, LightChange.task_id, LightChange.letter_before,
        LightChange.letter, LightChange.due_before, LightChange.due, LightChange.progress_before, LightChange.progress,
        LightChange.day, Organisation.path,
    )
    .join(Organisation, Organisation.id == LightChange.organisation_id)
    .where(WAITS, LightChange.plan_id == bindparam("plan"))
)  # fmt: skip


def _above(path: str, places: Sequence[AnyRow]) -> list[AnyRow]:
    return [each for each in places if path.startswith(each.path)]


def _adjust(held: dict[Any, Cell], key: Any, letter: str, number: int, progress: int) -> None:
    before = held.get(key, Cell("", 0, 0))
    counts = dict(unpacked(before.lights))
    counts[letter] = counts.get(letter, 0) + number
    held[key] = Cell(packed(counts), averaged(counts), before.progress + progress)


def emptied(
    cells: Mapping[Any, Cell], keep: Callable[[Cell], bool] = lambda cell: bool(cell.lights)
) -> dict[Any, Cell]:
    """The cells that hold anything."""
    return {key: each for key, each in cells.items() if keep(each)}
