"""Quiet hours: when a mail that arises by night, or on a rest day, may go out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from webapp.clock import local, local_instant
from webapp.workdays.calendar import Calendar

NIGHT = (time(21), time(7))


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of a day (Shanghai, the end not included, over midnight where the end is earlier) without mails.

    Equal ends mean no quiet hours. With `rest_days` weekends and holidays are quiet as a whole.
    """

    begins: time = NIGHT[0]
    ends: time = NIGHT[1]
    rest_days: bool = False

    def hold(self, moment: time) -> bool:
        """Whether a wall time lies in the quiet hours."""
        if self.begins <= self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends


NEVER = Quiet(time(), time())


def quiet_from(rules: Mapping[str, Any]) -> Quiet:
    """The quiet hours of a plan's reminder rules that were checked before; the usual night where they say nothing."""
    rest_days, hours = bool(rules.get("quiet_rest_days", False)), rules.get("quiet", {})
    if hours is None:
        return Quiet(time(), time(), rest_days)
    begins, ends = hours.get("from"), hours.get("until")
    return Quiet(
        time.fromisoformat(begins) if begins else NIGHT[0], time.fromisoformat(ends) if ends else NIGHT[1], rest_days
    )


def quiet_until(quiet: Quiet, now: datetime, calendar: Calendar) -> datetime:
    """The first instant from `now` on at which a mail may go out: `now` itself outside quiet hours."""
    moment = local(now)
    while True:
        if quiet.rest_days and not calendar.is_workday(moment.date()):
            moment = local(local_instant(calendar.next_workday(moment.date())))
        elif quiet.hold(moment.time()):
            later = moment.time() >= quiet.ends
            moment = local(local_instant(moment.date() + timedelta(days=later), quiet.ends))
        else:
            return moment.astimezone(now.tzinfo)
