"""How much of a duty is done on a day: smooth curves, cut down to whole boilers, households and filling stations."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from seed.story.cities import course, draw
from webapp.organisations.models import Organisation
from webapp.plans.models import Assignment, Clause, Task

ONE = Decimal(1)
FOUR_PLACES = Decimal("0.0001")
TWO_PLACES = Decimal("0.01")
# Fewer things than this are told as a share: one more of three would be a leap.
COUNTED_FROM = 20

# task code: what is counted, its measure word, from how many to how many a place has.
THINGS = {
    "m02-close-all": ("“小散乱污”企业", "家", 900, 4200),
    "m02-close-half": ("“小散乱污”企业", "家", 300, 1600),
    "m04-boilers-all": ("燃煤锅炉", "台", 180, 640),
    "m04-boilers-built-up": ("燃煤锅炉", "台", 60, 260),
    "m04-small-stoves": ("经营性小煤炉", "个", 800, 4000),
    "m04-tea-stoves": ("燃煤茶炉和大灶", "台", 300, 1500),
    "m06-limits-boilers": ("在用燃煤锅炉", "台", 20, 90),
    "m06-limits-steel": ("钢铁企业", "家", 2, 16),
    "m06-monitors": ("重点排污单位", "家", 60, 380),
    "m07-permits-cement": ("水泥企业", "家", 3, 28),
    "m07-permits-power": ("火电企业", "家", 4, 26),
    "m07-permits-steel": ("钢铁企业", "家", 2, 16),
    "m08-treatment": ("涉挥发性有机物企业", "家", 60, 420),
    "m09-coal-units": ("未达超低排放的燃煤机组", "台", 2, 14),
    "m09-exempt-load": ("保民生企业", "家", 5, 40),
    "m15-china-six": ("加油站", "座", 120, 900),
    "m15-urea": ("沿线加油站", "座", 40, 260),
    "m15-vapour": ("加油站", "座", 120, 900),
    "m16-site-five": ("较大土石方工地", "个", 60, 480),
    "m16-site-online": ("较大土石方工地", "个", 60, 480),
    "m16-site-video": ("较大土石方工地", "个", 60, 480),
    "m16-trucks": ("渣土运输车", "辆", 200, 1800),
}
HOUSEHOLDS = (52_000, 96_000)


@dataclass(frozen=True, slots=True)
class Item:
    """An assignment as the story needs it."""

    id: int
    task: str
    clause: str
    kind: str
    unit: str
    target: Decimal | None
    measure_kind: str
    comparator: str
    named: bool
    due: date | None
    starts_on: date
    place: str
    place_kind: str
    place_zh: str

    @property
    def key(self) -> tuple[str, str]:
        """(organisation, task)."""
        return self.place, self.task

    @property
    def finishes_on(self) -> date:
        """The day on which the duty is done, whether in time or not."""
        assert self.due is not None
        finish, _ = course(self.place, self.task, self.clause)
        return self.starts_on + timedelta(days=round((self.due - self.starts_on).days * finish))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to file, and the whole things behind it where they are counted."""

    quantity: Decimal
    done: int | None = None
    total: int | None = None


def items(session: Session) -> list[Item]:
    """Every assignment, in the plan's order."""
    place = aliased(Organisation)
    query = (
        select(
            Assignment.id, Task.code, Clause.code, Task.kind, Task.unit, Task.target_min, Task.target_max,
            Task.measure_kind, Task.comparator, Task.named, Assignment.due, Assignment.starts_on, place.code,
            place.kind, place.short_zh,
        )
        .join(Task, Task.id == Assignment.task_id)
        .join(Clause, Clause.id == Assignment.clause_id)
        .join(place, place.id == Assignment.organisation_id)
        .order_by(Task.sort, place.sort)
    )  # fmt: skip
    return [_item(*row) for row in session.execute(query)]


def _item(
    row_id: int, task: str, clause: str, kind: str, unit: str, low: Decimal | None, high: Decimal | None, *rest: object
) -> Item:
    return Item(row_id, task, clause, kind, unit, low if low is not None else high, *rest)  # type: ignore[arg-type]


def total_of(item: Item) -> int | None:
    """How many of the things a task counts a place has; None where nothing is counted one by one."""
    if item.unit == "household":
        return round(draw(item.place, "households").uniform(*HOUSEHOLDS))
    if item.task not in THINGS:
        return None
    thing, _, low, high = THINGS[item.task]
    return draw(item.place, thing).randint(low, high)


def share_on(item: Item, day: date) -> float:
    """The share of a duty that is done on a day, 0 to 1, by the place's own course."""
    assert item.due is not None
    finish, bend = course(item.place, item.task, item.clause)
    whole = (item.due - item.starts_on).days * finish
    gone = max(0.0, (day - item.starts_on).days / whole)
    return float(min(1.0, gone**bend))


def figure_on(item: Item, day: date) -> Figure:
    """What is filed about a dated quantity on a day. Short of the end it is never the whole."""
    return as_figure(item, share_on(item, day))


def as_figure(item: Item, share: float) -> Figure:
    """A share of a duty as a figure in its unit."""
    target = item.target or ONE
    total = total_of(item)
    if item.unit == "device":
        wanted = int(target) + draw(*item.key, "more").randint(0, 1)
        return Figure(Decimal(int(wanted * share + 1e-9)))
    if item.unit == "household":
        assert total is not None
        return Figure(Decimal(int(total * share)), int(total * share), total)
    if item.unit == "share" and total is not None and total >= COUNTED_FROM:
        reach = share * float(_aim(item))
        done = int(total * reach + 1e-9)
        return Figure((Decimal(done) / total).quantize(FOUR_PLACES, ROUND_DOWN), done, total)
    return Figure((Decimal(str(share)) * target).quantize(TWO_PLACES, ROUND_DOWN))


def _aim(item: Item) -> Decimal:
    """What a place means to reach: the target, or a little more where the plan only sets a least share."""
    target = item.target or ONE
    if target == ONE:
        return ONE
    return target + Decimal(draw(*item.key, "aim").randint(2, 12)) / 100


def claim_figure(item: Item) -> Figure:
    """What is filed when the duty is done."""
    return as_figure(item, 1.0)
