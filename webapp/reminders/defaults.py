"""The reminder rules that hold where a plan says nothing of its own, as data."""

from collections.abc import Iterable
from typing import Any

Step = dict[str, Any]

OFFICER = ("officer",)
BOTH = ("officer", "deputy")
LEVEL_ABOVE = (*BOTH, "coordinator")
EVERYBODY = (*LEVEL_ABOVE, "region")
REVIEWER = ("coordinator",)
REVIEWER_AND_REGION = (*REVIEWER, "region")


def _before(days: Iterable[int], tell: Iterable[str]) -> list[Step]:
    return [{"days_before": count, "tell": list(tell)} for count in days]


def _after(count: int, tell: Iterable[str]) -> Step:
    return {"workdays_after": count, "tell": list(tell)}


def _weekly(tell: Iterable[str]) -> Step:
    return {"weekly": True, "tell": list(tell)}


_REVIEW = {
    "within": 3,
    "rungs": [
        *_before((2, 0), REVIEWER), _after(1, REVIEWER), _after(3, REVIEWER_AND_REGION), _weekly(REVIEWER_AND_REGION),
    ],
}  # fmt: skip

DEFAULT_DATA: dict[str, Any] = {
    "send_at": "08:30",
    "most_items": 20,
    "language": "person",
    "quiet": {"from": "21:00", "until": "07:00"},
    "quiet_rest_days": False,
    "ladders": {
        "assignment": {
            "rungs": [
                *_before((30, 14, 7), OFFICER), *_before((3, 1, 0), BOTH), _after(1, BOTH), _after(3, LEVEL_ABOVE),
                _after(7, EVERYBODY), _weekly(EVERYBODY),
            ]
        },
        "report": {
            "rungs": [*_before((5, 2), OFFICER), *_before((1, 0), BOTH), _after(1, BOTH), _after(3, LEVEL_ABOVE)]
        },
        "review": _REVIEW,
        "na_claim": _REVIEW,
        "returned": {"within": 5, "rungs": [*_before((2, 0), OFFICER), _after(1, BOTH), _after(3, LEVEL_ABOVE)]},
        "silence": {"rungs": [_after(1, OFFICER), _after(5, BOTH), _after(10, LEVEL_ABOVE)]},
        "season_start": {"rungs": [*_before((30, 14, 7, 1), OFFICER), *_before((0,), BOTH)]},
        "cap_check": {"rungs": [*_before((5, 1, 0), OFFICER), _after(3, BOTH), _after(7, LEVEL_ABOVE)]},
    },
}  # fmt: skip
