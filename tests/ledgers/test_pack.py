"""`ledgers.yaml`: what may stand in it, what is wrong with it by file, line and field, and the moves of a row."""

import shutil
from pathlib import Path

import pytest

from seed.schema import PackError, load_pack
from tests.support.plans import INVENTED, REAL
from webapp.ledgers.kinds import Use, kinds_of
from webapp.workflow import LEDGER_ROW, NotPossible, next_status

LEDGER = """
- code: stoves
  name_zh: 炉灶台账
  name_en: Stoves
  done_zh: 已拆除
  done_en: removed
  unit: device
  identity: [name]
  quantity: power
  sample: {limit: 0.1, steps: [{up_to: 10, size: 5}, {size: 20}]}
  note_zh: 说明。
  note_en: A note.
  fields:
    - {code: name, label_zh: 名称, label_en: Name, required: true}
    - {code: county, label_zh: 县, label_en: County}
    - {code: township, label_zh: 乡, label_en: Township}
    - {code: planned_on, label_zh: 计划, label_en: Planned, kind: date}
    - {code: power, label_zh: 功率, label_en: Power, kind: number, unit: kw, least: 0, most: 10}
    - {code: way, label_zh: 方式, label_en: Way, kind: choice, options: [{code: gas, label_zh: 气, label_en: Gas}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The invented pack with a ledger."""
    shutil.copytree(INVENTED, tmp_path / "pack")
    (tmp_path / "pack" / "ledgers.yaml").write_text(LEDGER, encoding="utf-8")
    return tmp_path / "pack"


def test_a_ledger_loads(folder: Path) -> None:
    pack = load_pack(folder)
    assert [each.code for each in pack.ledgers] == ["stoves"]
    assert load_pack(INVENTED).ledgers == []


WRONG = [
    pytest.param("limit: 0.1", "limit: 10", "ledgers.yaml:10: [1].sample.limit", id="limit"),
    pytest.param("{size: 20}", "{up_to: 5, size: 20}", "the last has none", id="last step"),
    pytest.param("{up_to: 10, size: 5}, ", "{up_to: 10, size: 5}, {up_to: 9, size: 6}, ", "must rise", id="steps fall"),
    pytest.param("identity: [name]", "identity: [power]", "identity: power is no text", id="identity"),
    pytest.param("identity: [name]", "identity: [county]", "at least one of its fields must be required", id="loose"),
    pytest.param("quantity: power", "quantity: way", "quantity: way is no number", id="quantity"),
    pytest.param("least: 0, most: 10", "least: 11, most: 10", "least must not be more than most", id="bounds"),
    pytest.param(", options: [{code: gas, label_zh: 气, label_en: Gas}]", "", "a choice needs them", id="options"),
    pytest.param("code: township", "code: town", "every ledger has township", id="standard field"),
    pytest.param("kind: date", "kind: day", "ledgers.yaml:17: [1].fields[4].kind", id="kind"),
    pytest.param("unit: device\n", "unit: device\n  colour: red\n", "is not a field of this file", id="unknown field"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_faults_name_file_line_and_field(folder: Path, old: str, new: str, said: str) -> None:
    assert old in LEDGER
    (folder / "ledgers.yaml").write_text(LEDGER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert any(said in str(problem) for problem in caught.value.problems), caught.value.problems


USES = [
    pytest.param("{type: kettles}", "unknown ledger kettles", id="no such ledger"),
    pytest.param("{type: stoves, where: {power: gas}}", "power is no choice", id="where a number"),
    pytest.param("{type: stoves, where: {way: coal}}", "coal is none of its values", id="where an unknown value"),
    pytest.param("{type: stoves, done: [way]}", "way is not among the checks", id="done by a choice"),
    pytest.param("{type: stoves, by: listed}", "`listed` goes with a milestone alone", id="listed"),
]


@pytest.mark.parametrize(("use", "said"), USES)
def test_a_task_fits_the_ledger_it_names(folder: Path, use: str, said: str) -> None:
    path = folder / "tasks" / "all.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip() == "unit: share")
    path.write_text("\n".join([*lines[: place + 1], f"  ledger: {use}", *lines[place + 1 :], ""]), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert any(f"tasks/all.yaml:{place + 2}" in str(each) and said in str(each) for each in caught.value.problems)


def test_the_real_plan_binds_its_tasks() -> None:
    pack = load_pack(REAL)
    bound = {task.code: task.ledger for task in pack.tasks if task.ledger}
    assert len(bound) == 20
    kinds = {each.code: each for each in kinds_of({"ledgers": [each.model_dump(mode="json") for each in pack.ledgers]})}
    assert set(kinds) == {each.code for each in pack.ledgers}
    for use in bound.values():
        assert Use.from_data(use.model_dump(mode="json")).type in kinds
    assert kinds["boilers"].fields[0].required


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (["finish", "check_pass", "verify", "reopen", "finish"], "done"),
        (["finish", "check_fail", "send_back", "edit", "remove", "restore"], "listed"),
        (["finish", "undo", "finish", "edit", "remove"], "removed"),
    ],
)
def test_lives_of_a_row(path: list[str], end: str) -> None:
    state = "listed"
    for action in path:
        state = next_status(state, action, table=LEDGER_ROW)
    assert state == end


@pytest.mark.parametrize(
    ("state", "action"),
    [("listed", "verify"), ("verified", "edit"), ("verified", "remove"), ("removed", "finish"), ("removed", "edit")],
)
def test_other_moves_do_not_exist(state: str, action: str) -> None:
    with pytest.raises(NotPossible):
        next_status(state, action, table=LEDGER_ROW)
