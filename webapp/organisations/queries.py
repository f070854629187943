"""Reading the tree of organisations, and the one filter that keeps every list inside the reader's area."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Permission, areas

PathColumn = InstrumentedAttribute[str] | ColumnElement[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """An organisation with those right below it that were asked for."""

    organisation: Organisation
    children: tuple[Organisation, ...]


def below(path_column: PathColumn, paths: Iterable[str]) -> ColumnElement[bool]:
    """A condition: the path is one of `paths` or lies below one. False when there are none."""
    # autoescape, because a code may hold an underscore, which LIKE would take for any character.
    conditions = [path_column.startswith(path, autoescape=True) for path in paths]
    return or_(*conditions) if conditions else false()


def within(path_column: PathColumn, actor: Actor, permission: Permission = Permission.SEE) -> ColumnElement[bool]:
    """A condition: the path lies where the actor holds the permission. Every list and every count carries it."""
    return below(path_column, areas(actor, permission))


def get_organisation(session: Session, code: str, actor: Actor) -> Organisation:
    """The organisation with a code. Raises NotFound when there is none in the actor's area."""
    found = session.scalar(select(Organisation).where(Organisation.code == code, within(Organisation.path, actor)))
    if found is None:
        raise NotFound(_l("没有这个单位，或者不在您的管辖范围内。"))
    return found


def organisations_in(
    session: Session,
    actor: Actor,
    permission: Permission = Permission.SEE,
    kinds: Collection[str] = (),
    under: str = "",
) -> list[Organisation]:
    """The organisations where an actor holds a permission, in the tree's order: each province, then its cities.

    `kinds` keeps only these kinds, `under` only what lies at or below a path.
    """
    query = select(Organisation).where(within(Organisation.path, actor, permission))
    if kinds:
        query = query.where(Organisation.kind.in_(kinds))
    if under:
        query = query.where(below(Organisation.path, [under]))
    return in_tree_order(session.scalars(query))


def in_tree_order(organisations: Iterable[Organisation]) -> list[Organisation]:
    """Parents before their children, brothers by `sort`; an organisation whose parent is not given counts as a root."""
    ordered = sorted(organisations, key=lambda each: (each.sort, each.code))
    known = {each.id for each in ordered}
    children: dict[int | None, list[Organisation]] = {}
    for each in ordered:
        children.setdefault(each.parent_id if each.parent_id in known else None, []).append(each)
    result: list[Organisation] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        each = waiting.pop()
        result.append(each)
        waiting.extend(children.get(each.id, [])[::-1])
    return result


def branches(organisations: Sequence[Organisation]) -> list[Branch]:
    """A list in tree order as two levels: what has no parent in the list, each with those right below it."""
    known = {each.id for each in organisations}
    return [
        Branch(top, tuple(each for each in organisations if each.parent_id == top.id))
        for top in organisations
        if top.parent_id not in known
    ]


def by_code(session: Session, codes: Collection[str] | None = None) -> dict[str, Organisation]:
    """Organisations by their codes; all of them when none are named. For loaders and jobs: not limited to an area."""
    query = select(Organisation)
    if codes is not None:
        query = query.where(Organisation.code.in_(codes))
    return {each.code: each for each in session.scalars(query)}


def by_id(session: Session, ids: Collection[int]) -> dict[int, Organisation]:
    """Organisations by their ids, in one statement. For jobs and for lists that were already limited."""
    return {each.id: each for each in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


def codes_above(path: str) -> list[str]:
    """The codes on the way from the root to an organisation, its own left out."""
    return path.rstrip("/").split("/")[:-1]


def above(session: Session, path: str) -> list[Organisation]:
    """The organisations above one, the root first."""
    codes = codes_above(path)
    found = by_code(session, codes)
    return [found[code] for code in codes if code in found]
