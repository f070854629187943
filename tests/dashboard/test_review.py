"""The review of claims over the web: who may, what follows, and what is kept when it cannot be done."""

import re

import pytest

from tests.support.lived_in import BAODING, BOILERS
from tests.support.people import add_person
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.permissions import Role
from webapp.plans.models import Assignment

CLOSE = "m02-close-all"


def claim_id(site: Site, task: str = CLOSE) -> int:
    """Baoding's assignment of a task."""
    with site.database.reading() as session:
        return assignment_id(session, task, BAODING)


def status(site: Site, task: str = CLOSE) -> str:
    """Where Baoding's assignment of a task stands."""
    with site.database.reading() as session:
        return session.get_one(Assignment, claim_id(site, task)).status


def form(site: Site, **typed: str) -> dict[str, str]:
    """What the coordinator's page would send."""
    page = site.client(site.people.coordinator).get(f"/review/{claim_id(site)}").text
    fields = {name: found[1] for name in ("version", "request_key")
              if (found := re.search(rf'name="{name}" value="([^"]*)"', page))}  # fmt: skip
    return fields | {"decision": "verify"} | typed


def test_the_queue_shows_what_waits_and_since_when(shared_site: Site) -> None:
    page = shared_site.client(shared_site.people.coordinator).get("/review")
    assert page.status_code == 200
    assert f"/review/{claim_id(shared_site)}" in page.text
    assert "4个工作日" in page.text


def test_others_have_nothing_to_review(shared_site: Site) -> None:
    queue = shared_site.client(shared_site.people.overseer).get("/review").text
    assert f"/review/{claim_id(shared_site)}" not in queue


@pytest.mark.parametrize(
    ("name", "expected"), [("reader", 403), ("officer", 403), ("overseer", 403), ("stranger", 403)]
)
def test_only_the_level_above_decides(own_site: Site, name: str, expected: int) -> None:
    person = getattr(own_site.people, name)
    client, address = own_site.client(person), f"/review/{claim_id(own_site)}"
    assert client.get(address).status_code == expected
    assert client.post(address, data=form(own_site)).status_code == expected
    assert status(own_site) == "claimed"


def test_a_coordinator_elsewhere_is_told_nothing(own_site: Site) -> None:
    with own_site.database.transaction() as session:
        person = add_person(session, "elsewhere", "370000", Role.COORDINATOR)
    client, address = own_site.client(person), f"/review/{claim_id(own_site)}"
    assert client.get(address).status_code == 404
    assert client.post(address, data=form(own_site)).status_code == 404
    assert client.get("/overview?province=130000").status_code == 404
    assert client.get("/overview/assignments?organisation=130600").status_code == 404
    assert client.get("/overview/assignments.csv?organisation=130600").status_code == 404
    assert "保定" not in client.get("/overview").text
    assert "保定" not in client.get("/overview/assignments.csv").text


def test_verifying_closes_out_and_goes_on(own_site: Site) -> None:
    client = own_site.client(own_site.people.coordinator)
    answer = client.post(f"/review/{claim_id(own_site)}", data=form(own_site))
    assert answer.status_code == 303
    assert answer.location.startswith("/review")
    assert "已办结销号" in client.get(answer.location).text
    assert status(own_site) == "verified"


def test_returning_asks_for_a_reason_and_keeps_what_was_typed(own_site: Site) -> None:
    client, address = own_site.client(own_site.people.coordinator), f"/review/{claim_id(own_site)}"
    answer = client.post(address, data=form(own_site, decision="return", quantity="80"))
    assert answer.status_code == 422
    assert 'value="80"' in answer.text
    assert status(own_site) == "claimed"
    answer = client.post(address, data=form(own_site, decision="return", reason="缺少验收照片"))
    assert answer.status_code == 303
    assert status(own_site) == "returned"


@pytest.mark.parametrize("typed", [{"decision": ""}, {"quantity": "abc"}, {"quantity": "-5"}, {"quantity": "NaN"}])
def test_bad_input_changes_nothing(own_site: Site, typed: dict[str, str]) -> None:
    client, address = own_site.client(own_site.people.coordinator), f"/review/{claim_id(own_site)}"
    answer = client.post(address, data=form(own_site, **typed))
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text
    assert status(own_site) == "claimed"


def test_a_double_click_decides_once(own_site: Site) -> None:
    client, address = own_site.client(own_site.people.coordinator), f"/review/{claim_id(own_site)}"
    sent = form(own_site)
    first, second = client.post(address, data=sent), client.post(address, data=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    changed = client.post(address, data=sent | {"decision": "return", "reason": "不对"})
    assert changed.status_code == 409
    assert status(own_site) == "verified"


def test_a_stale_page_says_so_and_keeps_the_reason(own_site: Site) -> None:
    client, address = own_site.client(own_site.people.coordinator), f"/review/{claim_id(own_site)}"
    answer = client.post(address, data=form(own_site, version="1", decision="return", reason="照片不清"))
    assert answer.status_code == 409
    assert "照片不清" in answer.text
    assert status(own_site) == "claimed"


def test_what_was_decided_is_not_asked_again(own_site: Site) -> None:
    client = own_site.client(own_site.people.coordinator)
    client.post(f"/review/{claim_id(own_site)}", data=form(own_site))
    assert client.get(f"/review/{claim_id(own_site)}").location.endswith(f"/assignments/{claim_id(own_site)}")
    assert client.get(f"/review/{claim_id(own_site, BOILERS)}").status_code == 303


def test_looking_decides_nothing(own_site: Site) -> None:
    client = own_site.client(own_site.people.coordinator)
    client.get(f"/review/{claim_id(own_site)}?decision=verify")
    assert status(own_site) == "claimed"
