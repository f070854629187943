"""The draft as a workbook, without its pages: what a file says, what it would change, what is kept, on both engines."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.plans import assignment_id, person
from tests.support.sheets import Sheets, filled
from webapp.audit.models import AuditEvent
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Stale
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.progress.checks import COUNTED_UNITS, Kind
from webapp.progress.models import ProgressUpdate
from webapp.progress.service import record_update
from webapp.reports import queries
from webapp.reports.draft import Draft, draft
from webapp.reports.models import MonthlyReport, ReportNote
from webapp.reports.noting import save_note
from webapp.reports.spreadsheet import applying, examining
from webapp.reports.spreadsheet.comparing import Preview
from webapp.reports.spreadsheet.layout import is_dated

NOW = parse_instant("2017-10-09T11:00")
SECRET = "k" * 40
BOILERS, DEVICES, ELSEWHERE = "m04-boilers-all", "m13-fixed", "m14-elsewhere"
HEADERS = {"figure": "本月累计", "state": "本月情况", "problem": "存在问题", "next_step": "下一步打算",
           "reason": "数字变化的原因"}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """A database with September open, and somebody of Baoding who fills its report in offline."""

    db: Database

    def actor(self, session: Any) -> Actor:
        return person(session, "130600")

    def report(self, session: Any, code: str = "130600") -> MonthlyReport:
        query = select(MonthlyReport.id).join(MonthlyReport.organisation).where(Organisation.code == code)
        return queries.get_report(session, session.scalars(query).one(), person(session, code))

    def lines(self, now: datetime = NOW) -> Draft:
        with self.db.reading() as session:
            return draft(session, self.report(session), now=now)

    def taken(self, now: datetime = NOW) -> bytes:
        with self.db.reading() as session:
            return examining.made(session, self.report(session), None, secret=SECRET, now=now)

    def seen(self, data: bytes, now: datetime = NOW) -> Preview:
        with self.db.reading() as session:
            return examining.preview(session, self.report(session), data, secret=SECRET, now=now).preview

    def pending(self, data: bytes) -> applying.Pending:
        with self.db.reading() as session:
            row, actor = self.report(session), self.actor(session)
            found = examining.preview(session, row, data, secret=SECRET, now=NOW)
            assert not found.preview.wrong, [str(each.message) for each in found.preview.wrong]
            return applying.pending(row, found.preview.changed, actor=actor, as_of=found.as_of, file="f" * 64)

    def keep(self, kept: applying.Pending, now: datetime = NOW) -> int:
        with self.db.transaction() as session:
            row, actor = self.report(session), self.actor(session)
            return applying.apply(session, row, kept, mine=(), actor=actor, now=now)

    def line(self, task: str) -> dict[str, Any]:
        return next(line for line in self.lines().lines if line["task"] == task)


def values(preview: Preview) -> dict[str, dict[str, str]]:
    """What a preview would keep, by task and cell."""
    return {each.line["task"]: {cell.name: cell.value for cell in each.cells} for each in preview.changed}


def test_kept_through_the_services_with_history_and_one_record(both: Database) -> None:
    desk = Desk(both)

    def act(sheets: Sheets) -> None:
        sheets.fill(BOILERS, 本月累计=0.625, 存在问题="管网施工推迟")
        sheets.fill(DEVICES, 本月累计="１２ 台", 下一步打算="十月底前完成")
        sheets.fill(ELSEWHERE, 本月情况="已按要求完成")
        sheets.fill("m04-kilns", 本月情况="本月无变化")

    kept = desk.pending(filled(desk.taken(), act))
    assert desk.keep(kept) == 4
    boilers, devices = desk.line(BOILERS), desk.line(DEVICES)
    assert (boilers["cumulative"], boilers["problem"]) == ("0.625", "管网施工推迟")
    assert (devices["cumulative"], devices["next_step"]) == ("12", "十月底前完成")
    assert desk.line(ELSEWHERE)["cumulative"] == "1"
    with both.reading() as session:
        said = session.scalars(select(ProgressUpdate).where(ProgressUpdate.recorded_at == NOW)).all()
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "report.spreadsheet")).all()
        assert sorted(each.kind for each in said) == ["no_change", "progress", "progress", "progress"]
        assert {str(each.as_of) for each in said} == {"2017-09-30"}
        assert [each.facts["lines"] for each in events] == [4]
        report = desk.report(session)
        assert report.filled_by == desk.actor(session).id
    with pytest.raises(Stale):
        desk.keep(kept)


def test_a_line_that_moved_after_the_preview_keeps_everything_out(both: Database) -> None:
    desk = Desk(both)
    data = filled(desk.taken(), lambda sheets: sheets.fill(BOILERS, 本月累计=0.5))
    kept = desk.pending(filled(data, lambda sheets: sheets.fill(DEVICES, 存在问题="慢")))
    with both.transaction() as session:
        number = assignment_id(session, DEVICES, "130600")
        row = queries.assignments_for_update(session, [number])[0]
        record_update(session, row, actor=desk.actor(session), now=NOW, kind="progress", as_of=NOW.date(),
                      version=row.version, quantity=Decimal(77))  # fmt: skip
    with pytest.raises(Stale):
        desk.keep(kept)
    assert desk.line(BOILERS)["cumulative"] != "0.5"
    with both.reading() as session:
        assert session.scalars(select(ReportNote)).all() == []


def test_a_figure_somebody_else_stated_stands_unless_the_file_is_chosen(both: Database) -> None:
    desk = Desk(both)
    data = filled(desk.taken(), lambda sheets: sheets.fill(BOILERS, 本月累计=0.5))
    with both.transaction() as session:
        number = assignment_id(session, BOILERS, "130600")
        row = queries.assignments_for_update(session, [number])[0]
        day = desk.report(session).cutoff
        record_update(session, row, actor=desk.actor(session), now=NOW, kind="progress", as_of=day,
                      version=row.version, quantity=Decimal("0.4"))  # fmt: skip
    kept = desk.pending(data)
    assert kept.lines[0].clashes == ["figure"]
    assert desk.keep(kept) == 0
    assert desk.line(BOILERS)["cumulative"] == "0.4"
    with both.transaction() as session:
        report, actor = desk.report(session), desk.actor(session)
        assert applying.apply(session, report, kept, mine={number}, actor=actor, now=NOW) == 1
    assert desk.line(BOILERS)["cumulative"] == "0.5"


def test_what_others_wrote_into_untouched_cells_stays(september: Database) -> None:
    desk = Desk(september)
    data = filled(desk.taken(), lambda sheets: sheets.fill(BOILERS, 下一步打算="十月底前完成"))
    with september.transaction() as session:
        number = assignment_id(session, BOILERS, "130600")
        save_note(session, desk.report(session), number, problem="资金缺口", next_step="", reason="", version=0,
                  actor=desk.actor(session), now=NOW)  # fmt: skip
    kept = desk.pending(data)
    assert kept.lines[0].clashes == []
    assert desk.keep(kept) == 1
    assert (desk.line(BOILERS)["problem"], desk.line(BOILERS)["next_step"]) == ("资金缺口", "十月底前完成")


def test_a_fall_wants_a_reason_of_its_own(september: Database) -> None:
    desk = Desk(september)
    desk.keep(desk.pending(filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, 本月累计=8))))
    lower = desk.seen(filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, 本月累计=4)))
    assert [each.column for each in lower.wrong] == ["数字变化的原因"]
    assert lower.changed == []
    why = {"本月累计": 4, "数字变化的原因": "重复统计，予以核减"}
    kept = desk.pending(filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, **why)))
    assert desk.keep(kept) == 1
    line = desk.line(DEVICES)
    assert (line["cumulative"], line["reason"]) == ("4", "重复统计，予以核减")


def test_a_claimed_line_takes_no_figure(september: Database) -> None:
    desk = Desk(september)
    before = desk.taken()
    _state(desk, BOILERS, "claim", Decimal(1))
    after = Sheets(desk.taken())
    assert after.cell(BOILERS, "本月累计").protection.locked
    assert not after.cell(BOILERS, "存在问题").protection.locked
    found = desk.seen(filled(before, lambda sheets: sheets.fill(BOILERS, 本月累计=0.9)))
    assert ["已申请销号" in str(each.message) for each in found.wrong] == [True]


def _state(desk: Desk, task: str, kind: Kind, quantity: Decimal | None, *, later: bool = False) -> None:
    with desk.db.transaction() as session:
        row = queries.assignments_for_update(session, [assignment_id(session, task, "130600")])[0]
        day = NOW.date() if later else desk.report(session).cutoff
        record_update(session, row, actor=desk.actor(session), now=NOW, kind=kind, as_of=day, version=row.version,
                      quantity=quantity, reason="本市没有这类设备" if kind == "na_claim" else "")  # fmt: skip


def test_after_later_statements_a_figure_is_put_right_with_a_reason(both: Database) -> None:
    desk = Desk(both)
    _state(desk, DEVICES, "progress", Decimal(6))
    _state(desk, DEVICES, "progress", Decimal(9), later=True)
    _state(desk, ELSEWHERE, "no_change", None, later=True)
    _state(desk, "m04-kilns", "no_change", None, later=True)
    data = filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, 本月累计=5))
    assert ["须写明更正原因" in str(each.message) for each in desk.seen(data).wrong] == [True]
    kept = desk.pending(filled(data, lambda sheets: sheets.fill(DEVICES, 数字变化的原因="重复统计")))
    assert desk.keep(kept) == 1
    assert (desk.line(DEVICES)["cumulative"], desk.line(DEVICES)["reason"]) == ("5", "重复统计")
    with both.reading() as session:
        row = queries.assignments_for_update(session, [assignment_id(session, DEVICES, "130600")])[0]
        assert row.claimed == 9
    for task, state in ((ELSEWHERE, "已按要求完成"), ("m04-kilns", "本月无变化")):
        data = Sheets(desk.taken())
        data.fill(task, 本月情况=state)
        assert ["更晚日期" in str(each.message) for each in desk.seen(data.saved()).wrong] == [True]


def test_a_figure_counted_from_rows_is_not_typed(september: Database) -> None:
    desk = Desk(september)
    before = desk.taken()
    with september.transaction() as session:
        row = session.get_one(Assignment, assignment_id(session, DEVICES, "130600"))
        row.counted = True
    assert Sheets(desk.taken()).cell(DEVICES, "本月累计").protection.locked
    found = desk.seen(filled(before, lambda sheets: sheets.fill(DEVICES, 本月累计=3)))
    (wrong,) = found.wrong
    assert ("由台账自动计算" in str(wrong), "到台账中更正" in str(wrong), found.changed) == (True, True, [])
    assert str(wrong.row) in str(wrong)
    left = desk.seen(filled(before, lambda sheets: sheets.fill(DEVICES, 本月情况="本月无变化")))
    assert ([str(each) for each in left.wrong], left.cells) == ([], 1)


def test_a_figure_under_a_claim_is_not_put_right(september: Database) -> None:
    desk = Desk(september)
    _state(desk, DEVICES, "progress", Decimal(9))
    _state(desk, DEVICES, "na_claim", None, later=True)
    data = filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, 本月累计=5, 数字变化的原因="重复统计"))
    assert ["请先撤回申请" in str(each.message) for each in desk.seen(data).wrong] == [True]


def test_too_many_words_for_one_form_are_refused(september: Database) -> None:
    desk = Desk(september)
    with september.reading() as session:
        row, actor = desk.report(session), desk.actor(session)
    lines = [applying.Line(number, "m" * 64, {"problem": _noise(number)}, []) for number in range(700)]
    kept = applying.Pending(row.id, actor.id, 0, "2017-09-30", "f" * 64, lines)
    with pytest.raises(Exception, match="分两次填写"):
        applying.pack(SECRET, kept)


def _noise(seed: int) -> str:
    return "".join(chr(0x4E00 + (seed * 7919 + place * 104729) % 20000) for place in range(1500))


def test_a_service_that_refuses_names_the_line(september: Database) -> None:
    desk = Desk(september)
    kept = desk.pending(filled(desk.taken(), lambda sheets: sheets.fill(DEVICES, 本月累计=8)))
    bad = applying.Pending(**{**{name: getattr(kept, name) for name in kept.__slots__}, "lines": [
        applying.Line(each.assignment, each.mark, {"figure": "-5"}, []) for each in kept.lines]})  # fmt: skip
    with pytest.raises(Conflict, match="不能为负数"):
        desk.keep(bad)


# --- whatever is filled in, the preview says just that

WORDS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"], blacklist_characters="￾￿"), max_size=60
)


@st.composite
def fillings(draw: st.DrawFn, lines: list[dict[str, Any]], open_to: set[int]) -> dict[str, dict[str, Any]]:
    """For some lines, what somebody types into some cells: valid, and another thing than stands there."""
    chosen = draw(st.lists(st.sampled_from(lines), max_size=6, unique_by=lambda line: line["task"]))
    return {line["task"]: made for line in chosen if (made := draw(_cells(line, line["assignment"] in open_to)))}


@st.composite
def _cells(draw: st.DrawFn, line: dict[str, Any], can: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in ("problem", "next_step", "reason"):
        typed = draw(st.none() | WORDS)
        if typed and typed.strip() and typed.strip() != line[name]:
            made[name] = typed.strip()
    if can and draw(st.booleans()):
        made |= draw(_figure(line))
    return made


@st.composite
def _figure(draw: st.DrawFn, line: dict[str, Any]) -> dict[str, Any]:
    now = Decimal(line["cumulative"] or 0)
    if is_dated(line):
        state = draw(st.sampled_from(["0", "1"]))
        return {} if state == line["cumulative"] or Decimal(state) < now else {"state": state}
    if line["unit"] == "milestone":
        return {}
    if line["unit"] == "share":
        typed = Decimal(draw(st.integers(int(now * 10000), 10000))) / 10000
    else:
        places = 0 if line["unit"] in COUNTED_UNITS else draw(st.integers(0, 4))
        ceiling = Decimal(line["target_max"] or line["target_min"] or 1000) * 90
        typed = now + Decimal(draw(st.integers(0, int(ceiling)))).scaleb(-places)
    return {} if typed == now and line["cumulative"] else {"figure": typed}


@pytest.fixture(scope="module")
def shared(september_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One database for all examples: a preview writes nothing."""
    path = tmp_path_factory.mktemp("sheet") / "september.db"
    shutil.copyfile(september_file, path)
    database = Database(f"sqlite:///{path}")
    yield Desk(database)
    database.dispose()


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_preview_is_exactly_what_was_filled_in(shared: Desk, data: st.DataObject) -> None:
    taken, lines = _once(shared)
    with shared.db.reading() as session:
        ids = [line["assignment"] for line in lines]
        open_to = set(session.scalars(select(Assignment.id).where(Assignment.id.in_(ids), Assignment.status.in_(
            ("not_started", "in_progress", "returned")))))  # fmt: skip
    typed = data.draw(fillings(lines, open_to))
    states = {"0": "尚未完成，正在推进", "1": "已按要求完成"}

    def act(sheets: Sheets) -> None:
        for task, cells in typed.items():
            for name, value in cells.items():
                cell = sheets.cell(task, HEADERS[name])
                cell.value = states[value] if name == "state" else float(value) if name == "figure" else value
                if isinstance(value, str) and name != "state":
                    cell.data_type = "s"

    found = shared.seen(filled(taken, act))
    assert [str(each.message) for each in found.wrong] == []
    wanted = {task: {name: _written(value) for name, value in cells.items()} for task, cells in typed.items()}
    assert values(found) == wanted
    assert found.same == len(lines) - len(wanted)


def _written(value: Any) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


_KEPT: dict[int, tuple[bytes, list[dict[str, Any]]]] = {}


def _once(desk: Desk) -> tuple[bytes, list[dict[str, Any]]]:
    if id(desk) not in _KEPT:
        _KEPT[id(desk)] = desk.taken(), desk.lines().lines
    return _KEPT[id(desk)]
