"""The update form: figures as people type them, what is wrong with them, files, and nothing typed lost."""

import io
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from tests.support.october import BOILERS, ZONE, file_progress, number, row, text
from tests.support.site import Site
from webapp.evidence.models import EvidenceFile
from webapp.progress.models import ProgressUpdate


def photo(size: int = 40) -> io.BytesIO:
    """A small photograph."""
    stream = io.BytesIO()
    Image.new("RGB", (size, size), "steelblue").save(stream, "JPEG")
    return io.BytesIO(stream.getvalue())


def send(world: Site, task: str = BOILERS, **typed: Any) -> Any:
    data = {"as_of": "2017-10-20", "version": row(world, task).version, "request_key": "u" * 32} | typed
    if "files" in data:
        data["files"] = FileStorage(*data["files"])
    # Encoded in memory: the test client would leave a large body in a temporary file.
    stream, _length, boundary = stream_encode_multipart(data, use_tempfile=False)
    return world.client(world.people.officer).post(
        f"/assignments/{number(world, task)}/update",
        input_stream=stream,
        content_type=f'multipart/form-data; boundary="{boundary}"',
    )


def updates(world: Site) -> int:
    with world.database.reading() as session:
        return session.scalar(select(func.count()).select_from(ProgressUpdate)) or 0


@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        pytest.param({"quantity": "62.5"}, "0.625", id="total"),
        pytest.param({"added": "12.5"}, "0.625", id="added"),
        pytest.param({"quantity": "62.5", "added": "12.5"}, "0.625", id="both"),
        pytest.param({"quantity": "６２．５％"}, "0.625", id="full width"),
        pytest.param({"quantity": " 62.50% "}, "0.625", id="with a sign"),
        pytest.param({"quantity": "40", "reason": "核减重复统计"}, "0.4", id="falls with a reason"),
    ],
)
def test_figures_as_people_type_them(world: Site, typed: dict[str, str], figure: str) -> None:
    file_progress(world, share="0.5")
    assert send(world, **typed).status_code == 303
    assert row(world).claimed == Decimal(figure)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param({"quantity": ""}, "请填写累计完成数", id="empty"),
        pytest.param({"quantity": "-5"}, "不能为负数", id="negative"),
        pytest.param({"quantity": "250"}, "不能超过 100%", id="over a hundred"),
        pytest.param({"quantity": "9" * 16}, "请填写数字", id="absurd"),
        pytest.param({"quantity": "1e5"}, "请填写数字", id="exponent"),
        pytest.param({"quantity": "NaN"}, "请填写数字", id="not a number"),
        pytest.param({"quantity": "一半"}, "请填写数字", id="words"),
        pytest.param({"quantity": "62.555"}, "最多保留 2 位小数", id="too precise"),
        pytest.param({"quantity": "40"}, "填报数 40% 小于上次的 50%；如需核减", id="falls"),
        pytest.param({"quantity": "60", "added": "30"}, "对不上", id="contradiction"),
        pytest.param({"quantity": "60", "as_of": "2017-10-21"}, "不能晚于今天", id="future"),
        pytest.param({"quantity": "60", "as_of": "2017-10-01"}, "不早于这一天", id="goes back"),
        pytest.param({"quantity": "60", "as_of": ""}, "请填写数据截止日期", id="no day"),
        pytest.param({"quantity": "60", "note": "长" * 2001}, "最多 2000 个字", id="long note"),
        pytest.param({"quantity": "60", "claim": "y"}, "还不能申请销号", id="claim too early"),
    ],
)
def test_bad_input_is_explained_and_kept(world: Site, typed: dict[str, str], message: str) -> None:
    file_progress(world, share="0.5")
    before = updates(world)
    answer = send(world, **{"note": "现场已核查"} | typed)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in html
    assert "data-error-summary" in html
    assert typed.get("note", "现场已核查") in html
    assert not typed.get("quantity") or f'value="{typed["quantity"]}"' in html
    assert updates(world) == before


def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(world: Site) -> None:
    version = row(world).version
    file_progress(world, share="0.5", person=world.people.colleague)
    answer = send(world, quantity="62.5", note="我的说明", version=version)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "已有人更新了这项任务" in html
    assert "我的说明" in html
    assert 'value="62.5"' in html
    assert "赵强" in html
    assert send(world, quantity="62.5", note="我的说明").status_code == 303


def test_claiming_at_once(world: Site) -> None:
    assert send(world, quantity="100", claim="y").status_code == 303
    assert row(world).status == "claimed"
    page = text(world.client(world.people.officer), f"/assignments/{number(world)}")
    assert "撤回申请" in page
    assert "现在由河北办理" in page
    again = world.client(world.people.officer).get(f"/assignments/{number(world)}/update")
    assert again.status_code == 303


def test_a_milestone_is_done_or_not_yet(world: Site) -> None:
    answer = send(world, ZONE, state="0", claim="y")
    assert answer.status_code == 422
    assert "选择“已按要求完成”后才能申请销号" in answer.get_data(as_text=True)
    assert send(world, ZONE, state="1", claim="y").status_code == 303
    assert (row(world, ZONE).status, row(world, ZONE).claimed) == ("claimed", Decimal(1))


def test_a_photo_is_attached_and_found_in_the_history(world: Site) -> None:
    assert send(world, quantity="60", files=(photo(), "拆除现场.jpg")).status_code == 303
    page = text(world.client(world.people.officer), f"/assignments/{number(world)}")
    assert "拆除现场.jpg" in page
    with world.client(world.people.officer).get("/evidence/1") as download:
        assert download.status_code == 200
    assert world.client(world.people.stranger).get("/evidence/1").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "status", "message"),
    [
        pytest.param(b"<html>hello</html>", "a.jpg", 422, "内容与扩展名不符", id="disguised"),
        pytest.param(b"MZ" + b"0" * 50, "a.exe", 422, "不支持这种文件", id="not taken"),
        pytest.param(b"", "a.pdf", 422, "文件是空的", id="empty"),
        pytest.param(b"%PDF-1.4" + b"0" * 1_100_000, "a.pdf", 413, "超过 1 MB", id="too large"),
    ],
)
def test_files_that_are_not_taken(world: Site, content: bytes, name: str, status: int, message: str) -> None:
    answer = send(world, quantity="60", note="现场已核查", files=(io.BytesIO(content), name))
    html = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert message in html
    assert "现场已核查" in html
    assert updates(world) == 0


def test_files_survive_a_correction_without_being_sent_again(world: Site) -> None:
    first = send(world, quantity="-1", files=(photo(), "现场.jpg")).get_data(as_text=True)
    kept = first.split('name="kept" value="')[1].split('"')[0]
    ticked = first.split('name="keep" value="')[1].split('"')[0]
    assert send(world, quantity="60", kept=kept, keep=ticked).status_code == 303
    with world.database.reading() as session:
        assert session.scalars(select(EvidenceFile.filename)).all() == ["现场.jpg"]


def test_a_forged_list_of_kept_files_is_ignored(world: Site) -> None:
    assert send(world, quantity="60", kept="W10=.0000", keep="0" * 64).status_code == 303
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EvidenceFile)) == 0
