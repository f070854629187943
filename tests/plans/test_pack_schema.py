"""Packs load when they are right, and say file, line and field when they are not: never a traceback."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seed.schema import PackError, load_pack
from tests.plans.pack_files import INVENTED, SHIPPED, PackFolder

FILES = ["plan.yaml", "organisations.yaml", "clauses.yaml", "tasks/all.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path)


@pytest.mark.parametrize("path", [INVENTED, SHIPPED], ids=lambda path: path.name)
def test_packs_load(path: Path) -> None:
    assert load_pack(path).tasks


def test_the_shipped_pack_has_the_plans_organisations_and_sentences() -> None:
    pack = load_pack(SHIPPED)
    assert len(pack.sentences()) == 135
    counts = {name: len(pack.selector_members(name)) for name in ("all_cities", "provinces", "central_enterprises")}
    assert counts == {"all_cities": 28, "provinces": 6, "central_enterprises": 10}
    assert pack.path("130600") == "jjj/130000/130600/"
    assert pack.path("110000") == "jjj/110000/"
    changzhi = pack.organisation("140400")
    assert changzhi is not None
    assert changzhi.pinyin == "chang zhi"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("plan.yaml", "day: 5", "day: 45", "plan.yaml:13: reporting.day:"),
        ("plan.yaml", "day: 5", "day: '5'", "plan.yaml:13: reporting.day:"),
        ("plan.yaml", "day: 5", "day: true", "plan.yaml:13: reporting.day:"),
        ("plan.yaml", "day: 5", "day: 5\n  day: 6", "plan.yaml:14: reporting.day: written twice; keep one"),
        ("plan.yaml", "code: delta-2019", "", "plan.yaml:3: code: is missing; write it"),
        ("plan.yaml", "2019-01-10", "2019-02-30", "plan.yaml:7: published_on: 2019-02-30 is not a day"),
        ("plan.yaml", "starts_on: 2019-01-15", "starts_on: 2030-01-15", "ends before it starts"),
        ("plan.yaml", "region: delta", "region: alderford", "plan.yaml:10: region: alderford is not an organisation"),
        ("plan.yaml", "[stonebridge]", "[stonebrige]", "stonebrige is neither an organisation nor a group"),
        ("plan.yaml", "except: [harbours]", "except: [inland]", "inland is neither an organisation nor a group"),
        ("plan.yaml", "{kinds: [city], except", "{within: [delta], except", "names nobody; give `kinds` or `orgs`"),
        ("organisations.yaml", "parent: upper-shore", "parent: up-shore", "parent: unknown organisation up-shore"),
        ("organisations.yaml", "code: millhaven", "code: saltquay", "code: saltquay is used 2 times"),
        ("organisations.yaml", "kind: enterprise", "kind: shop", "].kind:"),
        ("organisations.yaml", "grid: [2, 0]", "grid: [2]", "].grid:"),
        ("organisations.yaml", "pinyin: qi mu du", "pinyin: 桤木渡", "].pinyin:"),
        ("clauses.yaml", "id: part-b.2", "id: part-b.1", "part-b.1 is used 2 times"),
        ("clauses.yaml", "gist_zh: 标题。", "gist: 标题。", "sentences[1].gist: is not a field of this file"),
        ("tasks/all.yaml", "who: harbours", "who: harbors", "harbors is neither an organisation nor a group"),
        ("tasks/all.yaml", "who: harbours", "who: []", "tasks/all.yaml:11: [1].who"),
        ("tasks/all.yaml", "clause: part-a", "clause: part-z", "clause: unknown clause part-z"),
        ("tasks/all.yaml", "[part-a.1]", "[part-a.9]", "sentences: unknown sentence part-a.9"),
        ("tasks/all.yaml", "season: winter", "season: summer", "due.season: unknown season summer"),
        ("tasks/all.yaml", "{season: winter}", "{season: winter, on: 2019-12-01}", "exactly one of on, end_of_month"),
        ("tasks/all.yaml", "end_of_month: 2019-06", "end_of_month: 2019-13", "[1].due.end_of_month"),
        ("tasks/all.yaml", "first_month: 2019-01", "first_month: 2019-02", "a quarter's first month"),
        ("tasks/all.yaml", "target: [20000, 30000]", "target: 20000", "`between` needs target"),
        ("tasks/all.yaml", "target: [20000, 30000]", "target: [30000, 20000]", "least must be smaller"),
        ("tasks/all.yaml", "target: 12", "target: -12", "[1].target"),
        ("tasks/all.yaml", "target: 12", "target: 1.23456", "[1].target"),
        ("tasks/all.yaml", "target: 12", "target: .inf", "[1].target"),
        ("tasks/all.yaml", "target: 12", "target: 99999999999999999999", "[1].target"),
        ("tasks/all.yaml", "  unit: berth\n", "", "must say comparator, target and unit"),
        ("tasks/all.yaml", "  tolerance_en: Both bounds are the plan's own.\n", "", "write both tolerance_zh and"),
        ("tasks/all.yaml", "code: a-half", "code: a-berths", "code: a-berths is used 2 times"),
        ("tasks/all.yaml", "target: 12", "target: !!python/object/apply:os.getcwd []", "tags (!name) are not allowed"),
        ("tasks/all.yaml", "supporting: [delta-gas]", "supporting: [gas]", "unknown organisation or group gas"),
    ],
)
def test_faults_name_file_line_and_field(folder: PackFolder, file: str, old: str, new: str, said: str) -> None:
    folder.replace(file, old, new)
    problems = folder.problems()
    assert any(said in problem for problem in problems), problems


def test_all_faults_are_told_at_once(folder: PackFolder) -> None:
    folder.replace("plan.yaml", "day: 5", "day: 45")
    folder.replace("organisations.yaml", "kind: enterprise", "kind: shop")
    folder.replace("tasks/all.yaml", "kind: quantity", "kind: wish")
    assert [problem.split(":")[0] for problem in folder.problems()] == [
        "organisations.yaml",
        "plan.yaml",
        "tasks/all.yaml",
    ]


def test_words_that_old_yaml_took_for_booleans_stay_words(folder: PackFolder) -> None:
    folder.replace("organisations.yaml", "short_en: Alderford", "short_en: no")
    assert folder.load().organisation("alderford").short_en == "no"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: \x00", "not valid YAML"),
        (b"a: [1, 2", "not valid YAML"),
        (b"%YAML 9.9\n---\na: 1", "not valid YAML"),
        (b"a: 1\n---\nb: 2", "not valid YAML"),
        (b"", "plan.yaml:1: (file)"),
        (b"- 1\n- 2", "plan.yaml:1: (file)"),
        (b"? [1]\n: 2", "a field's name must be a word"),
        (b"a: &x [1]\nb: [*x, *x]", "aliases (*name) are not allowed"),
        (b"[" * 5_000, "levels deep"),
        (b"a: " + b"x" * 6_000, "longer than 5000 characters"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_hostile_files_are_refused_in_one_line(folder: PackFolder, content: bytes, said: str) -> None:
    (folder.root / "plan.yaml").write_bytes(content)
    problems = folder.problems()
    assert any(said in problem for problem in problems), problems


def test_missing_files_and_folders_are_named(folder: PackFolder, tmp_path: Path) -> None:
    (folder.root / "clauses.yaml").unlink()
    (folder.root / "tasks" / "all.yaml").unlink()
    problems = folder.problems()
    assert any(problem.startswith("clauses.yaml:0: (file): missing") for problem in problems)
    assert any(problem.startswith("tasks/:0: (folder)") for problem in problems)
    with pytest.raises(PackError, match="not a folder"):
        load_pack(tmp_path / "nowhere")


def test_a_pipe_in_place_of_a_file_does_not_hang(folder: PackFolder) -> None:
    (folder.root / "clauses.yaml").unlink()
    os.mkfifo(folder.root / "clauses.yaml")
    assert any("not an ordinary file" in problem for problem in folder.problems())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_to_a_pack_causes_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Cut, double or overwrite a stretch of any file: the pack loads, or PackError says why."""
    folder = PackFolder(tmp_path_factory.mktemp("mutated"))
    path = folder.root / data.draw(st.sampled_from(FILES))
    text = path.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    junk = st.sampled_from(
        ["", "[", "{", ": ", "\n", "- ", "&a ", "*a", "!!int x", "'", '"', "\x07", "1e9", "null", "~"]
    )
    put = data.draw(junk | st.text(max_size=20) | st.just(text[start:end] * 2))
    path.write_text(text[:start] + put + text[end:], encoding="utf-8", errors="replace")
    assert all(problem.count(": ") >= 2 for problem in folder.problems())
