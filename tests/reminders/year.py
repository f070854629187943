"""A small plan lived through: the script's people act through the real services, the real job table ticks, a real SMTP
server receives, and what it received is read back as the oracle would say it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from seed.loader import load
from seed.schema import load_pack
from tasks import runner
from tests.reminders import oracle, year_plan
from tests.reminders.oracle import Event, Line, Mail, Oracle, Told, World
from tests.reminders.oracle_calendar import DAY, first_of_month, works
from tests.reminders.year_plan import DUTIES, HEATING, LAST_MONTH, LOADED, OWN_HEATING, PLACES, REGION, ROLES
from tests.support.people import WEAK_HASH
from tests.support.plans import REAL
from tests.support.smtp import PostOffice
from tests.support.stated import unchecked
from webapp.accounts.models import Person
from webapp.accounts.queries import load_actor
from webapp.accounts.service import create_person, grant_role
from webapp.clock import StoppedClock, parse_instant, real_now
from webapp.db import Database, Instance
from webapp.mail.service import refuse
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM, Actor, Role
from webapp.plans.models import Assignment, Task
from webapp.plans.queries import get_assignment
from webapp.progress.planning import extend
from webapp.progress.service import decide, record_update
from webapp.reminders.models import Reminder
from webapp.reports import service as reports
from webapp.reports.models import MonthlyReport
from webapp.reports.queries import get_report
from webapp.settings import Settings

NIGHT = time(3, 45)
HOURS = [time(hour, 30) for hour in range(8, 18)]
REASON = "依据现场情况。"


def instant(at: datetime) -> datetime:
    """The oracle's wall time as an instant."""
    return parse_instant(at.isoformat())


# --- the plan as a pack


def write_pack(folder: Path, ladders: Mapping[str, Any], rules: Mapping[str, Any]) -> Path:
    """The plan of `year_plan` as a pack. Its reminder rules are the shipped plan's own but for what is given."""
    shipped = yaml.safe_load((REAL / "plan.yaml").read_text(encoding="utf-8"))
    shipped["reminders"] |= {"most_items": year_plan.MOST_ITEMS} | rules
    for name, changed in ({"contact": {"tasks": ["contact"]}} | ladders).items():
        shipped["reminders"]["ladders"][name] |= changed
    texts = {f"{name}_{language}": name for name in ("title", "short", "name", "gist") for language in ("zh", "en")}
    (folder / "tasks").mkdir(parents=True)
    _write(folder / "plan.yaml", _plan(shipped, texts))
    _write(folder / "organisations.yaml", [_place(code, texts) for code in PLACES])
    sentences = [{"id": f"part-a.{number + 1}", **_some(texts, "gist")} for number in range(len(DUTIES))]
    _write(folder / "clauses.yaml", [
        {"id": "part-a", **_some(texts, "title"), "measure": True, "sort": 10, "sentences": sentences}
    ])  # fmt: skip
    _write(folder / "tasks" / "all.yaml", [_duty(number, texts) for number in range(len(DUTIES))])
    return folder


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def _some(texts: dict[str, str], *names: str) -> dict[str, str]:
    return {key: name for key, name in texts.items() if name in names}


def _plan(shipped: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    heating = {"starts_on": HEATING[0], "ends_on": HEATING[1], "note_zh": "注", "note_en": "note"}
    own = [{"orgs": [place], "starts_on": days[0], "ends_on": days[1]} for place, days in OWN_HEATING.items()]
    return {
        "code": "year", **_some(texts, "title", "short"), "published_on": LOADED.date(), "starts_on": LOADED.date(),
        "ends_on": year_plan.LAST_DAY, "region": REGION,
        "reporting": {
            **{key: shipped["reporting"][key] for key in ("day", "shift", "internal")},
            "first_month": f"{year_plan.FIRST_MONTH:%Y-%m}", "last_month": f"{LAST_MONTH:%Y-%m}", "orgs": "governments",
        },
        "seasons": [{"code": "heating", **_some(texts, "name"), **heating, "overrides": own}],
        "thresholds": shipped["thresholds"], "reminders": shipped["reminders"],
        "selectors": {"governments": {"orgs": list(year_plan.GOVERNMENTS)}},
    }  # fmt: skip


def _place(code: str, texts: dict[str, str]) -> dict[str, Any]:
    kind, above = PLACES[code]
    names = {key: f"{name} {code}" for key, name in _some(texts, "name", "short").items()}
    return {"code": code, "kind": kind, "pinyin": "di", **names, **({"parent": above} if above else {})}


def _duty(number: int, texts: dict[str, str]) -> dict[str, Any]:
    duty = DUTIES[number]
    titles = {key: f"{name} {duty.code}" for key, name in _some(texts, "title", "short").items()}
    due = {"season": "heating"} if duty.seasonal else {"on": date.fromisoformat(duty.due)} if duty.due else "none"
    counted = {"comparator": ">=", "target": 4, "unit": "household"}
    figures = counted if duty.kind in ("quantity", "seasonal_cap") else {}
    return {
        "code": duty.code, "clause": "part-a", "sentences": [f"part-a.{number + 1}"], **titles, "kind": duty.kind,
        "who": list(duty.who), "due": due, "evidence_zh": "证明", "evidence_en": "proof", **figures,
    }  # fmt: skip


# --- the same plan for the oracle


def world_of(session: Session) -> World:
    """What the oracle is told: the table of `year_plan`, with the numbers the database gave."""
    numbers = {row.code: row.id for row in session.execute(select(Organisation.code, Organisation.id))}
    tasks = select(Task.code, Organisation.code, Assignment.id).select_from(Assignment)
    tasks = tasks.join(Task, Task.id == Assignment.task_id)
    tasks = tasks.join(Organisation, Organisation.id == Assignment.organisation_id)
    assignments = {(task, place): row_id for task, place, row_id in session.execute(tasks)}
    filed = select(Organisation.code, MonthlyReport.month, MonthlyReport.id)
    filed = filed.join(Organisation, Organisation.id == MonthlyReport.organisation_id)
    return World(
        loaded_on=LOADED.date(),
        region=REGION,
        places={code: oracle.Place(numbers[code], kind, _path(code), above) for code, (kind, above) in PLACES.items()},
        roles=list(ROLES),
        assignments={
            (duty.code, place): oracle.Assignment(
                assignments[duty.code, place], place, duty.code, duty.kind, duty.starts_on(place), duty.due_on(place),
                duty.seasonal,
            )
            for duty in DUTIES for place in duty.who
        },
        report_numbers={(place, month): row_id for place, month, row_id in session.execute(filed)},
        season=HEATING,
        own_seasons=OWN_HEATING,
        special_ladders={"contact": "contact"},
        most_items=year_plan.MOST_ITEMS,
    )  # fmt: skip


def _path(code: str) -> str:
    above = PLACES[code][1]
    return (_path(above) if above else "") + f"{code}/"


# --- living through it


@dataclass
class Year:
    """A database in which the script is played, and the post office that receives its mails."""

    database: Database
    settings: Settings
    office: PostOffice
    ladders: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=year_plan.script)
    ticks: list[datetime] = field(default_factory=list)
    received: list[Mail] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    assignments: dict[tuple[str, str], int] = field(default_factory=dict)
    played: int = 0

    def build(self, folder: Path, begins: datetime) -> None:
        """Load the plan on its day and play the script without a scheduler until `begins`; jobs count from there."""
        with self.database.transaction() as session:
            offset = int((instant(begins) - real_now()).total_seconds())
            session.add(Instance(id=1, mode="demo", clock_offset_seconds=offset, created_at=instant(LOADED)))
            load(session, load_pack(write_pack(folder, self.ladders, self.rules)), now=instant(LOADED))
            for role in ROLES:
                self._grant(session, role, LOADED)
            world = world_of(session)
            self.places = {code: place.number for code, place in world.places.items()}
            self.assignments = {key: row.number for key, row in world.assignments.items()}
        with self.database.transaction() as session:
            month = first_of_month(LOADED.date(), 1)
            while month <= begins.date():
                self._play(session, datetime.combine(month, time()))
                for reported in (first_of_month(month, -1), month):
                    reports.open_reports(session, month=reported, now=instant(datetime.combine(month, time(0, 20))))
                month = first_of_month(month, 1)
            self._play(session, begins)
            runner.count_from(session, now=instant(begins))

    def live(self, ticks: Sequence[datetime]) -> None:
        """Play the script on, the scheduler waking at each tick."""
        for tick in ticks:
            if self._next(tick):
                with self.database.transaction() as session:
                    self._play(session, tick)
            runner.tick(self.database, self.settings, owner="year", clock=StoppedClock(instant(tick)))
            self._read(tick)
        self.ticks += ticks

    def expected(self, **changed: Any) -> Oracle:
        """What the oracle makes of the same script and the same ticks; `changed` tampers with its world."""
        with self.database.reading() as session:
            world = replace(world_of(session), **changed)
        return Oracle(world).replay(self.events, self.ticks)

    def told(self) -> dict[Told, str]:
        """The ledger, as the oracle says it: what somebody was told, and in which capacity."""
        addresses = {number: person for person, number in self.people.items()}
        with self.database.reading() as session:
            return {
                (row.subject_kind, row.subject_id, row.due, row.rung, addresses[row.person_id]): row.audience
                for row in session.scalars(select(Reminder))
            }

    # --- the script, through the services

    def _next(self, until: datetime) -> bool:
        return self.played < len(self.events) and self.events[self.played].at <= until

    def _play(self, session: Session, until: datetime) -> None:
        while self._next(until):
            event = self.events[self.played]
            self._happen(session, event)
            session.flush()
            self.played += 1

    def _happen(self, session: Session, event: Event) -> None:
        if event.verb == "role":
            self._grant(session, event.value, event.at)
        elif event.verb == "leaves":
            session.execute(update(Person).where(Person.id == self.people[event.about]).values(active=False))
        elif event.verb == "refuses":
            refuse(session, self.people[event.about], event.value, instant(event.at))
        elif event.verb in ("submit", "accept", "send_back"):
            self._report(session, event)
        else:
            self._progress(session, event)

    def _grant(self, session: Session, role: oracle.Role, at: datetime) -> None:
        name, now = role.person.partition("@")[0], instant(at)
        if role.person not in self.people:
            made = create_person(session, email=role.person, name_zh=name, name_en=name, password_hash=WEAK_HASH,
                                 actor=SYSTEM, now=now)  # fmt: skip
            self.people[role.person] = made.id
        person = session.get_one(Person, self.people[role.person])
        place = session.scalars(select(Organisation).where(Organisation.code == role.place)).one()
        grant_role(session, person, place, Role(role.role), valid_from=role.first, valid_until=role.last,
                   deputy=role.deputy, actor=SYSTEM, now=now)  # fmt: skip

    def _actor(self, session: Session, event: Event) -> Actor:
        found = load_actor(session, self.people[event.by], 1, event.at.date())
        assert found, event
        return found

    def _progress(self, session: Session, event: Event) -> None:
        actor, now = self._actor(session, event), instant(event.at)
        row = get_assignment(session, self.assignments[event.about], actor)
        said: dict[str, Any] = {"actor": actor, "now": now, "version": row.version, "reason": REASON}
        if event.verb == "extend":
            extend(session, row, due=event.value, **said)
        elif event.verb in oracle.STATEMENTS:
            target = row.task.target_min if event.verb in ("progress", "claim") else None
            said |= {"kind": event.verb, "as_of": event.value, "quantity": target}
            record_update(session, row, **said)
        else:
            decide(session, row, **said | {"decision": event.verb})

    def _report(self, session: Session, event: Event) -> None:
        actor, now = self._actor(session, event), instant(event.at)
        place, month = event.about
        found = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        row_id = session.scalars(found.where(Organisation.code == place, MonthlyReport.month == month)).one()
        row = get_report(session, row_id, actor)
        common: dict[str, Any] = {"actor": actor, "now": now, "version": row.version}
        if event.verb == "submit":
            # Whoever signs has checked it too, and waits for no city.
            with unchecked():
                reports.submit(session, row, confirm_check=True, missing_reason=REASON, **common)
        else:
            decision = "accept" if event.verb == "accept" else "return"
            reports.decide(session, row, decision=decision, reason=REASON, **common)

    # --- what came

    def _read(self, tick: datetime) -> None:
        fresh = self.office.received[len(self.received) :]
        self.received += [read_mail(tick, to, message, self.places) for to, message in fresh]


def ticks(first: date, last: date) -> Iterator[datetime]:
    """When the scheduler wakes from a day to another: once a night, and each hour of a working day."""
    day = first
    while day <= last:
        yield datetime.combine(day, NIGHT)
        if works(day):
            yield from (datetime.combine(day, at) for at in HOURS)
        day += DAY


# --- a mail read back

HEADINGS = {"需要您办理": "own", "等待您审核": "review", "提级催办": "escalated"}
# What a mail of one thing alone begins with.
LEADS = {"以下事项需要您办理": "own", "以下事项等待您审核": "review", "以下事项逾期未办": "escalated"}
LINK = re.compile(r"https?://[^/]+/(?P<kind>assignment|report)s/(?P<number>\d+)")
LIST = re.compile(r"https?://[^/]+/assignments\?\S*organisation=(?P<place>\w+)")
WHOLE = {
    "silence": re.compile(r"(\d+) 项任务未更新进展"),
    "season_start": re.compile(r"将于\d+月\d+日开始，涉及任务 (\d+) 项"),
    "cap_check": re.compile(r"错峰限产核查：(\d+) 项未填报"),
}
DAYS = re.compile(r"还有 (?P<left>\d+) 天|已逾期 (?P<over>\d+) 天|今天到期|今天开始")
DUE = re.compile(r"(\d+)月(\d+)日")
MORE = re.compile(r"另有 (\d+) 项")


def read_mail(tick: datetime, to: str, message: EmailMessage, places: Mapping[str, int]) -> Mail:
    """A message as the oracle says it. Its date is the instant at which it was sent."""
    body = message.get_body(("plain",))
    assert body is not None
    assert (message["To"], message["Date"].datetime) == (to, instant(tick))
    text = body.get_content()
    lines = tuple(_lines(text, tick.date(), places))
    if not lines:
        return Mail(tick, to, "decision", (Line("decision", _about("", text, places)),))
    # Who is told because others are late may not refuse to be.
    assert "List-Unsubscribe" not in message or "escalated" not in {line.section for line in lines}
    more = MORE.search(text)
    kind = "reminder" if any(lead in text for lead in LEADS) else "digest"
    return Mail(tick, to, kind, lines, int(more[1]) if more else 0)


def _lines(text: str, today: date, places: Mapping[str, int]) -> Iterator[Line]:
    """The lines of a digest: under a heading, words with the days and the date, then the link."""
    section, said = "", ""
    for line in text.splitlines():
        section = next((name for title, name in (HEADINGS | LEADS).items() if line.startswith(title)), section)
        if section and (LINK.search(line) or LIST.search(line)):
            whole = {kind: int(found[1]) for kind, words in WHOLE.items() if (found := words.search(said))}
            about = _about(next(iter(whole), ""), line, places)
            yield Line(section, about, *_when(said, today), count=whole.get(about[0], 1))
            said = ""
        else:
            said = said + line + "\n" if line.strip() else ""


def _about(whole: str, text: str, places: Mapping[str, int]) -> tuple[str, int]:
    """What a line leads to: an assignment, a report, or the list of a place where the line speaks of several."""
    if whole:
        found = LIST.search(text)
        assert found, text
        return whole, places[found["place"]]
    link = LINK.search(text)
    assert link, text
    return link["kind"], int(link["number"])


def _when(said: str, today: date) -> tuple[date, int] | tuple[None, None]:
    """The due date and the days to it: both are said, and fit."""
    days = DAYS.search(said)
    if not days:
        return None, None
    away = int(days["left"] or 0) - int(days["over"] or 0)
    due = today + away * DAY
    assert (str(due.month), str(due.day)) in DUE.findall(said), said
    return due, away
