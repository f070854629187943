"""Reading progress: an assignment's history, and what waits for review.

Each function makes the same number of statements whatever it finds; lists are limited to the actor's area.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.accounts.queries import names_shown
from webapp.evidence.models import EvidenceFile
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import GRANTS, Actor, Permission
from webapp.plans.lists import COLUMNS, with_places
from webapp.plans.models import Assignment, DueDate, MonthlyNode
from webapp.plans.queries import due_dates
from webapp.progress.models import ProgressUpdate, ReviewDecision, UpdateEvidence, VerifiedCount
from webapp.progress.rules import restated

CLAIM_KINDS = ("claim", "na_claim")
WAITING = ("claimed", "na_claimed")
EntryKind = Literal["update", "decision", "due", "nodes"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in an assignment's history, with the row it is told from and the files that came with it."""

    kind: EntryKind
    at: datetime
    actor_label: str
    row: ProgressUpdate | ReviewDecision | DueDate | MonthlyNode
    evidence: tuple[EvidenceFile, ...] = ()
    restates: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that was recorded on an assignment, each kind in its order; `files` by the update they go with."""

    updates: list[ProgressUpdate]
    files: Mapping[int, list[EvidenceFile]]
    decisions: list[ReviewDecision]
    dates: list[DueDate]
    nodes: list[MonthlyNode]

    def figures(self) -> list[tuple[date, Decimal]]:
        """The claimed figure by the day it speaks of, for the pace chart: (as of, quantity), later statements last."""
        told = [(row.as_of, row.quantity) for row in self.updates if row.quantity is not None]
        return sorted(told, key=lambda each: each[0])


# Put together once: every assignment's page asks.
_OF_THIS: BindParameter[Any] = bindparam("assignment")
_UPDATES = (
    select(ProgressUpdate)
    .where(ProgressUpdate.assignment_id == _OF_THIS)
    .order_by(ProgressUpdate.recorded_at, ProgressUpdate.id)
)
_DECISIONS = (
    select(ReviewDecision)
    .where(ReviewDecision.assignment_id == _OF_THIS)
    .order_by(ReviewDecision.recorded_at, ReviewDecision.id)
)
_NODES = (
    select(MonthlyNode).where(MonthlyNode.assignment_id == _OF_THIS).order_by(MonthlyNode.revision, MonthlyNode.month)
)
_STATED = (
    select(ProgressUpdate, EvidenceFile)
    .outerjoin(UpdateEvidence, UpdateEvidence.update_id == ProgressUpdate.id)
    .outerjoin(EvidenceFile, EvidenceFile.id == UpdateEvidence.evidence_id)
    .where(ProgressUpdate.assignment_id == _OF_THIS)
    .order_by(ProgressUpdate.recorded_at, ProgressUpdate.id, EvidenceFile.id)
)


def recorded(session: Session, assignment_id: int) -> Recorded:
    """What was recorded on an assignment already loaded within the area, in four statements."""
    stated: dict[int, ProgressUpdate] = {}
    files: dict[int, list[EvidenceFile]] = {}
    for row, file in session.execute(_STATED, {"assignment": assignment_id}):
        stated[row.id] = row
        if file is not None:
            files.setdefault(row.id, []).append(file)
    return Recorded(
        list(stated.values()), files, decisions(session, assignment_id), due_dates(session, assignment_id),
        nodes(session, assignment_id, every_revision=True),
    )  # fmt: skip


def timeline(session: Session, assignment_id: int) -> list[Entry]:
    """Everything that happened to an assignment, newest first. For an assignment already loaded within the area."""
    return entries_of(session, recorded(session, assignment_id))


def entries_of(session: Session, found: Recorded) -> list[Entry]:
    """What was recorded as a history, newest first."""
    stated, decided, dates = found.updates, found.decisions, found.dates
    filed = {row.revision: row for row in found.nodes}
    acted = {row.actor_id for row in stated} | {row.actor_id for row in decided}
    names = names_shown(session, acted | {row.decided_by for row in dates})
    again = frozenset(restated(stated))
    entries = [
        Entry(
            "update", row.recorded_at, names.get(row.actor_id, row.actor_label), row,
            tuple(found.files.get(row.id, ())), restates=row.id in again,
        )
        for row in stated
    ]  # fmt: skip
    entries += [
        Entry("decision", row.recorded_at, names.get(row.actor_id, row.actor_label), row) for row in decided
    ]  # fmt: skip
    entries += [
        Entry("due", row.recorded_at, names.get(row.decided_by, row.decided_by_label), row) for row in dates
    ]  # fmt: skip
    entries += [Entry("nodes", row.recorded_at, "", row) for row in filed.values()]
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.row.id), reverse=True)


def updates(session: Session, assignment_id: int) -> list[ProgressUpdate]:
    """The updates of an assignment in the order they were recorded."""
    return list(session.scalars(_UPDATES, {"assignment": assignment_id}))


def decisions(session: Session, assignment_id: int) -> list[ReviewDecision]:
    """The decisions on an assignment in the order they were taken."""
    return list(session.scalars(_DECISIONS, {"assignment": assignment_id}))


def nodes(session: Session, assignment_id: int, *, every_revision: bool = False) -> list[MonthlyNode]:
    """The monthly plan an organisation filed: its newest revision, or all of them; empty where none was filed."""
    found = list(session.scalars(_NODES, {"assignment": assignment_id}))
    return found if every_revision else [each for each in found if each.revision == found[-1].revision]


def latest_claim(session: Session, assignment_id: int) -> ProgressUpdate | None:
    """The claim that waits, or waited last."""
    query = (
        select(ProgressUpdate)
        .where(ProgressUpdate.assignment_id == assignment_id, ProgressUpdate.kind.in_(CLAIM_KINDS))
        .order_by(ProgressUpdate.recorded_at.desc(), ProgressUpdate.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def counted_verified(session: Session, assignment_id: int) -> Decimal | None:
    """How much was verified row by row, by the last count; None where nothing ever was."""
    query = select(VerifiedCount.quantity).where(VerifiedCount.assignment_id == assignment_id)
    return session.scalar(query.order_by(VerifiedCount.recorded_at.desc(), VerifiedCount.id.desc()).limit(1))


def evidence_for(session: Session, evidence_id: int, actor: Actor) -> EvidenceFile | None:
    """A file, if it was attached in the actor's area."""
    query = (
        select(EvidenceFile)
        .join(Organisation, Organisation.id == EvidenceFile.organisation_id)
        .where(EvidenceFile.id == evidence_id, within(Organisation.path, actor))
    )
    return session.scalar(query)


# --- what waits for a reviewer


def reviewable(actor: Actor) -> ColumnElement[bool]:
    """A condition: the actor stands right above the organisation, and so decides on its claims; the root on its own."""
    roles = GRANTS[Permission.CLOSE_OUT]
    held = [grant.organisation_id for grant in actor.grants if grant.role in roles]
    own_root = and_(Organisation.parent_id.is_(None), Organisation.id.in_(held))
    return or_(Organisation.parent_id.in_(held), own_root)


def review_queue(session: Session, plan_id: int, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Claims that wait for this reviewer, the oldest first.

    Beside the columns of every list: `claim_id`, `claim_kind`, `claimed_by_id`, `claimed_by`, `claimed_on`,
    `claim_note`, `claim_reason`.
    """
    query = _queue(
        plan_id,
        actor,
        ProgressUpdate.id.label("claim_id"),
        ProgressUpdate.kind.label("claim_kind"),
        ProgressUpdate.actor_id.label("claimed_by_id"),
        ProgressUpdate.actor_label.label("claimed_by"),
        ProgressUpdate.recorded_at.label("claimed_on"),
        ProgressUpdate.note.label("claim_note"),
        ProgressUpdate.reason.label("claim_reason"),
    )
    return session.execute(query).all()


def review_count(session: Session, plan_id: int, actor: Actor) -> int:
    """How many claims wait for this reviewer."""
    return session.scalar(select(func.count()).select_from(_queue(plan_id, actor).order_by(None).subquery())) or 0


def next_in_queue(session: Session, plan_id: int, actor: Actor, after: Assignment) -> int | None:
    """The id of the claim to review after an assignment: the next newer one, else the oldest; None when none waits."""
    later = tuple_(Assignment.last_update_at, Assignment.id) > tuple_(after.last_update_at, after.id)
    query = _queue(plan_id, actor).where(Assignment.id != after.id)
    row = session.execute(query.where(later).limit(1)).first() or session.execute(query.limit(1)).first()
    return None if row is None else int(row[0])


def _queue(plan_id: int, actor: Actor, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    # While something waits its claim is the last thing filed.
    is_the_claim = and_(
        ProgressUpdate.assignment_id == Assignment.id,
        ProgressUpdate.recorded_at == Assignment.last_update_at,
        ProgressUpdate.kind.in_(CLAIM_KINDS),
    )
    return (
        with_places(select(*COLUMNS, *more))
        .join(ProgressUpdate, is_the_claim)
        .where(Assignment.plan_id == plan_id, Assignment.status.in_(WAITING), reviewable(actor))
        .order_by(Assignment.last_update_at, Assignment.id)
    )
