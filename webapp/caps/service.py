"""The one writer of the register: enterprises, lines, plans, statements, exemptions, verdicts.

Everything filed is only ever added. Each use case ends by counting the city's figure anew, in the same transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.caps import checks
from webapp.caps.checks import EnterpriseDraft, LineDraft
from webapp.caps.facts import Window
from webapp.caps.feeding import feed
from webapp.caps.models import (
    CapChange,
    CapEnterprise,
    CapFiling,
    CapLine,
)
from webapp.caps.policy import Policy, Sector
from webapp.caps.register import seasons_of
from webapp.errors import Forbidden, Invalid, NotFound, Problem, Stale
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Plan


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a use case works: the plan, its caps, and the city whose register it is."""

    plan: Plan
    policy: Policy
    organisation: Organisation

    def sector(self, code: str) -> Sector:
        """A sector of the plan. Raises NotFound."""
        found = self.policy.sectors.get(code)
        if found is None:
            raise NotFound(_l("方案中没有这个错峰行业。"))
        return found


def season_of(session: Session, scope: Scope, sector: str) -> Window:
    """The days on which the city's sector is held to its cap."""
    seasons = seasons_of(session, scope.plan.id, scope.policy.season)
    return scope.policy.window(sector, seasons.get(scope.organisation.id) or seasons[None])


def allow(actor: Actor, scope: Scope, permission: Permission = Permission.UPDATE_PROGRESS) -> None:
    """Raise Forbidden unless the actor holds the permission for the city."""
    if not can(actor, permission, scope.organisation.path):
        raise Forbidden(_l("您的角色不能对这个单位的错峰生产台账进行此操作。"))


def stale() -> Stale:
    """Somebody else saved first."""
    return Stale(_l("您打开页面之后，已有人更新了这个企业的台账。请核对最新情况后重新提交，您填写的内容还在。"))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise Invalid with the problems, if there are any."""
    if found := list(problems):
        raise Invalid(found)


# --- enterprises and lines


def add_enterprise(
    session: Session, scope: Scope, sector: str, draft: EnterpriseDraft, *, actor: Actor, now: datetime
) -> CapEnterprise:
    """Put an enterprise on the city's register. Raises Forbidden, NotFound (no such sector) or Invalid."""
    allow(actor, scope)
    scope.sector(sector)
    # Held until the end: of two who register the same name at once, the second is told.
    city = select(Organisation.id).where(Organisation.id == scope.organisation.id)
    session.execute(city.with_for_update(key_share=True))
    refuse([*checks.check_enterprise(draft), *_taken(session, scope, sector, draft.name, None)])
    row = CapEnterprise(
        plan_id=scope.plan.id, organisation_id=scope.organisation.id, sector=sector, recorded_at=now,
        **_enterprise_values(draft),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, scope, row, None, _enterprise_values(draft) | {"sector": sector}, "", actor=actor, now=now)
    return row


def _enterprise_values(draft: EnterpriseDraft) -> dict[str, Any]:
    values = asdict(draft)
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _taken(session: Session, scope: Scope, sector: str, name: str, own: int | None) -> list[Problem]:
    query = select(CapEnterprise.id).where(
        CapEnterprise.plan_id == scope.plan.id,
        CapEnterprise.organisation_id == scope.organisation.id,
        CapEnterprise.sector == sector,
        CapEnterprise.name == name.strip(),
    )
    found = session.scalar(query)
    return [Problem("name", _l("台账中已有同名企业，请直接打开它。"))] if found not in (None, own) else []


def change_enterprise(
    session: Session, scope: Scope, row: CapEnterprise, draft: EnterpriseDraft, *, actor: Actor, now: datetime,
    version: int, reason: str, count: bool = True,
) -> None:  # fmt: skip
    """Bring an enterprise to another state, with a reason. Raises Forbidden, Stale or Invalid.

    Without `count` the caller counts the city's figure, once for many.
    """
    allow(actor, scope)
    _hold(session, row, version)
    taken = _taken(session, scope, row.sector, draft.name, row.id)
    refuse([*checks.check_enterprise(draft), *taken, *reasoned(reason)])
    for name, value in _enterprise_values(draft).items():
        setattr(row, name, value)
    session.flush()
    _note(session, scope, row, None, _enterprise_values(draft), reason, actor=actor, now=now)
    if count:
        feed(session, scope.plan, scope.policy, scope.organisation.id, row.sector, actor=actor, now=now)


def add_line(
    session: Session, scope: Scope, enterprise: CapEnterprise, draft: LineDraft, *, actor: Actor, now: datetime,
    count: bool = True,
) -> CapLine:  # fmt: skip
    """Put a line under an enterprise. Raises Forbidden or Invalid."""
    allow(actor, scope)
    held = select(CapEnterprise.id).where(CapEnterprise.id == enterprise.id)
    session.execute(held.with_for_update(key_share=True))
    draft = fixed(draft, scope.sector(enterprise.sector))
    refuse(_line_problems(session, scope, enterprise, draft, None))
    row = CapLine(enterprise_id=enterprise.id, recorded_at=now, **_line_values(draft))
    session.add(row)
    session.flush()
    _note(session, scope, enterprise, row, plain(_line_values(draft)), "", actor=actor, now=now)
    if count:
        feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)
    return row


def fixed(draft: LineDraft, sector: Sector) -> LineDraft:
    """Where capacity is a number of lines, each is one, whatever was typed."""
    if sector.each is None:
        return draft
    return LineDraft(**(asdict(draft) | {"capacity": sector.each}))


def _line_problems(
    session: Session, scope: Scope, enterprise: CapEnterprise, draft: LineDraft, own: int | None
) -> list[Problem]:
    season = season_of(session, scope, enterprise.sector)
    problems = list(checks.check_line(draft, scope.sector(enterprise.sector), season))
    query = select(CapLine.id).where(CapLine.enterprise_id == enterprise.id, CapLine.name == draft.name.strip())
    if session.scalar(query) not in (None, own):
        problems.append(Problem("name", _l("本企业已有同名生产线，请换一个名称。")))
    return problems


def _line_values(draft: LineDraft) -> dict[str, Any]:
    return asdict(draft) | {"name": draft.name.strip()}


def change_line(
    session: Session, scope: Scope, enterprise: CapEnterprise, line: CapLine, draft: LineDraft, *, actor: Actor,
    now: datetime, version: int, reason: str, count: bool = True,
) -> None:  # fmt: skip
    """Bring a line to another state, with a reason. Raises Forbidden, Stale or Invalid.

    Kind and capacity stay once a month was stated: the past is not worked out anew with other figures.
    """
    allow(actor, scope)
    if line.enterprise_id != enterprise.id:
        raise NotFound(_l("本企业没有这条生产线。"))
    _hold(session, line, version)
    draft = fixed(draft, scope.sector(enterprise.sector))
    problems = [*_line_problems(session, scope, enterprise, draft, line.id), *reasoned(reason)]
    if _was_stated(session, enterprise.id):
        problems += checks.check_kept((line.kind, line.capacity), (draft.kind, draft.capacity))
    refuse(problems)
    for name, value in _line_values(draft).items():
        setattr(line, name, value)
    session.flush()
    _note(session, scope, enterprise, line, plain(_line_values(draft)), reason, actor=actor, now=now)
    if count:
        feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)


def _was_stated(session: Session, enterprise_id: int) -> bool:
    query = select(func.count(CapFiling.id)).where(CapFiling.enterprise_id == enterprise_id, CapFiling.kind == "month")
    return bool(session.scalar(query))


def reasoned(reason: str) -> list[Problem]:
    """What is wrong with a reason that must be given."""
    if not reason.strip():
        return [Problem("reason", _l("请填写变更原因。"))]
    return list(checks.too_long("reason", reason, checks.LONGEST_TEXT))


def _hold(session: Session, row: CapEnterprise | CapLine, version: int) -> None:
    """Hold a row until the transaction ends. Raises Stale when it is not the version the form was made from."""
    table = type(row)
    held = session.scalar(select(table.version).where(table.id == row.id).with_for_update())
    if version != held or version != row.version:
        raise stale()


def _note(
    session: Session, scope: Scope, enterprise: CapEnterprise, line: CapLine | None, state: dict[str, Any], reason: str,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """The state a row was brought to, on the register's own record and on the audit's."""
    session.add(
        CapChange(
            enterprise_id=enterprise.id, line_id=line.id if line else None, state=state, reason=reason.strip(),
            actor_id=actor.id, actor_label=actor.name, recorded_at=now,
        )
    )  # fmt: skip
    subject = ("cap_line", line.id) if line else ("cap_enterprise", enterprise.id)
    name = f"{enterprise.name} {line.name}" if line else enterprise.name
    facts = {"name": name, "reason": reason.strip()}
    audit(session, scope, "caps.register", subject, facts, actor=actor, now=now)


def audit(
    session: Session, scope: Scope, action: str, subject: tuple[str, int], facts: dict[str, Any], *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Put a deed on the audit's record, in the city's area."""
    record(session, action, subject, actor=actor, now=now, area=scope.organisation.path, facts=facts)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them."""
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
