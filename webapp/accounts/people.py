"""Reading people for administrators: a list with filters, and one person with all roles in the administrator's area."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from webapp.accounts.duties import LABELS, ROLES
from webapp.accounts.models import Membership, Person
from webapp.errors import NotFound
from webapp.mail.models import AddressFlag
from webapp.organisations.models import Organisation
from webapp.organisations.queries import below, within
from webapp.permissions import Actor, Permission

PAGE_SIZE, MANY = 50, 500
# By their names in Latin letters; who has none comes last, as does who never signed in.
_BY_NAME = func.lower(Person.name_en)
_NEVER = Person.last_seen_at.is_(None)
ORDERS: Mapping[str, tuple[ColumnElement[Any], ...]] = {
    "name": (case((Person.name_en == "", 1), else_=0), _BY_NAME.asc()),
    "-name": (case((Person.name_en == "", 1), else_=0), _BY_NAME.desc()),
    "email": (Person.email.asc(),),
    "seen": (_NEVER, Person.last_seen_at.asc()),
    "-seen": (_NEVER, Person.last_seen_at.desc()),
}
RowOf = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; `organisation` is a path and takes in what lies below it."""

    organisation: str = ""
    role: str = ""
    flagged: bool = False
    active: bool | None = None
    duty: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of the list: roles held today or later, in the order they were given, and the server's refusal."""

    id: int
    email: str
    phone: str
    name_zh: str
    name_en: str
    active: bool
    last_seen_at: datetime | None
    refusal: str
    roles: tuple[RowOf, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list and how many people the whole list has."""

    people: tuple[Listed, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


def _in_area(actor: Actor, *narrower: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on people: they hold, or held, a role in the actor's area, and one of which more may be asked."""
    held = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == Person.id, within(Organisation.path, actor, Permission.OPERATE), *narrower)
        .correlate(Person)
    )
    return held.exists()


def not_ended(today: date) -> ColumnElement[bool]:
    """A condition: the role is held today or will be."""
    return or_(Membership.valid_until.is_(None), Membership.valid_until >= today)


def people(
    session: Session, actor: Actor, *, today: date, where: Filter, order: str = "name", page: int = 1,
    size: int = PAGE_SIZE,
) -> Page:  # fmt: skip
    """A page of the people of the actor's area; a page past the end is the last, an unknown order that by name."""
    conditions = _conditions(actor, today, where)
    flag = AddressFlag.address == Person.email
    total = (
        session.scalar(select(func.count()).select_from(Person).outerjoin(AddressFlag, flag).where(*conditions)) or 0
    )
    number = min(page, max(1, -(-total // size)))
    who = Person
    columns = (who.id, who.email, who.phone, who.name_zh, who.name_en, who.active, who.last_seen_at)
    query = (
        select(*columns, func.coalesce(AddressFlag.reason, "").label("refusal"))
        .outerjoin(AddressFlag, flag)
        .where(*conditions)
        .order_by(*ORDERS.get(order, ORDERS["name"]), Person.id)
        .limit(size)
        .offset((number - 1) * size)
    )
    rows = session.execute(query).all()
    held = _roles_by_person(session, [row.id for row in rows], actor, today)
    found = tuple(Listed(**row._mapping, roles=tuple(held.get(row.id, ()))) for row in rows)
    return Page(found, total, number)


def everybody(session: Session, actor: Actor, *, today: date, where: Filter, order: str) -> Iterator[Listed]:
    """All people of the list, read some hundred at a time."""
    page, pages = 1, 1
    while page <= pages:
        found = people(session, actor, today=today, where=where, order=order, page=page, size=MANY)
        pages = -(-found.total // MANY)
        yield from found.people
        page += 1


def _conditions(actor: Actor, today: date, where: Filter) -> list[ColumnElement[bool]]:
    narrower: list[ColumnElement[bool]] = []
    if where.organisation:
        narrower.append(below(Organisation.path, [where.organisation]))
    if where.role:
        narrower.append(Membership.role == where.role)
    if where.duty in LABELS:
        narrower += [Membership.role.in_(ROLES), getattr(Membership, where.duty)]
    if narrower:
        narrower.append(not_ended(today))
    conditions = [_in_area(actor, *narrower)]
    if where.flagged:
        conditions.append(AddressFlag.address.is_not(None))
    if where.active is not None:
        conditions.append(Person.active.is_(where.active))
    if where.text:
        # Addresses are kept in small letters; names are compared without regard to them.
        wanted = where.text.strip().lower()
        texts = (func.lower(column) for column in (Person.name_zh, Person.name_en, Person.email))
        conditions.append(or_(*(text.contains(wanted, autoescape=True) for text in texts)))
    return conditions


ROLE_COLUMNS = (
    Membership.id,
    Membership.person_id,
    Membership.role,
    Membership.deputy,
    Membership.may_fill,
    Membership.may_check,
    Membership.may_sign,
    Membership.valid_from,
    Membership.valid_until,
    Organisation.short_zh.label("organisation_zh"),
    Organisation.short_en.label("organisation_en"),
)


def _roles_by_person(session: Session, ids: Collection[int], actor: Actor, today: date) -> dict[int, list[RowOf]]:
    query = (
        select(*ROLE_COLUMNS)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(ids), not_ended(today), within(Organisation.path, actor, Permission.OPERATE))
        .order_by(Membership.valid_from, Membership.id)
    )
    found: dict[int, list[RowOf]] = {}
    for row in session.execute(query):
        found.setdefault(row.person_id, []).append(row)
    return found


def get_managed(session: Session, person_id: int, actor: Actor) -> Person:
    """Somebody of the actor's area. Raises NotFound."""
    found = session.scalar(select(Person).where(Person.id == person_id, _in_area(actor)))
    if found is None:
        raise NotFound(_l("没有这个账户，或者不在您的管辖范围内。"))
    return found


def roles_of(session: Session, person_id: int, actor: Actor) -> Sequence[RowOf]:
    """All roles of a person in the actor's area, ended ones too, the latest first."""
    query = (
        select(*ROLE_COLUMNS)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, within(Organisation.path, actor, Permission.OPERATE))
        .order_by(Membership.valid_from.desc(), Membership.id.desc())
    )
    return session.execute(query).all()


def held_in_area(session: Session, person_id: int, membership_id: int | None, actor: Actor) -> Membership | None:
    """One of a person's roles in the actor's area, a certain one or any; None when there is none."""
    query = (
        select(Membership)
        .join(Membership.organisation)
        .where(Membership.person_id == person_id, within(Organisation.path, actor, Permission.OPERATE))
        .options(contains_eager(Membership.organisation))
        .limit(1)
    )
    return session.scalar(query if membership_id is None else query.where(Membership.id == membership_id))


def is_wholly_inside(session: Session, person_id: int, actor: Actor, today: date) -> bool:
    """Whether a person holds no role, today or later, outside the actor's area."""
    outside = (
        select(Membership.id)
        .join(Membership.organisation)
        .where(
            and_(Membership.person_id == person_id, not_ended(today)),
            ~within(Organisation.path, actor, Permission.OPERATE),
        )
    )
    return session.scalar(outside.limit(1)) is None


def refusal_of(session: Session, address: str) -> str:
    """Why a mail server refused an address; empty when none did."""
    return session.scalar(select(AddressFlag.reason).where(AddressFlag.address == address)) or ""
