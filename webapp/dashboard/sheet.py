"""The whole list of assignments for a file: the page's filters and order, row by row as the database gives them."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from webapp.dashboard.listing import Asked, chosen_place, narrowed
from webapp.dashboard.pictures import Line
from webapp.permissions import Actor
from webapp.plans.lists import COLUMNS, in_order

BATCH = 2_000
# What no column of a file says: to fetch it for every row costs as much as all the rest.
UNSAID = frozenset((
    "id", "starts_on", "claimed_at", "short_zh", "short_en", "season_code", "measure_kind", "organisation_id",
    "organisation_path",
))  # fmt: skip


def every_row(session: Session, plan_id: int, actor: Actor, what: Asked) -> Iterator[Line]:
    """The rows of all pages. Raises NotFound at once for an organisation outside the actor's area."""
    where = narrowed(what, chosen_place(session, actor, what))
    query = in_order(where, plan_id, actor, what.order, [each for each in COLUMNS if each.key not in UNSAID])
    # Straight from the connection: the session would put each batch through its own machinery once more.
    return iter(session.connection().execute(query, execution_options={"yield_per": BATCH}))
