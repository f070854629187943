"""How lights become counts, and when a report is late."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.rules.progress_facts import BOILERS, MILESTONE, STANDING, assignment
from webapp.progress.facts import Thresholds
from webapp.progress.lights import light
from webapp.reports.rules import Standing, Timeliness, standing
from webapp.rollups.rules import add_up, column_of
from webapp.workdays.rules import published_calendar

NOV_1 = date(2017, 11, 1)
LATER = {"starts_on": date(2017, 11, 15), "due": date(2018, 3, 15)}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"status": "verified", "claimed_on": NOV_1}, "done"),
    ({"status": "claimed", "claimed_on": date(2017, 10, 31)}, "on_pace"),
    ({"status": "claimed", "claimed_on": NOV_1}, "behind"),
    ({"due": date(2017, 12, 31), "claimed": Decimal(190)}, "on_pace"),
    ({"due": date(2017, 12, 31), "claimed": Decimal(10)}, "behind"),
    ({}, "overdue"),
    ({"status": "not_applicable"}, "left_out"),
    (LATER, "not_due"),
    ({"task": STANDING, "due": None}, "not_due"),
]


@pytest.mark.parametrize(("changes", "column"), CASES)
def test_every_assignment_is_counted_once(changes: dict[str, Any], column: str) -> None:
    facts = assignment(**({"task": BOILERS} | changes))
    assert column_of(light(facts, NOV_1, Thresholds())) == column


def test_the_counts_add_up_to_what_applies() -> None:
    every = [assignment(**({"task": BOILERS} | changes)) for changes, _ in CASES]
    counts = add_up(light(facts, NOV_1, Thresholds()) for facts in every)
    assert counts.applicable + counts.left_out == len(every)
    assert counts.applicable == counts.done + counts.on_pace + counts.behind + counts.overdue + counts.not_due
    assert counts.completion == Decimal("0.125")
    assert add_up([]).completion is None


def test_silence_is_counted_across_the_lights() -> None:
    quiet = assignment(MILESTONE, due=date(2017, 12, 31), last_update_on=date(2017, 9, 30))
    counts = add_up([light(quiet, NOV_1, Thresholds())])
    assert (counts.on_pace, counts.silent) == (1, 1)


@pytest.mark.parametrize(
    ("first_submitted_days_late", "today", "expected"),
    [
        (None, date(2017, 10, 9), Standing(Timeliness.PENDING)),
        (None, date(2017, 10, 10), Standing(Timeliness.MISSING, 1)),
        (None, date(2017, 10, 15), Standing(Timeliness.MISSING, 4)),
        (0, date(2017, 12, 1), Standing(Timeliness.ON_TIME)),
        (3, date(2017, 12, 1), Standing(Timeliness.LATE, 3)),
    ],
)
def test_a_report_against_its_legal_date(
    first_submitted_days_late: int | None, today: date, expected: Standing
) -> None:
    assert standing(date(2017, 10, 9), first_submitted_days_late, today, published_calendar()) == expected
