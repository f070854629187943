"""Worked caps by hand: lines, a day, and the figures that come out, each with its sum written beside it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.caps.facts import Cap, Filed, Limit, Line, Reported, Stop, Window

SEASON = Window(date(2017, 11, 15), date(2018, 3, 15))
LIMIT = Limit()
HALF, THIRTY, ABOUT, ALL = (
    Cap(Decimal("0.5")),
    Cap(Decimal("0.3"), binds="enterprise"),
    Cap(Decimal("0.27"), Decimal("0.33"), "enterprise"),
    Cap(Decimal(1)),
)
FILED = date(2017, 10, 20)
OVER = date(2018, 4, 20)


def d(text: str) -> date:
    """A day of the season, "11-15": November and December are 2017, the rest 2018."""
    month, day = (int(part) for part in text.split("-"))
    return date(2017 if month > 6 else 2018, month, day)


def w(first: str, last: str) -> Window:
    """A stretch of days of the season."""
    return Window(d(first), d(last))


def stop(first: str, last: str, units: int | None = None) -> Stop:
    """A stop, of some units or the whole line."""
    return Stop(w(first, last), None if units is None else Decimal(units))


def plan(*stops: Stop, on: date = FILED) -> Filed:
    """A plan as filed on a day."""
    return Filed(on, stops)


def stated(first: str, last: str, *stops: Stop, power: int | None = None, verdict: Any = None) -> Reported:
    """What a line stated about some days."""
    return Reported(w(first, last), stops, None if power is None else Decimal(power), verdict)


MONTHS = (("11-15", "11-30"), ("12-1", "12-31"), ("1-1", "1-31"), ("2-1", "2-28"), ("3-1", "3-15"))


def all_months(*stops: Stop) -> tuple[Reported, ...]:
    """The whole season stated, month by month: the same stops cut to each month."""
    found = []
    for first, last in MONTHS:
        month = w(first, last)
        cut = [Stop(shared, each.units) for each in stops if (shared := each.window.meet(month))]
        found.append(Reported(month, tuple(cut)))
    return tuple(found)


def line(key: int, capacity: int, **fields: Any) -> Line:
    """A line of a capacity."""
    return Line(key, Decimal(capacity), **fields)


def done(key: int, capacity: int, *stops: Stop, **fields: Any) -> Line:
    """A line that planned some stops, kept them and stated every month."""
    return line(key, capacity, plans=(plan(*stops),), reports=all_months(*stops), **fields)


@dataclass(frozen=True)
class Worked:
    """An example: what is there, on which day, and what comes out."""

    name: str
    lines: tuple[Line, ...]
    cap: Cap
    today: date
    share: str | None
    colour: str
    reason: str
    season: Window = SEASON
    planned: str | None = None
    owed: str | None = None
    may_run: str | None = None


EXAMPLES = (
    # Two furnaces of 100, one rests all 121 days: 12100 / 24200.
    Worked("steel, one of two furnaces all season", (done(1, 100, stop("11-15", "3-15")), done(2, 100)), HALF, OVER,
           "0.5", "green", "ended_kept", planned="0.5", owed="0", may_run="0"),
    # Rotation: 60 days of one (6000), 61 of the other (6100): 12100 / 24200.
    Worked("steel, rotation", (done(1, 100, stop("11-15", "1-13")), done(2, 100, stop("1-14", "3-15"))), HALF, OVER,
           "0.5", "green", "ended_kept", planned="0.5"),
    # 60 days each of two: 12000 / 24200 = 0.49586..., rounded down: half is not reached.
    Worked("steel, a day short", (done(1, 100, stop("11-15", "1-13")), done(2, 100, stop("1-14", "3-14"))), HALF, OVER,
           "0.4958", "red", "ended_below", planned="0.4958", owed="100", may_run="-100"),
    # 31 December, November and December stated (47 days): 100 x 47 = 4700 of 300 x 47 = 14100. Still owed:
    # 0.5 x 36300 - 4700 = 13450 of 300 x 74 = 22200 to come.
    Worked("steel, partial months, behind its plan", (
        line(1, 100, plans=(plan(stop("11-15", "3-15")),), reports=all_months(stop("11-15", "3-15"))[:2]),
        line(2, 200, plans=(plan(stop("12-21", "3-15")),), reports=all_months()[:2])), HALF, d("12-31"),
        # planned to date 4700 + 200 x 11 = 6900; 4700 < 0.7 x 6900 = 4830.
        "0.3333", "red", "far_below_plan", planned="0.8016", owed="13450", may_run="8750"),
    # A row of 200 pots, 60 of them rest all season: 7260 / 24200.
    Worked("aluminium, 60 of 200 pots", (done(1, 200, stop("11-15", "3-15", 60)),), THIRTY, OVER,
           "0.3", "green", "ended_kept", planned="0.3", owed="0"),
    # Two stops of the same row overlap in December (40 and 60 pots): 40 x 16 + 60 x 31 + 60 x 74 = 6940 / 24200.
    Worked("aluminium, overlapping stops count once", (
        done(1, 200, stop("11-15", "12-31", 40), stop("12-1", "3-15", 60)),), THIRTY, OVER,
        "0.2867", "red", "ended_below"),
    # Three lines of one unit; one rests 116 days: 116 / 363 = 0.3195, within 27 to 33 %.
    Worked("alumina, about 30 %", (done(1, 1, stop("11-15", "3-10")), done(2, 1), done(3, 1)), ABOUT, OVER,
           "0.3195", "green", "ended_kept"),
    # Two of three lines all season: 0.6666, over the range: more than was asked, no fault; on 10 February.
    Worked("alumina, over the range", (
        done(1, 1, stop("11-15", "3-15")), done(2, 1, stop("11-15", "3-15")), done(3, 1)), ABOUT, d("2-10"),
        "0.6666", "green", "above_range"),
    # A kiln that heats homes lies outside the base: the other alone, 121 of 121 days.
    Worked("cement, one kiln serves basic needs", (
        done(1, 80, stop("11-15", "3-15")), line(2, 120, exempt=(SEASON,))), ALL, OVER,
        "1", "green", "ended_kept", owed="0"),
    # Its load was filed on 15 December, after 30 September: 30 days before it are owed. 80 x 121 + 120 x 30 = 13280
    # asked, 9680 stood still.
    Worked("cement, load filed too late", (
        done(1, 80, stop("11-15", "3-15")), done(2, 120, exempt=(w("12-15", "3-15"),))), ALL, OVER,
        "0.7289", "red", "ended_below"),
    # A furnace idle since August is in neither number; started on 1 February it is asked for its last 43 days:
    # 100 x 121 + 50 x 43 = 14250 asked, 12100 stood still.
    Worked("steel, idle before the season, restarted", (
        done(1, 100, stop("11-15", "3-15")),
        done(2, 50, idle_since=date(2017, 8, 1), restarted_on=d("2-1"))), HALF, OVER,
        "0.8491", "green", "ended_kept"),
    # Idle all through: what idles is no effort; half of the other is asked and nothing stood still.
    Worked("steel, idle furnaces are no effort", (
        done(1, 100), line(2, 900, idle_since=date(2017, 6, 1))), HALF, OVER,
        "0", "red", "ended_below", owed="6050"),
    # Mid-season: a new line from 1 January (74 days), another torn down on 1 February (43 days stand still for ever):
    # 100 x 43 = 4300 of 100 x 121 + 100 x 74 = 19500.
    Worked("brick, one comes and one goes", (
        done(1, 100, closed_on=d("2-1")), done(2, 100, in_service_from=d("1-1"))), HALF, OVER,
        "0.2205", "red", "ended_below"),
    # The plan changed on 1 January, from 1 February on: the new one does not rewrite December. Planned 47 + 31 days
    # of the old (none), then 28 + 15 = 43 of 121.
    Worked("carbon, plan changed in the season", (
        line(1, 1, plans=(plan(), plan(stop("11-15", "12-31"), stop("2-1", "3-15"), on=d("1-1"))),
             reports=all_months(stop("2-1", "3-15"))),), HALF, OVER,
        "0.3553", "red", "ended_below", planned="0.3553"),
    # Reported standing still in December, but the meter says 62 000 kWh of 31 x 2000 x 0.15 = 9 300 allowed: waits.
    # Counted: November 16 of 47.
    Worked("steel, the meter disagrees", (
        line(1, 100, baseline=Decimal(2000), plans=(plan(stop("11-15", "3-15")),), reports=(
            stated("11-15", "11-30", stop("11-15", "11-30"), power=3000),
            stated("12-1", "12-31", stop("12-1", "12-31"), power=62000))),), HALF, d("1-3"),
        "0.3404", "yellow", "suspect"),
    # A city that heats from 1 November to 31 March: 151 days, of which one of two lines rests 76: 76 / 302.
    Worked("steel, a season of its own", (
        line(1, 1, plans=(plan(stop("11-1", "1-15")),), reports=(stated("11-1", "3-31", stop("11-1", "1-15")),)),
        line(2, 1, plans=(plan(),), reports=(stated("11-1", "3-31"),))), THIRTY, OVER,
        "0.2516", "red", "ended_below", season=w("11-1", "3-31")),
    # No plan and nothing stated: on 6 December November is due, and counts as run through.
    Worked("foundry, silence is no standstill", (line(1, 10),), ALL, d("12-6"), "0", "red", "no_plan"),
    # 1 November, no plan yet; and with one.
    Worked("before the season, no plan", (line(1, 10),), ALL, d("11-1"), None, "yellow", "no_plan"),
    Worked("before the season, planned", (line(1, 10, plans=(plan(stop("11-15", "3-15")),)),), ALL, d("11-1"),
           None, "grey", "before_season", planned="1"),
    # 1 February: January stated, nothing rested of 78 days; 43 x 100 are left and 6050 are owed: lost.
    Worked("steel, cannot be kept any more", (
        line(1, 100, plans=(plan(stop("2-1", "3-15")),), reports=all_months()[:3]),), HALF, d("2-1"),
        "0", "red", "cannot_be_kept", owed="6050", may_run="-1750"),
    Worked("a foundry of electric furnaces", (line(1, 10, counted=False),), ALL, d("12-6"),
           None, "grey", "nothing_asked"),
)  # fmt: skip
