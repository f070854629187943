"""The tables and charts of a bulletin, from its content. Pure; every figure stands in the content already."""

from collections.abc import Iterable, Mapping
from typing import Any

from webapp.documents.model import Align, Bar, Bars, Cell, Column, Part, Row, Table, Tone
from webapp.documents.tongue import NONE, Tongue, in_chinese, share

Thing = Mapping[str, Any]
LIGHT_TONES: Mapping[str, Tone] = {
    "done": "green", "awaiting": "green", "on_pace": "", "behind": "yellow", "overdue": "red", "not_started": "grey",
}  # fmt: skip
TIMELY_TONES: Mapping[str, Tone] = {"on_time": "green", "late": "yellow", "missing": "red"}


def light_word(t: Tongue, light: str) -> str:
    """A light of the content in words."""
    words = {
        "done": t("办结", "Done"), "awaiting": t("待核验", "To verify"), "on_pace": t("正常", "On pace"),
        "behind": t("滞后", "Behind"), "overdue": t("逾期", "Overdue"), "not_started": t("未开始", "Not begun"),
        "standing": t("长期", "Standing"),
    }  # fmt: skip
    return words[light]


# --- provinces, cities and others


def areas(t: Tongue, content: Thing) -> Table:
    """Provinces and cities: how they reported, and their tasks by light."""
    known = {each["code"]: each for each in content["organisations"]}
    rows = [row for group in content["groups"] for row in _group(t, group, known)]
    total = _sum_row(t, t("合计", "All"), content["totals"]["areas"])
    return Table(
        caption=t("各省（市）月报报送和任务进展情况", "Reports and progress by province and city"),
        columns=_columns(t),
        rows=(*rows, total),
        note=_figures_note(t),
        empty=t("没有需要报送的省（市）。", "No province or city had to report."),
        sheet=t("省市进展", "Areas"),
    )


def others(t: Tongue, content: Thing) -> Table:
    """Ministries and central enterprises, in the same columns."""
    found = [each for each in content["organisations"] if each["kind"] in ("ministry", "enterprise")]
    return Table(
        caption=t("部门和中央企业月报报送和任务进展情况", "Reports and progress of ministries and enterprises"),
        columns=_columns(t),
        rows=(
            *(_organisation_row(t, each) for each in found),
            _sum_row(t, t("合计", "All"), content["totals"]["others"]),
        ),
        empty=t("没有需要报送的部门和中央企业。", "No ministry or enterprise had to report."),
        sheet=t("部门企业进展", "Ministries and enterprises"),
    )


def _columns(t: Tongue) -> tuple[Column, ...]:
    end: Align = "end"
    return (
        Column(t("单位", "Organisation"), width=1.9 if t.is_chinese else 2.3),
        Column(t("月报", "Report"), width=1.9 if t.is_chinese else 2.1),
        Column(t("填报率", "Filled in"), end, 1.3),
        Column(t("任务", "Tasks"), end, 1.0),
        *(Column(light_word(t, each), end, 1.0 if t.is_chinese else 1.25) for each in LIGHT_TONES),
        Column(t("完成率", "Achieved"), end, 1.35 if t.is_chinese else 1.5),
    )


def _figures_note(t: Tongue) -> str:
    return t(
        "注：标*的月报尚未审结；填报率为首次报送时当月有填报的任务占全部任务的比例；"
        "任务为有期限的任务，不含长期任务，按月末亮灯状态分类；"
        "完成率为已有数据的有期限任务完成比例的平均数，超额完成的按100%计。省（市）合计含省级和所辖城市，未报送的不计入。",
        "* not accepted yet. Filled in: the share of all tasks with a statement on the month when first submitted. "
        "Tasks: those with a due date, without standing duties, by their light at the end of the month. Achieved: the "
        "average completion of the tasks with a due date whose figure is known, each counted as 100% at most. A "
        "province's line includes its own tasks and those of its cities; reports not filed are in no figure.",
    )


def _group(t: Tongue, group: Thing, known: Mapping[str, Thing]) -> Iterable[Row]:
    top = known[group["code"]]
    if len(group["members"]) == 1:
        yield _organisation_row(t, top, strong=True)
        return
    yield _sum_row(t, t.name(top, "short"), group["sum"])
    for code in group["members"]:
        level = t("省级", "Province")
        yield _organisation_row(t, known[code], indent=True, name=level if code == group["code"] else "")


def _organisation_row(t: Tongue, each: Thing, *, strong: bool = False, indent: bool = False, name: str = "") -> Row:
    reports = each["reports"]
    first = Cell(name or t.name(each, "short"))
    filled = share_cell(each["completeness"])
    return Row((first, report_cell(t, reports), filled, *_figures(each["figures"])), strong=strong, indent=indent)


def _sum_row(t: Tongue, name: str, total: Thing) -> Row:
    reports = t(f"按时{total['on_time']}/{total['reports']}", f"{total['on_time']}/{total['reports']} on time")
    tone: Tone = "green" if total["on_time"] == total["reports"] else ""
    figures = _figures(total["figures"] if total["counted"] else None)
    return Row((Cell(name), Cell(reports, tone=tone), share_cell(total["completeness"]), *figures), strong=True)


def _figures(figures: Thing | None) -> tuple[Cell, ...]:
    if figures is None:
        return tuple(Cell(NONE) for _ in range(8))
    lights = (
        number(figures[light], tone if light in ("behind", "overdue") else "") for light, tone in LIGHT_TONES.items()
    )
    return (number(figures["dated"]), *lights, share_cell(figures["completion"]))


def number(value: int, tone: Tone = "") -> Cell:
    """A count; its tone is shown where there is something to count."""
    return Cell(f"{value:,}", value, tone=tone if value else "")


def share_cell(text: str | None) -> Cell:
    """A share; empty where there is nothing to take one of."""
    return Cell(NONE) if text is None else Cell(share(text), float(text), share=True)


def report_cell(t: Tongue, reports: list[Thing]) -> Cell:
    """How an organisation reported: in words for one month, counted for several."""
    if len(reports) == 1:
        one = reports[0]
        return Cell(standing_word(t, one), tone=TIMELY_TONES[one["timeliness"]])
    late = sum(each["timeliness"] == "late" for each in reports)
    missing = sum(each["timeliness"] == "missing" for each in reports)
    parts = [
        t(f"按时{len(reports) - late - missing}", f"{len(reports) - late - missing} on time"),
        *([t(f"迟报{late}", f"{late} late")] if late else []),
        *([t(f"未报{missing}", f"{missing} missing")] if missing else []),
    ]
    return Cell(t.listed(parts), tone="red" if missing else "yellow" if late else "green")


def standing_word(t: Tongue, report: Thing) -> str:
    """按时, 迟报2天*, 未报: one report against its legal date, and a star while it is not accepted."""
    if report["timeliness"] == "missing":
        return t("未报", "Missing")
    days = report["days_late"]
    word = t(f"迟报{days}天", f"{t.many(days, 'day', 'days')} late") if days else t("按时", "On time")
    return word if report["state"] == "accepted" else f"{word}*"


# --- measures behind pace


def measures(t: Tongue, content: Thing) -> Table:
    """The measures with tasks behind or overdue, and where."""
    known = {each["code"]: each for each in content["organisations"]}
    found = [each for each in content["measures"] if each["places"]]
    end: Align = "end"
    return Table(
        caption=t("进度滞后的措施", "Measures behind pace"),
        columns=(
            Column(t("措施", "Measure"), width=2.6),
            Column(t("任务", "Tasks"), end, 0.8),
            Column(light_word(t, "behind"), end, 0.8),
            Column(light_word(t, "overdue"), end, 0.9),
            Column(t("完成率", "Achieved"), end, 1.1),
            Column(t("滞后、逾期单位（逾期的标明）", "Where behind (overdue ones marked)"), width=5.2),
        ),
        rows=tuple(_measure(t, each, known) for each in found),
        note=t(
            "注：只列省（市）任务；任务为该措施下各单位有期限的任务。",
            "Tasks of provinces and cities alone; those of the measure with a due date, over all organisations.",
        ),
        empty=t("没有滞后或逾期的措施。", "No measure is behind or overdue."),
        sheet=t("滞后措施", "Measures behind"),
    )


def _measure(t: Tongue, each: Thing, known: Mapping[str, Thing]) -> Row:
    figures = each["figures"]
    places = [_place(t, place, known) for place in each["places"]]
    cells = (
        Cell(t.name(each, "title")),
        number(figures["dated"]),
        number(figures["behind"], "yellow"),
        number(figures["overdue"], "red"),
        share_cell(figures["completion"]),
        Cell(t.listed(places)),
    )
    return Row(cells)


def _place(t: Tongue, place: Thing, known: Mapping[str, Thing]) -> str:
    name = t.name(known[place["code"]], "short")
    overdue = sum(task["label"] == "overdue" for task in place["tasks"])
    if not overdue:
        return name
    several = overdue if overdue > 1 else ""
    return name + t(f"（逾期{f'{several}项' if several else ''}）", f" ({f'{several} ' if several else ''}overdue)")


# --- late and missing reports, reports that wait, corrections


def unpunctual(t: Tongue, content: Thing) -> Table:
    """Every late or missing report of the period."""
    rows = [
        Row(
            (
                Cell(t.name(org)),
                Cell(t.month(each["month"])),
                Cell(t.day(each["due"])),
                Cell(standing_word(t, each), tone=TIMELY_TONES[each["timeliness"]]),
            )
        )
        for org in content["organisations"]
        for each in org["reports"]
        if each["timeliness"] != "on_time"
    ]
    return Table(
        caption=t("迟报、未报情况", "Late and missing reports"),
        columns=(
            Column(t("单位", "Organisation"), width=2.4),
            Column(t("月份", "Month"), width=1.4),
            Column(t("法定期限", "Due"), width=1.7),
            Column(t("情况", "How it stands"), width=2),
        ),
        rows=tuple(rows),
        note=t(
            "注：迟报天数按工作日计，以首次报送为准，退回修改不影响认定；标*的尚未审结。",
            "Days late are working days and follow from the first submission; a return changes nothing. "
            "* not accepted yet.",
        )
        if rows
        else "",
        empty=t("全部按时报送。", "Every report was filed on time."),
        sheet=t("迟报未报", "Late and missing"),
    )


def corrections(t: Tongue, content: Thing) -> Table:
    """Accepted reports whose figures were corrected since the last issue told of corrections."""
    end: Align = "end"
    given = " (in Chinese)" if any(in_chinese(each["reason"]) for each in content["corrections"]) else ""
    return Table(
        caption=t("已更正的月报", "Corrected reports"),
        columns=(
            Column(t("单位", "Organisation"), width=1.6),
            Column(t("月份", "Month"), width=1.5),
            Column(t("版次", "Revision"), end, 1.1),
            Column(t("更正原因", f"Reason given{given}"), width=4.2),
            Column(t("审核通过", "Accepted"), width=1.9),
        ),
        rows=tuple(
            Row(
                (
                    Cell(t.name(each)), Cell(t.month(each["month"])),
                    Cell(f"{each['replaced']} → {each['revision']}"), Cell(each["reason"]),
                    Cell(t.day(each["accepted_on"])),
                )
            )
            for each in content["corrections"]
        ),
        empty=t("没有更正。", "Nothing was corrected."),
        sheet=t("更正", "Corrections"),
    )  # fmt: skip


# --- charts


def lights(t: Tongue, content: Thing) -> Bars:
    """Each province with its cities as a bar of lights, in per cent of its tasks with a due date."""
    known = {each["code"]: each for each in content["organisations"]}
    bars = [
        _bar(t, t.name(known[group["code"]], "short"), group["sum"]["figures"])
        for group in content["groups"]
        if group["sum"]["counted"]
    ]
    caption = t("各省（市）有期限任务按亮灯状态的构成（%）", "Tasks with a due date by light, for each province (%)")
    return Bars(caption, tuple(bars), full=100)


def _bar(t: Tongue, label: str, figures: Thing) -> Bar:
    dated = figures["dated"] or 1
    shares = {light: round(100 * figures[light] / dated, 1) for light in LIGHT_TONES}
    parts = tuple(Part(light_word(t, light), shares[light], tone) for light, tone in LIGHT_TONES.items())
    behind = figures["behind"] + figures["overdue"]
    return Bar(label, parts, t(f"滞后和逾期{behind}/{figures['dated']}项", f"{behind} of {figures['dated']} behind"))
