"""Reading saved views: a person's own, and those shared with the people of an organisation of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.lists.models import DefaultView, SavedView
from webapp.permissions import Actor


@dataclass(frozen=True, slots=True)
class Listed:
    """A view somebody may open: whether it is the person's own, shared, and the one the list opens with."""

    id: int
    name: str
    query: str
    own: bool
    shared: bool
    default: bool


def visible(actor: Actor) -> ColumnElement[bool]:
    """A condition: the view is the actor's own, or shared where the actor holds a role today."""
    places = {grant.organisation_id for grant in actor.grants}
    return or_(SavedView.person_id == actor.id, SavedView.organisation_id.in_(places))


def views(session: Session, page: str, about: str, actor: Actor) -> Sequence[Listed]:
    """The views of a list a person may open, the own ones first: one statement."""
    chosen = and_(DefaultView.view_id == SavedView.id, DefaultView.person_id == actor.id)
    row = SavedView
    query = (
        select(row.id, row.name, row.query, row.person_id, row.organisation_id, DefaultView.view_id)
        .outerjoin(DefaultView, chosen)
        .where(row.page == page, row.about == about, visible(actor))
        .order_by(row.name, row.id)
    )
    found = [
        Listed(each.id, each.name, each.query, each.person_id == actor.id, each.organisation_id is not None,
               each.view_id is not None)
        for each in session.execute(query)
    ]  # fmt: skip
    return sorted(found, key=lambda each: not each.own)


def get_view(session: Session, view_id: int, actor: Actor) -> SavedView:
    """A view the actor may open. Raises NotFound."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id, visible(actor)))
    if found is None:
        raise NotFound(_l("没有这个视图，可能已被删除或不再共享。"))
    return found
