"""Ledgers and off-peak production in documents over many places, from the sections of their frozen reports. Pure.

A place whose report has no such section is not in these tables; where none has one, there is no table.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from webapp.documents.model import Align, Block, Cell, Column, Row, Table
from webapp.documents.tongue import NONE, Tongue
from webapp.i18n import number
from webapp.reports.section_tables import asked, exact, light_cell, light_word, sector_name, share_cell

Thing = Mapping[str, Any]
Content = dict[str, Any]
END: Align = "end"
# So many columns of figures a page has room for.
MOST_KINDS = 5
# The worst first.
LIGHTS = ("red", "yellow", "green", "grey")
LEDGER = ("type", "name_zh", "name_en", "unit", "sum_unit", "by")
CAP = (
    "code", "name_zh", "name_en", "limits", "bound", "binds", "least", "most", "works", "counted", "planned_share",
    "suspects", "light", "reason", "label",
)  # fmt: skip


def sections(reports: Sequence[tuple[str, Thing]]) -> dict[str, list[Content]]:
    """Of (organisation code, frozen content), what the tables need; a section nobody has is absent."""
    ledgers = [
        {"place": code, **{name: each[name] for name in LEDGER}, **_figures(each)}
        for code, content in reports
        for each in content.get("ledgers") or ()
        if each["by"] != "listed"
    ]
    caps = [
        {"place": code, **{name: each[name] for name in CAP}}
        for code, content in reports
        for each in content.get("caps") or ()
    ]
    return {name: found for name, found in (("ledgers", ledgers), ("caps", caps)) if found}


def _figures(each: Thing) -> Content:
    """What the shares are shares of: rows, or what they add up to."""
    counts = each["sums"] if each["by"] == "quantity" else each["rows"]
    told = {name: str(counts[name]) for name in ("listed", "done", "verified")}
    return {"counts": told, "share": each["share"], "verified_share": each["verified_share"]}


def blocks(t: Tongue, content: Thing) -> Iterator[Block]:
    """The tables a content has."""
    names = {each["code"]: t.name(each, "short") for each in content["organisations"]}
    yield from tables(t, content, names)


def tables(t: Tongue, content: Thing, names: Mapping[str, str]) -> Iterator[Table]:
    """City by ledger, city by sector; `names` are the places' by their codes, in the order they are shown."""
    kinds = {each["type"]: each for each in content.get("ledgers") or ()}
    captions = {
        "done": t("各市台账完成情况（完成/在册）", "Ledgers by city: done of listed"),
        "verified": t("各市台账核实情况（已核实/在册）", "Ledgers by city: verified of listed"),
    }
    for count, caption in captions.items():
        for first in range(0, len(kinds), MOST_KINDS):
            some = dict(list(kinds.items())[first : first + MOST_KINDS])
            yield ledger_table(t, content["ledgers"], names, some, count, caption, first // MOST_KINDS + 1)
    if content.get("caps"):
        yield cap_table(t, content["caps"], names)


def ledger_table(
    t: Tongue, ledgers: Sequence[Thing], names: Mapping[str, str], kinds: Mapping[str, Thing], count: str, caption: str,
    part: int,
) -> Table:  # fmt: skip
    """A line for each place, a column for each of some kinds of ledger: so many of those on the list."""
    mine = [each for each in ledgers if each["type"] in kinds]
    known = {(each["place"], each["type"]): each for each in mine}
    sheet = t("台账完成", "Ledgers done") if count == "done" else t("台账核实", "Ledgers verified")
    return Table(
        caption=caption,
        columns=(
            Column(t("单位", "Organisation"), width=1.5),
            *(Column(_kind(t, each), END, 1.4) for each in kinds.values()),
        ),
        rows=tuple(
            Row((Cell(names[place]), *(_of_listed(known.get((place, kind)), count) for kind in kinds)))
            for place in _places(mine, names)
        ),
        note=t(
            "注：按截止日的台账统计；移出台账的不计。工作簿中为比例。",
            "As the ledgers stood on the last day counted, without what was removed. The workbook has the shares.",
        ),
        sheet=sheet if part == 1 else f"{sheet} {part}",
    )


def _places(found: Iterable[Thing], names: Mapping[str, str]) -> list[str]:
    mine = {each["place"] for each in found}
    return [code for code in names if code in mine]


def _kind(t: Tongue, each: Thing) -> str:
    return t.name(each).removesuffix("台账")


def _of_listed(each: Thing | None, count: str) -> Cell:
    if each is None:
        return Cell(NONE)
    part, listed = (number(Decimal(each["counts"][name])) for name in (count, "listed"))
    share = each["share" if count == "done" else "verified_share"]
    return Cell(f"{part}/{listed}", None if share is None else float(share), share=True)


def cap_table(t: Tongue, caps: Sequence[Thing], names: Mapping[str, str]) -> Table:
    """Each sector of each city: its share against what is asked, what is in doubt, its light."""
    ordered = [each for place in _places(caps, names) for each in caps if each["place"] == place]
    return Table(
        caption=t("各市错峰生产情况", "Off-peak production by city"),
        columns=(
            Column(t("单位", "Organisation"), width=1.5),
            Column(t("行业", "Sector"), width=2.0),
            Column(t("要求", "Asked"), width=1.5),
            Column(t("企业", "Works"), END, 0.7),
            Column(t("停产比例", "Stood still"), END, 1.2),
            Column(t("全季计划", "Planned"), END, 1.2),
            Column(t("待核实", "In doubt"), END, 0.9),
            Column(t("亮灯", "Light"), width=1.2),
        ),
        rows=tuple(_cap(t, each, names[each["place"]]) for each in ordered),
        note=t(
            "注：停产比例为采暖季已报日子停产与应停产能（产能×天）之比，按企业分别要求的取最低的企业；"
            "待核实的停产在核实前不计入。",
            "Stood still: capacity × days of what was asked, on the days stated; where each works is bound by itself, "
            "the lowest. What is in doubt does not count until somebody has decided.",
        ),
        sheet=t("错峰生产", "Off-peak production"),
    )


def _cap(t: Tongue, each: Thing, place: str) -> Row:
    cells = (
        Cell(place),
        Cell(sector_name(t, each)),
        Cell(asked(t, each)),
        Cell(number(each["works"]), each["works"]),
        share_cell(each["counted"]),
        share_cell(each["planned_share"]),
        Cell(number(each["suspects"]), each["suspects"], tone="yellow" if each["suspects"] else ""),
        light_cell(t, each),
    )
    return Row(cells)


# --- in a sentence


def sentences(t: Tongue, contents: Sequence[Thing]) -> str:
    """What the reports of some places say of both, for a page with little room; empty where they say nothing."""
    found = sections([(str(place), content) for place, content in enumerate(contents)])
    kinds: dict[str, list[Thing]] = {}
    for each in found.get("ledgers", ()):
        kinds.setdefault(t.name(each), []).append(each)
    sectors: dict[str, list[Thing]] = {}
    for each in found.get("caps", ()):
        sectors.setdefault(sector_name(t, each), []).append(each)
    told = [_kind_told(t, name, mine) for name, mine in kinds.items()]
    told += [_sector_told(t, name, mine) for name, mine in sectors.items()]
    return t("；", "; ").join(told) + t("。", ".") if told else ""


def _kind_told(t: Tongue, name: str, mine: Sequence[Thing]) -> str:
    listed, done, verified = (
        number(sum((Decimal(each["counts"][count]) for each in mine), Decimal(0)))
        for count in ("listed", "done", "verified")
    )
    return t(f"{name}完成{done}/{listed}，核实{verified}", f"{name}: {done} of {listed} done, {verified} verified")


def _sector_told(t: Tongue, name: str, mine: Sequence[Thing]) -> str:
    if len(mine) == 1:
        each = mine[0]
        share, light = exact(each["counted"]), light_word(t, each["light"])
        return t(
            f"{name}停产{share}（{asked(t, each)}，{light}）",
            f"{name}: {share} stood still ({asked(t, each)}, {light})",
        )
    lights = Counter(each["light"] for each in mine)
    words = t.listed(
        f"{light_word(t, light)} {lights[light]}" for light in ("red", "yellow", "green", "grey") if lights[light]
    )
    return t(f"{name}{len(mine)}市（{words}）", f"{name} in {len(mine)} cities ({words})")
