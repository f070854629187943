"""Reminder rules as data: read, refused with every fault at once, and written back the same."""

from copy import deepcopy
from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.clock import parse_instant
from webapp.reminders.ladder import (
    DEFAULT_DATA,
    DEFAULTS,
    KNOWN_LADDERS,
    WITHIN_LADDERS,
    Quiet,
    RulesError,
    rules_from,
    stored_rules,
)
from webapp.workdays.quiet import NEVER, quiet_from, quiet_until
from webapp.workdays.rules import published_calendar

TELL = st.lists(st.sampled_from(["officer", "deputy", "coordinator", "region"]), min_size=1, unique=True)


@st.composite
def ladders(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A ladder that may bear a name."""
    rungs: list[dict[str, Any]] = [
        {"days_before": days, "tell": draw(TELL)} for days in draw(st.sets(st.integers(0, 60), max_size=4))
    ]
    after = draw(st.sets(st.integers(1, 120), min_size=0 if rungs else 1, max_size=4))
    rungs += [{"workdays_after": days, "tell": draw(TELL)} for days in after]
    if after and draw(st.booleans()):
        rungs.append({"weekly": True, "tell": draw(TELL)})
    data = {"rungs": rungs, "shift": draw(st.booleans()), "delivery": draw(st.sampled_from(["digest", "at_once"]))}
    if name in WITHIN_LADDERS:
        data["within"] = draw(st.integers(1, 30))
    return data | ({} if name in KNOWN_LADDERS else {"tasks": [f"task-of-{name}"]})


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """Rules that may be saved."""
    names = draw(st.sets(st.sampled_from([*KNOWN_LADDERS, "contact", "papers"])))
    hours = st.times().map(lambda each: f"{each:%H:%M}")
    return {
        "send_at": draw(st.sampled_from(["07:00", "08:30", "13:00", "20:00"])),
        "most_items": draw(st.integers(1, 100)),
        "language": draw(st.sampled_from(["person", "zh", "en"])),
        "quiet": draw(st.none() | st.fixed_dictionaries({"from": hours, "until": hours})),
        "quiet_rest_days": draw(st.booleans()),
        "ladders": {name: draw(ladders(name)) for name in sorted(names)},
    }


@settings(deadline=None)
@given(rules())
def test_rules_are_written_back_as_they_were_read(data: dict[str, Any]) -> None:
    read = rules_from(data)
    assert rules_from(read.as_data()) == read
    assert set(read.ladders) == set(data["ladders"])
    assert read.as_data()["ladders"].keys() == data["ladders"].keys()


def test_what_is_left_out_keeps_its_default() -> None:
    assert rules_from({}) == DEFAULTS
    assert rules_from({"ladders": {}}).ladders == {}
    assert rules_from(DEFAULT_DATA) == rules_from(DEFAULTS.as_data()) == DEFAULTS


def test_rungs_stand_in_the_order_they_pass() -> None:
    data = {"ladders": {"assignment": {"rungs": [
        {"workdays_after": 3, "tell": ["officer"]}, {"days_before": 0, "tell": ["officer"]},
        {"days_before": 7, "tell": ["region", "officer"]}, {"workdays_after": 1, "tell": ["officer"]},
    ]}}}  # fmt: skip
    rungs = rules_from(data).ladders["assignment"].rungs
    assert [rung.code for rung in rungs] == ["before-7", "before-0", "after-1", "after-3"]
    assert rungs[0].as_data()["tell"] == ["officer", "region"]


def test_rules_of_an_earlier_release_count_as_the_defaults() -> None:
    assert stored_rules({"before_days": [10], "after_working_days": [2], "weekly_after": False}) == DEFAULTS
    assert stored_rules({}) == DEFAULTS
    assert stored_rules({"ladders": {}, "send_at": "09:00"}).send_at == time(9)


OFFICER = {"tell": ["officer"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"send_at": "08:15"}, "send_at"),
        ({"send_at": "06:30"}, "send_at"),
        ({"send_at": "20:30"}, "send_at"),
        ({"send_at": 30600}, "send_at"),
        ({"most_items": 0}, "most_items"),
        ({"most_items": True}, "most_items"),
        ({"language": "fr"}, "language"),
        ({"quiet": {"from": "21:00"}}, "quiet"),
        ({"quiet": "night"}, "quiet"),
        ({"quiet_rest_days": "no"}, "quiet_rest_days"),
        ({"before_days": [1]}, "before_days"),
        ({"ladders": []}, "ladders"),
        ({"ladders": {"assignment": None}}, "ladders"),
        ({"ladders": {"assignment": {"rungs": []}}}, "rungs"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, "tell": []}]}}}, "tell"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, "tell": ["mayor"]}]}}}, "tell"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": -1, **OFFICER}]}}}, "days_before"),
        ({"ladders": {"assignment": {"rungs": [{"workdays_after": 0, **OFFICER}]}}}, "workdays_after"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, "weekly": True, **OFFICER}]}}}, "rungs"),
        ({"ladders": {"assignment": {"rungs": [OFFICER]}}}, "rungs"),
        ({"ladders": {"assignment": {"rungs": [{"weekly": True, **OFFICER}]}}}, "weekly"),
        (
            {"ladders": {"assignment": {"rungs": [{"weekly": True, **OFFICER}, {"workdays_after": 1, **OFFICER}]}}},
            "weekly",
        ),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, **OFFICER}] * 2}}}, "rungs"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, **OFFICER}], "within": 3}}}, "within"),
        ({"ladders": {"review": {"rungs": [{"days_before": 1, **OFFICER}]}}}, "within"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, **OFFICER}], "tasks": ["a"]}}}, "tasks"),
        ({"ladders": {"own": {"rungs": [{"days_before": 1, **OFFICER}]}}}, "tasks"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, **OFFICER}], "delivery": "fax"}}}, "delivery"),
        ({"ladders": {"assignment": {"rungs": [{"days_before": 1, **OFFICER}], "sifht": True}}}, "sifht"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RulesError) as refused:
        rules_from(deepcopy(DEFAULT_DATA) | change)
    assert [each.field for each in refused.value.problems] == [field]


def test_every_fault_is_named_at_once_with_its_ladder_and_rung() -> None:
    own = {"tasks": ["a"], "rungs": [{"days_before": 1, **OFFICER}]}
    with pytest.raises(RulesError) as refused:
        rules_from(
            {"send_at": "1", "ladders": {"review": {"within": 3, "rungs": [{"tell": ["x"]}]}, "x": own, "y": own}}
        )
    messages = [str(each) for each in refused.value.problems]
    assert len(messages) == 4
    assert "提醒阶梯“完成情况审核”第 1 级：" in messages[0]
    assert any("任务 a 已归入阶梯“x”" in message for message in messages)


# --- quiet hours

NIGHT = Quiet()
ALL_WEEKEND = Quiet(rest_days=True)
NOON = Quiet(time(12), time(14))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2017-10-20T20:59", "2017-10-20T20:59"),
        (NIGHT, "2017-10-20T21:00", "2017-10-21T07:00"),
        (NIGHT, "2017-10-21T06:59", "2017-10-21T07:00"),
        (NIGHT, "2017-10-21T07:00", "2017-10-21T07:00"),
        (ALL_WEEKEND, "2017-10-20T22:00", "2017-10-23T07:00"),
        (ALL_WEEKEND, "2017-10-01T10:00", "2017-10-09T07:00"),
        (ALL_WEEKEND, "2017-09-30T10:00", "2017-09-30T10:00"),  # a make-up Saturday
        (NOON, "2017-10-20T13:00", "2017-10-20T14:00"),
        (Quiet(time(12), time(14), rest_days=True), "2017-10-21T13:00", "2017-10-23T00:00"),
        (NEVER, "2017-10-20T00:00", "2017-10-20T00:00"),
    ],
)
def test_a_mail_waits_for_the_end_of_the_quiet_hours(quiet: Quiet, now: str, until: str) -> None:
    moment: datetime = quiet_until(quiet, parse_instant(now), published_calendar())
    assert moment == parse_instant(until)


@settings(deadline=None)
@given(rules())
def test_the_quiet_hours_are_read_alike_wherever_they_are_read(data: dict[str, Any]) -> None:
    assert quiet_from(data) == quiet_from(rules_from(data).as_data()) == rules_from(data).quiet
