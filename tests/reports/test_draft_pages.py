"""The page of a draft and what leads from it to a signed, reviewed and corrected report."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.reports.test_pages import NOW, guard, hidden, number, page, row, send
from tests.support.plans import assignment_id, person
from tests.support.site import Site, site
from tests.support.stated import state_due
from webapp.accounts.models import Membership, Person
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.permissions import Role
from webapp.progress.models import ProgressUpdate
from webapp.reports.models import ReportDecision, ReportNote
from webapp.reports.queries import get_report
from webapp.rollups import asof

BOILERS = "m04-boilers-all"
DATA = {"Accept": "application/json"}


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """The application on the morning of 9 October; what was due is stated."""
    with site(september, tmp_path, now=NOW) as made:
        yield made


def task_id(world: Site, task: str = BOILERS, place: str = "130600") -> int:
    with world.database.reading() as session:
        return assignment_id(session, task, place)


def may(world: Site, person: Person, **parts: bool) -> None:
    """Somebody fills, checks or signs, or does not."""
    with world.database.transaction() as session:
        session.execute(update(Membership).where(Membership.person_id == person.id).values(**parts))


def note(world: Site, client: FlaskClient, *, task: int = 0, report: int = 0, data: bool = True, **form: str) -> Any:
    address = f"/reports/{report or number(world)}/notes/{task or task_id(world)}"
    return client.post(address, data={"version": "0"} | form, headers=DATA if data else {})


def noted(world: Site) -> list[ReportNote]:
    with world.database.reading() as session:
        return list(session.scalars(select(ReportNote)))


# --- a line's words


def test_words_save_themselves_and_the_second_editor_loses_nothing(world: Site) -> None:
    officer, colleague = world.client(world.people.officer), world.client(world.people.colleague)
    first = note(world, officer, problem="管网施工推迟", next_step="", reason="")
    assert first.json == {"message": "已保存 11:00", "version": 1}
    clash = note(world, colleague, problem="资金缺口", next_step="下月拨付", reason="")
    assert clash.status_code == 409
    assert clash.json["theirs"] == {"problem": "管网施工推迟", "next_step": "", "reason": ""}
    assert "李敏" in clash.json["message"]
    assert [each.problem for each in noted(world)] == ["管网施工推迟"]
    # Whoever read both sends again, against the version that was shown.
    chosen = note(world, colleague, version=str(clash.json["version"]), problem="资金缺口", next_step="", reason="")
    assert (chosen.status_code, chosen.json["version"]) == (200, 2)
    assert row(world).filled_by == world.people.colleague.id
    assert "资金缺口" in page(officer, f"/reports/{number(world)}")


def test_without_script_the_page_comes_back_with_both_texts(world: Site) -> None:
    officer, colleague = world.client(world.people.officer), world.client(world.people.colleague)
    saved = note(world, officer, data=False, problem="管网施工推迟")
    assert saved.location == f"/reports/{number(world)}#line-{task_id(world)}"
    clash = note(world, colleague, data=False, problem="资金缺口", next_step="下月拨付")
    html = clash.get_data(as_text=True)
    assert clash.status_code == 409
    assert "管网施工推迟" in html
    assert "资金缺口</textarea>" in html
    assert "下月拨付</textarea>" in html


def test_the_same_words_twice_are_one_save(world: Site) -> None:
    officer = world.client(world.people.officer)
    answers = [note(world, officer, problem="管网施工推迟") for _again in range(2)]
    assert [each.json["version"] for each in answers] == [1, 1]


def test_words_that_cannot_be_kept_say_why(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert "最多" in note(world, officer, problem="长" * 4001).json["message"]
    long = note(world, officer, data=False, problem="长" * 4001)
    assert (long.status_code, "长" * 4001 in long.get_data(as_text=True)) == (422, True)
    send(world, officer)
    late = note(world, officer, problem="管网施工推迟")
    assert late.status_code == 409
    assert noted(world) == []


def test_other_peoples_lines_and_reports_are_not_found(world: Site) -> None:
    officer, stranger = world.client(world.people.officer), world.client(world.people.stranger)
    foreign = task_id(world, place="370100")
    assert note(world, officer, task=foreign, problem="x").status_code == 404
    assert note(world, officer, task=999_999, problem="x").status_code == 404
    assert note(world, officer, report=number(world, "370100"), task=foreign, problem="x").status_code == 404
    assert note(world, stranger, problem="x").status_code == 404
    assert note(world, world.client(world.people.coordinator), problem="x").status_code == 403
    assert stranger.post(f"/reports/{number(world)}/no-change", data={}).status_code == 404
    assert noted(world) == []


def test_who_may_not_fill_reads(world: Site) -> None:
    may(world, world.people.officer, may_fill=False)
    officer = world.client(world.people.officer)
    assert "data-autosave " not in page(officer, f"/reports/{number(world)}")
    assert note(world, officer, problem="x").status_code == 403
    assert officer.post(f"/reports/{number(world)}/no-change", data={}).status_code == 403


# --- no change


def test_no_change_for_all_that_is_left_in_one_act(world: Site) -> None:
    officer, address = world.client(world.people.officer), f"/reports/{number(world)}"
    html = page(officer, address)
    count = int(re.findall(r"其余 (\d+) 项本月无变化", html)[0])
    form = {"request_key": hidden(html, "request_key")}
    answers = [officer.post(f"{address}/no-change", data=form) for _double in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    with world.database.reading() as session:
        said = session.scalars(select(ProgressUpdate).where(ProgressUpdate.kind == "no_change")).all()
    assert len(said) == count > 10
    assert {str(each.as_of) for each in said} == {"2017-09-30"}
    assert len({each.assignment_id for each in said}) == len(said)
    after = page(officer, address)
    assert "/no-change" not in after
    assert "没有需要处理的事项" in after


# --- errors


def test_an_error_says_what_is_wrong_where_it_is_mended_and_stops_the_report(world: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.reports.draft.known_at", _forgetting("m14-elsewhere"))
    officer, report = world.client(world.people.officer), number(world)
    html = page(officer, f"/reports/{report}")
    found = task_id(world, "m14-elsewhere")
    assert "1 处错误，改正后才能报送" in html
    assert "2017年9月30日到期，还没有填报完成情况。" in html
    assert f"/assignments/{found}/update?back=/reports/{report}" in html
    checked = page(officer, f"/reports/{report}/check")
    assert "还有错误没有改正，暂时不能报送。" in checked
    assert f'action="/reports/{report}/submit"' not in checked
    sent = officer.post(f"/reports/{report}/submit", data={"version": row(world).version, "seen": "", "confirm": "y"})
    assert sent.status_code == 409
    assert row(world).status == "open"


def _forgetting(task: str) -> Any:
    """The replay without what was said of a task."""

    def known_at(history: Any, at: Any) -> Any:
        gone = {row.id for row in history.assignments if row.task_code == task}
        left = {number: rows for number, rows in history.updates.items() if number not in gone}
        return asof.known_at(replace(history, updates=left), at)

    return known_at


def test_the_form_for_an_update_leads_back(world: Site) -> None:
    officer, back = world.client(world.people.officer), f"/reports/{number(world)}"
    address = f"/assignments/{task_id(world)}/update"
    html = page(officer, f"{address}?back={back}")
    form = guard(html) | {"quantity": "50", "as_of": "2017-09-30", "back": hidden(html, "back")}
    assert officer.post(address, data=form).location == back
    assert 'name="back"' not in page(officer, f"{address}?back=https://example.cn/")


# --- filled, checked, signed


def test_three_people_and_each_their_part(world: Site) -> None:
    may(world, world.people.officer, may_check=False, may_sign=False)
    may(world, world.people.colleague, may_fill=False)
    filler, boss, address = world.client(world.people.officer), world.client(world.people.colleague), number(world)
    note(world, filler, problem="管网施工推迟")
    assert "月报由签发人报送：赵强" in page(filler, f"/reports/{address}/check")
    refused = filler.post(f"/reports/{address}/submit", data={"version": row(world).version, "seen": ""})
    assert refused.status_code == 403

    html = page(boss, f"/reports/{address}/check")
    assert "您同时是审核人和签发人" in html
    form = guard(html) | {"seen": hidden(html, "seen")}
    assert boss.post(f"/reports/{address}/confirm", data=form).status_code == 303
    assert "确认审核无误" in page(boss, f"/reports/{address}/check")
    # Another word, and it has to be looked at again.
    note(world, filler, problem="管网施工推迟", next_step="加紧施工", version="1")
    assert row(world).checked_by is None
    html = page(boss, f"/reports/{address}/check")
    sent = guard(html) | {"seen": hidden(html, "seen")}
    assert boss.post(f"/reports/{address}/submit", data=sent).status_code == 409
    sent = sent | {"request_key": "another-key", "confirm": "y"}
    assert boss.post(f"/reports/{address}/submit", data=sent).status_code == 303


def test_where_nobody_may_sign_the_page_says_so_and_who_may_where_somebody_may(world: Site) -> None:
    officer, address = world.client(world.people.officer), f"/reports/{number(world)}/check"
    may(world, world.people.officer, may_check=False, may_sign=False)
    assert "月报由签发人报送：赵强" in page(officer, address)
    may(world, world.people.colleague, may_sign=False)
    assert "月报由签发人报送：（无，请联系管理员）" in page(officer, address)


def test_a_check_can_be_taken_back(world: Site) -> None:
    officer, address = world.client(world.people.officer), f"/reports/{number(world)}"
    html = page(officer, f"{address}/check")
    officer.post(f"{address}/confirm", data=guard(html) | {"seen": hidden(html, "seen")})
    html = page(officer, f"{address}/check")
    assert "撤回审核" in html
    assert officer.post(f"{address}/unconfirm", data={"version": row(world).version}).status_code == 303
    assert row(world).checked_by is None
    assert officer.post(f"{address}/confirm", data={"version": row(world).version, "seen": "x"}).status_code == 409


def test_a_province_names_who_is_missing(world: Site) -> None:
    report, client = number(world, "130000"), world.client(world.people.coordinator)
    html = page(client, f"/reports/{report}")
    assert "所辖城市月报" in html
    assert "保定市" in html
    with world.database.transaction() as session:
        head = person(session, "130000", Role.COORDINATOR)
        state_due(session, get_report(session, report, head), actor=head, now=parse_instant("2017-10-01T09:00"))
    html = page(client, f"/reports/{report}/check")
    assert "个城市尚未报送" in html
    form = guard(html) | {"seen": hidden(html, "seen"), "confirm": "y"}
    silent = client.post(f"/reports/{report}/submit", data=form)
    assert silent.status_code == 422
    assert "写明不再等候的原因" in silent.get_data(as_text=True)
    again = form | {"request_key": "another-key", "missing_reason": "期限已到"}
    assert client.post(f"/reports/{report}/submit", data=again).status_code == 303
    assert "期限已到" in page(client, f"/reports/{report}")


# --- returned line by line, corrected


def decide(world: Site, **form: Any) -> Any:
    client = world.client(world.people.coordinator)
    html = page(client, f"/reports/{number(world)}")
    return client.post(f"/reports/{number(world)}/decide", data=guard(html) | form)


def test_single_lines_are_returned_each_with_its_reason(world: Site) -> None:
    officer, line = world.client(world.people.officer), task_id(world)
    send(world, officer)
    assert "今天收到，请于2017年10月12日" in page(world.client(world.people.coordinator), f"/reports/{number(world)}")
    bare = decide(world, decision="return", line=str(line), reason="")
    assert bare.status_code == 422
    assert "请写明这一项退回的原因" in bare.get_data(as_text=True)
    assert decide(world, decision="return", line="77777777").status_code == 422
    given = {"line": str(line), f"line-{line}": "与台账不符", "decision": "return"}
    assert decide(world, **given).status_code == 303
    with world.database.reading() as session:
        assert session.scalars(select(ReportDecision)).one().lines == [{"assignment": line, "reason": "与台账不符"}]
    html = page(officer, f"/reports/{number(world)}")
    assert "退回意见：与台账不符" in html
    assert "有 1 项任务需要修改" in html


def test_an_accepted_report_is_corrected_or_not_after_all(world: Site) -> None:
    officer, address = world.client(world.people.officer), f"/reports/{number(world)}"
    send(world, officer)
    decide(world, decision="accept")
    html = page(officer, address)
    assert "更正这份月报" in html
    silent = officer.post(f"{address}/correct", data=guard(html) | {"why": " "})
    assert (silent.status_code, "请写明更正原因" in silent.get_data(as_text=True)) == (422, True)
    form = guard(html) | {"request_key": "another-key", "why": "重复统计"}
    assert officer.post(f"{address}/correct", data=form).status_code == 303
    html = page(officer, address)
    assert "更正中" in html
    assert "重复统计" in html
    assert "第 1 版继续有效" in html
    assert "更正中" in page(officer, "/reports")
    assert officer.post(f"{address}/drop", data={"version": row(world).version}).status_code == 303
    assert row(world).status == "accepted"
    stale = officer.post(f"{address}/correct", data={"version": "1", "why": "再来一次"})
    assert (stale.status_code, "再来一次" in stale.get_data(as_text=True)) == (409, True)


def test_strangers_correct_nothing(world: Site) -> None:
    send(world, world.client(world.people.officer))
    decide(world, decision="accept")
    for who, status in ((world.people.stranger, 404), (world.people.coordinator, 403)):
        for tail in ("correct", "drop", "unconfirm"):
            answer = world.client(who).post(f"/reports/{number(world)}/{tail}", data={"version": "1", "why": "x"})
            assert answer.status_code == status, tail
