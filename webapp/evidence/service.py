"""Taking evidence in: `stage` checks and stores the files before a transaction, `record` adds their rows inside it.

Bytes whose transaction then fails stay in the store without a row; they are found again by their hash when the person
sends the form once more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.errors import Invalid, Problem, Text, TooLarge
from webapp.evidence.content import check
from webapp.evidence.models import EvidenceFile
from webapp.evidence.names import clean_name, extension_of
from webapp.evidence.refusals import EMPTY, Refused
from webapp.evidence.store import EvidenceStore, LocalStore
from webapp.permissions import Actor
from webapp.settings import Settings

MOST_FILES = 10
FIELD = "files"


class Upload(Protocol):
    """A file somebody sent, as Werkzeug's FileStorage holds it; the stream can be read more than once."""

    @property
    def filename(self) -> str | None: ...
    @property
    def stream(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that was checked and lies in the store, but is not on record yet."""

    sha256: str
    size: int
    media_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class _Checked:
    name: str
    media_type: str
    stream: BinaryIO


def open_store(settings: Settings) -> EvidenceStore:
    """The store the settings name."""
    return LocalStore(settings.evidence_dir)


def stage(files: Iterable[Upload], settings: Settings) -> list[Staged]:
    """Check all files, then store them. Call it outside any transaction: it reads, hashes and waits for the disk.

    Inputs that were left empty in the form are passed over. Raises TooLarge, or Invalid (field `files`) with a problem
    for each file that is not taken; then none is stored.
    """
    given = [each for each in files if each.filename]
    if len(given) > MOST_FILES:
        raise Invalid([Problem(FIELD, _l("一次最多上传 %(n)s 个文件，请分次填报。", n=MOST_FILES))])
    checked = _check_all(given, settings.upload_max_mb)
    store = open_store(settings)
    staged = [_put(store, each) for each in checked]
    return list(dict.fromkeys(staged))


def _check_all(files: Sequence[Upload], limit_mb: int) -> list[_Checked]:
    checked, problems = [], []
    for each in files:
        name = clean_name(each.filename or "")
        try:
            _check_size(name, each.stream, limit_mb)
            checked.append(_Checked(name, check(each.stream, extension_of(name)), each.stream))
        except Refused as refusal:
            problems.append(Problem(FIELD, _about(name, refusal.reason)))
    if problems:
        raise Invalid(problems)
    return checked


def _check_size(name: str, stream: BinaryIO, limit_mb: int) -> None:
    size = stream.seek(0, 2)
    if size == 0:
        raise Refused(EMPTY)
    if size > limit_mb * 1024 * 1024:
        raise TooLarge(_l("%(name)s 超过 %(limit)s MB，请压缩或拆分后上传。", name=name, limit=limit_mb))


def _about(name: str, reason: Text) -> Text:
    told: Text = _l("%(name)s：%(reason)s", name=name, reason=reason)
    return told


def _put(store: EvidenceStore, file: _Checked) -> Staged:
    sha256, size = store.put(file.stream)
    return Staged(sha256, size, file.media_type, file.name)


def record(
    session: Session, staged: Sequence[Staged], *, actor: Actor, organisation_id: int, now: datetime
) -> list[EvidenceFile]:
    """Put staged files on record for an organisation, in the transaction of what they are evidence for."""
    rows = [
        EvidenceFile(
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
            filename=file.filename,
            organisation_id=organisation_id,
            uploaded_by=actor.id,
            uploaded_at=now,
        )
        for file in staged
    ]
    session.add_all(rows)
    session.flush()
    return rows
