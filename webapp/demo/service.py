"""Moving the demo's day on. Refused anywhere but in a demo: production runs on real time."""

from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.clock import local, local_instant, real_now
from webapp.db import Instance, instance, move_clock, stored_clock
from webapp.errors import Invalid, NotFound, Problem
from webapp.jobs.models import JobSchedule
from webapp.workdays.calendar import published_calendar

# The digests leave at 08:30, so that a person who arrives at this time of day finds them going out.
MORNING = time(8, 30)


def next_working_morning(now: datetime) -> datetime:
    """The next 08:30 of a working day after an instant."""
    calendar = published_calendar()
    day = calendar.on_or_after(local(now).date())
    if local_instant(day, MORNING) <= now:
        day = calendar.next_workday(day)
    return local_instant(day, MORNING)


def advance(session: Session, *, days: int | None = None, to: datetime | None = None) -> datetime:
    """Move product time on: by days, to an instant, or else to the next working morning. Returns the new instant.

    Raises NotFound outside a demo and Invalid for an instant that lies behind: time never moves back.
    """
    _demo_row(session)
    now = stored_clock(session).now()
    target = to or (now + timedelta(days=days) if days else next_working_morning(now))
    if target <= now:
        raise Invalid([Problem("to", _l("时间只能向前移动，请填写晚于当前演示时间的时刻。"))])
    if target - now > timedelta(days=366):
        raise Invalid([Problem("to", _l("一次最多向前移动一年，请填写更近的时刻。"))])
    move_clock(session, target)
    return target


def resume(session: Session) -> datetime:
    """Let time go on from where the demo was stopped: a demo that was closed overnight keeps its day.

    The last instant anything was recorded at is where it goes on from, so nothing recorded ever lies ahead of it.
    """
    row = _demo_row(session)
    last = max(moment for moment in (*_last_signs(session), row.clock_moved_to, row.created_at) if moment)
    row.clock_offset_seconds = min(row.clock_offset_seconds, _offset_to(last))
    return last


def _offset_to(moment: datetime) -> int:
    # Rounded up: a whole second later is after everything recorded, a whole second earlier might not be.
    return int((moment - real_now()).total_seconds()) + 1


def _last_signs(session: Session) -> list[datetime | None]:
    return [
        session.scalar(select(func.max(JobSchedule.seen_at))),
        session.scalar(select(func.max(AuditEvent.recorded_at))),
    ]


def _demo_row(session: Session) -> Instance:
    row = instance(session)
    if row is None or row.mode != "demo":
        raise NotFound(_l("只有演示系统可以调整日期。"))
    return row
