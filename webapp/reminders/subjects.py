"""Who stands in which capacity to a subject: from the places and the people in office. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from webapp.accounts.queries import Recipient
from webapp.clock import local_date
from webapp.organisations.models import PROVINCE_KINDS
from webapp.permissions import Role
from webapp.reminders.ladder import Rules
from webapp.reminders.rules import Move, Subject
from webapp.reminders.rungs import Audience
from webapp.workdays.calendar import Calendar

# Kinds whose ladder has another name, and those that wait for a decision.
LADDER_OF: Mapping[str, str] = {
    "report_review": "review", "report_returned": "returned", "cap_plan": "cap_check", "cap_month": "cap_check",
    "cap_verdict": "review",
}  # fmt: skip
REVIEWS = frozenset({"review", "report_review", "na_claim", "cap_verdict"})
ASSIGNMENT = "assignment"

People = Mapping[Audience, list[int]]


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as reminders see it."""

    id: int
    code: str
    kind: str
    path: str
    parent_id: int | None
    name_zh: str
    name_en: str

    @property
    def province_id(self) -> int | None:
        """Which organisation's coordinators are told that nothing happened; ministries and enterprises have none."""
        if self.kind in PROVINCE_KINDS:
            return self.id
        return self.parent_id if self.kind == "city" else None


class Staff:
    """Who holds which role at each organisation, and how to write to each person."""

    def __init__(self, holders: Iterable[Recipient]) -> None:
        self.officers: dict[int, list[int]] = defaultdict(list)
        self.deputies: dict[int, list[int]] = defaultdict(list)
        self.coordinators: dict[int, list[int]] = defaultdict(list)
        self.administrators: dict[int, list[int]] = defaultdict(list)
        self.people: dict[int, Recipient] = {}
        for each in holders:
            self._list_of(each)[each.organisation_id].append(each.person_id)
            self.people[each.person_id] = each

    def _list_of(self, each: Recipient) -> dict[int, list[int]]:
        if each.role is Role.COORDINATOR:
            return self.coordinators
        if each.role is Role.ADMINISTRATOR:
            return self.administrators
        return self.deputies if each.deputy else self.officers

    def doers(self, place: int) -> list[int]:
        """Who does an officer's work: officers, where there are none deputies, where there are none coordinators."""
        return self.officers.get(place) or self.deputies.get(place) or self.coordinators.get(place, [])


@dataclass(slots=True)
class World:
    """The places by id, the people in office, and each plan's region; makes subjects with their people."""

    places: Mapping[int, Place]
    staff: Staff
    regions: Mapping[int, int]
    _known: dict[tuple[Move, int, int], People] = field(default_factory=dict)

    def subject(self, kind: str, plan: int, subject_id: int, place: int, due: date, ladder: str = "") -> Subject:
        """A subject with its people; those of one organisation share theirs."""
        move: Move = "reviewer" if kind in REVIEWS else "officer"
        key = move, plan, place
        if key not in self._known:
            self._known[key] = self._people(move, self.places[place], self.regions[plan])
        climbed = ladder or LADDER_OF.get(kind, kind)
        return Subject(kind, subject_id, due, move, self._known[key], climbed, self.places[place].path, plan)

    def for_administrators(self, kind: str, plan: int, subject_id: int, place: int, due: date) -> Subject:
        """A subject that the administrators of an organisation have to see to."""
        people = {Audience.OFFICER: self.staff.administrators.get(place, [])}
        return Subject(kind, subject_id, due, "officer", people, f"system:{kind}", self.places[place].path, plan)

    def _people(self, move: Move, place: Place, region: int) -> People:
        coordinators = self.staff.coordinators
        people = {Audience.REGION: coordinators.get(region, [])}
        if move == "reviewer":
            return people | {Audience.REVIEWER: coordinators.get(place.parent_id or place.id, [])}
        province = place.province_id
        return people | {
            Audience.OFFICER: self.staff.doers(place.id),
            Audience.DEPUTY: self.staff.deputies.get(place.id, []),
            Audience.PROVINCE: coordinators.get(province, []) if province else [],
        }


class Terms:
    """By when a decision or a correction is due: so many working days after what it answers."""

    def __init__(self, rules: Mapping[int, Rules], calendar: Calendar) -> None:
        self._rules, self._calendar = rules, calendar
        self._known: dict[tuple[date, int], date] = {}

    def due(self, kind: str, plan: int, since: datetime | None) -> date | None:
        """The day such a subject is due; None where the plan has no ladder for it or nothing is recorded."""
        within = self._rules[plan].within(LADDER_OF.get(kind, kind))
        if within is None or since is None:
            return None
        key = local_date(since), within
        if key not in self._known:
            self._known[key] = self._calendar.add_workdays(*key)
        return self._known[key]
