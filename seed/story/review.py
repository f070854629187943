"""What the level above decides: claims verified or returned, 不涉及 agreed to or not, more time given."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from seed.story import correction, words
from seed.story.beats import LAST_DAY, Act, Beat, at_work, on_or_after, working_days_later
from seed.story.cast import Cast
from seed.story.cities import character, draw
from seed.story.figures import Item
from seed.story.filing import claim, claimed_on, filings, standing

# Working days a reviewer takes: a busy province longer than the others.
SLOWEST = {"hebei": 8, "henan": 6}
USUAL = 5

# task: organisation: what became of the answer that it does not concern them.
NOT_APPLICABLE = {
    "m06-limits-steel": dict.fromkeys(("410200", "410600", "410900"), "na_accept"),
    "m07-permits-steel": {
        **dict.fromkeys(("371700", "410200", "410600", "410900"), "na_accept"), "131100": "na_refuse",
    },
    "m07-permits-cement": {"130900": "na_accept", "371600": ""},
    "m09-coal-units": {"110000": "na_accept", "410200": "na_refuse"},
    "m11-aluminium": {**dict.fromkeys(("110000", "131000", "131100", "130500", "410600"), "na_accept"), "130900": ""},
    "m11-alumina": {**dict.fromkeys(("110000", "131000", "130100"), "na_accept"), "130600": ""},
    "m11-pesticide": {"130100": "na_refuse"},
}  # fmt: skip

# (organisation, task): decided on, the new date, why.
EXTENSIONS = {
    ("140300", "m09-exempt-load"): (date(2017, 10, 11), date(2017, 10, 20), "两家企业产能核定存在异议，需复核后备案。"),
    ("130900", "m06-limits-steel"): (date(2017, 10, 11), date(2017, 10, 23), "改造设备到货延迟，现场已确认在施工。"),
    ("130600", "m16-site-video"): (date(2017, 10, 12), date(2017, 10, 27), "新开工工地集中，设备采购批次增加。"),
    ("371700", "m15-china-six"): (date(2017, 10, 13), date(2017, 10, 27), "部分站点油罐清洗置换需错峰进行。"),
    ("370300", "m06-limits-steel"): (date(2017, 10, 16), date(2017, 10, 27), "烧结机头改造停产窗口调整。"),
    ("410700", "m16-site-five"): (date(2017, 10, 16), date(2017, 11, 3), "雨季停工影响道路硬化工程。"),
}

# Organisations that filed monthly plans of their own: by task, the share planned for each month's end.
PLANNED = {
    "m13-mobile": ((6, "0"), (9, "0.4"), (10, "0.5"), (11, "0.8"), (12, "1")),
    "m13-fixed": ((6, "0.2"), (8, "0.4"), (9, "0.5"), (10, "0.7"), (11, "0.9"), (12, "1")),
}
PLANNED_BOILERS = ((3, "0.05"), (5, "0.3"), (7, "0.55"), (8, "0.7"), (9, "0.82"), (10, "1"))
BOILER_PLANNERS = frozenset({"130100", "370100", "410100", "140100", "371400"})


def course_of(item: Item, cast: Cast) -> Iterator[Beat]:
    """Everything that happens to one assignment, oldest first."""
    by, reviewer = cast.files_for(item.place), cast.reviews_for(item.place)
    if not by:
        return
    if item.key == (correction.PLACE, correction.TASK):
        yield from correction.rewritten(item, _work(item, by, reviewer), by)
        return
    yield from _plan(item, by)
    answer = NOT_APPLICABLE.get(item.task, {}).get(item.place)
    if answer is not None:
        yield from _not_applicable(item, by, reviewer, answer)
    if (answer is None or answer == "na_refuse") and item.kind != "seasonal_cap":
        after = None if answer is None else date(2017, 5, 1)
        yield from (beat for beat in _work(item, by, reviewer) if after is None or beat.at.date() > after)
    if item.key in EXTENSIONS:
        yield _extension(item, cast)


def _work(item: Item, by: str, reviewer: str) -> Iterator[Beat]:
    yield from filings(item, by) if item.due else standing(item, by)
    day = claimed_on(item)
    if day is not None:
        yield claim(item, by, day)
        yield from reviews(item, by, reviewer, day)


def reviews(
    item: Item, by: str, reviewer: str, claimed: date, *, since: date = date.min, until: date = LAST_DAY
) -> Iterator[Beat]:
    """The decision on a claim, and where it was returned, the second claim and its decision; none after `until`."""
    chance = draw(*item.key, "review")
    decided = max(since, working_days_later(claimed, chance.randint(1, SLOWEST.get(reviewer, USUAL))))
    if decided > until:
        return
    returned = chance.random() < character(item.place).returned
    act: Act = "return" if returned else "verify"
    texts = words.RETURNED if returned else words.VERIFIED
    yield Beat(at_work(decided, chance), reviewer, act, item, reason=chance.choice(texts))
    again = working_days_later(decided, chance.randint(3, 8))
    if not returned or again > until:
        return
    yield claim(item, by, again, again=True)
    verified = working_days_later(again, chance.randint(1, USUAL))
    if verified <= until:
        yield Beat(at_work(verified, chance), reviewer, "verify", item, reason=words.VERIFIED[-2])


def _not_applicable(item: Item, by: str, reviewer: str, answer: str) -> Iterator[Beat]:
    chance = draw(*item.key, "not applicable")
    day = on_or_after(date(2017, 4, chance.randint(5, 20)) if answer else date(2017, 10, chance.randint(13, 18)))
    yield Beat(at_work(day, chance), by, "na_claim", item, reason=words.NOT_APPLICABLE)
    decided = working_days_later(day, chance.randint(1, USUAL))
    if answer == "na_accept":
        yield Beat(at_work(decided, chance), reviewer, "na_accept", item, reason=words.NA_ACCEPTED)
    elif answer:
        yield Beat(at_work(decided, chance), reviewer, "na_refuse", item, reason=words.NA_REFUSED)


def _plan(item: Item, by: str) -> Iterator[Beat]:
    planned = PLANNED.get(item.task)
    if item.task.startswith("m04-boilers") and item.place in BOILER_PLANNERS:
        planned = PLANNED_BOILERS
    if planned is None or draw(*item.key, "plan").random() < (0.5 if item.task == "m13-fixed" else 0.0):
        return
    chance = draw(*item.key, "nodes")
    day = on_or_after(date(2017, 3, chance.randint(1, 14)))
    shares = tuple((date(2017, month, 1), Decimal(share)) for month, share in planned)
    yield Beat(at_work(day, chance), by, "nodes", item, shares=shares)


def _extension(item: Item, cast: Cast) -> Beat:
    decided, due, why = EXTENSIONS[item.key]
    at = at_work(decided, draw(*item.key, "extension"), first=10)
    # Only the region moves the plan's own dates.
    return Beat(at, cast.reviews_for("130000"), "extend", item, due=due, reason=why)
