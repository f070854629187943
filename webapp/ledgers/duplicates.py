"""Photographs that were attached before: the same bytes, or nearly the same picture, in this ledger."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from webapp.evidence.models import EvidenceFile
from webapp.ledgers.models import LedgerEvent, LedgerEvidence, LedgerRow
from webapp.ledgers.pictures import near
from webapp.ledgers.queries import Ledger

# The newest photographs of a ledger are compared; more would make the page slow.
COMPARED = 5_000


@dataclass(frozen=True, slots=True)
class Twin:
    """A photograph of this row that another row has too; `exact`: to the byte."""

    filename: str
    row_id: int
    name: str
    exact: bool


def same_pictures(session: Session, ledger: Ledger, row_id: int) -> list[Twin]:
    """The photographs of a row that other rows of its ledger have as well."""
    mine = session.execute(_pictures(ledger).where(LedgerRow.id == row_id)).all()
    if not mine:
        return []
    hashes = [each.sha256 for each in mine]
    others = session.execute(
        _pictures(ledger)
        .where(LedgerRow.id != row_id, or_(LedgerEvidence.picture != "", EvidenceFile.sha256.in_(hashes)))
        .order_by(LedgerEvent.id.desc())
        .limit(COMPARED)
    ).all()
    found: dict[tuple[str, int], Twin] = {}
    for one in mine:
        for other in others:
            exact = one.sha256 == other.sha256
            if exact or near(one.picture, other.picture):
                found.setdefault((one.filename, other.id), Twin(one.filename, other.id, other.name, exact))
    return list(found.values())


def _pictures(ledger: Ledger) -> Select[*tuple[Any, ...]]:
    return (
        select(EvidenceFile.sha256, EvidenceFile.filename, LedgerEvidence.picture, LedgerRow.id, LedgerRow.name)
        .join(LedgerEvidence, LedgerEvidence.evidence_id == EvidenceFile.id)
        .join(LedgerEvent, LedgerEvent.id == LedgerEvidence.event_id)
        .join(LedgerRow, LedgerRow.id == LedgerEvent.row_id)
        .where(ledger.mine)
    )
