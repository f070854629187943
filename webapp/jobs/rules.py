"""Which slots of a job are due: pure arithmetic on its cron line, in Shanghai time. And when silence is an alarm.

APScheduler's trigger does the calendar; it takes any date, so the past and a demo's future count the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from webapp.clock import SHANGHAI

INSTANT = timedelta(microseconds=1)
# How far back the newest slot is looked for, nearest first: a job of every minute is found in the first hour.
LOOK_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400))
# More missed slots than this wait for the next tick, so that one job's long absence does not hold up the others.
MOST_AT_ONCE = 200
# A scheduler unseen for this long is taken to stand still.
SILENT_AFTER = timedelta(minutes=3)


@lru_cache(maxsize=64)
def _trigger(cron: str) -> CronTrigger:
    return CronTrigger.from_crontab(cron, timezone=SHANGHAI)


def next_slot(cron: str, after: datetime) -> datetime | None:
    """The first slot later than an instant; None when the line never comes round again."""
    found: datetime | None = _trigger(cron).get_next_fire_time(None, after + INSTANT)
    return found.astimezone(UTC) if found else None


def slots(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Every slot later than `after` and not later than `until`, oldest first."""
    slot = next_slot(cron, after)
    while slot and slot <= until:
        yield slot
        slot = next_slot(cron, slot)


def newest_slot(cron: str, after: datetime, until: datetime) -> datetime | None:
    """The last slot later than `after` and not later than `until`; None when there is none."""
    for span in LOOK_BACK:
        start = max(after, until - span)
        found = list(slots(cron, start, until))
        if found or start == after:
            return found[-1] if found else None
    return None


def missed(cron: str, catch_up: str, after: datetime, until: datetime) -> list[datetime]:
    """The slots to run now: all that were missed (oldest first, bounded), or with "latest" only the newest."""
    if catch_up == "latest":
        newest = newest_slot(cron, after, until)
        return [newest] if newest else []
    found = []
    for slot in slots(cron, after, until):
        found.append(slot)
        if len(found) == MOST_AT_ONCE:
            break
    return found


class Alarm(StrEnum):
    """What is wrong with the running of jobs, the worst first."""

    SILENT = "silent"
    PARTLY_SILENT = "partly_silent"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Pulse:
    """Signs of life, in product time: when any job and when every job was last served, and how many jobs keep failing.

    `moved_to` is the instant product time was last moved on to. Before it nobody could have been seen, so that silence
    is counted from there: a demo that jumps by a week does not make its scheduler look dead.
    """

    seen_at: datetime | None
    all_seen_at: datetime | None
    moved_to: datetime | None
    failing: int

    def age(self, now: datetime) -> timedelta | None:
        """How long no scheduler has shown itself; None when none ever did."""
        return silence(self.seen_at, self.moved_to, now)

    def alarm(self, now: datetime) -> Alarm | None:
        """The worst of what is wrong; None when all is well."""
        if is_silent(self.seen_at, self.moved_to, now):
            return Alarm.SILENT
        if is_silent(self.all_seen_at, self.moved_to, now):
            return Alarm.PARTLY_SILENT
        return Alarm.FAILING if self.failing else None


def silence(seen_at: datetime | None, moved_to: datetime | None, now: datetime) -> timedelta | None:
    """How long nothing was seen, in time that really passed; None when there never was a sign."""
    if seen_at is None:
        return None
    return max(now - max(seen_at, moved_to or seen_at), timedelta())


def is_silent(seen_at: datetime | None, moved_to: datetime | None, now: datetime) -> bool:
    """Whether nothing was seen for so long that somebody must be told."""
    age = silence(seen_at, moved_to, now)
    return age is None or age > SILENT_AFTER
