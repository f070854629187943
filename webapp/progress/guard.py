"""What every change to an assignment asks first: may this person, and is the form as fresh as the row."""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.clock import local_date
from webapp.errors import Forbidden, Invalid, Problem, Stale
from webapp.permissions import GRANTS, Actor, Permission, can
from webapp.plans.models import Assignment
from webapp.progress import state

_VERSION_HELD = select(Assignment.version).where(Assignment.id == bindparam("assignment")).with_for_update()

COUNTED = _l("这项任务的完成数由台账自动计算，不能直接填写。请到台账中更新相应的行。")


def allow(actor: Actor, permission: Permission, assignment: Assignment) -> None:
    """Raise Forbidden unless the actor holds the permission for the assignment's organisation."""
    if not can(actor, permission, assignment.organisation.path):
        raise Forbidden(_l("您的角色不能对这个单位的任务进行此操作。"))


def may_extend(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor stands for the level that set the date.

    A date of the plan is moved by the plan's own region alone; the date of a part that was split off within a city or
    province, by the level right above it.
    """
    if assignment.parent_id is not None:
        return can(actor, Permission.EXTEND, assignment.organisation.path)
    roles = GRANTS[Permission.EXTEND]
    return any(grant.role in roles and grant.organisation_id == assignment.plan.region_id for grant in actor.grants)


def lock(session: Session, assignment: Assignment, version: int, now: datetime) -> None:
    """Hold the row until the transaction ends. Raises Stale when it is not the version the form was made from."""
    # Not through the session: nothing of the row waits to be written yet, and what else waits need not be now.
    held = session.connection().scalar(_VERSION_HELD, {"assignment": assignment.id})
    if version != held or version != assignment.version:
        raise stale()
    catch_up(session, assignment, now)


def catch_up(session: Session, assignment: Assignment, now: datetime) -> None:
    """Before anything changes, let the days pass that the scheduler has not seen: lights keep the days they came on."""
    until = assignment.light_until
    if until is not None and until < local_date(now):
        state.catch_up(session, [assignment.id], now=now)
        session.refresh(assignment, state.LIGHT_COLUMNS)


def untyped(assignment: Assignment, kind: str, quantity: Decimal | None) -> Decimal | None:
    """The figure of a statement about an assignment that is counted from its ledger: the counted one.

    Raises Invalid when another one was typed. Everywhere else the figure is the typed one.
    """
    if not assignment.counted or kind not in ("progress", "claim"):
        return quantity
    if quantity is not None and quantity != assignment.claimed:
        raise Invalid([Problem("quantity", COUNTED)])
    return assignment.claimed


def stale() -> Stale:
    """Somebody else saved first."""
    return Stale(_l("您打开页面之后，已有人更新了这项任务。请核对最新情况后重新提交，您填写的内容还在。"))


def save(session: Session, assignment: Assignment, today: date, before: state.Known | None = None) -> state.Known:
    """Write the row and read its facts back. Raises Stale when a rival transaction was faster.

    `before` are the facts as they were, when only the row itself has changed since.
    """
    try:
        session.flush()
    except StaleDataError:
        raise stale() from None
    if before is not None:
        return state.known_again(session, before, today)
    return state.known(session, [assignment.id], today)[0]
