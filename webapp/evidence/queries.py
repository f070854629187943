"""Reading evidence files, always inside the reader's area."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.evidence.models import EvidenceFile
from webapp.organisations.models import Organisation
from webapp.organisations.queries import within
from webapp.permissions import Actor


def get_evidence(session: Session, evidence_id: int, actor: Actor) -> EvidenceFile:
    """A file that belongs to an organisation in the actor's area. Raises NotFound for any other."""
    found = session.scalar(
        select(EvidenceFile)
        .join(Organisation, Organisation.id == EvidenceFile.organisation_id)
        .where(EvidenceFile.id == evidence_id, within(Organisation.path, actor))
    )
    if found is None:
        raise NotFound(_l("没有这个文件，或者不在您的管辖范围内。"))
    return found
