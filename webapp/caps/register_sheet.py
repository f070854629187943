"""The register as a table: every line of a city in a row, and a file of such rows held against the register."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.caps import checks, service, sheets
from webapp.caps.checks import EnterpriseDraft, LineDraft
from webapp.caps.facts import Window
from webapp.caps.feeding import feed
from webapp.caps.models import CapEnterprise, CapLine
from webapp.caps.policy import Sector
from webapp.caps.register import Entry
from webapp.caps.service import Scope
from webapp.caps.sheets import NO, YES, Preview, ReadRow
from webapp.evidence.tables import Worded
from webapp.i18n import number, pick
from webapp.ledgers.reading import Table
from webapp.ledgers.rules import plain
from webapp.lists.files import Cell
from webapp.permissions import Actor

NOT_A_KIND = _l("“%(typed)s”不是这个行业的类别。可以填：%(options)s。")
CODES = {"name": "line"}
OF_ENTERPRISE = ("county", "credit_code", "limits", "note")
DAYS = ("in_service_from", "idle_since", "restarted_on", "closed_on")


@dataclass(frozen=True)
class LinePart:
    """A line that is new (`present` is None) or changes."""

    number: int
    draft: LineDraft
    present: CapLine | None


@dataclass(frozen=True)
class EnterprisePart:
    """An enterprise that is new or changes (`changes`), or one of whose lines does."""

    sector: str
    draft: EnterpriseDraft
    present: CapEnterprise | None
    changes: bool
    lines: list[LinePart] = field(default_factory=list)

    def as_data(self) -> list[Any]:
        """What is written, and what it was compared with."""
        present = self.present and [self.present.id, self.present.version]
        lines = [[each.present and [each.present.id, each.present.version], asdict(each.draft)] for each in self.lines]
        return [self.sector, present, self.changes, asdict(self.draft), lines]


def rows(entries: Sequence[Entry], scope: Scope) -> list[list[Cell]]:
    """The register's rows; an enterprise without lines has one of its own."""
    return [row for entry in entries for row in _rows(entry, scope)]


def _rows(entry: Entry, scope: Scope) -> list[list[Cell]]:
    enterprise, sector = entry.enterprise, scope.sector(entry.enterprise.sector)
    meets = "" if enterprise.meets_limits is None else _("是") if enterprise.meets_limits else _("否")
    told: list[Cell] = [
        pick(sector, "name"), enterprise.name, enterprise.county, enterprise.credit_code, meets, enterprise.note,
    ]  # fmt: skip
    lines: list[list[Cell]] = [
        [line.name, pick(sector.kinds[line.kind], "name"), line.capacity, line.baseline,
         *(getattr(line, day) for day in DAYS)]
        for line in entry.lines
    ]  # fmt: skip
    return [[*told, *line] for line in lines or [[""] * (4 + len(DAYS))]]


def compare(table: Table, entries: Sequence[Entry], scope: Scope, seasons: Mapping[str, Window]) -> Preview:
    """Hold a file against the city's register; nothing is written."""
    found = Preview()
    read = sheets.read_rows(sheets.register_kind(scope.policy), table, found)
    present = {(each.enterprise.sector, each.enterprise.name): each for each in entries}
    for (sector, name), own in sheets.by_enterprise(read).items():
        _compare_one(found, table, own, present.get((sector, name)), scope.sector(sector), seasons[sector])
    found.wrong.sort(key=lambda each: each.row)
    return found


def _compare_one(
    found: Preview, table: Table, own: Sequence[ReadRow], entry: Entry | None, sector: Sector, season: Window
) -> None:
    present = entry.enterprise if entry else None
    draft = _enterprise(own, present, table)
    found.wrong += sheets.otherwise(table, own, OF_ENTERPRISE)
    found.wrong += sheets.as_wrong(table, own[0].number, list(checks.check_enterprise(draft)), {})
    before = present and EnterpriseDraft(**{name: getattr(present, name) for name in asdict(draft)})
    part = EnterprisePart(sector.code, draft, present, draft != before)
    cells = _changed(asdict(before) if before else {}, asdict(draft)) if part.changes else []
    for line in _line_parts(found, table, own, entry, sector, season):
        part.lines.append(line)
        old = _line_draft_of(line.present) if line.present else {}
        told = "、".join(_changed(old, asdict(line.draft)))
        cells.append(f"{line.draft.name}{_('：')}{told if line.present else _('新增')}")
    if part.changes or part.lines:
        title = draft.name if present else _("%(name)s（新增）", name=draft.name)
        found.lines.append((title, cells))
        found.parts.append(part)
        found.asks_reason |= bool(present and part.changes) or any(line.present for line in part.lines)


def _enterprise(own: Sequence[ReadRow], present: CapEnterprise | None, table: Table) -> EnterpriseDraft:
    """The enterprise as its rows say; a column the file does not have leaves what is known."""

    def said(code: str, kept: Any) -> Any:
        return sheets.first_value(own, code) or "" if code in table.columns else kept

    limits = said("limits", None)
    kept = present.meets_limits if present and "limits" not in table.columns else None
    return EnterpriseDraft(
        own[0].text("name"), said("county", present.county if present else ""),
        said("credit_code", present.credit_code if present else ""), {YES: True, NO: False}.get(limits, kept),
        said("note", present.note if present else ""),
    )  # fmt: skip


def _line_parts(
    found: Preview, table: Table, own: Sequence[ReadRow], entry: Entry | None, sector: Sector, season: Window
) -> list[LinePart]:
    known = {line.name: line for line in entry.lines} if entry else {}
    seen: dict[str, int] = {}
    parts = []
    for row in own:
        name = row.text("line")
        if not name:
            continue
        if name in seen:
            found.wrong.append(sheets.wrong(table, row.number, "line", Worded(sheets.REPEATED, row=seen[name])))
            continue
        seen[name] = row.number
        present = known.get(name)
        draft = service.fixed(_line(found, table, row, present, sector), sector)
        problems = [*checks.check_line(draft, sector, season)]
        if present and entry and entry.statements:
            problems += checks.check_kept((present.kind, present.capacity), (draft.kind, draft.capacity))
        found.wrong += sheets.as_wrong(table, row.number, problems, CODES)
        if present and _line_draft_of(present) == asdict(draft):
            found.same += 1
        else:
            parts.append(LinePart(row.number, draft, present))
    return parts


def _line(found: Preview, table: Table, row: ReadRow, present: CapLine | None, sector: Sector) -> LineDraft:
    kept = _line_draft_of(present) if present else {}

    def said(code: str, value: Any) -> Any:
        return value if code in table.columns else kept.get(code)

    days = {code: said(code, _day(row, code)) for code in DAYS}
    return LineDraft(
        row.text("line"), said("kind", _kind_of(found, table, row, sector)) or next(iter(sector.kinds)),
        said("capacity", row.figure("capacity")), said("baseline", row.figure("baseline")), **days,
    )  # fmt: skip


def _line_draft_of(line: CapLine) -> dict[str, Any]:
    names = ("name", "kind", "capacity", "baseline", *DAYS)
    return asdict(LineDraft(**{name: getattr(line, name) for name in names}))


def _day(row: ReadRow, code: str) -> date | None:
    text = row.text(code)
    return date.fromisoformat(text) if text else None


def _kind_of(found: Preview, table: Table, row: ReadRow, sector: Sector) -> str:
    """The kind a cell names, in either language or by its code; empty for none, and where the sector has but one."""
    typed = row.text("kind")
    for code, kind in sector.kinds.items():
        if plain(typed) in (plain(code), plain(kind["name_zh"]), plain(kind["name_en"])):
            return code
    if typed:
        options = "、".join(pick(kind, "name") for kind in sector.kinds.values())
        found.wrong.append(sheets.wrong(table, row.number, "kind", Worded(NOT_A_KIND, typed=typed, options=options)))
    return ""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Each field that differs, in words."""
    labels = _labels()
    return [
        _("%(label)s：%(old)s → %(new)s", label=labels.get(name, name), old=_told(before.get(name)), new=_told(value))
        for name, value in after.items()
        if name in labels and value != before.get(name) and (before or value not in (None, ""))
    ]


def _labels() -> dict[str, str]:
    return {
        "county": _("县（市、区）"), "credit_code": _("统一社会信用代码"), "meets_limits": _("达到特别排放限值"),
        "note": _("备注"), "kind": _("类别"), "capacity": _("产能"), "baseline": _("基准日用电量"),
        "in_service_from": _("投产日期"), "idle_since": _("采暖季前停产日期"), "restarted_on": _("恢复生产日期"),
        "closed_on": _("永久关停拆除日期"),
    }  # fmt: skip


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return number(value)
    return str(value or _("（空）"))


def take_over(session: Session, scope: Scope, preview: Preview, reason: str, *, actor: Actor, now: datetime) -> None:
    """Write what was previewed; each city's figure is counted once a sector, at the end."""
    given: dict[str, Any] = {"actor": actor, "now": now, "count": False}
    for part in preview.parts:
        row = _enterprise_row(session, scope, part, reason, given)
        for line in part.lines:
            if line.present is None:
                service.add_line(session, scope, row, line.draft, **given)
            else:
                held = session.get_one(CapLine, line.present.id)
                service.change_line(session, scope, row, held, line.draft, version=line.present.version,
                                    reason=reason, **given)  # fmt: skip
    for sector in sorted({part.sector for part in preview.parts}):
        feed(session, scope.plan, scope.policy, scope.organisation.id, sector, actor=actor, now=now)


def _enterprise_row(
    session: Session, scope: Scope, part: EnterprisePart, reason: str, given: Mapping[str, Any]
) -> CapEnterprise:
    if part.present is None:
        return service.add_enterprise(session, scope, part.sector, part.draft, actor=given["actor"], now=given["now"])
    row = session.get_one(CapEnterprise, part.present.id)
    if part.changes:
        service.change_enterprise(session, scope, row, part.draft, version=part.present.version, reason=reason, **given)
    return row
