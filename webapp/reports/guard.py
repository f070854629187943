"""What every act on a report begins and ends with: who may, whether the form is fresh, how it is written down."""

import unicodedata
from datetime import datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.audit.service import record
from webapp.errors import Forbidden, Invalid, Problem, Stale
from webapp.permissions import GRANTS, Actor, Permission, can
from webapp.reports.models import MonthlyReport
from webapp.workflow import NotPossible

EDITABLE = ("open", "returned")
LONGEST_TEXT = 4000
Duty = Literal["may_fill", "may_check", "may_sign"]


def may_file(actor: Actor, report: MonthlyReport) -> bool:
    """Whether the actor files for the report's organisation, in whatever part."""
    return can(actor, Permission.FILE_REPORT, report.organisation.path)


def may_fill(actor: Actor, report: MonthlyReport) -> bool:
    """Whether the actor may write in the report's draft (填报人)."""
    return _holds(actor, report, "may_fill")


def may_check(actor: Actor, report: MonthlyReport) -> bool:
    """Whether the actor may confirm the report's draft inside its organisation (审核人)."""
    return _holds(actor, report, "may_check")


def may_sign(actor: Actor, report: MonthlyReport) -> bool:
    """Whether the actor may submit the report (签发人)."""
    return _holds(actor, report, "may_sign")


def _holds(actor: Actor, report: MonthlyReport, duty: Duty) -> bool:
    roles = GRANTS[Permission.FILE_REPORT]
    path = report.organisation.path
    return any(grant.role in roles and grant.path == path and getattr(grant, duty) for grant in actor.grants)


def may_decide(actor: Actor, report: MonthlyReport, submitted_by: int) -> bool:
    """Whether the actor stands right above the report's organisation and is not the one who submitted it."""
    return can(actor, Permission.DECIDE_REPORT, report.organisation.path) and submitted_by != actor.id


def allow_filing(actor: Actor, report: MonthlyReport) -> None:
    """Raises Forbidden for everybody but the organisation's own people."""
    if not may_file(actor, report):
        raise Forbidden(_l("月报由本单位人员填写和报送，您的角色不能办理。"))


def allow_filling(actor: Actor, report: MonthlyReport) -> None:
    """Raises Forbidden for whoever may not write in the draft."""
    allow_filing(actor, report)
    if not may_fill(actor, report):
        raise Forbidden(_l("您不是本单位月报的填报人，不能修改内容。"))


def lock(session: Session, report: MonthlyReport, version: int) -> None:
    """Hold the row until the transaction ends. Raises Stale when it is not the version the form was made from."""
    query = select(MonthlyReport.version).where(MonthlyReport.id == report.id).with_for_update()
    if version != session.scalar(query) or version != report.version:
        raise stale()


def hold_draft(session: Session, report: MonthlyReport) -> None:
    """Hold the row whatever its version. Raises NotPossible when the report is not being written any more."""
    query = select(MonthlyReport.status).where(MonthlyReport.id == report.id).with_for_update()
    status = session.scalar(query) or ""
    if status not in EDITABLE:
        raise NotPossible(status, "note")


def stale() -> Stale:
    """The error of a form that somebody else overtook."""
    return Stale(_l("您打开页面之后，已有人修改或办理了这份月报。请核对最新内容后重新提交，您填写的内容还在。"))


def save(session: Session) -> None:
    """Write what was changed. Raises Stale when somebody else was first."""
    try:
        session.flush()
    except StaleDataError:
        raise stale() from None


def write_down(
    session: Session, action: str, report: MonthlyReport, actor: Actor, now: datetime, facts: dict[str, Any]
) -> None:
    """The audit event of an act on a report."""
    about = {"month": f"{report.month:%Y-%m}", "status": report.status}
    record(session, action, ("report", report.id), actor=actor, now=now, area=report.organisation.path,
           facts=about | facts)  # fmt: skip


def forget_check(report: MonthlyReport) -> None:
    """The draft counts as unchecked from here on."""
    report.checked_by, report.checked_by_label, report.checked_at, report.checked_figures = None, "", None, ""


def trimmed(text: str) -> str:
    """A typed text without its outer blanks; line ends as one kind, so that equal texts are equal bytes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def tidy(text: str) -> str:
    """The same without what nobody sees and no document or database need hold: Word's soft breaks become line ends."""
    lines = trimmed(text).replace("\v", "\n").replace("\f", "\n")
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs")).strip()


def refuse_long(texts: dict[str, str]) -> None:
    """Raises Invalid naming every text that is too long."""
    problems = [
        Problem(name, _l("最多 %(max)d 个字，请精简。", max=LONGEST_TEXT))
        for name, text in texts.items()
        if len(text) > LONGEST_TEXT
    ]
    if problems:
        raise Invalid(problems)
