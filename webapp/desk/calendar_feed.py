"""A person's dates as an iCalendar file (RFC 5545): deadlines, reports, the season's start, what waits for a decision.

All events are whole days and block nobody's time; none rings, because reminders come by mail. An event keeps its UID
for good, and its SEQUENCE grows when its date is moved. The texts are in the language being spoken.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.clock import local_date, month_start
from webapp.desk import calendar_queries as queries
from webapp.desk.calendar_queries import AnyRow
from webapp.i18n import day, language, month, pick
from webapp.permissions import Actor
from webapp.plans.units import target_text
from webapp.progress.facts import OPEN_STATUSES
from webapp.reminders.queries import effective_rules
from webapp.reports.calendar import Coming, coming_reports
from webapp.workdays.rules import published_calendar

if TYPE_CHECKING:
    from icalendar import Event, Timezone

KEPT = timedelta(days=60)
REFRESH = timedelta(hours=6)
BEIJING = timedelta(hours=8)
# Fixed, so that an installation that moves to another address keeps its events. `.internal` is reserved.
DOMAIN = "lantian.internal"
PRODUCT = "-//Lantian//Calendar feed//ZH"

# From an endpoint and its values to the address of a page.
Address = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in the calendar. `changed` is when its facts were last revised, `sequence` how often its date was."""

    uid: str
    on: date
    summary: str
    lines: tuple[str, ...]
    url: str
    changed: datetime
    sequence: int = 0
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """The file, and since when nothing in it has changed."""

    content: bytes
    changed: datetime
    entries: tuple[Entry, ...] = field(repr=False)


def feed(session: Session, actor: Actor, *, today: date, begun: datetime, address: Address) -> Feed:
    """A person's calendar with today's roles.

    `begun` is the instant the day began, from which on roles and the window of past dates are as they are.
    """
    since = today - KEPT
    entries = tuple(
        sorted(
            [
                *_deadlines(queries.deadlines(session, actor, since=since), address),
                *_reports(session, actor, today, address),
                *_seasons(queries.seasons(session, actor, since=since), address),
                *_reviews(session, actor, since, address),
            ],
            key=lambda entry: (entry.on, entry.uid),
        )
    )
    changed = max(begun, queries.changed_at(session, actor) or begun, *(entry.changed for entry in entries), begun)
    return Feed(document(entries, _("蓝天：%(name)s", name=_name(actor))), changed, entries)


def _name(actor: Actor) -> str:
    return pick({"name_zh": actor.name, "name_en": actor.name_en}, "name")


# --- what stands in it


def _deadlines(rows: Iterable[AnyRow], address: Address) -> Iterator[Entry]:
    for row in rows:
        yield Entry(
            f"assignment-{row.id}",
            row.due,
            _("%(task)s到期", task=pick(row, "short")),
            (pick(row, "title"), *_requirement(row), *_moved(row)),
            address("desk.assignment", assignment_id=row.id),
            row.dated_at,
            row.revision - 1,
        )


def _requirement(row: AnyRow) -> tuple[str, ...]:
    return (
        _("单位：%(org)s", org=pick(row, "organisation")),
        _("目标：%(target)s", target=target_text(row)),
        _("依据：%(plan)s，%(clause)s", plan=pick(row, "plan"), clause=pick(row, "clause")),
    )


def _moved(row: AnyRow) -> tuple[str, ...]:
    if row.revision == 1:
        return ()
    told = {"by": row.decided_by_label, "on": day(row.dated_at), "from": day(row.nominal_due), "reason": row.reason}
    return (_("期限原为%(from)s，由%(by)s于%(on)s调整。原因：%(reason)s", **told),)


def _reports(session: Session, actor: Actor, today: date, address: Address) -> Iterator[Entry]:
    since, opened = today - KEPT, queries.reports(session, actor)
    for row in opened:
        if row.status in OPEN_STATUSES or row.status == "open":
            yield from _report(row, address("reports.report", report_id=row.id), row.opened_at, since, sequence=1)
    known = {(row.plan_id, row.organisation_id, row.month) for row in opened}
    for row in queries.reporters(session, actor):
        for each in coming_reports(row, month_start(today), known):
            yield from _report(each, address("reports.index"), row.loaded_at, since, sequence=0)


def _report(row: AnyRow | Coming, url: str, changed: datetime, since: date, *, sequence: int) -> Iterator[Entry]:
    """A report's legal date and, where it is filed through the level above, the earlier one."""
    uid = f"report-{row.plan_id}-{row.organisation_id}-{row.month:%Y%m}"
    where = (
        _("单位：%(org)s", org=pick(row, "organisation")),
        _("依据：%(plan)s", plan=pick(row, "plan")),
    )
    told = {"month": month(row.month)}
    if row.internal_due is not None and row.internal_due >= since:
        at = f"{row.internal_due_at:%H:%M}" if row.internal_due_at else ""
        summary = _("%(month)s月报：%(at)s前报送省级", at=at, **told) if at else _("%(month)s月报：报送省级", **told)
        legal = _("法定期限为%(day)s。", day=day(row.due))
        yield Entry(
            f"{uid}-internal", row.internal_due, summary, (*where, legal), url, changed, sequence, row.provisional
        )
    if row.due >= since:
        lines = (*where, _("%(why)s。", why=pick(row, "due_explained")))
        summary = _("%(month)s月报：法定期限", **told)
        yield Entry(uid, row.due, summary, lines, url, changed, sequence, row.provisional)


def _seasons(rows: Iterable[AnyRow], address: Address) -> Iterator[Entry]:
    for row in rows:
        window = {"first": day(row.starts_on), "last": day(row.ends_on)}
        yield Entry(
            f"season-{row.plan_id}-{row.code}-{row.organisation_id}",
            row.starts_on,
            _("%(season)s开始", season=pick(row, "name")),
            (
                _("单位：%(org)s", org=pick(row, "organisation")),
                _("%(first)s至%(last)s", **window),
                pick(row, "note"),
            ),
            address("desk.assignments"),
            row.loaded_at,
        )


def _reviews(session: Session, actor: Actor, since: date, address: Address) -> Iterator[Entry]:
    """What waits for the person's decision, on the day by which it should be taken."""
    claims, reports = queries.claims(session, actor), queries.submitted(session, actor)
    if not claims and not reports:
        return
    rules, calendar = effective_rules(session), published_calendar()
    for row in claims:
        within = rules[row.plan_id].within("review" if row.claim_kind == "claim" else "na_claim")
        due = calendar.add_workdays(local_date(row.claimed_on), within) if within else None
        if due and due >= since:
            yield _claim(row, due, address)
    for row in reports:
        within = rules[row.plan_id].within("review")
        due = calendar.add_workdays(local_date(row.submitted_at), within) if within else None
        if due and due >= since:
            yield _submitted(row, due, address)


def _claim(row: AnyRow, due: date, address: Address) -> Entry:
    told = {"org": pick(row, "organisation"), "task": pick(row, "short")}
    summary = (
        _("审核%(org)s销号申请：%(task)s", **told)
        if row.claim_kind == "claim"
        else _("审核%(org)s不涉及申报：%(task)s", **told)
    )
    filed = _("%(by)s于%(on)s申请。", by=row.claimed_by, on=day(row.claimed_on))
    url = address("dashboard.claim", assignment_id=row.id)
    lines = (pick(row, "title"), *_requirement(row), filed)
    return Entry(f"review-{row.claim_id}", due, summary, lines, url, row.claimed_on)


def _submitted(row: AnyRow, due: date, address: Address) -> Entry:
    summary = _("审核%(org)s%(month)s月报", org=pick(row, "organisation"), month=month(row.month))
    filed = _("%(by)s于%(on)s报送。", by=row.submitted_by_label, on=day(row.submitted_at))
    lines = (_("依据：%(plan)s", plan=pick(row, "plan")), filed, _("回执编号：%(number)s", number=row.receipt))
    uid = f"report-review-{row.id}-{row.revision}"
    return Entry(uid, due, summary, lines, address("reports.report", report_id=row.id), row.submitted_at)


# --- how it is written


def document(entries: Iterable[Entry], name: str) -> bytes:
    """The file: CRLF, lines folded at 75 octets, text escaped, all by the library."""
    # Three megabytes that only calendars need.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    calendar.add_component(_zone())
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _zone() -> "Timezone":
    """Beijing time. No date here needs it, but a file without any component is no calendar, and is refused."""
    from icalendar import Timezone, TimezoneStandard

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Shanghai")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local, as RFC 5545 wants it
    standard.add("tzoffsetfrom", BEIJING)
    standard.add("tzoffsetto", BEIJING)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{entry.uid}@{DOMAIN}")
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    # Without a METHOD, DTSTAMP says when the event was last revised: the same facts are the same bytes.
    event.add("dtstamp", entry.changed.replace(microsecond=0))
    event.add("last-modified", entry.changed.replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary, parameters={"LANGUAGE": language()})
    event.add("description", "\n".join([*(line for line in entry.lines if line), entry.url]))
    event.add("url", entry.url)
    event.add("status", "TENTATIVE" if entry.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
