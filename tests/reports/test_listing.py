"""The list of a month's reports: what its address narrows and how it sorts."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from webapp.clock import parse_instant
from webapp.i18n import use_locale
from webapp.reports.listing import Wanted, arranged, asked, table
from webapp.reports.pages import Listed
from webapp.reports.rules import Standing, Timeliness

HEBEI, BAODING, CANGZHOU, BEIJING, SHANDONG = 1, 2, 3, 4, 5
FIRST = {HEBEI: "2017-10-09T10:00", BAODING: "2017-09-30T09:00", BEIJING: "2017-10-01T09:00"}


def report(place: int, code: str, kind: str, parent: int | None, status: str, timely: Timeliness) -> Listed:
    """A report of a place."""
    above = {"city": "region/130000/"}.get(kind, "region/")
    first = FIRST.get(place)
    row = SimpleNamespace(
        id=place * 10, organisation_id=place, organisation_code=code, organisation_kind=kind, status=status,
        organisation_parent_id=parent, organisation_path=f"{above}{code}/", organisation_zh=code, organisation_en=code,
        due=date(2017, 10, 9), internal_due=date(2017, 9, 27) if kind == "city" else None,
        first_submitted_at=parse_instant(first) if first else None,
    )  # fmt: skip
    days = {Timeliness.ON_TIME: 0, Timeliness.PENDING: 0}.get(timely, place)
    return Listed(row, Standing(timely, days), False)


REPORTS = [
    report(BAODING, "baoding", "city", HEBEI, "submitted", Timeliness.LATE),
    report(CANGZHOU, "cangzhou", "city", HEBEI, "open", Timeliness.MISSING),
    report(BEIJING, "beijing", "municipality", 9, "accepted", Timeliness.ON_TIME),
    report(HEBEI, "130000", "province", 9, "returned", Timeliness.ON_TIME),
    report(SHANDONG, "370000", "province", 9, "open", Timeliness.PENDING),
]


@pytest.mark.parametrize(
    ("args", "places"),
    [
        ({}, [BEIJING, HEBEI, BAODING, CANGZHOU, SHANDONG]),
        ({"state": "open"}, [CANGZHOU, SHANDONG]),
        ({"state": "late"}, [BAODING]),
        ({"timeliness": "on_time"}, [BEIJING, HEBEI]),
        ({"province": "130000"}, [HEBEI, BAODING, CANGZHOU]),
        ({"province": "nowhere"}, []),
        ({"order": "first"}, [BAODING, BEIJING, HEBEI, CANGZHOU, SHANDONG]),
        ({"order": "-first"}, [HEBEI, BEIJING, BAODING, CANGZHOU, SHANDONG]),
        ({"order": "due", "province": "130000"}, [BAODING, CANGZHOU, HEBEI]),
        ({"order": "state"}, [CANGZHOU, SHANDONG, BAODING, HEBEI, BEIJING]),
        ({"order": "timeliness"}, [CANGZHOU, BAODING, SHANDONG, BEIJING, HEBEI]),
        ({"order": "; drop", "state": "x", "timeliness": "y"}, [BEIJING, HEBEI, BAODING, CANGZHOU, SHANDONG]),
    ],
)
def test_what_an_address_leaves_and_in_which_order(args: dict[str, str], places: list[int]) -> None:
    with use_locale("zh"):
        assert [each.row.organisation_id for each in arranged(REPORTS, asked(args))] == places


def test_groups_stand_under_their_province_until_sorted_otherwise() -> None:
    with use_locale("zh"):
        grouped = table(REPORTS, Wanted(), 1)
        flat = table(REPORTS, Wanted(order="first"), 7)
    assert [(each.name, len(each.reports)) for each in grouped.groups] == [("直辖市", 1), ("130000", 3), ("370000", 1)]
    assert [(each.name, len(each.reports)) for each in flat.groups] == [("", 5)]
    assert (flat.number, flat.pages) == (1, 1)


def test_a_long_list_has_pages() -> None:
    many: list[Any] = REPORTS * 50
    with use_locale("zh"):
        found = table(many, Wanted(order="state"), 3)
    assert (found.total, found.pages, sum(len(each.reports) for each in found.groups)) == (250, 3, 50)
