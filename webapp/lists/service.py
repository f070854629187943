"""Keeping views: saving, renaming, sharing, deleting, and choosing the one a list opens with. Nothing here commits."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.db import insert_once
from webapp.errors import Forbidden, Invalid, Problem
from webapp.lists.models import DefaultView, SavedView
from webapp.lists.queries import get_view
from webapp.lists.rules import LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS, WORDS, checked, query_of
from webapp.permissions import Actor

NO_NAME = _l("请给视图起个名字。")
LONG_NAME = _l("名称最多 40 个字，请精简。")
TAKEN = _l("您已有同名的视图，请换个名字，或先删除原来的。")
TOO_MANY = _l("每个清单最多保存 20 个视图，请先删除不用的。")
LONG_QUERY = _l("筛选条件太长，不能保存，请减少条件。")
NOT_OWN = _l("这是他人共享的视图，只有保存它的人可以修改。")


def save(
    session: Session, page: str, about: str, *, name: str, query: str, shared: bool, actor: Actor, now: datetime
) -> SavedView:
    """Keep the query of a list under a name. Raises Invalid."""
    kept = query_of(page, checked(page, query).items())
    if page not in WORDS or len(kept) > LONGEST_QUERY:
        raise Invalid([Problem("name", LONG_QUERY)])
    mine = select(func.count()).where(SavedView.person_id == actor.id, SavedView.page == page, SavedView.about == about)
    if (session.scalar(mine) or 0) >= MOST_VIEWS:
        raise Invalid([Problem("name", TOO_MANY)])
    values = {
        "person_id": actor.id, "organisation_id": _place(actor) if shared else None, "page": page, "about": about,
        "name": _named(name), "query": kept, "created_at": now,
    }  # fmt: skip
    found = insert_once(session, SavedView, values)
    if found is None:
        raise Invalid([Problem("name", TAKEN)])
    return session.get_one(SavedView, found)


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise Invalid([Problem("name", NO_NAME)])
    if len(plain) > LONGEST_NAME:
        raise Invalid([Problem("name", LONG_NAME)])
    return plain


def _place(actor: Actor) -> int | None:
    return actor.home.organisation_id if actor.home else None


def _own(session: Session, view_id: int, actor: Actor) -> SavedView:
    found = get_view(session, view_id, actor)
    if found.person_id != actor.id:
        raise Forbidden(NOT_OWN)
    return found


def rename(session: Session, view_id: int, *, name: str, actor: Actor) -> None:
    """Give an own view another name. Raises NotFound, Forbidden or Invalid."""
    view = _own(session, view_id, actor)
    wanted = _named(name)
    taken = select(SavedView.id).where(
        SavedView.person_id == actor.id, SavedView.page == view.page, SavedView.about == view.about,
        SavedView.name == wanted, SavedView.id != view.id,
    )  # fmt: skip
    if session.scalar(taken) is not None:
        raise Invalid([Problem("name", TAKEN)])
    view.name = wanted


def share(session: Session, view_id: int, *, shared: bool, actor: Actor) -> None:
    """Show an own view to the people of one's organisation, or no longer. Raises NotFound or Forbidden."""
    view = _own(session, view_id, actor)
    view.organisation_id = _place(actor) if shared else None


def remove(session: Session, view_id: int, *, actor: Actor) -> None:
    """Delete an own view; lists it was the default of open plainly again. Raises NotFound or Forbidden."""
    view = _own(session, view_id, actor)
    session.execute(delete(DefaultView).where(DefaultView.view_id == view.id))
    session.delete(view)


def open_with(session: Session, view_id: int, *, chosen: bool, actor: Actor) -> None:
    """Let a list open with a view for this person, or plainly again. Raises NotFound."""
    view = get_view(session, view_id, actor)
    mine = {"person_id": actor.id, "page": view.page, "about": view.about}
    session.execute(delete(DefaultView).filter_by(**mine))
    if chosen:
        insert_once(session, DefaultView, {**mine, "view_id": view.id})
