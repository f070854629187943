"""The small plan of the year's test, its people, and what they do: one table for the database and for the oracle.

Every date of the plan is chosen to lie badly: on a weekend that is worked, within a holiday, on its last day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.reminders.oracle import AFTER, OPEN, Event, Role
from tests.reminders.oracle_calendar import DAY, first_of_month

LOADED = datetime.fromisoformat("2017-02-17T09:00")
LAST_DAY = date(2018, 4, 30)
REGION = "jjj"
HEATING = (date(2017, 11, 15), date(2018, 3, 15))
OWN_HEATING = {"130900": (date(2017, 11, 1), date(2018, 3, 31))}
FIRST_MONTH, LAST_MONTH = date(2017, 3, 1), date(2018, 3, 1)
MOST_ITEMS = 6

# code: kind, above
PLACES = {
    REGION: ("region", None),
    "110000": ("municipality", REGION),
    "130000": ("province", REGION),
    "130600": ("city", "130000"),
    "130900": ("city", "130000"),
    "370000": ("province", REGION),
    "370100": ("city", "370000"),
    "370800": ("city", "370000"),
    "cnpc": ("enterprise", REGION),
}
CITIES = ("110000", "130600", "130900", "370100", "370800")
GOVERNMENTS = ("110000", "130000", "130600", "130900", "370000", "370100", "370800")


@dataclass(frozen=True)
class Duty:
    """A task: its kind, the day it is due (None: never; "heating": the season's last), and who bears it."""

    code: str
    kind: str
    due: str | None
    who: tuple[str, ...]

    @property
    def seasonal(self) -> bool:
        """Whether it lasts as long as the heating season."""
        return self.due == "heating"

    def due_on(self, place: str) -> date | None:
        """The plan's own last day for a place."""
        if self.seasonal:
            return OWN_HEATING.get(place, HEATING)[1]
        return date.fromisoformat(self.due) if self.due else None

    def starts_on(self, place: str) -> date:
        """The first day on which it binds a place."""
        return OWN_HEATING.get(place, HEATING)[0] if self.seasonal else LOADED.date()


DUTIES = (
    Duty("contact", "milestone", "2017-02-28", GOVERNMENTS),
    Duty("half", "quantity", "2017-06-30", CITIES),
    Duty("survey", "milestone", "2017-09-30", (*CITIES, "cnpc")),
    Duty("holiday", "milestone", "2017-10-08", (*GOVERNMENTS, "cnpc")),
    Duty("sunday", "quantity", "2017-10-15", CITIES),
    Duty("boilers", "quantity", "2017-10-31", (*CITIES, "cnpc")),
    Duty("gas", "quantity", "2017-12-31", ("110000", "130600", "370100")),
    Duty("festival", "milestone", "2018-02-18", ("130900", "370000", "370800")),
    Duty("spring", "quantity", "2018-03-31", (*GOVERNMENTS, "cnpc")),
    Duty("tomb-sweeping", "milestone", "2018-04-06", CITIES),
    Duty("made-up", "milestone", "2018-04-08", (*CITIES, "370000")),
    Duty("cap", "seasonal_cap", "heating", CITIES),
    Duty("second-cap", "seasonal_cap", "heating", ("110000", "130600", "370800")),
    Duty("ready", "milestone", "heating", ("130600", "130900", "370100")),
    Duty("standing", "standing", None, ("110000", "130600", "370000")),
)


def address(name: str) -> str:
    """Where somebody gets mail."""
    return f"{name}@example.cn"


def _role(name: str, place: str, role: str, first: str = "", last: str = "", *, deputy: bool = False) -> Role:
    days = date.fromisoformat(first or "2017-01-01"), date.fromisoformat(last or "2018-06-30")
    return Role(address(name), place, role, *days, deputy)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


ROLES = (
    _role("chen", REGION, "coordinator"),
    # Of the region and of a province: told once of each thing.
    _role("han", REGION, "coordinator"),
    _role("han", "370000", "coordinator"),
    _role("wang", "130000", "coordinator"),
    # New in the office: told where everything stands.
    _role("wu", "130000", "coordinator", "2017-10-10", "2018-04-03"),
    _role("bei", "110000", "officer"),
    _role("bai", "110000", "officer", deputy=True),
    _role("ma", "110000", "coordinator"),
    _role("sun", "370000", "officer"),
    _role("li", "130600", "officer"),
    _role("li", "130000", "coordinator", "2018-04-02"),
    _role("zhao", "130600", "officer"),
    _role("qu", "130600", "officer", deputy=True),
    # A city with nobody but a deputy, and one with nobody but a coordinator.
    _role("qu", "130900", "officer", deputy=True),
    _role("jining", "370800", "coordinator"),
    # Handed over with a day between, on which the deputy stands in.
    _role("first", "370100", "officer", last="2017-10-11"),
    _role("second", "370100", "officer", "2017-10-13", "2018-03-28"),
    _role("third", "370100", "officer", "2018-04-02"),
    _role("jinan", "370100", "officer", deputy=True),
    _role("cnpc", "cnpc", "officer"),
)
# Someone is added, leaves, or wants no more of the mails that may be refused.
CHANGES = (
    Event(_at("2017-09-26T12:10"), "refuses", address("bei"), value="reminders"),
    Event(_at("2017-10-10T14:20"), "leaves", address("zhao")),
    Event(_at("2018-03-26T13:10"), "refuses", address("han"), value="reminders"),
    Event(_at("2018-03-26T13:40"), "refuses", address("li"), value="decisions"),
    Event(_at("2018-03-27T11:10"), "role", "", value=_role("qufu", "370800", "officer", "2018-03-27")),
    Event(_at("2018-04-03T09:20"), "leaves", address("bai")),
    Event(_at("2018-04-09T15:40"), "role", "", value=_role("cang", "130900", "officer", "2018-04-09")),
)

# What becomes of an assignment: days from the day it is due, what is done, at what time.
FATES: tuple[Sequence[tuple[int, str, str]], ...] = (
    ((-5, "claim", "16:10"), (-3, "verify", "09:40")),
    ((12, "claim", "11:10"), (16, "return", "14:40"), (30, "claim", "10:10"), (37, "verify", "15:10")),
    (),
    ((-20, "na_claim", "09:10"), (-12, "na_refuse", "22:40"), (2, "claim", "10:10"), (9, "verify", "11:10")),
    ((-1, "claim", "17:10"), (30, "verify", "09:10")),
    ((-25, "na_claim", "14:10"), (-14, "na_accept", "16:40")),
    ((-2, "extend", "10:40"), (38, "claim", "11:40"), (39, "verify", "06:20")),
    ((-8, "claim", "10:10"), (-6, "verify", "10:40"), (1, "reopen", "15:40"), (20, "claim", "09:40"),
     (21, "withdraw", "13:10"), (22, "claim", "13:40"), (24, "return", "20:40")),
    ((-10, "na_claim", "10:10"),),
    ((-4, "claim", "08:10"), (3, "return", "11:10"), (10, "na_claim", "12:10"), (11, "na_accept", "12:40")),
    ((5, "extend", "16:10"),),
)  # fmt: skip
LONGER = timedelta(days=40)
# What is filed month by month meanwhile: (day, what, whether it speaks of the month before).
HABITS: tuple[tuple[int, str, bool] | None, ...] = (
    None,
    (12, "no_change", False),
    (5, "progress", True),
    (26, "progress", False),
)
# What becomes of a report: (months later, day, what, time).
REPORT_FATES: tuple[Sequence[tuple[int, int, str, str]], ...] = (
    ((1, 3, "submit", "15:10"), (1, 5, "accept", "09:40")),
    ((1, 20, "submit", "10:10"), (1, 25, "accept", "11:10")),
    (),
    ((1, 2, "submit", "09:10"), (1, 3, "send_back", "10:40"), (1, 12, "submit", "16:10"), (1, 20, "accept", "09:10")),
    ((1, 6, "submit", "16:40"), (2, 18, "accept", "10:10")),
)
DECISIONS = ("verify", "return", "reopen", "na_accept", "na_refuse", "accept", "send_back")


def script() -> list[Event]:
    """Everything that happens from the day the plan is loaded to the last, in order."""
    found = [*CHANGES, *_of_assignments(), *_of_reports()]
    within = [event for event in found if LOADED < event.at < datetime.combine(LAST_DAY, time(23))]
    return sorted(within, key=lambda event: event.at)


def _of_assignments() -> Iterator[Event]:
    for number, duty in enumerate(DUTIES):
        for place in duty.who:
            turn = 3 * number + list(PLACES).index(place)
            yield from _story(duty, place, FATES[turn % len(FATES)], HABITS[(turn // 2 + number) % len(HABITS)])


def _story(
    duty: Duty, place: str, fate: Sequence[tuple[int, str, str]], habit: tuple[int, str, bool] | None
) -> Iterator[Event]:
    """A fate with the monthly habit between its steps, as long as the assignment waits for its organisation."""
    about, status, claimant, spoken = (duty.code, place), "not_started", "", LOADED.date()
    for at, verb, retold in sorted([*_steps(duty, place, fate), *_filings(habit)]):
        if retold is not None and status not in OPEN:
            continue
        decides = verb in DECISIONS
        by = _overseer(at) if verb == "extend" else _reviewer(place, at, claimant) if decides else _officer(place, at)
        if verb == "extend":
            yield Event(at, verb, about, by, (duty.due_on(place) or at.date()) + LONGER)
            continue
        # What speaks of the month before, after something was said of this one, speaks of today.
        spoken = max(retold or at.date(), spoken)
        yield Event(at, verb, about, by, None if decides else spoken)
        status, claimant = AFTER[verb], by if "claim" in verb else claimant


Step = tuple[datetime, str, date | None]


def _steps(duty: Duty, place: str, fate: Sequence[tuple[int, str, str]]) -> list[Step]:
    anchor = duty.due_on(place) or date(2017, 10, 10)
    if duty.due is None:
        fate = [step for step in fate if step[1] != "extend"]
    if not fate:
        return []
    if duty.code == "second-cap":
        anchor = date(2017, 12, 10)
    if duty.code == "ready":
        anchor = date(2017, 11, 28)
    anchor = max(anchor, LOADED.date() + DAY - fate[0][0] * DAY)
    return [(datetime.combine(anchor + days * DAY, time.fromisoformat(at)), verb, None) for days, verb, at in fate]


def _filings(habit: tuple[int, str, bool] | None) -> list[Step]:
    if habit is None:
        return []
    day, verb, retold = habit
    months = [first_of_month(LOADED.date(), later) for later in range(1, 15)]
    return [
        (
            datetime.combine(month.replace(day=day), time(10, 50)),
            verb,
            month - DAY if retold else month.replace(day=day),
        )
        for month in months
    ]


def _of_reports() -> Iterator[Event]:
    for number, place in enumerate(GOVERNMENTS):
        month = FIRST_MONTH
        while month <= LAST_MONTH:
            fate, submitter = REPORT_FATES[(number + month.month) % len(REPORT_FATES)], ""
            for later, day, verb, clock in fate:
                at = datetime.combine(first_of_month(month, later).replace(day=day), time.fromisoformat(clock))
                by = _reviewer(place, at, submitter) if verb in DECISIONS else _officer(place, at)
                submitter = submitter if verb in DECISIONS else by
                yield Event(at, verb, (place, month), by)
            month = first_of_month(month, 1)


# --- who acts


def _holders(place: str, role: str, at: datetime) -> list[str]:
    added = [event.value for event in CHANGES if event.verb == "role" and event.at < at]
    gone = {event.about for event in CHANGES if event.verb == "leaves" and event.at < at}
    return [
        each.person
        for each in (*ROLES, *added)
        if (each.place, each.role) == (place, role) and each.first <= at.date() <= each.last and each.person not in gone
    ]


def _officer(place: str, at: datetime) -> str:
    people = _holders(place, "officer", at) or _holders(place, "coordinator", at)
    return people[at.day % len(people)]


def _reviewer(place: str, at: datetime, claimant: str) -> str:
    people = [each for each in _holders(PLACES[place][1] or place, "coordinator", at) if each != claimant]
    return people[at.day % len(people)]


def _overseer(at: datetime) -> str:
    return _holders(REGION, "coordinator", at)[0]
