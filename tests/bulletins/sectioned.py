"""Sections of frozen reports, made by hand."""

from typing import Any


def ledger(kind: str = "boilers", **values: Any) -> dict[str, Any]:
    """Three of four boilers done, one verified."""
    rows = {"listed": 4, "late": 0, "removed": 0, "done": 3, "verified": 1}
    usual = {
        "type": kind, "name_zh": f"{kind}台账", "name_en": kind.title(), "unit": "device", "sum_unit": "",
        "by": "count", "rows": rows, "sums": dict.fromkeys(rows, "0"), "share": "0.75",
        "verified_share": "0.25", "tasks": [], "survey_until": None,
    }  # fmt: skip
    return usual | values


def cap(sector: str = "steel", **values: Any) -> dict[str, Any]:
    """A sector that keeps to its plan."""
    usual = {
        "code": sector, "name_zh": "钢铁", "name_en": "Steel", "limits": "any", "bound": True, "binds": "city",
        "least": "0.5", "most": None, "works": 3, "counted": "0.4999", "planned_share": "0.52", "suspects": 0,
        "light": "green", "reason": "kept", "label": "on_pace",
    }  # fmt: skip
    return usual | values
