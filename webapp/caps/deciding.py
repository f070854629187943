"""What is decided about an enterprise: exemptions, and whether a line stood still whose meter says otherwise."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.caps import checks
from webapp.caps.counting import finding
from webapp.caps.feeding import feed
from webapp.caps.models import CapEnterprise, CapExemption, CapFiling, CapLine, CapVerdict
from webapp.caps.papers import attach
from webapp.caps.register import Entry, entries
from webapp.caps.rules import stated_window
from webapp.caps.service import Scope, allow, audit, plain, reasoned, refuse, season_of
from webapp.caps.standings import line_fact, reported
from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, NotFound, Problem, Stale
from webapp.permissions import Actor, Permission, can

Verdict = Literal["confirmed", "rejected"]

# --- exemptions


def may_exempt(actor: Actor, scope: Scope, ground: str) -> bool:
    """A highest load is filed with the city; an approval is the province's, or a municipality's own."""
    own = can(actor, Permission.UPDATE_PROGRESS, scope.organisation.path)
    if ground == "livelihood":
        return own
    return can(actor, Permission.CLOSE_OUT, scope.organisation.path) or (
        own and scope.organisation.kind == "municipality"
    )


def exempt(
    session: Session, scope: Scope, enterprise: CapEnterprise, *, ground: str, line_id: int | None,
    dated: date | None, max_load: Decimal | None, document: str, note: str = "", actor: Actor, now: datetime,
    evidence: Sequence[int] = (),
) -> CapExemption:  # fmt: skip
    """Put a filed highest load or a provincial approval on record. Raises Forbidden, Conflict, NotFound or Invalid."""
    if ground not in scope.sector(enterprise.sector).grounds:
        raise Conflict(_l("方案没有给这个行业规定这种豁免。"))
    if not may_exempt(actor, scope, ground):
        raise Forbidden(_l("这种豁免由省级登记批准文件，本单位不能自行登记。"))
    if line_id is not None and line_id not in _lines_of(session, enterprise):
        raise NotFound(_l("本企业没有这条生产线。"))
    refuse(checks.check_exemption(ground, max_load, document, dated, local_date(now)))
    row = CapExemption(
        enterprise_id=enterprise.id, line_id=line_id, ends_id=None, ground=ground, dated=dated,
        max_load=max_load if ground == "livelihood" else None, document=document.strip(), reason=note.strip(),
        actor_id=actor.id, actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    _keep_exemption(session, scope, enterprise, row, evidence, actor=actor, now=now)
    return row


def _lines_of(session: Session, enterprise: CapEnterprise) -> set[int]:
    return set(session.scalars(select(CapLine.id).where(CapLine.enterprise_id == enterprise.id)))


def end_exemption(
    session: Session, scope: Scope, enterprise: CapEnterprise, exemption_id: int, *, dated: date, reason: str,
    actor: Actor, now: datetime, evidence: Sequence[int] = (),
) -> CapExemption:  # fmt: skip
    """End an exemption from a day on, with a reason; raises NotFound, Forbidden, Conflict (ended before) or Invalid."""
    row = session.get(CapExemption, exemption_id)
    if row is None or row.enterprise_id != enterprise.id or row.ends_id is not None:
        raise NotFound(_l("没有这项豁免。"))
    if not may_exempt(actor, scope, row.ground):
        raise Forbidden(_l("这种豁免由省级登记批准文件，本单位不能自行登记。"))
    if session.scalar(select(CapExemption.id).where(CapExemption.ends_id == row.id)) is not None:
        raise Conflict(_l("这项豁免已经终止。"))
    early = [Problem("dated", _l("终止日期不能早于豁免开始的日期。"))] if dated < row.dated else []
    refuse([*early, *reasoned(reason)])
    end = CapExemption(
        enterprise_id=enterprise.id, line_id=row.line_id, ends_id=row.id, ground=row.ground, dated=dated, max_load=None,
        document="", reason=reason.strip(), actor_id=actor.id, actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    _keep_exemption(session, scope, enterprise, end, evidence, actor=actor, now=now)
    return end


def _keep_exemption(
    session: Session, scope: Scope, enterprise: CapEnterprise, row: CapExemption, evidence: Sequence[int], *,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    session.add(row)
    session.flush()
    attach(session, row, evidence)
    facts: dict[str, Any] = {"name": enterprise.name, "exemption": row.id} | plain(
        {"number": row.document, "on": row.dated, "max_load": row.max_load, "reason": row.reason}
    )
    audit(session, scope, "caps.exempt", ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)


# --- where statement and meter disagree


def decide(
    session: Session, scope: Scope, enterprise: CapEnterprise, *, filing_id: int, line_id: int, verdict: Verdict,
    reason: str, actor: Actor, now: datetime, evidence: Sequence[int] = (), after: int = 0,
) -> CapVerdict:  # fmt: skip
    """Decide whether a line whose meter contradicts its statement stood still all the same.

    `after` is the verdict that stood when the form was made, 0 for none. Raises Forbidden (not the level above, or
    one's own statement), Conflict (nothing to decide, or a newer statement), Stale (another verdict) or Invalid. A
    later decision takes an earlier one's place; both stay on record.
    """
    allow(actor, scope, Permission.CLOSE_OUT)
    session.execute(select(CapEnterprise.id).where(CapEnterprise.id == enterprise.id).with_for_update())
    entry = entries(session, [enterprise])[0]
    filing = _decidable(session, scope, entry, filing_id, line_id)
    if filing.actor_id == actor.id:
        raise Forbidden(_l("不能核实自己报送的实绩，请由其他人员办理。"))
    standing = entry.verdicts.get((filing.id, line_id))
    if (standing.id if standing else 0) != after:
        raise Stale(_l("您打开页面之后，已有人对这条生产线作出核实结论。请看过新的结论再决定，您填写的内容还在。"))
    refuse(reasoned(reason))
    row = CapVerdict(
        filing_id=filing.id, line_id=line_id, verdict=verdict, reason=reason.strip(), actor_id=actor.id,
        actor_label=actor.name, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    attach(session, row, evidence)
    line = next(each.name for each in entry.lines if each.id == line_id)
    facts = {
        "name": f"{enterprise.name} {line}", "month": f"{filing.month:%Y-%m}", "verdict": verdict, "reason": row.reason,
        "filing": filing.id,
    }  # fmt: skip
    audit(session, scope, "caps.verdict", ("cap_enterprise", enterprise.id), facts, actor=actor, now=now)
    feed(session, scope.plan, scope.policy, scope.organisation.id, enterprise.sector, actor=actor, now=now)
    return row


def _decidable(session: Session, scope: Scope, entry: Entry, filing_id: int, line_id: int) -> CapFiling:
    """The statement to be decided on, if the meter contradicts it and it is the newest of its month."""
    filing = next((each for each in entry.statements.values() if each.id == filing_id), None)
    line = next((each for each in entry.lines if each.id == line_id), None)
    if filing is None or line is None:
        raise Conflict(_l("这份实绩已有新的报送，请按最新的核实。"))
    season = season_of(session, scope, entry.enterprise.sector)
    window = stated_window(filing.month, filing.through, season)
    fact = line_fact(entry, line, scope.policy, season)
    found = finding(fact, reported(entry, line, filing, window), scope.policy.limit.electricity) if window else "clear"
    if found in ("clear", "unchecked"):
        raise Conflict(_l("这条生产线的用电量与停产情况相符，不需要核实。"))
    return filing
