"""Finding texts: how many of each kind, and the best of them, with what their links and titles need.

What matches and what the reader may see is one condition of one statement: the tokens asked for stand beside a token of
the reader's area and one of the plan. The area's path is asked for again as everywhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, areas
from webapp.plans.models import Assignment, Task
from webapp.reports.models import MonthlyReport
from webapp.search.engines import Engine, engine_of
from webapp.search.entries import area_mark, kind_mark, plan_mark
from webapp.search.models import KINDS, SearchEntry
from webapp.search.rules import Query

# More are not counted, and no page goes beyond them.
MOST = 1_000
# No text carries it: the area of who has none.
NOWHERE = "@nowhere"
OF_THE_PLAN = frozenset({"clause", "task"})
WITHOUT_PLAN = frozenset({"organisation"})
AnyRow = Row[*tuple[Any, ...]]
Selected = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who looks for something, in which plan."""

    actor: Actor
    plan_id: int


def counts(session: Session, query: Query, reach: Reach) -> Mapping[str, int]:
    """How many texts of each kind match; MOST + 1 stands for any number beyond."""
    if not query.terms:
        return dict.fromkeys(KINDS, 0)
    engine = engine_of(session)
    parts = []
    for kind in KINDS:
        some = _matching(engine, query, kind, reach, literal(1).label("one")).limit(MOST + 1).subquery()
        parts.append(select(literal(kind).label("kind"), func.count().label("number")).select_from(some))
    return {row.kind: row.number for row in session.execute(union_all(*parts))}


def best(
    session: Session, query: Query, reach: Reach, kinds: Sequence[str], *, size: int, page: int = 1
) -> list[AnyRow]:
    """The best matches of each kind, `size` of each from a page on, in the order of the kinds."""
    if not query.terms:
        return []
    engine = engine_of(session)
    parts = [
        select(_ranked(engine, query, kind, reach).limit(size).offset((page - 1) * size).subquery()) for kind in kinds
    ]
    chosen = union_all(*parts).subquery()
    place = case({kind: place for place, kind in enumerate(kinds)}, value=SearchEntry.kind)
    shown = _shown().join(chosen, chosen.c.id == SearchEntry.id)
    order = (place, chosen.c.other, chosen.c.rank, SearchEntry.said_at.desc(), SearchEntry.id.desc())
    return list(session.execute(shown.order_by(*order)))


def _ranked(engine: Engine, query: Query, kind: str, reach: Reach) -> Selected:
    """Exact names first, then by weight, then the newest."""
    other, rank = engine.other(query.name).label("other"), engine.rank(query.terms).label("rank")
    found = _matching(engine, query, kind, reach, SearchEntry.id, other, rank)
    return found.order_by("other", "rank", SearchEntry.said_at.desc(), SearchEntry.id.desc())


def _matching(engine: Engine, query: Query, kind: str, reach: Reach, *columns: Any) -> Selected:
    """The texts of a kind that match and that the reader may see."""
    return engine.matching(query.terms, scopes(kind, reach), *columns).where(_allowed(kind, reach))


def _shown() -> Selected:
    """What a hit is shown by. Task and organisation are joined, so that they are called as they are now."""
    return (
        select(
            SearchEntry.id, SearchEntry.source, SearchEntry.kind, SearchEntry.subject_id, SearchEntry.code,
            SearchEntry.assignment_id, SearchEntry.report_id, SearchEntry.said_at,
            SearchEntry.title_zh, SearchEntry.title_en, SearchEntry.body_zh, SearchEntry.body_en,
            Task.title_zh.label("task_zh"), Task.title_en.label("task_en"), MonthlyReport.month,
            Organisation.code.label("organisation_code"), Organisation.short_zh.label("organisation_zh"),
            Organisation.short_en.label("organisation_en"),
        )
        .select_from(SearchEntry)
        .outerjoin(Organisation, Organisation.id == SearchEntry.organisation_id)
        .outerjoin(Assignment, Assignment.id == SearchEntry.assignment_id)
        .outerjoin(Task, Task.id == Assignment.task_id)
        .outerjoin(MonthlyReport, MonthlyReport.id == SearchEntry.report_id)
    )  # fmt: skip


def scopes(kind: str, reach: Reach) -> tuple[tuple[str, ...], ...]:
    """The marks a text of a kind must carry so that the reader may see it: one of each group."""
    found: list[tuple[str, ...]] = [(kind_mark(kind),)]
    if kind not in WITHOUT_PLAN:
        found.append((plan_mark(reach.plan_id),))
    if kind not in OF_THE_PLAN:
        mine = tuple(area_mark(path.rstrip("/").rpartition("/")[2]) for path in areas(reach.actor))
        found.append(mine or (NOWHERE,))
    return tuple(found)


def _allowed(kind: str, reach: Reach) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [SearchEntry.kind == kind]
    if kind not in WITHOUT_PLAN:
        parts.append(SearchEntry.plan_id == reach.plan_id)
    if kind not in OF_THE_PLAN:
        parts.append(within(SearchEntry.area, reach.actor))
    return and_(*parts)
