"""The only module that reads the time.

Product time is real time plus an offset. The offset lives in the database, so that every process of one installation
agrees, and it only ever grows: a demo can be moved on, never back. Instants are aware UTC; every date a person sees or
a rule uses is a date in Shanghai.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Clock:
    """Product time: real time moved by a fixed offset."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The present product instant, aware UTC."""
        return real_now() + self.offset


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """A clock that always tells the same instant: for one-shot commands run "as at" and for tests."""

    instant: datetime

    def now(self) -> datetime:
        """The instant this clock was made with."""
        return self.instant


def real_now() -> datetime:
    """The machine's own time, aware UTC, without the product's offset."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """An aware instant as Shanghai wall time."""
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime) -> date:
    """The Shanghai date on which an aware instant falls."""
    return local(instant).date()


def local_instant(day: date, at: time = time()) -> datetime:
    """The aware UTC instant of a Shanghai date and wall time."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def known_before(day: date) -> datetime:
    """The instant until which something had to be recorded to be known "as of" a date: the next Shanghai midnight."""
    return local_instant(day + timedelta(days=1))


def parse_instant(text: str) -> datetime:
    """Read an ISO instant or local wall time ("2017-10-20T08:25", Shanghai when no offset is written) as aware UTC.

    Raises ValueError when the text is neither.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def month_start(day: date) -> date:
    """The first day of the month a date lies in; months are stored as this date."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months after (or, negative, before) the month of a date."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def month_end(month: date) -> date:
    """The last day of the month a date lies in."""
    return add_months(month, 1) - timedelta(days=1)
