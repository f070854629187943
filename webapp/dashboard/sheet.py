"""The whole list of assignments for a file: the page's filters and order, row by row as the database gives them."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.dashboard import queries
from webapp.dashboard.listing import Asked
from webapp.dashboard.pictures import Line
from webapp.permissions import Actor
from webapp.plans.lists import COLUMNS, NULLS_LAST, conditions, with_places
from webapp.plans.models import Assignment, Task

BATCH = 1_000


def every_row(session: Session, plan_id: int, actor: Actor, what: Asked) -> Iterator[Line]:
    """The rows of all pages. Raises NotFound at once for an organisation outside the actor's area."""
    if what.where.organisation:
        queries.find_code(queries.organisations(session, actor), what.where.organisation)
    query = with_places(select(*COLUMNS)).where(*conditions(what.where, plan_id, actor))
    query = query.order_by(*NULLS_LAST[what.order], Task.sort, Assignment.id)
    return iter(session.execute(query, execution_options={"yield_per": BATCH}))
