"""Use cases of accounts: people and their roles, passwords, and the bookkeeping around a sign-in.

A sign-in is three steps, because the password is checked outside any write transaction: `take_attempt` (throttle),
`passwords.verify`, then `record_sign_in` or `record_failure`.
"""

import hashlib
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.accounts import rules
from webapp.accounts.models import LOCALES, LoginThrottle, Membership, Person
from webapp.accounts.queries import Credentials, load_actor
from webapp.audit.service import record
from webapp.clock import local_date
from webapp.db import insert_once
from webapp.errors import Conflict, Invalid, Problem, Stale, TooMany
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM, Actor, Role


def create_person(
    session: Session,
    *,
    email: str,
    name_zh: str,
    name_en: str,
    password_hash: str,
    actor: Actor,
    now: datetime,
    locale: str = "zh",
    phone: str = "",
) -> Person:
    """Add a person. The hash comes from `passwords.hash_new`, made before the transaction began.

    Raises Invalid for an address that is none or is taken, an empty name, or an unknown language.
    """
    address = rules.normalise_email(email)
    problems = [*email_problems(session, address), *_profile_problems(name_zh, name_en, phone, locale)]
    if problems:
        raise Invalid(problems)
    person = Person(
        email=address,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        phone=phone.strip(),
        locale=locale,
        password_hash=password_hash,
        auth_version=1,
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    record(session, "account.create", ("person", person.id), actor=actor, now=now, facts={"email": address})
    return person


def email_problems(session: Session, address: str) -> list[Problem]:
    """What is wrong with an (already normalised) address as somebody's new one."""
    if not rules.is_email(address):
        return [Problem("email", _l("请填写有效的电子邮箱，例如 name@example.cn。"))]
    if session.scalar(select(Person.id).where(Person.email == address)) is not None:
        return [Problem("email", _l("这个电子邮箱已有账户。"))]
    return []


def _profile_problems(name_zh: str, name_en: str, phone: str, locale: str) -> list[Problem]:
    texts: list[tuple[str, str, int]] = [("name_zh", name_zh, 60), ("name_en", name_en, 60), ("phone", phone, 40)]
    problems = [
        Problem(field, _l("最多 %(max)d 个字，请精简。", max=limit))
        for field, text, limit in texts
        if len(text) > limit
    ]
    if not name_zh.strip():
        problems.append(Problem("name_zh", _l("请填写姓名。")))
    if locale not in LOCALES:
        problems.append(Problem("locale", _l("请选择中文或英文。")))
    return problems


def grant_role(
    session: Session,
    person: Person,
    organisation: Organisation,
    role: Role,
    *,
    valid_from: date,
    valid_until: date | None = None,
    deputy: bool = False,
    actor: Actor,
    now: datetime,
) -> Membership:
    """Give a person a role at an organisation from a day until (and including) another, or for good.

    Only an officer can be a deputy. Raises Invalid for that, for days in the wrong order, and for a role held already.
    """
    problems = _role_problems(session, person.id, organisation.id, role, valid_from, valid_until, deputy)
    if problems:
        raise Invalid(problems)
    membership = Membership(
        person_id=person.id,
        organisation_id=organisation.id,
        role=role.value,
        valid_from=valid_from,
        valid_until=valid_until,
        deputy=deputy,
    )
    session.add(membership)
    session.flush()
    facts = {
        "role": role.value,
        "organisation": organisation.code,
        "from": valid_from.isoformat(),
        "until": valid_until.isoformat() if valid_until else None,
        "deputy": deputy or None,
    }
    subject = ("person", person.id)
    record(session, "account.grant", subject, actor=actor, now=now, area=organisation.path, facts=facts)
    return membership


def _role_problems(
    session: Session,
    person_id: int,
    organisation_id: int,
    role: Role,
    first: date,
    last: date | None,
    deputy: bool,
) -> list[Problem]:
    problems = []
    if last is not None and last < first:
        problems.append(Problem("valid_until", _l("截止日期不能早于起始日期。")))
    if deputy and role is not Role.OFFICER:
        problems.append(Problem("deputy", _l("只有承办人员可以设为副职。")))
    same = select(Membership.id).where(
        Membership.person_id == person_id, Membership.organisation_id == organisation_id, Membership.role == role.value
    )
    overlap = same.where(
        or_(Membership.valid_until.is_(None), Membership.valid_until >= first),
        Membership.valid_from <= (last or date.max),
    )
    if session.scalar(overlap.limit(1)) is not None:
        problems.append(Problem("role", _l("这段时间内已经在该单位担任这个岗位。")))
    return problems


def end_role(session: Session, membership: Membership, *, last_day: date, actor: Actor, now: datetime) -> None:
    """Let a role end with a day. Raises Conflict when it began later than that."""
    if last_day < membership.valid_from:
        raise Conflict(_l("截止日期不能早于起始日期。"))
    membership.valid_until = last_day
    place = session.get_one(Organisation, membership.organisation_id)
    facts = {
        "membership": membership.id,
        "role": membership.role,
        "organisation": place.code,
        "until": last_day.isoformat(),
    }
    subject = ("person", membership.person_id)
    record(session, "account.end_role", subject, actor=actor, now=now, area=place.path, facts=facts)


def set_password(session: Session, person_id: int, password_hash: str, *, actor: Actor, now: datetime) -> int:
    """Put a new password's hash in place; the new auth version. Every earlier session of the person ends."""
    person = session.get_one(Person, person_id, with_for_update=True)
    person.password_hash = password_hash
    person.auth_version += 1
    record(session, "account.password", ("person", person_id), actor=actor, now=now, area=_area(actor))
    session.flush()
    return person.auth_version


def update_profile(
    session: Session,
    person_id: int,
    *,
    name_zh: str,
    name_en: str,
    phone: str,
    locale: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Change what a person says of themselves. Raises Invalid, or Stale when it was changed since `version`."""
    person = session.get_one(Person, person_id, with_for_update=True)
    if person.version != version:
        raise Stale(_l("这份资料刚刚在别处修改过，您的修改没有保存。请核对后重新提交。"))
    problems = _profile_problems(name_zh, name_en, phone, locale)
    if problems:
        raise Invalid(problems)
    wanted = {"name_zh": name_zh.strip(), "name_en": name_en.strip(), "phone": phone.strip(), "locale": locale}
    changed = {field: value for field, value in wanted.items() if getattr(person, field) != value}
    for field, value in changed.items():
        setattr(person, field, value)
    if changed:
        facts = {"changed": sorted(changed)}
        record(session, "account.profile", ("person", person_id), actor=actor, now=now, area=_area(actor), facts=facts)


def _area(actor: Actor) -> str:
    return actor.home.path if actor.home else ""


# --- sign-in


def take_attempt(session: Session, email: str, host: str, *, now: datetime) -> None:
    """Count an attempt to sign in before the password is looked at. Raises TooMany when none is left.

    Counting first, and giving the attempt back after a success, leaves no gap for attempts made at the same time.
    """
    for key, limit in ((_person_key(email, host), rules.TRIES_A_PERSON), (_host_key(host), rules.TRIES_A_HOST)):
        insert_once(session, LoginThrottle, {"key": key, "window_started_at": now, "failures": 0})
        started_at, count = _count_one(session, key, now)
        if count > limit:
            minutes = rules.minutes_left(started_at, now)
            raise TooMany(_l("尝试次数过多，请在 %(n)s 分钟后再试。忘记密码请联系管理员。", n=minutes))


def _count_one(session: Session, key: str, now: datetime) -> tuple[datetime, int]:
    """Add an attempt to a window, a fresh one when the last has passed; when it began and what it holds now."""
    passed = LoginThrottle.window_started_at <= now - rules.WINDOW
    row = session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == key)
        .values(
            failures=case((passed, 1), else_=LoginThrottle.failures + 1),
            window_started_at=case((passed, now), else_=LoginThrottle.window_started_at),
        )
        .returning(LoginThrottle.window_started_at, LoginThrottle.failures)
    ).one()
    return row[0], row[1]


def _person_key(email: str, host: str) -> str:
    # Hashed: people type passwords into the wrong field, and a key has a limited length.
    return "person:" + hashlib.sha256(f"{email}\n{host}".encode()).hexdigest()


def _host_key(host: str) -> str:
    return f"host:{host[:100]}"


def give_attempt_back(session: Session, email: str, host: str) -> None:
    """After the right password: forget the address's failures, and do not count this one against the host."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == _person_key(email, host)))
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == _host_key(host), LoginThrottle.failures > 0)
        .values(failures=LoginThrottle.failures - 1)
    )


def record_sign_in(session: Session, person_id: int, auth_version: int, *, host: str, now: datetime) -> Actor:
    """Note a sign-in that passed the password; who signed in. Raises Conflict when the person holds no role today."""
    actor = load_actor(session, person_id, auth_version, local_date(now))
    if actor is None:
        raise Conflict(_l("您的账户目前没有有效的岗位授权，请联系本单位管理员。"))
    # Not through the mapped object: signing in must not make a form opened elsewhere stale.
    session.execute(update(Person).where(Person.id == person_id).values(last_seen_at=now))
    subject, facts = ("person", person_id), {"host": host}
    record(session, "account.sign_in", subject, actor=actor, now=now, area=_area(actor), facts=facts)
    return actor


def record_failure(session: Session, account: Credentials | None, *, host: str, now: datetime) -> None:
    """Note a wrong password. An address nobody has leaves only its count: strangers must not fill the record."""
    if account is not None:
        subject = ("person", account.person_id)
        record(session, "account.sign_in_failed", subject, actor=SYSTEM, now=now, facts={"host": host})


def renew_hash(session: Session, person_id: int, old: str, new: str) -> None:
    """Replace a hash by one of the same password made with today's settings, unless the password changed meanwhile."""
    session.execute(update(Person).where(Person.id == person_id, Person.password_hash == old).values(password_hash=new))


def forget_old_attempts(session: Session, *, now: datetime) -> None:
    """Remove windows that have passed; for the nightly sweep."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_started_at <= now - rules.WINDOW))
