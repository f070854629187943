"""A preview for a page: a closed month under the rules in force and under a draft, and one person's lines of a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from webapp.clock import local_date
from webapp.i18n import pick
from webapp.plans.models import Plan
from webapp.reminders import linewords
from webapp.reminders.ladder import Rules
from webapp.reminders.lines import Lines
from webapp.reminders.rules import Intent
from webapp.rulebook import preview_facts, words
from webapp.rulebook.past import Past
from webapp.rulebook.preview import Mail, months, replay
from webapp.rulebook.preview_table import Table, mails_of, side_by_side, workdays
from webapp.workdays.rules import published_calendar

MOST_PEOPLE = 20
LIMIT = preview_facts.MOST_ASSIGNMENTS
MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be previewed: a month, the path of an area, and perhaps a day and a person to look at closely."""

    month: date
    path: str
    day: date | None = None
    person: int = 0


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a mail, and each reason for it: rung, its day, the capacity."""

    title: str
    place: str
    due: date
    reasons: tuple[tuple[str, date, str], ...]
    escalation: bool
    hidden: bool
    at_once: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page shows."""

    look: Look
    table: Table
    names: dict[int, tuple[str, str]]
    now: Sequence[ShownLine]
    draft: Sequence[ShownLine]

    @property
    def people(self) -> list[tuple[int, Any]]:
        """The people with the greatest differences."""
        return [each for each in self.table.people.items() if each[1].now != each[1].draft][:MOST_PEOPLE]

    @property
    def days(self) -> list[date]:
        """The days on which anything would have been sent."""
        return [day for day, pair in self.table.days.items() if pair.now.mails or pair.draft.mails]

    @property
    def choices(self) -> list[tuple[int, str]]:
        """The people to choose from, each after the organisation, by which whoever looks for one looks."""
        chosen = set(list(self.table.people)[:MOST_CHOICES])
        return [(each, " · ".join(reversed(name))) for each, name in self.names.items() if each in chosen]


def closed_months(plan: Plan, today: date) -> list[date]:
    """The months of which there can be a preview, the last first: since the plan was there."""
    return months(max(plan.starts_on, local_date(plan.loaded_at)), today)


def days_of(month: date) -> list[date]:
    """The working days of a month."""
    return list(workdays(month, published_calendar()))


def too_many(session: Session, plan: Plan, path: str) -> bool:
    """Whether so much is open at or below a path that a preview would keep people waiting."""
    return preview_facts.open_assignments(session, plan.id, path) > LIMIT


def preview(session: Session, plan: Plan, now: Rules, draft: Rules, look: Look) -> Preview:
    """Live a month through under both rules. The statements do not grow with days, people or assignments."""
    calendar = published_calendar()
    past = preview_facts.read(session, plan, look.path, calendar, look.month)
    was = replay(past, now, calendar, look.month)
    would_be = was if draft == now else replay(past, draft, calendar, look.month)
    chosen = [mails_of(mails, look.day, look.person) if look.day else [] for mails in (was, would_be)]
    shown = _Shown(session, past, [*chosen[0], *chosen[1]])
    table = side_by_side(was, would_be, look.month, calendar)
    return Preview(look, table, _names(past), *(list(shown.lines(mails)) for mails in chosen))


def _names(past: Past) -> dict[int, tuple[str, str]]:
    """The people with the first organisation at which they hold a role, province by province."""
    found: dict[int, tuple[str, str]] = {}
    for each in sorted(past.held, key=lambda held: (past.places[held.who.organisation_id].path, held.who.person_id)):
        place = past.places[each.who.organisation_id]
        found.setdefault(each.who.person_id, (pick(each.who, "name"), pick(place, "name")))
    return found


class _Shown:
    """Makes lines of mails that would have been sent; what they say of their objects is read once for all."""

    def __init__(self, session: Session, past: Past, mails: Sequence[Mail]) -> None:
        gathered = {key: told for mail in mails for key, told in mail.gathered.items()}
        self._lines, self._past = Lines(past.places, gathered), past
        self._lines.read(session, (line for mail in mails for line in mail.digest.lines))

    def lines(self, mails: Iterable[Mail]) -> Iterator[ShownLine]:
        for mail in mails:
            shown = {line.record for line in mail.digest.shown}
            for line in mail.digest.lines:
                yield self._line(mail, line, hidden=line.record not in shown)

    def _line(self, mail: Mail, line: Intent, *, hidden: bool) -> ShownLine:
        item = self._lines.line(line).as_data()
        same = (each for each in mail.digest.intents if each.object == line.object)
        return ShownLine(
            linewords.title(item), pick(item, "org"), line.due, tuple(_reason(each) for each in same),
            line.escalation, hidden, mail.at_once,
        )  # fmt: skip


def _reason(each: Intent) -> tuple[str, date, str]:
    return words.rung_code(each.subject[0], each.rung), each.rung_on, words.audience(each.audience)
