"""The list of a month's reports: filters, orders and columns of its address, groups by province, a file's fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.i18n import pick
from webapp.lists.files import Field
from webapp.lists.rules import Column
from webapp.reports.pages import Listed, timeliness_word
from webapp.reports.rules import Timeliness
from webapp.reports.timeliness import province_of

PAGE = 100
STATES: Mapping[str, Any] = {
    "open": _l("待报送"), "submitted": _l("待审核"), "returned": _l("退回修改"), "accepted": _l("审核通过"),
}  # fmt: skip
TIMELINESS = ("on_time", "late", "missing", "pending")
AREA = "area"
ORDERS = (AREA, "state", "due", "first", "-first", "timeliness")
COLUMNS = (
    Column("organisation", _l("单位"), AREA, always=True),
    Column("state", _l("状态"), "state"),
    Column("due", _l("报送期限"), "due"),
    Column("first", _l("首次报送"), "first", "-first"),
    Column("timeliness", _l("时效"), "timeliness"),
    Column("receipt", _l("回执编号")),
    Column("revision", _l("版次"), usual=False),
    Column("newest", _l("最近报送"), usual=False),
    Column("sender", _l("报送人"), usual=False),
)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; empty narrows nothing. `province` is the code of one, with what lies below it."""

    state: str = ""
    timeliness: str = ""
    province: str = ""
    order: str = AREA


@dataclass(frozen=True, slots=True)
class Group:
    """A province with its cities, or the municipalities together; without a name, all of a list sorted otherwise."""

    name: str
    reports: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A page of the list in groups, and how many reports and pages there are."""

    groups: tuple[Group, ...]
    total: int
    number: int
    pages: int


def asked(args: Mapping[str, str]) -> Wanted:
    """The filters of an address; what is nonsense does not narrow. A timeliness may still be asked for as a state."""
    state, timely, order = args.get("state", ""), args.get("timeliness", ""), args.get("order", "")
    if state in TIMELINESS and not timely:
        state, timely = "", state
    return Wanted(
        state if state in STATES else "",
        timely if timely in TIMELINESS else "",
        args.get("province", "")[:40],
        order if order in ORDERS else AREA,
    )


def arranged(reports: Sequence[Listed], wanted: Wanted) -> list[Listed]:
    """The reports that the filters leave, in the order asked for. A province's own comes before its cities'."""
    known = {each.row.organisation_id for each in reports}
    names = _names(reports)
    places = {name: place for place, name in reversed(list(enumerate(names.values())))}
    found = [each for each in reports if _fits(each, wanted)]
    by_area = sorted(found, key=lambda each: (places[names[each.row.id]], each.row.organisation_parent_id in known))
    return _sorted(by_area, wanted.order)


def _fits(each: Listed, wanted: Wanted) -> bool:
    return (
        (not wanted.state or each.row.status == wanted.state)
        and (not wanted.timeliness or each.standing.timeliness.value == wanted.timeliness)
        and (not wanted.province or province_of(each.row) == wanted.province)
    )


def _sorted(found: list[Listed], order: str) -> list[Listed]:
    if order in ("first", "-first"):
        late = order == "-first"
        stamped = sorted(
            (each for each in found if each.row.first_submitted_at), key=lambda each: each.row.first_submitted_at,
            reverse=late,
        )  # fmt: skip
        return [*stamped, *(each for each in found if not each.row.first_submitted_at)]
    if order == "due":
        return sorted(found, key=lambda each: each.row.internal_due or each.row.due)
    if order == "state":
        return sorted(found, key=lambda each: list(STATES).index(each.row.status))
    if order == "timeliness":
        return sorted(found, key=_worst_first)
    return found


def _worst_first(each: Listed) -> tuple[int, int]:
    rank = (Timeliness.MISSING, Timeliness.LATE, Timeliness.PENDING, Timeliness.ON_TIME)
    return rank.index(each.standing.timeliness), -(each.standing.days_late or 0)


def table(reports: Sequence[Listed], wanted: Wanted, page: int) -> Table:
    """A page of the list; a page past the end is the last."""
    found = arranged(reports, wanted)
    pages = max(1, -(-len(found) // PAGE))
    number = min(page, pages)
    part, names = found[(number - 1) * PAGE : number * PAGE], _names(reports)
    if wanted.order != AREA:
        return Table((Group("", tuple(part)),) if part else (), len(found), number, pages)
    grouped = groupby(part, key=lambda each: names[each.row.id])
    return Table(tuple(Group(name, tuple(each)) for name, each in grouped), len(found), number, pages)


def _names(reports: Sequence[Listed]) -> dict[int, str]:
    """The name of each report's group, by the report's id."""
    known = {each.row.organisation_id: each.row for each in reports}
    tops_first = sorted(reports, key=lambda each: each.row.organisation_parent_id in known)
    return {each.row.id: _group_name(each.row, known) for each in tops_first}


def _group_name(row: Any, known: Mapping[int, Any]) -> str:
    if row.organisation_parent_id in known:
        return pick(known[row.organisation_parent_id], "organisation")
    return _("直辖市") if row.organisation_kind == "municipality" else pick(row, "organisation")


def provinces(reports: Sequence[Listed]) -> list[tuple[str, str]]:
    """The provinces and municipalities of a month's reports."""
    kinds = ("province", "municipality")
    return [
        (each.row.organisation_code, pick(each.row, "short")) for each in reports if each.row.organisation_kind in kinds
    ]


def fields(shown: Sequence[Column], month: date, names: Mapping[int, str]) -> list[Field]:
    """The columns of a file: the month first, then those that are shown. `names` are those the page shows instead."""
    known: Mapping[str, list[Field]] = {
        "organisation": [
            Field(_("单位代码"), lambda each: each.row.organisation_code, 12),
            Field(_("单位"), lambda each: pick(each.row, "organisation"), 20),
        ],
        "state": [Field(_("状态"), lambda each: str(STATES[each.row.status]))],
        "due": [
            Field(_("报送期限"), lambda each: each.row.due),
            Field(_("内部期限"), lambda each: each.row.internal_due),
        ],
        "first": [Field(_("首次报送"), lambda each: each.row.first_submitted_at, 18)],
        "timeliness": [Field(_("时效"), lambda each: timeliness_word(each.standing), 24)],
        "receipt": [Field(_("回执编号"), lambda each: each.row.receipt, 28)],
        "revision": [Field(_("版次"), lambda each: each.row.revision or None, 8)],
        "newest": [Field(_("最近报送"), lambda each: each.row.submitted_at, 18)],
        "sender": [Field(_("报送人"), lambda each: names.get(each.row.submitted_by, each.row.submitted_by_label))],
    }  # fmt: skip
    of_month = Field(_("月份"), lambda _each: f"{month:%Y-%m}", 10)
    return [of_month, *(field for column in shown for field in known[column.code])]
