"""A coordinator asks for something now: one mail a person, whatever the ladders say of the day.

An assignment is asked for at most once a working day; what is asked on a rest day counts for the next one. The ledger's
key (plan, assignment, due date, day, person) can exist once, and so can the mail's.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.queries import Recipient, people_of
from webapp.audit.service import record
from webapp.clock import local_date
from webapp.db import insert_many
from webapp.mail.service import Recipient as Address
from webapp.mail.service import enqueue
from webapp.organisations.models import PROVINCE_KINDS, Organisation
from webapp.permissions import Actor, Role
from webapp.plans.models import Assignment, Task
from webapp.reminders import queries
from webapp.reminders.lines import Line
from webapp.reminders.models import Reminder
from webapp.reminders.rungs import Audience
from webapp.reminders.service import TOPIC, language_of
from webapp.reminders.subjects import ASSIGNMENT, Staff
from webapp.workdays.calendar import published_calendar
from webapp.workdays.quiet import quiet_until

TEMPLATE = "asked"
ROLES = (Role.OFFICER, Role.COORDINATOR)
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: how many mails were written, and the assignments that have nobody to write to."""

    mails: int
    nobody: Collection[int]


def rung_of(now: datetime) -> str:
    """The working day an asking counts for, as the ledger names it."""
    return f"now:{published_calendar().on_or_after(local_date(now)).isoformat()}"


def asked_already(session: Session, ids: Collection[int], now: datetime) -> set[int]:
    """Those of some assignments, already limited to an area, that were asked for on this working day."""
    told = select(Reminder.subject_id).where(
        Reminder.subject_kind == ASSIGNMENT, Reminder.subject_id.in_(ids), Reminder.rung == rung_of(now)
    )
    return set(session.scalars(told))


def ask(session: Session, plan_id: int, ids: Collection[int], *, actor: Actor, now: datetime, words: str = "") -> Asked:
    """Write the mails, the ledger and the record of deeds for assignments of one plan.

    The caller holds the rows, and has asked who may, whether they are open and dated, and `asked_already`.
    """
    rows = session.execute(_said_of(ids)).all()
    staff = Staff(people_of(session, {row.organisation_id for row in rows}, ROLES, local_date(now)))
    told = {row.id: [who for who in staff.doers(row.organisation_id) if who != actor.id] for row in rows}
    by_person: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        for who in told[row.id]:
            by_person[who].append(row)
    post = _Post(session, plan_id, actor, now, words)
    for who, theirs in sorted(by_person.items()):
        post.write(staff.people[who], theirs)
    for row in rows:
        if told[row.id]:
            facts = {"people": len(told[row.id]), "reason": words}
            record(session, "reminder.asked", (ASSIGNMENT, row.id), actor=actor, now=now, area=row.path, facts=facts)
    return Asked(len(by_person), [row.id for row in rows if not told[row.id]])


def _said_of(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    row, parent = Assignment, aliased(Organisation)
    place = Organisation
    return (
        select(
            row.id, row.due, row.light, row.light_label, row.organisation_id, Task.title_zh, Task.title_en, place.code,
            place.path, place.kind, place.name_zh, place.name_en, parent.name_zh.label("above_zh"),
            parent.name_en.label("above_en"),
        )
        .join(Task, Task.id == row.task_id)
        .join(place, place.id == row.organisation_id)
        .outerjoin(parent, parent.id == place.parent_id)
        .where(row.id.in_(ids))
        .order_by(row.due, Task.sort, row.id)
    )  # fmt: skip


class _Post:
    """Writes the mail of each person, and the ledger's rows it carries."""

    def __init__(self, session: Session, plan_id: int, actor: Actor, now: datetime, words: str) -> None:
        self.session, self.plan_id, self.actor, self.now, self.words = session, plan_id, actor, now, words
        self.rules = queries.effective_rules(session)[plan_id]
        self.not_before = quiet_until(self.rules.quiet, now, published_calendar())

    def write(self, person: Recipient, rows: Sequence[AnyRow]) -> None:
        """One mail with all that is asked of a person."""
        rung = rung_of(self.now)
        mail_id = enqueue(
            self.session,
            # The first of them cannot be asked for again on this working day, nor therefore this mail be written.
            key=f"{TEMPLATE}:{rung.removeprefix('now:')}:{rows[0].id}:{person.person_id}",
            template=TEMPLATE,
            person=Address(person.person_id, person.email, language_of(person, [self.rules])),
            payload=self._payload(person, rows),
            cause=f"asked by {self.actor.id}: {len(rows)}",
            now=self.now,
            topic=TOPIC,
            not_before=self.not_before,
        )
        insert_many(self.session, Reminder, [self._entry(person, row, rung, mail_id) for row in rows])

    def _payload(self, person: Recipient, rows: Sequence[AnyRow]) -> dict[str, Any]:
        today, shown, home = local_date(self.now), rows[: self.rules.most_items], self.actor.home
        return {
            "name_zh": person.name_zh,
            "name_en": person.name_en,
            "by_zh": self.actor.name,
            "by_en": self.actor.name_en,
            "from_zh": home.name_zh if home else "",
            "from_en": home.name_en if home else "",
            "words": self.words,
            "items": [_line(row, self.plan_id, today).as_data() for row in shown],
            "more": len(rows) - len(shown),
        }

    def _entry(self, person: Recipient, row: AnyRow, rung: str, mail_id: int | None) -> Mapping[str, Any]:
        return {
            "plan_id": self.plan_id, "subject_kind": ASSIGNMENT, "subject_id": row.id, "due": row.due, "rung": rung,
            "person_id": person.person_id, "audience": str(Audience.OFFICER), "escalation": False,
            "recorded_at": self.now, "outbox_id": mail_id,
        }  # fmt: skip


def _line(row: AnyRow, plan_id: int, today: date) -> Line:
    own = row.kind in PROVINCE_KINDS or row.above_zh is None
    return Line(
        ASSIGNMENT, row.id, plan_id, str(Audience.OFFICER), rung="", due=row.due, days=(row.due - today).days,
        org_code=row.code, org_zh=row.name_zh, org_en=row.name_en,
        province_zh=row.name_zh if own else row.above_zh, province_en=row.name_en if own else row.above_en,
        light=row.light, label=row.light_label, title_zh=row.title_zh, title_en=row.title_en,
    )  # fmt: skip
