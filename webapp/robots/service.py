"""Use cases around group robots: add, change, switch off and on, and note what came of a test message.

The audit record says where a robot points to by host and the last four characters of its key, never more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.errors import Invalid, Problem, Stale
from webapp.i18n import LOCALES
from webapp.mail.channels import Outcome
from webapp.mail.models import AddressFlag
from webapp.mail.rules import Fate
from webapp.mail.webhook_address import DINGTALK, AddressRefusedError, checked, masked
from webapp.organisations.models import Organisation
from webapp.organisations.queries import organisations_in
from webapp.permissions import Actor, Permission
from webapp.robots.models import ROBOT_KINDS, GroupRobot
from webapp.robots.queries import address_of, get_robot

LONGEST_NAME = 60
LONGEST_SECRET = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed about a robot. An empty address or secret of a robot that exists leaves what it has."""

    name: str
    locale: str
    url: str = ""
    secret: str = ""
    drop_secret: bool = False


def add_robot(
    session: Session, *, kind: str, organisation: str, wanted: Wanted, hosts: Collection[str], actor: Actor,
    now: datetime,
) -> GroupRobot:  # fmt: skip
    """Add a robot to an organisation (its code). Raises Invalid."""
    places = {each.code: each for each in organisations_in(session, actor, Permission.OPERATE)}
    place = places.get(organisation)
    problems = problems_of(kind, wanted, hosts, url_needed=True)
    if place is None:
        problems.append(Problem("organisation", _l("请选择单位。")))
    if problems or place is None:
        raise Invalid(problems)
    _refuse_a_second(session, place.id, wanted.url, 0)
    robot = GroupRobot(
        organisation_id=place.id, kind=kind, name=wanted.name.strip(), url=wanted.url, secret=wanted.secret,
        locale=wanted.locale, active=True, created_at=now,
    )  # fmt: skip
    session.add(robot)
    session.flush()
    _audit(session, "robot.create", robot, place, actor, now, {"address": masked(robot.url), "kind": kind})
    return robot


def change_robot(
    session: Session, robot_id: int, *, wanted: Wanted, version: int, hosts: Collection[str], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Change name, language, address or secret. Raises Invalid, NotFound, or Stale."""
    robot, place = _load(session, robot_id, version, actor)
    problems = problems_of(robot.kind, wanted, hosts, url_needed=False)
    if problems:
        raise Invalid(problems)
    if wanted.url:
        _refuse_a_second(session, place.id, wanted.url, robot.id)
    secret = "" if wanted.drop_secret else wanted.secret or robot.secret
    values = {"name": wanted.name.strip(), "locale": wanted.locale, "url": wanted.url or robot.url, "secret": secret}
    changed = [field for field, value in values.items() if getattr(robot, field) != value]
    for field in changed:
        setattr(robot, field, values[field])
    if {"url", "secret"} & set(changed):
        _clear_flag(session, robot.id)
    if changed:
        facts = {"address": masked(robot.url)} if "url" in changed else {}
        _audit(session, "robot.change", robot, place, actor, now, {"changed": sorted(changed), **facts})


def switch_robot(session: Session, robot_id: int, *, active: bool, version: int, actor: Actor, now: datetime) -> None:
    """Switch a robot off, or on again. Raises NotFound or Stale."""
    robot, place = _load(session, robot_id, version, actor)
    if robot.active != active:
        robot.active = active
        _audit(session, "robot.switch_on" if active else "robot.switch_off", robot, place, actor, now)


def note_test(session: Session, robot_id: int, outcome: Outcome, *, actor: Actor, now: datetime) -> None:
    """Record that a test message was sent, and what came of it; a success takes the flag off the robot."""
    robot, place = get_robot(session, robot_id, actor)
    if outcome.fate is Fate.SENT:
        _clear_flag(session, robot.id)
    _audit(session, "robot.test", robot, place, actor, now, {"answer": outcome.answer})


def _load(session: Session, robot_id: int, version: int, actor: Actor) -> tuple[GroupRobot, Organisation]:
    robot, place = get_robot(session, robot_id, actor, lock=True)
    if robot.version != version:
        raise Stale(_l("这个群机器人刚刚在别处修改过，您的修改没有保存。请核对后重新提交。"))
    return robot, place


def problems_of(kind: str, wanted: Wanted, hosts: Collection[str], *, url_needed: bool) -> list[Problem]:
    """What is wrong with what was typed, as far as it can be seen without the database."""
    problems = []
    if not 0 < len(wanted.name.strip()) <= LONGEST_NAME:
        problems.append(Problem("name", _l("请填写名称，最多 %(max)d 个字。", max=LONGEST_NAME)))
    if wanted.locale not in LOCALES:
        problems.append(Problem("locale", _l("请选择中文或英文。")))
    if kind not in ROBOT_KINDS:
        return [*problems, Problem("kind", _l("请选择企业微信或钉钉。"))]
    return [*problems, *_address_problems(kind, wanted.url, hosts, url_needed), *_secret_problems(kind, wanted.secret)]


def _address_problems(kind: str, url: str, hosts: Collection[str], needed: bool) -> list[Problem]:
    if not url and not needed:
        return []
    if not url:
        return [Problem("url", _l("请粘贴群机器人的地址。"))]
    try:
        checked(kind, url, hosts)
    except AddressRefusedError as error:
        return [Problem("url", error.why)]
    return []


def _secret_problems(kind: str, secret: str) -> list[Problem]:
    if secret and kind != DINGTALK:
        return [Problem("secret", _l("企业微信群机器人没有加签密钥，请留空。"))]
    if len(secret) > LONGEST_SECRET or not (secret.isascii() and secret.isprintable()) or " " in secret:
        return [Problem("secret", _l("密钥里有空格或不允许的字符，请从群机器人设置中复制。"))]
    return []


def _refuse_a_second(session: Session, organisation_id: int, url: str, own_id: int) -> None:
    same = select(GroupRobot.name).where(
        GroupRobot.organisation_id == organisation_id, GroupRobot.url == url, GroupRobot.id != own_id
    )
    name = session.scalar(same.limit(1))
    if name is not None:
        raise Invalid([Problem("url", _l("这个单位已有使用同一地址的群机器人“%(name)s”，不必重复添加。", name=name))])


def _clear_flag(session: Session, robot_id: int) -> None:
    session.execute(delete(AddressFlag).where(AddressFlag.address == address_of(robot_id)))


def _audit(
    session: Session, action: str, robot: GroupRobot, place: Organisation, actor: Actor, now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    told = {"organisation": place.code, **(facts or {})}
    record(session, action, ("robot", robot.id), actor=actor, now=now, area=place.path, facts=told)
