"""Points and places, worked by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from webapp.permissions import Actor, Grant, Role
from webapp.ranking import rules
from webapp.ranking.rules import Checked, Facts, Formula, Paced, Part, Reported, placed, report_state, score, together

FORMULA = Formula(
    "t-1",
    2,
    Fraction(1, 2),
    Fraction(1, 5),
    (Part("pace", 60, required=True), Part("reports", 20), Part("verified", 20)),
)
IN_TIME, MISSING, PENDING = Reported("on_time"), Reported("missing"), Reported("pending")

# Facts; the points of each part, and their sum brought to a hundred.
WORKED: list[tuple[Facts, tuple[str | None, str | None, str | None], str | None]] = [
    (Facts(Paced(done=4, on_pace=6), (IN_TIME,), Checked(4)), ("60.00", "20.00", "20.00"), "100.00"),
    # (19 + 10 + 0.5 x 2) / 32 x 60 = 30 / 32 x 60 = 56.25
    (Facts(Paced(19, 10, 2, 1, 50), (IN_TIME,), Checked(19)), ("56.25", "20.00", "20.00"), "96.25"),
    # 27.5 / 28 x 60 = 58.928..; 1 - 2 x 0.2 = 0.6 of 20; 2 / 3 x 20 = 13.333..
    (Facts(Paced(20, 7, 1), (Reported("late", 2),), Checked(2, 1)), ("58.93", "12.00", "13.33"), "84.26"),
    # Half up: 1 / 32 x 60 = 1.875.
    (Facts(Paced(1, 0, 0, 31), (MISSING,), Checked(0, 3)), ("1.88", "0.00", "0.00"), "1.88"),
    # Never below nothing, however late.
    (Facts(Paced(1), (Reported("late", 9),), Checked(1)), ("60.00", "0.00", "20.00"), "80.00"),
    # No claims: (60 + 20) of 80 is a hundred; (30 + 20) of 80 is 62.5.
    (Facts(Paced(1), (IN_TIME,)), ("60.00", "20.00", None), "100.00"),
    (Facts(Paced(1, 0, 0, 1), (IN_TIME,)), ("30.00", "20.00", None), "62.50"),
    # A report that is not due yet is no data; one of two that is, counts alone.
    (Facts(Paced(1), (PENDING,), Checked(1)), ("60.00", None, "20.00"), "100.00"),
    (Facts(Paced(1), (PENDING, MISSING), Checked(1)), ("60.00", "0.00", "20.00"), "80.00"),
    # Three in time, one two days late, one missing: (3 + 0.6) / 5 x 20 = 14.4.
    (
        Facts(Paced(1), (IN_TIME,) * 3 + (Reported("late", 2), MISSING), Checked(1)),
        ("60.00", "14.40", "20.00"), "94.40",
    ),
    # Without the required part there is no total, whatever else there is.
    (Facts(Paced(not_due=9), (IN_TIME,), Checked(1)), (None, "20.00", "20.00"), None),
    (Facts(), (None, None, None), None),
]  # fmt: skip

PLACES = [
    (["90", "80", "80", "70"], [1, 2, 2, 4]),
    (["80", "90", "80", "80"], [2, 1, 2, 2]),
    (["70", None, "70"], [1, None, 1]),
    ([None, None], [None, None]),
    ([], []),
    (["90.00", "90"], [1, 1]),
]


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(("facts", "points", "total"), WORKED)
def test_points_are_as_by_hand(facts: Facts, points: tuple[str | None, ...], total: str | None) -> None:
    found = score(facts, FORMULA)
    assert tuple(found.points.values()) == tuple(map(number, points))
    assert found.total == number(total)
    assert set(found.missing) == {code for code, each in zip(found.points, points, strict=True) if each is None}


@pytest.mark.parametrize(("totals", "places"), PLACES)
def test_ties_share_a_place_and_the_next_moves_down(totals: list[str | None], places: list[int | None]) -> None:
    assert [each.place for each in placed([rules.Score(total=number(total)) for total in totals])] == places


def test_a_province_is_counted_as_the_sum_of_its_parts() -> None:
    own, city = Facts(Paced(1, 2, 3, 4, 5), (IN_TIME,), Checked(1, 1)), Facts(Paced(9, 8, 7, 6, 5), (), Checked(2))
    assert together([own, city]) == Facts(Paced(10, 10, 10, 10, 10), (IN_TIME,), Checked(3, 1))
    assert together([]) == Facts()


@pytest.mark.parametrize(
    ("filed", "days", "over", "expected"),
    [(True, 0, True, IN_TIME), (True, None, False, IN_TIME), (True, 3, True, Reported("late", 3)),
     (False, None, True, MISSING), (False, 3, True, MISSING), (False, None, False, PENDING)],
)  # fmt: skip
def test_a_report_stands_as_it_stood_on_the_cut_off(
    filed: bool, days: int | None, over: bool, expected: Reported
) -> None:
    assert report_state(filed, days, over) == expected


@pytest.mark.parametrize(
    ("path", "role", "reads", "publishes"),
    [
        ("jjj/", Role.COORDINATOR, True, True),
        ("jjj/", Role.READER, True, False),
        ("jjj/", Role.ADMINISTRATOR, True, False),
        ("jjj/13/", Role.COORDINATOR, True, False),
        ("jjj/13/1306/", Role.OFFICER, True, False),
        ("delta/", Role.COORDINATOR, False, False),
        ("jjj2/", Role.COORDINATOR, False, False),
    ],
)
def test_members_read_and_the_region_publishes(path: str, role: Role, reads: bool, publishes: bool) -> None:
    actor = Actor(1, "某", "zh", (Grant(role, 1, path.rstrip("/").rpartition("/")[2], path),))
    assert (rules.may_read(actor, "jjj/"), rules.may_publish(actor, "jjj/")) == (reads, publishes)
