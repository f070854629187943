"""What was seen on site before the demo opens: photographs of Baoding's boilers, and a sample Hebei drew."""

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from seed.story.cast import Cast
from webapp.clock import local_instant
from webapp.evidence import service as evidence
from webapp.evidence.service import Staged
from webapp.evidence.store import EvidenceStore
from webapp.ledgers import pictures, queries, sampling, service
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import Ledger
from webapp.ledgers.service import Attached
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Task

# The boiler houses that were photographed, in the order of their rows (see `papers.paper`).
PHOTOGRAPHS = tuple(f"boiler-house:{number}" for number in range(1, 7))
PHOTOGRAPHED = ("130600", "m04-boilers-all")
SAMPLED = ("130200", "m02-close-all")
DRAWN, VISITED, CLOSED = date(2017, 10, 17), date(2017, 10, 18), date(2017, 10, 19)
SEED = "20171017tangshan"
FAULT = "现场仍有一台冲压机未拆除，电表在走字。"
GOOD = ("断水断电，设备已清除。", "厂房已清空，原料已运走。", "")


def take_photographs(session: Session, cast: Cast, staged: Sequence[Staged], store: EvidenceStore) -> None:
    """Attach a photograph each to the first boilers that are done."""
    assignment = find(session, *PHOTOGRAPHED)
    ledger, _use = queries.ledger_of(assignment)
    actor = cast.actors[cast.files_for(assignment.organisation.code)]
    at = _at(CLOSED, 17, 50)
    files = evidence.record(session, staged, actor=actor, organisation_id=ledger.organisation.id, now=at)
    for row, file in zip(_done(session, ledger, len(files)), files, strict=True):
        seen = Attached(file.id, "after", pictures.likeness(store, file.sha256, file.media_type))
        service.edit_row(
            session, ledger, row, row.values, actor=actor, now=at, version=row.version, evidence=[seen], sure=True
        )


def _done(session: Session, ledger: Ledger, count: int) -> Sequence[LedgerRow]:
    query = select(LedgerRow).where(ledger.mine, LedgerRow.state == "done").order_by(LedgerRow.id)
    return session.scalars(query.limit(count)).all()


def sample(session: Session, cast: Cast) -> None:
    """Hebei looks at rows drawn in Tangshan: all but one are as they should be, so that the sample passes."""
    assignment = find(session, *SAMPLED)
    actor = cast.actors[cast.reviews_for(assignment.organisation.code)]
    drawn = sampling.draw_sample(session, assignment, actor=actor, now=_at(DRAWN, 14, 20), seed=SEED)
    rows = sampling.sample_rows(session, drawn.id)
    for place, (_found, row) in enumerate(rows):
        failed = place == len(rows) // 2
        sampling.check_row(
            session, drawn, row.id, "fail" if failed else "pass", actor=actor, now=_at(VISITED, 9 + place // 3, 12),
            note=FAULT if failed else GOOD[place % len(GOOD)],
        )  # fmt: skip
    sampling.close_sample(session, assignment, drawn, actor=actor, now=_at(CLOSED, 17, 55), version=drawn.version)


def find(session: Session, place: str, task: str) -> Assignment:
    """A place's assignment of a task, with what ledgers need of it."""
    query = (
        select(Assignment)
        .join(Assignment.task)
        .join(Assignment.organisation)
        .where(Task.code == task, Organisation.code == place)
        .options(joinedload(Assignment.task), joinedload(Assignment.organisation), selectinload(Assignment.plan))
    )
    return session.scalars(query).one()


def _at(day: date, hour: int, minute: int) -> datetime:
    return local_instant(day, time(hour, minute))
