"""Every act of the desk: it works, strangers see nothing, readers are refused, and it is not done by looking."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.october import BOILERS, STOVES, file_progress, guards, number, row, text
from tests.support.site import Site
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, DueDate, MonthlyNode, Task
from webapp.progress.models import ProgressUpdate

ACTS: dict[str, dict[str, Any]] = {
    "update": {"quantity": "62.5", "as_of": "2017-10-20", "note": "完成验收"},
    "no-change": {},
    "claim": {},
    "withdraw": {},
    "not-applicable": {"reason": "辖区内没有"},
    "nodes": {"2017-08": "40", "2017-10": "100"},
    "extend": {"due": "2017-12-31", "reason": "汛期影响施工"},
}


def prepare(world: Site, act: str) -> str:
    """Bring an assignment to where the act is possible; its task."""
    if act == "claim":
        file_progress(world, share="1")
    if act == "withdraw":
        file_progress(world, kind="claim", share="1")
    return unnamed(world) if act == "not-applicable" else BOILERS


def unnamed(world: Site) -> str:
    """A task of Baoding's whose clause does not name it."""
    query = (
        select(Task.code)
        .join(Assignment, Assignment.task_id == Task.id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Organisation.code == "130600", Task.named.is_(False), Task.kind == "quantity")
    )
    with world.database.reading() as session:
        return session.scalars(query.order_by(Task.sort)).all()[0]


def who(world: Site, act: str) -> Any:
    return world.people.overseer if act == "extend" else world.people.officer


def send(world: Site, act: str, task: str, person: Any, **more: Any) -> Any:
    """Send the form of an act with the guards the right person sees."""
    address = f"/assignments/{number(world, task)}/{act}"
    data = ACTS[act] | {"version": row(world, task).version, "request_key": "k" * 32} | more
    return world.client(person).post(address, data=data)


def counted(world: Site) -> tuple[int, ...]:
    with world.database.reading() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (ProgressUpdate, MonthlyNode, DueDate)
        )


@pytest.mark.parametrize("act", ACTS)
def test_it_works_and_says_so(world: Site, act: str) -> None:
    task = prepare(world, act)
    before = counted(world)
    answer = send(world, act, task, who(world, act))
    assert (answer.status_code, answer.location) == (303, f"/assignments/{number(world, task)}")
    assert counted(world) != before


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_nothing(world: Site, act: str) -> None:
    task = prepare(world, act)
    before = counted(world)
    answer = send(world, act, task, world.people.stranger)
    # Only coordinators may extend at all.
    assert answer.status_code == (403 if act == "extend" else 404)
    assert counted(world) == before


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", ["reader", "coordinator"])
def test_who_only_looks_is_refused(world: Site, act: str, person: str) -> None:
    task = prepare(world, act)
    before = counted(world)
    assert send(world, act, task, getattr(world.people, person)).status_code == 403
    assert counted(world) == before


@pytest.mark.parametrize("act", ACTS)
def test_looking_does_nothing(world: Site, act: str) -> None:
    task = prepare(world, act)
    before = counted(world)
    status = world.client(who(world, act)).get(f"/assignments/{number(world, task)}/{act}").status_code
    assert status == (405 if act in ("no-change", "claim", "withdraw") else 200)
    assert counted(world) == before


@pytest.mark.parametrize("act", ACTS)
def test_a_double_click_does_it_once(world: Site, act: str) -> None:
    task = prepare(world, act)
    version = row(world, task).version
    first = send(world, act, task, who(world, act), version=version)
    done = counted(world)
    second = send(world, act, task, who(world, act), version=version)
    assert (first.status_code, second.status_code) == (303, 303)
    assert counted(world) == done


@pytest.mark.parametrize("act", [act for act in ACTS if act != "withdraw"])
def test_somebody_else_saved_first(world: Site, act: str) -> None:
    task = prepare(world, act)
    before = counted(world)
    answer = send(world, act, task, who(world, act), version=row(world, task).version - 1)
    assert answer.status_code == 409
    assert "已有人更新了这项任务" in answer.get_data(as_text=True)
    assert counted(world) == before


def test_the_same_key_with_other_content_is_refused(world: Site) -> None:
    send(world, "update", BOILERS, world.people.officer)
    answer = send(world, "update", BOILERS, world.people.officer, quantity="70")
    assert answer.status_code == 409
    assert row(world).claimed == Decimal("0.625")


def test_a_claim_below_the_target_says_what_is_missing(world: Site) -> None:
    file_progress(world, share="0.5")
    answer = send(world, "claim", BOILERS, world.people.officer)
    assert answer.status_code == 422
    assert "还不能申请销号" in answer.get_data(as_text=True)


def test_a_named_duty_cannot_be_declined(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert officer.get(f"/assignments/{number(world)}/not-applicable").status_code == 409
    answer = send(world, "not-applicable", BOILERS, world.people.officer)
    assert answer.status_code == 422
    assert "不能申报不涉及" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param({"2017-08": "50", "2017-09": "40", "2017-10": "100"}, "不能低于上一个月", id="falls"),
        pytest.param({"2017-10": "90"}, "计划应达到 100%", id="unfinished"),
        pytest.param({"2017-10": "许多"}, "请填写数字", id="words"),
        pytest.param({"2017-10": "120"}, "0 到 100%", id="too much"),
        pytest.param({}, "请至少填写一个月", id="empty"),
    ],
)
def test_a_monthly_plan_that_cannot_be(world: Site, typed: dict[str, str], message: str) -> None:
    data = typed | {"version": row(world).version, "request_key": "n" * 32}
    answer = world.client(world.people.officer).post(f"/assignments/{number(world)}/nodes", data=data)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in html
    for value in typed.values():
        assert f'value="{value}"' in html


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param({"due": "2017-10-01", "reason": "x"}, "应晚于现在的期限", id="earlier"),
        pytest.param({"due": "2030-01-01", "reason": "x"}, "新的期限过晚", id="too late"),
        pytest.param({"due": "", "reason": "x"}, "请填写新的期限", id="no date"),
        pytest.param({"due": "2017-12-31", "reason": " "}, "请填写理由", id="no reason"),
    ],
)
def test_an_extension_that_cannot_be(world: Site, typed: dict[str, str], message: str) -> None:
    answer = send(world, "extend", BOILERS, world.people.overseer, **typed)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)


def test_after_a_save_the_next_thing_is_one_tap_away(world: Site) -> None:
    officer = world.client(world.people.officer)
    data = ACTS["update"] | guards(officer, f"/assignments/{number(world)}/update")
    html = officer.post(f"/assignments/{number(world)}/update", data=data, follow_redirects=True).get_data(as_text=True)
    assert "累计 62.5%，为目标的 62.5%" in html
    assert 'class="lt-flash-next" href="/assignments/' in html


def test_an_extended_date_is_explained(world: Site) -> None:
    send(world, "extend", BOILERS, world.people.overseer)
    html = text(world.client(world.people.officer), f"/assignments/{number(world)}")
    assert "2017年12月31日" in html
    assert "汛期影响施工" in html
    assert "方案期限为2017年10月31日" in html


def test_a_mail_on_the_extension_is_read_on_the_messages_page(world: Site) -> None:
    send(world, "extend", STOVES, world.people.overseer)
    officer = world.client(world.people.officer)
    assert "办理期限调整" in text(officer, "/messages")
    html = text(officer, "/messages/1")
    assert "汛期影响施工" in html
    assert world.client(world.people.stranger).get("/messages/1").status_code == 404
