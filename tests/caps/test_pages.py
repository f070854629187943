"""The register's pages, as people go through them."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from tests.support.filled import form_fields
from tests.support.lived_in import BAODING
from tests.support.plans import assignment
from tests.support.site import Site
from webapp.caps.models import CapEnterprise, CapFiling, CapLine, CapStop, CapVerdict


def ids(site: Site) -> tuple[int, int, int]:
    with site.database.reading() as session:
        works = session.scalars(select(CapEnterprise)).one()
        lines = session.scalars(select(CapLine.id).order_by(CapLine.id)).all()
        return works.id, lines[0], lines[1]


def count(site: Site, model: Any) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_an_enterprise_is_registered_with_a_line_and_a_plan(own_site: Site) -> None:
    browser = own_site.client(own_site.people.officer)
    page = browser.get(f"/caps/cities/{BAODING}/steel/new").text
    fields = form_fields(page, f"/caps/cities/{BAODING}/steel/new") | {"name": ["白洋淀钢铁"], "county": ["徐水区"]}
    answer = browser.post(f"/caps/cities/{BAODING}/steel/new", data=fields)
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    action = answer.location
    fields = form_fields(page, action) | {"name": ["1号高炉"], "capacity": ["１２０"], "baseline": ["480,000"]}
    answer = browser.post(action, data=fields)
    assert answer.status_code == 303
    with own_site.database.reading() as session:
        line = session.scalars(select(CapLine).where(CapLine.name == "1号高炉")).one()
        assert (line.capacity, line.baseline, line.kind) == (120, 480_000, "blast_furnace")
    # The same form once more changes nothing and leads to the same place.
    assert browser.post(action, data=fields).status_code == 303
    assert count(own_site, CapLine) == 3
    assert "白洋淀钢铁" in browser.get(f"/caps/cities/{BAODING}").text


def test_a_plan_is_mended_with_a_reason(own_site: Site) -> None:
    works, one, two = ids(own_site)
    browser, action = own_site.client(own_site.people.officer), f"/caps/enterprises/{works}/plan"
    page = browser.get(action).text
    assert 'value="2017-11-15"' in page
    fields = {
        "request_key": ["k" * 12], "revision": ["1"], f"first-{two}-0": ["2017-12-01"], f"last-{two}-0": ["2018-03-15"],
    }  # fmt: skip
    refused = browser.post(action, data=fields)
    assert refused.status_code == 422
    assert 'value="2017-12-01"' in refused.text
    done = browser.post(action, data=fields | {"request_key": ["j" * 12], "reason": ["2号检修"]})
    assert done.status_code == 303
    with own_site.database.reading() as session:
        newest = session.scalars(select(CapFiling).order_by(CapFiling.id.desc())).first()
        assert newest is not None
        stops = session.scalars(select(CapStop).where(CapStop.filing_id == newest.id)).all()
        assert (newest.revision, [stop.line_id for stop in stops]) == (2, [two])
    stale = browser.post(action, data=fields | {"request_key": ["i" * 12], "reason": ["晚了"]})
    assert stale.status_code == 409
    assert str(one)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"first": "2017-11-14", "last": "2018-03-15"}, "line"),
        ({"first": "", "last": "2018-03-15"}, "line"),
        ({"first": "昨天", "last": "2018-03-15"}, "line"),
        ({"first": "2018-03-15", "last": "2017-11-15"}, "line"),
        ({"first": "2017-11-15", "last": "2018-03-15", "units": "3"}, "line"),
    ],
)
def test_a_bad_stop_is_told_at_its_line(own_site: Site, typed: dict[str, str], where: str) -> None:
    works, one, _two = ids(own_site)
    browser, action = own_site.client(own_site.people.officer), f"/caps/enterprises/{works}/plan"
    fields = {f"{part}-{one}-0": value for part, value in typed.items()} | {"revision": "1", "reason": "改"}
    answer = browser.post(action, data=fields)
    assert answer.status_code == 422
    assert f'href="#{where}-{one}"' in answer.text
    assert count(own_site, CapFiling) == 2


def test_a_month_ahead_cannot_be_stated(own_site: Site) -> None:
    works, _one, _two = ids(own_site)
    browser = own_site.client(own_site.people.officer)
    answer = browser.post(f"/caps/enterprises/{works}/months/2018-02", data={"revision": "0", "through": "2018-02-28"})
    assert answer.status_code == 409
    assert browser.get(f"/caps/enterprises/{works}/months/2017-07").status_code == 404


def test_the_level_above_decides_on_what_the_meter_contradicts(own_site: Site) -> None:
    works, one, _two = ids(own_site)
    with own_site.database.reading() as session:
        filing = session.scalars(select(CapFiling.id).where(CapFiling.kind == "month")).one()
    action = f"/caps/enterprises/{works}/verdicts/{filing}/{one}"
    officer, coordinator = (own_site.client(each) for each in (own_site.people.officer, own_site.people.coordinator))
    assert "90,000" in officer.get(action).text
    assert officer.post(action, data={"verdict": "confirmed", "reason": "是"}).status_code == 403
    assert coordinator.post(action, data={"verdict": "", "reason": ""}).status_code == 422
    assert action in coordinator.get(f"/caps/cities/{BAODING}").text
    assert coordinator.post(action, data={"verdict": "rejected", "reason": "现场仍在生产"}).status_code == 303
    assert action not in coordinator.get("/caps").text


def test_a_filed_load_is_ended(own_site: Site) -> None:
    works, _one, two = ids(own_site)
    browser = own_site.client(own_site.people.officer)
    given = {"ground": "livelihood", "line": str(two), "dated": "2017-09-20", "max_load": "40", "document": "B-9"}
    action = f"/caps/enterprises/{works}/exemptions/new"
    assert browser.get(action).status_code == 200
    assert browser.post(action, data=given | {"max_load": "140"}).status_code == 422
    assert browser.post(action, data=given).status_code == 303
    end = f"/caps/enterprises/{works}/exemptions/1/end"
    assert browser.get(end).status_code == 200
    assert browser.post(end, data={"dated": "2017-10-20", "reason": ""}).status_code == 422
    assert browser.post(end, data={"dated": "2017-10-20", "reason": "改由热电厂供热"}).status_code == 303
    assert browser.post(end, data={"dated": "2017-10-20", "reason": "再次"}).status_code == 409


def test_what_is_counted_is_not_typed_and_says_where_it_comes_from(own_site: Site) -> None:
    browser = own_site.client(own_site.people.officer)
    with own_site.database.reading() as session:
        row = assignment(session, "m09-cement", BAODING)
    assert row.counted
    for page in (f"/assignments/{row.id}", f"/assignments/{row.id}/update"):
        assert f"/caps/cities/{BAODING}" in browser.get(page).text
    typed = {"quantity": "50", "as_of": "2017-10-20", "version": str(row.version)}
    assert browser.post(f"/assignments/{row.id}/update", data=typed).status_code == 422


def test_an_enterprise_and_a_line_are_changed_with_a_reason(own_site: Site) -> None:
    works, one, _two = ids(own_site)
    browser = own_site.client(own_site.people.officer)
    for action, typed in (
        (f"/caps/enterprises/{works}/edit", {"county": ["满城区"]}),
        (f"/caps/enterprises/{works}/lines/{one}", {"closed_on": ["2018-02-01"]}),
    ):
        fields = form_fields(browser.get(action).text, action) | typed
        assert browser.post(action, data=fields).status_code == 422
        assert browser.post(action, data=fields | {"reason": ["核对后更正"]}).status_code == 303
        assert browser.post(action, data=fields | {"reason": ["旧页面"], "request_key": ["z" * 9]}).status_code == 409
    with own_site.database.reading() as session:
        assert session.get_one(CapLine, one).closed_on == date(2018, 2, 1)
        assert session.get_one(CapEnterprise, works).county == "满城区"
        assert session.get_one(CapLine, one).capacity == Decimal(80)


@pytest.mark.parametrize("name", ["coordinator", "reader", "overseer"])
def test_others_look_and_file_nothing(own_site: Site, name: str) -> None:
    works, one, _two = ids(own_site)
    browser = own_site.client(getattr(own_site.people, name))
    assert browser.get(f"/caps/enterprises/{works}").status_code == 200
    for path in (f"/caps/enterprises/{works}/plan", f"/caps/enterprises/{works}/lines/{one}",
                 f"/caps/cities/{BAODING}/steel/new"):  # fmt: skip
        assert browser.get(path).status_code == 403
        assert browser.post(path, data={"revision": "1"}).status_code == 403


def test_statements_do_not_grow_with_enterprises(own_site: Site) -> None:
    browser = own_site.client(own_site.people.overseer)
    few = statements(own_site, browser, "/caps")
    with own_site.database.transaction() as session:
        first = session.scalars(select(CapEnterprise)).one()
        for number in range(12):
            row = CapEnterprise(plan_id=first.plan_id, organisation_id=first.organisation_id, sector="brick",
                                name=f"窑{number}", recorded_at=first.recorded_at)  # fmt: skip
            session.add(row)
            session.flush()
            session.add(CapLine(enterprise_id=row.id, name="1", kind="kiln", capacity=Decimal(1),
                                recorded_at=first.recorded_at))  # fmt: skip
    assert statements(own_site, browser, "/caps") == few
    assert statements(own_site, browser, f"/caps/cities/{BAODING}") <= few + 1


def statements(site: Site, browser: FlaskClient, address: str) -> int:
    told: list[str] = []

    def count_one(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    engine = site.database.reading_engine
    event.listen(engine, "before_cursor_execute", count_one)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count_one)
    return len(told)


def test_files_go_with_what_is_filed_and_outlive_a_refusal(own_site: Site) -> None:
    works, one, _two = ids(own_site)
    browser, action = own_site.client(own_site.people.officer), f"/caps/enterprises/{works}/plan"
    fields = {"request_key": "p" * 12, "revision": "1", f"first-{one}-0": "2017-12-01", f"last-{one}-0": "2018-03-15"}
    sent = fields | {"files": (BytesIO("停产通知".encode()), "通知.txt")}
    refused = browser.post(action, data=sent, content_type="multipart/form-data")
    assert (refused.status_code, "通知.txt" in refused.text) == (422, True)
    kept = form_fields(refused.text, action)
    again = fields | {name: kept[name][0] for name in ("kept", "keep")} | {"reason": "检修", "request_key": "q" * 12}
    assert browser.post(action, data=again).status_code == 303
    page = own_site.client(own_site.people.coordinator).get(f"/caps/enterprises/{works}").text
    assert "通知.txt" in page
    address = page.partition('href="/evidence/')[2].partition('"')[0]
    with browser.get(f"/evidence/{address}") as answer:
        assert answer.data == "停产通知".encode()
    # A stale form is refused once; sent again it is made from what holds now.
    stale = browser.post(action, data=fields | {"reason": "晚了", "request_key": "r" * 12})
    assert stale.status_code == 409
    assert form_fields(stale.text, action)["revision"] == ["2"]


def test_lists_are_narrowed_by_their_address_and_taken_away(own_site: Site) -> None:
    browser = own_site.client(own_site.people.overseer)
    for query, found in (
        ("", True), ("?sector=cement", True), ("?sector=steel", False), ("?q=taihang", True), ("?q=没有", False),
        ("?show=suspect", True), ("?show=unplanned", False), ("?show=unstated&month=2017-11", False),
        (f"?city={BAODING}&on=2017-10-19", True), ("?on=2016-01-01", False), ("?on=never&light=pink&month=13", True),
    ):  # fmt: skip
        answer = browser.get(f"/caps/enterprises{query}")
        assert (answer.status_code, "Taihang Cement" in answer.text) == (200, found), query
        told = browser.get(f"/caps/enterprises/export.csv{query}").data.decode("utf-8-sig")
        assert ("Taihang Cement" in told) == found, query
    with browser.get("/caps/export.xlsx?sector=cement") as answer:
        assert answer.data.startswith(b"PK")
    assert browser.get("/caps/export.pdf").status_code == 404


def test_a_past_day_is_looked_at_and_nothing_more(own_site: Site) -> None:
    works, _one, _two = ids(own_site)
    browser = own_site.client(own_site.people.officer)
    now = browser.get(f"/caps/enterprises/{works}").text
    then = browser.get(f"/caps/enterprises/{works}?on=2017-10-19").text
    assert (f"/caps/enterprises/{works}/plan" in now, f"/caps/enterprises/{works}/plan" in then) == (True, False)
    assert browser.get(f"/caps/enterprises/{works}?on=2016-01-01").status_code == 404
    assert browser.get(f"/caps/cities/{BAODING}?on=2017-10-19").status_code == 200


def test_a_statement_changed_while_a_verdict_is_open(own_site: Site) -> None:
    works, one, _two = ids(own_site)
    with own_site.database.transaction() as session:
        old = session.scalars(select(CapFiling).where(CapFiling.kind == "month")).one()
        action = f"/caps/enterprises/{works}/verdicts/{old.id}/{one}"
        coordinator = own_site.client(own_site.people.coordinator)
        fields = form_fields(coordinator.get(action).text, action) | {"verdict": ["confirmed"], "reason": ["现场停产"]}
        values = {name: getattr(old, name) for name in ("kind", "month", "through", "actor_id", "actor_label")}
        session.add(CapFiling(enterprise_id=works, revision=2, note="更正", recorded_at=old.recorded_at, **values))
    assert coordinator.post(action, data=fields).status_code == 404
    # Ids of different things put together lead nowhere.
    officer = own_site.client(own_site.people.officer)
    for path in (f"{works}/verdicts/1/{one}", f"{works + 1}/verdicts/{old.id}/{one}", f"{works}/exemptions/9/end",
                 f"{works}/lines/99"):  # fmt: skip
        assert officer.get(f"/caps/enterprises/{path}").status_code == 404, path
    assert count(own_site, CapVerdict) == 0
