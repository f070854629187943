"""What moved since a past day: every assignment whose light, due date or share differs, with what moved it.

The record of changes answers it: the first change after the day says how the assignment stood then, the last how it
stands now, and those between them why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.dashboard import queries
from webapp.dashboard.choosing import Chosen
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor
from webapp.plans.models import Clause, Task
from webapp.progress.letters import LIGHTS, Light, letters_of
from webapp.progress.models import LightChange

PAGE = 50
FILE_ROWS = 5_000
# So many changes are looked at, the newest: a night may change a hundred thousand lights.
MOST_CHANGES = 20_000

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One change: on which day, why, and from which light to which (None: not counted)."""

    day: date
    cause: str
    before: Light | None
    after: Light | None
    due: tuple[date | None, date | None]
    progress: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """An assignment that stands elsewhere than on the day, and the changes since, the oldest first."""

    row: AnyRow
    before: Light | None
    after: Light | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what moved, and how many did in all; `more`: there are older changes that were not looked at."""

    rows: list[Moved]
    total: int
    number: int
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def moved(session: Session, plan_id: int, actor: Actor, chosen: Chosen, since: date, *, page: int = 1) -> Page:
    """One page of what moved in the area since a day's end, the latest first.

    Raises NotFound for an organisation or clause outside the area.
    """
    query = _query(session, plan_id, actor, chosen, since)
    number = max(1, page)
    found = session.execute(query.limit(PAGE).offset((number - 1) * PAGE)).all()
    total, read = (found[0].total, found[0].read) if found else (0, 0)
    return Page(list(_with_steps(session, found, since)), total, number, more=read >= MOST_CHANGES)


def every_moved(session: Session, plan_id: int, actor: Actor, chosen: Chosen, since: date) -> Iterator[Moved]:
    """All of it for a file, as many rows as a file takes."""
    found = session.execute(_query(session, plan_id, actor, chosen, since).limit(FILE_ROWS)).all()
    for start in range(0, len(found), PAGE):
        yield from _with_steps(session, found[start : start + PAGE], since)


def _query(session: Session, plan_id: int, actor: Actor, chosen: Chosen, since: date) -> Select[*tuple[Any, ...]]:
    ends, read = _ends(session, plan_id, actor, chosen, since)
    first, last = aliased(LightChange), aliased(LightChange)
    columns = (
        last.assignment_id, first.letter_before, last.letter, first.due_before, last.due, first.progress_before,
        last.progress, Task.code.label("task_code"), Task.title_zh, Task.title_en, Clause.code.label("clause_code"),
        Clause.title_zh.label("clause_zh"), Clause.title_en.label("clause_en"),
        Organisation.code.label("organisation_code"), Organisation.short_zh.label("organisation_zh"),
        Organisation.short_en.label("organisation_en"), func.count().over().label("total"), read.label("read"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(ends, ends.c.last == last.id)
        .join(first, first.id == ends.c.first)
        .join(Task, Task.id == last.task_id)
        .join(Clause, Clause.id == last.clause_id)
        .join(Organisation, Organisation.id == last.organisation_id)
        .where(_differs(first, last), *_narrowed(chosen, first, last))
        .order_by(last.day.desc(), last.id.desc())
    )


def _ends(session: Session, plan_id: int, actor: Actor, chosen: Chosen, since: date) -> tuple[Any, Any]:
    """The first and last change of whatever changed lately, and how many changes were looked at: the newest ones."""
    after = (LightChange.plan_id == plan_id, LightChange.day > since)
    places = select(Organisation.id).where(within(Organisation.path, actor))
    if chosen.province:
        place = queries.find_code(queries.places(session, actor, chosen.province), chosen.province)
        places = places.where(below(Organisation.path, [place.path]))
    recent = select(LightChange.id, LightChange.assignment_id).where(*after, LightChange.organisation_id.in_(places))
    if chosen.measure:
        clause = queries.find_code(queries.clauses(session, plan_id), chosen.measure)
        recent = recent.where(LightChange.clause_id == clause.id)
    newest = recent.order_by(LightChange.day.desc(), LightChange.id.desc()).limit(MOST_CHANGES).cte("newest")
    lasts = select(newest.c.assignment_id, func.max(newest.c.id).label("last")).group_by(newest.c.assignment_id)
    ends = lasts.subquery()
    earliest = select(func.min(LightChange.id)).where(
        LightChange.assignment_id == ends.c.assignment_id, LightChange.day > since
    )
    both = select(ends.c.last, earliest.scalar_subquery().label("first")).subquery()
    return both, select(func.count()).select_from(newest).scalar_subquery()


def _differs(first: Any, last: Any) -> ColumnElement[bool]:
    pairs = ((first.letter_before, last.letter), (first.due_before, last.due), (first.progress_before, last.progress))
    return or_(*(before.is_distinct_from(after) for before, after in pairs))


def _narrowed(chosen: Chosen, first: Any, last: Any) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.label:
        letters = tuple(letters_of(chosen.label))
        conditions.append(or_(first.letter_before.in_(letters), last.letter.in_(letters)))
        conditions.append(first.letter_before.is_distinct_from(last.letter))
    due = func.coalesce(last.due, first.due_before)
    if chosen.due_after:
        conditions.append(due >= chosen.due_after)
    if chosen.due_before:
        conditions.append(due <= chosen.due_before)
    return conditions


def _with_steps(session: Session, rows: Sequence[AnyRow], since: date) -> Iterator[Moved]:
    steps: dict[int, list[Step]] = {}
    query = (
        select(LightChange)
        .where(LightChange.assignment_id.in_([row.assignment_id for row in rows]), LightChange.day > since)
        .order_by(LightChange.id)
    )
    for each in session.scalars(query) if rows else ():
        step = Step(each.day, each.cause, _light(each.letter_before), _light(each.letter),
                    (each.due_before, each.due), (each.progress_before, each.progress))  # fmt: skip
        steps.setdefault(each.assignment_id, []).append(step)
    for row in rows:
        yield Moved(row, _light(row.letter_before), _light(row.letter), tuple(steps[row.assignment_id]))


def _light(letter: str | None, lights: Mapping[str, Light] = LIGHTS) -> Light | None:
    return lights[letter] if letter else None
