"""What is wrong with something typed into the register, in words that say what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from webapp.caps.facts import ONE, ZERO, Window
from webapp.caps.policy import Sector
from webapp.errors import Problem
from webapp.i18n import day
from webapp.ledgers.rules import credit_code_is_sound

LONGEST_NAME = 100
LONGEST_LINE_NAME = 60
LONGEST_TEXT = 1000
MOST_STOPS = 200
MOST_CAPACITY = Decimal(10) ** 6
MOST_KWH = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class EnterpriseDraft:
    """An enterprise as typed. `meets_limits` is asked for in sectors that tell special limits only."""

    name: str
    county: str = ""
    credit_code: str = ""
    meets_limits: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as typed."""

    name: str
    kind: str
    capacity: Decimal | None
    baseline: Decimal | None = None
    in_service_from: date | None = None
    closed_on: date | None = None
    idle_since: date | None = None
    restarted_on: date | None = None


@dataclass(frozen=True, slots=True)
class StopDraft:
    """A stop as typed: a line's key, first and last day, units where a part of it stands still."""

    line: int
    first: date | None
    last: date | None
    units: Decimal | None = None


def check_enterprise(draft: EnterpriseDraft) -> Iterator[Problem]:
    """Everything wrong with an enterprise."""
    if not draft.name.strip():
        yield Problem("name", _l("请填写企业名称。"))
    yield from too_long("name", draft.name, LONGEST_NAME)
    yield from too_long("county", draft.county, LONGEST_LINE_NAME)
    yield from too_long("note", draft.note, LONGEST_TEXT)
    if draft.credit_code and not credit_code_is_sound(draft.credit_code):
        yield Problem("credit_code", _l("统一社会信用代码应为18位且校验位正确，请核对营业执照。"))


def check_line(draft: LineDraft, sector: Sector, season: Window) -> Iterator[Problem]:
    """Everything wrong with a line."""
    if not draft.name.strip():
        yield Problem("name", _l("请填写生产线名称或编号，例如“1号高炉”。"))
    yield from too_long("name", draft.name, LONGEST_LINE_NAME)
    if draft.kind not in sector.kinds:
        yield Problem("kind", _l("请选择类别。"))
    yield from _check_capacity(draft.capacity, sector)
    if draft.baseline is not None and not ZERO < draft.baseline <= MOST_KWH:
        yield Problem("baseline", _l("基准日用电量应大于0，单位为千瓦时。"))
    yield from _check_days(draft, season)


def _check_capacity(capacity: Decimal | None, sector: Sector) -> Iterator[Problem]:
    if capacity is None or not capacity.is_finite() or not ZERO < capacity <= MOST_CAPACITY:
        yield Problem("capacity", _l("请填写大于0的产能。"))
    elif capacity != round(capacity, 4):
        yield Problem("capacity", _l("最多保留4位小数。"))
    elif sector.parts and capacity != capacity.to_integral_value():
        yield Problem("capacity", _l("这一项按整数计，请填写整数。"))


def _check_days(draft: LineDraft, season: Window) -> Iterator[Problem]:
    if draft.idle_since and draft.idle_since >= season.first:
        yield Problem(
            "idle_since",
            _l(
                "这里只填采暖季（%(first)s）之前就已停产的；季内停产请在计划和月度实绩中填写。", first=day(season.first)
            ),
        )
    if draft.restarted_on and (draft.idle_since is None or draft.restarted_on <= draft.idle_since):
        yield Problem("restarted_on", _l("恢复生产日期应晚于停产日期，请核对。"))
    if draft.in_service_from and draft.closed_on and draft.closed_on <= draft.in_service_from:
        yield Problem("closed_on", _l("拆除日期应晚于投产日期，请核对。"))


def check_kept(before: tuple[str, Decimal | None], after: tuple[str, Decimal | None]) -> Iterator[Problem]:
    """Whether kind and capacity stay as they are, for a line of an enterprise that has stated a month."""
    if before != after:
        message = _l("已经报送过月度实绩，类别和产能不能再改。产能确有变化的，请填写本线的拆除日期，另行登记一条。")
        yield Problem("capacity", message)


def check_stops(
    stops: Sequence[StopDraft], lines: Mapping[int, Decimal], allowed: Window, *, parts: bool
) -> Iterator[Problem]:
    """Everything wrong with the stops of a plan or a statement: `lines` are the enterprise's with their capacity."""
    if len(stops) > MOST_STOPS:
        yield Problem("", _l("一次最多填写 %(n)s 个停产时段，请合并后再提交。", n=MOST_STOPS))
        return
    for stop in stops:
        yield from _check_stop(stop, lines, allowed, parts)


def _check_stop(stop: StopDraft, lines: Mapping[int, Decimal], allowed: Window, parts: bool) -> Iterator[Problem]:
    field = f"line-{stop.line}"
    capacity = lines.get(stop.line)
    if capacity is None:
        yield Problem("", _l("有停产时段不属于本企业的生产线，请刷新页面后重新填写。"))
        return
    if stop.first is None or stop.last is None:
        yield Problem(field, _l("请把停产的起止日期都填上。"))
    elif stop.last < stop.first:
        yield Problem(field, _l("停产的结束日期早于开始日期，请核对。"))
    elif stop.first < allowed.first or stop.last > allowed.last:
        yield Problem(
            field, _l("停产时段应在 %(first)s 至 %(last)s 之间。", first=day(allowed.first), last=day(allowed.last))
        )
    yield from _check_units(field, stop.units, capacity, parts)


def _check_units(field: str, units: Decimal | None, capacity: Decimal, parts: bool) -> Iterator[Problem]:
    if units is None:
        return
    if not parts:
        yield Problem(field, _l("这个行业按整条生产线停产计算，不填部分数量。"))
    elif not ZERO < units <= capacity or units != units.to_integral_value():
        yield Problem(field, _l("停产台数应为1到 %(most)s 的整数。", most=f"{capacity.normalize():f}"))


def check_power(power: Mapping[int, Decimal | None], needed: Sequence[int]) -> Iterator[Problem]:
    """Everything wrong with a month's electricity; `needed` are the lines that must carry it."""
    for line, kwh in power.items():
        if kwh is not None and not (kwh.is_finite() and ZERO <= kwh <= MOST_KWH):
            yield Problem(f"power-{line}", _l("用电量应为不小于0的数，单位为千瓦时，请检查是否多输了位数。"))
    for line in needed:
        if power.get(line) is None:
            yield Problem(f"power-{line}", _l("方案要求用实际用电量核实，请填写本线当月用电量。"))


def check_exemption(
    ground: str, max_load: Decimal | None, document: str, dated: date | None, today: date
) -> Iterator[Problem]:
    """Everything wrong with an exemption."""
    if dated is None or dated > today:
        yield Problem("dated", _l("请填写备案或批准的日期，不能晚于今天。"))
    if ground == "livelihood" and (max_load is None or not ZERO < max_load <= ONE):
        yield Problem("max_load", _l("请填写核定的最大生产负荷，按百分数填写，大于0，不超过100。"))
    if not document.strip():
        yield Problem("document", _l("请填写备案或批准文件的文号。"))
    yield from too_long("document", document, LONGEST_NAME)


def too_long(field: str, text: str, limit: int) -> Iterator[Problem]:
    """A text longer than there is room for."""
    if len(text) > limit:
        yield Problem(field, _l("文字过长，请控制在 %(limit)s 字以内。", limit=limit))
