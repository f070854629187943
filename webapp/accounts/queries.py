"""Reading people and the roles they hold on a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import CalendarLink, Membership, Person
from webapp.accounts.rules import normalise_email
from webapp.db import Instance, plain_rows
from webapp.errors import NotFound
from webapp.i18n import DEFAULT, language
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Grant, Role


@dataclass(frozen=True, slots=True)
class Credentials:
    """What sign-in needs of the person with an address."""

    person_id: int
    password_hash: str
    auth_version: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to write to, and the role at an organisation (perhaps as a deputy) that is the reason."""

    person_id: int
    email: str
    name_zh: str
    name_en: str
    locale: str
    organisation_id: int
    path: str
    role: Role
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account the demo's sign-in page offers."""

    person_id: int
    name_zh: str
    name_en: str
    role: Role
    kind: str
    organisation_zh: str
    organisation_en: str


def valid_on(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """A condition: the membership holds on a day, its first and last day included."""
    return and_(Membership.valid_from <= today, or_(Membership.valid_until.is_(None), Membership.valid_until >= today))


def load_actor(session: Session, person_id: int, auth_version: int, today: date) -> Actor | None:
    """The person of a session with the roles of today, in one statement.

    None when the person is gone or switched off, holds no role today, or has a newer password than the session knows.
    """
    return session_rows(session, person_id, auth_version).actor(today)


@dataclass(frozen=True, slots=True)
class SessionRows:
    """What a session cookie stands for: the person's roles of any day, and the facts of the instance beside them."""

    rows: Sequence[Row[*tuple[Any, ...]]]

    @property
    def instance(self) -> Row[*tuple[Any, ...]] | None:
        """`mode`, `clock_offset_seconds` and `clock_moved_to`, where there is a person and an instance."""
        return self.rows[0] if self.rows and self.rows[0].mode is not None else None

    def actor(self, today: date) -> Actor | None:
        """The person with the roles of a day; None where none is held then."""
        return _actor([row for row in self.rows if row.valid_from <= today <= (row.valid_until or today)])


def session_rows(session: Session, person_id: int, auth_version: int) -> SessionRows:
    """All that a page must know before it begins, in one statement."""
    return SessionRows(plain_rows(session, _of_session(), person=person_id, session_version=auth_version))


@cache
def _of_session() -> Select[*tuple[Any, ...]]:
    # Put together once: every page asks, and it takes longer than finding the rows.
    who = (Person.id == bindparam("person"), Person.auth_version == bindparam("session_version"))
    facts = (Instance.mode, Instance.clock_offset_seconds, Instance.clock_moved_to)
    query = _holders().add_columns(Membership.valid_from, Membership.valid_until, *facts)
    return query.outerjoin(Instance, Instance.id == 1).where(*who)


def actor_by_calendar_link(session: Session, token_hash: str, today: date) -> Actor | None:
    """Whose calendar address this is the hash of, with the roles of today; None when it opens nothing any more."""
    link = (CalendarLink.token_hash == token_hash, CalendarLink.revoked_at.is_(None))
    query = _holders().where(valid_on(today)).join(CalendarLink, CalendarLink.person_id == Person.id).where(*link)
    return _actor(session.execute(query).all())


def _actor(rows: Sequence[Row[*tuple[Any, ...]]]) -> Actor | None:
    if not rows:
        return None
    first = rows[0]
    grants = tuple(_grant(row) for row in rows)
    return Actor(first.person_id, first.name_zh, first.locale, grants, first.auth_version, first.name_en)


def _holders() -> Select[*tuple[Any, ...]]:
    """Active people with each of their roles, whenever it is held; a person's first role comes first."""
    return (
        select(
            Person.id.label("person_id"),
            Person.email,
            Person.name_zh,
            Person.name_en,
            Person.locale,
            Person.auth_version,
            Membership.role,
            Membership.deputy,
            Membership.may_fill,
            Membership.may_check,
            Membership.may_sign,
            Membership.organisation_id,
            Organisation.code,
            Organisation.path,
            Organisation.kind,
            Organisation.short_zh,
            Organisation.short_en,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.active)
        .order_by(Person.id, Membership.id)
    )


def _grant(row: Row[Any]) -> Grant:
    duties = row.may_fill, row.may_check, row.may_sign
    return Grant(Role(row.role), row.organisation_id, row.code, row.path, row.kind, row.short_zh, row.short_en, *duties)


def find_credentials(session: Session, email: str) -> Credentials | None:
    """What a sign-in with an (already normalised) address is checked against; None when nobody active has it."""
    row = session.execute(
        select(Person.id, Person.password_hash, Person.auth_version).where(Person.email == email, Person.active)
    ).one_or_none()
    return None if row is None else Credentials(*row)


def get_person(session: Session, person_id: int) -> Person:
    """A person by id. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(_l("没有这个账户。"))
    return person


def people_of(
    session: Session, organisation_ids: Collection[int] | None, roles: Collection[Role], today: date
) -> list[Recipient]:
    """The active people who hold one of the roles at one of the organisations (None: at any) on a day, by person.

    Somebody who holds several such roles appears once for each. For jobs: not limited to an area.
    """
    query = _holders().where(valid_on(today), Membership.role.in_([role.value for role in roles]))
    if organisation_ids is not None:
        query = query.where(Membership.organisation_id.in_(organisation_ids))
    return [
        Recipient(
            row.person_id,
            row.email,
            row.name_zh,
            row.name_en,
            row.locale,
            row.organisation_id,
            row.path,
            Role(row.role),
            row.deputy,
        )
        for row in session.execute(query)
    ]


def demo_accounts(session: Session, today: date) -> list[DemoAccount]:
    """Everybody who can sign in today, each with the first role held. Shown by the demo alone."""
    found: dict[int, DemoAccount] = {}
    for row in session.execute(_holders().where(valid_on(today))):
        account = DemoAccount(
            row.person_id, row.name_zh, row.name_en, Role(row.role), row.kind, row.short_zh, row.short_en
        )
        found.setdefault(row.person_id, account)
    return list(found.values())


def names_shown(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """The names of people as an English page says them, by id; in Chinese none, for there the recorded names stand."""
    if language() == DEFAULT:
        return {}
    query = select(Person.id, Person.name_en).where(Person.id.in_(set(ids)), Person.name_en != "")
    return {person_id: name for person_id, name in session.execute(query)}  # noqa: C416


def find_person(session: Session, email: str) -> Person | None:
    """Who signs in with an address, if anybody does."""
    return session.scalar(select(Person).where(Person.email == normalise_email(email)))


def membership_held(session: Session, email: str, organisation_code: str, role: str) -> Membership | None:
    """The open-ended or latest-ending role somebody holds at an organisation."""
    return session.scalar(
        select(Membership)
        .join(Membership.person)
        .join(Membership.organisation)
        .where(Person.email == normalise_email(email), Organisation.code == organisation_code, Membership.role == role)
        .order_by(Membership.valid_from.desc())
        .limit(1)
    )
