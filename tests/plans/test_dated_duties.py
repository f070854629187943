"""Every duty of the 2017 plan that has a date or a season, counted by hand from the text, against what the pack yields.

The table was written from the plan, clause by clause, not from the pack: the sentence, by when, which
organisations, how many separate duties each of them has from it, and what is read into it where the text is silent.
"""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from seed.schema import Pack, load_pack
from seed.taskmodel import Task
from webapp.plans.rules import nominal_due

PACK = Path(__file__).parents[2] / "seed" / "jjj-2017"

HEBEI = "石家庄 唐山 廊坊 保定 沧州 衡水 邢台 邯郸"
SHANXI = "太原 阳泉 长治 晋城"
SHANDONG = "济南 淄博 济宁 德州 聊城 滨州 菏泽"
HENAN = "郑州 开封 安阳 鹤壁 新乡 焦作 濮阳"
ALL = f"北京 天津 {HEBEI} {SHANXI} {SHANDONG} {HENAN}"
PROVINCES = "北京 天津 河北 山西 山东 河南"
GOVERNMENTS = f"{ALL} 河北 山西 山东 河南"
SEASON = (2018, 3, 15)

# (sentence, due, organisations, separate duties)
TABLE: list[tuple[str, tuple[int, int, int], str, int]] = [
    ("notice-4.1", (2017, 2, 28), PROVINCES, 1),  # the contact person; the monthly report recurs
    ("measure-2.3", (2017, 3, 31), ALL, 1),  # survey and its ledger
    ("measure-2.4", (2017, 10, 31), f"北京 天津 {HEBEI} 郑州 安阳 焦作", 1),  # practically all
    ("measure-2.4", (2017, 10, 31), f"{SHANXI} {SHANDONG} 开封 鹤壁 新乡 濮阳", 1),  # at least half
    ("measure-3.3", (2017, 10, 31), "北京 天津 廊坊 保定", 1),  # coal-free zones
    ("measure-3.4", (2017, 10, 31), f"石家庄 唐山 沧州 衡水 邢台 邯郸 {SHANXI} {SHANDONG} {HENAN}", 1),
    ("measure-4.2", (2017, 10, 31), "北京 天津 石家庄 廊坊 保定 济南 郑州", 3),  # boilers; tea stoves; trade stoves
    (
        "measure-4.3",  # its date is that of the clause's heading
        (2017, 10, 31),
        f"唐山 沧州 衡水 邢台 邯郸 {SHANXI} 淄博 济宁 德州 聊城 滨州 菏泽 开封 安阳 鹤壁 新乡 焦作 濮阳",
        1,
    ),
    ("measure-6.2", (2017, 9, 30), ALL, 2),  # steel works; coal boilers (three pollutants judged together)
    ("measure-7.2", (2017, 6, 30), ALL, 1),  # thermal power
    ("measure-7.2", (2017, 10, 31), ALL, 2),  # steel; cement
    ("measure-8.3", (2017, 10, 31), ALL, 1),  # one programme over the four groups of trades
    ("peak-shifting.1", SEASON, ALL, 1),  # offset of what heating adds
    ("measure-9.2", SEASON, ALL, 3),  # cement, foundries, brick kilns
    ("measure-9.3", (2017, 9, 30), ALL, 1),
    ("measure-9.4", (2017, 10, 31), ALL, 1),
    ("measure-10.3", SEASON, "石家庄 唐山 邯郸 安阳", 1),
    ("measure-11.2", SEASON, ALL, 4),  # aluminium, alumina, carbon above the limits, carbon within them
    ("measure-11.3", SEASON, ALL, 2),  # drug substances, pesticides
    ("measure-12.4", (2017, 7, 31), "天津", 1),
    ("measure-12.5", (2017, 9, 30), "天津 河北", 2),  # mainly by rail; none by diesel lorry
    ("measure-12.5", (2017, 9, 30), "唐山 沧州 滨州 山东", 2),  # the Bohai rim as far as the plan reaches
    ("measure-13.2", (2017, 12, 31), ALL, 2),  # fixed; mobile
    ("measure-13.4", (2017, 12, 31), "北京 天津 河北", 1),  # electronic identification
    ("measure-13.4", (2017, 12, 31), f"环保部 {GOVERNMENTS}", 1),  # three levels linked
    ("measure-14.5", (2017, 9, 30), "环保部 发展改革委", 1),  # credit records, kept by departments
    ("measure-14.5", (2017, 9, 30), "环保部 保监会", 1),  # insurance premiums
    ("measure-14.5", (2017, 9, 30), f"环保部 公安交管 {ALL}", 1),  # penalties away from home
    ("measure-15.2", (2017, 9, 30), ALL, 2),  # National VI fuels; ordinary diesel off sale
    ("measure-15.4", (2017, 6, 30), ALL, 1),
    ("measure-15.5", (2017, 6, 30), ALL, 1),  # the online monitors have no date
    ("measure-16.5", (2017, 9, 30), ALL, 3),  # online monitors, cameras, the five rules
    ("measure-18.3", (2017, 6, 30), f"环保部 {GOVERNMENTS}", 1),  # one network of two parts
    ("measure-19.3", (2017, 8, 31), ALL, 2),  # the plan with its measures by plant; written into permits
    ("safeguard-3.2", (2017, 10, 31), "中石油", 1),  # the pipeline
    ("safeguard-5.3", SEASON, "环保部", 1),  # enforcement in the heating season
]

# Figures the text gives: sentence, part of the task's code, comparator, least, most, unit.
FIGURES = [
    ("measure-2.4", "all", "=", "1", "1", "share"),
    ("measure-2.4", "half", ">=", "0.5", None, "share"),
    ("measure-3.4", "", "between", "50000", "100000", "household"),
    ("measure-4.2", "boilers", "=", "1", "1", "share"),
    ("measure-4.3", "boilers", "=", "1", "1", "share"),
    ("measure-5.1", "coal-total", "<", None, "1", "share"),
    ("measure-9.2", "cement", "=", "1", "1", "share"),
    ("measure-10.3", "", "=", "0.5", "0.5", "share"),
    ("measure-11.2", "aluminium", ">=", "0.3", None, "share"),
    ("measure-11.2", "alumina", "between", "0.27", "0.33", "share"),
    ("measure-11.2", "failing", "=", "1", "1", "share"),
    ("measure-11.2", "meeting", ">=", "0.5", None, "share"),
    ("measure-13.2", "fixed", ">=", "9", None, "device"),
    ("measure-13.2", "mobile", ">=", "2", None, "device"),
    ("measure-16.4", "", "<", None, "9", ""),
]

Row = tuple[date, frozenset[str]]


@cache
def pack() -> Pack:
    return load_pack(PACK)


@cache
def yielded() -> dict[str, tuple[Row, frozenset[str]]]:
    """Each dated task: its due day and its organisations by short name, and the sentences it cites."""
    names = {org.code: org.short_zh for org in pack().organisations}
    found: dict[str, tuple[Row, frozenset[str]]] = {}
    for task in pack().tasks:
        members = pack().members(task.who)
        due = nominal_due(pack().due_rule(task), pack().seasons(), members[0])
        if due is not None:
            found[task.code] = ((due, frozenset(names[code] for code in members)), frozenset(task.sentences))
    return found


def by_hand(row: tuple[str, tuple[int, int, int], str, int]) -> Row:
    return date(*row[1]), frozenset(row[2].split())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {date(*row[1])} {len(row[2].split())}")
def test_the_pack_yields_what_was_counted_by_hand(row: tuple[str, tuple[int, int, int], str, int]) -> None:
    tasks = [code for code, (found, cited) in yielded().items() if found == by_hand(row) and row[0] in cited]
    assert len(tasks) == row[3], tasks


def test_the_pack_has_no_dated_duty_that_the_table_lacks() -> None:
    known = {(row[0], by_hand(row)) for row in TABLE}
    strangers = [code for code, (found, cited) in yielded().items() if not any((one, found) in known for one in cited)]
    assert not strangers


def test_the_table_adds_up_to_the_cities_dated_assignments() -> None:
    cities = frozenset(ALL.split())
    assert len(cities) == 28
    counted = sum(len(cities & by_hand(row)[1]) * row[3] for row in TABLE)
    assert counted == sum(len(cities & names) for (_, names), _ in yielded().values())
    assert counted == 1_039


@pytest.mark.parametrize(("sentence", "part", "comparator", "least", "most", "unit"), FIGURES)
def test_figures_are_those_of_the_text(
    sentence: str, part: str, comparator: str, least: str | None, most: str | None, unit: str
) -> None:
    task = next(task for task in pack().tasks if sentence in task.sentences and part in task.code)
    assert (task.comparator, shown(task, "target_min"), shown(task, "target_max")) == (comparator, least, most)
    assert unit in task.unit


def test_practically_all_is_marked_where_the_text_says_so() -> None:
    """`measure-2.4`, `measure-4.2` and `measure-8.3` say "basically"; `measure-4.3` says "all"."""
    marked = {sentence for task in pack().tasks if task.basically for sentence in task.sentences}
    assert {"measure-2.4", "measure-4.2", "measure-8.3"} <= marked
    assert "measure-4.3" not in marked


def shown(task: Task, name: str) -> str | None:
    value = getattr(task, name)
    return None if value is None else f"{value.normalize():f}"
