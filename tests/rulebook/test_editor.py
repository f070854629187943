"""The pages of reminder rules: who may, what is told, versions compared, and an editor that loses nothing typed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from werkzeug.test import TestResponse

from tests.support.filled import Fields, form_fields
from tests.support.html import faults, parse
from tests.support.people import NOW, add_person
from tests.support.site import Site, site
from webapp.audit.models import AuditEvent
from webapp.db import Database
from webapp.errors import Invalid, Stale
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM, Actor, Grant, Role
from webapp.plans.models import Assignment, Clause, DueDate, Plan, ReminderRules, Task
from webapp.reminders.ladder import DEFAULT_DATA, DEFAULTS, RulesError
from webapp.reminders.queries import effective_rules
from webapp.rulebook import previewing, service

PAGE, EDIT, RESTORE = "/reminder-rules", "/reminder-rules/edit", "/reminder-rules/restore"


def a_plan(session: Any) -> Plan:
    """A plan with two tasks; Baoding's is overdue since August."""
    places = {each.code: each for each in session.scalars(select(Organisation))}
    texts = {f"{name}_{language}": name for name in ("title", "short") for language in ("zh", "en")}
    plan = Plan(
        code="small", **texts, published_on=date(2017, 2, 17), starts_on=date(2017, 2, 17), ends_on=date(2018, 3, 31),
        region_id=places["jjj"].id, rules={"reminders": DEFAULT_DATA}, pack_hash="-",
        loaded_at=NOW - timedelta(days=200),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    clause = Clause(plan_id=plan.id, code="m-1", title_zh="-", title_en="-", measure=True, sort=1)
    session.add(clause)
    session.flush()
    for sort, code in enumerate(("boilers", "contact")):
        task = Task(
            plan_id=plan.id, clause_id=clause.id, code=code, sort=sort, title_zh=f"任务{code}", title_en=code,
            short_zh=code, short_en=code, kind="milestone", due_rule={}, comparator="=", unit="milestone",
            measure_kind="cumulative", evidence_zh="-", evidence_en="-",
        )  # fmt: skip
        session.add(task)
        session.flush()
        row = Assignment(
            plan_id=plan.id, task_id=task.id, clause_id=clause.id, organisation_id=places["130600"].id,
            starts_on=plan.starts_on, nominal_due=date(2017, 8, 31), due=date(2017, 8, 31),
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(DueDate(
            assignment_id=row.id, revision=1, due=row.due, decided_by=0, decided_by_label="-",
            recorded_at=plan.loaded_at,
        ))  # fmt: skip
    return plan


def ruled(db: Database, tmp_path: Path) -> Iterator[Site]:
    with site(db, tmp_path) as made:
        with db.transaction() as session:
            a_plan(session)
        yield made


@pytest.fixture
def world(sqlite_db: Database, tmp_path: Path) -> Iterator[Site]:
    """The application with a plan."""
    yield from ruled(sqlite_db, tmp_path)


@pytest.fixture
def any_world(db: Database, tmp_path: Path) -> Iterator[Site]:
    """The same on each engine, for what they may do differently; the rules' service has tests on both."""
    yield from ruled(db, tmp_path)


@pytest.fixture
def browser(world: Site) -> FlaskClient:
    """The administrator's."""
    return world.client(world.people.admin)


def opened(browser: FlaskClient) -> Fields:
    return form_fields(browser.get(EDIT).text, EDIT)


def send(browser: FlaskClient, fields: Fields, action: str = "save", **changed: Any) -> TestResponse:
    data = (
        fields
        | {"action": [action]}
        | {name: value if isinstance(value, list) else [value] for name, value in changed.items()}
    )
    return browser.post(EDIT, data=data)


def place(fields: Fields, ladder: str) -> str:
    """The beginning of a ladder's field names."""
    (name,) = (key for key, value in fields.items() if key.endswith("-name") and value == [ladder])
    return name.removesuffix("name")


def row(fields: Fields, ladder: str, unit: str, number: str = "") -> str:
    """The beginning of the field names of a rung."""
    start = place(fields, ladder)
    for key, value in fields.items():
        if key.startswith(start) and key.endswith("-unit") and value == [unit]:
            found = key.removesuffix("unit")
            if fields[f"{found}number"] == [number]:
                return found
    raise AssertionError((ladder, unit, number))


def saved(world: Site) -> list[ReminderRules]:
    with world.database.reading() as session:
        return list(session.scalars(select(ReminderRules).order_by(ReminderRules.version)))


def events(world: Site) -> list[tuple[str, dict[str, Any]]]:
    with world.database.reading() as session:
        query = select(AuditEvent).where(AuditEvent.action.startswith("rules.")).order_by(AuditEvent.id)
        return [(each.action, each.facts) for each in session.scalars(query)]


def rules_now(world: Site) -> Any:
    with world.database.reading() as session:
        (rules,) = effective_rules(session).values()
        return rules


def rungs(world: Site, ladder: str) -> dict[str, tuple[str, ...]]:
    return {each.code: tuple(each.tell) for each in rules_now(world).ladders[ladder].rungs}


# --- who may


@pytest.mark.parametrize("name", ["officer", "coordinator", "overseer", "reader", "stranger"])
def test_everybody_reads_and_operators_alone_write(world: Site, name: str) -> None:
    browser = world.client(getattr(world.people, name))
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert EDIT not in page.text
    assert browser.get(EDIT).status_code == 403
    for address in (EDIT, RESTORE):
        assert browser.post(address, data={"plan": "small"}).status_code == 403
    assert not saved(world)


def test_an_administrator_of_a_province_does_not_change_the_plan_of_the_region(world: Site) -> None:
    with world.database.transaction() as session:
        person = add_person(session, "hebei", "130000", Role.ADMINISTRATOR)
    browser = world.client(person)
    assert EDIT not in browser.get(PAGE).text
    assert browser.get(EDIT).status_code == 403
    assert browser.post(EDIT, data={"plan": "small", "action": "save"}).status_code == 403


# --- what is told


def test_the_rules_are_told_in_words(world: Site, browser: FlaskClient) -> None:
    page = browser.get(PAGE)
    told = (
        "到期前 30 天", "到期当天", "到期后第 3 个工作日", "此后每周", "承办人员、副职、省级调度人员", "审核人员",
        "方案原定的规则", "还没有修改过", "21:00–07:00", "工作日 08:30 起", "开始前 14 天",
    )  # fmt: skip
    for words in told:
        assert words in page.text, words
    assert not faults(parse(page.text))


def test_no_plan_is_told_kindly(db: Database, tmp_path: Path) -> None:
    with site(db, tmp_path) as empty:
        browser = empty.client(empty.people.admin)
        assert {browser.get(address).status_code for address in (PAGE, EDIT)} == {404}


# --- saving


def test_what_is_not_touched_changes_nothing(world: Site, browser: FlaskClient) -> None:
    answer = send(browser, opened(browser), note="没有改")
    assert answer.status_code == 422
    assert "与现行规则相同" in answer.text
    assert not saved(world)


def test_a_rung_is_added_changed_and_taken_away(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    added, gone = row(fields, "report", ""), row(fields, "report", "before", "5")
    changed = row(fields, "report", "after", "3")
    answer = send(browser, fields, note="月报提前一天提醒", **{
        f"{added}unit": "before", f"{added}number": "4", f"{added}tell": ["officer", "deputy"], f"{gone}remove": "y",
        f"{changed}number": "2", "most_items": "12", "quiet_from": "", "quiet_until": "",
    })  # fmt: skip
    assert answer.status_code == 303, answer.text
    told = rungs(world, "report")
    assert list(told) == ["before-4", "before-2", "before-1", "before-0", "after-1", "after-2"]
    assert told["before-4"] == ("officer", "deputy")
    assert rules_now(world).most_items == 12
    assert rules_now(world).quiet.begins == rules_now(world).quiet.ends
    assert rules_now(world).ladders["assignment"] == DEFAULTS.ladders["assignment"]
    ((action, facts),) = events(world)
    assert (action, facts["version"], facts["reason"]) == ("rules.save", 1, "月报提前一天提醒")
    assert set(facts["rules"]) == {"quiet", "most_items", *(
        f"report: {each}" for each in ("+before-4", "-before-5", "-after-3", "+after-2")
    )}  # fmt: skip
    page = browser.get(PAGE).text
    assert "第 1 版" in page
    assert "月报提前一天提醒" in page
    compared = browser.get(f"{PAGE}/versions/1").text
    assert compared.count("新增") == 2
    assert compared.count("删去") == 2
    assert not faults(parse(compared))
    assert browser.get(f"{PAGE}/versions/2").status_code == 404
    assert browser.get(f"{PAGE}/versions/0").status_code == 404
    assert "月报报送：新增“到期前 4 天”" in browser.get("/audit?action=rules.").text


def test_a_ladder_is_switched_off_and_on_again(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    off = f"{place(fields, 'silence')}off"
    assert send(browser, fields, note="不提醒未更新", **{off: "y"}).status_code == 303
    assert "silence" not in rules_now(world).ladders
    assert "不提醒的事项：未更新进展" in browser.get(PAGE).text
    again = opened(browser)
    assert again.pop(f"{place(again, 'silence')}off") == ["y"]
    assert send(browser, again, note="恢复").status_code == 303
    assert rules_now(world) == DEFAULTS


def new_ladder(fields: Fields, name: str, tasks: list[str]) -> dict[str, Any]:
    start = place(fields, "")
    found = re.escape(start) + r"rungs-\d+-"
    first = min(key for key in fields if re.match(found + "unit", key)).removesuffix("unit")
    return {f"{start}name": name, f"{start}tasks": tasks, f"{first}unit": "before", f"{first}number": "7",
            f"{first}tell": ["officer"]}  # fmt: skip


def test_a_ladder_of_the_plans_own_for_named_tasks(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    answer = send(browser, fields, note="联系人", **new_ladder(fields, "contact", ["contact"]))
    assert answer.status_code == 303, answer.text
    assert rules_now(world).ladders_of_tasks() == {"contact": "contact"}
    assert "任务contact" in browser.get(PAGE).text
    assert place(opened(browser), "contact")


def test_back_to_what_the_plan_came_with(world: Site, browser: FlaskClient) -> None:
    assert RESTORE not in browser.get(EDIT).text
    assert send(browser, opened(browser), note="少列几项", most_items="5").status_code == 303
    fields = form_fields(browser.get(EDIT).text, RESTORE)
    answer = browser.post(RESTORE, data=fields)
    assert answer.status_code == 422
    assert "请写明修改原因" in answer.text
    assert [browser.post(RESTORE, data=fields | {"reason": ["改回去"]}).status_code for _ in range(2)] == [303, 303]
    assert [each.rules is None for each in saved(world)] == [False, True]
    assert rules_now(world) == DEFAULTS
    assert events(world)[-1][0] == "rules.restore"
    assert "恢复原定" in browser.get(PAGE).text
    assert "改回去" in browser.get(f"{PAGE}/versions/2").text
    with world.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM reminder_rules WHERE rules IS NULL")) == 1


# --- refused, and nothing lost


def test_a_reason_is_asked_for(world: Site, browser: FlaskClient) -> None:
    answer = send(browser, opened(browser), most_items="7")
    assert answer.status_code == 422
    assert "请写明修改原因" in answer.text
    assert form_fields(answer.text, EDIT)["most_items"] == ["7"]
    assert not saved(world)


def test_every_fault_is_told_at_its_field_and_what_was_typed_is_kept(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    late, nobody, new = (
        row(fields, "assignment", "after", "7"),
        row(fields, "report", "before", "2"),
        row(fields, "report", ""),
    )
    within = f"{place(fields, 'review')}within"
    typed: dict[str, Any] = {
        f"{late}number": "1000000000", f"{nobody}tell": [], f"{new}number": "x" * 12, within: "0", "most_items": "many",
        "quiet_from": "25:99", "note": "都不对",
    }  # fmt: skip
    answer = send(browser, fields, **typed)
    assert answer.status_code == 422
    for words in ("请填 1 至 120 的整数", "请至少勾选一个告知对象", "请选择提醒的时间", "请填 1 至 30 的整数",
                  "请填 1 至 100 的整数", "请写明起止时刻", "任务到期：", "月报报送："):  # fmt: skip
        assert words in answer.text, words
    assert not faults(parse(answer.text))
    kept = form_fields(answer.text, EDIT)
    assert all(kept.get(name, []) == (value if isinstance(value, list) else [value]) for name, value in typed.items())
    assert not saved(world)
    anchors = set(re.findall(r'<a href="#([^"]+)">', answer.text))
    assert all(f'id="{each}"' in answer.text for each in anchors)


def test_the_summary_names_rows_from_top_to_bottom_and_each_fault_once(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    first, second, third = (row(fields, "assignment", "before", days) for days in ("30", "14", "7"))
    answer = send(browser, fields, **{
        f"{first}number": "9999", f"{second}number": "14天", f"{third}tell": [], "send_at": "03:17", "note": "不对",
    })  # fmt: skip
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#[^"]+">([^<]+)</a>', answer.text) == [
        "发送时间：发送时间应为 07:00 至 20:00 之间的整点或半点，例如 08:30。",
        "任务到期第 1 行：请填 0 至 60 的整数。",
        "任务到期第 2 行：请填 0 至 60 的整数。",
        "任务到期第 3 行：请至少勾选一个告知对象。",
    ]


def test_a_stale_page_is_told_and_saves_over_knowingly(world: Site, browser: FlaskClient) -> None:
    old = opened(browser)
    assert send(browser, opened(browser), note="先存的", most_items="9").status_code == 303
    answer = send(browser, old, note="旧页面", most_items="8")
    assert answer.status_code == 409
    assert f"{PAGE}/versions/1" in answer.text
    kept = form_fields(answer.text, EDIT)
    assert (kept["note"], kept["most_items"], kept["version"]) == (["旧页面"], ["8"], ["1"])
    assert len(saved(world)) == 1
    assert send(browser, kept).status_code == 303
    assert rules_now(world).most_items == 8


def test_a_double_click_saves_once(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    assert [send(browser, fields, note="一次", most_items="9").status_code for _ in range(2)] == [303, 303]
    assert len(saved(world)) == len(events(world)) == 1
    assert send(browser, fields, note="别的", most_items="9").status_code == 409


def test_two_who_save_at_the_same_moment(any_world: Site) -> None:
    """Of two saves from one version one is kept, the other is told."""
    with any_world.database.reading() as session:
        plan, path = session.scalars(select(Plan)).one().id, "jjj/"
    actor = Actor(1, "吴涛", "zh", (Grant(Role.ADMINISTRATOR, 1, "jjj", path),))

    def save(items: int) -> str:
        try:
            with any_world.database.transaction() as session:
                service.save_rules(
                    session, session.get_one(Plan, plan), data=DEFAULT_DATA | {"most_items": items}, note="n",
                    version=0, actor=actor, now=NOW,
                )  # fmt: skip
        except Stale:
            return "stale"
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, (3, 4))) == ["kept", "stale"]
    assert len(saved(any_world)) == len(events(any_world)) == 1


@pytest.mark.parametrize(("name", "tasks", "words"), [
    ("contact", ["no-such-task"], "方案里没有任务 no-such-task"),
    ("contact", [], "请选择适用任务"),
    ("联系人", ["contact"], "代码只能用小写字母"),
    ("x" * 41, ["contact"], "代码只能用小写字母"),
    ("<script>", ["contact"], "代码只能用小写字母"),
    ("", ["contact"], "代码只能用小写字母"),
    ("report", [], "已经有一条阶梯"),
])  # fmt: skip
def test_a_new_ladder_that_cannot_be(
    world: Site, browser: FlaskClient, name: str, tasks: list[str], words: str
) -> None:
    fields = opened(browser)
    answer = send(browser, fields, note="新阶梯", **new_ladder(fields, name, tasks))
    assert answer.status_code == 422
    assert words in answer.text
    assert not faults(parse(answer.text))
    assert "<script>" not in answer.text.partition("<main")[2]
    assert not saved(world)


def test_a_task_on_two_ladders_is_refused(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    assert send(browser, fields, note="一", **new_ladder(fields, "first", ["contact"])).status_code == 303
    fields = opened(browser)
    answer = send(browser, fields, note="二", **new_ladder(fields, "second", ["contact"]))
    assert answer.status_code == 422
    assert "只能保留一处" in answer.text


@pytest.mark.parametrize("action", ["save", "preview"])
def test_absurd_forms_are_refused_without_an_error(world: Site, browser: FlaskClient, action: str) -> None:
    fields = opened(browser)
    start = place(fields, "assignment")
    absurd: list[dict[str, Any]] = [
        {f"{start}rungs-1000000000-unit": "before", f"{start}rungs-1000000000-number": "3"},
        {f"{start}rungs-{n}-{name}": value
         for n in range(20, 400) for name, value in (("unit", "after"), ("number", str(n)))},
        {f"ladders-{n}-name": f"l{n}" for n in range(400)},
        {f"{row(fields, 'assignment', 'before', '7')}number": "9" * 5000},
        {f"{row(fields, 'assignment', 'before', '7')}unit": "never"},
        {f"{row(fields, 'assignment', 'before', '7')}tell": ["everybody"]},
        {f"{start}delivery": "by hand"},
        {"send_at": "03:17"}, {"language": "fr"}, {"quiet_from": "\x00"}, {"most_items": "-1"},
    ]  # fmt: skip
    for changed in absurd:
        answer = send(browser, fields, action, note="怪", **changed)
        assert answer.status_code == 422, changed
        assert not faults(parse(answer.text))
    assert {send(browser, fields, other, note="怪", **absurd[0]).status_code for other in ("", "x")} == {422}
    for changed in ({"plan": "nowhere"}, {"plan": ""}):
        assert send(browser, fields, action, **changed).status_code == 404
    for changed in ({"version": "x"}, {"request_key": "?"}, {"version": "9" * 30}):
        assert send(browser, fields, action, note="怪", **changed).status_code in (200, 409, 422)
    assert not saved(world)


def test_the_service_asks_again(world: Site) -> None:
    with world.database.transaction() as session:
        plan = session.scalars(select(Plan)).one()
        actor = Actor(1, "吴涛", "zh", (Grant(Role.ADMINISTRATOR, 1, "jjj", "jjj/"),))
        common: dict[str, Any] = {"note": "n", "version": 0, "actor": actor, "now": NOW}
        own = DEFAULT_DATA["ladders"] | {"own": {"tasks": ["gone"], "rungs": [{"days_before": 1, "tell": ["officer"]}]}}
        with pytest.raises(RulesError, match="gone"):
            service.save_rules(session, plan, data=DEFAULT_DATA | {"ladders": own}, **common)
        with pytest.raises(Invalid):
            service.restore_rules(session, plan, **common)
        with pytest.raises(Stale):
            service.restore_rules(session, plan, **common | {"version": 4})
        with pytest.raises(Exception, match="管理员"):
            service.restore_rules(session, plan, **common | {"actor": SYSTEM})


# --- the preview on the page


def test_the_preview_shows_both_and_saves_nothing(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    late = row(fields, "assignment", "after", "3")
    answer = send(browser, fields, "preview", month="2017-09", **{f"{late}tell": ["officer"], "most_items": "1"})
    assert answer.status_code == 200, answer.text
    assert "预览：2017年9月" in answer.text
    assert "王芳" in answer.text
    assert not faults(parse(answer.text))
    kept = form_fields(answer.text, EDIT)
    assert kept[f"{late}tell"] == ["officer"]
    person = next(key for key, words in options(answer.text, "person").items() if words.endswith(" · 李敏"))
    closer = send(browser, kept, "preview", day="2017-09-05", person=person)
    assert "到期后第 3 个工作日（9月5日），作为承办人员" in closer.text
    assert "只计项数" in closer.text
    assert not saved(world)
    assert not events(world)


def options(html: str, name: str) -> dict[str, str]:
    (found,) = (each for each in parse(html).all("select") if each.get("name") == name)
    return {each.get("value"): each.text for each in found.all("option")}


def test_the_preview_narrows_to_a_province(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    assert "李敏" in send(browser, fields, "preview", month="2017-09", area="130000").text
    other = send(browser, fields, "preview", month="2017-09", area="370000")
    assert other.status_code == 200
    assert "李敏" not in other.text
    for area in ("110000", "nowhere", "jjj"):
        assert "李敏" in send(browser, fields, "preview", month="2017-09", area=area).text


def test_where_too_much_is_open_a_province_is_asked_for(
    world: Site, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "LIMIT", 1)
    answer = send(browser, opened(browser), "preview")
    assert answer.status_code == 422
    assert "请选择一个省再预览" in answer.text
    assert send(browser, opened(browser), "preview", area="370000").status_code == 200


def test_months_that_are_not_offered_count_as_the_last(world: Site, browser: FlaskClient) -> None:
    fields = opened(browser)
    assert list(options(browser.get(EDIT).text, "month")) == [f"2017-{month:02}" for month in range(9, 3, -1)]
    for wrong in ("2017-10", "2016-01", "x", "9" * 400):
        assert "预览：2017年9月" in send(browser, fields, "preview", month=wrong, day=wrong, person=wrong).text


# --- what it costs


def test_pages_and_previews_cost_the_same_for_one_and_for_many(world: Site, browser: FlaskClient) -> None:
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    def costs() -> list[int]:
        found = []
        fields = opened(browser)
        for ask in (lambda: browser.get(PAGE), lambda: browser.get(EDIT), lambda: send(browser, fields, "preview")):
            ask()
            counted.clear()
            assert ask().status_code == 200
            found.append(len(counted))
        return found

    event.listen(world.database.reading_engine, "before_cursor_execute", count)
    try:
        before = costs()
        for items in range(5, 10):
            assert send(browser, opened(browser), note="又一版", most_items=str(items)).status_code == 303
        with world.database.transaction() as session:
            for number in range(5):
                add_person(session, f"p{number}", "130600", Role.OFFICER)
        assert costs() == before
    finally:
        event.remove(world.database.reading_engine, "before_cursor_execute", count)
