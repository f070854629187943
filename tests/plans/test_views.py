"""Pages of the plan: every sentence, every task, limited to the reader's area, and the choice between plans."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.support.plans import INVENTED, load_plan
from tests.support.site import Site, site
from webapp.db import Database
from webapp.plans.models import Plan, Sentence, Task


@pytest.fixture
def world(planned: Database, tmp_path: Path) -> Iterator[Site]:
    """The application with the real plan."""
    with site(planned, tmp_path) as made:
        yield made


def text(world: Site, person: str, address: str) -> str:
    answer = world.client(getattr(world.people, person)).get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_plan_shows_every_sentence_and_task_and_why_some_ask_nothing(world: Site) -> None:
    html = text(world, "officer", "/plan")
    with world.database.reading() as session:
        sentences = session.scalars(select(Sentence)).all()
        tasks = session.scalars(select(Task.code)).all()
    assert not [each.code for each in sentences if f">{each.code}<" not in html]
    assert not [code for code in tasks if f'/plan/tasks/{code}"' not in html]
    assert html.count("不设任务：") == sum(1 for each in sentences if each.waived_zh)
    assert "原文只称“采暖季”" in html


def test_every_clause_and_task_has_its_page(world: Site) -> None:
    officer = world.client(world.people.officer)
    with world.database.reading() as session:
        tasks = session.scalars(select(Task.code)).all()
    for code in tasks:
        assert officer.get(f"/plan/tasks/{code}").status_code == 200, code
    assert officer.get("/plan/measure-4").status_code == 200
    assert officer.get("/plan/measure-99").status_code == 404
    assert officer.get("/plan/tasks/none").status_code == 404


@pytest.mark.parametrize(
    ("person", "shown", "hidden"),
    [
        pytest.param("officer", ["保定"], ["石家庄", "济南", "廊坊"], id="a city sees itself"),
        pytest.param("coordinator", ["保定", "石家庄", "廊坊"], ["济南", "郑州"], id="a province its cities"),
        pytest.param("overseer", ["保定", "济南", "郑州", "北京"], [], id="the region all"),
    ],
)
def test_who_holds_a_task_is_limited_to_the_area(world: Site, person: str, shown: list[str], hidden: list[str]) -> None:
    html = text(world, person, "/plan/tasks/m04-boilers-all")
    holders = html[html.index("承担单位") : html.index("<aside>")]
    assert all(f">{name}<" in holders for name in shown)
    assert not any(f">{name}<" in holders for name in hidden)


def test_attached_official_text_stands_beside_the_gist(world: Site) -> None:
    with world.database.transaction() as session:
        session.execute(update(Sentence).where(Sentence.code == "measure-4.2").values(source_text="某句原文"))
    for address in ("/plan", "/plan/measure-4", "/plan/tasks/m04-boilers-all"):
        assert "某句原文" in text(world, "reader", address)


def test_a_seasonal_task_says_where_its_days_come_from(world: Site) -> None:
    with world.database.reading() as session:
        code = session.scalars(select(Task.code).where(Task.season_code == "heating")).all()[0]
    html = text(world, "officer", f"/plan/tasks/{code}")
    assert "2017年11月15日至2018年3月15日" in html
    assert "未写起止日期" in html


def test_nobody_looks_without_signing_in(world: Site) -> None:
    assert world.client().get("/plan").status_code == 303


def test_another_plan_can_be_chosen_for_the_session(world: Site) -> None:
    with world.database.transaction() as session:
        real = session.scalars(select(Plan)).one()
    load_plan(world.database, INVENTED)
    browser = world.client(world.people.officer)
    first = browser.get("/plan").get_data(as_text=True)
    assert 'action="/plan/choose"' in first
    assert browser.get("/plan/choose").status_code == 404
    assert browser.post("/plan/choose", data={"code": real.code}).status_code == 303
    assert f'<h1 class="lt-h1">{real.title_zh}' in browser.get("/plan").get_data(as_text=True)
    assert browser.post("/plan/choose", data={"code": "no-such"}).status_code == 404


def test_pages_open_with_the_newest_plan_that_has_begun_and_concerns_the_person(world: Site) -> None:
    load_plan(world.database, INVENTED)
    with world.database.transaction() as session:
        region = session.scalar(select(Plan.region_id).where(Plan.code == "jjj-2017"))
        invented = session.scalars(select(Plan).where(Plan.code == "delta-2019")).one()
    browser = world.client(world.people.officer)
    assert "京津冀2017方案" in browser.get("/today").get_data(as_text=True), "the newer plan is of another region"
    with world.database.transaction() as session:
        session.execute(update(Plan).where(Plan.id == invented.id).values(region_id=region))
    today = browser.get("/today").get_data(as_text=True)
    assert "切换到三角洲2019方案" in today, "it concerns the officer, but has not begun"
    assert '<span class="lt-brand-plan">京津冀2017方案' in today
    named = browser.get(f"/today?plan={invented.id}").get_data(as_text=True)
    assert '<span class="lt-brand-plan">三角洲2019方案' in named
    chosen = {"code": invented.code, "next": "/today"}
    assert browser.post("/plan/choose", data=chosen).headers["Location"] == "/today"
    assert '<span class="lt-brand-plan">三角洲2019方案' in browser.get("/today").get_data(as_text=True)
