"""Double clicks, stale tabs, oversized files, absurd figures, nonsense addresses: refused kindly, never an error."""

import io
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.evidence.samples import picture
from tests.site.subjects import Subjects
from tests.support.html import parse
from tests.support.people import sign_in
from tests.support.plans import REAL, assignment, load_plan
from tests.support.site import Site, opened, site, site_settings
from webapp.db import Database
from webapp.plans.models import Assignment
from webapp.progress.models import ProgressUpdate

BOILERS = "m04-boilers-all"


def form_of(browser: FlaskClient, address: str) -> dict[str, str]:
    """The fields of a page's first POST form that goes to the page itself, as a browser would send them."""
    page = parse(browser.get(address).text)
    path = address.partition("?")[0]
    for form in page.all("form"):
        if form.get("method").lower() == "post" and (form.get("action") or path) == path:
            fields = [each for each in form.all("input") if each.get("type") not in ("checkbox", "radio", "file")]
            return {each.get("name"): each.get("value") for each in fields if each.get("name")}
    raise AssertionError(f"no form at {address}")


def filled(browser: FlaskClient, address: str, **typed: Any) -> dict[str, Any]:
    return {**form_of(browser, address), "added": "", "note": "本周拆除5台。", **typed}


def count_updates(database: Database, assignment_id: int) -> int:
    with database.reading() as session:
        query = select(func.count()).select_from(ProgressUpdate)
        return session.scalar(query.where(ProgressUpdate.assignment_id == assignment_id)) or 0


def form_address(subjects: Subjects) -> str:
    return f"/assignments/{subjects.assignment}/update"


# --- once and only once


@pytest.fixture
def plain_site(db: Database, tmp_path: Path) -> Site:
    """The loaded plan and its people on each engine, without a story."""
    load_plan(db, REAL)
    with site(db, tmp_path) as made:
        return made


def test_two_clicks_at_once_save_one_update(plain_site: Site) -> None:
    with plain_site.database.reading() as session:
        subject = assignment(session, BOILERS, "130600").id
    address = f"/assignments/{subject}/update"
    browser = plain_site.client(plain_site.people.officer)
    typed = filled(browser, address, quantity="40")
    browsers = [plain_site.client(plain_site.people.officer) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: each.post(address, data=typed), browsers))
    assert {(each.status_code, each.location) for each in answers} == {(303, f"/assignments/{subject}")}
    assert count_updates(plain_site.database, subject) == 1


def test_two_people_at_once_one_wins(plain_site: Site) -> None:
    with plain_site.database.reading() as session:
        subject = assignment(session, BOILERS, "130600").id
    address = f"/assignments/{subject}/update"
    pair = [plain_site.client(plain_site.people.officer), plain_site.client(plain_site.people.colleague)]
    typed = [filled(browser, address, quantity=str(40 + number)) for number, browser in enumerate(pair)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each[0].post(address, data=each[1]), zip(pair, typed, strict=True)))
    assert sorted(each.status_code for each in answers) == [303, 409]
    assert count_updates(plain_site.database, subject) == 1


def test_the_same_key_with_other_content_is_refused(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    before = count_updates(own_site.database, subjects.assignment)
    typed = filled(browser, address, quantity="93")
    assert browser.post(address, data=typed).status_code == 303
    assert browser.post(address, data={**typed, "quantity": "94"}).status_code == 409
    assert count_updates(own_site.database, subjects.assignment) == before + 1


def test_a_stale_tab_keeps_what_was_typed_and_changes_nothing(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    old = filled(browser, address, quantity="92", note="旧页面里写的话")
    assert browser.post(address, data=filled(browser, address, quantity="93")).status_code == 303
    before = count_updates(own_site.database, subjects.assignment)
    answer = browser.post(address, data=old)
    assert answer.status_code == 409
    assert "旧页面里写的话" in answer.text
    assert count_updates(own_site.database, subjects.assignment) == before


def test_two_decisions_on_one_claim(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.coordinator), f"/review/{subjects.claimed}"
    typed = {**form_of(browser, address), "decision": "verify"}
    assert browser.post(address, data=typed).status_code == 303
    assert browser.post(address, data=typed).status_code == 303
    assert browser.post(address, data={**typed, "request_key": uuid4().hex}).status_code in (303, 409)
    with own_site.database.reading() as session:
        assert session.get_one(Assignment, subjects.claimed).status == "verified"


# --- what is typed


BAD_FIGURES = [
    "-1", "-0.01", "1e400", "1E9", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "9" * 39, "0.123456789", "一百",
    "12台", "１２３４５６７８９０１２３４５６７８９０", "--5", "5-5", "1,2,3,4", " ", "\x00", "💥", "1/3", "+", ".",
    "²",
]  # fmt: skip


@pytest.mark.parametrize("figure", BAD_FIGURES)
def test_an_absurd_figure_is_refused_or_read_as_a_figure(own_site: Site, subjects: Subjects, figure: str) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    answer = browser.post(address, data=filled(browser, address, quantity=figure, reason="核对"))
    assert answer.status_code in (303, 422), answer.status_code
    with own_site.database.reading() as session:
        claimed = session.get_one(Assignment, subjects.assignment).claimed
    assert claimed is not None
    assert 0 <= claimed < 100


@pytest.mark.parametrize("change", [
    {"as_of": "2017-10-21"}, {"as_of": "2018-02-30"}, {"as_of": "0000-00-00"}, {"as_of": ""}, {"as_of": "2016-01-01"},
    {"note": "长" * 3000}, {"version": "abc"}, {"version": "-1"}, {"version": "9" * 30}, {"request_key": "x"},
    {"request_key": "'; DROP TABLE person; --"}, {"quantity": "50"}, {"quantity": ""}, {"kept": "abc.def"},
    {"kept": "é.ü"}, {"kept": "." * 5000}, {"keep": "0" * 64}, {"claim": "y", "quantity": "95"},
])  # fmt: skip
def test_a_bad_form_comes_back_with_what_was_typed(
    own_site: Site, subjects: Subjects, change: Mapping[str, str]
) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    typed = filled(browser, address, quantity="93")
    answer = browser.post(address, data={**typed, **change})
    if answer.status_code == 303:
        assert set(change) & {"kept", "keep"}
    else:
        assert answer.status_code in (409, 422), answer.status_code
        assert "本周拆除5台。" in answer.text or "note" in change
        assert "data-error-summary" in answer.text


# --- files


def upload(browser: FlaskClient, address: str, content: bytes, name: str = "现场.jpg") -> TestResponse:
    typed = filled(browser, address, quantity="93")
    # Encoded here: the test client would leave a large body's temporary file open.
    boundary, body = encode_multipart({**typed, "files": FileStorage(io.BytesIO(content), name)})
    return browser.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_file_over_the_limit_is_refused_at_its_field(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    answer = upload(browser, address, picture("PNG") + b"\x00" * (1024 * 1024))
    assert answer.status_code == 413
    assert "现场" in answer.text
    assert "本周拆除5台。" in answer.text


def test_a_request_far_over_the_limit_gets_a_page_that_says_so(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    answer = browser.post(address, data=b"\x00" * (12 * 1024 * 1024), content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert len(list(parse(answer.text).all("h1"))) == 1


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.jpg", "a\r\nX-Evil: 1.jpg", "照片.exe", ".jpg", "a" * 400 + ".jpg", "\u202egpj.exe"]
)
def test_hostile_file_names(own_site: Site, subjects: Subjects, name: str) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    assert upload(browser, address, picture("JPEG"), name).status_code in (303, 422)


def test_a_script_disguised_as_a_picture(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    answer = upload(browser, address, b"<script>alert(1)</script>")
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_evidence_of_another_city_does_not_exist(own_site: Site, subjects: Subjects) -> None:
    for person, told in [("officer", 200), ("coordinator", 200), ("stranger", 404)]:
        browser = own_site.client(getattr(own_site.people, person))
        assert browser.get(f"/evidence/{subjects.evidence}", buffered=True).status_code == told


def test_markup_that_was_typed_is_shown_as_text(own_site: Site, subjects: Subjects) -> None:
    browser, address = own_site.client(own_site.people.officer), form_address(subjects)
    evil = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    assert browser.post(address, data=filled(browser, address, quantity="93", note=evil)).status_code == 303
    for person in ("officer", "coordinator"):
        page = own_site.client(getattr(own_site.people, person)).get(f"/assignments/{subjects.assignment}")
        assert "onerror=alert(1)&gt;{{ 7*7 }}" in page.text
        assert "<img src=x" not in page.text


# --- addresses


TARGETS = ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example",
           "/today\r\nSet-Cookie: a=b", "http:evil.example", "////evil.example", "/%0d%0aX: y"]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_nobody_is_sent_elsewhere(own_site: Site, target: str) -> None:
    typed = {"locale": "en", "to": "next-morning", "person_id": str(own_site.people.officer.id), "next": target}
    for path in ("/language", "/demo/advance", "/sign-in/demo"):
        answer = own_site.client(own_site.people.officer).post(path, data=typed)
        assert answer.status_code == 303, path
        where = answer.headers["Location"]
        assert re.match(r"/(?![/\\])", where), (path, where)
        assert "\n" not in where
        assert "a=b" not in answer.headers.get("Set-Cookie", "")


HUGE = ["9007199254740993", "9223372036854775808", "9" * 60]
NUMBERS = st.sampled_from(["0", "-1", "1", "99999", *HUGE, "1.5", "a", "%00", "１"])
KNOWN = st.sampled_from(["measure-4", "red", "overdue", "'", "%", "\\", "_", "2017-10", "130600"])
WORDS = st.one_of(NUMBERS, st.text(max_size=12), KNOWN)
NAMES = st.sampled_from([
    "page", "measure", "status", "light", "due", "q", "order", "province", "side", "organisation", "org", "colour",
    "kind", "label", "clause", "task", "month", "state", "action", "to", "next", "code", "sort", "changed", "silent",
    "on", "show", "sector", "city",
])  # fmt: skip
LISTS = ["/today", "/assignments", "/assignments/export.csv", "/assignments/export.json", "/overview",
         "/overview/assignments", "/overview/assignments.csv", "/review", "/reports", "/messages", "/plan", "/jobs",
         "/audit", "/demo/mailbox", "/sign-in", "/caps", "/caps/enterprises",
         "/caps/enterprises/export.csv"]  # fmt: skip
BY_NUMBER = ["/assignments/{}", "/assignments/{}/update", "/assignments/{}/nodes", "/assignments/{}/extend",
             "/assignments/{}/not-applicable", "/review/{}", "/reports/{}", "/reports/{}/check", "/evidence/{}",
             "/reports/{}/revisions/1", "/reports/1/revisions/{}", "/reports/1/revisions/{}.json", "/messages/{}",
             "/reports/1/revisions/{}/receipt", "/plan/{}", "/plan/tasks/{}", "/demo/mailbox/{}",
             "/assignments/export.{}", "/caps/cities/{}", "/caps/enterprises/{}", "/caps/enterprises/1/lines/{}",
             "/caps/enterprises/{}/months/2017-11", "/caps/enterprises/1/months/{}",
             "/caps/enterprises/1/verdicts/1/{}", "/caps/cities/130600/months/{}"]  # fmt: skip
FUZZ = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("person", ["officer", "overseer", "admin"])
@FUZZ
@given(path=st.sampled_from(LISTS), asked=st.dictionaries(NAMES, WORDS, max_size=4))
def test_no_question_in_an_address_is_an_error(
    shared_site: Site, person: str, path: str, asked: dict[str, str]
) -> None:
    browser = shared_site.client(getattr(shared_site.people, person))
    assert browser.get(path, query_string=asked, buffered=True).status_code < 500


@pytest.mark.parametrize("address", BY_NUMBER)
@pytest.mark.parametrize(
    "number", ["0", "-1", "99999", "9007199254740993", "9223372036854775808", "9" * 60, "a'b", "%00", "１", "%F0%9F"]
)
def test_no_number_in_an_address_is_an_error(shared_site: Site, address: str, number: str) -> None:
    for person in ("overseer", "admin"):
        browser = shared_site.client(getattr(shared_site.people, person))
        assert browser.get(address.format(number), buffered=True).status_code in (302, 303, 403, 404)


POSTS = ["/assignments/{assignment}/update", "/assignments/{assignment}/no-change", "/assignments/{assignment}/claim",
         "/assignments/{assignment}/nodes", "/assignments/{assignment}/not-applicable",
         "/assignments/{assignment}/extend", "/review/{claimed}",
         "/reports/{open_report}", "/reports/{open_report}/submit", "/reports/{report}/decide",
         "/account", "/account/password", "/language", "/plan/choose", "/jobs/mail/99999999999999999999/resend",
         "/reports/9223372036854775808/submit", "/review/9223372036854775808",
         "/caps/enterprises/{enterprise}/plan", "/caps/enterprises/{enterprise}/months/2017-11",
         "/caps/enterprises/{enterprise}/lines/new", "/caps/enterprises/{enterprise}/exemptions/new",
         "/caps/enterprises/{enterprise}/verdicts/{filing}/{line}", "/caps/cities/130600/cement/new",
         "/caps/cities/130600/register", "/caps/cities/130600/register/confirm"]  # fmt: skip
FIELDS = st.sampled_from([
    "quantity", "added", "state", "as_of", "note", "reason", "version", "request_key", "decision", "due", "2017-10",
    "first-1-0", "last-1-0", "units-1-0", "power-1", "through", "revision", "name", "kind", "capacity", "idle_since",
    "ground", "line", "dated", "max_load", "document", "verdict", "limits",
    "remark", "problems", "locale", "code", "seen", "name_zh", "phone", "kept", "keep", "claim", "files",
])  # fmt: skip


@pytest.mark.parametrize("person", ["officer", "coordinator", "overseer"])
@settings(FUZZ, max_examples=28)
@given(path=st.sampled_from(POSTS), typed=st.dictionaries(FIELDS, WORDS, max_size=6))
def test_no_form_is_an_error(scratch: Site, subjects: Subjects, person: str, path: str, typed: dict[str, str]) -> None:
    answer = scratch.client(getattr(scratch.people, person)).post(path.format(**vars(subjects)), data=typed)
    assert answer.status_code < 500


@pytest.fixture(scope="module")
def scratch(lived_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A copy of the lived-in plan that the fuzz tests may spoil."""
    folder = tmp_path_factory.mktemp("scratch") / "data"
    shutil.copytree(lived_in.folder, folder)
    chosen = site_settings(folder)
    database = Database(chosen.database)
    yield opened(database, chosen, lived_in.people)
    database.dispose()


def test_a_forged_session_is_nobodys(shared_site: Site) -> None:
    app: Flask = shared_site.app
    browser = app.test_client()
    sign_in(browser, shared_site.people.officer)
    with browser.session_transaction() as session:
        session["_user_id"] = "999999:1"
    assert browser.get("/today").status_code == 303
