"""What the page before an act shows: the rows it will be done to, those it cannot be done to with the reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.bulk import queries, rules
from webapp.bulk.queries import AnyRow
from webapp.permissions import Actor
from webapp.plans.lists import Filter


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows sorted by whether an act can be done to them; `more` fit it too but are over the bound.

    `passed_over` rows of the filter were not asked about, for the act does not fit them; `gone` ids are of no row here.
    """

    act: str
    ready: Sequence[AnyRow]
    not_ready: Sequence[tuple[AnyRow, Any]]
    gone: int = 0
    more: int = 0
    passed_over: int = 0

    @property
    def packed(self) -> str:
        """The rows with their versions as the form sends them."""
        return rules.packed((row.id, row.version) for row in self.ready)

    @property
    def places(self) -> int:
        """How many organisations it concerns."""
        return len({row.organisation_id for row in self.ready})


def of_ids(session: Session, plan_id: int, actor: Actor, act: str, ids: Collection[int], now: datetime) -> Choice:
    """The choice of rows that were ticked."""
    rows = queries.chosen(session, plan_id, actor, ids)
    known = queries.facts_of(session, rows, actor, act, now)
    told = [(row, rules.obstacle(act, known[row.id])) for row in rows]
    return Choice(
        act,
        [row for row, against in told if against is None],
        [(row, against) for row, against in told if against is not None],
        gone=len(set(ids)) - len(rows),
    )


def of_filter(
    session: Session, plan_id: int, actor: Actor, act: str, where: Filter, order: str, now: datetime
) -> Choice:
    """The choice of all rows of a filtered list that the act fits, up to the bound."""
    ids, fitting, total = queries.of_filter(session, plan_id, actor, where, order, act, now)
    found = of_ids(session, plan_id, actor, act, ids, now)
    return Choice(act, found.ready, found.not_ready, more=fitting - len(ids), passed_over=total - fitting)
