"""回头看: any level above opens again what was closed, with a reason; nobody else does."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.support.october import BOILERS, file_progress, number, row
from tests.support.people import NOW
from tests.support.site import Site
from webapp.accounts.models import Person
from webapp.accounts.queries import load_actor
from webapp.clock import local_date
from webapp.mail.models import OutboxMail
from webapp.plans.queries import get_assignment
from webapp.progress.service import decide


@pytest.fixture
def closed(world: Site) -> Site:
    """Baoding's boilers, claimed and closed out by the province."""
    file_progress(world, kind="claim", share="1")
    person = world.people.coordinator
    with world.database.transaction() as session:
        actor = load_actor(session, person.id, person.auth_version, local_date(NOW))
        assert actor
        found = get_assignment(session, number(world), actor)
        decide(session, found, actor=actor, now=NOW, decision="verify", version=found.version)
    return world


def send(world: Site, person: Person, **typed: Any) -> tuple[int, str]:
    """Send the form as the page would; the answer's status and text."""
    data = {"version": row(world).version, "request_key": "r" * 32, "reason": "10月20日夜查，炉子又烧上了"} | typed
    answer = world.client(person).post(f"/assignments/{number(world)}/reopen", data=data)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["coordinator", "overseer"])
def test_every_level_above_may(closed: Site, name: str) -> None:
    person, before = getattr(closed.people, name), row(closed)
    page = closed.client(person).get(f"/assignments/{number(closed)}").get_data(as_text=True)
    assert f"/assignments/{number(closed)}/reopen" in page
    assert send(closed, person)[0] == 303
    after = row(closed)
    assert (after.status, after.verified, after.first_done_at) == ("returned", None, before.first_done_at)
    with closed.database.reading() as session:
        assert "assignment_reopened" in session.scalars(select(OutboxMail.template)).all()


@pytest.mark.parametrize("name", ["officer", "reader", "stranger"])
def test_nobody_else_may(closed: Site, name: str) -> None:
    person = getattr(closed.people, name)
    assert closed.client(person).get(f"/assignments/{number(closed)}/reopen").status_code == 403
    assert send(closed, person)[0] == 403
    assert row(closed).status == "verified"


def test_what_is_open_cannot_be_opened(world: Site) -> None:
    file_progress(world)
    page = world.client(world.people.overseer).get(f"/assignments/{number(world, BOILERS)}/reopen")
    assert (page.status_code, "没有办结" in page.get_data(as_text=True)) == (409, True)
    assert send(world, world.people.overseer)[0] == 409
    assert row(world).status == "in_progress"


def test_a_reason_is_asked_for(closed: Site) -> None:
    status, html = send(closed, closed.people.overseer, reason="")
    assert (status, "请写明回头看发现了什么问题" in html) == (422, True)
    assert row(closed).status == "verified"


def test_a_stale_form_keeps_its_words(closed: Site) -> None:
    status, html = send(closed, closed.people.overseer, version=row(closed).version - 1)
    assert (status, "炉子又烧上了" in html) == (409, True)
    assert row(closed).status == "verified"


def test_a_double_click_opens_once(closed: Site) -> None:
    version = row(closed).version
    assert [send(closed, closed.people.overseer, version=version)[0] for _ in range(2)] == [303, 303]
    assert row(closed).version == version + 1
