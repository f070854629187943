"""What an administrator does to the people of an area: add them, give and end roles, correct addresses, shut them out.

Whoever has held a role in the area can be seen there, and roles in the area given and ended. What concerns the whole
account (address, password, on and off) is for an administrator of all the person's places: otherwise a province could
take over an account of the region. Every act counts the person's version up, so that a page left open is told.
"""

import secrets
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from webapp.accounts import duties, passwords, rules, service
from webapp.accounts.models import Membership, Person
from webapp.accounts.people import held_in_area, is_wholly_inside
from webapp.audit.service import record
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from webapp.mail.models import AddressFlag
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission, Role

# Letters and digits that nobody confuses when a password is read out: 79 bits in four groups.
ALPHABET, GROUPS, GROUP = "abcdefghjkmnpqrstuvwxyz23456789", 4, 4


def new_password(*, email: str, name: str) -> tuple[str, str]:
    """A random password and its hash. Takes a fifth of a second: never inside a write transaction."""
    while True:
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
        password = "-".join(groups)
        try:
            return password, passwords.hash_new(password, email=email, name=name)
        except Invalid:
            # By chance it holds the person's own name.
            continue


def add_person(
    session: Session,
    *,
    profile: dict[str, str],
    password_hash: str,
    organisation: str,
    role: Role,
    valid_from: date,
    valid_until: date | None,
    deputy: bool,
    actor: Actor,
    now: datetime,
) -> Person:
    """Add a person with a first role. `profile` holds name_zh, name_en, email, phone and locale. Raises Invalid."""
    place = _place(session, organisation, actor)
    person = service.create_person(session, **profile, password_hash=password_hash, actor=actor, now=now)
    service.grant_role(
        session,
        person,
        place,
        role,
        valid_from=valid_from,
        valid_until=valid_until,
        deputy=deputy,
        actor=actor,
        now=now,
    )
    return person


def _place(session: Session, code: str, actor: Actor) -> Organisation:
    found = session.scalar(
        select(Organisation).where(Organisation.code == code, within(Organisation.path, actor, Permission.OPERATE))
    )
    if found is None:
        raise Invalid([Problem("organisation", _l("请选择管辖范围内的单位。"))])
    return found


# --- roles


def give_role(
    session: Session,
    person_id: int,
    *,
    organisation: str,
    role: Role,
    valid_from: date,
    valid_until: date | None,
    deputy: bool,
    version: int,
    actor: Actor,
    now: datetime,
) -> Membership:
    """Give somebody of the area a further role in it. Raises NotFound, Stale, Invalid."""
    person = _changing(session, person_id, version, actor)
    place = _place(session, organisation, actor)
    return service.grant_role(
        session,
        person,
        place,
        role,
        valid_from=valid_from,
        valid_until=valid_until,
        deputy=deputy,
        actor=actor,
        now=now,
    )


def end_role(
    session: Session,
    person_id: int,
    membership_id: int,
    *,
    last_day: date,
    today: date,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a role end with a day, yesterday at the earliest: what was done under it until now stays done rightly.

    Raises NotFound, Stale, Invalid, and Conflict for a role that has ended and for the last administrator's.
    """
    _changing(session, person_id, version, actor)
    membership = _membership(session, person_id, membership_id, today, actor)
    if last_day < today - timedelta(days=1):
        raise Invalid([Problem("last_day", _l("最早只能填昨天；已经过去的任职不能改写。"))])
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(session, [membership], last_day + timedelta(days=1))
    service.end_role(session, membership, last_day=last_day, actor=actor, now=now)


def mark_deputy(
    session: Session,
    person_id: int,
    membership_id: int,
    *,
    deputy: bool,
    today: date,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Make an officer a deputy, or the other way round. Raises NotFound, Stale, Conflict."""
    _changing(session, person_id, version, actor)
    membership = _membership(session, person_id, membership_id, today, actor)
    if membership.role != Role.OFFICER:
        raise Conflict(_l("只有承办人员可以设为副职。"))
    membership.deputy = deputy
    facts = {"organisation": membership.organisation.code}
    action = "account.deputy" if deputy else "account.no_deputy"
    path = membership.organisation.path
    record(session, action, ("person", person_id), actor=actor, now=now, area=path, facts=facts)


def set_duties(
    session: Session,
    person_id: int,
    membership_id: int,
    *,
    wish: duties.Duties,
    today: date,
    version: int,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Say what somebody may be in the organisation's monthly report; returns the duties that nobody there holds now.

    Raises NotFound, Stale, Conflict (a role that takes no part in reports, or has ended).
    """
    _changing(session, person_id, version, actor)
    membership = _membership(session, person_id, membership_id, today, actor)
    duties.set_duties(session, membership, wish, actor=actor, now=now)
    return duties.vacant(session, membership.organisation_id, today)


def _membership(session: Session, person_id: int, membership_id: int, today: date, actor: Actor) -> Membership:
    found = held_in_area(session, person_id, membership_id, actor)
    if found is None:
        raise NotFound(_l("没有这项任职，或者不在您的管辖范围内。"))
    if found.valid_until is not None and found.valid_until < today:
        raise Conflict(_l("这项任职已经终止。"))
    return found


# --- the account as a whole


def correct_address(
    session: Session, person_id: int, *, email: str, today: date, version: int, actor: Actor, now: datetime
) -> None:
    """Give somebody another address, or say that the present one is right: a server's refusal of it is forgotten.

    Raises NotFound, Stale, Forbidden, and Invalid for an address that is none or belongs to somebody else.
    """
    person = _whole(session, person_id, version, today, actor)
    address, before = rules.normalise_email(email), person.email
    if address != before:
        problems = service.email_problems(session, address)
        if problems:
            raise Invalid(problems)
        person.email = address
    session.execute(delete(AddressFlag).where(AddressFlag.address.in_((before, address))))
    _note(session, "account.address", person, actor, now, {"email": address, "from": before})


def switch(
    session: Session, person_id: int, *, active: bool, today: date, version: int, actor: Actor, now: datetime
) -> None:
    """Switch an account off (sessions and calendar end at once) or on again.

    Raises NotFound, Stale, Forbidden, and Conflict for one's own account and for the last administrator's.
    """
    person = _whole(session, person_id, version, today, actor)
    if not active and person_id == actor.id:
        raise Conflict(_l("不能停用自己的账户，请由另一位系统管理员操作。"))
    if not active:
        _keep_an_administrator(session, _administers(session, person_id, today), today)
    person.active = active
    _note(session, "account.on" if active else "account.off", person, actor, now)


def renew_password(
    session: Session, person_id: int, password_hash: str, *, today: date, version: int, actor: Actor, now: datetime
) -> None:
    """Put a new password in place for somebody else; all their sessions end. Raises as `switch` does."""
    _whole(session, person_id, version, today, actor)
    if person_id == actor.id:
        raise Conflict(_l("自己的密码请在“个人设置”中修改。"))
    service.set_password(session, person_id, password_hash, actor=actor, now=now)


def _changing(session: Session, person_id: int, version: int, actor: Actor) -> Person:
    """The person, locked and about to be changed. Raises NotFound outside the area, Stale for an older page."""
    if held_in_area(session, person_id, None, actor) is None:
        raise NotFound(_l("没有这个账户，或者不在您的管辖范围内。"))
    person = session.get_one(Person, person_id, with_for_update=True)
    if person.version != version:
        raise Stale(_l("这个账户刚刚在别处修改过，您的修改没有保存。请核对后重新提交。"))
    # Roles are rows of their own: the version counts up for them too.
    flag_modified(person, "phone")
    return person


def _whole(session: Session, person_id: int, version: int, today: date, actor: Actor) -> Person:
    person = _changing(session, person_id, version, actor)
    if not is_wholly_inside(session, person_id, actor, today):
        raise Forbidden(_l("此人在您的管辖范围之外另有任职，账户本身由上级管理员管理。"))
    return person


def _note(
    session: Session, action: str, person: Person, actor: Actor, now: datetime, facts: dict[str, str] | None = None
) -> None:
    home = actor.home.path if actor.home else ""
    record(session, action, ("person", person.id), actor=actor, now=now, area=home, facts=dict(facts or {}))


# --- somebody has to be left


def _administers(session: Session, person_id: int, today: date) -> list[Membership]:
    query = select(Membership).where(
        Membership.person_id == person_id,
        Membership.role == Role.ADMINISTRATOR.value,
        or_(Membership.valid_until.is_(None), Membership.valid_until >= today),
    )
    return list(session.scalars(query))


def _keep_an_administrator(session: Session, leaving: list[Membership], first_day: date) -> None:
    """Raise Conflict unless each place administered so far has another administrator without a last day.

    All administrators' rows are locked first: two who shut each other out at the same moment come one after the other.
    """
    everybody = select(Membership.id).where(Membership.role == Role.ADMINISTRATOR.value).order_by(Membership.id)
    session.execute(everybody.with_for_update())
    gone = [each.id for each in leaving]
    for membership in leaving:
        path = session.scalars(select(Organisation.path).where(Organisation.id == membership.organisation_id)).one()
        others = (
            select(Membership.id)
            .join(Membership.person)
            .join(Membership.organisation)
            .where(Membership.role == Role.ADMINISTRATOR.value, Membership.id.not_in(gone), Person.active)
            .where(Membership.valid_until.is_(None), Membership.valid_from <= first_day)
            .where(Organisation.path.in_(_from_the_root(path)))
        )
        if session.scalar(others.limit(1)) is None:
            raise Conflict(_l("这是最后一位没有截止日期的系统管理员。请先任命另一位，再进行此操作。"))


def _from_the_root(path: str) -> list[str]:
    """The paths of an organisation and of all above it."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[:length]) + "/" for length in range(1, len(codes) + 1)]
