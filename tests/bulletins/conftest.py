"""A region whose September is closed: Baoding accepted, Cangzhou late and unreviewed, the province missing."""

from datetime import datetime
from typing import Any

import pytest

from tests.support.small_reports import Desk
from webapp.bulletins import queries, service
from webapp.bulletins.models import BulletinIssue
from webapp.bulletins.rules import Kind, Period
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.plans.models import Plan

REPORTING = {"first_month": "2017-09", "last_month": "2018-03", "upward": {"monthly_in": "heating"}}
CLOSED = parse_instant("2017-10-13T09:00")


class Region(Desk):
    """The small world, and what the region's coordinator does in a word."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.transaction() as session:
            plan = session.get_one(Plan, self.world.plan)
            plan.rules = plan.rules | {"reporting": plan.rules["reporting"] | REPORTING}

    def plan(self, session: Any) -> Plan:
        """The one plan."""
        return session.get_one(Plan, self.world.plan)  # type: ignore[no-any-return]

    def period(self, session: Any, code: str = "2017-09", kind: Kind = "bulletin") -> Period:
        """A period of the plan."""
        return service.get_period(session, self.plan(session), kind, code)

    def prepared(self, *, now: datetime = CLOSED, code: str = "2017-09", kind: Kind = "bulletin") -> service.Prepared:
        """September's document as it would be published now."""
        with self.db.reading() as session:
            return service.prepare(session, self.plan(session), self.period(session, code, kind), now=now)

    def remark(self, who: str, zh: str, version: int, en: str = "", now: datetime = CLOSED) -> int:
        """Somebody saves remarks; their version."""
        with self.db.transaction() as session:
            saved = service.save_remarks(
                session, self.plan(session), self.period(session), zh=zh, en=en, version=version,
                actor=self.people[who], now=now,
            )  # fmt: skip
            return saved.version

    def publish(self, who: str = "region", now: datetime = CLOSED, **seen: Any) -> BulletinIssue:
        """Somebody publishes September as it stands, or as they say they saw it."""
        shown = self.prepared(now=now)
        with self.db.transaction() as session:
            values = {"seen": shown.sha256, "version": shown.version} | seen
            return service.publish(
                session, self.plan(session), self.period(session), actor=self.people[who], now=now, **values
            )

    def issues(self) -> list[BulletinIssue]:
        """Everything published on September."""
        with self.db.reading() as session:
            return queries.issues(session, self.world.plan, self.period(session))


def close(database: Database) -> Region:
    """The region on 13 October."""
    region = Region(database)
    region.submit("baoding")
    region.decide("north", "accept")
    region.submit("cangzhou", "cangzhou", now="2017-10-11T15:00")
    return region


@pytest.fixture
def region(db: Database) -> Region:
    """The region on each engine."""
    return close(db)


@pytest.fixture
def sqlite_region(sqlite_db: Database) -> Region:
    """The region on SQLite."""
    return close(sqlite_db)
