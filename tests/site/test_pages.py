"""Every page of every face, in both languages, held to the house rules."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from werkzeug.test import TestResponse

from tests.site.subjects import Subjects
from tests.support.html import Element, faults, own_links, parse, spoken
from tests.support.lived_in import BAODING, BOILERS, actor_of, at, faces, say
from tests.support.plans import assignment
from tests.support.site import Site, opened
from webapp.web import SECURITY_HEADERS

LANGUAGES = ("zh", "en")
FACES = ("officer", "coordinator", "overseer", "reader", "admin")
HAN = re.compile(r"[\u3400-\u9fff]+")
# Chinese that stands on English pages on purpose: people's names, what people wrote, and the language's own name.
DATA_PATHS = ("/audit", "/demo/mailbox", "/messages", "/sign-in")
MOST_OF_A_KIND = 2
# Filled in by a person or by nobody: a search form's address may hold anything, so walks do not follow these.
LEFT_OUT = ("/static/", "/demo/mailbox/")


@cache
def _names(site: Site) -> frozenset[str]:
    with site.database.reading() as session:
        names = frozenset(session.scalars(text("SELECT name_zh FROM person")))
    return frozenset(part for name in names for part in (name, name[0]) if HAN.search(part))


def kind(address: str) -> str:
    """What addresses of one sort have in common: numbers as one letter, filters by name only."""
    path, _, query = address.partition("?")
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    # Codes of clauses and tasks come right behind /plan: one sort each.
    path = re.sub(r"^/plan/tasks/[^/]+$", "/plan/tasks/CODE", path)
    path = re.sub(r"^/plan/(?!tasks)[^/]+$", "/plan/CODE", path)
    return re.sub(r"\d+", "N", path) + "?" + "&".join(names)


@cache
def html(answer: TestResponse) -> Element:
    """A page's structure, worked out once for all tests."""
    return parse(answer.text)


def walk(browser: FlaskClient, start: str = "/") -> Iterator[tuple[str, TestResponse]]:
    """Follow links from a page, a few of each sort; every answer with its address."""
    waiting, seen, counts = [start], {start}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        answer = browser.get(address, buffered=True)  # an answer left open keeps its request alive
        yield address, answer
        if answer.status_code in (301, 302, 303):
            found = {answer.location}
        elif answer.mimetype == "text/html":
            found = own_links(html(answer))
        else:
            continue
        for link in sorted(found - seen):
            seen.add(link)
            if not link.startswith(LEFT_OUT) and counts.get(kind(link), 0) < MOST_OF_A_KIND:
                counts[kind(link)] = counts.get(kind(link), 0) + 1
                waiting.append(link)


def speak(browser: FlaskClient, language: str) -> None:
    with browser.session_transaction() as session:
        session["language"] = language


@pytest.fixture(scope="module")
def pages(shared_site: Site) -> dict[tuple[str, str], dict[str, TestResponse]]:
    """Every answer found by following links: by face and language, by address. Tokens are on, as in the product."""
    site = opened(shared_site.database, shared_site.settings, shared_site.people, csrf=True)
    found: dict[tuple[str, str], dict[str, TestResponse]] = {}
    for name, person in [*faces(site.people), ("nobody", None)]:
        for language in LANGUAGES:
            browser = site.client(person)
            speak(browser, language)
            found[name, language] = dict(walk(browser, "/" if person else "/sign-in"))
    return found


def every(pages: dict[tuple[str, str], dict[str, TestResponse]]) -> Iterator[tuple[str, TestResponse]]:
    """All answers with who, language and address in words."""
    for (name, language), answers in pages.items():
        for address, answer in answers.items():
            yield f"{name} {language} {address}", answer


Pages = dict[tuple[str, str], dict[str, TestResponse]]


def test_every_link_leads_somewhere(pages: Pages) -> None:
    wrong = {where: answer.status_code for where, answer in every(pages) if answer.status_code not in (200, 302, 303)}
    assert not wrong


def test_the_walk_sees_the_main_pages(pages: Pages) -> None:
    seen = {kind(address).partition("?")[0] for _name, answers in pages.items() for address in answers}
    wanted = {"/today", "/assignments", "/assignments/N", "/assignments/N/update", "/overview", "/overview/assignments",
              "/review", "/review/N", "/reports", "/reports/N", "/plan", "/plan/CODE", "/plan/tasks/CODE", "/messages",
              "/account", "/jobs", "/audit", "/sign-in"}  # fmt: skip
    assert wanted <= seen, wanted - seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_keeps_the_house_rules(pages: Pages, language: str) -> None:
    wrong = {}
    for (name, spoke), answers in pages.items():
        for address, answer in answers.items():
            if spoke == language and answer.status_code == 200 and answer.mimetype == "text/html":
                found = faults(html(answer))
                if found:
                    wrong[f"{name} {address}"] = found
    assert not wrong


def test_every_form_of_a_record_can_be_sent_twice_without_harm(pages: Pages) -> None:
    # Signing in and out, the language, the plan looked at and the demo's day leave no row that could be doubled.
    exempt = ("/sign-in", "/sign-out", "/language", "/plan/choose", "/demo/advance", "/account/password", "/jobs/mail")
    wrong = set()
    for where, answer in every(pages):
        if answer.mimetype != "text/html":
            continue
        for form in html(answer).all("form"):
            action = form.get("action") or where.split()[2]
            names = {each.get("name") for each in form.all("input")}
            if form.get("method").lower() == "post" and not action.startswith(exempt) and "request_key" not in names:
                wrong.add(kind(action))
    assert not wrong


def test_every_answer_carries_the_security_headers(pages: Pages) -> None:
    wrong = []
    for where, answer in every(pages):
        own_policy = "/evidence/" in where or where.endswith("/html")
        for name, value in SECURITY_HEADERS.items():
            if answer.headers.get(name) != value and not (own_policy and name == "Content-Security-Policy"):
                wrong.append(f"{where}: {name}")
        if "no-store" not in answer.headers["Cache-Control"] and not own_policy:
            wrong.append(f"{where}: {answer.headers['Cache-Control']}")
    assert not wrong


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-Hans-CN"), ("en", "en")])
def test_a_page_says_its_language(pages: Pages, language: str, tag: str) -> None:
    said = {
        element.get("lang")
        for (_name, spoke), answers in pages.items()
        for answer in answers.values()
        if spoke == language and answer.status_code == 200 and answer.mimetype == "text/html"
        for element in html(answer).all("html")
    }
    assert said == {tag}


def test_english_pages_hold_no_chinese_but_names_and_what_people_wrote(shared_site: Site, pages: Pages) -> None:
    allowed = sorted(_names(shared_site) | {"蓝天", "中文"} | WRITTEN, key=len, reverse=True)
    own_words = re.compile("|".join(map(re.escape, allowed)))
    found = set()
    for (_name, language), answers in pages.items():
        for address, answer in answers.items():
            if language != "en" or answer.mimetype != "text/html" or address.startswith(DATA_PATHS):
                continue
            for said in spoken(html(answer)):
                if HAN.search(own_words.sub("", said)):
                    found.add(f"{kind(address)} {' '.join(said.split())[:60]}")
    assert not found, f"{len(found)} untranslated: {sorted(found)[:60]}"


# What the lived-in plan's people typed.
WRITTEN = frozenset({
    "已按计划推进。", "拆除现场.jpg", "本周拆除12台。", "3台涉及供暖，正在协调。", "10月25日前全部拆除。",
    "已全部取缔。", "排查完毕。", "请补充拆除照片。", "管网施工推迟。", "保定某", "保定工作群", "月报提前一周提醒",
    "一要压实责任。",
})  # fmt: skip


# --- what a page costs


def statements(site: Site, person: str, address: str) -> int:
    """How many statements a page takes."""
    browser = site.client(getattr(site.people, person))
    browser.get(address)
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    engine = site.database.reading_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200, address
    finally:
        event.remove(engine, "before_cursor_execute", count)
    writes = [each for each in counted if not each.lstrip().upper().startswith(("SELECT", "WITH", "BEGIN", "PRAGMA"))]
    assert not writes
    return len(counted)


FEW_AND_MANY = [
    ("stranger", "/assignments?measure=measure-4", "/assignments"),
    ("coordinator", "/overview/assignments?measure=measure-4", "/overview/assignments"),
    ("overseer", "/overview/assignments?measure=measure-4", "/overview/assignments"),
    ("overseer", "/overview?province=130000", "/overview"),
    ("admin", "/audit?action=report.submit", "/audit"),
]


@pytest.mark.parametrize(("person", "few", "many"), FEW_AND_MANY)
def test_statements_do_not_grow_with_the_rows_shown(shared_site: Site, person: str, few: str, many: str) -> None:
    assert statements(shared_site, person, few) == statements(shared_site, person, many)


@pytest.mark.parametrize("address", ["/overview", "/overview/assignments", "/reports", "/plan", "/messages"])
def test_statements_are_the_same_for_a_province_and_the_whole_region(shared_site: Site, address: str) -> None:
    assert statements(shared_site, "coordinator", address) == statements(shared_site, "overseer", address)


def test_a_long_history_costs_no_more_statements(own_site: Site, subjects: Subjects) -> None:
    pages = [f"/assignments/{subjects.assignment}", f"/assignments/{subjects.assignment}/update", "/today"]
    before = [statements(own_site, "officer", page) for page in pages]
    with own_site.database.transaction() as session:
        who = actor_of(session, own_site.people.officer)
        for minute in range(20):
            row = assignment(session, BOILERS, BAODING, who)
            say(session, row, who, at("2017-10-19", f"10:{minute:02}"), "no_change")
    assert [statements(own_site, "officer", page) for page in pages] == before


def test_the_busiest_pages_take_few_statements(shared_site: Site) -> None:
    for person, address in [("overseer", "/overview"), ("officer", "/today"), ("overseer", "/overview/assignments"),
                            ("officer", "/assignments"), ("officer", "/reports")]:  # fmt: skip
        assert statements(shared_site, person, address) <= 25, address
