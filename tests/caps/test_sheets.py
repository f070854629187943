"""The register and a month's statements as tables: what comes back unchanged, what is new, what is wrong and where."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.caps.worked import d
from tests.caps.works import DECEMBER, JANUARY, OCTOBER, TANGSHAN, furnace, month, off, officer, plan, scope, works
from tests.support.filled import form_fields
from tests.support.lived_in import BAODING
from tests.support.plans import assignment
from tests.support.site import Site
from webapp.caps import month_sheet, register_sheet, service, sheets
from webapp.caps.models import CapChange, CapEnterprise, CapFiling, CapLine, CapPower
from webapp.caps.register import entries
from webapp.caps.sheets import Preview
from webapp.clock import local_date
from webapp.errors import Conflict
from webapp.evidence.tables import Refusal
from webapp.i18n import use_locale
from webapp.ledgers.reading import read_table

NOVEMBER = date(2017, 11, 1)
HEAD = ["行业", "企业名称", "县（市、区）", "生产线", "类别", "产能", "基准日用电量（千瓦时）"]
MONTH_HEAD = ["行业", "企业名称", "生产线", "停产自", "停产至", "用电量（千瓦时）"]


def as_file(*rows: Sequence[Any], encoding: str = "utf-8-sig") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


def known(session: Session) -> list[Any]:
    session.flush()
    return entries(session, list(session.scalars(select(CapEnterprise).order_by(CapEnterprise.id))))


def seasons(session: Session) -> dict[str, Any]:
    where = scope(session)
    return {code: service.season_of(session, where, code) for code in where.policy.sectors}


def register(session: Session, data: bytes) -> Preview:
    where = scope(session)
    table = read_table(data, sheets.register_kind(where.policy))
    return register_sheet.compare(table, known(session), where, seasons(session))


def november(session: Session, data: bytes, today: date | None = None) -> Preview:
    where = scope(session)
    table = read_table(data, sheets.month_kind(where.policy))
    return month_sheet.compare(table, known(session), where, NOVEMBER, seasons(session), today or local_date(DECEMBER))


@pytest.fixture
def two(session: Session) -> tuple[CapEnterprise, CapLine, CapLine]:
    """A works with two furnaces and a plan for one of them."""
    made = works(session, county="丰南区")
    one, other = furnace(session, made), furnace(session, made, "2号高炉", baseline=None)
    plan(session, made, off(one, "11-15", "3-15"))
    return made, one, other


@pytest.mark.parametrize(("encoding", "locale"), [("utf-8-sig", "en"), ("gb18030", "zh_Hans_CN")])
def test_what_was_taken_away_comes_back_unchanged(session: Session, two: Any, encoding: str, locale: str) -> None:
    where = scope(session)
    with use_locale(locale):
        head, rows = sheets.heading(sheets.register_kind(where.policy)), register_sheet.rows(known(session), where)
    found = register(session, as_file(head, *rows, encoding=encoding))
    assert (found.wrong, found.parts, found.same) == ([], [], 2)
    month(session, two[0], NOVEMBER, off(two[1], "11-15", "11-30"), power={two[1].id: Decimal(4000)}, now=DECEMBER)
    with use_locale(locale):
        head = sheets.heading(sheets.month_kind(where.policy))
        rows = month_sheet.rows(known(session), where, NOVEMBER, seasons(session), local_date(DECEMBER))
    found = november(session, as_file(head, *rows, encoding=encoding))
    assert (found.wrong, found.parts, found.same) == ([], [], 1)


def test_new_and_changed_rows_are_written_with_a_reason_and_counted(session: Session, two: Any) -> None:
    data = as_file(
        HEAD, ["钢铁", "甲钢铁", "曹妃甸区", "1号高炉", "高炉", 100, "2,000"],
        ["钢铁", "甲钢铁", "", "3号高炉", "", "80.5", ""],
        ["水泥", "乙水泥", "玉田县", "1号窑", "水泥窑", 30, ""], ["电解铝", "丙铝业", "", "", "", "", ""],
    )  # fmt: skip
    found = register(session, data)
    assert (found.wrong, found.same, found.asks_reason) == ([], 1, True)
    assert [title for title, _cells in found.lines] == ["甲钢铁", "乙水泥（新增）", "丙铝业（新增）"]
    assert found.fingerprint == register(session, data).fingerprint
    register_sheet.take_over(session, scope(session), found, "按台账核对", actor=officer(session), now=OCTOBER)
    session.flush()
    assert session.scalars(select(CapEnterprise.name).order_by(CapEnterprise.id)).all() == [
        "甲钢铁",
        "乙水泥",
        "丙铝业",
    ]
    assert two[0].county == "曹妃甸区"
    added = session.scalars(select(CapLine).where(CapLine.name == "3号高炉")).one()
    assert (added.capacity, added.kind) == (Decimal("80.5"), "blast_furnace")
    assert "按台账核对" in session.scalars(select(CapChange.reason)).all()
    session.expire_all()
    assert assignment(session, "m09-cement", TANGSHAN).counted
    assert register(session, data).fingerprint != found.fingerprint
    assert not register(session, data).parts


WRONG: tuple[tuple[list[Any], str], ...] = (
    (["煤炭", "丁", "", "1号", "", 1, ""], "行业"),
    (["钢铁", "", "", "1号", "", 1, ""], "企业名称"),
    (["钢铁", "丁", "", "1号", "转炉", 1, ""], "类别"),
    (["钢铁", "丁", "", "1号", "", "很多", ""], "产能"),
    (["钢铁", "丁", "", "1号", "", "1e9", ""], "产能"),
    (["钢铁", "丁", "", "1号", "", 0, ""], "产能"),
    (["钢铁", "丁", "", "1号", "", 99_999_999, ""], "产能"),
    (["钢铁", "丁", "", "1号", "", 1, -5], "基准日用电量（千瓦时）"),
    (["钢铁", "甲钢铁", "路南区", "9号", "", 1, ""], "县（市、区）"),
    (["钢铁", "甲钢铁", "", "1号高炉", "", 1, ""], "生产线"),
)


def test_what_is_wrong_is_told_by_row_and_column(session: Session, two: Any) -> None:
    first = ["钢铁", "甲钢铁", "丰南区", "1号高炉", "高炉", 100, 2000]
    for row, column in WRONG:
        found = register(session, as_file(HEAD, first, row))
        assert [(each.row, each.column) for each in found.wrong] == [(3, column)], [str(each) for each in found.wrong]
    assert session.scalar(select(CapEnterprise.id).where(CapEnterprise.name == "丁")) is None


def test_capacity_stays_once_a_month_was_stated(session: Session, two: Any) -> None:
    month(session, two[0], NOVEMBER, now=DECEMBER)
    found = register(session, as_file(HEAD, ["钢铁", "甲钢铁", "", "1号高炉", "高炉", 90, 2000]))
    assert [each.column for each in found.wrong] == ["产能"]


def test_a_file_that_is_no_table_is_refused_whole(session: Session) -> None:
    for data in (b"", b"PK\x03\x04" + b"\x00" * 50, as_file(["甲", "乙"], [1, 2]), b"\x01"):
        with pytest.raises(Refusal):
            register(session, data)


def test_a_month_comes_in_as_a_table(session: Session, two: Any) -> None:
    made, one, _other = two
    data = as_file(
        MONTH_HEAD, ["钢铁", "甲钢铁", "1号高炉", "2017-11-15", "2017/11/20", 4000],
        ["钢铁", "甲钢铁", "1号高炉", "2017年11月25日", "20171130", ""], ["钢铁", "甲钢铁", "2号高炉", "", "", ""],
    )  # fmt: skip
    found = november(session, data)
    assert (found.wrong, len(found.parts), found.asks_reason) == ([], 1, False)
    given: dict[str, Any] = {"actor": officer(session), "now": DECEMBER}
    month_sheet.take_over(session, scope(session), NOVEMBER, found, "", **given)
    session.expire_all()
    filing = session.scalars(select(CapFiling).where(CapFiling.kind == "month")).one()
    assert (filing.revision, filing.through, session.get_one(CapPower, (filing.id, one.id)).kwh) == (
        1,
        d("11-30"),
        4000,
    )
    # 12 of 16 days of one of two equal furnaces; stated until the month's end.
    assert assignment(session, "m10-steel-cap", TANGSHAN).claimed == Decimal("0.375")
    assert november(session, data).same == 1
    changed = november(session, data.replace(b"4000", b"5000"), today=local_date(JANUARY))
    assert (changed.asks_reason, changed.parts[0].revision, changed.parts[0].enterprise.id) == (True, 1, made.id)


WRONG_IN_A_MONTH: tuple[tuple[list[Any], str], ...] = (
    (["钢铁", "丁钢铁", "1号高炉", "", "", ""], "企业名称"),
    (["钢铁", "甲钢铁", "9号高炉", "", "", ""], "生产线"),
    (["钢铁", "甲钢铁", "2号高炉", "2017-11-14", "2017-11-30", 5], "停产自"),
    (["钢铁", "甲钢铁", "2号高炉", "2017-11-20", "2017-11-16", 5], "停产自"),
    (["钢铁", "甲钢铁", "2号高炉", "2017-11-20", "", 5], "停产自"),
    (["钢铁", "甲钢铁", "2号高炉", "2017-11-20", "2017-11-21", ""], "用电量（千瓦时）"),
    (["钢铁", "甲钢铁", "2号高炉", "", "", "99999999999"], "用电量（千瓦时）"),
)


def test_what_is_wrong_with_a_month_is_told(session: Session, two: Any) -> None:
    whole = [["钢铁", "甲钢铁", name, "", "", ""] for name in ("1号高炉", "2号高炉")]
    for row, column in WRONG_IN_A_MONTH:
        rest = [each for each in whole if each[2] != row[2] or row[1] != "甲钢铁"]
        found = november(session, as_file(MONTH_HEAD, row, *rest))
        assert [each.column for each in found.wrong] == [column], [str(each) for each in found.wrong]
    assert november(session, as_file(MONTH_HEAD, whole[0])).wrong, "a line is left out"


def test_a_month_outside_the_season_or_ahead_is_not_stated(session: Session, two: Any) -> None:
    with pytest.raises(Conflict):
        november(session, as_file(MONTH_HEAD, ["钢铁", "甲钢铁", "1号高炉", "", "", ""]), today=date(2017, 11, 1))


def upload(browser: FlaskClient, address: str, data: bytes) -> Any:
    return browser.post(address, data={"file": (io.BytesIO(data), "台账.csv")}, content_type="multipart/form-data")


def test_a_table_is_previewed_and_then_taken_over_once(own_site: Site) -> None:
    browser, address = own_site.client(own_site.people.officer), f"/caps/cities/{BAODING}/register"
    assert browser.get(address).status_code == 200
    assert upload(browser, address, b"nothing").status_code == 422
    wrong = upload(browser, address, as_file(HEAD, ["钢铁", "甲钢铁", "", "1号", "", "x", ""]))
    assert (wrong.status_code, f"{address}/confirm" in wrong.text) == (422, False)
    shown = upload(browser, address, as_file(HEAD, ["钢铁", "=甲钢铁", "", "1号", "", 80, ""]))
    fields = form_fields(shown.text, f"{address}/confirm")
    assert browser.post(f"{address}/confirm", data=fields | {"content": ["x" * 30]}).status_code == 409
    for _twice in range(2):
        assert browser.post(f"{address}/confirm", data=fields).status_code == 303
    # The same preview under another key: the register has moved since.
    again = browser.post(f"{address}/confirm", data=fields | {"request_key": ["m" * 12]})
    assert again.status_code == 409
    assert own_site.client(own_site.people.coordinator).post(f"{address}/confirm", data=fields).status_code == 403
    told = browser.get(f"{address}/table.csv").data.decode("utf-8-sig")
    assert "'=甲钢铁" in told
    with own_site.database.reading() as session:
        assert len(session.scalars(select(CapEnterprise.id).where(CapEnterprise.name == "=甲钢铁")).all()) == 1
    with browser.get(f"{address}/table.xlsx") as answer:
        assert answer.data.startswith(b"PK")
    assert upload(browser, f"/caps/cities/{BAODING}/months/2017-11", as_file(MONTH_HEAD)).status_code == 422
