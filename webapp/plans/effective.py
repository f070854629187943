"""The reminder rules that hold for a plan now: the newest an administrator saved, else those of its pack."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.plans.models import Plan, ReminderRules
from webapp.workdays.quiet import Quiet, quiet_from


def reminder_data(session: Session) -> dict[int, Mapping[str, Any]]:
    """Each plan's reminder rules as data, by plan id, in one statement."""
    newest = (
        select(ReminderRules.plan_id, func.max(ReminderRules.version).label("version"))
        .group_by(ReminderRules.plan_id)
        .subquery()
    )
    query = (
        select(Plan.id, Plan.rules, ReminderRules.rules)
        .outerjoin(newest, newest.c.plan_id == Plan.id)
        .outerjoin(
            ReminderRules,
            (ReminderRules.plan_id == newest.c.plan_id) & (ReminderRules.version == newest.c.version),
        )
    )
    return {plan_id: saved or pack.get("reminders", {}) for plan_id, pack, saved in session.execute(query)}


def quiet_of(session: Session, plan_id: int) -> Quiet:
    """The quiet hours of a plan, for mails that would otherwise go out at once."""
    return quiet_from(reminder_data(session).get(plan_id, {}))
