"""The store and the way into it."""

import hashlib
import io
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.evidence.samples import PDF, Sent, picture, sent
from tests.support.people import NOW, settle
from webapp.db import Database
from webapp.errors import Invalid, NotFound, TooLarge
from webapp.evidence.models import EvidenceFile
from webapp.evidence.queries import get_evidence
from webapp.evidence.service import MOST_FILES, record, stage
from webapp.evidence.store import LocalStore
from webapp.organisations.queries import by_code
from webapp.permissions import Actor, Grant, Role
from webapp.settings import Settings

PHOTO = picture("JPEG")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, upload_max_mb=1)


def kept(settings: Settings) -> list[Path]:
    """Every file below the store."""
    return [path for path in settings.evidence_dir.rglob("*") if path.is_file()]


def test_bytes_lie_under_their_hash_and_nowhere_twice(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    digest = hashlib.sha256(b"words").hexdigest()
    stream = io.BytesIO(b"words")
    stream.seek(3)
    assert store.put(stream) == (digest, 5)
    assert store.put(io.BytesIO(b"words")) == (digest, 5)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"{digest[:2]}/{digest[2:4]}/{digest}"
    ]
    assert store.exists(digest)
    with store.open(digest) as content:
        assert content.read() == b"words"


def test_a_missing_object_is_said_plainly_and_a_path_is_no_hash(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(NotFound):
        store.open("0" * 64)
    with pytest.raises(ValueError, match="SHA-256"):
        store.open("../../../etc/passwd")


def test_a_crash_while_writing_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the cable was pulled")

    with pytest.raises(OSError, match="cable"):
        LocalStore(tmp_path).put(Broken(b"words"))
    assert not list(tmp_path.iterdir())


def test_only_this_user_may_read_the_store(settings: Settings) -> None:
    stage([sent("a.jpg", PHOTO)], settings)
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept(settings))


def test_stage_describes_what_it_stored(settings: Settings) -> None:
    staged = stage([sent("../现场.JPG", PHOTO), Sent("", io.BytesIO()), Sent(None, io.BytesIO())], settings)
    assert [(each.filename, each.media_type, each.size) for each in staged] == [("现场.jpg", "image/jpeg", len(PHOTO))]
    assert len(kept(settings)) == 1
    assert len(stage([sent("a.jpg", PHOTO), sent("a.jpg", PHOTO)], settings)) == 1


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ([sent("a.jpg", PHOTO), sent("空.pdf", b"")], Invalid, "空.pdf"),
        ([sent("a.jpg", PHOTO), sent("b.gif", b"GIF89a<script>"), sent("c.exe", b"MZ")], Invalid, "b.gif.*c.exe"),
        ([sent("a.jpg", PHOTO), sent("big.pdf", PDF + b" " * 1024 * 1024)], TooLarge, "big.pdf"),
        ([sent(f"{n}.jpg", PHOTO) for n in range(MOST_FILES + 1)], Invalid, "10"),
    ],
)
def test_one_bad_file_and_none_is_stored(
    settings: Settings, files: list[Sent], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        stage(files, settings)
    assert not kept(settings)


def test_a_file_is_seen_in_its_organisations_area_only(db: Database, settings: Settings) -> None:
    staged = stage([sent("现场.jpg", PHOTO), sent("批文.pdf", PDF)], settings)
    with db.transaction() as session:
        people, places = settle(session), by_code(session)
        actor = Actor(people.officer.id, "李敏", "zh")
        home = places["130600"].id
        rows = record(session, staged, actor=actor, organisation_id=home, now=NOW)
        again = record(session, staged[:1], actor=actor, organisation_id=home, now=NOW)
    assert [row.filename for row in rows] == ["现场.jpg", "批文.pdf"]
    assert again[0].id != rows[0].id
    with db.reading() as session:
        for path, sees in (("jjj/130000/130600/", True), ("jjj/130000/", True), ("jjj/370000/", False)):
            who = Actor(9, "甲", "zh", (Grant(Role.READER, 1, "x", path),))
            assert _sees(session, rows[0].id, who) is sees
        assert not _sees(session, 999_999, who)


def _sees(session: Session, evidence_id: int, actor: Actor) -> bool:
    try:
        return isinstance(get_evidence(session, evidence_id, actor), EvidenceFile)
    except NotFound:
        return False
