"""What kind of place each one is, and which measures come hard: the numbers behind a believable dashboard.

`finish` is when a duty is done, as a share of the time the plan gives for it (1.05: a twentieth too late); `bend` is
how late in that time the work comes (1: evenly; more: slowly at first).
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Character:
    """How an organisation works: when it finishes, how evenly, and how often something goes wrong."""

    finish: float
    spread: float
    bend: float
    trouble: float
    returned: float


AHEAD = Character(0.90, 0.04, 0.86, 0.06, 0.05)
STEADY = Character(0.96, 0.025, 0.88, 0.10, 0.09)
LATE = Character(0.985, 0.035, 1.1, 0.20, 0.12)
TROUBLED = Character(1.04, 0.05, 1.2, 0.40, 0.25)

CHARACTERS = {
    "110000": AHEAD, "410100": AHEAD, "370100": AHEAD, "371400": AHEAD, "140100": AHEAD, "mep": AHEAD,
    "130500": LATE, "371700": LATE, "410200": LATE, "131100": LATE, "140500": LATE,
    "130400": TROUBLED, "410500": TROUBLED, "140400": TROUBLED,
}  # fmt: skip

# Added to `finish`: what is harder than the rest takes longer everywhere.
HARDNESS = {
    "measure-3": 0.03, "measure-4": 0.08, "measure-8": 0.03, "measure-9": 0.01, "measure-15": -0.04,
    "measure-16": -0.01, "measure-19": -0.03,
}  # fmt: skip

# Single duties whose course the story sets: (organisation, task): finish, bend.
SET_COURSES = {
    # The demo's first steps: the officer of Baoding finds this one open and almost done.
    ("130600", "m04-boilers-all"): (1.08, 1.0),
    ("130600", "m04-tea-stoves"): (1.01, 1.0),
    # Overdue since June, since July and since September.
    ("130400", "m15-vapour"): (2.1, 1.1),
    ("410500", "m07-permits-power"): (2.0, 1.0),
    ("140400", "m18-network"): (2.3, 1.2),
    ("130400", "m16-site-online"): (1.25, 1.1),
    ("410500", "m06-limits-boilers"): (1.3, 1.1),
    ("130500", "m16-site-five"): (1.2, 1.1),
    # Far behind.
    ("130400", "m04-boilers-built-up"): (1.3, 1.7),
    ("410500", "m02-close-all"): (1.35, 1.6),
    ("140400", "m03-households"): (1.5, 1.5),
    # Given more time by the region (see `review.EXTENSIONS`).
    ("130600", "m16-site-video"): (1.25, 1.0),
    ("130900", "m06-limits-steel"): (1.2, 1.0),
    ("140300", "m09-exempt-load"): (1.25, 1.0),
    ("371700", "m15-china-six"): (1.2, 1.0),
    ("410700", "m16-site-five"): (1.22, 1.0),
    ("370300", "m06-limits-steel"): (1.21, 1.0),
}


def draw(*words: str) -> Random:
    """A source of chance that depends on nothing but these words."""
    return Random(":".join(words))  # noqa: S311 - nothing secret hangs on it


def character(code: str) -> Character:
    """How an organisation works; most work steadily."""
    return CHARACTERS.get(code, STEADY)


def course(organisation: str, task: str, clause: str) -> tuple[float, float]:
    """When an organisation finishes a task (as a share of its time) and how the work is spread over that time."""
    if (organisation, task) in SET_COURSES:
        return SET_COURSES[organisation, task]
    nature = character(organisation)
    finish = draw(organisation, task, "finish").gauss(nature.finish, nature.spread) + HARDNESS.get(clause, 0.0)
    return max(0.7, finish), nature.bend
