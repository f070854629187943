"""From the rows of a workbook to what was filled in: each row finds its line by the task's code, in whatever order."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.evidence.tables import Refusal, Wrong
from webapp.i18n import month as month_words
from webapp.i18n import pick
from webapp.plans.models import Plan
from webapp.plans.units import MILESTONE
from webapp.reports.models import MonthlyReport
from webapp.reports.spreadsheet import cells, layout
from webapp.reports.spreadsheet.book import Row, Table, tidy
from webapp.reports.spreadsheet.identity import Stamp, digest

Line = Mapping[str, Any]

OTHER_PLAN = _l("这是另一个方案（%(code)s）的表格，不能用于当前方案。")
OTHER_PLACE = _l("这是%(theirs)s的表格，而这里是%(ours)s的月报。请上传本单位的表格。")
OTHER_MONTH = _l("这是%(theirs)s的表格，而这里是%(ours)s的月报。请到相应月份的月报上传。")
OTHER_REPORT = _l("这份表格不是从这份月报下载的，请重新下载表格填写。")
OTHER_REVISION = _l("这份表格下载之后，月报又报送过（已到第 %(n)s 版）。请重新下载表格填写。")
NO_CODE = _l("这一行没有任务编号，不知道填的是哪项任务。请在原有的行里填写，不要另起行。")
UNKNOWN = _l("没有任务编号“%(task)s”。请不要修改任务编号；新增的行请删除。")
TWICE = _l("任务编号“%(task)s”出现了 %(n)s 次，请只保留一行。")
MOVED = _l("任务名称与任务编号对不上，可能只移动或复制了部分单元格。请核对各行，或重新下载表格填写。")
GONE = _l("这项任务已不在本月的月报里，填写的内容无法保存。请清空这一行。")
MILESTONE_FIGURE = _l("这项任务不填数字，请在「%(column)s」列中选择。")


@dataclass(slots=True)
class Filled:
    """What a row says of its line. `figure` is None and `state` empty where the cells are.

    A row with an unreadable cell is not compared.
    """

    row: int
    task: str
    figure: Decimal | None = None
    state: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False


def refuse_strangers(stamp: Stamp, plan: Plan, report: MonthlyReport) -> None:
    """Raise Refusal for a workbook of another plan, organisation, month or revision, and say of which."""
    place = report.organisation
    if stamp.plan != plan.code:
        raise Refusal(OTHER_PLAN % {"code": stamp.plan})
    if stamp.organisation != place.code:
        raise Refusal(OTHER_PLACE % {"theirs": pick(stamp, "name"), "ours": pick(place, "name")})
    if stamp.month != f"{report.month:%Y-%m}":
        theirs = month_words(date.fromisoformat(f"{stamp.month}-01"))
        raise Refusal(OTHER_MONTH % {"theirs": theirs, "ours": month_words(report.month)})
    if stamp.report != report.id:
        raise Refusal(OTHER_REPORT)
    if stamp.revision != report.revision:
        raise Refusal(OTHER_REVISION % {"n": report.revision})


def read(table: Table, lines: Mapping[str, Line]) -> tuple[list[Filled], list[Wrong]]:
    """What the rows say, and everything that cannot be read; `lines` are those of the draft, by task code."""
    wrong, filled = list(table.wrong), []
    times = Counter(_code(row, table.stamp) for row in table.rows)
    spoiled = {(each.row, each.column) for each in wrong}
    for row in table.rows:
        code = _code(row, table.stamp)
        reason = _misplaced(row, code, times, table.stamp)
        if reason is not None:
            wrong.append(Wrong(row.number, table.headers["task"], reason))
            continue
        found = Filled(row.number, code)
        problems = list(_fill(found, row, table, lines.get(code)))
        found.unreadable = bool(problems)
        wrong += [each for each in problems if (each.row, each.column) not in spoiled]
        filled.append(found)
    return filled, sorted(wrong, key=lambda each: each.row)


def _code(row: Row, stamp: Stamp) -> str:
    """The task's code as the plan writes it, whatever copying did to its letters."""
    typed = cells.shown_code(row.cells["task"])
    known = {tidy(code): code for code in stamp.lines}
    return known.get(tidy(typed), typed)


def _misplaced(row: Row, code: str, times: Mapping[str, int], stamp: Stamp) -> Any:
    if not code:
        return NO_CODE
    if code not in stamp.lines:
        return UNKNOWN % {"task": code[:40]}
    if times[code] > 1:
        return TWICE % {"task": code, "n": times[code]}
    if digest(cells.shown_code(row.cells["title"])) != stamp.title(code):
        return MOVED
    return None


def _fill(found: Filled, row: Row, table: Table, line: Line | None) -> Iterator[Wrong]:
    """Read a row's cells into what was found; yields what cannot be read."""
    if line is None:
        yield from _of_a_line_gone(found, row, table)
        return
    offered = layout.states(table.stamp.locale)
    allowed = {word: code for word, code in offered.items() if code in layout.choices(line)}
    readers: dict[str, Callable[[Any], Any]] = {
        "figure": lambda cell: _figure(cell, line, table),
        "state": lambda cell: cells.choice(cell, allowed),
    } | dict.fromkeys(layout.TEXTS, cells.text)
    for name, reader in readers.items():
        try:
            value = reader(row.cells[name])
        except cells.Unreadable as error:
            yield Wrong(row.number, table.headers[name], error.reason)
            continue
        if name in layout.TEXTS:
            found.texts[name] = value
        else:
            setattr(found, name, value)


def _figure(cell: Any, line: Line, table: Table) -> Decimal | None:
    if line["unit"] != MILESTONE:
        return cells.figure(cell, line["unit"])
    if str(cell).strip():
        raise cells.Unreadable(MILESTONE_FIGURE % {"column": table.headers["state"]})
    return None


def _of_a_line_gone(found: Filled, row: Row, table: Table) -> Iterator[Wrong]:
    """A line that left the draft: fine as long as nothing was written on it."""
    for name in layout.TEXTS:
        try:
            typed = cells.text(row.cells[name])
        except cells.Unreadable:
            typed = ""
        if digest(typed) != table.stamp.said(found.task, name):
            yield Wrong(row.number, table.headers[name], GONE)
            return
