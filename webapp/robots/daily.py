"""What group chats are told: one message a robot a day, made of what the people of its organisation are told."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership
from webapp.accounts.queries import valid_on
from webapp.clock import local_date
from webapp.db import Database, insert_once
from webapp.mail.models import OutboxMail
from webapp.mail.service import Recipient, outbox_row
from webapp.mail.webhook import Hook, Webhook
from webapp.organisations.models import Organisation
from webapp.reminders.lines import Line
from webapp.reminders.linewords import in_one_line
from webapp.reminders.rules import Intent
from webapp.reminders.service import OwedDigest
from webapp.robots.models import GroupRobot
from webapp.robots.queries import address_of, message_key
from webapp.settings import Settings

TEMPLATE, CHANNEL = "robot_digest", "robot"
_ADDRESS = re.compile(r"robot:([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class _Robot:
    """An active robot with the people who hold a role at its organisation."""

    id: int
    locale: str
    org: tuple[str, str, str]
    people: frozenset[int]


def queue(session: Session, owed_digests: Collection[OwedDigest], *, now: datetime) -> int:
    """Write each active robot's message of the day into the outbox, if its people are told anything.

    Gives the number of new messages. A robot that had its message today gets no second one.
    """
    return sum(insert_once(session, OutboxMail, row) is not None for row in _messages(session, owed_digests, now))


def explained(session: Session, owed_digests: Collection[OwedDigest], *, now: datetime) -> list[dict[str, Any]]:
    """What `queue` would write, for a dry run: which robot would be told which lines."""
    rows = {row["key"]: row for row in _messages(session, owed_digests, now)}
    taken = set(session.scalars(select(OutboxMail.key).where(OutboxMail.key.in_(rows))))
    return [
        {
            "to": row["address"], "name": row["payload"]["org_zh"], "delivery": "digest", "channel": CHANNEL,
            "language": row["locale"],
            "items": [{"line": in_one_line(item, row["locale"])} for item in row["payload"]["items"]],
        }
        for key, row in rows.items() if key not in taken
    ]  # fmt: skip


def _messages(session: Session, owed_digests: Collection[OwedDigest], now: datetime) -> Iterator[dict[str, Any]]:
    by_person = {each.person.person_id: each for each in owed_digests}
    for robot in _robots(session, local_date(now)) if by_person else ():
        theirs = [by_person[person] for person in sorted(robot.people & by_person.keys())]
        if theirs:
            yield _row(robot, theirs, now)


def _robots(session: Session, today: date) -> Iterable[_Robot]:
    row, place = GroupRobot, Organisation
    rows = session.execute(
        select(row.id, row.locale, place.code, place.name_zh, place.name_en, Membership.person_id)
        .join(place, place.id == row.organisation_id)
        .join(Membership, and_(Membership.organisation_id == row.organisation_id, valid_on(today)))
        .where(row.active)
        .order_by(row.id)
    )
    found: dict[int, tuple[str, tuple[str, str, str], set[int]]] = {}
    for robot_id, locale, code, name_zh, name_en, person in rows:
        found.setdefault(robot_id, (locale, (code, name_zh, name_en), set()))[2].add(person)
    return [_Robot(robot_id, locale, org, frozenset(people)) for robot_id, (locale, org, people) in found.items()]


def _row(robot: _Robot, theirs: Sequence[OwedDigest], now: datetime) -> dict[str, Any]:
    day, (lines, total) = local_date(now), _union(theirs)
    code, name_zh, name_en = robot.org
    payload = {
        "day": day.isoformat(), "org_code": code, "org_zh": name_zh, "org_en": name_en,
        "items": [line.as_data() for line in lines], "more": total - len(lines),
    }  # fmt: skip
    return outbox_row(
        key=message_key(day, robot.id), template=TEMPLATE, person=Recipient(0, address_of(robot.id), robot.locale),
        payload=payload, cause=f"reminders {day.isoformat()}: {total}", now=now, channel=CHANNEL,
    )  # fmt: skip


def _union(theirs: Sequence[OwedDigest]) -> tuple[list[Line], int]:
    """The most urgent lines of several digests, each object once, and how many lines there are in all.

    What is among the first of all is among the first of whoever is told of it, so the lines shown are enough.
    """
    best: dict[tuple[int, str, int], tuple[Any, Line]] = {}
    for each in theirs:
        for intent, line in zip(each.digest.shown, each.lines, strict=True):
            known = best.get(intent.object)
            if known is None or _urgency(intent) < known[0]:
                best[intent.object] = _urgency(intent), line
    ordered = sorted(best.values(), key=lambda found: found[0])
    total = len({intent.object for each in theirs for intent in each.digest.lines})
    return [line for _urgent, line in ordered[: min(each.digest.most_items for each in theirs)]], total


def _urgency(intent: Intent) -> tuple[Any, ...]:
    """As in a digest: own work first, the longest overdue first; then what was escalated, city by city."""
    group = intent.group if intent.escalation else ""
    return intent.escalation, group, intent.due, intent.subject, intent.plan


def open_channel(database: Database, settings: Settings) -> Webhook:
    """The deliverer's way to robots: an outbox address leads to the robot as it is set now."""
    return Webhook(lambda address: _hook(database, address), settings.webhook_hosts)


def _hook(database: Database, address: str) -> Hook | None:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    with database.reading() as session:
        robot = session.get(GroupRobot, int(found[1]))
        return Hook(robot.kind, robot.url, robot.secret) if robot is not None and robot.active else None
