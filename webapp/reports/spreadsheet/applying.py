"""Keeping what was previewed: all of it or nothing, through the services that pages use.

Between preview and confirmation the changes lie in the form, signed for this person and report. Each line carries a
mark of how it was when it was shown; a line that moved since is not written over.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from webapp.errors import Conflict, Invalid, Stale
from webapp.evidence.tables import Refusal
from webapp.i18n import pick
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.progress.restating import restate
from webapp.progress.service import record_update
from webapp.reports import guard
from webapp.reports.draft import Draft, cutoff_of, draft
from webapp.reports.models import MonthlyReport
from webapp.reports.noting import save_note, touch
from webapp.reports.queries import assignments_for_update
from webapp.reports.spreadsheet.comparing import Changed, is_past, mark_of, statement_reason
from webapp.reports.spreadsheet.layout import NOTHING, TEXTS

SALT = "report-spreadsheet-preview"
# Below what a form may hold (MAX_FORM_MEMORY_SIZE), the other fields included.
LARGEST = 900_000
TOO_MUCH = _l("一次改动的文字过多，无法确认。请分两次填写和上传。")
OLD_FORM = _l("预览已失效，请重新上传表格。")
MOVED = _l("预览之后，月报已被他人报送或修改，或日期已变，没有保存任何内容。请重新上传表格。")
LINES_MOVED = _l("预览之后，下列任务已有人修改，没有保存任何内容。请重新上传表格：%(names)s")


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be kept of one line, by cell; `clashes` are cells that somebody else wrote into meanwhile."""

    assignment: int
    mark: str
    values: Mapping[str, str]
    clashes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pending:
    """A preview that waits for its confirmation."""

    report: int
    person: int
    revision: int
    as_of: str
    file: str
    lines: Sequence[Line]


def pending(report: MonthlyReport, changed: Sequence[Changed], *, actor: Actor, as_of: date, file: str) -> Pending:
    """What a preview will keep; `file` is the SHA-256 of what was uploaded."""
    lines = [
        Line(
            each.line["assignment"], each.mark, {cell.name: cell.value for cell in each.cells},
            [cell.name for cell in each.cells if cell.clash],
        )
        for each in changed
    ]  # fmt: skip
    return Pending(report.id, actor.id, report.revision, as_of.isoformat(), file, lines)


def pack(secret: str, kept: Pending) -> str:
    """A preview as signed, compressed text. Raises Refusal when it is larger than a form may be."""
    text = str(URLSafeSerializer(secret, salt=SALT).dumps(asdict(kept)))
    if len(text) > LARGEST:
        raise Refusal(TOO_MUCH)
    return text


def unpack(secret: str, text: str, *, actor: Actor, report_id: int) -> Pending:
    """The preview of a form. Raises Stale for one that was not made for this person and report."""
    try:
        found = URLSafeSerializer(secret, salt=SALT).loads(text)
    except BadData:
        raise Stale(OLD_FORM) from None
    if (found["person"], found["report"]) != (actor.id, report_id):
        raise Stale(OLD_FORM)
    return Pending(**(found | {"lines": [Line(**each) for each in found["lines"]]}))


def apply(
    session: Session, report: MonthlyReport, kept: Pending, *, mine: Collection[int], actor: Actor, now: datetime
) -> int:
    """Keep a preview; of clashing cells only those of the assignments in `mine`. How many lines were written.

    Raises Forbidden, Conflict (not being written any more), Stale (a line moved since the preview); nothing is kept.
    """
    guard.allow_filling(actor, report)
    guard.hold_draft(session, report)
    as_of = cutoff_of(report, now=now)
    if (kept.revision, kept.as_of) != (report.revision, as_of.isoformat()):
        raise Stale(MOVED)
    lines = draft(session, report, now=now)
    rows = {row.id: row for row in assignments_for_update(session, [each.assignment for each in kept.lines])}
    _refuse_moved(kept, lines, rows)
    work = _Work(session, report, lines, rows, as_of, actor, now)
    chosen = [(each, _chosen(each, mine)) for each in sorted(kept.lines, key=lambda each: each.assignment)]
    written = [each for each, values in chosen if values and work.write(each.assignment, values)]
    if written:
        touch(session, report, actor)
        facts = {"lines": len(written), "cells": sum(len(values) for _each, values in chosen), "file": kept.file}
        guard.write_down(session, "report.spreadsheet", report, actor, now, facts)
    return len(written)


def _chosen(line: Line, mine: Collection[int]) -> dict[str, str]:
    dropped = () if line.assignment in mine else line.clashes
    return {name: value for name, value in line.values.items() if name not in dropped}


def _refuse_moved(kept: Pending, lines: Draft, rows: Mapping[int, Assignment]) -> None:
    """Raise Stale naming the lines that are not any more as they were shown."""
    known = {line["assignment"]: line for line in lines.lines}
    if any(each.assignment not in known for each in kept.lines):
        raise Stale(MOVED)
    moved = [
        pick(known[each.assignment], "title")
        for each in kept.lines
        if mark_of(known[each.assignment], lines.notes.get(each.assignment), rows[each.assignment]) != each.mark
    ]
    if moved:
        raise Stale(
            _("预览之后，下列任务已有人修改，没有保存任何内容。请重新上传表格：%(names)s", names=_("、").join(moved))
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """One upload while it is written."""

    session: Session
    report: MonthlyReport
    lines: Draft
    rows: Mapping[int, Assignment]
    as_of: date
    actor: Actor
    now: datetime

    def write(self, number: int, values: Mapping[str, str]) -> bool:
        """The figure or “no change” as a statement, the words as the line's note. Errors name the line."""
        line = next(each for each in self.lines.lines if each["assignment"] == number)
        try:
            self._state(number, values, line)
            self._note(number, values)
        except Invalid as error:
            words = " ".join(str(each.message) for each in error.problems)
            raise Conflict(_("“%(task)s”不能保存：%(why)s", task=pick(line, "title"), why=words)) from None
        return True

    def _state(self, number: int, values: Mapping[str, str], line: Mapping[str, Any]) -> None:
        row = self.rows[number]
        value = values.get("figure") or values.get("state")
        if not value:
            return
        if is_past(row, self.lines, self.as_of):
            restate(
                self.session, row, as_of=self.as_of, quantity=Decimal(value), reason=values.get("reason", ""),
                actor=self.actor, now=self.now, version=row.version,
            )  # fmt: skip
            return
        figure = None if value == NOTHING else Decimal(value)
        typed = values.get("reason", line["reason"])
        reason = statement_reason(typed, "" if figure is None else value, line, "reason" in values)
        record_update(
            self.session, row, actor=self.actor, now=self.now, kind="no_change" if figure is None else "progress",
            as_of=self.as_of, version=row.version, quantity=figure, reason="" if figure is None else reason,
        )  # fmt: skip

    def _note(self, number: int, values: Mapping[str, str]) -> None:
        """Only what was typed: where the note is silent, the assignment's own words go on speaking."""
        if not values.keys() & set(TEXTS):
            return
        present = self.lines.notes.get(number)
        before = {name: getattr(present, name) if present else "" for name in TEXTS}
        typed = {name: value for name, value in values.items() if name in TEXTS}
        save_note(
            self.session, self.report, number, version=present.version if present else 0, actor=self.actor,
            now=self.now, **(before | typed),
        )  # fmt: skip
