"""The review of claims: how long each has been waiting, what the reviewer sees of one, and what follows a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.dashboard.forms import DecisionForm
from webapp.dashboard.pictures import Line
from webapp.errors import Invalid
from webapp.i18n import day_weekday, pick
from webapp.permissions import Actor
from webapp.plans.models import Assignment
from webapp.plans.units import SHARE, quantity, target_text, unit_word
from webapp.plans.words import kind_word
from webapp.progress.history import items
from webapp.progress.models import ProgressUpdate
from webapp.progress.queries import CLAIM_KINDS, WAITING, Entry, review_queue, timeline
from webapp.workdays.calendar import published_calendar

__all__ = ["WAITING", "ClaimView", "check", "claim_view", "decided", "waiting"]

REVIEW_WORKDAYS = 3


@dataclass(frozen=True, slots=True)
class Waits:
    """A claim that waits: for how many working days, by when an answer is owed, and whether that has passed."""

    row: Line
    days: int
    answer_by: date

    @property
    def late(self) -> bool:
        """Whether the reviewer's own time is over."""
        return self.days > REVIEW_WORKDAYS


@dataclass(frozen=True, slots=True)
class ClaimView:
    """What the page of one claim shows."""

    assignment: Assignment
    claim: ProgressUpdate | None
    claimed_by: str
    files: tuple[Any, ...]
    history: list[dict[str, Any]]
    facts: list[tuple[str, Any]]
    waits: Waits | None
    place: int
    queue: int
    skip_to: int | None
    own: bool
    asks_quantity: bool
    unit: str


def waiting(rows: Iterable[Line], today: date) -> list[Waits]:
    """Claims with the working days they have been waiting; the day of the claim does not count."""
    return [_waits(row, today) for row in rows]


def _waits(row: Line, today: date) -> Waits:
    calendar, since = published_calendar(), local_date(row.claimed_on)
    return Waits(row, max(0, calendar.workdays_between(since, today)), calendar.add_workdays(since, REVIEW_WORKDAYS))


def claim_view(session: Session, assignment: Assignment, actor: Actor, *, today: date) -> ClaimView:
    """One claim with everything needed to decide on it, and its place in the reviewer's queue."""
    entries = timeline(session, assignment.id)
    newest = next((each for each in entries if _is_claim(each)), None)
    claim = newest.row if newest and isinstance(newest.row, ProgressUpdate) else None
    queue = review_queue(session, assignment.plan_id, actor)
    place = next((index for index, row in enumerate(queue) if row.id == assignment.id), None)
    following = [row.id for row in [*queue[(place or 0) + 1 :], *queue[: place or 0]] if row.id != assignment.id]
    unit = assignment.task.unit
    return ClaimView(
        assignment=assignment,
        claim=claim,
        claimed_by=newest.actor_label if newest else "",
        files=newest.evidence if newest else (),
        history=items(entries, unit),
        facts=_facts(assignment, claim),
        waits=None if place is None else _waits(queue[place], today),
        place=0 if place is None else place + 1,
        queue=len(queue),
        skip_to=following[0] if following else None,
        own=claim is not None and claim.actor_id == actor.id,
        asks_quantity=assignment.status == "claimed" and unit != "milestone",
        unit="%" if unit == SHARE else unit_word(unit),
    )


def _is_claim(entry: Entry) -> bool:
    return isinstance(entry.row, ProgressUpdate) and entry.row.kind in CLAIM_KINDS


def _facts(assignment: Assignment, claim: ProgressUpdate | None) -> list[tuple[str, Any]]:
    task = assignment.task
    rows = [
        (_("责任单位"), pick(assignment.organisation, "name")),
        (_("任务类型"), kind_word(task.kind)),
        (_("目标要求"), target_text(task)),
        (_("完成期限"), day_weekday(assignment.due) if assignment.due else _("长期任务，不设期限")),
    ]
    if assignment.due != assignment.nominal_due:
        rows.append((_("方案期限"), day_weekday(assignment.nominal_due)))
    if claim is not None and claim.kind == "claim":
        rows.append((_("自报完成"), quantity(assignment.claimed, task.unit)))
        if assignment.counted and task.ledger:
            good = assignment.verified
            rows.append((_("台账已核实"), _("尚未核实") if good is None else quantity(good, task.unit)))
        rows.append((_("数据截止"), day_weekday(claim.as_of)))
    if pick(task, "evidence"):
        rows.append((_("佐证要求"), pick(task, "evidence")))
    return rows


def check(form: DecisionForm) -> None:
    """Raises Invalid when the form itself is not filled in; its messages already stand at the fields."""
    if not form.validate():
        raise Invalid([])


def decided(assignment: Assignment, decision: str) -> str:
    """What happened, and what follows."""
    names = {"org": pick(assignment.organisation, "short"), "task": pick(assignment.task, "title")}
    sentences = {
        "verify": _("已办结销号：%(org)s “%(task)s”。已计入办结率，并邮件告知承办人员。", **names),
        "return": _("已退回整改：%(org)s “%(task)s”。理由已邮件告知承办人员，整改后可重新申请。", **names),
        "na_accept": _("已同意不涉及：%(org)s “%(task)s”。从今天起不再计入分母，并邮件告知承办人员。", **names),
        "na_refuse": _("未同意不涉及：%(org)s “%(task)s”。已退回承办单位继续办理，理由已邮件告知。", **names),
    }
    return sentences[decision]
