"""Group robots as the operators' page lists them, within the actor's area. Keys and secrets stay in the table."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.errors import NotFound
from webapp.mail.models import AddressFlag, OutboxMail
from webapp.mail.webhook_address import masked
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor, Permission
from webapp.robots.models import GroupRobot

# How far back the last message is looked for: further than any festival lasts.
LOOK_BACK = 14


@dataclass(frozen=True, slots=True)
class Message:
    """What came of a robot's latest message."""

    state: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class RobotView:
    """A robot as a page shows it: its address without the key. `flag` is why its server refuses it for good."""

    id: int
    kind: str
    name: str
    organisation_zh: str
    organisation_en: str
    address: str
    signed: bool
    locale: str
    active: bool
    version: int
    last: Message | None
    flag: str


def address_of(robot_id: int) -> str:
    """A robot's address in the outbox."""
    return f"robot:{robot_id}"


def names(session: Session, actor: Actor) -> dict[str, tuple[int, str]]:
    """The robots of the actor's area by their address in the outbox: number and name."""
    rows = session.execute(
        select(GroupRobot.id, GroupRobot.name)
        .join(Organisation, Organisation.id == GroupRobot.organisation_id)
        .where(within(Organisation.path, actor, Permission.OPERATE))
    )
    return {address_of(row.id): (row.id, row.name) for row in rows}


def message_key(day: date, robot_id: int) -> str:
    """The key of a robot's message of a day in the outbox: there can be one."""
    return f"robot:{day.isoformat()}:{robot_id}"


def robot_views(session: Session, actor: Actor, *, now: datetime) -> list[RobotView]:
    """The robots of the actor's area, those in use first, by organisation."""
    rows = session.execute(
        select(GroupRobot, Organisation)
        .join(Organisation, Organisation.id == GroupRobot.organisation_id)
        .where(within(Organisation.path, actor, Permission.OPERATE))
        .order_by(GroupRobot.active.desc(), Organisation.path, GroupRobot.id)
    ).all()
    ids = [robot.id for robot, _place in rows]
    messages, flags = _latest(session, ids, local_date(now)), _flags(session, ids)
    return [_view(robot, place, messages.get(robot.id), flags.get(address_of(robot.id), "")) for robot, place in rows]


def _view(robot: GroupRobot, place: Organisation, last: Message | None, flag: str) -> RobotView:
    return RobotView(
        robot.id, robot.kind, robot.name, place.name_zh, place.name_en, masked(robot.url), bool(robot.secret),
        robot.locale, robot.active, robot.version, last, flag,
    )  # fmt: skip


def _latest(session: Session, robot_ids: Collection[int], today: date) -> dict[int, Message]:
    """Each robot's newest message, found by key: the outbox is long and has no other way in."""
    days = [today - timedelta(days=back) for back in range(LOOK_BACK)]
    keys = {message_key(day, robot_id): robot_id for day in days for robot_id in robot_ids}
    row = OutboxMail
    columns = select(row.key, row.state, row.sent_at, row.created_at, row.last_error)
    found = session.execute(columns.where(row.key.in_(keys)).order_by(row.id))
    return {keys[key]: Message(state, sent_at or created_at, error) for key, state, sent_at, created_at, error in found}


def _flags(session: Session, robot_ids: Collection[int]) -> dict[str, str]:
    addresses = [address_of(each) for each in robot_ids]
    found = select(AddressFlag.address, AddressFlag.reason).where(AddressFlag.address.in_(addresses))
    return {address: reason for address, reason in session.execute(found)}  # noqa: C416


def get_robot(session: Session, robot_id: int, actor: Actor, *, lock: bool = False) -> tuple[GroupRobot, Organisation]:
    """A robot with its organisation. Raises NotFound outside the actor's area."""
    query = (
        select(GroupRobot, Organisation)
        .join(Organisation, Organisation.id == GroupRobot.organisation_id)
        .where(GroupRobot.id == robot_id, within(Organisation.path, actor, Permission.OPERATE))
    )
    found = session.execute(query.with_for_update(of=GroupRobot) if lock else query).one_or_none()
    if found is None:
        raise NotFound(_l("没有这个群机器人。"))
    return found[0], found[1]
