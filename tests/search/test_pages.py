"""The search page and the box in the top bar, on the lived-in plan."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from tests.support.lived_in import actor_of, at
from tests.support.people import sign_in
from tests.support.plans import assignment
from tests.support.server import serve
from tests.support.site import Site
from webapp.accounts.models import Person
from webapp.progress.service import record_update
from webapp.search.service import refresh


def told(site: Site, person: Person, **query: str) -> str:
    """The page's words for somebody, with stars around what is marked."""
    answer = site.client(person).get("/search", query_string=query)
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return unescape(" ".join(re.sub(r"<[^>]*>", "", re.sub(r"</?mark>", "*", main)).split()))


WORDS = [
    ({}, "输入要找的词"),
    ({"q": "  "}, "输入要找的词"),
    ({"q": "a"}, "请再多输入一些"),
    ({"q": "，*"}, "没有可以查找的文字"),
    ({"q": "不存在的词"}, "没有找到“不存在的词”"),
    ({"q": "锅炉" * 5000}, "只按前100个字搜索"),
    ({"q": "锅炉", "kind": "row"}, "这一类没有内容"),
    ({"q": "锅炉", "kind": "nonsense", "page": "x"}, "*锅炉*"),
    ({"q": "锅炉", "kind": "task", "page": "99999"}, "这一类没有内容"),
]


@pytest.mark.parametrize(("query", "words"), WORDS)
def test_the_page_says_what_it_found_or_why_nothing(shared_site: Site, query: dict[str, str], words: str) -> None:
    assert words in told(shared_site, shared_site.people.officer, **query)


def test_hits_lead_to_their_records_and_the_query_stays_in_the_address(shared_site: Site) -> None:
    client = shared_site.client(shared_site.people.officer)
    page = client.get("/search", query_string={"q": "12台"}).text
    assert 'value="12台"' in page
    assert "本周拆除<mark>12台</mark>。" in page
    for path in set(re.findall(r'class="se-title" href="([^"]+)"', page)):
        assert client.get(unescape(path)).status_code == 200
    assert "kind=note" in page


def test_every_kind_of_hit_opens(shared_site: Site) -> None:
    for person in (shared_site.people.officer, shared_site.people.overseer):
        client = shared_site.client(person)
        for words in ("锅炉", "保定", "Vehicle", "补充拆除照片"):
            page = client.get("/search", query_string={"q": words}).text
            found = set(re.findall(r'class="se-title" href="([^"]+)"', page))
            assert found
            assert {client.get(unescape(path)).status_code for path in found} == {200}


def test_what_people_wrote_is_never_markup(own_site: Site) -> None:
    with own_site.database.transaction() as session:
        officer = actor_of(session, own_site.people.officer)
        row = assignment(session, "m04-boilers-all", "130600", officer)
        record_update(
            session, row, actor=officer, now=at("2017-10-19"), kind="no_change", as_of=at("2017-10-19").date(),
            version=row.version, note="<img src=x onerror=alert(1)>锅炉<b>脚本</b>",
        )  # fmt: skip
        refresh(session, now=at("2017-10-20"))
    page = own_site.client(own_site.people.officer).get("/search", query_string={"q": "脚本 锅炉"}).text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;<mark>锅炉</mark>&lt;b&gt;<mark>脚本</mark>&lt;/b&gt;" in page
    assert "脚本" not in told(own_site, own_site.people.stranger, q="脚本 锅炉").replace("“脚本 锅炉”", "")


@pytest.fixture
def desk(own_site: Site, page: Page) -> Iterator[tuple[Page, str]]:
    """A browser in which the officer is signed in, and the site's address."""
    client = own_site.app.test_client()
    sign_in(client, own_site.people.officer)
    cookie = client.get_cookie("lantian")
    assert cookie
    with serve(own_site.app) as address:
        page.context.add_cookies([{"name": "lantian", "value": cookie.value, "url": address}])
        yield page, address


@pytest.mark.browser
def test_the_box_opens_with_a_key_and_searches(desk: tuple[Page, str]) -> None:
    page, address = desk
    page.goto(f"{address}/search")
    page.get_by_label("要找的词").press("/")
    expect(page.get_by_label("要找的词")).to_have_value("/")
    page.goto(f"{address}/plan")
    page.keyboard.press("/")
    box = page.locator("#lt-find")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("小散乱污")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("小散乱污")
    expect(page.get_by_label("要找的词")).to_have_value("小散乱污")
