"""Today, the list, one assignment: what they show, to whom, and in how many statements."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event, update

from tests.support.october import BOILERS, STOVES, file_progress, number, text
from tests.support.site import Site
from webapp.desk.rules import heading_of, sections
from webapp.plans.models import Assignment


class Thing:
    """An item of "today"."""

    def __init__(self, name: str, status: str = "in_progress", due: date | None = None, light: str = "green",
                 silent: int = 0) -> None:  # fmt: skip
        self.name, self.status, self.due, self.light, self.silent_months = name, status, due, light, silent


TODAY = date(2017, 10, 20)


@pytest.mark.parametrize(
    ("thing", "heading"),
    [
        pytest.param(Thing("a", "returned", date(2017, 1, 1), "red"), "returned", id="returned before all"),
        pytest.param(Thing("a", due=date(2017, 10, 19), light="red"), "overdue", id="yesterday"),
        pytest.param(Thing("a", due=TODAY), "due_soon", id="today"),
        pytest.param(Thing("a", due=date(2017, 11, 3)), "due_soon", id="in 14 days"),
        pytest.param(Thing("a", due=date(2017, 11, 4)), None, id="in 15 days"),
        pytest.param(Thing("a", due=date(2017, 12, 31), light="yellow"), "behind", id="behind"),
        pytest.param(Thing("a", due=date(2017, 12, 31), silent=1), "silent", id="silent"),
        pytest.param(Thing("a"), None, id="standing"),
    ],
)
def test_under_which_heading(thing: Thing, heading: str | None) -> None:
    assert heading_of(thing, TODAY) == heading


def test_the_most_urgent_first() -> None:
    things = [
        Thing("silent", due=date(2018, 1, 1), silent=1),
        Thing("yellow", due=date(2017, 10, 31), light="yellow"),
        Thing("red", due=date(2017, 10, 31), light="red"),
        Thing("late", due=date(2017, 9, 30), light="red"),
        Thing("back", "returned"),
    ]
    found = [item.name for section in sections(things, TODAY) for item in section.items]
    assert found == ["back", "late", "red", "yellow", "silent"]


def test_today_says_what_is_missing_and_until_when(world: Site) -> None:
    file_progress(world, share="0.62")
    html = text(world.client(world.people.officer), "/today")
    assert "小锅炉全域淘汰" in html
    assert "还差 38 个百分点，还有 11 天（10月31日到期）" in html
    assert "工作进展月报" in html
    assert "/reports/" in html


def test_a_coordinator_sees_the_provinces_own_duties_alone(world: Site) -> None:
    html = text(world.client(world.people.coordinator), "/today")
    assert "本单位任务" in html
    assert "小锅炉全域淘汰" not in html


def test_who_only_looks_has_nothing_to_do(world: Site) -> None:
    assert "您没有需要填报的任务" in text(world.client(world.people.reader), "/today")


def test_nothing_to_do_says_what_comes_next(world: Site) -> None:
    with world.database.transaction() as session:
        session.execute(update(Assignment).values(due=date(2018, 3, 15), light="green", silent_months=0))
    html = text(world.client(world.people.officer), "/today")
    assert "今天没有要办的事项" in html
    assert "下一项是" in html


def test_badges_count_what_today_lists(world: Site) -> None:
    html = text(world.client(world.people.officer), "/today")
    listed = html.count('class="lt-todo"') + html.count('class="dk-report"')
    assert f'<span class="lt-count">{listed}<' in html


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        pytest.param("?measure=measure-4", "m04-boilers-all", "m03-coal-free-zone", id="measure"),
        pytest.param("?due=overdue", "m06-", "m04-boilers-all", id="overdue"),
        pytest.param("?due=30", "m04-boilers-all", "m11-", id="due in a month"),
        pytest.param("?q=锅炉", "m04-boilers-all", "m03-coal-free-zone", id="words"),
        pytest.param("?status=in_progress", "m04-boilers-all", "m04-tea-stoves", id="status"),
    ],
)
def test_filters_hold_for_the_page_and_its_sheets(world: Site, query: str, shown: str, hidden: str) -> None:
    file_progress(world, share="0.5")
    officer = world.client(world.people.officer)
    page = text(officer, f"/assignments{query}")
    rows = json.loads(text(officer, f"/assignments/export.json{query}"))
    sheet = text(officer, f"/assignments/export.csv{query}").splitlines()
    tasks = [row["task"] for row in rows]
    assert f"共 {len(rows)} 项" in page
    assert len(sheet) == len(rows) + 1
    assert any(task.startswith(shown) for task in tasks)
    assert not any(task.startswith(hidden) for task in tasks)
    assert {row["org"] for row in rows} == {"130600"}


def test_nonsense_in_the_address_does_no_harm(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert "没有符合条件的任务" in text(officer, "/assignments?measure=%00&status=x&light=y&q=zzz&page=-3&order=drop")
    assert "没有符合条件的任务" in text(officer, f"/assignments?q=zzz&page={'9' * 5000}")
    assert officer.get("/assignments/export.exe").status_code == 404
    assert officer.get("/assignments/99999999999999999999").status_code == 404


def test_an_assignment_shows_everything_about_itself(world: Site) -> None:
    file_progress(world, share="0.3")
    html = text(world.client(world.people.officer), f"/assignments/{number(world)}")
    told = ["远低于序时进度", "measure-4.2", "基本完成", "如不再填报，此灯保持到", "看数据表", "期限：2017年10月31日"]
    for words in told:
        assert words in html, words


def test_strangers_find_no_assignment_and_readers_get_no_buttons(world: Site) -> None:
    address = f"/assignments/{number(world)}"
    assert world.client(world.people.stranger).get(address).status_code == 404
    assert world.client().get(address).status_code == 303
    html = text(world.client(world.people.reader), address)
    assert "可以办理" not in html
    assert world.client(world.people.reader).get(f"{address}/update").status_code == 403


def test_the_level_above_is_sent_to_its_review(world: Site) -> None:
    file_progress(world, kind="claim", share="1")
    assert f"/review/{number(world)}" in text(world.client(world.people.coordinator), f"/assignments/{number(world)}")


@contextmanager
def statements(world: Site) -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(world.database.reading_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(world.database.reading_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("address", ["/today", "/assignments", "/messages", "/plan", "one"])
def test_statements_do_not_grow_with_rows(world: Site, address: str) -> None:
    path = f"/assignments/{number(world)}" if address == "one" else address
    with statements(world) as before:
        text(world.client(world.people.officer), path)
    for month, task in ((8, BOILERS), (9, BOILERS), (9, STOVES), (10, STOVES)):
        file_progress(world, task, share="0.1", when=f"2017-{month:02d}-05T09:00")
    with statements(world) as after:
        text(world.client(world.people.officer), path)
    assert len(after) == len(before)
    assert len(after) <= 24
