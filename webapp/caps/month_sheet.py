"""A month's statements as a table: a line and a stretch of days in each row, and a file of such rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.caps import checks, filing, sheets
from webapp.caps.checks import StopDraft
from webapp.caps.facts import Window, month_window
from webapp.caps.feeding import feed
from webapp.caps.models import CapEnterprise, CapFiling, CapLine
from webapp.caps.register import Entry
from webapp.caps.service import Scope
from webapp.caps.sheets import Preview, ReadRow
from webapp.errors import Problem
from webapp.evidence.tables import Worded
from webapp.i18n import number, pick
from webapp.ledgers.reading import Table
from webapp.lists.files import Cell
from webapp.permissions import Actor

NO_ENTERPRISE = _l("本市这个行业的台账中没有“%(name)s”，请核对名称，或先登记企业。")
NO_LINE = _l("本企业没有“%(name)s”这条生产线，请核对名称，或先登记生产线。")
LEFT_OUT = _l("本企业的“%(name)s”没有写。请补上一行；没有停产的，起止日期留空。")
CODES = {"through": "through"}


@dataclass(frozen=True)
class MonthPart:
    """What an enterprise states by a file; `revision` is the one it was compared with, 0 for none."""

    enterprise: CapEnterprise
    revision: int
    through: date
    stops: tuple[StopDraft, ...]
    power: Mapping[int, Decimal]

    def as_data(self) -> list[Any]:
        """What is written, and what it was compared with."""
        stops = [asdict(stop) for stop in self.stops]
        return [self.enterprise.id, self.revision, self.through, stops, sorted(self.power.items())]


def rows(
    entries: Sequence[Entry], scope: Scope, month: date, seasons: Mapping[str, Window], today: date
) -> list[list[Cell]]:
    """The month as stated, where nothing was as planned until today: to be mended and sent back."""
    return [row for entry in entries for row in _rows(entry, scope, month, seasons[entry.enterprise.sector], today)]


def _rows(entry: Entry, scope: Scope, month: date, season: Window, today: date) -> list[list[Cell]]:
    window, stated = month_window(month).meet(season), entry.statements.get(month)
    source = stated or next(reversed(entry.plans), None)
    within = window.until(stated.through if stated else today) if window else None
    if within is None:
        return []
    enterprise, sector = entry.enterprise, scope.sector(entry.enterprise.sector)
    told = []
    for line in entry.lines:
        power = entry.power.get((stated.id, line.id)) if stated else None
        stops = _stops(entry, source, line, within) or [StopDraft(line.id, None, None)]
        for stop in stops:
            first: list[Cell] = [pick(sector, "name"), enterprise.name, enterprise.county, line.name]
            drawn = power.kwh if power and stop is stops[0] else None
            told.append([*first, within.last, stop.first, stop.last, stop.units, drawn])
    return told


def _stops(entry: Entry, source: CapFiling | None, line: CapLine, within: Window) -> list[StopDraft]:
    found = ((Window(row.starts_on, row.ends_on).meet(within), row.units) for row in entry.stops_of(source, line)) if (
        source) else ()  # fmt: skip
    return [StopDraft(line.id, window.first, window.last, units) for window, units in found if window]


def compare(
    table: Table, entries: Sequence[Entry], scope: Scope, month: date, seasons: Mapping[str, Window], today: date
) -> Preview:
    """Hold a file against what was stated of a month; nothing is written."""
    found = Preview()
    read = sheets.read_rows(sheets.month_kind(scope.policy), table, found)
    present = {(each.enterprise.sector, each.enterprise.name): each for each in entries}
    for key, own in sheets.by_enterprise(read).items():
        entry = present.get(key)
        if entry is None:
            found.wrong.append(sheets.wrong(table, own[0].number, "name", Worded(NO_ENTERPRISE, name=key[1])))
            continue
        window = filing.month_window_of(month, seasons[key[0]], today)
        _compare_one(found, table, own, entry, scope, window, today)
    found.wrong.sort(key=lambda each: each.row)
    return found


def _compare_one(
    found: Preview, table: Table, own: Sequence[ReadRow], entry: Entry, scope: Scope, window: Window, today: date
) -> None:
    by_line = _by_line(found, table, own, entry)
    stated = entry.statements.get(window.first.replace(day=1))
    told = sheets.first_value(own, "through")
    through = date.fromisoformat(told) if told else min(window.last, max(window.first, today))
    found.wrong += sheets.otherwise(table, own, ("through",))
    problems = filing.through_problems(through, window, today)
    found.wrong += sheets.as_wrong(table, own[0].number, problems, CODES)
    stops = tuple(stop for line, rows_of in by_line for stop in _line_stops(line, rows_of))
    power = {line.id: drawn for line, rows_of in by_line if (drawn := _drawn(found, table, rows_of)) is not None}
    for line, rows_of in by_line:
        own_stops = [stop for stop in stops if stop.line == line.id]
        allowed = Window(window.first, max(window.first, through))
        wrong = _line_problems(line, own_stops, power, allowed, entry, scope)
        found.wrong += sheets.as_wrong(
            table, rows_of[0].number, wrong, {f"line-{line.id}": "first", f"power-{line.id}": "power"}
        )
    part = MonthPart(entry.enterprise, stated.revision if stated else 0, through, stops, power)
    if stated and _is_same(entry, stated, part):
        found.same += 1
        return
    found.lines.append((entry.enterprise.name, [_in_words(line, stops, power) for line, _own in by_line]))
    found.parts.append(part)
    found.asks_reason |= stated is not None


def _by_line(found: Preview, table: Table, own: Sequence[ReadRow], entry: Entry) -> list[tuple[CapLine, list[ReadRow]]]:
    known = {line.name: line for line in entry.lines}
    rows_of: dict[str, list[ReadRow]] = {}
    for row in own:
        name = row.text("line")
        if name in known:
            rows_of.setdefault(name, []).append(row)
        else:
            found.wrong.append(sheets.wrong(table, row.number, "line", Worded(NO_LINE, name=name)))
    for name in known:
        if name not in rows_of:
            found.wrong.append(sheets.wrong(table, own[-1].number, "line", Worded(LEFT_OUT, name=name)))
    return [(known[name], rows) for name, rows in rows_of.items()]


def _line_stops(line: CapLine, own: Sequence[ReadRow]) -> list[StopDraft]:
    told = [row for row in own if row.text("first") or row.text("last") or row.text("units")]
    return [StopDraft(line.id, _day(row, "first"), _day(row, "last"), row.figure("units")) for row in told]


def _day(row: ReadRow, code: str) -> date | None:
    text = row.text(code)
    return date.fromisoformat(text) if text else None


def _drawn(found: Preview, table: Table, own: Sequence[ReadRow]) -> Decimal | None:
    """A line's electricity: it may stand in one of its rows, or be the same in several."""
    found.wrong += sheets.otherwise(table, own, ("power",))
    value = sheets.first_value(own, "power")
    return None if value is None else Decimal(value)


def _line_problems(
    line: CapLine, stops: Sequence[StopDraft], power: Mapping[int, Decimal], allowed: Window, entry: Entry, scope: Scope
) -> list[Problem]:
    sector = scope.sector(entry.enterprise.sector)
    needed = [line.id] if stops and sector.needs_meter else []
    drawn: dict[int, Decimal | None] = {line.id: power.get(line.id)}
    return [
        *checks.check_stops(stops, {line.id: line.capacity}, allowed, parts=sector.parts),
        *checks.check_power(drawn, needed),
    ]


def _is_same(entry: Entry, stated: CapFiling, part: MonthPart) -> bool:
    known = sorted(
        (stop.line_id, stop.starts_on, stop.ends_on, str(stop.units or "")) for stop in entry.stops.get(stated.id, ())
    )
    told = sorted((stop.line, stop.first, stop.last, str(stop.units or "")) for stop in part.stops if stop.first)
    drawn = {
        line.id: entry.power[stated.id, line.id].kwh for line in entry.lines if (stated.id, line.id) in entry.power
    }
    return (known, drawn, stated.through) == (told, part.power, part.through)


def _in_words(line: CapLine, stops: Sequence[StopDraft], power: Mapping[int, Decimal]) -> str:
    own = [f"{stop.first}–{stop.last}" for stop in stops if stop.line == line.id]
    told = "、".join(own) if own else _("没有停产")
    if line.id in power:
        told += _("，用电 %(kwh)s 千瓦时", kwh=number(power[line.id]))
    return f"{line.name}{_('：')}{told}"


def take_over(
    session: Session, scope: Scope, month: date, preview: Preview, reason: str, *, actor: Actor, now: datetime,
    evidence: Sequence[int] = (),
) -> None:  # fmt: skip
    """File what was previewed, each statement with the file as its evidence; figures are counted at the end."""
    for part in preview.parts:
        row = session.get_one(CapEnterprise, part.enterprise.id)
        filing.state_month(
            session, scope, row, month, part.stops, power=dict(part.power), through=part.through, actor=actor, now=now,
            revision=part.revision, note=reason if part.revision else "", evidence=evidence, count=False,
        )  # fmt: skip
    for sector in sorted({part.enterprise.sector for part in preview.parts}):
        feed(session, scope.plan, scope.policy, scope.organisation.id, sector, actor=actor, now=now)
