"""Which slots are due: cron lines in Shanghai time, missed slots, the newest of many."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.clock import parse_instant
from webapp.jobs.rules import MOST_AT_ONCE, missed, newest_slot, next_slot, slots


def at(text: str) -> datetime:
    return parse_instant(text)


def test_slots_are_shanghai_times_given_in_utc() -> None:
    found = next_slot("30 8 * * *", at("2017-10-20T08:25"))
    assert found == at("2017-10-20T08:30")
    assert found.tzinfo is UTC


def test_a_slot_is_not_its_own_successor() -> None:
    assert next_slot("30 8 * * *", at("2017-10-20T08:30")) == at("2017-10-21T08:30")


def test_bounds_leave_out_the_start_and_take_in_the_end() -> None:
    found = list(slots("0 0 * * *", at("2017-10-01T00:00"), at("2017-10-03T00:00")))
    assert found == [at("2017-10-02T00:00"), at("2017-10-03T00:00")]


@pytest.mark.parametrize(
    ("cron", "after", "until", "newest"),
    [
        ("30 8 * * *", "2017-10-20T08:25", "2017-10-24T09:00", "2017-10-24T08:30"),
        ("30 8 * * *", "2017-10-20T08:25", "2017-10-24T08:29", "2017-10-23T08:30"),
        ("30 8 * * *", "2017-10-20T08:31", "2017-10-20T23:00", None),
        ("20 0 1 * *", "2017-01-15T00:00", "2017-10-20T00:00", "2017-10-01T00:20"),
        ("* * * * *", "2016-10-20T08:25", "2017-10-20T08:25:59", "2017-10-20T08:25"),
        ("0 0 29 2 *", "2000-01-01T00:00", "2017-10-20T00:00", None),  # farther back than anybody looks
    ],
)
def test_newest_slot(cron: str, after: str, until: str, newest: str | None) -> None:
    assert newest_slot(cron, at(after), at(until)) == (at(newest) if newest else None)


def test_latest_runs_one_and_every_runs_all() -> None:
    after, until = at("2017-07-15T00:00"), at("2017-10-20T00:00")
    every = [at(f"2017-{month:02}-01T00:20") for month in (8, 9, 10)]
    assert missed("20 0 1 * *", "every", after, until) == every
    assert missed("20 0 1 * *", "latest", after, until) == every[-1:]


def test_a_long_absence_is_worked_off_in_portions() -> None:
    after = at("2017-01-01T00:00")
    found = missed("* * * * *", "every", after, after + timedelta(days=30))
    assert len(found) == MOST_AT_ONCE
    assert found[0] == after + timedelta(minutes=1)
