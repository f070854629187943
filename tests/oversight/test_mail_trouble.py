"""The jobs page tells the operators what keeps mails from going out, and names every state of a mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.support.people import NOW, add_person
from tests.support.site import Site, site
from webapp.db import Database
from webapp.mail import service
from webapp.mail.channels import Outcome
from webapp.mail.models import OutboxMail
from webapp.mail.rules import Fate
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.robots.models import GroupRobot

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


def test_mails_are_paged_and_robots_named(world: Site) -> None:
    with world.database.transaction() as session:
        place = session.scalars(select(Organisation).where(Organisation.code == "130000")).one()
        robot = GroupRobot(
            organisation_id=place.id, kind="wecom", name="河北工作群", url="https://qyapi.weixin.qq.com/x", secret="",
            locale="zh", active=True, created_at=NOW,
        )  # fmt: skip
        session.add(robot)
        session.flush()
        for number in range(60):
            row = service.outbox_row(
                key=f"r{number}", template="reminder" if number else "robot_digest",
                person=service.Recipient(0, f"robot:{robot.id}", "zh"), payload={}, cause="test", now=NOW,
                channel="mail" if number else "robot",
            )  # fmt: skip
            session.add(OutboxMail(**row))
        link = f'<a href="/robots/{robot.id}">河北工作群</a>'
    first, second = page(world), world.client(world.people.admin).get("/jobs?page=2").text
    assert "到期提醒（单独发送）" in first
    assert "page=2" in first
    assert link not in first
    assert link in second
    assert "page=1" in second


def test_an_operator_of_a_province_sees_and_resends_the_mails_of_its_people(world: Site) -> None:
    with world.database.transaction() as session:
        chief = add_person(session, "郑洁", "130000", Role.ADMINISTRATOR)
        for person, name in ((world.people.officer, "theirs"), (world.people.stranger, "others")):
            service.enqueue(
                session, key=name, template="digest", person=(person.id, f"{name}@example.test", "zh"), payload={},
                cause="test", now=NOW,
            )  # fmt: skip
        session.execute(update(OutboxMail).values(state="parked"))
        ids = dict(session.execute(select(OutboxMail.key, OutboxMail.id)).all())
    browser = world.client(chief)
    shown = browser.get("/jobs").text
    assert "theirs@example.test" in shown
    assert "others@example.test" not in shown
    sent = [browser.post(f"/jobs/mail/{ids[name]}/resend").status_code for name in ("theirs", "others")]
    assert sent == [303, 404]
