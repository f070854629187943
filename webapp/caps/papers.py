"""The files that go with what was filed: tied to it as it is recorded, read for whoever may see the enterprise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.caps.models import (
    CapExemption,
    CapExemptionEvidence,
    CapFiling,
    CapFilingEvidence,
    CapVerdict,
    CapVerdictEvidence,
)
from webapp.evidence.models import EvidenceFile

Owner = CapFiling | CapExemption | CapVerdict
Papers = Mapping[tuple[str, int], Sequence["Paper"]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as pages name it."""

    id: int
    filename: str


def attach(session: Session, owner: Owner, evidence: Sequence[int]) -> None:
    """Tie files on record to what was filed with them."""
    links = {
        CapFiling: (CapFilingEvidence, "filing_id"), CapExemption: (CapExemptionEvidence, "exemption_id"),
        CapVerdict: (CapVerdictEvidence, "verdict_id"),
    }  # fmt: skip
    table, column = links[type(owner)]
    if evidence:
        session.execute(insert(table), [{column: owner.id, "evidence_id": each} for each in evidence])


def papers_of(session: Session, enterprise_id: int) -> Papers:
    """The files of an enterprise by (filing, exemption or verdict; its id): one statement.

    For an enterprise that was loaded within the actor's area.
    """
    filings = (
        select(literal("filing"), CapFiling.id, CapFilingEvidence.evidence_id)
        .join(CapFilingEvidence, CapFilingEvidence.filing_id == CapFiling.id)
        .where(CapFiling.enterprise_id == enterprise_id)
    )
    exemptions = (
        select(literal("exemption"), CapExemption.id, CapExemptionEvidence.evidence_id)
        .join(CapExemptionEvidence, CapExemptionEvidence.exemption_id == CapExemption.id)
        .where(CapExemption.enterprise_id == enterprise_id)
    )
    verdicts = (
        select(literal("verdict"), CapVerdict.id, CapVerdictEvidence.evidence_id)
        .join(CapFiling, CapFiling.id == CapVerdict.filing_id)
        .join(CapVerdictEvidence, CapVerdictEvidence.verdict_id == CapVerdict.id)
        .where(CapFiling.enterprise_id == enterprise_id)
    )
    links = union_all(filings, exemptions, verdicts).subquery()
    kind, owner, evidence = links.c
    query = select(kind, owner, EvidenceFile.id, EvidenceFile.filename).join(EvidenceFile, EvidenceFile.id == evidence)
    found: dict[tuple[str, int], list[Paper]] = {}
    for what, owner_id, file_id, filename in session.execute(query.order_by(EvidenceFile.id)):
        found.setdefault((what, owner_id), []).append(Paper(file_id, filename))
    return found
