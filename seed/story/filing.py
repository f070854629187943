"""What an organisation files about one assignment over the months: figures, no change, corrections, claims."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from seed.story import words
from seed.story.beats import LAST_DAY, Beat, at_work, on_or_after, on_or_before
from seed.story.cities import SET_COURSES, character, draw
from seed.story.figures import Figure, Item, as_figure, claim_figure, figure_on

# Filed every fortnight: what the provinces ask about most.
BUSY = frozenset({"m02-close-all", "m04-boilers-all", "m04-boilers-built-up", "m03-households"})
PHOTOGRAPHED = frozenset({"m04-boilers-all", "m04-boilers-built-up"})
PHOTOGRAPHERS = frozenset({"130600", "130100", "131000", "370100", "410100", "140100"})
PHOTO_MONTHS = (5, 8, 10)

# Standing duties that can be finished all the same: a plan that is written, a system that is set up.
FINISHED_SOME_DAY = frozenset({
    "m16-plan", "m02-grid", "m10-classes", "m17-fireworks", "s3-power-plan", "n1-local-plan", "n1-break-down",
    "n1-energy-work-plan", "n1-enterprise-measures", "m19-unified-grades", "m03-first-batch",
})  # fmt: skip

# A milestone has little to say every month; towards its date it is asked about each time.
MILESTONE_MONTHS = (4, 6, 8, 9, 10)

# In spring figures come every other month; the provinces have not yet asked for more.
SPRING = range(3, 6)

# Who stopped filing, and from which month on: the silence the dashboard marks.
SILENT_FROM = {
    ("140500", "m08-treatment"): 8,
    ("140500", "m13-fixed"): 9,
    ("371700", "m07-permits-cement"): 8,
    ("130400", "m13-fixed"): 8,
    ("410500", "m13-network"): 9,
    ("140400", "m13-network"): 8,
    ("410200", "m08-treatment"): 9,
    ("131100", "m13-network"): 9,
}


def filings(item: Item, by: str) -> Iterator[Beat]:
    """Everything filed before the claim, oldest first."""
    last = Figure(Decimal(0))
    for day in filing_days(item):
        chance = draw(*item.key, day.isoformat())
        beat, last = filing_on(item, by, day, last, chance)
        yield beat


def filing_days(item: Item) -> list[date]:
    """The working days on which figures are filed: towards a month's end, before the duty is finished."""
    if item.due is None:
        return []
    end = min(LAST_DAY, item.finishes_on)
    until = SILENT_FROM.get(item.key, 12)
    months = MILESTONE_MONTHS if item.kind == "milestone" else range(3, 11)
    found = {day for month in months if month < until for day in _days_of(item, month)}
    return sorted(day for day in found if day < end)


def _days_of(item: Item, month: int) -> Iterator[date]:
    chance = draw(item.place, item.task, str(month), "day")
    if month in SPRING and item.task not in BUSY and month % 2 == draw(*item.key, "spring").randint(0, 1):
        return
    if month == LAST_DAY.month:
        yield on_or_after(date(2017, month, 9 + chance.randint(0, 9)))
        return
    if item.task in BUSY:
        yield on_or_after(date(2017, month, 8 + chance.randint(0, 4)))
    habit = draw(item.place, "habit").randint(20, 25)
    yield on_or_before(date(2017, month, habit + chance.randint(0, 3)))


def filing_on(item: Item, by: str, day: date, last: Figure, chance: Random) -> tuple[Beat, Figure]:
    """What is filed on a day after the figure filed last: a further one, now and then none or a corrected one."""
    nature = character(item.place)
    at, fate = at_work(day, chance), chance.random()
    # Courses the story sets keep to the curve.
    if item.key in SET_COURSES:
        fate = 0.5
    if last.quantity and fate < nature.trouble * 0.25:
        return Beat(at, by, "no_change", item, note=chance.choice(words.NO_CHANGE)), last
    if last.done and last.done > 60 and fate > 0.985:
        fallen = _corrected(last, chance)
        reason = chance.choice(words.CORRECTIONS)
        return Beat(at, by, "progress", item, quantity=fallen.quantity, note=words.note(item, fallen, chance),
                    reason=reason), fallen  # fmt: skip
    figure = _next_figure(item, day, last)
    beat = Beat(
        at, by, "progress", item,
        quantity=figure.quantity,
        note=words.note(item, figure, chance),
        problem=words.problem(item, chance) if chance.random() < nature.trouble else "",
        next_step=chance.choice(words.NEXT_STEPS) if chance.random() < 0.5 else "",
        papers=_photos(item, day),
    )  # fmt: skip
    return beat, figure


def _next_figure(item: Item, day: date, last: Figure) -> Figure:
    # A milestone is reached or not: until it is claimed, what is said of it is in the note.
    figure = Figure(Decimal(0)) if item.unit == "milestone" else figure_on(item, day)
    return figure if figure.quantity >= last.quantity else last


def _corrected(last: Figure, chance: Random) -> Figure:
    """A few things fewer than before."""
    assert last.done is not None
    assert last.total is not None
    done = last.done - chance.randint(1, max(2, last.done // 50))
    return Figure((last.quantity * done / last.done).quantize(Decimal("0.0001" if last.quantity <= 1 else "1")), done,
                  last.total)  # fmt: skip


def _photos(item: Item, day: date) -> tuple[str, ...]:
    wanted = item.task in PHOTOGRAPHED and item.place in PHOTOGRAPHERS and day.month in PHOTO_MONTHS
    return (f"placard:{item.place}:{day.month}",) if wanted and day.day >= 9 else ()


def claim(item: Item, by: str, day: date, *, again: bool = False) -> Beat:
    """The claim that a duty is done."""
    chance = draw(*item.key, "claim", day.isoformat())
    papers = (f"acceptance:{item.place}",) if again or chance.random() < 0.1 else ()
    text = chance.choice(words.AGAIN if again else words.CLAIMS)
    return Beat(at_work(day, chance), by, "claim", item, quantity=claim_figure(item).quantity, note=text, papers=papers)


def claimed_on(item: Item) -> date | None:
    """The working day on which completion is claimed; None when that lies after the story, or nobody files any more."""
    if item.due is None:
        return _standing_claim(item)
    day = on_or_after(item.finishes_on)
    return day if day <= LAST_DAY and item.key not in SILENT_FROM else None


def _standing_claim(item: Item) -> date | None:
    chance = draw(*item.key, "standing claim")
    if item.task not in FINISHED_SOME_DAY or chance.random() > 0.75 - character(item.place).trouble:
        return None
    return on_or_after(date(2017, chance.randint(5, 9), chance.randint(3, 24)))


def standing(item: Item, by: str) -> Iterator[Beat]:
    """Now and then a word on a duty without a date; a level is measured every other month."""
    until = claimed_on(item) or LAST_DAY
    for month in _standing_months(item):
        chance = draw(*item.key, str(month), "standing")
        day = on_or_after(date(2017, month, chance.randint(6, 18)))
        if day < until:
            figure = standing_figure(item, month, chance)
            text = words.note(item, None, chance)
            yield Beat(at_work(day, chance), by, "progress", item, quantity=figure, note=text)


def _standing_months(item: Item) -> list[int]:
    if item.measure_kind == "level" and item.named:
        return [3, 4, 5, 6, 7, 8, 9, 10]
    chance = draw(*item.key, "standing months")
    spring, summer = chance.randint(3, 6), chance.randint(7, 10)
    return [month for month, share in ((spring, 0.25), (summer, 0.12)) if chance.random() < share]


def standing_figure(item: Item, month: int, chance: Random) -> Decimal | None:
    """What is said of a standing duty in a month; of a milestone words alone."""
    if item.unit == "milestone":
        return None
    if item.measure_kind == "level":
        return level(item, chance)
    return as_figure(item, month / 11).quantity


def level(item: Item, chance: Random) -> Decimal | None:
    """A level as it is measured: the target is kept, or a ceiling just so."""
    target = item.target or Decimal(1)
    if item.comparator not in ("<", "<="):
        return target
    reach = chance.uniform(0.9, 0.99) if item.unit == "share" else chance.uniform(0.84, 1.08)
    return (target * Decimal(str(reach))).quantize(Decimal("0.01" if item.unit == "share" else "0.1"))
