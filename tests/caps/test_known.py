"""The register as known on a past day: what was recorded by then, and as of today what holds now."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from tests.caps.worked import d
from tests.caps.works import (
    DECEMBER,
    JANUARY,
    OCTOBER,
    coordinator,
    furnace,
    month,
    off,
    officer,
    plan,
    scope,
    standing,
    where_of,
    works,
)
from webapp.caps import deciding, service
from webapp.caps.checks import LineDraft
from webapp.caps.known import lines_then, recorded
from webapp.caps.models import CapChange, CapLine
from webapp.caps.register import bound_tasks, entries
from webapp.caps.standings import EntryStanding, entry_standing
from webapp.clock import known_before, local_date, parse_instant

NOVEMBER = date(2017, 11, 1)
DAYS = st.none() | st.dates(date(2017, 1, 1), date(2018, 12, 31))
STATES = st.fixed_dictionaries({
    "name": st.sampled_from(["1号", "2号"]), "kind": st.just("blast_furnace"),
    "capacity": st.integers(1, 10**10).map(lambda number: Decimal(number) / 10_000),
    "baseline": st.none() | st.integers(1, 10**6).map(Decimal),
    "in_service_from": DAYS, "closed_on": DAYS, "idle_since": DAYS, "restarted_on": DAYS,
})  # fmt: skip


@given(st.lists(st.tuples(STATES, st.integers(0, 50)), min_size=1, max_size=6), st.integers(0, 60))
@settings(max_examples=60)
def test_a_line_is_what_it_was_last_brought_to(given_states: list[tuple[dict[str, Any], int]], hour: int) -> None:
    states = sorted(given_states, key=lambda each: each[1])
    changes = [
        CapChange(line_id=7, state=service.plain(state), recorded_at=OCTOBER + timedelta(hours=hours))
        for state, hours in states
    ]
    row = CapLine(id=7, enterprise_id=1, recorded_at=changes[0].recorded_at, version=len(states), **states[-1][0])
    until = OCTOBER + timedelta(hours=hour)
    held = [state for state, hours in states if hours < hour]
    (found,) = lines_then([row], changes, until) or [None]
    expected = held[-1] if held else None
    assert (None if found is None else {name: getattr(found, name) for name in states[0][0]}) == expected
    assert recorded(changes, None) == changes
    if found is not None:
        assert inspect(found).transient


def on_day(session: Session, enterprise: Any, day: date) -> EntryStanding | None:
    session.flush()
    where = where_of(session, enterprise)
    season = service.season_of(session, where, enterprise.sector)
    bound = bound_tasks(session, where.plan.id, [where.organisation.id])[where.organisation.id]
    known = entries(session, [enterprise], until=known_before(day))
    return entry_standing(known[0], where.policy, season, day, bound) if known else None


def test_the_season_is_told_as_it_was_known(session: Session) -> None:
    made = works(session)
    one, two = furnace(session, made), furnace(session, made, "2号高炉")
    plan(session, made, off(one, "11-15", "3-15"))
    drawn = {one.id: Decimal(32_000)}
    said = month(session, made, NOVEMBER, off(one, "11-15", "11-30"), power=drawn, now=DECEMBER)
    told: dict[str, EntryStanding] = {"2017-12-03": standing(session, made, DECEMBER)}
    later: datetime = parse_instant("2017-12-07T09:00")
    deciding.decide(session, scope(session), made, filing_id=said.id, line_id=one.id, verdict="confirmed",
                    reason="现场检查", actor=coordinator(session), now=later)  # fmt: skip
    told["2017-12-07"] = standing(session, made, later)
    plan(session, made, off(one, "11-15", "1-1"), now=parse_instant("2017-12-12T09:00"), revision=1, note="保供")
    told["2017-12-12"] = standing(session, made, parse_instant("2017-12-12T09:00"))
    draft = LineDraft(two.name, two.kind, two.capacity, two.baseline, closed_on=d("1-2"))
    service.change_line(session, scope(session), made, two, draft, actor=officer(session), now=JANUARY,
                        version=two.version, reason="拆除")  # fmt: skip
    told["2018-01-03"] = standing(session, made, JANUARY)
    assert len({each.standing.share_with_pending for each in told.values()} | {None}) > 1
    for day, then in told.items():
        found = on_day(session, made, date.fromisoformat(day))
        assert found is not None
        assert (found.standing, found.light, found.facts) == (then.standing, then.light, then.facts), day
    assert on_day(session, made, local_date(OCTOBER) - timedelta(days=1)) is None
