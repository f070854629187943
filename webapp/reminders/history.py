"""Escalations of an assignment or a monthly report: who above was told that it is late, and what ended it.

From the ledger alone.

An escalation ends with the first deed after which nobody is chased for it any more: the officer claims completion, the
date is moved, the reviewer decides. Filing a figure ends only the chasing for what was returned.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Row, Select, bindparam, case, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import Person
from webapp.clock import local_date
from webapp.db import plain_rows
from webapp.i18n import moment, pick
from webapp.mail.models import OutboxMail
from webapp.organisations.models import PROVINCE_KINDS, Organisation
from webapp.permissions import Actor, Role
from webapp.plans.models import Assignment, DueDate, Plan
from webapp.progress.history import TITLES
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.queries import Entry
from webapp.reminders.models import Reminder
from webapp.reports.models import MonthlyReport
from webapp.workdays.calendar import published_calendar

Item = dict[str, Any]
"""A line as the timeline macro wants it."""

# The kinds of subject that are about an assignment, each with the statuses in which it is chased.
CHASED: Mapping[str, Collection[str]] = {
    "assignment": ("not_started", "in_progress", "returned"),
    "returned": ("returned",),
    "review": ("claimed",),
    "na_claim": ("na_claimed",),
}
OF_REPORTS = ("report", "report_returned", "report_review")


@dataclass(frozen=True, slots=True)
class Told:
    """One person above who was told, and how the mail that told them stands."""

    name_zh: str
    name_en: str
    state: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """Everybody of one level who was told on one day about one matter; `days` are working days past its due date."""

    kind: str
    audience: str
    place_zh: str
    place_en: str
    at: datetime
    due: date
    days: int
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended the escalation of some matters."""

    kinds: tuple[str, ...]
    entry: Entry


def escalations(session: Session, assignment_id: int) -> list[Escalation]:
    """The escalations of an assignment in the order they were sent: one statement. For one loaded within the area."""
    return _grouped(session, _told(Assignment, tuple(CHASED)), assignment_id)


def report_escalations(session: Session, report_id: int) -> list[Escalation]:
    """The same of a monthly report."""
    return _grouped(session, _told(MonthlyReport, OF_REPORTS), report_id)


def _grouped(session: Session, told: Select[*tuple[Any, ...]], subject_id: int) -> list[Escalation]:
    groups: dict[tuple[Any, ...], list[Row[Any]]] = {}
    for row in plain_rows(session, told, subject=subject_id):
        key = (local_date(row.recorded_at), row.subject_kind, row.audience, row.due)
        groups.setdefault(key, []).append(row)
    return [_escalation(rows) for rows in groups.values()]


@cache
def _told(about: type[Assignment | MonthlyReport], kinds: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    # Put together once: it takes longer than looking for what is seldom there.
    parent, region = aliased(Organisation), aliased(Organisation)
    # Municipalities and provinces are their own level; whoever belongs to none is told of at the level above.
    own_level = Organisation.kind.in_(PROVINCE_KINDS)
    to_region = Reminder.audience == "region"

    def place(column: str) -> Any:
        above = case((own_level, getattr(Organisation, column)), else_=getattr(parent, column))
        return case((to_region, getattr(region, column)), else_=above).label(column)

    return (
        select(
            Reminder.subject_kind, Reminder.audience, Reminder.due, Reminder.recorded_at, OutboxMail.state,
            Person.name_zh.label("who_zh"), Person.name_en.label("who_en"), place("name_zh"), place("name_en"),
        )
        .join(about, about.id == Reminder.subject_id)
        .join(Organisation, Organisation.id == about.organisation_id)
        .join(Plan, Plan.id == about.plan_id)
        .join(region, region.id == Plan.region_id)
        .join(Person, Person.id == Reminder.person_id)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .outerjoin(OutboxMail, OutboxMail.id == Reminder.outbox_id)
        .where(Reminder.escalation, Reminder.subject_kind.in_(kinds), Reminder.subject_id == bindparam("subject"))
        .order_by(Reminder.recorded_at, Reminder.audience, Reminder.id)
    )  # fmt: skip


def _escalation(rows: Sequence[Row[Any]]) -> Escalation:
    first = rows[0]
    return Escalation(
        kind=first.subject_kind,
        audience=first.audience,
        place_zh=first.name_zh or "",
        place_en=first.name_en or "",
        at=first.recorded_at,
        due=first.due,
        days=published_calendar().workdays_between(first.due, local_date(first.recorded_at)),
        told=tuple(Told(row.who_zh, row.who_en, row.state or "") for row in rows),
    )


def endings(found: Iterable[Escalation], entries: Iterable[Entry]) -> list[Ended]:
    """What ended the escalations, one for each deed that ended some; those that go on have none."""
    running: dict[str, Escalation] = {}
    ended: list[Ended] = []
    moments: list[Escalation | Entry] = [*found, *entries]
    for each in sorted(moments, key=lambda each: each.at):
        if isinstance(each, Escalation):
            running[each.kind] = each
            continue
        over = [kind for kind, last in running.items() if _ends(each, last)]
        if over:
            ended.append(Ended(tuple(over), each))
        for kind in over:
            del running[kind]
    return ended


def _ends(entry: Entry, last: Escalation) -> bool:
    row = entry.row
    if isinstance(row, ProgressUpdate | ReviewDecision):
        return row.status_after not in CHASED[last.kind]
    # Another date starts the ladder anew, and only the assignment's own ladder hangs on it.
    return isinstance(row, DueDate) and last.kind == "assignment" and row.due != last.due


# --- in words, as the timeline of a page wants them

STATES: Mapping[str, Any] = {
    "sent": _l("邮件已发送"), "new": _l("邮件待发送"), "sending": _l("邮件待发送"), "parked": _l("邮件未能送达"),
}  # fmt: skip


def sees_names(actor: Actor, path: str) -> bool:
    """Whether somebody may read who was told: those who coordinate or administer; others see the level alone."""
    roles = (Role.COORDINATOR, Role.ADMINISTRATOR)
    return any(grant.role in roles and path.startswith(grant.path) for grant in actor.grants)


def items(found: Iterable[Escalation], entries: Iterable[Entry], *, named: bool) -> list[tuple[datetime, Item]]:
    """The lines about escalations, each with its instant, in no order."""
    found = list(found)
    lines = [(each.at, _escalated(each, named=named)) for each in found]
    return lines + [(each.entry.at, _stopped(each)) for each in endings(found, entries)]


def _escalated(each: Escalation, *, named: bool) -> Item:
    place, late = pick(each, "place"), _late(each)
    title = _("提级催办：已告知%(place)s", place=place)
    if late:
        title = _("提级催办：已告知%(place)s（%(late)s）", place=place, late=late)
    return {
        "at": moment(each.at), "who": _("系统"), "title": title, "tone": "amber", "icon": "alert-triangle",
        "body": "\n".join(_person(who) for who in each.told) if named else _how_many(len(each.told)),
    }  # fmt: skip


def _late(each: Escalation) -> str:
    if each.days <= 0:
        return ""
    if each.kind in ("returned", "report_returned"):
        return ngettext("整改逾期%(num)s个工作日", "整改逾期%(num)s个工作日", each.days)
    if each.kind in ("assignment", "report"):
        return ngettext("逾期%(num)s个工作日", "逾期%(num)s个工作日", each.days)
    return ngettext("审核逾期%(num)s个工作日", "审核逾期%(num)s个工作日", each.days)


def _person(who: Told) -> str:
    return _("%(name)s：%(state)s", name=pick(who, "name"), state=str(STATES.get(who.state, _("未发邮件"))))


def _how_many(people: int) -> str:
    return ngettext("共告知 %(num)s 人", "共告知 %(num)s 人", people)


def _stopped(each: Ended) -> Item:
    deed = _deed(each.entry)
    if each.kinds == ("returned",):
        title = _("停止整改提级催办（%(deed)s）", deed=deed)
    else:
        title = _("停止提级催办（%(deed)s）", deed=deed)
    return {
        "at": moment(each.entry.at), "who": each.entry.actor_label, "title": title, "body": "", "tone": "green",
        "icon": "circle-check",
    }  # fmt: skip


def _deed(entry: Entry) -> str:
    if isinstance(entry.row, ProgressUpdate):
        return str(TITLES[entry.row.kind])
    return str(TITLES[entry.row.decision]) if isinstance(entry.row, ReviewDecision) else _("期限调整")
