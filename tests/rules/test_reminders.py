"""What is owed: the ladder's days, the latest rung, the ledger, who is told, and the digest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.clock import local_instant
from webapp.reminders.ladder import ASSIGNMENTS, REPORTS, Audience, Ladder, Rules, rules_from
from webapp.reminders.rules import Intent, Recorded, Subject, digests, owed, waits_for
from webapp.workdays.rules import published_calendar

CALENDAR = published_calendar()
RULES = Rules()
OFFICER, REVIEWER, PROVINCE, REGION = 1, 2, 3, 4
PEOPLE = {
    Audience.OFFICER: (OFFICER,),
    Audience.REVIEWER: (REVIEWER,),
    Audience.PROVINCE: (PROVINCE,),
    Audience.REGION: (REGION,),
}
BOILERS = Subject("assignment", 7, date(2017, 10, 31), "officer", PEOPLE, "130600")
REPORT = Subject("report", 9, date(2017, 10, 9), "officer", PEOPLE, "130600")
MORNING = time(8, 30)


def at(day: date, hour: time = MORNING) -> datetime:
    """A working morning's instant."""
    return local_instant(day, hour)


def ask(subject: Subject, day: date, recorded: Iterable[Recorded] = (), hour: time = MORNING) -> list[Intent]:
    """What is owed about one subject."""
    return owed([subject], CALENDAR, RULES, frozenset(recorded), now=at(day, hour))


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2017, 9, 28), None),
        (date(2017, 9, 29), None),
        (date(2017, 9, 30), "before-30"),  # 1 October is a holiday: back to Saturday 30 September, a make-up day
        (date(2017, 10, 9), "before-30"),
        (date(2017, 10, 17), "before-14"),
        (date(2017, 10, 24), "before-7"),
        (date(2017, 10, 27), "before-3"),  # 28 October is a Saturday
        (date(2017, 10, 30), "before-1"),
        (date(2017, 10, 31), "before-0"),
        (date(2017, 11, 1), "after-1"),
        (date(2017, 11, 2), "after-1"),
        (date(2017, 11, 3), "after-3"),
        (date(2017, 11, 9), "after-7"),
        (date(2017, 11, 15), "after-7"),
        (date(2017, 11, 16), "weekly-1"),
        (date(2017, 11, 23), "weekly-2"),
        (date(2018, 2, 14), "weekly-13"),
        (date(2018, 2, 22), "weekly-15"),  # 15 and 22 February: the former moved past Spring Festival onto the latter
    ],
)
def test_the_latest_rung_of_the_31_october_boilers(day: date, rung: str | None) -> None:
    found = ask(BOILERS, day)
    assert {intent.rung for intent in found} == ({rung} if rung else set())


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2017, 9, 30), "before-1"),  # 4, 7, 8 October are holidays: all moved back to 30 September
        (date(2017, 10, 9), "before-0"),
        (date(2017, 10, 10), "after-1"),
        (date(2017, 10, 12), "after-3"),
        (date(2017, 12, 1), "after-3"),
    ],
)
def test_the_latest_rung_of_the_september_report(day: date, rung: str) -> None:
    assert {intent.rung for intent in ask(REPORT, day)} == {rung}


def test_a_due_date_on_a_rest_day_is_reminded_of_before_it() -> None:
    new_year = replace(BOILERS, due=date(2017, 12, 31))  # a Sunday in a holiday
    assert [intent.rung for intent in ask(new_year, date(2017, 12, 29))] == ["before-0"]
    assert [intent.rung for intent in ask(new_year, date(2018, 1, 2))] == ["after-1"]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2017, 10, 24), [(OFFICER, "officer", False)]),
        (date(2017, 11, 1), [(OFFICER, "officer", False)]),
        (date(2017, 11, 3), [(OFFICER, "officer", False), (PROVINCE, "province", True)]),
        (date(2017, 11, 9), [(OFFICER, "officer", False), (PROVINCE, "province", True), (REGION, "region", True)]),
        (date(2017, 11, 16), [(OFFICER, "officer", False), (PROVINCE, "province", True), (REGION, "region", True)]),
    ],
)
def test_who_is_told(day: date, told: list[tuple[int, str, bool]]) -> None:
    assert [(i.person, i.audience, i.escalation) for i in ask(BOILERS, day)] == told


def test_a_person_with_two_capacities_is_told_once_in_the_nearer() -> None:
    both = replace(BOILERS, waits_for="reviewer", people=PEOPLE | {Audience.REVIEWER: (PROVINCE,)})
    found = ask(both, date(2017, 11, 3))
    assert [(intent.person, intent.audience) for intent in found] == [(PROVINCE, Audience.REVIEWER)]


def test_what_is_recorded_is_not_owed_and_earlier_rungs_are_void() -> None:
    first = ask(BOILERS, date(2017, 10, 24))
    assert ask(BOILERS, date(2017, 10, 25), [intent.record for intent in first]) == []
    later = ask(BOILERS, date(2017, 10, 31), [intent.record for intent in first])
    assert [intent.rung for intent in later] == ["before-0"]


def test_an_extended_subject_starts_afresh_against_its_new_date() -> None:
    recorded = [intent.record for intent in ask(BOILERS, date(2017, 10, 31))]
    extended = replace(BOILERS, due=date(2017, 11, 30))
    assert [intent.rung for intent in ask(extended, date(2017, 11, 1), recorded)] == ["before-30"]


def test_whoever_takes_over_is_told_where_it_stands() -> None:
    recorded = [intent.record for intent in ask(BOILERS, date(2017, 10, 24))]
    handed_over = replace(BOILERS, people=PEOPLE | {Audience.OFFICER: (11,)})
    assert [(i.person, i.rung) for i in ask(handed_over, date(2017, 10, 26), recorded)] == [(11, "before-7")]


def test_four_days_asleep_over_a_weekend_owe_one_rung() -> None:
    recorded = [intent.record for intent in ask(BOILERS, date(2017, 10, 24))]
    found = ask(BOILERS, date(2017, 10, 30), recorded)
    assert [intent.rung for intent in found] == ["before-1"]


@pytest.mark.parametrize(
    ("day", "hour", "owes"),
    [
        (date(2017, 10, 24), time(8, 29), False),
        (date(2017, 10, 24), time(8, 30), True),
        (date(2017, 10, 24), time(17), True),
        (date(2017, 10, 28), time(8, 30), False),
        (date(2017, 10, 5), time(8, 30), False),
        (date(2018, 4, 8), time(8, 30), True),
    ],
)
def test_digests_go_on_working_mornings_only(day: date, hour: time, owes: bool) -> None:
    overdue_or_near = BOILERS if day.year == 2017 else replace(BOILERS, due=date(2018, 4, 10))
    assert bool(ask(overdue_or_near, day, hour=hour)) is owes


def test_one_digest_a_person_a_day() -> None:
    found = owed([BOILERS], CALENDAR, RULES, frozenset(), now=at(date(2017, 11, 3)), told_today={OFFICER})
    assert [intent.person for intent in found] == [PROVINCE]


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("assignment", "not_started", "officer"),
        ("assignment", "returned", "officer"),
        ("assignment", "claimed", "reviewer"),
        ("assignment", "na_claimed", "reviewer"),
        ("assignment", "verified", "nobody"),
        ("assignment", "not_applicable", "nobody"),
        ("report", "open", "officer"),
        ("report", "returned", "officer"),
        ("report", "submitted", "nobody"),
        ("report", "accepted", "nobody"),
    ],
)
def test_whose_move_it_is(kind: str, status: str, expected: str) -> None:
    assert waits_for(kind, status) == expected


def test_nothing_is_owed_where_nobody_has_to_act_or_no_date_is_set() -> None:
    assert ask(replace(BOILERS, waits_for="nobody"), date(2017, 11, 9)) == []
    assert ask(replace(BOILERS, due=None), date(2017, 11, 9)) == []


def test_a_digest_is_ordered_and_cut() -> None:
    own = [replace(BOILERS, id=n, due=date(2017, 11, 30) - timedelta(days=n)) for n in range(1, 25)]
    theirs = [
        replace(BOILERS, id=100 + n, group=group, due=date(2017, 10, 31), people={Audience.PROVINCE: (OFFICER,)})
        for n, group in enumerate(["130600", "130100"])
    ]
    found = owed([*theirs, *own], CALENDAR, RULES, frozenset(), now=at(date(2017, 11, 20)))
    (digest,) = digests([intent for intent in found if intent.person == OFFICER])
    assert (len(digest.intents), len(digest.shown), digest.more) == (26, 20, 6)
    assert [intent.subject[1] for intent in digest.shown[:3]] == [24, 23, 22]
    assert [intent.group for intent in digest.intents[-2:]] == ["130100", "130600"]
    assert digests([]) == []


def test_the_plan_can_set_its_own_ladder() -> None:
    rules = rules_from({"before_days": [10], "after_working_days": [2], "weekly_after": False, "send_at": "09:00"})
    assert rules.send_at == time(9)
    assert [rung.code for rung in rules.ladder("assignment").rungs()] == ["before-10", "after-2"]
    assert rules.ladder("report") == REPORTS
    assert rules_from({}) == Rules()
    found = owed([BOILERS], CALENDAR, rules, frozenset(), now=at(date(2018, 1, 10), time(9)))
    assert [(intent.rung, intent.person) for intent in found] == [("after-2", OFFICER)]


def test_a_ladder_lists_its_days_for_a_preview() -> None:
    days = list(ASSIGNMENTS.days(date(2017, 10, 31), date(2017, 11, 30), CALENDAR))
    assert [(rung.code, day.isoformat()) for rung, day in days[-5:]] == [
        ("after-3", "2017-11-03"),
        ("after-7", "2017-11-09"),
        ("weekly-1", "2017-11-16"),
        ("weekly-2", "2017-11-23"),
        ("weekly-3", "2017-11-30"),
    ]


DUES = st.dates(date(2017, 3, 1), date(2018, 6, 1))
LADDERS = st.sampled_from([ASSIGNMENTS, REPORTS, Ladder(after_working_days=()), Ladder(before_days=())])


@settings(deadline=None)
@given(DUES, st.integers(-40, 120), LADDERS)
def test_the_latest_rung_is_the_last_listed_one(due: date, offset: int, ladder: Ladder) -> None:
    today = due + timedelta(days=offset)
    listed = list(ladder.days(due, today, CALENDAR))
    assert ladder.latest_passed(due, today, CALENDAR) == (listed[-1] if listed else None)
    assert all(CALENDAR.is_workday(day) for _, day in listed)
    assert [day for _, day in listed] == sorted(day for _, day in listed)


@settings(deadline=None)
@given(DUES, st.sets(st.integers(0, 90), max_size=30))
def test_whatever_days_are_missed_nobody_is_told_a_rung_twice_or_more_than_one_a_day(due: date, up: set[int]) -> None:
    subject, recorded = replace(BOILERS, due=due), set[Recorded]()
    for offset in sorted(up):
        day = due - timedelta(days=35) + timedelta(days=offset)
        found = ask(subject, day, recorded)
        assert len({intent.person for intent in found}) == len(found)
        assert not recorded & {intent.record for intent in found}
        recorded |= {intent.record for intent in found}
        assert ask(subject, day, recorded) == []
