"""The ranking's formula as the pack has it: faults are told by file, line and field; a change is a new hash."""

import shutil
from pathlib import Path

import pytest

from seed.loader import pack_hash
from seed.schema import PackError, load_pack
from tests.support.plans import REAL
from webapp.ranking.rules import Formula


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REAL, tmp_path / "pack"))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("weight: 60", "weight: 61", ":11: parts: the weights add up to 101; they must add up to 100"),
        ("weight: 60", "weight: 0", ":15: parts[1].weight: "),
        ("weight: 60", "weight: half", ":15: parts[1].weight: "),
        ("code: reports", "code: pace", ":19: parts[2].code: pace is there twice; keep one of the two"),
        ("code: reports", "code: air", ":19: parts[2].code: "),
        ("    required: true\n", "", ":11: parts: no part is required"),
        ("behind: 0.5", "behind: 1.5", ":7: behind: "),
        ("places: 2", "places: 3", ":5: places: "),
        ("late_day: 0.2", "late_days: 0.2", "late_days: is not a field of this file"),
        ("version: 2017-1\n", "", "version: is missing; write it"),
    ],
)
def test_a_fault_is_told_where_it_is(copy: Path, before: str, after: str, said: str) -> None:
    path = copy / "ranking.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(copy)
    assert any(said in str(each) and each.file == "ranking.yaml" for each in caught.value.problems)


def test_a_pack_may_have_none_and_a_changed_one_is_another_pack(copy: Path) -> None:
    real, path = load_pack(REAL), copy / "ranking.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("behind: 0.5", "behind: 0.4"), encoding="utf-8")
    assert pack_hash(load_pack(copy)) != pack_hash(real)
    path.unlink()
    assert load_pack(copy).ranking is None
    assert real.ranking is not None
    formula = Formula.from_data(real.ranking.model_dump(mode="json"))
    assert (formula.version, formula.places, float(formula.behind), float(formula.late_day)) == ("2017-1", 2, 0.5, 0.2)
    assert [(part.code, part.weight, part.required) for part in formula.parts] == [
        ("pace", 60, True), ("reports", 20, False), ("verified", 20, False),
    ]  # fmt: skip
