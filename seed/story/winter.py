"""The second story: what happens between 20 October 2017 and 14 January 2018, with the heating season under way.

It goes on from wherever the first story left each assignment. What fell due at the end of October is finished, or stays
red; ledgers are ticked row by row up to the deadline; devices are installed by the end of the year; the caps nobody
keeps a register for are reported once a month. Officers file less than in autumn: one figure a month for what is open,
now and then a word on a duty without a date. Digests go out on every working morning and really travel by SMTP, as all
other mails do; the scheduler runs once on a working day instead of every minute, and not at all on rest days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.story import words
from seed.story.beats import CALENDAR, Beat, RowBeat, at_work, on_or_after, on_or_before, working_days_later
from seed.story.cast import Cast
from seed.story.cities import SET_COURSES, draw
from seed.story.figures import Figure, Item
from seed.story.filing import claim, filing_on, level, standing_figure
from seed.story.lists import pending
from seed.story.review import reviews
from seed.story.season import REGISTERED
from webapp.plans.models import Assignment

FIRST_DAY, LAST_DAY = date(2017, 10, 20), date(2018, 1, 14)
# The last row of a ledger is ticked by then, or (what is due with the year) by the second day.
LEDGERS_DONE, YEAR_DONE = date(2017, 10, 30), date(2017, 12, 22)
FILED_IN = (date(2017, 10, 1), date(2017, 11, 1), date(2017, 12, 1))
# A city without such works says so when the season begins; the others tell each month's share soon after its end.
ANSWERED, TOLD = date(2017, 11, 6), ((date(2017, 12, 1), date(2017, 11, 30)), (date(2018, 1, 2), date(2017, 12, 31)))
HAVE_NONE, SPOKEN_OF = 0.45, 0.2
# Baoding's devices stand, but three send nothing: what its officer finds on the desk when the demo opens.
SENT_BACK = frozenset({("130600", "m13-fixed")})
UNCONNECTED = "平台上查不到3套设备的实时数据，请联网调试后重新申报。"
SEASON_NOTES = (
    "按错峰方案停产，执法人员驻厂检查。",
    "停产企业断电上锁，每周核对用电量。",
    "本月检查未发现擅自复产。",
)


@dataclass(frozen=True, slots=True)
class State:
    """Where the first story left an assignment; `pending` rows of its ledger are still to be done."""

    status: str
    claimed: Decimal | None
    claimed_on: date | None
    counted: bool
    pending: int = 0


def days() -> list[date]:
    """Every day of the second story, rest days too."""
    return [FIRST_DAY + timedelta(days=count) for count in range((LAST_DAY - FIRST_DAY).days + 1)]


def states(session: Session) -> dict[int, State]:
    """How the assignments stand when the second story begins, by their ids."""
    rows = pending(session)
    columns = Assignment.id, Assignment.status, Assignment.claimed, Assignment.claimed_at, Assignment.counted
    return {
        row_id: State(status, claimed, claimed_at.date() if claimed_at else None, counted, rows.get(row_id, 0))
        for row_id, status, claimed, claimed_at, counted in session.execute(select(*columns))
    }


def course_of(item: Item, state: State, cast: Cast) -> Iterator[Beat | RowBeat]:
    """Everything that happens to one assignment from here on, oldest first."""
    by, reviewer = cast.files_for(item.place), cast.reviews_for(item.place)
    if not by or state.status in ("verified", "not_applicable"):
        return
    if state.status == "claimed":
        yield from reviews(item, by, reviewer, state.claimed_on or FIRST_DAY, since=FIRST_DAY, until=LAST_DAY)
    elif state.status == "na_claimed":
        yield _agreed(item, reviewer, FIRST_DAY)
    elif item.kind == "seasonal_cap":
        yield from () if state.counted or item.key in REGISTERED else _season(item, by, reviewer)
    elif item.due is None:
        yield from _spoken_of(item, by, state)
    elif state.counted:
        yield from _ticked(item, by, reviewer, state)
    else:
        yield from _work(item, by, reviewer, state)


def _agreed(item: Item, reviewer: str, day: date) -> Beat:
    chance = draw(*item.key, "winter", "agreed")
    decided = working_days_later(day, chance.randint(1, 4))
    return Beat(at_work(decided, chance), reviewer, "na_accept", item, reason=words.NA_ACCEPTED)


def _season(item: Item, by: str, reviewer: str) -> Iterator[Beat]:
    """A cap no register is kept for: there are no such works, or what stood still is told month by month."""
    chance = draw(*item.key, "season")
    if chance.random() < HAVE_NONE:
        day = working_days_later(ANSWERED, chance.randint(0, 6))
        yield Beat(at_work(day, chance), by, "na_claim", item, reason=words.NOT_APPLICABLE)
        yield _agreed(item, reviewer, day)
        return
    for first, as_of in TOLD:
        day = working_days_later(on_or_after(first), chance.randint(0, 3))
        yield Beat(at_work(day, chance, last=11), by, "progress", item, quantity=level(item, chance), as_of=as_of,
                   note=chance.choice(SEASON_NOTES))  # fmt: skip


def _spoken_of(item: Item, by: str, state: State) -> Iterator[Beat]:
    chance = draw(*item.key, "winter")
    if chance.random() > SPOKEN_OF:
        return
    day = on_or_after(date(2017, chance.choice((11, 12)), chance.randint(6, 24)))
    figure = standing_figure(item, 11, chance)
    if figure is not None and item.measure_kind == "cumulative":
        figure = max(figure, state.claimed or figure)
    yield Beat(at_work(day, chance), by, "progress", item, quantity=figure, note=words.note(item, None, chance))


def _work(item: Item, by: str, reviewer: str, state: State) -> Iterator[Beat]:
    """What is still open: a figure a month, the claim when it is done, and what becomes of it."""
    finished = on_or_after(max(item.finishes_on, FIRST_DAY + timedelta(days=draw(*item.key, "late").randint(2, 9))))
    last = Figure(state.claimed or Decimal(0))
    for month in FILED_IN:
        chance = draw(*item.key, month.isoformat(), "winter")
        day = on_or_before(month.replace(day=chance.randint(23, 28)))
        if day < finished:
            beat, last = filing_on(item, by, day, last, chance)
            yield beat
    if finished < LAST_DAY:
        yield claim(item, by, finished)
        yield from reviews(item, by, reviewer, finished, until=LAST_DAY)


def _ticked(item: Item, by: str, reviewer: str, state: State) -> Iterator[Beat | RowBeat]:
    """A list is worked off row by row; the claim follows the last of them and takes its figure from the list."""
    assert item.due is not None
    last = YEAR_DONE if item.due > date(2017, 11, 30) else LEDGERS_DONE
    if item.key in SET_COURSES:
        last = max(last, on_or_before(item.finishes_on))
    open_days = [day for day in days() if CALENDAR.is_workday(day) and day <= last]
    for number in range(state.pending):
        # Most of them soon, for the deadline is near; the last one on the last day.
        day = open_days[(len(open_days) - 1) * (number + 1) ** 3 // state.pending**3]
        yield RowBeat(at_work(day, draw(*item.key, "row", str(number)), last=16), by, item)
    claimed = working_days_later(last if state.pending else FIRST_DAY, 1)
    if claimed <= LAST_DAY:
        yield replace(claim(item, by, claimed), quantity=None)
    if item.key in SENT_BACK:
        yield Beat(at_work(date(2018, 1, 11), draw(*item.key, "back")), reviewer, "return", item, reason=UNCONNECTED)
    elif claimed <= LAST_DAY:
        yield from _without_figures(reviews(item, by, reviewer, claimed, until=LAST_DAY))


def _without_figures(beats: Iterator[Beat]) -> Iterator[Beat]:
    for beat in beats:
        yield replace(beat, quantity=None) if beat.act == "claim" else beat
