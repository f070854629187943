"""Which slots of a job are due: pure arithmetic on its cron line, in Shanghai time.

APScheduler's trigger does the calendar; it takes any date, so the past and a demo's future count the same.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from webapp.clock import SHANGHAI

INSTANT = timedelta(microseconds=1)
# How far back the newest slot is looked for, nearest first: a job of every minute is found in the first hour.
LOOK_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=400))
# More missed slots than this wait for the next tick, so that one job's long absence does not hold up the others.
MOST_AT_ONCE = 200


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
