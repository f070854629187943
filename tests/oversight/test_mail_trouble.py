"""The jobs page tells the operators what keeps mails from going out, and names every state of a mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.people import NOW
from tests.support.site import Site, site
from webapp.db import Database
from webapp.mail import service
from webapp.mail.channels import Outcome
from webapp.mail.rules import Fate

SAID = "SMTPAuthenticationError: 535 5.7.8 Authentication failed"


@pytest.fixture
def world(sqlite_db: Database, tmp_path: Path) -> Iterator[Site]:
    """An installation with one mail in its outbox."""
    with site(sqlite_db, tmp_path, now=NOW) as made:
        with sqlite_db.transaction() as session:
            service.enqueue(
                session, key="k", template="digest", person=(1, "li@example.test", "zh"), payload={}, cause="test",
                now=NOW, topic="reminders",
            )  # fmt: skip
        yield made


def page(world: Site, state: str = "") -> str:
    return world.client(world.people.admin).get(f"/jobs?state={state}").text


def test_a_refused_login_is_shown_until_mails_go_out_again(world: Site) -> None:
    assert "发信服务器不可用" not in page(world)
    for outcome in (Outcome(Fate.TRY_AGAIN, SAID, trouble=True), Outcome(Fate.SENT)):
        with world.database.transaction() as session:
            (mail,) = service.claim_batch(session, owner="x", limit=1, now=NOW.replace(year=2018))
            service.record(session, mail, outcome, subject="s", now=NOW)
        shown = page(world)
        assert ("发信服务器不可用" in shown, SAID in shown) == (outcome.trouble, outcome.trouble)


def test_a_withheld_mail_says_why(world: Site) -> None:
    with world.database.transaction() as session:
        service.refuse(session, 1, "reminders", NOW)
    shown = page(world, "withheld")
    assert "li@example.test" in shown
    assert shown.count("本人已退订") == 2
