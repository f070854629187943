"""Verification by sample: the level above draws rows, says what it found on site, and closes the sample.

Rows that passed on site are 现场核实; the rows not drawn of a sample that passed are 抽查通过, never more than that.
Rows that failed go back; above the limit the assignment does too, and a second sample is due.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, insert, literal, select, update
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.errors import Conflict, Invalid, NotFound, Problem, Stale
from webapp.i18n import DEFAULT, use_locale
from webapp.ledgers import queries, service
from webapp.ledgers.kinds import Use
from webapp.ledgers.models import LedgerEvent, LedgerRow, LedgerSample, LedgerSampleRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.rules import draw, sample_fails, sample_size
from webapp.ledgers.service import LONGEST_REASON, REASON_LONG, Attached
from webapp.permissions import Actor, Permission
from webapp.plans.models import Assignment
from webapp.progress.service import decide
from webapp.workflow import LEDGER_ROW, next_status

Result = Literal["pass", "fail"]
BATCH = 5_000

ONE_IS_OPEN = _l("已有一次抽查正在进行，请先完成。")
NOTHING_TO_DRAW = _l("没有已完成、待核实的行，暂时不需要抽查。")
CLOSED = _l("这次抽查已经结束。")
UNFINISHED = _l("还有 %(n)s 行没有填写抽查结果，不能结束。")
HAS_RESULTS = _l("已经填写了现场结果，不能再撤销。请填完其余各行后结束抽查。")
WHY_FAILED = _l("不合格的请写明现场情况。")
NOT_DRAWN = _l("这一行不在这次抽查中。")
STALE = _l("您打开页面之后，抽查已有变化。请核对最新情况后重新提交。")
FAILED = _l("第%(number)s次抽查 %(size)s 行，不合格 %(failed)s 行，超过 %(limit)s%%，退回整改后须再次抽查。")


def draw_sample(
    session: Session, assignment: Assignment, *, actor: Actor, now: datetime, seed: str = ""
) -> LedgerSample:
    """Draw rows to be looked at among those done and not verified. Raises Forbidden or Conflict.

    The seed is random unless given, and on record: with the population it gives the same rows again.
    """
    ledger, use = queries.ledger_of(assignment)
    service.allow(actor, Permission.CLOSE_OUT, ledger)
    queries.holding(session, ledger)
    earlier = samples(session, assignment.id)
    if any(each.state == "open" for each in earlier):
        raise Conflict(ONE_IS_OPEN)
    population = _population(session, ledger, use)
    if not population:
        raise Conflict(NOTHING_TO_DRAW)
    size, seed = sample_size(ledger.kind.sample, len(population)), seed or secrets.token_hex(16)
    sample = LedgerSample(
        assignment_id=assignment.id, number=len(earlier) + 1, seed=seed, population=population, size=size,
        limit=ledger.kind.sample.limit, state="open", drawn_by=actor.id, drawn_by_label=actor.name, drawn_at=now,
        closed_by=None, closed_at=None,
    )  # fmt: skip
    session.add(sample)
    session.flush()
    rows = [{"sample_id": sample.id, "row_id": row, "place": place, "result": "", "note": ""}
            for place, row in enumerate(draw(population, seed, size), start=1)]  # fmt: skip
    session.execute(insert(LedgerSampleRow), rows)
    _audit(session, "ledger.sample_drawn", ledger, sample, actor, now, {"size": size, "population": len(population)})
    return sample


def _population(session: Session, ledger: Ledger, use: Use) -> list[int]:
    query = select(LedgerRow.id).where(
        ledger.mine, queries.concerned(use), LedgerRow.state == "done", queries.done(use)
    )
    return list(session.scalars(query.order_by(LedgerRow.id)))


def check_row(
    session: Session, sample: LedgerSample, row_id: int, result: Result, *, actor: Actor, now: datetime,
    note: str = "", evidence: Sequence[Attached] = (),
) -> None:  # fmt: skip
    """Say what was found on site; until the sample is closed it may be said again.

    Raises NotFound, Conflict or Invalid.
    """
    row, ledger = _drawn(session, sample, row_id, actor)
    service.allow(actor, Permission.CLOSE_OUT, ledger)
    _hold(session, sample)
    if result == "fail" and not note.strip():
        raise Invalid([Problem("note", WHY_FAILED)])
    if len(note) > LONGEST_REASON:
        raise Invalid([Problem("note", REASON_LONG)])
    action = f"check_{result}"
    next_status(row.state, action, table=LEDGER_ROW)
    found = session.get_one(LedgerSampleRow, (sample.id, row_id))
    found.result, found.note = result, note.strip()
    service.note(session, ledger, row, action, row.state, {}, actor=actor, now=now, reason=note, evidence=evidence,
                 sample_id=sample.id)  # fmt: skip


def _drawn(session: Session, sample: LedgerSample, row_id: int, actor: Actor) -> tuple[LedgerRow, Ledger]:
    if session.get(LedgerSampleRow, (sample.id, row_id)) is None:
        raise NotFound(NOT_DRAWN)
    return queries.get_row(session, row_id, actor)


def _hold(session: Session, sample: LedgerSample) -> None:
    state = session.scalar(select(LedgerSample.state).where(LedgerSample.id == sample.id).with_for_update())
    if state != "open":
        raise Conflict(CLOSED)


def close_sample(
    session: Session, assignment: Assignment, sample: LedgerSample, *, actor: Actor, now: datetime, version: int
) -> bool:
    """End a sample: verify or send back its rows, and everything above the limit. Whether it passed.

    Raises Forbidden, Stale, or Conflict while a result is missing.
    """
    ledger, _use = queries.ledger_of(assignment)
    service.allow(actor, Permission.CLOSE_OUT, ledger)
    held = queries.holding(session, ledger)
    _hold(session, sample)
    if version != sample.version:
        raise Stale(STALE)
    results = sample_rows(session, sample.id)
    if missing := sum(not found.result for found, _row in results):
        raise Conflict(UNFINISHED % {"n": missing})
    failed = sum(found.result == "fail" for found, _row in results)
    passed = not sample_fails(failed, len(results), sample.limit)
    _settle_drawn(session, ledger, sample, results, actor=actor, now=now)
    if passed:
        _settle_others(session, sample, {row.id for _found, row in results}, actor=actor, now=now)
    sample.state, sample.failed = "passed" if passed else "failed", failed
    sample.closed_by, sample.closed_by_label, sample.closed_at = actor.id, actor.name, now
    session.flush()
    if not passed:
        _send_back(session, assignment, sample, actor=actor, now=now)
    service.recount(session, ledger, held, actor=actor, now=now)
    _audit(session, "ledger.sample_closed", ledger, sample, actor, now, {"failed": failed, "state": sample.state})
    return passed


def withdraw_sample(
    session: Session, assignment: Assignment, sample: LedgerSample, *, actor: Actor, now: datetime, version: int,
    reason: str,
) -> None:  # fmt: skip
    """Take back a sample that was wrongly drawn; it stays on record with its rows and the reason.

    Only as long as nothing was found on site: afterwards nobody may draw again until the outcome pleases.
    Raises Forbidden, Stale, Conflict or Invalid.
    """
    ledger, _use = queries.ledger_of(assignment)
    service.allow(actor, Permission.CLOSE_OUT, ledger)
    queries.holding(session, ledger)
    _hold(session, sample)
    if version != sample.version:
        raise Stale(STALE)
    if any(found.result for found, _row in sample_rows(session, sample.id)):
        raise Conflict(HAS_RESULTS)
    if not reason.strip():
        raise Invalid([Problem("withdraw", service.REASON)])
    if len(reason) > LONGEST_REASON:
        raise Invalid([Problem("withdraw", REASON_LONG)])
    sample.state, sample.reason = "revoked", reason.strip()
    sample.closed_by, sample.closed_by_label, sample.closed_at = actor.id, actor.name, now
    session.flush()
    _audit(session, "ledger.sample_withdrawn", ledger, sample, actor, now, {"reason": sample.reason})


def _settle_drawn(
    session: Session, ledger: Ledger, sample: LedgerSample, results: Iterable[tuple[LedgerSampleRow, LedgerRow]], *,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    for found, row in results:
        action = "verify" if found.result == "pass" else "send_back"
        before, row.state = row.state, next_status(row.state, action, table=LEDGER_ROW)
        service.stamp(row, action, now=now)
        if action == "verify":
            row.verified_at, row.verified_how = now, "on_site"
        row.updated_at = now
        service.note(session, ledger, row, action, before, {}, actor=actor, now=now, reason=found.note,
                     sample_id=sample.id)  # fmt: skip


def _settle_others(session: Session, sample: LedgerSample, drawn: set[int], *, actor: Actor, now: datetime) -> None:
    """The rows not drawn, as far as they are still done: two statements for thousands of them."""
    others = [row for row in sample.population if row not in drawn]
    line: dict[str, Any] = {
        "action": "verify", "state_before": "done", "state_after": "verified", "changes": {}, "reason": "",
        "sample_id": sample.id, "actor_id": actor.id, "actor_label": actor.name, "recorded_at": now,
    }  # fmt: skip
    columns = LedgerEvent.__table__.c
    told = [literal(value, columns[name].type) for name, value in line.items()]
    for first in range(0, len(others), BATCH):
        still = and_(LedgerRow.id.in_(others[first : first + BATCH]), LedgerRow.state == "done")
        events = select(LedgerRow.id, *told).where(still).order_by(LedgerRow.id)
        session.execute(insert(LedgerEvent).from_select(["row_id", *line], events))
        values = {"state": "verified", "verified_at": now, "verified_how": "sample", "updated_at": now}
        session.execute(
            update(LedgerRow).where(still).values(**values, version=LedgerRow.version + 1),
            execution_options={"synchronize_session": "fetch"},
        )


def _send_back(session: Session, assignment: Assignment, sample: LedgerSample, *, actor: Actor, now: datetime) -> None:
    """Above the limit the whole assignment goes back, where it was claimed or closed out."""
    decision: Any = {"claimed": "return", "verified": "reopen"}.get(assignment.status)
    if decision is None:
        return
    with use_locale(DEFAULT):
        figures = {"number": sample.number, "size": sample.size, "failed": sample.failed}
        reason = str(FAILED) % {**figures, "limit": f"{sample.limit * 100:.0f}"}
    decide(session, assignment, actor=actor, now=now, decision=decision, version=assignment.version, reason=reason)


def _audit(
    session: Session,
    action: str,
    ledger: Ledger,
    sample: LedgerSample,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any],
) -> None:
    record(session, action, ("assignment", sample.assignment_id), actor=actor, now=now,
           area=ledger.organisation.path, facts={"sample": sample.id, "seed": sample.seed, **facts})  # fmt: skip


# --- reading


def samples(session: Session, assignment_id: int) -> Sequence[LedgerSample]:
    """The samples of an assignment, the first one first. The assignment was loaded inside the actor's area."""
    query = select(LedgerSample).where(LedgerSample.assignment_id == assignment_id).order_by(LedgerSample.number)
    return session.scalars(query).all()


def sample_rows(session: Session, sample_id: int) -> list[tuple[LedgerSampleRow, LedgerRow]]:
    """What was drawn, in the order drawn."""
    query = (
        select(LedgerSampleRow, LedgerRow)
        .join(LedgerRow, LedgerRow.id == LedgerSampleRow.row_id)
        .where(LedgerSampleRow.sample_id == sample_id)
        .order_by(LedgerSampleRow.place)
    )
    return [(found, row) for found, row in session.execute(query)]


def waiting(session: Session, ledger: Ledger, use: Use) -> int:
    """How many rows are done and neither verified nor being looked at: what a sample would be drawn from."""
    query = select(func.count()).where(
        ledger.mine, queries.concerned(use), LedgerRow.state == "done", queries.done(use)
    )
    return session.scalar(query) or 0


def get_sample(session: Session, assignment_id: int, number: int) -> LedgerSample:
    """A sample of an assignment that was loaded inside the actor's area. Raises NotFound."""
    query = select(LedgerSample).where(LedgerSample.assignment_id == assignment_id, LedgerSample.number == number)
    found = session.scalar(query)
    if found is None:
        raise NotFound(_l("没有这次抽查。"))
    return found
