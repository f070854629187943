"""The reminder rules that hold for a plan now: the newest an administrator saved, else those of its pack."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import plain_rows
from webapp.plans.models import Plan, ReminderRules
from webapp.workdays.quiet import quiet_from, quiet_until
from webapp.workdays.rules import published_calendar

_NEWEST = (
    select(ReminderRules.plan_id, func.max(ReminderRules.version).label("version"))
    .group_by(ReminderRules.plan_id)
    .subquery()
)
# Of the pack's rules this part alone: the whole is some 50 KB. Put together once, for it is asked for with every mail.
_RULES = (
    select(Plan.id, Plan.rules["reminders"], ReminderRules.rules)
    .outerjoin(_NEWEST, _NEWEST.c.plan_id == Plan.id)
    .outerjoin(
        ReminderRules,
        (ReminderRules.plan_id == _NEWEST.c.plan_id) & (ReminderRules.version == _NEWEST.c.version),
    )
)


def reminder_data(session: Session) -> dict[int, Mapping[str, Any]]:
    """Each plan's reminder rules as data, by plan id, in one statement."""
    return {plan_id: saved or pack or {} for plan_id, pack, saved in plain_rows(session, _RULES)}


def may_go_out(session: Session, plan_id: int, *, now: datetime) -> datetime:
    """When a mail of a plan that should go out at once may do so: now, or at the end of its quiet hours."""
    return quiet_until(quiet_from(reminder_data(session).get(plan_id, {})), now, published_calendar())
