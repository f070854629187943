"""What the holder of a role may be in the organisation's monthly report (填报人, 审核人, 签发人); one may be all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Person
from webapp.audit.service import record
from webapp.errors import Conflict
from webapp.organisations.models import Organisation
from webapp.permissions import GRANTS, Actor, Permission

LABELS: Mapping[str, Any] = {"may_fill": _l("填报人"), "may_check": _l("审核人"), "may_sign": _l("签发人")}
# Ministries and central enterprises file a light report, which nobody checks inside them.
UNCHECKED_KINDS = frozenset({"ministry", "enterprise"})
ROLES = frozenset(role.value for role in GRANTS[Permission.FILE_REPORT])


@dataclass(frozen=True, slots=True)
class Duties:
    """Whether somebody may write in the report, confirm it inside the organisation, submit it."""

    fill: bool
    check: bool
    sign: bool

    def named(self) -> list[str]:
        """Those that are held, in the report's order."""
        return [name for name in self.__slots__ if getattr(self, name)]


def of(membership: Membership) -> Duties:
    """The duties of a role as they stand."""
    return Duties(membership.may_fill, membership.may_check, membership.may_sign)


def set_duties(session: Session, membership: Membership, duties: Duties, *, actor: Actor, now: datetime) -> None:
    """Say what the holder of a role may be. Raises Conflict for a role that takes no part in reports."""
    if membership.role not in ROLES:
        raise Conflict(_l("只有承办人员和调度人员参与月报的填报、审核和签发。"))
    membership.may_fill, membership.may_check, membership.may_sign = duties.fill, duties.check, duties.sign
    place = session.get_one(Organisation, membership.organisation_id)
    facts = {"organisation": place.code, "role": membership.role, "may": duties.named()}
    subject = ("person", membership.person_id)
    record(session, "account.duties", subject, actor=actor, now=now, area=place.path, facts=facts)


def vacant(session: Session, organisation_id: int, today: date) -> list[str]:
    """The duties, by their columns, that none of an organisation's people holds today and its reports ask for."""
    session.flush()
    unchecked = session.get_one(Organisation, organisation_id).kind in UNCHECKED_KINDS
    wanted = [name for name in LABELS if not (unchecked and name == "may_check")]
    held = (func.max(case((getattr(Membership, name), 1), else_=0)) for name in wanted)
    query = (
        select(*held)
        .join(Membership.person)
        .where(Membership.organisation_id == organisation_id, Membership.role.in_(ROLES), Person.active)
        .where(Membership.valid_from <= today)
        .where(or_(Membership.valid_until.is_(None), Membership.valid_until >= today))
    )
    return [name for name, found in zip(wanted, session.execute(query).one(), strict=True) if not found]
