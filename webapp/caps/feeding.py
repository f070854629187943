"""The task's figure, counted from the register in the transaction that changed it."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.caps.models import CapEnterprise
from webapp.caps.policy import CapRule, Policy, policy_of
from webapp.caps.register import entries, of_sector, seasons_of
from webapp.caps.standings import CapStanding, cap_standings
from webapp.clock import local_date
from webapp.permissions import SYSTEM, Actor
from webapp.plans.models import Assignment, Plan, Task
from webapp.plans.queries import with_rules
from webapp.progress.service import record_count


def feed(
    session: Session, plan: Plan, policy: Policy, organisation_id: int, sector: str, *, actor: Actor, now: datetime
) -> int:
    """Bring the city's figures of a sector in line with its register; how many changed.

    A city whose register holds lines that are asked of is counted: from then on no figure can be typed. The figure is
    the share as far as stated; before anything is stated there is none, and what was typed before stays.
    """
    rules = {rule.task: rule for rule in policy.of_sector(sector) if rule.feeds}
    held = _hold(session, plan, organisation_id, rules)
    if not held:
        return 0
    session.flush()
    seasons = seasons_of(session, plan.id, policy.season)
    season = seasons.get(organisation_id) or seasons[None]
    found = entries(session, of_sector(session, plan.id, organisation_id, sector))
    standings = {each.rule.code: each for each in cap_standings(found, policy, season, local_date(now), rules)}
    return sum(
        _feed_one(session, assignment, standings.get(rules[assignment.task.code].code), actor=actor, now=now)
        for assignment in held
    )


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
) -> bool:
    if found is None or not found.is_asked:
        if assignment.counted:
            assignment.counted = False
            session.flush()
        return False
    return record_count(session, assignment, actor=actor, now=now, quantity=found.figure) is not None


# So long after a season its last month may still become due unstated.
AFTER_SEASON = timedelta(days=40)
# So long before it a stop by a day may begin of itself.
BEFORE_SEASON = timedelta(days=60)


def recount(session: Session, *, now: datetime) -> int:
    """Count anew what time alone changes: a month nobody stated by its day counts as run through. How many changed."""
    changed = 0
    for plan in session.scalars(select(Plan).order_by(Plan.id)):
        policy = policy_of(with_rules(plan).rules)
        if policy is None or not _in_course(session, plan, policy, local_date(now)):
            continue
        query = select(CapEnterprise.organisation_id, CapEnterprise.sector).where(CapEnterprise.plan_id == plan.id)
        for organisation_id, sector in session.execute(query.distinct().order_by(*query.selected_columns)).all():
            changed += feed(session, plan, policy, organisation_id, sector, actor=SYSTEM, now=now)
    return changed


def _in_course(session: Session, plan: Plan, policy: Policy, today: date) -> bool:
    """Whether any city's season is under way, or ended so lately that its last month may still become due."""
    seasons = seasons_of(session, plan.id, policy.season).values()
    return any(season.first - BEFORE_SEASON <= today <= season.last + AFTER_SEASON for season in seasons)
