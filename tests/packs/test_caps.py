"""The pack's caps: what the real one says, and faults told by file, line and field."""

import shutil
from pathlib import Path

import pytest

from seed.schema import PackError, load_pack
from tests.support.plans import REAL


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REAL, tmp_path / "pack"))


def test_the_real_caps_take_their_figures_from_the_tasks() -> None:
    pack = load_pack(REAL)
    assert pack.caps is not None
    caps = {
        each["code"]: (each["least"], each["most"], each["binds"]) for each in pack.caps.as_data(pack.tasks)["caps"]
    }
    assert caps["steel"] == ("0.5", None, "city")
    assert caps["alumina"] == ("0.27", "0.33", "enterprise")
    assert caps["carbon-failing"] == ("1", None, "enterprise")
    assert caps["carbon-meeting"] == ("0.5", None, "enterprise")
    assert caps["cement"] == ("1", None, "city")


def test_every_seasonal_cap_of_an_industry_is_counted() -> None:
    pack = load_pack(REAL)
    assert pack.caps is not None
    counted = {cap.task for cap in pack.caps.caps if cap.feeds and cap.counts == "season"}
    # The offset of added emissions is a calculation, not a list of lines.
    assert counted == {task.code for task in pack.tasks if task.kind == "seasonal_cap"} - {"ps-offset"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("task: m10-steel-cap", "task: m10-steel", "caps[1].task: unknown task m10-steel; see tasks/*.yaml"),
        ("sector: brick", "sector: bricks", "caps[4].sector: unknown sector bricks"),
        ("limits: fails", "limits: broken", "].limits: Input should be 'any'"),
        ("season: heating", "season: summer", "season: unknown season summer"),
        (
            "- code: pesticide\n    task: m11-pesticide",
            "- code: pesticide\n    task: m11-pharma",
            "only one may feed it",
        ),
        ("  red_below: 0.7", "  red_bellow: 0.7", "judging.red_bellow: is not a field of this file"),
        ("    limits: true\n", "", "does not tell special limits"),
        ("    counts: day\n", "", "m09-coal-units is not a seasonal_cap without a ledger"),
        ("    task: m10-steel-cap\n", "    task: m10-steel-cap\n    counts: day\n", "is not a quantity without"),
    ],
)
def test_a_fault_is_told_where_it_is(copy: Path, before: str, after: str, said: str) -> None:
    path = copy / "caps.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(copy)
    assert any(said in str(each) and each.file == "caps.yaml" and each.line for each in caught.value.problems)


def test_a_pack_may_have_no_caps(copy: Path) -> None:
    (copy / "caps.yaml").unlink()
    assert load_pack(copy).caps is None
