"""What a filled-in workbook would change: each cell against what it said when it was made and what the draft says now.

A cell nobody typed in changes nothing, whatever happened to the draft meanwhile. One that was typed in while somebody
else wrote another thing into the draft is a clash, and the person who uploads chooses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.errors import Text
from webapp.evidence.tables import Wrong
from webapp.plans.models import Assignment
from webapp.plans.units import MILESTONE, quantity
from webapp.progress.checks import Kind, UpdateDraft, check_update
from webapp.progress.facts import OPEN_STATUSES, AssignmentFacts
from webapp.progress.restating import STANDS
from webapp.progress.wording import worded
from webapp.reports.draft import Draft
from webapp.reports.draft import figure as written
from webapp.reports.models import ReportNote
from webapp.reports.rules import digest as long_digest
from webapp.reports.spreadsheet.book import Table
from webapp.reports.spreadsheet.identity import digest, values
from webapp.reports.spreadsheet.layout import NOTHING, STATES, TEXTS, is_dated
from webapp.reports.spreadsheet.reading import Filled
from webapp.reports.unchanged import UNFINISHED

Line = Mapping[str, Any]

CLEARED = _l("已填报的数字或情况不能清空。如需核减，请填写减少后的累计数和原因。")
OWN_WORDS = _l("清空后仍会沿用进展填报中的内容；确实没有的，请写“无”。")
CLOSED = _l("这项任务已申请销号或已经办结，不能再填。如需修改，请先在任务页面撤回。")
LATER = _l("这项任务已填报过更晚日期的数据，不能再填本月的情况。")
COUNTED = _l("这项任务的完成数由台账自动计算，请到台账中更正相应的行。")
PAST = _l("这项任务已填报过更晚日期的数据，更正本月数字须写明更正原因。")
BOTH = _l("数字有变化，不能同时选择“%(word)s”。请清空其中一处。")
RETURNED = _l("这项任务的销号申请被退回，须重新填报，不能选择“%(word)s”。")
# Where a rule names a field that is another cell here.
PLACES = {"quantity": "figure", "as_of": "figure", "note": "reason"}


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that would change: what the draft says, what the file says, in words; `value` is what will be kept."""

    name: str
    header: str
    old: str
    new: str
    value: str
    clash: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that would change. `mark` is the line as it was when it was compared."""

    line: Line
    row: int
    mark: str
    cells: Sequence[Change]

    @property
    def clashes(self) -> bool:
        """Whether somebody else wrote into one of its cells since the file was made."""
        return any(cell.clash for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Known:
    """What a comparison needs to know of the lines beside the draft: rows and facts by assignment, and two days."""

    rows: Mapping[int, Assignment]
    facts: Mapping[int, AssignmentFacts]
    starts_on: date
    as_of: date
    today: date


@dataclass(slots=True)
class Preview:
    """Everything a page shows before anything is kept; `absent` counts the lines the file says nothing of."""

    changed: list[Changed] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    same: int = 0
    absent: int = 0
    ignored: Sequence[str] = ()

    @property
    def cells(self) -> int:
        """How many cells would change."""
        return sum(len(each.cells) for each in self.changed)


def mark_of(line: Line, note: ReportNote | None, row: Assignment) -> str:
    """A line, its note and its assignment as they are: the same as long as nobody touched them."""
    return long_digest({"line": dict(line), "note": note.version if note else 0, "assignment": row.version})


def is_past(row: Assignment, lines: Draft, as_of: date) -> bool:
    """Whether later days were spoken of, so that a figure of the month can only be put right, with a reason."""
    return row.id in lines.later or (row.as_of is not None and row.as_of > as_of)


def may_state(row: Assignment, lines: Draft, as_of: date) -> Text | None:
    """None when a figure or a milestone's state can be given for the month, or why not."""
    if row.counted:
        return COUNTED
    if is_past(row, lines, as_of):
        return LATER if row.task.unit == MILESTONE else _may_restate(row, lines)
    return None if row.status in OPEN_STATUSES else CLOSED


def _may_restate(row: Assignment, lines: Draft) -> Text | None:
    """A figure put right must not move under a claim that waits or stands (`progress.restating`)."""
    moves = row.id not in lines.figured_later
    return STANDS if moves and row.status not in OPEN_STATUSES else None


def may_leave(row: Assignment, lines: Draft, as_of: date) -> bool:
    """Whether “no change” can be said of a line; of one that is counted from rows too, as on the page."""
    return row.status in UNFINISHED and not is_past(row, lines, as_of)


def compare(table: Table, filled: Sequence[Filled], lines: Draft, known: Known) -> Preview:
    """What the file would change, and what of it cannot be."""
    by_task = {line["task"]: line for line in lines.lines}
    preview = Preview(ignored=table.ignored)
    for each in filled:
        if each.task in by_task and not each.unreadable:
            _one(preview, table, each, by_task[each.task], lines, known)
    named = {each.task for each in filled} & by_task.keys()
    preview.absent = len(by_task) - len(named)
    doubtful = {each.row for each in preview.wrong} | {each.row for each in filled if each.unreadable}
    preview.same = len(named) - len(preview.changed) - len(doubtful)
    return preview


def _one(preview: Preview, table: Table, filled: Filled, line: Line, lines: Draft, known: Known) -> None:
    number = line["assignment"]
    note, row = lines.notes.get(number), known.rows[number]
    work = _Row(table, filled, line, note, row, lines, known)
    cells, wrong = list(work.changes()), [Wrong(filled.row, table.headers[name], said) for name, said in work.wrong]
    preview.wrong += wrong
    if cells and not wrong:
        preview.changed.append(Changed(line, filled.row, mark_of(line, note, row), cells))


@dataclass(slots=True)
class _Row:
    """One row while it is compared; `wrong` holds (column, words)."""

    table: Table
    filled: Filled
    line: Line
    note: ReportNote | None
    row: Assignment
    lines: Draft
    known: Known
    wrong: list[tuple[str, Text]] = field(default_factory=list)

    def changes(self) -> Iterator[Change]:
        """The cells that would change; what stands against them is added to `wrong`."""
        texts = [change for name in TEXTS if (change := self._text(name))]
        figure = self._figure()
        nothing = self._nothing(figure)
        if figure or nothing:
            self._check(figure, reason=any(each.name == "reason" for each in texts))
        yield from (each for each in (figure, nothing) if each)
        yield from texts

    def _compared(self, name: str, value: str) -> tuple[str, bool] | None:
        """What the draft says now and whether that is a clash; None when the cell changes nothing."""
        stamp, now = self.table.stamp, values(self.line)[name]
        if value == now or digest(value) == stamp.said(self.filled.task, name):
            return None
        return now, digest(now) != stamp.said(self.filled.task, name)

    def _text(self, name: str) -> Change | None:
        if name not in self.filled.texts:
            return None
        value = self.filled.texts[name]
        found = self._compared(name, value)
        if found is None:
            return None
        if not value and not (self.note and getattr(self.note, name)):
            self.wrong.append((name, OWN_WORDS))
            return None
        now, clash = found
        return Change(name, self.table.headers[name], now or "—", value or "—", value, clash)

    def _figure(self) -> Change | None:
        """The cumulative figure, or a milestone's state, which is one too."""
        milestone = self.line["unit"] == MILESTONE
        if milestone and not is_dated(self.line):
            return None
        name = "state" if milestone else "figure"
        value = (self.filled.state if milestone else written(self.filled.figure)) or ""
        found = None if value == NOTHING else self._compared("figure", value)
        if found is None:
            return None
        if not value:
            self.wrong.append((name, CLEARED))
            return None
        if refused := may_state(self.row, self.lines, self.known.as_of):
            self.wrong.append((name, refused))
            return None
        now, clash = found
        unit = self.line["unit"]
        old = quantity(Decimal(now) if now else None, unit)
        return Change(name, self.table.headers[name], old, quantity(Decimal(value), unit), value, clash)

    def _nothing(self, figure: Change | None) -> Change | None:
        if self.filled.state != NOTHING or self._is_stated():
            return None
        word = str(STATES[NOTHING])
        refused = None if self.row.counted else may_state(self.row, self.lines, self.known.as_of)
        if is_past(self.row, self.lines, self.known.as_of):
            refused = LATER
        if figure:
            refused = BOTH % {"word": word}
        elif refused is None and self.row.status not in UNFINISHED:
            refused = RETURNED % {"word": word}
        if refused:
            self.wrong.append(("state", refused))
            return None
        return Change("state", self.table.headers["state"], "—", word, NOTHING)

    def _is_stated(self) -> bool:
        """Whether something was said of the month already, so that nothing more need be."""
        said: str | None = self.line["updated_on"]
        return said is not None and said >= self.known.as_of.replace(day=1).isoformat()

    def _check(self, figure: Change | None, *, reason: bool) -> None:
        """The rules of progress, as the form on the page has them; a fall wants a reason of its own."""
        number, unit = self.row.id, self.line["unit"]
        if is_past(self.row, self.lines, self.known.as_of) and not (reason and self.filled.texts["reason"]):
            self.wrong.append(("reason", PAST))
            return
        kind: Kind = "progress" if figure else "no_change"
        said = statement_reason(self.filled.texts.get("reason", ""), figure.value if figure else "", self.line, reason)
        draft = UpdateDraft(kind, self.known.as_of, Decimal(figure.value) if figure else None, reason=said)
        found = check_update(
            draft, self.known.facts[number], plan_starts_on=self.known.starts_on, today=self.known.today
        )
        for problem in worded(found, unit).problems:
            name = PLACES.get(problem.field, problem.field)
            self.wrong.append(("state" if name == "figure" and unit == MILESTONE else name, problem.message))


def statement_reason(typed: str, value: str, line: Line, changed: bool) -> str:
    """The reason a figure is filed with: what the row says; for a falling one only what was written for this fall."""
    falls = bool(value and line["cumulative"]) and Decimal(value) < Decimal(line["cumulative"])
    return typed if changed or not falls else ""
