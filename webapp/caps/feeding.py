"""The task's figure, counted from the register in the transaction that changed it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.caps.policy import CapRule, Policy
from webapp.caps.register import entries, of_sector, seasons_of
from webapp.caps.standings import CapStanding, cap_standings
from webapp.clock import local_date
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Plan, Task
from webapp.progress.service import record_count


def feed(
    session: Session, plan: Plan, policy: Policy, organisation_id: int, sector: str, *, actor: Actor, now: datetime
) -> None:
    """Bring the city's figures of a sector in line with its register.

    A city whose register holds lines that are asked of is counted: from then on no figure can be typed. The figure is
    the share as far as stated; before anything is stated there is none, and what was typed before stays.
    """
    rules = {rule.task: rule for rule in policy.of_sector(sector) if rule.feeds}
    held = _hold(session, plan, organisation_id, rules)
    if not held:
        return
    session.flush()
    seasons = seasons_of(session, plan.id, policy.season)
    season = seasons.get(organisation_id) or seasons[None]
    found = entries(session, of_sector(session, plan.id, organisation_id, sector))
    standings = {each.rule.code: each for each in cap_standings(found, policy, season, local_date(now))}
    for assignment in held:
        _feed_one(session, assignment, standings.get(rules[assignment.task.code].code), actor=actor, now=now)


def _hold(session: Session, plan: Plan, organisation_id: int, rules: dict[str, CapRule]) -> list[Assignment]:
    """The assignments that are fed, held until the transaction ends: rivals count one after the other."""
    query = (
        select(Assignment)
        .join(Assignment.task)
        .where(
            Assignment.plan_id == plan.id, Assignment.organisation_id == organisation_id, Task.code.in_(sorted(rules))
        )
        .options(joinedload(Assignment.task), joinedload(Assignment.organisation), joinedload(Assignment.plan))
        .order_by(Assignment.id)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _feed_one(
    session: Session, assignment: Assignment, found: CapStanding | None, *, actor: Actor, now: datetime
) -> None:
    if found is None or not found.is_asked:
        if assignment.counted:
            assignment.counted = False
            session.flush()
        return
    record_count(session, assignment, actor=actor, now=now, quantity=found.figure)
