"""Acts on many rows over the web: what is told before, what is done once, what is left and why."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.lived_in import BAODING, BOILERS
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.audit.models import AuditEvent
from webapp.bulk.rules import MOST
from webapp.mail.models import OutboxMail
from webapp.mail.service import refuse
from webapp.plans.models import Assignment
from webapp.reminders.emails import render_asked
from webapp.reminders.models import Reminder

CLOSE, STOVES = "m02-close-all", "m04-tea-stoves"
ACT = "/overview/assignments/act"


def ids(site: Site, *tasks: str) -> list[int]:
    """Baoding's assignments of some tasks."""
    with site.database.reading() as session:
        return [assignment_id(session, task, BAODING) for task in tasks]


def statuses(site: Site, rows: list[int]) -> list[str]:
    """Where assignments stand."""
    with site.database.reading() as session:
        return [session.get_one(Assignment, row).status for row in rows]


def asked(site: Site, act: str, rows: list[int], who: str = "coordinator") -> tuple[str, dict[str, str]]:
    """The page before an act on ticked rows, and what its form would send."""
    client = site.client(getattr(site.people, who))
    page = client.get(ACT, query_string={"act": act, "scope": "chosen", "id": rows}).text
    names = ("act", "rows", "listed", "request_key")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in names}
    return page, {name: match[1] for name, match in found.items() if match}


def sent(site: Site, form: dict[str, str], who: str = "coordinator", **more: str) -> Any:
    """The answer to the form."""
    return site.client(getattr(site.people, who)).post(ACT, data=form | more)


def mailed(site: Site) -> tuple[Any, Any]:
    """Conditions: what the officer was asked for."""
    return OutboxMail.template == "asked", OutboxMail.person_id == site.people.officer.id


def result(site: Site, answer: Any) -> str:
    """The page the answer leads to."""
    assert answer.status_code == 303, answer.text
    return str(site.client(site.people.coordinator).get(answer.location).text)


def test_the_page_before_says_what_will_happen_and_to_what_not(own_site: Site) -> None:
    claimed, boilers = ids(own_site, CLOSE, BOILERS)
    page, form = asked(own_site, "verify", [claimed, boilers, 999_999])
    assert "将对 1 项任务事项办理“批量办结销号”" in page
    assert "没有等待审核的申请" in page
    assert "另有 1 项已不存在" in page
    assert form["rows"].split(":")[0] == str(claimed)


def test_a_double_click_verifies_once(own_site: Site) -> None:
    rows = ids(own_site, CLOSE)
    _page, form = asked(own_site, "verify", rows)
    first, second = sent(own_site, form), sent(own_site, form)
    assert first.location == second.location
    assert "已办结销号 1 项" in result(own_site, first)
    assert statuses(own_site, rows) == ["verified"]
    assert sent(own_site, form, reason="另一份内容").status_code == 409


def test_what_changed_meanwhile_is_told_by_name_and_the_rest_is_done(own_site: Site) -> None:
    claimed, boilers = ids(own_site, CLOSE, BOILERS)
    _page, form = asked(own_site, "return", [claimed])
    form["rows"] = f"{form['rows']} {boilers}:1 999999:1"
    page = result(own_site, sent(own_site, form, reason="缺少验收照片"))
    assert statuses(own_site, [claimed]) == ["returned"]
    assert "2 项没有办理" in page
    assert "您打开页面之后已有人更新" in page
    assert "缺少验收照片" in page


def test_a_return_wants_a_reason_and_keeps_the_rows(own_site: Site) -> None:
    rows = ids(own_site, CLOSE)
    _page, form = asked(own_site, "return", rows)
    answer = sent(own_site, form, reason=" ")
    assert answer.status_code == 422
    assert f'value="{form["rows"]}"' in answer.text
    assert statuses(own_site, rows) == ["claimed"]


def test_only_the_level_above_decides(own_site: Site) -> None:
    rows = ids(own_site, CLOSE)
    page, form = asked(own_site, "verify", rows, "overseer")
    assert "不归您办理" in page
    assert "rows" not in form
    _page, form = asked(own_site, "verify", rows)
    answer = sent(own_site, form, "overseer")
    page = own_site.client(own_site.people.overseer).get(answer.location).text
    assert "1 项没有办理" in page
    assert statuses(own_site, rows) == ["claimed"]
    assert own_site.client(own_site.people.coordinator).get(answer.location).status_code == 404


def test_rows_of_another_area_are_neither_shown_nor_touched(own_site: Site) -> None:
    with own_site.database.reading() as session:
        jinan = assignment_id(session, BOILERS, "370100")
    page, form = asked(own_site, "remind", [jinan])
    assert "济南" not in page
    assert "没有可以办理的事项" in page
    form |= {"act": "remind", "rows": f"{jinan}:1"}
    assert "济南" not in result(own_site, sent(own_site, form))
    with own_site.database.reading() as session:
        assert session.scalar(select(func.count()).where(Reminder.subject_id == jinan, Reminder.rung > "now")) == 0


def test_reminding_writes_one_mail_a_person_and_not_twice_a_day(own_site: Site) -> None:
    rows = ids(own_site, BOILERS, STOVES)
    _page, form = asked(own_site, "remind", rows)
    page = result(own_site, sent(own_site, form, reason="请于周五前报进展。"))
    assert "已催办 2 项，写出 2 封邮件" in page  # Baoding has two officers
    with own_site.database.reading() as session:
        mail = session.scalars(select(OutboxMail).where(*mailed(own_site))).one()
        told = session.scalars(select(Reminder).where(Reminder.outbox_id == mail.id)).all()
        deeds = session.scalars(select(AuditEvent).where(AuditEvent.action == "reminder.asked")).all()
    assert (mail.person_id, mail.topic) == (own_site.people.officer.id, "reminders")
    assert {each.subject_id for each in told} == {each.subject_id for each in deeds} == set(rows)
    assert {each.rung for each in told} == {"now:2017-10-20"}
    words = render_asked(mail.payload | {"base_url": "https://x"}, "zh")
    assert "请于周五前报进展。" in words.text
    assert words.subject.startswith("催办：2 项任务")
    page, again = asked(own_site, "remind", rows)
    assert "本工作日已经催办过" in page
    assert "rows" not in again


def test_two_who_ask_at_once_write_one_mail(own_site: Site) -> None:
    rows = ids(own_site, BOILERS)
    _page, first = asked(own_site, "remind", rows)
    _page, second = asked(own_site, "remind", rows)
    sent(own_site, first)
    assert "本工作日已经催办过" in result(own_site, sent(own_site, second))
    with own_site.database.reading() as session:
        assert session.scalar(select(func.count()).where(*mailed(own_site))) == 1


def test_who_refused_reminders_is_not_mailed(own_site: Site) -> None:
    with own_site.database.transaction() as session:
        refuse(session, own_site.people.officer.id, "reminders", own_site.people.officer.created_at)
    _page, form = asked(own_site, "remind", ids(own_site, BOILERS))
    sent(own_site, form)
    with own_site.database.reading() as session:
        assert session.scalars(select(OutboxMail.state).where(*mailed(own_site))).one() == "withheld"


def test_all_of_a_filter_are_bounded_and_only_those_that_fit(own_site: Site) -> None:
    client = own_site.client(own_site.people.overseer)
    page = client.get(ACT, query_string={"act": "remind", "scope": "all"}).text
    packed = re.search(r'name="rows"[^>]*value="([^"]*)"', page)
    assert packed
    assert len(packed[1].split()) == MOST
    assert f"一次最多 {MOST} 项" in page
    assert "不适用此操作" in page


def test_a_page_of_the_list_may_be_chosen_as_a_whole(shared_site: Site) -> None:
    client = shared_site.client(shared_site.people.coordinator)
    page = client.get(ACT, query_string={"act": "verify", "scope": "page", "status": "claimed"}).text
    assert "将对" in page
    assert "status=claimed" in page


@pytest.mark.parametrize("query", ["act=close", "", "act=verify&scope=chosen&id=abc"])
def test_nonsense_does_nothing(shared_site: Site, query: str) -> None:
    client = shared_site.client(shared_site.people.coordinator)
    assert client.get(f"{ACT}?{query}").status_code in (200, 404)
    assert client.get(f"{ACT}?act=verify").status_code == 303


def test_the_list_offers_acts_to_those_who_decide(shared_site: Site) -> None:
    for who, offered in (("coordinator", True), ("reader", False), ("admin", False)):
        page = shared_site.client(getattr(shared_site.people, who)).get("/overview/assignments").text
        assert ('form="ls-acts"' in page) is offered
