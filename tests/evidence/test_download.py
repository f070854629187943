"""Handing evidence out over the web."""

from pathlib import Path

import pytest

from tests.evidence.samples import picture, sent
from tests.support.people import NOW
from tests.support.site import Site, site
from webapp.db import Database
from webapp.evidence.models import EvidenceFile
from webapp.evidence.service import record, stage
from webapp.organisations.queries import by_code
from webapp.permissions import Actor

PHOTO = picture("JPEG")


@pytest.fixture
def web(sqlite_db: Database, tmp_path: Path) -> Site:
    with site(sqlite_db, tmp_path) as opened:
        return opened


@pytest.fixture
def file(web: Site) -> EvidenceFile:
    """A photo of Baoding's."""
    staged = stage([sent('拆除"现场"; 3号.jpg', PHOTO)], web.settings)
    actor = Actor(web.people.officer.id, "李敏", "zh")
    with web.database.transaction() as session:
        home = by_code(session)["130600"].id
        return record(session, staged, actor=actor, organisation_id=home, now=NOW)[0]


def test_a_file_comes_as_an_attachment_that_can_do_nothing(web: Site, file: EvidenceFile) -> None:
    answer = web.client(web.people.officer).get(f"/evidence/{file.id}", buffered=True)
    assert answer.status_code == 200
    assert answer.data == PHOTO
    headers = answer.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(len(PHOTO))
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E6%8B%86%E9%99%A4_%E7%8E%B0%E5%9C%BA_" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"


def test_a_file_that_the_browser_has_is_not_sent_again(web: Site, file: EvidenceFile) -> None:
    browser = web.client(web.people.officer)
    etag = browser.get(f"/evidence/{file.id}", buffered=True).headers["ETag"]
    answer = browser.get(f"/evidence/{file.id}", buffered=True, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    stranger = web.client(web.people.stranger)
    assert stranger.get(f"/evidence/{file.id}", headers={"If-None-Match": etag}).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200),
        ("colleague", 200),
        ("coordinator", 200),
        ("reader", 200),
        ("overseer", 200),
        ("stranger", 404),
    ],
)
def test_who_may_have_it(web: Site, file: EvidenceFile, who: str, status: int) -> None:
    assert web.client(getattr(web.people, who)).get(f"/evidence/{file.id}", buffered=True).status_code == status


def test_nobody_without_signing_in(web: Site, file: EvidenceFile) -> None:
    assert web.client().get(f"/evidence/{file.id}", buffered=True).status_code == 303


@pytest.mark.parametrize("path", ["/evidence/999999", "/evidence/99999999999999999999", "/evidence/../lantian.db"])
def test_what_is_not_there(web: Site, path: str) -> None:
    assert web.client(web.people.officer).get(path).status_code == 404


def test_a_lost_object_is_said_plainly(web: Site, file: EvidenceFile) -> None:
    for path in web.settings.evidence_dir.rglob(file.sha256):
        path.unlink()
    answer = web.client(web.people.officer).get(f"/evidence/{file.id}", buffered=True)
    assert answer.status_code == 404
    assert "联系管理员" in answer.text
