"""Counting everything anew: the tallies against the notes they are made of, the notes against the assignments.

An assignment on which no change was ever noted (a database from before there were notes) gets its notes by a replay of
its record: what was known of it on which day is in there. Rows put into the database by other hands are counted from
the day they are found.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.db import insert_once
from webapp.plans.models import Assignment, Plan
from webapp.progress.facts import Thresholds
from webapp.progress.letters import DONE, LETTERS, NOT_AVERAGED, WHOLE, averaged_share
from webapp.progress.lights import light
from webapp.progress.models import LightChange
from webapp.progress.rules import completion
from webapp.progress.tallying import Cause, Change, Counted, note
from webapp.rollups import folding
from webapp.rollups.asof import History, known_of, load_history, on_day
from webapp.rollups.models import Tally, TallyState
from webapp.rollups.tally import NEVER, packed

BATCH = 2_000
AnyRow = Row[*tuple[Any, ...]]
_BATCH_OF_IDS = Assignment.id.between(bindparam("first_id", type_=BigInteger), bindparam("last_id", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found: assignments never noted, notes that were wrong or missing, tallies that did not add up."""

    replayed: int
    corrected: int
    differing: int


def counted_once(session: Session) -> bool:
    """Whether everything was counted once, so that the tallies can be believed."""
    return session.scalar(select(TallyState.id)) is not None


def recount(session: Session, *, now: datetime, replay: bool = True) -> Recount:
    """Compare everything with what it is made of, put right what differs, and say how much that was.

    Without `replay`, assignments on which nothing was noted are counted from today on; that takes seconds, not minutes.
    """
    insert_once(session, TallyState, {"id": 1})
    session.execute(select(TallyState.id).with_for_update())
    replayed = _replay_unnoted(session, now) if replay else 0
    corrected = _correct(session, now)
    folding.fold(session)
    differing = len(differences(session))
    if differing:
        _start_again(session)
    return Recount(replayed, corrected, differing)


def _start_again(session: Session) -> None:
    session.execute(delete(Tally))
    session.execute(update(LightChange).where(LightChange.folded).values(folded=False))
    folding.fold(session)


# --- assignments without notes


def _replay_unnoted(session: Session, now: datetime) -> int:
    noted = select(LightChange.id).where(LightChange.assignment_id == Assignment.id).exists()
    ids = session.scalars(select(Assignment.id).where(~noted).order_by(Assignment.id)).all()
    for start in range(0, len(ids), BATCH):
        _replay(session, ids[start : start + BATCH], now)
    return len(ids)


def _replay(session: Session, ids: Sequence[int], now: datetime) -> None:
    history = load_history(session, _BATCH_OF_IDS, now=now, first_id=ids[0], last_id=ids[-1])
    plans = {plan.id: plan for plan in session.scalars(select(Plan))}
    wanted = set(ids)
    for row in history.assignments:
        if row.id in wanted:
            for cause, change in _lived(history, row, plans[row.plan_id], local_date(now)):
                note(session, [change], cause=cause, now=now)


def _lived(history: History, row: AnyRow, plan: Plan, today: date) -> Iterator[tuple[Cause, Change]]:
    """How the light of an assignment changed from the day it was given until today, and why."""
    thresholds = Thresholds.from_data(plan.rules.get("thresholds", {}))
    before: Counted | None = None
    days = _days_of_record(history, row, plan, today)
    while days:
        day = days.pop(0)
        facts = known_of(history, row, on_day(day)).facts
        lit = light(facts, day, thresholds)
        share = averaged_share(lit.label, completion(facts))
        after = Counted(row.clause_id, facts.due, LETTERS[lit.colour, lit.label], share)
        yield _cause(history, row, day) if before else "loaded", Change(row, day, before, after)
        before = after
        if lit.until and lit.until < today and (not days or lit.until.toordinal() + 1 < days[0].toordinal()):
            days.insert(0, date.fromordinal(lit.until.toordinal() + 1))


def _cause(history: History, row: AnyRow, day: date) -> Cause:
    """What was recorded on a day, the weightiest first; on a day without a record it was time alone."""
    kinds: tuple[tuple[Cause, Mapping[int, Sequence[AnyRow]]], ...] = (
        ("decided", history.decisions), ("dated", history.dues), ("filed", history.updates), ("dated", history.nodes)
    )  # fmt: skip
    for cause, record in kinds:
        if any(local_date(each.recorded_at) == day for each in record.get(row.id, ())):
            return cause
    return "time"


def _days_of_record(history: History, row: AnyRow, plan: Plan, today: date) -> list[date]:
    dues = history.dues.get(row.id, ())
    first = local_date(dues[0].recorded_at if dues else plan.loaded_at)
    records = (history.updates, history.decisions, history.dues, history.nodes)
    days = {local_date(each.recorded_at) for record in records for each in record.get(row.id, ())}
    return sorted({min(first, today)} | {day for day in days if first <= day <= today})


# --- notes against assignments


def letter() -> ColumnElement[str]:
    """An assignment's light as its letter."""
    by_label: dict[str, dict[str, str]] = {}
    for (colour, label), each in LETTERS.items():
        by_label.setdefault(label, {})[colour] = each
    return case({label: _by_colour(letters) for label, letters in by_label.items()}, value=Assignment.light_label)


def _by_colour(letters: dict[str, str]) -> Any:
    *others, last = letters.values()
    return case(dict(zip(letters, others, strict=False)), value=Assignment.light, else_=last) if others else last


def share() -> ColumnElement[int]:
    """What an assignment adds to an average (`progress.letters.averaged_share`)."""
    figure = type_coerce(Assignment.completion, BigInteger)
    return case(
        (Assignment.light_label.in_(NOT_AVERAGED), 0),
        (Assignment.light_label.in_(DONE), WHOLE),
        (figure > WHOLE, WHOLE),
        else_=func.coalesce(figure, 0),
    )


def _unbalanced(session: Session) -> Sequence[AnyRow]:
    """What an assignment's notes leave over when its present state is taken away: nothing unless they are wrong."""
    note_of = LightChange
    before = select(
        note_of.assignment_id, note_of.clause_id,
        note_of.due_before.label("due"), note_of.letter_before.label("letter"),
        literal(-1, Integer).label("number"), (-note_of.progress_before).label("progress"),
    ).where(note_of.letter_before.is_not(None))  # fmt: skip
    after = select(
        note_of.assignment_id, note_of.clause_id, note_of.due, note_of.letter, literal(1, Integer), note_of.progress
    ).where(note_of.letter.is_not(None))
    present = select(
        Assignment.id, Assignment.clause_id, Assignment.due, letter(), literal(-1, Integer), -share()
    )  # fmt: skip
    every = union_all(before, after, present).subquery()
    key = (every.c.assignment_id, every.c.clause_id, every.c.due, every.c.letter)
    number, progress = (cast(func.sum(each), BigInteger) for each in (every.c.number, every.c.progress))
    query = (
        select(*key, number.label("number"), progress.label("progress"), Assignment.plan_id,
               Assignment.organisation_id, Assignment.task_id)
        .join(Assignment, Assignment.id == every.c.assignment_id)
        .group_by(*key, Assignment.plan_id, Assignment.organisation_id, Assignment.task_id)
        .having((number != 0) | (progress != 0))
    )  # fmt: skip
    return session.execute(query).all()


@dataclass(frozen=True, slots=True)
class _Subject:
    id: int
    plan_id: int
    organisation_id: int
    task_id: int


def _correct(session: Session, now: datetime) -> int:
    """Note what was not noted: out with what is left over, in with what is missing."""
    rows = _unbalanced(session)
    day = local_date(now)
    note(session, [change for row in rows for change in _corrections(row, day)], cause="recounted", now=now)
    return len(rows)


def _corrections(row: AnyRow, day: date) -> Iterator[Change]:
    subject = _Subject(row.assignment_id, row.plan_id, row.organisation_id, row.task_id)
    counted = Counted(row.clause_id, row.due, row.letter, 0)
    with_share = Counted(row.clause_id, row.due, row.letter, abs(row.progress))
    if row.number == 0:
        pair = (with_share, counted) if row.progress > 0 else (counted, with_share)
        yield Change(subject, day, *pair)
    for _ in range(abs(row.number)):
        yield Change(subject, day, with_share, None) if row.number > 0 else Change(subject, day, None, with_share)
        with_share = counted


# --- tallies against assignments


def expected(session: Session) -> dict[folding.Key, tuple[str, int]]:
    """What the present tallies should say, counted from the assignments themselves."""
    columns = (
        Assignment.plan_id, Assignment.organisation_id, Assignment.clause_id, Assignment.task_id, Assignment.due
    )  # fmt: skip
    query = select(*columns, letter(), share())
    holders: defaultdict[tuple[int, int, int, int, date], folding.Steps] = defaultdict(dict)
    for plan, place, clause, task, due, sign, progress in session.execute(query):
        folding.add(holders[plan, place, clause, task, due or NEVER], NEVER, {sign: 1, folding.PROGRESS: progress})
    found = folding.spread(holders, folding.places(session))
    return {key: _said(steps[NEVER]) for key, steps in found.items()}


def _said(counts: Mapping[str, int]) -> tuple[str, int]:
    lights = {name: number for name, number in counts.items() if name != folding.PROGRESS}
    return packed(lights), counts[folding.PROGRESS]


def present(session: Session) -> dict[folding.Key, tuple[str, int]]:
    """What the present tallies say."""
    rows = session.execute(select(*folding.COLUMNS).where(Tally.valid_to == NEVER))
    return {(row[0], row[1], bool(row[2]), row[3], row[4], row[5], row[6]): (row.lights, row.progress) for row in rows}


def differences(session: Session) -> list[folding.Key]:
    """The tallies that do not say what the assignments say; notes that wait were added up before."""
    ours, theirs = present(session), expected(session)
    return [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
