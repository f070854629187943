"""Recording what is owed: the ledger's rows and one digest a person, in one transaction, a few statements in all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from webapp.accounts.queries import Recipient
from webapp.clock import local_date
from webapp.mail import service as mail
from webapp.mail.models import OutboxMail
from webapp.organisations.models import PROVINCE_KINDS
from webapp.reminders import queries
from webapp.reminders.ladder import Audience, Rules
from webapp.reminders.models import Reminder
from webapp.reminders.queries import Matter, Staff
from webapp.reminders.rules import Digest, Intent, Subject, SubjectKey, digests, owed
from webapp.workdays.calendar import Calendar
from webapp.workdays.rules import published_calendar

TEMPLATE = "digest"


@dataclass(frozen=True, slots=True)
class OwedDigest:
    """One person's digest: everything it tells of, and the facts the mail is worded from."""

    person: Recipient
    digest: Digest
    payload: dict[str, Any]

    def explained(self) -> dict[str, Any]:
        """Who would be sent what, and why: for a dry run."""
        return {
            "to": self.person.email,
            "name": self.person.name_zh,
            "items": [_explained(intent) for intent in self.digest.intents],
        }


@dataclass(frozen=True, slots=True)
class Owed:
    """What a run found owed (and, unless it was a dry run, recorded)."""

    digests: Sequence[OwedDigest]

    @property
    def items(self) -> int:
        """How many single reminders the digests hold."""
        return sum(len(each.digest.intents) for each in self.digests)

    def explained(self) -> list[dict[str, Any]]:
        """Every digest with the reason of each of its items."""
        return [each.explained() for each in self.digests]


def record_owed(session: Session, *, now: datetime, dry_run: bool = False) -> Owed:
    """Work out what is owed and record it: a ledger row for each reminder, one outbox row for each person.

    Only people whose digest of the day is new get ledger rows, so that a rival run, or a second one on the same day,
    can neither send a second digest nor record something that no mail carries. A dry run writes nothing.
    """
    found = _owed_digests(session, published_calendar(), now)
    if dry_run or not found:
        return Owed(found)
    mail_ids = _queue(session, found, now)
    fresh = [each for each in found if each.person.person_id in mail_ids]
    _write_ledger(session, fresh, mail_ids, now)
    return Owed(fresh)


def _owed_digests(session: Session, calendar: Calendar, now: datetime) -> list[OwedDigest]:
    rules = queries.plan_rules(session)
    # On rest days, and before the hour of every plan, the answer is nothing without a look at the facts.
    if not calendar.is_workday(local_date(now)) or not rules:
        return []
    found = queries.matters(session, now=now)
    staff = queries.staff(session, _concerned(found), local_date(now))
    intents = _intents(session, found, staff, rules, calendar, now)
    by_key = {(matter.kind, matter.id): matter for matter in found}
    most = min(each.most_items for each in rules.values())
    return [_owed_digest(each, staff, by_key, now) for each in digests(intents, most_items=most)]


def _concerned(found: Collection[Matter]) -> set[int]:
    places = {place for matter in found for place in (matter.organisation_id, matter.parent_id, matter.region_id)}
    return {place for place in places if place is not None}


def _intents(
    session: Session,
    found: Collection[Matter],
    staff: Staff,
    rules: Mapping[int, Rules],
    calendar: Calendar,
    now: datetime,
) -> list[Intent]:
    recorded = queries.recorded(session, now=now)
    told = queries.told_on(session, local_date(now))
    intents: list[Intent] = []
    for plan_id, plan_rules in rules.items():
        subjects = [_subject(matter, staff) for matter in found if matter.plan_id == plan_id]
        intents += owed(subjects, calendar, plan_rules, recorded, now=now, told_today=told)
    return intents


def _subject(matter: Matter, staff: Staff) -> Subject:
    return Subject(
        kind=matter.kind,
        id=matter.id,
        due=matter.due,
        move="officer",
        people=_people(matter, staff),
        ladder=matter.kind,
        group=matter.path,
        plan=matter.plan_id,
    )


def _people(matter: Matter, staff: Staff) -> dict[Audience, list[int]]:
    """Who stands in which capacity to a matter. Where there is no officer, the coordinator does the officer's work."""
    own, coordinators = matter.organisation_id, staff.coordinators
    # Beijing and Tianjin are their own province; ministries and enterprises have none.
    province = matter.parent_id if matter.organisation_kind == "city" else None
    if matter.organisation_kind in PROVINCE_KINDS:
        province = own
    return {
        Audience.OFFICER: staff.officers.get(own) or coordinators.get(own, []),
        Audience.REVIEWER: coordinators.get(matter.parent_id or own, []),
        Audience.PROVINCE: coordinators.get(province, []) if province else [],
        Audience.REGION: coordinators.get(matter.region_id, []),
    }


def _owed_digest(digest: Digest, staff: Staff, matters: Mapping[SubjectKey, Matter], now: datetime) -> OwedDigest:
    person = staff.people[digest.person]
    payload = {
        "day": local_date(now).isoformat(),
        "name_zh": person.name_zh,
        "name_en": person.name_en,
        "items": [_item(intent, matters[intent.subject]) for intent in digest.shown],
        "more": digest.more,
    }
    return OwedDigest(person, digest, payload)


def _item(intent: Intent, matter: Matter) -> dict[str, Any]:
    return {
        "kind": matter.kind,
        "id": matter.id,
        "audience": str(intent.audience),
        "rung": intent.rung,
        "due": intent.due.isoformat(),
        "days": intent.days,
        "light": matter.light,
        "label": matter.label,
        "title_zh": matter.title_zh,
        "title_en": matter.title_en,
        "month": matter.month.isoformat() if matter.month else None,
        "org_zh": matter.org_zh,
        "org_en": matter.org_en,
    }


def _explained(intent: Intent) -> dict[str, Any]:
    kind, subject_id = intent.subject
    why = f"rung {intent.rung} of {intent.rung_on.isoformat()}, due {intent.due.isoformat()}, as {intent.audience}"
    return {"subject": f"{kind} {subject_id}", "why": why, "days": intent.days, "escalation": intent.escalation}


def _queue(session: Session, found: Collection[OwedDigest], now: datetime) -> dict[int, int]:
    """Write the digests into the outbox; the new mails' ids by person. Keys that are taken are left out."""
    rows = [_outbox_row(each, local_date(now), now) for each in found]
    statement = _insert(session)(OutboxMail).on_conflict_do_nothing().returning(OutboxMail.person_id, OutboxMail.id)
    return {person_id: mail_id for person_id, mail_id in session.execute(statement, rows).all()}  # noqa: C416


def _outbox_row(each: OwedDigest, day: date, now: datetime) -> dict[str, Any]:
    to = mail.Recipient(each.person.person_id, each.person.email, each.person.locale)
    cause = f"reminders {day.isoformat()}: {len(each.digest.intents)}"
    key = queries.digest_key(day, to.person_id)
    return mail.outbox_row(key=key, template=TEMPLATE, person=to, payload=each.payload, cause=cause, now=now)


def _write_ledger(session: Session, found: Collection[OwedDigest], mail_ids: Mapping[int, int], now: datetime) -> None:
    rows = [
        {
            "subject_kind": intent.subject[0],
            "subject_id": intent.subject[1],
            "due": intent.due,
            "rung": intent.rung,
            "person_id": intent.person,
            "escalation": intent.escalation,
            "recorded_at": now,
            "outbox_id": mail_ids[intent.person],
            "plan_id": intent.plan,
            "audience": str(intent.audience),
        }
        for each in found
        for intent in each.digest.intents
    ]
    if rows:
        session.execute(_insert(session)(Reminder), rows)


def _insert(session: Session) -> Any:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
