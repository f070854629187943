"""What tests of the desk do again and again: find an assignment of Baoding's, file something earlier, read a page."""

import re
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient

from tests.support.people import NOW
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.accounts.models import Person
from webapp.accounts.queries import load_actor
from webapp.clock import local_date, parse_instant
from webapp.plans.models import Assignment
from webapp.plans.queries import get_assignment
from webapp.progress.service import Kind, record_update
from webapp.progress.state import relight_some

BOILERS, ZONE, STOVES = "m04-boilers-all", "m03-coal-free-zone", "m04-tea-stoves"


def number(world: Site, task: str = BOILERS, code: str = "130600") -> int:
    """The id of an assignment."""
    with world.database.reading() as session:
        return assignment_id(session, task, code)


def row(world: Site, task: str = BOILERS, code: str = "130600") -> Assignment:
    """An assignment as it is now."""
    with world.database.reading() as session:
        return session.get_one(Assignment, assignment_id(session, task, code))


def file_progress(
    world: Site,
    task: str = BOILERS,
    *,
    kind: Kind = "progress",
    share: str | None = "0.5",
    when: str = "2017-10-10T09:00",
    person: Person | None = None,
    code: str = "130600",
) -> None:
    """Let the officer (or somebody else) file something earlier."""
    who = person or world.people.officer
    now = parse_instant(when)
    with world.database.transaction() as session:
        actor = load_actor(session, who.id, who.auth_version, local_date(now))
        assert actor
        found = get_assignment(session, assignment_id(session, task, code), actor)
        record_update(
            session,
            found,
            actor=actor,
            now=now,
            kind=kind,
            as_of=local_date(now),
            version=found.version,
            quantity=None if share is None else Decimal(share),
        )
        relight_some(session, [found.id], now=NOW)


def guards(client: FlaskClient, address: str) -> dict[str, Any]:
    """The hidden fields of the form on a page."""
    html = client.get(address).get_data(as_text=True)
    form = html[html.index("<main") :]
    found: dict[str, Any] = {}
    for name in ("request_key", "version"):
        match = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', form)
        assert match, f"{name} at {address}"
        found[name] = match.group(1)
    return found


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    """A page, which must answer with a status."""
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    return answer.get_data(as_text=True)
