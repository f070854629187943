"""Reading the versions of a plan's reminder rules, and what the editor offers to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Plan, ReminderRules, Task
from webapp.reminders.ladder import Rules, stored_rules

MOST_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules of a plan and the version they come from; no version means the pack, number 0."""

    rules: Rules
    version: ReminderRules | None

    @property
    def number(self) -> int:
        """The newest version's number."""
        return self.version.version if self.version else 0

    @property
    def from_pack(self) -> bool:
        """Whether the plan's own rules hold."""
        return self.version is None or not self.version.rules


def pack_rules(plan: Plan) -> Rules:
    """The rules the plan came with."""
    return stored_rules(plan.rules.get("reminders", {}))


def rules_of(plan: Plan, version: ReminderRules | None) -> Rules:
    """The rules a version says."""
    return stored_rules(version.rules) if version and version.rules else pack_rules(plan)


def versions(session: Session, plan_id: int) -> Sequence[ReminderRules]:
    """The versions that were saved, the newest first; at most `MOST_VERSIONS`."""
    query = select(ReminderRules).where(ReminderRules.plan_id == plan_id)
    return session.scalars(query.order_by(ReminderRules.version.desc()).limit(MOST_VERSIONS)).all()


def in_force(session: Session, plan: Plan) -> InForce:
    """The rules that hold now."""
    query = select(ReminderRules).where(ReminderRules.plan_id == plan.id)
    newest = session.scalar(query.order_by(ReminderRules.version.desc()).limit(1))
    return InForce(rules_of(plan, newest), newest)


def version_and_before(session: Session, plan_id: int, number: int) -> tuple[ReminderRules, ReminderRules | None]:
    """A version and the one before it (None: the pack). Raises NotFound."""
    query = select(ReminderRules).where(
        ReminderRules.plan_id == plan_id, ReminderRules.version.in_((number, number - 1))
    )
    found = {each.version: each for each in session.scalars(query)}
    if number not in found:
        raise NotFound(_l("没有这一版提醒规则。"))
    return found[number], found.get(number - 1)


def tasks(session: Session, plan_id: int) -> dict[str, tuple[str, str]]:
    """The plan's tasks by code, with both titles, in the plan's order."""
    query = select(Task.code, Task.title_zh, Task.title_en).where(Task.plan_id == plan_id)
    return {code: (zh, en) for code, zh, en in session.execute(query.order_by(Task.sort, Task.id))}


def region(session: Session, plan: Plan) -> Organisation:
    """The organisation that runs the plan."""
    return session.get_one(Organisation, plan.region_id)


def may_edit(session: Session, plan: Plan, actor: Actor) -> bool:
    """Whether the actor runs the product for the plan's whole region: its rules are not a province's to change."""
    return can(actor, Permission.OPERATE, region(session, plan).path)


def provinces(session: Session, plan: Plan) -> Sequence[Any]:
    """The organisations right below the plan's region that have others below them: code, path, both names."""
    row, below = Organisation, Organisation.__table__.alias("below")
    query = select(row.code, row.path, row.name_zh, row.name_en).where(
        row.parent_id == plan.region_id, select(below.c.id).where(below.c.parent_id == row.id).exists()
    )
    return session.execute(query.order_by(row.sort, row.id)).all()
