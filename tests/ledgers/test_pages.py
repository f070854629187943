"""The ledgers' pages as a browser without scripts sees them: list, finish with a photograph, import, sample."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from tests.ledgers.filling import BOILERS, boiler
from tests.ledgers.test_importing import GOOD, TITLES, book
from tests.support.lived_in import BAODING
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.ledgers.models import LedgerEvidence, LedgerRow, LedgerSample
from webapp.plans.models import Assignment


def photo(shade: int = 0, quality: int = 90) -> bytes:
    """A picture with something on it."""
    picture = Image.new("RGB", (160, 120))
    picture.putdata(
        [((x * 3 + shade) % 256, (y * 5) % 256, (x * y // 40) % 256) for y in range(120) for x in range(160)]
    )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture
def boilers(own_site: Site) -> int:
    """The assignment whose ledger is tried."""
    with own_site.database.reading() as session:
        return assignment_id(session, BOILERS, BAODING)


@pytest.fixture
def officer(own_site: Site) -> FlaskClient:
    """The city's officer."""
    return own_site.client(own_site.people.officer)


@pytest.fixture
def coordinator(own_site: Site) -> FlaskClient:
    """The province's coordinator."""
    return own_site.client(own_site.people.coordinator)


def rows_of(site: Site) -> list[LedgerRow]:
    """The boilers on record."""
    with site.database.reading() as session:
        return list(session.scalars(select(LedgerRow).where(LedgerRow.type == "boilers").order_by(LedgerRow.id)))


def listed(browser: FlaskClient, where: int, *numbers: int, **more: Any) -> None:
    """List boilers by the form."""
    for number in numbers:
        sent = {f"f-{name}": value for name, value in boiler(number, **more).items()}
        assert browser.post(f"/assignments/{where}/ledger/new", data=sent).status_code == 303


def finish(browser: FlaskClient, where: int, row: LedgerRow, *files: tuple[str, bytes], **more: Any) -> Any:
    """Mark one done."""
    data = {"version": row.version, "on": "2017-10-19", **more}
    data["files"] = [(io.BytesIO(content), name) for name, content in files]
    address = f"/assignments/{where}/ledger/{row.id}/finish"
    return browser.post(address, data=data, content_type="multipart/form-data")


def test_an_empty_ledger_says_what_follows(officer: FlaskClient, coordinator: FlaskClient, boilers: int) -> None:
    assert "完成数改由台账自动计算" in officer.get(f"/assignments/{boilers}/ledger").text
    assert "导入表格" not in coordinator.get(f"/assignments/{boilers}/ledger").text
    assert "打开台账" in officer.get(f"/assignments/{boilers}").text


def test_from_the_list_to_done_with_a_photograph(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1, 2, 3)
    page = officer.get(f"/assignments/{boilers}/ledger?q=第2").text
    assert "第2小学" in page
    assert "第1小学" not in page
    row = rows_of(own_site)[1]
    answer = finish(officer, boilers, row, ("拆除后.jpg", photo()))
    assert answer.status_code == 303
    page = officer.get(answer.location).text
    assert "已标记完成：第2小学。小燃煤锅炉台账已完成 1 / 3。" in page
    assert "拆除后.jpg" in page
    with own_site.database.reading() as session:
        assert len(session.scalars(select(LedgerEvidence.picture)).one()) == 16
        found = session.get_one(Assignment, boilers)
        assert (found.counted, str(found.claimed)) == (True, "0.3333")
    assert "台账计数" in officer.get(f"/assignments/{boilers}").text
    assert "完成数由台账自动计算" in officer.get(f"/assignments/{boilers}/update").text


def test_finishing_twice_with_one_key_is_once(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1)
    row = rows_of(own_site)[0]
    answers = [finish(officer, boilers, row, request_key="a" * 32, again="1", back="第") for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert "state=listed" in answers[0].location
    assert rows_of(own_site)[0].version == 2
    stale = finish(officer, boilers, row, request_key="b" * 32)
    assert (stale.status_code, "已有人改动了这一行" in stale.text) == (409, True)


def test_the_same_photograph_is_flagged(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1, 2, 3)
    one, two, three = rows_of(own_site)
    finish(officer, boilers, one, ("一.jpg", photo()))
    finish(officer, boilers, two, ("二.jpg", photo()))
    finish(officer, boilers, three, ("三.jpg", photo(quality=40)))
    page = officer.get(f"/assignments/{boilers}/ledger/{one.id}").text
    assert page.count("照片在别的行也出现过") == 1
    assert "完全相同</span>" in page
    assert "非常相似</span>" in page


def hidden(page: str, name: str) -> str:
    """The value of a hidden input."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def kept_hash(page: str) -> str:
    """The file of an earlier try that a form still carries."""
    return page.partition('name="keep" value="')[2].partition('"')[0]


def test_files_outlive_a_refusal(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1)
    row = rows_of(own_site)[0]
    refused = finish(officer, boilers, row, ("拆除后.jpg", photo()), on="2030-01-01")
    assert (refused.status_code, "完成日期不能晚于今天" in refused.text) == (422, True)
    again = {"kept": hidden(refused.text, "kept"), "keep": kept_hash(refused.text)}
    assert finish(officer, boilers, row, **again).status_code == 303
    assert "拆除后.jpg" in officer.get(f"/assignments/{boilers}/ledger/{row.id}").text
    here = f"/assignments/{boilers}/ledger/{row.id}/act"
    data = {"action": "undo", "version": 2, "reason": "", "files": [(io.BytesIO(photo(9)), "现场.jpg")]}
    refused = officer.post(here, data=data, content_type="multipart/form-data")
    assert (refused.status_code, "现场.jpg" in refused.text) == (422, True)
    # Kept for this form alone: the same signed files do not go with another row or action.
    moved = {"action": "remove", "version": 2, "reason": "误列", "kept": hidden(refused.text, "kept"),
             "keep": kept_hash(refused.text)}  # fmt: skip
    assert officer.post(here, data=moved).status_code == 303
    with own_site.database.reading() as session:
        assert len(session.scalars(select(LedgerEvidence.picture)).all()) == 1
    form = {f"f-{name}": value for name, value in boiler(2, capacity="许多").items()}
    form["files"] = [(io.BytesIO(photo(30)), "改前.jpg")]
    refused = officer.post(f"/assignments/{boilers}/ledger/new", data=form, content_type="multipart/form-data")
    assert (refused.status_code, "改前.jpg" in refused.text) == (422, True)


def test_wrong_input_stays_in_the_form(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    sent = {f"f-{name}": value for name, value in boiler(1, capacity="许多").items()}
    answer = officer.post(f"/assignments/{boilers}/ledger/new", data=sent)
    assert answer.status_code == 422
    assert "“许多”不是数字" in answer.text
    assert 'value="许多"' in answer.text
    listed(officer, boilers, 1)
    alike = {f"f-{name}": value for name, value in boiler(1).items()} | {"f-number": "二号"}
    answer = officer.post(f"/assignments/{boilers}/ledger/new", data=alike)
    assert "不是重复" in answer.text
    assert officer.post(f"/assignments/{boilers}/ledger/new", data={**alike, "sure": "y"}).status_code == 303
    assert len(rows_of(own_site)) == 2


def test_edit_remove_and_restore(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1)
    row = rows_of(own_site)[0]
    here = f"/assignments/{boilers}/ledger/{row.id}"
    assert 'value="第1小学"' in officer.get(f"{here}/edit").text
    sent = {f"f-{name}": value for name, value in boiler(1, capacity="6").items()}
    assert officer.post(f"{here}/edit", data={**sent, "version": 1, "reason": "核对铭牌"}).status_code == 303
    assert "容量：2 → 6" in officer.get(here).text
    assert officer.post(f"{here}/act", data={"action": "remove", "version": 2}).status_code == 422
    officer.post(f"{here}/act", data={"action": "remove", "version": 2, "reason": "早已停用"})
    assert "移出理由：早已停用" in officer.get(here).text
    assert officer.get(f"{here}/edit").status_code == 409
    officer.post(f"{here}/act", data={"action": "restore", "version": 3})
    assert rows_of(own_site)[0].state == "listed"


def upload(browser: FlaskClient, where: int, data: bytes, name: str = "台账.xlsx") -> Any:
    """Send a file to be previewed."""
    return browser.post(
        f"/assignments/{where}/ledger/import", data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )  # fmt: skip


def content(page: str) -> str:
    """The signed preview in a page."""
    return page.partition('name="content" type="hidden" value="')[2].partition('"')[0]


def test_import_previews_and_then_writes(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    answer = upload(officer, boilers, book([GOOD, (*GOOD[:3], "2", *GOOD[4:])]))
    assert answer.status_code == 200
    assert rows_of(own_site) == []
    sent = {"content": content(answer.text), "request_key": "c" * 32}
    assert sent["content"]
    for _ in range(2):
        assert officer.post(f"/assignments/{boilers}/ledger/import/confirm", data=sent).status_code == 303
    assert len(rows_of(own_site)) == 2
    assert "新增 2 行" in officer.get(f"/assignments/{boilers}/ledger").text
    again = officer.post(f"/assignments/{boilers}/ledger/import/confirm", data={**sent, "request_key": "d" * 32})
    assert (again.status_code, "预览之后台账有变化" in again.text) == (409, True)


def test_a_preview_is_confirmed_by_whom_and_where_it_was_made(
    own_site: Site, officer: FlaskClient, boilers: int
) -> None:
    sent = {"content": content(upload(officer, boilers, book([GOOD])).text)}
    with own_site.database.reading() as session:
        other = assignment_id(session, "m13-mobile", BAODING)
    colleague = own_site.client(own_site.people.colleague)
    for browser, where in ((colleague, boilers), (officer, other)):
        answer = browser.post(f"/assignments/{where}/ledger/import/confirm", data=sent)
        assert (answer.status_code, "预览已失效" in answer.text) == (409, True)
    assert rows_of(own_site) == []


def test_import_names_what_is_wrong(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    answer = upload(officer, boilers, book([GOOD, (*GOOD[:5], "许多", *GOOD[6:])]))
    assert answer.status_code == 422
    assert "第 3 行“容量（蒸吨/小时）”" in answer.text
    assert not content(answer.text)
    answer = upload(officer, boilers, b"PK\x03\x04 broken")
    assert (answer.status_code, "已损坏" in answer.text) == (422, True)
    assert "请选择要导入的表格" in officer.post(f"/assignments/{boilers}/ledger/import", data={}).text
    forged = officer.post(f"/assignments/{boilers}/ledger/import/confirm", data={"content": "x.y"})
    assert forged.status_code == 409


def test_files_go_out(officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1, name="=1+1")
    answer = officer.get(f"/assignments/{boilers}/ledger/export.csv")
    assert "'=1+1" in answer.text
    assert TITLES[0] in answer.text
    assert officer.get(f"/assignments/{boilers}/ledger/export.xlsx").data[:2] == b"PK"
    assert officer.get(f"/assignments/{boilers}/ledger/template.xlsx").data[:2] == b"PK"
    assert officer.get(f"/assignments/{boilers}/ledger/export.pdf").status_code == 404


def test_a_sample_from_draw_to_close(
    own_site: Site, officer: FlaskClient, coordinator: FlaskClient, boilers: int
) -> None:
    listed(officer, boilers, 1, 2)
    for row in rows_of(own_site):
        finish(officer, boilers, row)
    here = f"/assignments/{boilers}/ledger/samples"
    assert "随机抽取</button>" not in officer.get(here).text
    assert officer.post(here).status_code == 403
    answer = coordinator.post(here, data={"request_key": "e" * 32})
    assert answer.location.endswith("/samples/1")
    refused = coordinator.post(f"{here}/1/withdraw", data={"version": 1, "reason": " "})
    assert (refused.status_code, "请填写理由" in refused.text) == (422, True)
    assert officer.post(f"{here}/1/withdraw", data={"version": 1, "reason": "抽错"}).status_code == 403
    assert coordinator.post(f"{here}/1/withdraw", data={"version": 1, "reason": "少列一行"}).status_code == 303
    assert "少列一行" in officer.get(here).text
    assert "少列一行" in officer.get(f"{here}/1").text
    assert coordinator.post(here).location.endswith("/samples/2")
    for row in rows_of(own_site):
        bad = coordinator.post(f"{here}/2/rows/{row.id}", data={"result": "fail", "request_key": f"{row.id:032}"})
        assert (bad.status_code, "不合格的请写明现场情况" in bad.text) == (422, True)
        told = {"result": "pass", "files": [(io.BytesIO(photo()), "现场.jpg")]}
        good = coordinator.post(f"{here}/2/rows/{row.id}", data=told, content_type="multipart/form-data")
        assert good.status_code == 303
    assert "重抽核对一致" in officer.get(f"{here}/2").text
    with own_site.database.reading() as session:
        version = session.scalars(select(LedgerSample.version).where(LedgerSample.assignment_id == boilers)).all()[-1]
    assert coordinator.post(f"{here}/2/close", data={"version": version}).status_code == 303
    assert [each.verified_how for each in rows_of(own_site)] == ["on_site", "on_site"]
    assert "现场核实" in officer.get(f"/assignments/{boilers}/ledger").text
    with own_site.database.reading() as session:
        assert session.get_one(Assignment, boilers).verified == 1
    assert "已有现场结果，不能再撤销" not in officer.get(f"{here}/2").text


@pytest.fixture
def stranger(own_site: Site) -> FlaskClient:
    """Somebody of another province."""
    return own_site.client(own_site.people.stranger)


def test_strangers_and_rows_of_other_ledgers(
    own_site: Site, officer: FlaskClient, stranger: FlaskClient, boilers: int
) -> None:
    listed(officer, boilers, 1)
    row = rows_of(own_site)[0]
    assert stranger.get(f"/assignments/{boilers}/ledger/{row.id}").status_code == 404
    with own_site.database.reading() as session:
        other = assignment_id(session, "m13-mobile", BAODING)
        plain = assignment_id(session, "m06-limits-steel", BAODING)
    assert officer.get(f"/assignments/{other}/ledger/{row.id}").status_code == 404
    assert officer.get(f"/assignments/{plain}/ledger").status_code == 404


def test_the_list_on_paper_and_as_known_on_a_day(own_site: Site, officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1, 2)
    listed(officer, boilers, 3, township="四门镇")
    here = f"/assignments/{boilers}/ledger"
    page = officer.get(f"{here}/sheets").text
    assert (page.count('class="lg-sheet"'), page.count('class="lg-code"')) == (2, 3)
    scanned = own_site.client().get(f"{here}/{rows_of(own_site)[0].id}")
    assert scanned.location == f"/sign-in?next={here}/{rows_of(own_site)[0].id}"
    page = officer.get(f"{here}/sheets?township=四门镇").text
    assert (page.count('class="lg-code"'), "第3小学" in page) == (1, True)
    assert officer.get(f"{here}?q=%00&county=%00&on=9999-99-99&page=x&order=%00").status_code == 200
    page = officer.get(f"{here}?on=2017-10-18").text
    assert "2017年10月18日当日已知" in page
    assert "<td>0 行" in page.replace("\u2009", " ")
    assert "当日已知</caption>" not in officer.get(f"{here}?on=2030-01-01").text


def test_pages_speak_english(officer: FlaskClient, boilers: int) -> None:
    listed(officer, boilers, 1)
    with officer.session_transaction() as session:
        session["language"] = "en"
    assert "Small coal boilers" in officer.get(f"/assignments/{boilers}/ledger").text
