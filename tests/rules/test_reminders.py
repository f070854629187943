"""What is owed: the ladders' days, the latest rung, the ledger, who is told, and the digest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.clock import local_instant
from webapp.reminders.ladder import DEFAULTS, Audience, Ladder, Rules, Rung, Tell, Unit
from webapp.reminders.rules import Intent, Recorded, Subject, current_rungs, digests, owed
from webapp.workdays.rules import published_calendar

CALENDAR = published_calendar()
OFFICER, DEPUTY, REVIEWER, PROVINCE, REGION = 1, 2, 3, 4, 5
PEOPLE = {
    Audience.OFFICER: (OFFICER,),
    Audience.DEPUTY: (DEPUTY,),
    Audience.REVIEWER: (REVIEWER,),
    Audience.PROVINCE: (PROVINCE,),
    Audience.REGION: (REGION,),
}
BOILERS = Subject("assignment", 7, date(2017, 10, 31), "officer", PEOPLE, "assignment", "130600")
REPORT = Subject("report", 9, date(2017, 10, 9), "officer", PEOPLE, "report", "130600")
CLAIM = Subject("review", 7, date(2017, 10, 20), "reviewer", PEOPLE, "review", "130600")
MORNING = time(8, 30)


def at(day: date, hour: time = MORNING) -> datetime:
    """A working morning's instant."""
    return local_instant(day, hour)


def ask(
    subject: Subject, day: date, recorded: Iterable[Recorded] = (), hour: time = MORNING, rules: Rules = DEFAULTS
) -> list[Intent]:
    """What is owed about one subject."""
    return owed([subject], CALENDAR, rules, frozenset(recorded), now=at(day, hour))


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
    assert {intent.rung for intent in ask(BOILERS, day)} == ({rung} if rung else set())


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


@pytest.mark.parametrize(
    ("day", "rung"),
    [
        (date(2017, 9, 29), None),
        (date(2017, 9, 30), None),  # 1 October stays where it is: told on the first working day after it
        (date(2017, 10, 9), "before-30"),
        (date(2017, 10, 27), "before-7"),  # 28 October is a Saturday
        (date(2017, 10, 30), "before-1"),
        (date(2017, 11, 16), "weekly-1"),
        (date(2018, 2, 22), "weekly-15"),
    ],
)
def test_on_a_ladder_that_does_not_shift_rungs_keep_their_calendar_days(day: date, rung: str | None) -> None:
    stays = Rules({"assignment": replace(DEFAULTS.ladders["assignment"], shift=False)})
    assert {intent.rung for intent in ask(BOILERS, day, rules=stays)} == ({rung} if rung else set())


def test_a_due_date_on_a_rest_day_is_reminded_of_before_it() -> None:
    new_year = replace(BOILERS, due=date(2017, 12, 31))  # a Sunday in a holiday
    assert {intent.rung for intent in ask(new_year, date(2017, 12, 29))} == {"before-0"}
    assert {intent.rung for intent in ask(new_year, date(2018, 1, 2))} == {"after-1"}


OFFICERS = [(OFFICER, "officer", False), (DEPUTY, "deputy", False)]
ABOVE = [(PROVINCE, "province", True), (REGION, "region", True)]


@pytest.mark.parametrize(
    ("subject", "day", "told"),
    [
        (BOILERS, date(2017, 10, 24), OFFICERS[:1]),
        (BOILERS, date(2017, 10, 27), OFFICERS),
        (BOILERS, date(2017, 11, 1), OFFICERS),
        (BOILERS, date(2017, 11, 3), [*OFFICERS, ABOVE[0]]),
        (BOILERS, date(2017, 11, 9), [*OFFICERS, *ABOVE]),
        (BOILERS, date(2017, 11, 16), [*OFFICERS, *ABOVE]),
        (CLAIM, date(2017, 10, 20), [(REVIEWER, "reviewer", False)]),
        (CLAIM, date(2017, 10, 25), [(REVIEWER, "reviewer", False), ABOVE[1]]),
    ],
)
def test_whom_a_rung_tells(subject: Subject, day: date, told: list[tuple[int, str, bool]]) -> None:
    assert [(i.person, i.audience, i.escalation) for i in ask(subject, day)] == told


def test_in_a_reviewers_subject_officers_and_deputies_are_never_told() -> None:
    everybody = Ladder((Rung(Unit.WORKDAYS_AFTER, 1, tuple(Tell)),), within=3)
    found = ask(CLAIM, date(2017, 10, 25), rules=Rules({"review": everybody}))
    assert [intent.audience for intent in found] == [Audience.REVIEWER, Audience.REGION]


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({Audience.OFFICER: (9,), Audience.DEPUTY: (9,), Audience.PROVINCE: (9,)}, [(9, "officer")]),
        ({Audience.DEPUTY: (9,), Audience.PROVINCE: (9,)}, [(9, "deputy")]),
        ({Audience.PROVINCE: (9,), Audience.REGION: (9, 8)}, [(9, "province"), (8, "region")]),
    ],
)
def test_a_person_with_several_capacities_is_told_once_in_the_nearest(
    people: dict[Audience, tuple[int, ...]], told: list[tuple[int, str]]
) -> None:
    found = ask(replace(BOILERS, people=people), date(2017, 11, 9))
    assert [(intent.person, intent.audience) for intent in found] == told


def test_what_is_recorded_is_not_owed_and_earlier_rungs_are_void() -> None:
    first = ask(BOILERS, date(2017, 10, 24))
    assert ask(BOILERS, date(2017, 10, 25), [intent.record for intent in first]) == []
    later = ask(BOILERS, date(2017, 10, 31), [intent.record for intent in first])
    assert {intent.rung for intent in later} == {"before-0"}


def test_what_another_plan_recorded_does_not_count() -> None:
    elsewhere = [intent.record for intent in ask(replace(BOILERS, plan=2), date(2017, 10, 24))]
    assert len(ask(BOILERS, date(2017, 10, 24), elsewhere)) == 1


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
    assert {intent.rung for intent in ask(BOILERS, date(2017, 10, 30), recorded)} == {"before-1"}


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


def test_whoever_had_a_digest_today_waits_but_not_for_what_goes_at_once() -> None:
    day, told = date(2017, 11, 3), {OFFICER}
    found = owed([BOILERS], CALENDAR, DEFAULTS, frozenset(), now=at(day), told_today=told)
    assert [intent.person for intent in found] == [DEPUTY, PROVINCE]
    at_once = Rules({"assignment": replace(DEFAULTS.ladders["assignment"], delivery="at_once")})
    found = owed([BOILERS], CALENDAR, at_once, frozenset(), now=at(day), told_today=told)
    assert [intent.person for intent in found] == [OFFICER, DEPUTY, PROVINCE]
    assert digests(found) == []


def test_a_kind_without_a_ladder_is_not_reminded_of() -> None:
    assert ask(REPORT, date(2017, 10, 12), rules=Rules({"assignment": DEFAULTS.ladders["assignment"]})) == []


def test_a_digest_is_ordered_and_cut() -> None:
    own = [replace(BOILERS, id=n, due=date(2017, 11, 30) - timedelta(days=n)) for n in range(1, 25)]
    theirs = [
        replace(BOILERS, id=100 + n, group=group, due=date(2017, 10, 31), people={Audience.PROVINCE: (OFFICER,)})
        for n, group in enumerate(["130600", "130100"])
    ]
    found = owed([*theirs, *own], CALENDAR, DEFAULTS, frozenset(), now=at(date(2017, 11, 20)))
    (digest,) = digests([intent for intent in found if intent.person == OFFICER])
    assert (len(digest.intents), len(digest.shown), digest.more, digest.escalates) == (26, 20, 6, True)
    assert [intent.subject[1] for intent in digest.shown[:3]] == [24, 23, 22]
    assert [intent.group for intent in digest.intents[-2:]] == ["130100", "130600"]
    assert digests([]) == []


def test_several_reasons_about_one_object_are_one_line_and_all_recorded() -> None:
    returned = replace(BOILERS, kind="returned", ladder="returned", due=date(2017, 10, 30))
    found = owed([BOILERS, returned, REPORT], CALENDAR, DEFAULTS, frozenset(), now=at(date(2017, 10, 31)))
    (digest, *_) = digests(found)
    assert [intent.subject for intent in digest.intents] == [("report", 9), ("returned", 7), ("assignment", 7)]
    assert [intent.subject for intent in digest.lines] == [("report", 9), ("returned", 7)]


def test_the_strictest_plan_says_how_many_lines_are_shown() -> None:
    subjects = [replace(BOILERS, id=n, plan=n % 2) for n in range(8)]
    found = [intent for each in subjects for intent in ask(each, date(2017, 10, 24))]
    (digest,) = digests(found, most_items={0: 5, 1: 20})
    assert (len(digest.shown), digest.more) == (5, 3)


def test_a_ladder_lists_its_days_for_a_preview() -> None:
    days = list(DEFAULTS.ladders["assignment"].days(date(2017, 10, 31), date(2017, 11, 30), CALENDAR))
    assert [(rung.code, day.isoformat()) for rung, day in days[-5:]] == [
        ("after-3", "2017-11-03"),
        ("after-7", "2017-11-09"),
        ("weekly-1", "2017-11-16"),
        ("weekly-2", "2017-11-23"),
        ("weekly-3", "2017-11-30"),
    ]


# --- whatever the dates, the days without a scheduler, and the order

DUES = st.dates(date(2017, 3, 1), date(2018, 6, 1))
ASSIGNMENT = DEFAULTS.ladders["assignment"]
LADDERS = st.sampled_from(
    [
        *DEFAULTS.ladders.values(),
        replace(ASSIGNMENT, shift=False),
        Ladder((Rung(Unit.DAYS_BEFORE, 10, (Tell.OFFICER,)),)),
        Ladder((Rung(Unit.WORKDAYS_AFTER, 2, (Tell.OFFICER,)), Rung(Unit.WEEKS_AFTER, 0, (Tell.REGION,)))),
    ]
)


@settings(deadline=None)
@given(DUES, st.integers(-40, 120), LADDERS)
def test_the_latest_rung_is_the_last_listed_one(due: date, offset: int, ladder: Ladder) -> None:
    today = due + timedelta(days=offset)
    listed = list(ladder.days(due, today, CALENDAR))
    assert ladder.latest_passed(due, today, CALENDAR) == (listed[-1] if listed else None)
    assert [day for _, day in listed] == sorted(day for _, day in listed)
    if ladder.shift:
        assert all(CALENDAR.is_workday(day) for _, day in listed)


@settings(deadline=None)
@given(DUES, st.sets(st.integers(0, 90), max_size=30))
def test_whatever_days_are_missed_nobody_is_told_a_rung_twice_or_more_than_one_a_day(due: date, up: set[int]) -> None:
    subject, recorded = replace(BOILERS, due=due), set[Recorded]()
    for offset in sorted(up):
        day = due - timedelta(days=35) + timedelta(days=offset)
        found = ask(subject, day, recorded)
        assert len({intent.person for intent in found}) == len(found)
        assert not recorded & {intent.record for intent in found}
        assert current_rungs([subject], CALENDAR, DEFAULTS, now=at(day)) >= {
            (intent.plan, intent.subject[0], intent.due, intent.rung) for intent in found
        }
        recorded |= {intent.record for intent in found}
        assert ask(subject, day, recorded) == []


@settings(deadline=None, max_examples=50)
@given(DUES, st.sets(st.integers(0, 60), max_size=40))
def test_all_that_is_owed_is_told_on_the_next_working_morning(due: date, down: set[int]) -> None:
    """After any absence the first morning tells everybody of the rung that stands, and nobody of an earlier one."""
    subject, recorded = replace(BOILERS, due=due), set[Recorded]()
    for offset in range(61):
        day = due - timedelta(days=32) + timedelta(days=offset)
        if offset in down or not CALENDAR.is_workday(day):
            continue
        recorded |= {intent.record for intent in ask(subject, day, recorded)}
        latest = ASSIGNMENT.latest_passed(due, day, CALENDAR)
        if latest:
            rung, _ = latest
            told = {person for *_, person, code in recorded if code == rung.code}
            assert len(told) == len(rung.tell)


@pytest.mark.parametrize(
    "subjects", list(permutations([BOILERS, REPORT, CLAIM, replace(BOILERS, kind="returned", id=8)]))
)
def test_the_order_of_the_facts_does_not_matter(subjects: tuple[Subject, ...]) -> None:
    found = owed(subjects, CALENDAR, DEFAULTS, frozenset(), now=at(date(2017, 11, 9)))
    expected = owed(
        sorted(subjects, key=lambda each: each.kind), CALENDAR, DEFAULTS, frozenset(), now=at(date(2017, 11, 9))
    )
    assert digests(found) == digests(expected)
    assert len(digests(found)) == len({intent.person for intent in found})
