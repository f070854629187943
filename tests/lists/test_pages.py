"""Saved views over the web: what is kept, who sees it, what a list opens with."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.people import add_person
from tests.support.site import Site
from webapp.lists.models import DefaultView, SavedView
from webapp.permissions import Role

LIST, VIEWS = "/overview/assignments", "/views/assignments"
BEHIND = "label=behind&order=due&columns=due%2Clight"


def save(site: Site, name: str = "滞后", who: str = "coordinator", **more: str) -> Any:
    """The answer to keeping the list of what is behind."""
    client = site.client(getattr(site.people, who))
    return client.post(VIEWS, data={"name": name, "query": BEHIND, **more})


def view_id(site: Site, name: str = "滞后") -> int:
    """The view of a name."""
    with site.database.reading() as session:
        return session.scalars(select(SavedView.id).where(SavedView.name == name)).one()


def test_a_view_is_the_query_of_an_address(own_site: Site) -> None:
    answer = save(own_site, query="label=behind&page=3&plan=other&evil=1&order=due")
    assert answer.status_code == 303
    assert answer.location == f"{LIST}?label=behind&order=due"
    page = own_site.client(own_site.people.coordinator).get(answer.location).text
    assert f'href="{LIST}?label=behind&amp;order=due" aria-current="true"' in page


def test_a_list_opens_with_the_default_view_and_plainly_when_asked(own_site: Site) -> None:
    client = own_site.client(own_site.people.coordinator)
    save(own_site, default="y")
    assert client.get(LIST).location == f"{LIST}?{BEHIND}"
    assert client.get(f"{LIST}?all=1").status_code == 200
    assert client.get(f"{LIST}?label=overdue").status_code == 200
    client.post(f"/views/one/{view_id(own_site)}/default", data={})
    assert client.get(LIST).status_code == 200


def test_a_default_view_of_another_area_opens_nothing(own_site: Site) -> None:
    save(own_site, query="organisation=370100", default="y")
    assert own_site.client(own_site.people.coordinator).get(LIST).status_code == 200


def test_a_private_view_is_nobody_elses(own_site: Site) -> None:
    save(own_site)
    for who in ("overseer", "admin", "reader"):
        client = own_site.client(getattr(own_site.people, who))
        assert "滞后</a>" not in client.get(LIST).text
        assert client.post(f"/views/one/{view_id(own_site)}/share", data={"on": "y"}).status_code == 404
        assert client.post(f"/views/one/{view_id(own_site)}/name", data={"name": "x"}).status_code == 404


def test_a_shared_view_is_for_the_same_organisations_people_and_changed_by_its_owner(own_site: Site) -> None:
    with own_site.database.transaction() as session:
        colleague = add_person(session, "workmate", "130000", Role.COORDINATOR)
    save(own_site, shared="y")
    client, number = own_site.client(colleague), view_id(own_site)
    assert "滞后</a>" in client.get(LIST).text
    assert "滞后</a>" not in own_site.client(own_site.people.overseer).get(LIST).text
    assert client.post(f"/views/one/{number}/delete", data={}).status_code == 403
    assert client.post(f"/views/one/{number}/default", data={"on": "y"}).status_code == 303
    assert client.get(LIST).status_code == 303
    own_site.client(own_site.people.coordinator).post(f"/views/one/{number}/share", data={})
    assert client.get(LIST).status_code == 200
    assert "滞后" not in client.get(VIEWS).text


def test_a_view_is_renamed_and_deleted(own_site: Site) -> None:
    client = own_site.client(own_site.people.coordinator)
    save(own_site, default="y")
    save(own_site, "逾期")
    number = view_id(own_site)
    taken = client.post(f"/views/one/{number}/name", data={"name": "逾期"})
    assert taken.status_code == 422
    assert "您已有同名的视图" in taken.text
    client.post(f"/views/one/{number}/name", data={"name": " 十月  滞后 "})
    assert view_id(own_site, "十月 滞后") == number
    client.post(f"/views/one/{number}/delete", data={})
    with own_site.database.reading() as session:
        assert session.scalars(select(SavedView.name)).all() == ["逾期"]
        assert session.scalars(select(DefaultView.view_id)).all() == []


@pytest.mark.parametrize(
    ("typed", "words"), [({"name": " "}, "请给视图起个名字"), ({"name": "长" * 41}, "最多 40 个字"), ({}, "同名")]
)
def test_what_cannot_be_kept_says_why_and_loses_nothing(own_site: Site, typed: dict[str, str], words: str) -> None:
    if not typed:
        save(own_site)
    answer = save(own_site, typed.get("name", "滞后"), shared="y")
    assert answer.status_code == 422
    assert words in answer.text
    assert re.search(r'name="query"[^>]*value="label=behind', answer.text)
    assert re.search(r'<input checked[^>]*name="shared"', answer.text)


def test_views_are_bounded_and_a_double_click_keeps_one(own_site: Site) -> None:
    first = save(own_site, "零", request_key="a" * 32)
    assert save(own_site, "零", request_key="a" * 32).location == first.location
    for number in range(19):
        assert save(own_site, f"视图{number}").status_code == 303
    assert "最多保存 20 个视图" in save(own_site, "再一个").text


@pytest.mark.parametrize(("who", "page", "expected"), [
    ("officer", "assignments", 403), ("coordinator", "people", 403), ("admin", "people", 200),
    ("officer", "ledger", 200), ("officer", "nonsense", 404),
])  # fmt: skip
def test_views_of_a_list_are_for_those_who_may_open_it(shared_site: Site, who: str, page: str, expected: int) -> None:
    assert shared_site.client(getattr(shared_site.people, who)).get(f"/views/{page}").status_code == expected


def test_heads_sort_and_keep_the_rest(shared_site: Site) -> None:
    page = shared_site.client(shared_site.people.coordinator).get(f"{LIST}?{BEHIND}&page=1").text
    assert '<th scope="col" aria-sort="ascending"><a class="ls-sort"' in page
    assert f'href="{LIST}?label=behind&amp;columns=due%2Clight&amp;order=-due"' in page
    assert 'data-label="单位"' not in page


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_files_have_the_columns_that_are_shown(shared_site: Site, fmt: str) -> None:
    client = shared_site.client(shared_site.people.coordinator)
    answer = client.get(f"{LIST}.{fmt}?{BEHIND}", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].endswith(f'.{fmt}"') or fmt in answer.headers["Content-Disposition"]
    if fmt == "csv":
        assert answer.text.splitlines()[0] == "\ufeff条款,条款名称,任务代码,任务,亮灯,连续未更新月数,现行期限"
    assert client.get(f"{LIST}.pdf").status_code == 404
