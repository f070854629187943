"""A city's caps in figures as of a day: worked by hand, a furnace of 100 and one of 50 in Tangshan."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from tests.caps.works import DECEMBER, JANUARY, furnace, month, off, plan, scope, works
from webapp.caps.summary import CapSummary, summary

NOVEMBER_END, DECEMBER_END = date(2017, 11, 30), date(2017, 12, 31)


def told(session: Session, as_of: date) -> CapSummary:
    """Tangshan's steel as of a day."""
    session.flush()
    where = scope(session)
    (found,) = summary(session, where.plan, [where.organisation.id], as_of=as_of)[where.organisation.id]
    return found


def season(session: Session) -> None:
    """The small furnace stands still all season by plan, and so it is stated for November and December."""
    enterprise = works(session)
    big = furnace(session, enterprise)
    small = furnace(session, enterprise, "2号高炉", capacity=Decimal(50))
    plan(session, enterprise, off(small, "11-15", "03-15"))
    drawn = {"power": {big.id: Decimal(20000), small.id: Decimal(1)}}
    month(session, enterprise, date(2017, 11, 1), off(small, "11-15", "11-30"), now=DECEMBER, **drawn)
    month(session, enterprise, date(2017, 12, 1), off(small, "12-01", "12-20"), now=JANUARY, **drawn)


def test_a_month_counts_what_was_stated_of_it_whenever(session: Session) -> None:
    """November, stated in December: 16 days x 50 of 16 x 150; December's statement is not in it."""
    season(session)
    found = told(session, NOVEMBER_END)
    assert (found.sector.code, found.works, found.lines, found.exempt) == ("steel", 1, 2, 0)
    assert found.month is not None
    assert (found.month.figures.stopped, found.month.figures.planned, found.asked.planned) == (800, 800, 800)
    assert found.found.together.share == Decimal("0.3333")


def test_the_season_so_far_is_held_against_the_plan(session: Session) -> None:
    """December stood still for 20 of its 31 days: 36 x 50 of 47 x 150, against 47 x 50 by plan."""
    season(session)
    found = told(session, DECEMBER_END)
    assert found.month is not None
    assert (found.month.figures.stopped, found.month.figures.planned) == (1000, 1550)
    assert found.found.together.share == Decimal("0.2553")
    assert found.found.light.colour in ("red", "yellow")


def test_a_month_nobody_stated_yet_still_has_its_plan(session: Session) -> None:
    """January: planned for all its days, nothing stated; a day before the season has no month at all."""
    season(session)
    january = told(session, date(2018, 1, 31))
    assert january.month is not None
    assert (january.month.stated, january.month.figures.stopped, january.asked.planned) == (False, 0, 1550)
    assert told(session, date(2017, 10, 31)).month is None


def test_a_city_without_works_is_not_in_it(session: Session) -> None:
    """Nor is one nobody asked about."""
    where = scope(session)
    assert summary(session, where.plan, [where.organisation.id], as_of=NOVEMBER_END) == {}
    season(session)
    assert summary(session, where.plan, [], as_of=NOVEMBER_END) == {}
