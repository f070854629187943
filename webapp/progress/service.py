"""The one writer of an assignment's status and figures: updates by the organisation, decisions by the level above.

Each use case asks who may, whether the form is fresh, what the workflow and the rules say; then the statement, the new
state, its light, the mail and the audit event are written in one transaction. Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.audit.service import record
from webapp.clock import local_date
from webapp.errors import Forbidden, Invalid
from webapp.evidence.models import EvidenceFile
from webapp.i18n import DEFAULT, use_locale
from webapp.permissions import SYSTEM, Actor, Permission
from webapp.plans.models import Assignment
from webapp.progress import guard, state
from webapp.progress.checks import UpdateDraft, check_update
from webapp.progress.facts import ONE, AssignmentFacts
from webapp.progress.models import ProgressUpdate, ReviewDecision, UpdateEvidence, VerifiedCount
from webapp.progress.notices import tell_officers
from webapp.progress.queries import counted_verified, latest_claim
from webapp.progress.state import relight
from webapp.progress.tallying import Cause
from webapp.progress.wording import problem, worded
from webapp.workflow import Who, actions, next_status

__all__ = [
    "Kind",
    "Statement",
    "Verdict",
    "decide",
    "leave_out",
    "light_again",
    "record_count",
    "record_update",
    "record_verified",
    "relight",
]

Kind = Literal["progress", "no_change", "claim", "na_claim", "withdraw"]
Verdict = Literal["verify", "return", "na_accept", "na_refuse", "reopen"]
NEEDS_REASON = frozenset({"return", "na_refuse", "reopen"})
# Why the system opens an assignment again; `progress.history` says it in the reader's language.
LAPSED = _l("台账中已有记录")
# Decisions that take back the claim; the lateness of what comes after is judged by the claim that then stands.
UNDOES_CLAIM = frozenset({"return", "na_refuse", "reopen"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What was typed, or counted. `quantity` is the new total in the task's unit, `as_of` the day it speaks of."""

    kind: Kind
    as_of: date
    quantity: Decimal | None = None
    note: str = ""
    problem: str = ""
    next_step: str = ""
    reason: str = ""
    counted: bool = False


def record_update(
    session: Session,
    assignment: Assignment,
    *,
    actor: Actor,
    now: datetime,
    kind: Kind,
    as_of: date,
    version: int,
    quantity: Decimal | None = None,
    note: str = "",
    problem: str = "",
    next_step: str = "",
    reason: str = "",
    evidence: Sequence[int] = (),
) -> ProgressUpdate:
    """Add a statement of the organisation and bring the assignment to where it leads.

    `assignment` comes from `plans.queries.get_assignment`, `version` from the form; `evidence` are ids of files of the
    same organisation. Raises Forbidden, Stale, Conflict (wrong status) or Invalid; nothing is kept then.
    """
    guard.allow(actor, Permission.UPDATE_PROGRESS, assignment)
    guard.lock(session, assignment, version, now)
    quantity = guard.untyped(assignment, kind, quantity)
    said = Statement(kind, as_of, quantity, note.strip(), problem.strip(), next_step.strip(), reason.strip())
    after = next_status(assignment.status, kind)
    today = local_date(now)
    before = _check(session, assignment, said, evidence, today)
    update = _add_update(session, assignment, said, after, actor=actor, now=now)
    _apply_statement(assignment, update, now)
    light_again(session, assignment, now=now, before=before)
    _attach(session, update, evidence)
    facts = {"update": update.id, "quantity": _plain(update.quantity), "as_of": as_of.isoformat(), "status": after}
    record(session, f"progress.{kind}", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    return update


def record_count(
    session: Session, assignment: Assignment, *, actor: Actor, now: datetime, quantity: Decimal | None
) -> ProgressUpdate | None:
    """Take over a figure that was counted from rows; from now on none can be typed. None where it says nothing new.

    Without a quantity there are rows, but nothing to count yet.

    The caller holds the row, has asked who may, and answers for the figure. While a claim waits or stands, the figure
    it was made with stands too. "Not applicable", claimed or agreed to, no longer holds.
    """
    guard.catch_up(session, assignment, now)
    if not assignment.counted:
        assignment.counted = True
        session.flush()
    if assignment.status in ("na_claimed", "not_applicable"):
        _lapse(session, assignment, actor=actor, now=now)
    if "progress" not in actions(assignment.status, Who.OFFICER) or quantity in (None, assignment.claimed):
        return None
    today = local_date(now)
    before = state.known(session, [assignment.id], today)[0]
    said = Statement("progress", today, quantity, counted=True)
    update = _add_update(session, assignment, said, next_status(assignment.status, "progress"), actor=actor, now=now)
    _apply_statement(assignment, update, now)
    light_again(session, assignment, now=now, before=before)
    facts = {"update": update.id, "quantity": _plain(quantity), "counted": True, "status": update.status_after}
    record(session, "progress.progress", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    return update


def record_verified(
    session: Session, assignment: Assignment, *, actor: Actor, now: datetime, quantity: Decimal
) -> VerifiedCount | None:
    """Take over how much was found good row by row. None where it says nothing new.

    It is the verified figure as long as no close-out stands, and never more than what is filed. The caller holds the
    row, has asked who may, and answers for the figure.
    """
    figure = min(quantity, assignment.claimed or Decimal(0))
    if figure == (counted_verified(session, assignment.id) or Decimal(0)):
        return None
    count = VerifiedCount(
        assignment_id=assignment.id, quantity=figure, actor_id=actor.id, actor_label=actor.name, recorded_at=now
    )
    session.add(count)
    if assignment.status != "verified":
        assignment.verified = figure
    session.flush()
    return count


def _lapse(session: Session, assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """A row of the kind appeared: the answer "not applicable" is withdrawn, or opened again by the system.

    What the plan itself no longer gives to anybody stays as it is.
    """
    claim = latest_claim(session, assignment.id)
    if claim is not None and claim.actor_id == SYSTEM.id:
        return
    if assignment.status == "na_claimed":
        said = Statement("withdraw", local_date(now), counted=True)
        after = next_status(assignment.status, "withdraw")
        _apply_statement(assignment, _add_update(session, assignment, said, after, actor=actor, now=now), now)
    else:
        with use_locale(DEFAULT):
            reason = str(LAPSED)
        review = ReviewDecision(
            assignment_id=assignment.id, update_id=claim.id if claim else None, decision="reopen", reason=reason,
            actor_id=SYSTEM.id, actor_label=SYSTEM.name, recorded_at=now,
            status_after=next_status(assignment.status, "reopen"),
        )  # fmt: skip
        session.add(review)
        _apply_decision(session, assignment, review, local_date(now))
    light_again(session, assignment, now=now)


def _check(
    session: Session, assignment: Assignment, said: Statement, evidence: Sequence[int], today: date
) -> state.Known:
    """The assignment as known before a statement. Raises Invalid with everything that is wrong with the statement."""
    problems = []
    known = state.known(session, [assignment.id], today)[0]
    if said.kind != "withdraw":
        found = check_update(_draft(said), known.facts, plan_starts_on=assignment.plan.starts_on, today=today)
        problems += worded(found, assignment.task.unit).problems
    if assignment.as_of and said.as_of < assignment.as_of and said.kind != "withdraw":
        problems.append(problem("as_of_goes_back", "as_of", before=assignment.as_of))
    if evidence and _files_of(session, assignment.organisation_id, evidence) != len(set(evidence)):
        problems.append(problem("evidence_unknown", "evidence"))
    if problems:
        raise Invalid(problems)
    return known


def _draft(said: Statement) -> UpdateDraft:
    assert said.kind != "withdraw"
    return UpdateDraft(said.kind, said.as_of, said.quantity, said.note, said.problem, said.next_step, said.reason)


def _files_of(session: Session, organisation_id: int, evidence: Sequence[int]) -> int:
    query = select(func.count()).where(
        EvidenceFile.id.in_(set(evidence)), EvidenceFile.organisation_id == organisation_id
    )
    return session.scalar(query) or 0


def _add_update(
    session: Session, assignment: Assignment, said: Statement, after: str, *, actor: Actor, now: datetime
) -> ProgressUpdate:
    update = ProgressUpdate(
        assignment_id=assignment.id,
        counted=said.counted,
        kind=said.kind,
        as_of=said.as_of,
        recorded_at=now,
        actor_id=actor.id,
        actor_label=actor.name,
        quantity=_figure(assignment, said),
        note=said.note,
        problem=said.problem,
        next_step=said.next_step,
        reason=said.reason,
        status_after=after,
    )
    session.add(update)
    return update


def _figure(assignment: Assignment, said: Statement) -> Decimal | None:
    """The figure a statement carries; one left out in a claim is the last filed, or a milestone reached."""
    if said.kind == "progress":
        return said.quantity
    if said.kind != "claim":
        return None
    if said.quantity is not None:
        return said.quantity
    return ONE if assignment.task.unit == "milestone" else assignment.claimed


def _attach(session: Session, update: ProgressUpdate, evidence: Sequence[int]) -> None:
    rows = [{"update_id": update.id, "evidence_id": each} for each in sorted(set(evidence))]
    if rows:
        session.execute(insert(UpdateEvidence), rows)


def _apply_statement(assignment: Assignment, update: ProgressUpdate, now: datetime) -> None:
    """Bring the row to what was said. The first stamp of completion stays whatever follows."""
    assignment.status = update.status_after
    assignment.last_update_at = now
    assignment.as_of = max(update.as_of, assignment.as_of or update.as_of)
    if update.quantity is not None:
        assignment.claimed = update.quantity
    if update.kind in ("claim", "na_claim"):
        assignment.claimed_at = now
    if update.kind == "claim":
        assignment.first_done_at = assignment.first_done_at or now
    if update.kind == "withdraw":
        assignment.claimed_at = None


def decide(
    session: Session,
    assignment: Assignment,
    *,
    actor: Actor,
    now: datetime,
    decision: Verdict,
    version: int,
    reason: str = "",
    quantity: Decimal | None = None,
) -> ReviewDecision:
    """Decide on a claim, or open again what was closed; the officers are told at once.

    `quantity` is the verified figure, the claimed one when left out. The level right above closes out, any level above
    may open again (回头看). Raises Forbidden (not such a level, or one's own claim), Stale, Conflict (nothing to
    decide) or Invalid; nothing is kept then.
    """
    guard.allow(actor, Permission.REOPEN if decision == "reopen" else Permission.CLOSE_OUT, assignment)
    guard.lock(session, assignment, version, now)
    after = next_status(assignment.status, decision)
    claim = latest_claim(session, assignment.id)
    if claim and claim.actor_id == actor.id and decision != "reopen":
        raise Forbidden(_l("不能审核自己提交的申请，请由其他人员办理。"))
    figure = _verified_figure(session, assignment, decision, quantity, reason, local_date(now))
    review = ReviewDecision(
        assignment_id=assignment.id, update_id=claim.id if claim else None, decision=decision, quantity=figure,
        reason=reason.strip(), actor_id=actor.id, actor_label=actor.name, recorded_at=now, status_after=after,
    )  # fmt: skip
    session.add(review)
    _apply_decision(session, assignment, review, local_date(now))
    light_again(session, assignment, now=now, cause="decided")
    facts = {"review": review.id, "quantity": _plain(figure), "reason": review.reason, "status": after}
    record(session, f"review.{decision}", ("assignment", assignment.id), actor=actor, now=now,
           area=assignment.organisation.path, facts=facts)  # fmt: skip
    tell_officers(session, assignment, decision, ("review", review.id), actor=actor, now=now,
                  reason=review.reason, quantity=figure)  # fmt: skip
    return review


def _verified_figure(
    session: Session, assignment: Assignment, decision: Verdict, quantity: Decimal | None, reason: str, today: date
) -> Decimal | None:
    """The figure a decision verifies. Raises Invalid for a missing reason or a figure that cannot be verified."""
    if decision in NEEDS_REASON and not reason.strip():
        raise Invalid([problem("reason_missing", "reason")])
    facts = state.known(session, [assignment.id], today)[0].facts
    kind: Literal["claim", "no_change"] = "claim" if decision == "verify" else "no_change"
    draft = UpdateDraft(kind, today, quantity, reason=reason)
    if found := check_update(draft, facts, plan_starts_on=assignment.plan.starts_on, today=today):
        raise worded(found, assignment.task.unit)
    return _or_claimed(quantity, facts) if decision == "verify" else None


def _or_claimed(quantity: Decimal | None, facts: AssignmentFacts) -> Decimal | None:
    return facts.claimed if quantity is None else quantity


def _apply_decision(session: Session, assignment: Assignment, review: ReviewDecision, today: date) -> None:
    """Bring the row to what was decided. Without a figure of the decision, what was verified row by row stands."""
    assignment.status = review.status_after
    counted = assignment.counted and review.quantity is None
    assignment.verified = counted_verified(session, assignment.id) if counted else review.quantity
    assignment.not_applicable_from = today if review.decision == "na_accept" else None
    if review.decision in UNDOES_CLAIM:
        assignment.claimed_at = None


def light_again(
    session: Session,
    assignment: Assignment,
    *,
    now: datetime,
    before: state.Known | None = None,
    cause: Cause = "filed",
    counted: state.Before | None = None,
) -> None:
    """Store the light that follows from an assignment's new state; one that got worse is put on record.

    `before` is how it was known, where neither its dates nor its plan have changed since; `counted` how the counts of
    lights knew it, where its dates have.
    """
    today = local_date(now)
    found = guard.save(session, assignment, today, before)
    values = state.light_values(found, today)
    state.keep_lights(session, [(found, values)], now=now, cause=cause, before=counted)
    for name, value in values.items():
        set_committed_value(assignment, name, value)


def leave_out(session: Session, ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Take assignments on which nothing was filed out of every rate: the plan's data no longer gives them to anybody.

    The record reads like any other: a "not applicable" by the system, agreed to by the system. Raises Conflict when one
    of them is not in a status for that.
    """
    today = local_date(now)
    for row in session.scalars(select(Assignment).where(Assignment.id.in_(ids)).order_by(Assignment.id)):
        guard.catch_up(session, row, now)
        update = _add_update(
            session, row, Statement("na_claim", today, reason=reason), next_status(row.status, "na_claim"),
            actor=SYSTEM, now=now,
        )  # fmt: skip
        _apply_statement(row, update, now)
        session.flush()
        after = next_status(row.status, "na_accept")
        review = ReviewDecision(
            assignment_id=row.id, update_id=update.id, decision="na_accept", reason=reason, actor_id=SYSTEM.id,
            actor_label=SYSTEM.name, recorded_at=now, status_after=after,
        )  # fmt: skip
        session.add(review)
        _apply_decision(session, row, review, today)
    session.flush()
    state.relight_some(session, ids, now=now, note_falls=False, cause="decided")


def _plain(figure: Decimal | None) -> Any:
    return None if figure is None else f"{figure:f}"
