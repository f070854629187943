"""Writing the tree of organisations from a plan pack."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import Conflict, Invalid, Problem
from webapp.organisations.models import Organisation
from webapp.organisations.queries import by_code

PATH_LIMIT = 200


class OrganisationFacts(Protocol):
    """What a pack says of an organisation; `parent` is a code, `grid` column and row on the tile map."""

    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def short_zh(self) -> str: ...
    @property
    def short_en(self) -> str: ...
    @property
    def pinyin(self) -> str: ...
    @property
    def grid(self) -> Sequence[int] | None: ...


def save_organisations(session: Session, rows: Iterable[OrganisationFacts]) -> dict[str, Organisation]:
    """Insert or bring up to date the organisations of a pack; all organisations by code, old and new.

    The order of `rows` is the order on pages; a parent may come later in it, or be in the database already. Doing it
    twice changes nothing. Raises Invalid for a parent that does not exist or a circle, Conflict when an organisation
    would move to another parent: what was recorded under the old one would change hands.
    """
    given = list(rows)
    known = by_code(session)
    positions = {row.code: index for index, row in enumerate(given)}
    for row in parents_first(given, set(known)):
        parent = known[row.parent] if row.parent else None
        known[row.code] = _save(session, row, known.get(row.code), parent, positions[row.code])
    session.flush()
    return known


def parents_first(rows: Sequence[OrganisationFacts], existing: set[str]) -> list[OrganisationFacts]:
    """The rows so ordered that each comes after its parent. Raises Invalid where that cannot be."""
    waiting = {row.code: row for row in rows}
    placed = existing - waiting.keys()
    ordered: list[OrganisationFacts] = []
    while waiting:
        ready = [row for row in waiting.values() if row.parent is None or row.parent in placed]
        if not ready:
            raise Invalid([_unplaced(row, waiting) for row in waiting.values()])
        ordered += ready
        placed |= {row.code for row in ready}
        waiting = {code: row for code, row in waiting.items() if code not in placed}
    return ordered


def _unplaced(row: OrganisationFacts, waiting: dict[str, OrganisationFacts]) -> Problem:
    if row.parent in waiting:
        return Problem(row.code, _l("上级单位 %(parent)s 形成了循环。", parent=row.parent))
    return Problem(row.code, _l("上级单位 %(parent)s 不存在。", parent=row.parent))


def _save(
    session: Session, row: OrganisationFacts, found: Organisation | None, parent: Organisation | None, sort: int
) -> Organisation:
    path = f"{parent.path if parent else ''}{row.code}/"
    if len(path) > PATH_LIMIT:
        raise Invalid([Problem(row.code, _l("单位层级过深。"))])
    if found is None:
        found = Organisation(code=row.code, path=path, parent_id=parent.id if parent else None)
        session.add(found)
    elif found.path != path:
        raise Conflict(_l("单位 %(code)s 已经属于另一个上级单位，不能改变隶属关系。", code=row.code))
    _describe(found, row, sort)
    # A child needs the new row's id.
    session.flush()
    return found


def _describe(organisation: Organisation, row: OrganisationFacts, sort: int) -> None:
    organisation.kind = row.kind
    organisation.name_zh, organisation.name_en = row.name_zh, row.name_en
    organisation.short_zh, organisation.short_en = row.short_zh, row.short_en
    organisation.pinyin = row.pinyin
    organisation.grid_col, organisation.grid_row = row.grid or (None, None)
    organisation.sort = sort
