"""The two sections of a report as tables, for its pages and its files alike: texts in both languages side by side.

Made of the frozen values alone. Units and the reasons of lights are worded in the language being spoken, which the
caller makes the document's. Shares are shown to the last of their four places: nothing short of all reads as 100 %.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from webapp.caps.wording import REASONS
from webapp.documents.model import Align, Cell, Column, Row, Table, Tone
from webapp.documents.tongue import NONE, Tongue
from webapp.i18n import language, number
from webapp.plans.units import unit_word

Thing = Mapping[str, Any]
END: Align = "end"
COUNTS = ("listed", "late", "removed", "done", "verified")


def tables(t: Tongue, content: Thing) -> list[tuple[Table, ...]]:
    """The sections a content has: each a table, and what goes into more detail, the works after their sectors."""
    ledgers, caps = content.get("ledgers"), content.get("caps")
    found: list[tuple[Table, ...]] = [(ledger_table(t, ledgers),)] if ledgers else []
    return [*found, (cap_table(t, caps), works_table(t, caps))] if caps else found


def shown(content: Thing) -> list[tuple[Table, ...]]:
    """The same in the language being spoken, for a page."""
    return tables(Tongue("en" if language() == "en" else "zh"), content)


def exact(text: str | None) -> str:
    """A share to its last place: 62.31%, 50%."""
    return NONE if text is None else f"{(Decimal(text) * 100).normalize():f}%"


def share_cell(text: str | None, tone: Tone = "") -> Cell:
    """A share, empty where there is nothing to take one of."""
    return Cell(NONE) if text is None else Cell(exact(text), float(text), share=True, tone=tone)


def figure_cell(text: str) -> Cell:
    """A figure kept as text."""
    return Cell(number(Decimal(text)), float(text))


# --- ledgers


def ledger_table(t: Tongue, ledgers: Sequence[Thing]) -> Table:
    """Each ledger with its rows, what they add up to, and what its tasks count of them."""
    words = (
        t("在册", "On the list"), t("其中排查后新增", "Listed late"), t("移出", "Removed"),
        t("完成", "Done"), t("已核实", "Verified"), t("完成比例", "Share done"), t("核实比例", "Share verified"),
    )  # fmt: skip
    return Table(
        caption=t("台账情况", "Ledgers"),
        columns=(Column(t("台账和任务", "Ledger and task"), width=3.6), *(Column(word, END, 1.1) for word in words)),
        rows=tuple(row for each in ledgers for row in _ledger(t, each)),
        note=t(
            "注：按截止日24:00的台账统计。移出的不计入在册；排查截止后列入的照常计入，单列说明。",
            "As the ledgers stood at the end of the last day counted. Removed rows are not on the list any more; those "
            "listed after the survey count like all others and are shown beside.",
        ),
        sheet=t("台账", "Ledgers"),
    )


def _ledger(t: Tongue, each: Thing) -> Iterator[Row]:
    by_sum, name = each["by"] == "quantity", _with_unit(t, t.name(each), unit_word(each["unit"]))
    yield _counts(name, each, by_rows=True, strong=True, shares=not by_sum)
    if each["sum_unit"]:
        word = _with_unit(t, t("数量合计", "Added up"), unit_word(each["sum_unit"]))
        yield _counts(word, each, by_rows=False, shares=by_sum)
    # A task of which nothing was ever listed has nothing to say.
    tasks = [task for task in each["tasks"] if task["rows"]["listed"] or task["rows"]["removed"]]
    for task in tasks:
        if len(tasks) > 1 or _figures(task) != _figures(each):
            yield _counts(t.name(task, "title"), task, by_rows=task["by"] != "quantity")


def _with_unit(t: Tongue, words: str, unit: str) -> str:
    return t(f"{words}（{unit}）", f"{words} ({unit})") if unit else words


def _figures(each: Thing) -> tuple[Any, ...]:
    return tuple(each[name] for name in ("by", "rows", "sums"))


def _counts(words: str, each: Thing, *, by_rows: bool, strong: bool = False, shares: bool = True) -> Row:
    only_listed = each["by"] == "listed"
    cells = [
        Cell(NONE) if only_listed and name in ("done", "verified") else _count(each, name, by_rows=by_rows)
        for name in COUNTS
    ]
    told = [share_cell(each[name] if shares else None) for name in ("share", "verified_share")]
    return Row((Cell(words), *cells, *told), strong=strong, indent=not strong)


def _count(each: Thing, name: str, *, by_rows: bool) -> Cell:
    return Cell(number(each["rows"][name]), each["rows"][name]) if by_rows else figure_cell(each["sums"][name])


# --- off-peak production


def cap_table(t: Tongue, caps: Sequence[Thing]) -> Table:
    """Each sector: the month against its plan, the season against what is asked."""
    return Table(
        caption=t("错峰生产情况", "Off-peak production"),
        columns=(
            Column(t("行业（产能·天）", "Sector (capacity × days)"), width=2.4),
            Column(t("要求", "Asked"), width=1.7),
            Column(t("企业", "Works"), END, 0.7),
            Column(t("生产线", "Lines"), END, 0.9),
            Column(t("本月停产", "Stopped this month"), END, 1.2),
            Column(t("本月计划", "Planned this month"), END, 1.2),
            Column(t("采暖季停产比例", "Share of the season so far"), END, 1.3),
            Column(t("待核实", "In doubt"), END, 0.9),
            Column(t("豁免", "Exempt"), END, 0.9),
            Column(t("亮灯", "Light"), width=2.8),
        ),
        rows=tuple(_cap(t, each) for each in caps),
        note=t(
            "注：停产以产能×天计，含月末之后报送的本月实绩；本月计划为当日有效的错峰计划。停产比例为已报日子停产与应停产能之比，"
            "按企业分别要求的取最低的企业。待核实为停产与用电量不符、尚未核实的线·月，核实前不计入停产；豁免为不作要求的生产线。",
            "Capacity × days, with what was stated of the month after its end; planned by the plans in force on each "
            "day. The share is what stood still of what was asked on the days stated; where each works is bound by "
            "itself, the lowest. In doubt: line-months whose electricity contradicts the statement and that nobody has "
            "decided yet; they do not count as stopped. Exempt: lines of which nothing is asked.",
        ),
        sheet=t("错峰生产", "Off-peak production"),
    )


def sector_name(t: Tongue, each: Thing) -> str:
    """A sector, with the part of it that a cap binds."""
    parts = {"meets": t("（达到特别排放限值）", " (meeting the special limits)"),
             "fails": t("（未达到特别排放限值）", " (missing the special limits)")}  # fmt: skip
    return t.name(each) + parts.get(each["limits"], "")


def asked(t: Tongue, each: Thing) -> str:
    """What the plan asks of a city's sector."""
    if not each["bound"]:
        return t("只作登记", "On the register only")
    least, most = exact(each["least"]), each["most"]
    return f"≥ {least}" if most is None else f"{least}–{exact(most)}"


def _cap(t: Tongue, each: Thing) -> Row:
    month = each["month"]
    stopped = figure_cell(month["stopped"]) if month["stated"] else Cell(t("未报送", "Not stated"), tone="yellow")
    cells = (
        Cell(_with_unit(t, sector_name(t, each), t(each["unit_zh"], each["unit_en"]))),
        Cell(asked(t, each)),
        Cell(number(each["works"]), each["works"]),
        Cell(number(each["lines"]), each["lines"]),
        stopped,
        figure_cell(month["planned"]),
        share_cell(each["counted"]),
        Cell(number(each["suspects"]), each["suspects"], tone="yellow" if each["suspects"] else ""),
        Cell(number(each["exempt"]), each["exempt"]),
        light_cell(t, each, _why_city(t, each)),
    )
    return Row(cells)


def _why_city(t: Tongue, each: Thing) -> str:
    if each["bound"] and each["binds"] == "enterprise":
        return t("按企业分别判断，取最差的企业。", "Each works by itself; the worst one counts.")
    return why(each)


def why(each: Thing) -> str:
    """Why a light has its colour, with the figures it was judged by."""
    figures = {"share": "share", "planned": "planned_share", "planned_to_date": "planned_to_date", "by_plan": "by_plan",
               "least": "least"}  # fmt: skip
    return str(REASONS[each["reason"]]) % {name: exact(each[key]) for name, key in figures.items()}


def light_word(t: Tongue, light: str) -> str:
    """A light's colour in a word."""
    words = {
        "green": t("绿灯", "Green"),
        "yellow": t("黄灯", "Yellow"),
        "red": t("红灯", "Red"),
        "grey": t("灰灯", "Grey"),
    }
    return words[light]


def light_cell(t: Tongue, each: Thing, words: str = "") -> Cell:
    """A light in its word, and why."""
    told = t("：", ": ") + words if words else ""
    return Cell(light_word(t, each["light"]) + told, tone=cast(Tone, each["light"]))


def works_table(t: Tongue, caps: Sequence[Thing]) -> Table:
    """Every works with its own light."""
    return Table(
        caption=t("错峰生产企业", "Off-peak production by works"),
        columns=(
            Column(t("企业", "Works"), width=2.6),
            Column(t("行业", "Sector"), width=1.8),
            Column(t("生产线", "Lines"), END, 0.8),
            Column(t("停产比例", "Share so far"), END, 1.1),
            Column(t("全季计划", "Planned"), END, 1.1),
            Column(t("待核实", "In doubt"), END, 0.9),
            Column(t("亮灯", "Light"), width=3.2),
        ),
        rows=tuple(_works(t, cap, each) for cap in caps for each in cap["enterprises"]),
        sheet=t("错峰企业", "Works"),
    )


def _works(t: Tongue, cap: Thing, each: Thing) -> Row:
    cells = (
        Cell(each["name"]),
        Cell(sector_name(t, cap)),
        Cell(number(each["lines"]), each["lines"]),
        share_cell(each["share"]),
        share_cell(each["planned_share"]),
        Cell(number(each["suspects"]), each["suspects"], tone="yellow" if each["suspects"] else ""),
        light_cell(t, each, why(each)),
    )
    return Row(cells)
