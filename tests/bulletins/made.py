"""Hand-made frozen reports: figures small enough to be worked out in the head."""

from datetime import date, datetime
from typing import Any

from webapp.bulletins.content import Correction, Facts, Source
from webapp.bulletins.rules import Period
from webapp.clock import parse_instant

AUGUST, SEPTEMBER = date(2017, 8, 1), date(2017, 9, 1)
PLAN = {
    "code": "small", "title_zh": "小方案", "title_en": "Small plan", "short_zh": "小方案", "short_en": "small plan",
}  # fmt: skip
ISSUER = {"code": "region", "name_zh": "协作小组", "name_en": "The group"}


def line(label: str, clause: str = "m-1", **values: Any) -> dict[str, Any]:
    """A frozen line; its light is the label's usual one."""
    light = {"overdue": "red", "behind": "yellow", "standing": "grey", "not_started": "grey"}.get(label, "green")
    usual = {
        "assignment": 1, "task": f"{clause}-{label}", "title_zh": f"任务{label}", "title_en": f"Task {label}",
        "clause": clause, "clause_zh": f"措施{clause}", "clause_en": f"Measure {clause}", "kind": "quantity",
        "comparator": ">=", "target_min": "10", "target_max": None, "unit": "device", "basically": False,
        "measure_kind": "cumulative", "due": None if label == "standing" else "2017-10-31", "status": "in_progress",
        "last": None, "this": "0", "cumulative": "5", "verified": None, "completion": "0.5", "verified_share": None,
        "pace": "0.6", "light": light, "label": label, "silent_months": 0, "updated_on": None, "problem": "",
        "next_step": "", "reason": "",
    }  # fmt: skip
    return usual | values


def content(lines: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    """What a frozen report holds, as far as documents read it."""
    usual = {
        "receipt": "SMALL-X-201709-1", "organisation": {"code": "x", "name_zh": "某市", "name_en": "Some City"},
        "month": "2017-09", "cutoff": "2017-09-30", "submitted_at": "2017-10-09T10:00:00+08:00", "days_late": 0,
        "problems": "", "remark": "", "cities": [], "lines": lines,
    }  # fmt: skip
    return usual | values


def source(code: str, lines: list[dict[str, Any]] | None, **values: Any) -> Source:
    """A city's report; without lines it was never filed."""
    filed: dict[str, Any] = {"state": "missing"}
    if lines is not None:
        filed = {
            "state": "accepted", "days_late": 0, "revision": 1, "receipt": f"SMALL-{code}-1", "sha256": "a" * 64,
            "content": content(lines), "first": {"lines": len(lines), "silent": 0},
            "at": parse_instant("2017-10-10T10:00"),
        }  # fmt: skip
    usual: dict[str, Any] = {
        "kind": "city", "parent": "north", "name_zh": f"{code}市", "name_en": f"{code.title()} City",
        "short_zh": code, "short_en": code.title(), "light": False, "month": SEPTEMBER, "due": date(2017, 10, 9),
    }  # fmt: skip
    return Source(code=code, **usual | filed | values)


def correction(receipt: str, at: str = "2017-09-04T10:48") -> Correction:
    """An accepted correction of a July report."""
    moment: datetime = parse_instant(at)
    return Correction("x", "某市", "Some City", date(2017, 7, 1), 2, 1, "重复统计", receipt, moment)


def facts(*sources: Source, period: Period | None = None, **values: Any) -> Facts:
    """What September's bulletin is made of."""
    september = Period("bulletin", "2017-09", (SEPTEMBER,))
    return Facts(plan=PLAN, issuer=ISSUER, period=period or september, sources=sources, **values)
