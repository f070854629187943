"""The pages of bulletins: who reads, who writes, what a conflict or an error keeps, and the files."""

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.bulletins.conftest import CLOSED, Region
from tests.support.people import sign_in
from tests.support.site import site_settings
from webapp.accounts.models import Person
from webapp.app import create_app
from webapp.clock import real_now
from webapp.db import Instance

DRAFT = "/bulletins/2017-09/draft"
REMARKS = "/bulletins/2017-09/remarks"
PUBLISH = "/bulletins/2017-09/publish"


class World:
    """The application on the closed region, and its people's browsers."""

    def __init__(self, region: Region, folder: Path) -> None:
        self.region = region
        with region.db.transaction() as session:
            row = session.get_one(Instance, 1)
            row.mode = "production"
            row.clock_offset_seconds = int((CLOSED - real_now()).total_seconds())
        self.app = create_app(site_settings(folder), region.db)
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def browser(self, who: str) -> FlaskClient:
        """Somebody's browser."""
        client = self.app.test_client()
        with self.region.db.reading() as session:
            sign_in(client, session.get_one(Person, self.region.people[who].id))
        return client

    def page(self, who: str, address: str, status: int = 200) -> str:
        """A page as somebody sees it."""
        answer = self.browser(who).get(address)
        assert answer.status_code == status, answer.status
        return answer.get_data(as_text=True)


@pytest.fixture
def world(sqlite_region: Region, tmp_path: Path) -> World:
    """On SQLite."""
    return World(sqlite_region, tmp_path)


def post(world: World, who: str, address: str, **fields: Any) -> Any:
    return world.browser(who).post(address, data=fields)


# --- who reads what


@pytest.mark.parametrize("who", ["baoding", "north", "admin", "reader", "turncoat"])
def test_a_draft_is_the_regions_coordinators_alone(world: World, who: str) -> None:
    assert world.browser(who).get(DRAFT).status_code == 403
    assert world.browser(who).get(f"{DRAFT}/file.pdf").status_code == 403
    assert world.browser(who).get(PUBLISH).status_code == 403
    assert post(world, who, REMARKS, remarks_zh="x", version=0).status_code == 403
    assert post(world, who, PUBLISH, version=0).status_code == 403
    assert world.browser(who).get("/bulletins/2017-09").status_code == 404
    assert "2017-09" not in world.page(who, "/bulletins")


@pytest.mark.parametrize("who", ["baoding", "north", "admin", "reader", "region"])
def test_everybody_reads_what_is_published(world: World, who: str) -> None:
    world.region.publish()
    assert "关于2017年9月工作进展调度情况的通报" in world.page(who, "/bulletins/2017-09")
    assert "/bulletins/2017-09" in world.page(who, "/bulletins")
    for form in ("pdf", "docx", "xlsx", "json"):
        assert world.browser(who).get(f"/bulletins/2017-09/issues/1/file.{form}").status_code == 200


def test_strangers_read_nothing(world: World) -> None:
    assert world.app.test_client().get("/bulletins").status_code == 303


@pytest.mark.parametrize(("who", "status"), [("baoding", 403), ("north", 404), ("region", 200), ("admin", 200)])
def test_reports_upward_are_for_those_who_oversee_the_region(world: World, who: str, status: int) -> None:
    assert world.browser(who).get("/upward").status_code == status


@pytest.mark.parametrize(
    "address",
    ["/bulletins/2017-08", "/bulletins/x", "/bulletins/2017-09/issues/2", "/bulletins/2017-09/issues/1/file.exe",
     "/upward/2017-09", "/upward/2017-Q9", "/nothing/2017-09"],
)  # fmt: skip
def test_what_there_is_not(world: World, address: str) -> None:
    world.region.publish()
    assert world.browser("region").get(address).status_code == 404


def test_before_the_period_is_closed_the_draft_says_from_when(world: World) -> None:
    assert "还没有全部生成" in world.page("region", "/bulletins/2017-10/draft", 409)
    assert "未成文" not in world.page("region", "/bulletins")


# --- remarks


def test_remarks_are_saved_shown_and_escaped(world: World) -> None:
    words = "一要<script>alert(1)</script>\r\n二要{{ 7*7 }} =1+1"
    answer = post(world, "region", REMARKS, remarks_zh=words, remarks_en="", version=0)
    assert answer.status_code == 303
    shown = world.page("region", DRAFT)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown
    assert "二要{{ 7*7 }} =1+1" in shown
    assert "草稿" in shown
    for form in ("pdf", "docx", "xlsx"):
        assert world.browser("region").get(f"{DRAFT}/file.{form}?language=en").status_code == 200


def test_a_second_editor_loses_nothing_and_sees_both(world: World) -> None:
    post(world, "minister", REMARKS, remarks_zh="先保存的内容", version=0)
    answer = post(world, "region", REMARKS, remarks_zh="后写的内容", remarks_en="mine", version=0)
    words = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "先保存的内容" in words
    assert "后写的内容" in words
    assert "minister某" in words
    assert 'name="version" value="1"' in words
    again = post(world, "region", REMARKS, remarks_zh="后写的内容", remarks_en="mine", version=1)
    assert again.status_code == 303


@pytest.mark.parametrize("words", ["长" * 4001, "a\x00b"])
def test_what_is_refused_keeps_what_was_typed(world: World, words: str) -> None:
    answer = post(world, "region", REMARKS, remarks_zh=words, remarks_en="kept as typed", version=0)
    assert answer.status_code == 422
    assert "kept as typed" in answer.get_data(as_text=True)


def test_a_form_sent_twice_is_saved_once(world: World) -> None:
    client, fields = world.browser("region"), {"remarks_zh": "一要", "version": 0, "request_key": "k" * 32}
    assert [client.post(REMARKS, data=fields).status_code for _ in range(2)] == [303, 303]
    assert world.region.prepared().version == 1


# --- publishing


def seen(world: World) -> dict[str, Any]:
    shown = world.region.prepared()
    return {"seen": shown.sha256, "version": shown.version}


def test_publishing_is_confirmed_and_done_once(world: World) -> None:
    confirming = world.page("region", PUBLISH)
    assert "〔2017〕第1期" in confirming
    assert "10 人将收到邮件" in confirming
    answer = post(world, "region", PUBLISH, **seen(world))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bulletins/2017-09")
    assert post(world, "region", PUBLISH, **seen(world)).status_code == 409
    assert len(world.region.issues()) == 1


def test_what_changed_meanwhile_is_shown_before_it_is_published(world: World) -> None:
    shown = seen(world)
    world.region.remark("minister", "新的要求", 0)
    answer = post(world, "region", PUBLISH, **shown)
    assert answer.status_code == 409
    assert "新的要求" in answer.get_data(as_text=True)
    assert not world.region.issues()


@pytest.mark.parametrize("fields", [{}, {"seen": "x", "version": "y"}, {"seen": "", "version": "-1"}])
def test_a_mangled_confirmation_publishes_nothing(world: World, fields: dict[str, str]) -> None:
    assert post(world, "region", PUBLISH, **fields).status_code == 409
    assert not world.region.issues()


def test_a_further_issue_stands_beside_the_first(world: World) -> None:
    world.region.publish(now=CLOSED - timedelta(hours=1))
    world.region.remark("region", "补充要求", 0)
    assert "将生成新的一期" in world.page("region", DRAFT)
    assert post(world, "region", PUBLISH, **seen(world)).status_code == 303
    assert "〔2017〕第2期" in world.page("baoding", "/bulletins/2017-09")
    assert "以最新一期为准" in world.page("baoding", "/bulletins/2017-09/issues/1")
    assert "内容与已印发的一期相同" in world.page("region", DRAFT)


# --- files


def test_the_json_file_is_the_canonical_content(world: World) -> None:
    issue = world.region.publish()
    answer = world.browser("baoding").get("/bulletins/2017-09/issues/1/file.json")
    assert hashlib.sha256(answer.data).hexdigest() == issue.sha256
    assert json.loads(answer.data) == issue.content
    assert 'filename="small-bulletin-2017-09-1.json"' in answer.headers["Content-Disposition"]


def test_a_workbook_reckons_with_figures(world: World) -> None:
    world.region.publish()
    raw = world.browser("baoding").get("/bulletins/2017-09/issues/1/file.xlsx?language=en").data
    sheet = load_workbook(io.BytesIO(raw))["Areas"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "All"]
    assert rows
    assert all(isinstance(value, int | float) for value in rows[0][3:10])


def test_the_language_follows_the_session_and_files_the_address(world: World) -> None:
    world.region.publish()
    client = world.browser("baoding")
    with client.session_transaction() as kept:
        kept["language"] = "en"
    page = client.get("/bulletins/2017-09").get_data(as_text=True)
    assert "Bulletin on progress in September 2017" in page
    english, chinese = (client.get(f"/bulletins/2017-09/issues/1/file.docx?language={each}") for each in ("en", "zh"))
    assert english.data != chinese.data
    assert english.headers["Content-Disposition"].endswith('small-bulletin-2017-09-1-en.docx"')
