"""`check_pack`: packs that could be loaded but would mislead."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seed.check import check_pack, coverage
from seed.models import Who
from seed.schema import load_pack
from tests.plans.pack_files import INVENTED, SHIPPED, PackFolder


@pytest.fixture
def folder(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path)


@pytest.mark.parametrize("path", [INVENTED, SHIPPED], ids=lambda path: path.name)
def test_packs_have_nothing_to_mend(path: Path) -> None:
    assert not [str(problem) for problem in check_pack(load_pack(path))]


def test_every_sentence_is_answered_or_waived_and_never_both() -> None:
    pack = load_pack(SHIPPED)
    answered = coverage(pack)
    assert set(answered) == set(pack.sentences())
    assert all(bool(answered[sentence.id]) != (sentence.waive is not None) for sentence in pack.sentences().values())


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("clauses.yaml", "      waive: {reason_zh: 标题。, reason_en: A heading.}\n", "", "part-d.1 is neither"),
        ("tasks/all.yaml", "[part-a.2]", "[part-a.1]", "part-a.2 is neither mapped to a task nor waived"),
        ("tasks/all.yaml", "[part-d.2]", "[part-d.1, part-d.2]", "part-d.1 is waived although d-supply cites it"),
        ("tasks/all.yaml", "[part-b.2]", "[part-a.2]", "part-a.2 is not a sentence of part-b"),
        ("clauses.yaml", "id: part-d.1", "id: part-d.5", "part-d.5 stands where part-d.1 is expected"),
        ("clauses.yaml", "sort: 20", "sort: 10", "10 is already the place of part-a"),
        ("organisations.yaml", "grid: [1, 0]", "grid: [0, 0]", "[0, 0] is already the tile of alderford"),
        ("organisations.yaml", "  grid: [1, 0]\n", "", "a city needs its column and row"),
        ("organisations.yaml", "parent: upper-shore", "parent: delta", "a city belongs under a province"),
        ("plan.yaml", "red_below: 0.6", "red_below: 0.9", "must not be above yellow_under"),
        ("plan.yaml", "ends_on: 2020-03-31", "ends_on: 2020-02-10", "reaches beyond the plan's own days"),
        ("plan.yaml", "first_month: 2019-02", "first_month: 2019-02\n  last_month: 2019-01", "lies before first_month"),
        ("tasks/all.yaml", "2019-09-15", "2021-09-15", "2021-09-15 lies outside the plan"),
        ("tasks/all.yaml", "{season: winter}", "{on: 2019-12-01}", "a seasonal cap is due with its season"),
        ("tasks/all.yaml", "  due: {on: 2019-02-28}\n", "", "a milestone needs a date"),
        ("tasks/all.yaml", "kind: milestone", "kind: recurring_report", "belong to recurring_report"),
        ("tasks/all.yaml", "kind: milestone", "kind: standing", "a standing duty has no date"),
        ("tasks/all.yaml", "first_month: 2019-02", "first_month: 2031-02", "none of its turns falls into the plan"),
        ("tasks/all.yaml", "target: 0.4", "target: 40", "a share is a fraction: write 0.5 for 50 %"),
        ("tasks/all.yaml", "target: 0.4", "target: 0", "at least 0 is always met"),
        ("tasks/all.yaml", "  named: true", "  named: true\n  basically: true", "practically all is target 1.0"),
        ("tasks/all.yaml", "[delta-gas]", "[delta-gas, delta-gas]", "delta-gas is named 2 times"),
    ],
)  # fmt: skip
def test_what_would_mislead_is_told(folder: PackFolder, file: str, old: str, new: str, said: str) -> None:
    folder.replace(file, old, new)
    problems = [str(problem) for problem in check_pack(folder.load())]
    assert any(said in problem for problem in problems), problems


def test_a_problem_names_the_line_of_its_field(folder: PackFolder) -> None:
    folder.replace("tasks/all.yaml", "2019-09-15", "2021-09-15")
    lines = (folder.root / "tasks/all.yaml").read_text(encoding="utf-8").splitlines()
    expected = next(number for number, line in enumerate(lines, start=1) if "2021-09-15" in line)
    assert [str(problem).split(": ")[0] for problem in check_pack(folder.load())] == [f"tasks/all.yaml:{expected}"]


def test_a_season_may_be_other_days_in_one_place() -> None:
    winter = load_pack(INVENTED).seasons()["winter"]
    assert winter.window_for("alderford").starts_on.isoformat() == "2019-12-01"
    assert winter.window_for("stonebridge").ends_on.isoformat() == "2020-03-10"


def test_groups_build_on_one_another() -> None:
    pack = load_pack(INVENTED)
    assert pack.selector_members("upper_towns") == ["alderford", "stonebridge", "millhaven"]
    assert pack.selector_members("inland") == pack.selector_members("upper_towns")
    assert pack.members(Who.model_validate({"of": ["towns"], "except": ["harbours", "millhaven"]})) == [
        "alderford",
        "stonebridge",
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_tasks_taken_away_are_always_noticed(data: st.DataObject) -> None:
    """Whatever tasks a pack loses, exactly the sentences only they answered are reported."""
    pack = load_pack(INVENTED)
    kept = data.draw(st.lists(st.sampled_from(pack.tasks), unique_by=lambda task: task.code))
    answered = {sentence for task in kept for sentence in task.sentences}
    missing = {one.id for one in pack.sentences().values() if one.waive is None} - answered
    problems = check_pack(pack.with_tasks(kept))
    unanswered = [problem for problem in problems if problem.field == "waive"]
    assert {problem.message.split()[0] for problem in unanswered} == missing
