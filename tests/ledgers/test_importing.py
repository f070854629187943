"""Files that become rows: what is new, changed, same, wrong; files nobody wished for; and the way back out."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.evidence.samples import zipped
from tests.ledgers.filling import APRIL, BAODING, MAY, add, boiler, coordinator, do, officer, opened, rows
from webapp.clock import local_date
from webapp.errors import Conflict, Forbidden, Stale
from webapp.evidence.models import EvidenceFile
from webapp.evidence.tables import Refusal
from webapp.i18n import use_locale
from webapp.ledgers import importing, queries, reading, sampling, service, writing
from webapp.ledgers.comparing import Preview, compare
from webapp.ledgers.models import LedgerEvent, LedgerImport
from webapp.ledgers.queries import Ledger
from webapp.ledgers.reading import read_table
from webapp.permissions import Actor

TITLES = (
    "使用单位",
    "县（市、区）",
    "乡镇（街道）",
    "锅炉编号",
    "类别",
    "容量（蒸吨/小时）",
    "所在区域",
    "计划完成日期",
)
GOOD = ("安新中学", "安新县", "三台镇", "1", "燃煤锅炉", 4, "建成区", date(2017, 9, 30))


def book(lines: Sequence[Sequence[Any]], titles: Sequence[Any] = TITLES, above: int = 0) -> bytes:
    """A workbook with a header, perhaps below a title."""
    made = Workbook()
    sheet = made.active
    for _ in range(above):
        sheet.append(["保定市小燃煤锅炉台账"])
    for line in (titles, *lines):
        sheet.append(list(line))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text(lines: Sequence[Sequence[Any]], encoding: str = "utf-8-sig", titles: Sequence[Any] = TITLES) -> bytes:
    """The same as CSV."""
    return "\r\n".join(",".join(str(cell) for cell in line) for line in (titles, *lines)).encode(encoding)


def look(session: Session, ledger: Ledger, data: bytes) -> Preview:
    """The preview of a file in April."""
    return compare(session, ledger, read_table(data, ledger.kind), today=local_date(APRIL))


def take(
    session: Session, ledger: Ledger, data: bytes, *, seen: Preview | None = None, actor: Actor | None = None
) -> LedgerImport:
    """Preview and take over a file."""
    table = read_table(data, ledger.kind)
    seen = seen or compare(session, ledger, table, today=local_date(APRIL))
    return importing.take_over(session, ledger, table, fingerprint=seen.fingerprint, file=stored(session, ledger),
                               actor=actor or officer(session), now=APRIL)  # fmt: skip


def stored(session: Session, ledger: Ledger) -> EvidenceFile:
    """The upload on record."""
    from tests.support.people import settle

    found = session.scalar(select(EvidenceFile))
    if found is None:
        people = settle(session)
        found = EvidenceFile(sha256="0" * 64, size=1, media_type="text/csv", filename="台账.csv", uploaded_at=APRIL,
                             uploaded_by=people.officer.id, organisation_id=ledger.organisation.id)  # fmt: skip
        session.add(found)
        session.flush()
    return found


FORMATS: list[Any] = [
    pytest.param(book, id="xlsx"),
    pytest.param(lambda lines: book(lines, above=2), id="below a title"),
    pytest.param(text, id="csv with mark"),
    pytest.param(lambda lines: text(lines, "utf-8"), id="csv"),
    pytest.param(lambda lines: text(lines, "gb18030"), id="gb18030"),
    pytest.param(lambda lines: text(lines).replace(b",", b"\t"), id="tabs"),
]


@pytest.mark.parametrize("make", FORMATS)
def test_a_file_becomes_rows(session: Session, make: Callable[[Any], bytes]) -> None:
    row, ledger, _use = opened(session)
    data = make([GOOD, ("安新小学", "安新县", "", "", "燃煤锅炉", "2.5", "县城", "")])
    taken = take(session, ledger, data)
    assert (taken.added, taken.changed, taken.same) == (2, 0, 0)
    first = rows(session)[0]
    assert first.values == {
        "name": "安新中学", "county": "安新县", "township": "三台镇", "number": "1", "what": "boiler", "capacity": "4",
        "zone": "built_up", "planned_on": "2017-09-30",
    }  # fmt: skip
    assert (first.state, first.quantity, first.planned_on, row.claimed) == ("listed", 4, date(2017, 9, 30), 0)
    event = queries.history(session, first.id)[0].event
    assert (event.action, event.import_id, event.changes["name"]) == ("list", taken.id, [None, "安新中学"])
    assert look(session, ledger, data).same == 2


def test_new_changed_and_same(session: Session) -> None:
    row, ledger, _use = opened(session)
    first = book([GOOD, (*GOOD[:3], "2", *GOOD[4:])])
    take(session, ledger, first)
    second = book([(*GOOD[:5], 6, *GOOD[6:]), (*GOOD[:3], "2", *GOOD[4:]), (*GOOD[:3], "3", *GOOD[4:])])
    seen = look(session, ledger, second)
    assert (len(seen.new), len(seen.changed), seen.same, seen.wrong) == (1, 1, 1, [])
    assert seen.changed[0].changed == {"capacity": ["4", "6"]}
    assert [each[0] for each in seen.alike] == [4]
    take(session, ledger, second)
    assert [each.quantity for each in rows(session)] == [6, 4, 4]
    assert [each.version for each in rows(session)] == [2, 1, 1]
    assert row.counted


def test_a_column_left_out_leaves_its_field_alone(session: Session) -> None:
    _row, ledger, _use = opened(session)
    take(session, ledger, book([GOOD]))
    without = [place for place, title in enumerate(TITLES) if not title.startswith("容量")]
    data = book([[GOOD[place] for place in without]], [TITLES[place] for place in without])
    assert look(session, ledger, data).same == 1
    emptied = book([(*GOOD[:5], "", *GOOD[6:])])
    assert look(session, ledger, emptied).changed[0].changed == {"capacity": ["4", None]}


def test_rows_that_are_done_by_now(session: Session) -> None:
    row, ledger, _use = opened(session)
    titles = (*TITLES, "状态", "完成日期")
    data = book([(*GOOD, "已完成", "2017-04-02"), (*GOOD[:3], "2", *GOOD[4:], "未完成", "")], titles)
    take(session, ledger, data)
    done = rows(session)[0]
    assert (done.state, done.done_on, done.first_done_at) == ("done", date(2017, 4, 2), APRIL)
    assert [each.event.action for each in queries.history(session, done.id)] == ["finish", "list"]
    assert row.claimed == Decimal("0.5")
    later = book([(*GOOD[:3], "2", *GOOD[4:], "已完成", "")], titles)
    take(session, ledger, later)
    assert (rows(session)[1].state, row.claimed) == ("done", 1)


WRONG: list[Any] = [
    pytest.param([("", *GOOD[1:])], "第 2 行“使用单位”：必填", id="empty"),
    pytest.param([(*GOOD[:5], "许多", *GOOD[6:])], "“容量（蒸吨/小时）”：“许多”不是数字", id="no number"),
    pytest.param([(*GOOD[:5], 35, *GOOD[6:])], "不能大于 10", id="too large"),
    pytest.param([(*GOOD[:5], -1, *GOOD[6:])], "不能小于 0", id="negative"),
    pytest.param([(*GOOD[:4], "火箭", *GOOD[5:])], "可以填：燃煤锅炉、茶炉大灶、经营性小煤炉", id="no choice"),
    pytest.param([(*GOOD[:7], "2017年13月1日")], "不是日期", id="no day"),
    pytest.param([(*GOOD[:7], "2217-01-01")], "不合理", id="far away"),
    pytest.param([GOOD, GOOD], "第 3 行“使用单位”：与第 2 行重复", id="twice"),
    pytest.param([("长" * 101, *GOOD[1:])], "最多 100 字", id="too long"),
    pytest.param([("长" * 10_000, *GOOD[1:])], "文字有 10000 字", id="far too long"),
    pytest.param([(*GOOD[:5], "9" * 10_000, *GOOD[6:])], "不是数字，请只填数字", id="a figure far too long"),
    pytest.param([(*GOOD[:7], "2" * 10_000)], "“22222222222222222222”不是日期", id="a day far too long"),
    pytest.param([(date(2017, 1, 1), *GOOD[1:])], "这里是日期", id="a date for a name"),
]


@pytest.mark.parametrize(("lines", "words"), WRONG)
def test_wrong_cells_are_named_by_row_and_column(session: Session, lines: Any, words: str) -> None:
    _row, ledger, _use = opened(session)
    seen = look(session, ledger, book(lines))
    assert len(seen.wrong) == 1
    assert words in str(seen.wrong[0])
    with pytest.raises(Conflict):
        take(session, ledger, book([*lines, (*GOOD[:3], "9", *GOOD[4:])]))
    assert rows(session) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("91350100M000100Y44", "校验码"), ("91350100M000100Y4", "18 位"), ("9135010OM000100Y43", "“O”"),
        (913501000000100043, "数值格式"),
    ],
)  # fmt: skip
def test_credit_codes_are_checked(session: Session, code: Any, words: str) -> None:
    _row, ledger, _use = opened(session, "m02-close-all")
    titles = ("企业名称", "统一社会信用代码", "县（市、区）", "行业", "处置方式")
    seen = look(session, ledger, book([("宏达铸造", code, "安新县", "铸造", "取缔")], titles))
    assert words in str(seen.wrong[0])
    good = look(session, ledger, book([("宏达铸造", " 91350100m000100y43 ", "安新县", "铸造", "取缔")], titles))
    assert good.new[0].values["credit_code"] == "91350100M000100Y43"


def test_states_that_forbid_a_change(session: Session) -> None:
    row, ledger, _use = opened(session)
    take(session, ledger, book([(*GOOD[:3], str(number), *GOOD[4:]) for number in range(4)]))
    removed, verified, drawn, _free = rows(session)
    do(session, ledger, removed, "remove")
    do(session, ledger, drawn, "finish")
    sampling.draw_sample(session, row, actor=coordinator(session), now=MAY)
    verified.state = "verified"
    session.flush()
    changed = book([(*GOOD[:3], str(number), *GOOD[4:5], 9, *GOOD[6:]) for number in range(4)])
    seen = look(session, ledger, changed)
    assert [str(each).partition("：")[2][:7] for each in seen.wrong] == [
        "这一行已移出台",
        "这一行已经核实",
        "上级正在抽查这",
    ]
    assert len(seen.changed) == 1


def test_nothing_is_written_when_the_ledger_moved(session: Session) -> None:
    _row, ledger, _use = opened(session)
    take(session, ledger, book([GOOD]))
    data = book([(*GOOD[:5], 6, *GOOD[6:])])
    seen = look(session, ledger, data)
    do(session, ledger, rows(session)[0], "finish")
    with pytest.raises(Stale):
        take(session, ledger, data, seen=seen)
    with pytest.raises(Forbidden):
        take(session, ledger, data, actor=coordinator(session))


# --- files nobody wished for


def merged() -> bytes:
    """A county that spans two rows."""
    made = Workbook()
    for line in (TITLES, GOOD, ("", "", *GOOD[2:])):
        made.active.append(list(line))
    made.active.merge_cells("A2:A3")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def formula() -> bytes:
    """A capacity that was never worked out."""
    return book([(*GOOD[:5], "=2+2", *GOOD[6:])])


@pytest.mark.parametrize(
    ("make", "words"),
    [(merged, "第 2 行“使用单位”：这里合并了单元格（第 2 至 3 行）"), (formula, "“容量（蒸吨/小时）”：这里是公式")],
)
def test_merged_cells_and_formulas_are_named(session: Session, make: Callable[[], bytes], words: str) -> None:
    _row, ledger, _use = opened(session)
    assert any(words in str(each) for each in look(session, ledger, make()).wrong)


def bomb() -> bytes:
    """Small on the wire, 90 MB unpacked."""
    return zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>", "xl/big.xml": b" " * 90_000_000})


def claims_a_gigabyte() -> bytes:
    """An entry that says it unpacks to a gigabyte."""
    data = bytearray(book([GOOD]))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 1 << 30)
    return bytes(data)


OTHERS = ("使用单位", "县（市、区）", "甲", "乙", "丙", "丁", "戊", "己")
TWICE = ("使用单位", "使用单位", *TITLES[2:])
REFUSED: list[Any] = [
    pytest.param(lambda: text([("x" * 200_000, *GOOD[1:])]), "不是完整的 CSV", id="a cell of 200,000 signs"),
    pytest.param(lambda: b"", "文件是空的", id="empty"),
    pytest.param(lambda: b"x" * (reading.LARGEST + 1), "超过 10 MB", id="too large"),
    pytest.param(bomb, "解压后过大", id="a bomb"),
    pytest.param(claims_a_gigabyte, "请上传 .xlsx", id="claims a gigabyte"),
    pytest.param(lambda: book([GOOD])[:-40], "已损坏", id="cut off"),
    pytest.param(lambda: text([GOOD], "utf-16"), "编码无法识别", id="utf-16"),
    pytest.param(lambda: text([GOOD])[:-1] + b"\xff\xff", "编码无法识别", id="no encoding"),
    pytest.param(lambda: b"\x00\x01\x02" * 50, "请上传 .xlsx", id="bytes"),
    pytest.param("姓名,电话\n甲,1".encode, "找不到标题行", id="another table"),
    pytest.param(lambda: text([], titles=TITLES), "没有内容", id="header alone"),
    pytest.param(lambda: text([GOOD], titles=OTHERS), "缺少必填的列：类别、所在区域", id="columns"),
    pytest.param(lambda: text([GOOD], titles=TWICE), "有两列“使用单位”", id="a column twice"),
    pytest.param(lambda: text([GOOD]) + b'\r\n"abc', "不是完整的 CSV", id="a stray quote"),
    pytest.param(lambda: text([["x"] * 100]), "最多 20000 行", id="too wide"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_a_file_that_is_refused_says_why(sqlite_ledger: Ledger, make: Callable[[], bytes], words: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_table(make(), sqlite_ledger.kind)
    assert words in str(caught.value.reason)


def test_two_tables_and_too_many_rows(sqlite_ledger: Ledger) -> None:
    made = Workbook()
    for sheet in (made.active, made.create_sheet("另一张")):
        sheet.append(list(TITLES))
        sheet.append(list(GOOD))
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(Refusal, match="2 张表"):
        read_table(out.getvalue(), sqlite_ledger.kind)
    with pytest.raises(Refusal, match="20000"):
        read_table(text([GOOD] * 20_001), sqlite_ledger.kind)


# --- the way out


def test_what_goes_out_comes_back_the_same(session: Session) -> None:
    _row, ledger, use = opened(session)
    take(session, ledger, book([GOOD, (*GOOD[:3], "2", *GOOD[4:])]))
    add(session, ledger, 7, now=MAY)
    do(session, ledger, rows(session)[0], "finish")
    for locale in ("zh", "en"):
        with use_locale(locale):
            found = list(writing.rows_of(session, ledger, use, queries.Filter()))
            for data in (writing.as_workbook(ledger.kind, found), "".join(writing.as_csv(ledger.kind, found)).encode()):
                seen = look(session, ledger, data)
                assert (seen.same, seen.new, seen.changed, seen.wrong, seen.ignored) == (3, [], [], [], [])


@pytest.mark.parametrize("evil", ["=1+1", "@SUM(A1)", "+86", "-2+3", "=cmd|' /C calc'!A0"])
def test_formulas_are_neutralised(session: Session, evil: str) -> None:
    _row, ledger, use = opened(session)
    service.add_row(session, ledger, boiler(1, name=evil), actor=officer(session), now=APRIL)
    found = list(writing.rows_of(session, ledger, use, queries.Filter()))
    as_text = "".join(writing.as_csv(ledger.kind, found))
    assert f"'{evil}" in as_text
    data = writing.as_workbook(ledger.kind, found)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    for each in (data, as_text.encode()):
        assert look(session, ledger, each).same == 1


def test_events_are_as_many_as_deeds(session: Session) -> None:
    _row, ledger, _use = opened(session, code=BAODING)
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    take(session, ledger, book([(*GOOD[:3], str(number), *GOOD[4:]) for number in range(1_500)]))
    # A thousand rows at a time: through the mapper it would be a statement for each.
    assert len(asked) < 120
    assert session.scalar(select(func.count()).select_from(LedgerEvent)) == 1_500
    assert queries.counts(session, ledger, opened(session)[2]).base.rows == 1_500
