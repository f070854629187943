"""A month's figure put right in a draft or a correction, though later days have been spoken of."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.reports.test_pages import NOW, guard, number, page, row
from tests.support.plans import assignment, assignment_id, person
from tests.support.site import Site, site
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.progress.service import record_update
from webapp.reports.draft import draft
from webapp.reports.queries import get_report

HOUSEHOLDS, BAODING, JINAN = "m04-boilers-all", "130600", "370100"
LATER = date(2017, 10, 8)


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """9 October: of the boilers 60 % was stated for September, then 80 % for 8 October."""
    for as_of, share, now in ((date(2017, 9, 30), "0.6", "2017-10-02T09:00"), (LATER, "0.8", "2017-10-08T20:00")):
        with september.transaction() as session:
            line = assignment(session, HOUSEHOLDS, BAODING)
            record_update(
                session, line, actor=person(session, BAODING), now=parse_instant(now), kind="progress", as_of=as_of,
                version=line.version, quantity=Decimal(share),
            )  # fmt: skip
    with site(september, tmp_path, now=NOW) as made:
        yield made


def address(world: Site, place: str = BAODING) -> str:
    with world.database.reading() as session:
        return f"/reports/{number(world)}/figures/{assignment_id(session, HOUSEHOLDS, place)}"


def figures(world: Site) -> tuple[str | None, Decimal | None]:
    """The share in September's draft, and the present one."""
    with world.database.reading() as session:
        present = assignment(session, HOUSEHOLDS, BAODING)
        report = get_report(session, number(world), person(session, BAODING))
        lines = draft(session, report, now=NOW + timedelta(hours=1)).lines
        return next(line["cumulative"] for line in lines if line["assignment"] == present.id), present.claimed


def restate(world: Site, client: FlaskClient, **typed: str) -> tuple[int, str]:
    form = guard(page(client, address(world))) | {"quantity": "55.5", "reason": "两台锅炉重复统计"} | typed
    answer = client.post(address(world), data=form)
    return answer.status_code, answer.get_data(as_text=True)


def test_the_month_is_put_right_and_what_was_said_since_stays(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert f'href="{address(world)}"' in page(officer, f"/reports/{number(world)}")
    shown = page(officer, address(world))
    assert 'value="60"' in shown
    assert "80%（截至2017年10月8日）" in shown
    assert figures(world) == ("0.6", Decimal("0.8"))
    assert restate(world, officer)[0] == 303
    assert figures(world) == ("0.555", Decimal("0.8"))
    assert row(world).filled_by == world.people.officer.id
    with world.database.reading() as session:
        task = assignment_id(session, HOUSEHOLDS, BAODING)
    told = page(officer, f"/assignments/{task}")
    assert "更正截至2017年9月30日的数字：55.5%" in told
    assert "两台锅炉重复统计" in told


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"quantity": ""}, "请填写更正后的累计完成数。"),
        ({"quantity": "很多"}, "请填写数字，例如 62 或 62.5。"),
        ({"quantity": "120"}, "比例不能超过 100%"),
        ({"reason": "  "}, "请写明更正原因"),
        ({"reason": "长" * 4001}, "最多"),
        ({"version": "0"}, "已有人更新了这项任务"),
    ],
)
def test_what_cannot_be_taken_says_why_and_keeps_what_was_typed(world: Site, typed: dict[str, str], says: str) -> None:
    status, html = restate(world, world.client(world.people.officer), **typed)
    assert status in (409, 422)
    assert says in html
    assert typed.get("quantity", "55.5") in html
    assert figures(world) == ("0.6", Decimal("0.8"))


def test_only_who_fills_the_report_and_only_its_own_lines(world: Site) -> None:
    for person_, status in ((world.people.stranger, 404), (world.people.coordinator, 403), (world.people.reader, 403)):
        client = world.client(person_)
        assert client.get(address(world)).status_code == status
        assert client.post(address(world), data={"quantity": "1", "reason": "x"}).status_code in (status, 422)
    officer = world.client(world.people.officer)
    assert officer.get(address(world, JINAN)).status_code == 404
    assert figures(world) == ("0.6", Decimal("0.8"))


def test_where_nothing_was_said_since_the_usual_form_opens(world: Site) -> None:
    officer = world.client(world.people.officer)
    with world.database.reading() as session:
        other = assignment_id(session, "m02-close-all", BAODING)
    answer = officer.get(f"/reports/{number(world)}/figures/{other}")
    assert answer.status_code == 303
    assert answer.location.startswith(f"/assignments/{other}/update?back=")


def test_whoever_had_a_form_open_before_is_told(world: Site) -> None:
    officer = world.client(world.people.officer)
    form = guard(page(officer, address(world)))
    assert restate(world, officer)[0] == 303
    late = officer.post(address(world), data=form | {"quantity": "50", "reason": "另一处重复"})
    assert late.status_code == 409
    assert "已有人更新了这项任务" in late.get_data(as_text=True)
    assert figures(world) == ("0.555", Decimal("0.8"))


def test_what_is_filed_next_starts_from_the_last_filing_not_from_the_correction(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert restate(world, officer)[0] == 303
    with world.database.reading() as session:
        task = assignment_id(session, HOUSEHOLDS, BAODING)
    assert "数据截至2017年10月8日" in page(officer, f"/assignments/{task}/update").replace(" ", "")


def test_what_rows_count_is_not_offered_to_be_typed(world: Site) -> None:
    officer = world.client(world.people.officer)
    with world.database.transaction() as session:
        assignment(session, HOUSEHOLDS, BAODING).counted = True
    assert f'href="{address(world)}"' not in page(officer, f"/reports/{number(world)}")
    status, html = restate(world, officer)
    assert (status, "由台账自动计算" in html) == (409, True)


def test_a_figure_that_waits_for_a_decision_does_not_move(september: Database, tmp_path: Path) -> None:
    """A figure for September, in October the claim that nothing applies: what is decided on stays as it is."""
    with september.transaction() as session:
        actor, task = person(session, BAODING), "m13-fixed"
        for kind, as_of, figure in (("progress", date(2017, 9, 30), Decimal(9)), ("na_claim", LATER, None)):
            line = assignment(session, task, BAODING)
            record_update(
                session, line, actor=actor, now=parse_instant("2017-10-08T20:00"), kind=kind,  # type: ignore[arg-type]
                as_of=as_of, version=line.version, quantity=figure, reason="本市没有这类设备" if figure is None else "",
            )  # fmt: skip
        line_id = line.id
    with site(september, tmp_path, now=NOW) as made:
        officer, place = made.client(made.people.officer), f"/reports/{number(made)}/figures/{line_id}"
        answer = officer.post(place, data=guard(page(officer, place)) | {"quantity": "5", "reason": "重复统计"})
        html = answer.get_data(as_text=True)
        assert (answer.status_code, "请先撤回申请" in html, 'value="5"' in html) == (409, True, True)
    with september.reading() as session:
        assert session.get_one(type(line), line_id).claimed == 9
