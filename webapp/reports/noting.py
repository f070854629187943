"""Writing in a draft: its two free texts, and a note a line that saves itself while somebody types.

Whoever writes becomes the filler; whatever was checked before has to be checked again. A note has a version of its own
and leaves that of the report alone, so that people who write on different lines never meet.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.db import insert_once
from webapp.errors import NotFound, Stale
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Task
from webapp.reports import guard
from webapp.reports.models import MonthlyReport, ReportNote
from webapp.workflow import NotPossible

TEXTS = ("problem", "next_step", "reason")


class NoteStale(Stale):
    """Somebody else saved the line first; `theirs` is what stands there now, with its version and its writer."""

    def __init__(self, theirs: ReportNote) -> None:
        super().__init__(_l("%(who)s 刚刚修改了这一行。两处内容都在，请核对后保留一份。", who=theirs.updated_by_label))
        self.theirs = theirs


def save_note(
    session: Session,
    report: MonthlyReport,
    assignment_id: int,
    *,
    problem: str,
    next_step: str,
    reason: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> ReportNote:
    """Keep what a draft says about one line; `version` is the note's own, 0 where there was none.

    Saving what is there already changes nothing. Raises Forbidden, NotFound (not a line of this organisation),
    NoteStale, Conflict (not being written any more) or Invalid (too long).
    """
    guard.allow_filling(actor, report)
    typed = (problem, next_step, reason)
    texts = {name: guard.tidy(text) for name, text in zip(TEXTS, typed, strict=True)}
    guard.refuse_long(texts)
    task = _task_of(session, report, assignment_id)
    guard.hold_draft(session, report)
    present = _present(session, report.id, assignment_id)
    if _says(present) == texts:
        return present
    if version != present.version:
        # What the transaction undoes forgets its values; this note is shown after it.
        if present in session:
            session.expunge(present)
        raise NoteStale(present)
    note = _write(session, present, texts, actor, now)
    touch(session, report, actor)
    guard.write_down(session, "report.note", report, actor, now, {"task": task})
    return note


def _task_of(session: Session, report: MonthlyReport, assignment_id: int) -> str:
    query = (
        select(Task.code)
        .join(Assignment, Assignment.task_id == Task.id)
        .where(
            Assignment.id == assignment_id,
            Assignment.plan_id == report.plan_id,
            Assignment.organisation_id == report.organisation_id,
        )
    )
    code = session.scalar(query)
    if code is None:
        raise NotFound(_l("这份月报里没有这项任务。"))
    return code


def _present(session: Session, report_id: int, assignment_id: int) -> ReportNote:
    """The note as it stands; one without texts, of version 0 and not kept, where there is none."""
    query = select(ReportNote).where(ReportNote.report_id == report_id, ReportNote.assignment_id == assignment_id)
    found = session.scalar(query.execution_options(populate_existing=True))
    blank = dict.fromkeys(TEXTS, "")
    return found or ReportNote(
        report_id=report_id, assignment_id=assignment_id, version=0, updated_by_label="", **blank
    )


def _says(note: ReportNote) -> dict[str, str]:
    return {name: getattr(note, name) for name in TEXTS}


def _write(session: Session, note: ReportNote, texts: dict[str, str], actor: Actor, now: datetime) -> ReportNote:
    values = {**texts, "updated_by": actor.id, "updated_by_label": actor.name, "updated_at": now}
    if note.version == 0:
        key = {"report_id": note.report_id, "assignment_id": note.assignment_id}
        # The report's row is held, so that nobody else can have written it meanwhile.
        insert_once(session, ReportNote, {**key, **values, "version": 1})
        return _present(session, note.report_id, note.assignment_id)
    for name, value in values.items():
        setattr(note, name, value)
    guard.save(session)
    return note


def touch(session: Session, report: MonthlyReport, actor: Actor) -> None:
    """Name the filler and forget the check, without a new version of the report."""
    row = MonthlyReport.__table__
    values = {"filled_by": actor.id, "filled_by_label": actor.name, "checked_by": None, "checked_by_label": "",
              "checked_at": None, "checked_figures": ""}  # fmt: skip
    session.execute(update(row).where(row.c.id == report.id).values(values))  # type: ignore[arg-type]
    session.refresh(report, list(values))


def save_remark(
    session: Session,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    remark: str,
    problems: str,
    version: int,
) -> None:
    """Keep the two free texts of a report that is not submitted; saving what is there already changes nothing.

    `report` comes from `queries.get_report`. Raises Forbidden, Stale, Conflict (already submitted) or Invalid.
    """
    guard.allow_filling(actor, report)
    guard.lock(session, report, version)
    if report.status not in guard.EDITABLE:
        raise NotPossible(report.status, "remark")
    texts = {"remark": guard.tidy(remark), "problems": guard.tidy(problems)}
    guard.refuse_long(texts)
    if texts == {"remark": report.remark, "problems": report.problems}:
        return
    report.remark, report.problems = texts["remark"], texts["problems"]
    report.filled_by, report.filled_by_label = actor.id, actor.name
    guard.forget_check(report)
    guard.save(session)
    guard.write_down(session, "report.remark", report, actor, now, {})
