"""Recording what is owed: the ledger's rows and the mails that carry them, in one transaction, in batches.

The outbox keeps facts, so that planning for many thousand people is quick: a mail is worded when it is sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts.queries import Recipient
from webapp.clock import local, local_date
from webapp.db import insert_many
from webapp.mail import service as mail
from webapp.mail.models import OutboxMail
from webapp.reminders import facts, queries
from webapp.reminders.emails import subject
from webapp.reminders.ladder import Rules
from webapp.reminders.lines import Line, Lines, batches
from webapp.reminders.linewords import in_one_line
from webapp.reminders.models import Reminder
from webapp.reminders.rules import Digest, Intent, Subject, awake, current_rungs, digests, owed
from webapp.reminders.subjects import World
from webapp.workdays.calendar import Calendar
from webapp.workdays.quiet import quiet_until
from webapp.workdays.rules import published_calendar

DIGEST, SINGLE = "digest", "reminder"
# What a person may ask not to be mailed: everything but escalations.
TOPIC = "reminders"
MAILS_AT_ONCE, ROWS_AT_ONCE = 500, 5_000


@dataclass(frozen=True, slots=True)
class OwedDigest:
    """One mail that is owed to one person: all it tells of, the lines it shows, and how it is to go.

    `template` "digest" is the day's, "reminder" a single one that goes at once. A withheld mail is shown in the product
    but not sent.
    """

    person: Recipient
    digest: Digest
    lines: Sequence[Line]
    day: date
    locale: str
    withheld: bool
    not_before: datetime
    template: str = DIGEST

    @property
    def key(self) -> str:
        """What makes the mail unique in the outbox."""
        if self.template == DIGEST:
            return queries.digest_key(self.day, self.person.person_id)
        first = self.digest.intents[0]
        kind, subject_id = first.subject
        return f"reminder:{first.plan}:{kind}:{subject_id}:{first.due}:{first.rung}:{first.person}"

    @property
    def topic(self) -> str:
        """The topic it may be refused by; empty where it escalates."""
        return "" if self.digest.escalates else TOPIC

    @property
    def payload(self) -> dict[str, Any]:
        """The facts the mail is worded from."""
        return {
            "day": self.day.isoformat(),
            "name_zh": self.person.name_zh,
            "name_en": self.person.name_en,
            "items": [line.as_data() for line in self.lines],
            "more": self.digest.more,
        }

    def explained(self) -> dict[str, Any]:
        """Who would be sent what, by which way, and why: for a dry run, in the recipient's language."""
        how = "digest" if self.template == DIGEST else "at once"
        channel = f"withheld: the person refused the topic {TOPIC}" if self.withheld else "mail"
        shown = {intent.record: line for intent, line in zip(self.digest.shown, self.lines, strict=True)}
        return {
            "to": self.person.email,
            "name": self.person.name_zh,
            "delivery": how,
            "channel": channel,
            "language": self.locale,
            "not_before": local(self.not_before).isoformat(),
            "subject": subject(self.payload, self.locale),
            "items": [_explained(intent, shown.get(intent.record), self.locale) for intent in self.digest.intents],
        }


@dataclass(frozen=True, slots=True)
class Owed:
    """What a run found owed (and, unless it was a dry run, recorded): digests, and single mails that go at once."""

    digests: Sequence[OwedDigest]
    singles: Sequence[OwedDigest] = ()

    @property
    def mails(self) -> Sequence[OwedDigest]:
        """All of them, the digests first."""
        return [*self.digests, *self.singles]

    @property
    def items(self) -> int:
        """How many single reminders the mails hold."""
        return sum(len(each.digest.intents) for each in self.mails)

    def explained(self) -> list[dict[str, Any]]:
        """Every mail with the reason of each of its items."""
        return [each.explained() for each in self.mails]


def record_owed(session: Session, *, now: datetime, dry_run: bool = False) -> Owed:
    """Work out what is owed and record it: a ledger row for each reminder, one outbox row for each mail.

    Only mails that are new get ledger rows, so that a rival run, or a second one on the same day, can neither send a
    second digest nor record something that no mail carries. A dry run writes nothing.
    """
    found = _Run(session, published_calendar(), now).mails()
    if not dry_run:
        fresh = {key for batch in batches(found, MAILS_AT_ONCE) for key in _record(session, batch, now)}
        found = [each for each in found if each.key in fresh]
    days, singles = ([each for each in found if each.template == kind] for kind in (DIGEST, SINGLE))
    return Owed(days, singles)


class _Run:
    """One look at what is owed at an instant."""

    def __init__(self, session: Session, calendar: Calendar, now: datetime) -> None:
        self.session, self.calendar, self.now, self.today = session, calendar, now, local_date(now)
        rules = queries.effective_rules(session)
        # On rest days, and before the hour of every plan, the answer is nothing without a look at the facts.
        self.rules = {plan: each for plan, each in rules.items() if awake(calendar, each, now)}

    def mails(self) -> list[OwedDigest]:
        """Every mail owed, the digests by person, then what goes at once."""
        if not self.rules:
            return []
        world = queries.world(self.session, self.today)
        known = facts.read(self.session, world, self.rules, self.calendar, self.today)
        intents = self._intents(known.subjects)
        most = {plan: rules.most_items for plan, rules in self.rules.items()}
        found = digests(intents, most_items=most)
        singles = [Digest(each.person, (each,), (each,), 1) for each in intents if each.at_once]
        lines = Lines(world.places, known.gathered)
        lines.read(self.session, (intent for each in (*found, *singles) for intent in each.shown))
        refusers = mail.refusers(self.session, TOPIC) if intents else frozenset()
        make = _Maker(world, lines, refusers, self)
        return [*(make.mail(each, DIGEST) for each in found), *(make.mail(each, SINGLE) for each in singles)]

    def _intents(self, subjects: Mapping[int, Sequence[Subject]]) -> list[Intent]:
        current = {
            rung
            for plan, theirs in subjects.items()
            for rung in current_rungs(theirs, self.calendar, self.rules[plan], now=self.now)
        }
        recorded, told = queries.recorded(self.session, current), queries.told_on(self.session, self.today)
        return [
            intent
            for plan, theirs in subjects.items()
            for intent in owed(theirs, self.calendar, self.rules[plan], recorded, now=self.now, told_today=told)
        ]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the mail of a digest: its lines, its language, and whether and when it may go."""

    world: World
    lines: Lines
    refusers: Collection[int]
    run: _Run

    def mail(self, digest: Digest, template: str) -> OwedDigest:
        person = self.world.staff.people[digest.person]
        return OwedDigest(
            person=person,
            digest=digest,
            lines=[self.lines.line(intent) for intent in digest.shown],
            day=self.run.today,
            locale=language_of(person, [self.run.rules[plan] for plan in {intent.plan for intent in digest.intents}]),
            withheld=not digest.escalates and digest.person in self.refusers,
            not_before=self._not_before(digest, template),
            template=template,
        )

    def _not_before(self, digest: Digest, template: str) -> datetime:
        if template == DIGEST:
            return self.run.now
        return quiet_until(self.run.rules[digest.intents[0].plan].quiet, self.run.now, self.run.calendar)


def language_of(person: Recipient, rules: Sequence[Rules]) -> str:
    """The language the plans ask for; the person's own where they leave it, or do not agree."""
    asked = {each.language for each in rules}
    return person.locale if "person" in asked or len(asked) != 1 else asked.pop()


def _explained(intent: Intent, line: Line | None, locale: str) -> dict[str, Any]:
    kind, subject_id = intent.subject
    plan, about, object_id = intent.object
    why = f"rung {intent.rung} of {intent.rung_on.isoformat()}, due {intent.due.isoformat()}, as {intent.audience}"
    return {
        "line": in_one_line(line.as_data(), locale) if line else "",
        "subject": f"{kind} {subject_id}",
        "object": f"{about} {object_id}",
        "plan": plan,
        "why": why,
        "days": intent.days,
        "escalation": intent.escalation,
        "shown": line is not None,
    }


def _record(session: Session, found: Sequence[OwedDigest], now: datetime) -> Collection[str]:
    """Write mails and, for those that are new, the ledger; gives the keys of the new ones."""
    mail_ids = _queue(session, found, now)
    fresh = ((mail_ids[each.key], each.digest) for each in found if each.key in mail_ids)
    rows = (_ledger_row(intent, mail_id, now) for mail_id, digest in fresh for intent in digest.intents)
    for batch in batches(rows, ROWS_AT_ONCE):
        insert_many(session, Reminder, batch)
    return mail_ids.keys()


def _queue(session: Session, found: Iterable[OwedDigest], now: datetime) -> dict[str, int]:
    """Write mails into the outbox; the new ones' ids by key. Keys that are taken are left out."""
    rows = [_outbox_row(each, now) for each in found]
    return dict(insert_many(session, OutboxMail, rows, OutboxMail.key, OutboxMail.id, unless_taken=True))


def _outbox_row(each: OwedDigest, now: datetime) -> dict[str, Any]:
    to = mail.Recipient(each.person.person_id, each.person.email, each.locale)
    cause = f"reminders {each.day.isoformat()}: {len(each.digest.intents)}"
    return mail.outbox_row(
        key=each.key, template=each.template, person=to, payload=each.payload, cause=cause, now=now, topic=each.topic,
        not_before=each.not_before, state="withheld" if each.withheld else "new",
    )  # fmt: skip


def _ledger_row(intent: Intent, mail_id: int, now: datetime) -> dict[str, Any]:
    kind, subject_id = intent.subject
    return {
        "subject_kind": kind,
        "subject_id": subject_id,
        "due": intent.due,
        "rung": intent.rung,
        "person_id": intent.person,
        "escalation": intent.escalation,
        "recorded_at": now,
        "outbox_id": mail_id,
        "plan_id": intent.plan,
        "audience": str(intent.audience),
    }
