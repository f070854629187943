"""The report to the State Council as an official document: a quarter, or a month of the heating season. Pure.

Made of the same content as a bulletin (safeguard-1.4); its figures are those of the period's last month, its reports
those of all its months.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webapp.bulletins import counted, tables
from webapp.bulletins import document as parts
from webapp.documents.model import Align, Block, Cell, Column, Document, Heading, Items, Paragraph, Row, Table
from webapp.documents.tongue import Language, Tongue

Thing = Mapping[str, Any]
# So many problems are told in the places' own words, those of overdue tasks first.
MOST_PROBLEMS = 12


def upward(content: Thing, language: Language, sha256: str) -> Document:
    """The report; `sha256` is the check sum of the content, printed at the end."""
    t = Tongue(language)
    when = t.period(content["period"])
    return Document(
        language=language,
        title=t(
            f"关于{when}大气污染防治工作方案任务落实情况的报告", f"Report on how the plan was carried out in {when}"
        ),
        issuer=t.name(content["issuer"]),
        issued=parts.issued(content),
        number=parts.number(t, content),
        to=t("国务院", "The State Council"),
        draft=parts.draft_mark(t, content),
        blocks=tuple(_blocks(t, content)),
        notes=parts.notes(t, content, sha256),
    )


def _blocks(t: Tongue, content: Thing) -> Iterator[Block]:
    yield from parts.amended(t, content)
    yield Heading(t("一、总体情况", "1. Overview"))
    yield Paragraph(parts.filing(t, content))
    yield Paragraph(parts.tasks(t, content))
    yield tables.lights(t, content)
    yield Heading(t("二、各省（市）任务进展", "2. Progress by province and city"))
    yield tables.areas(t, content)
    yield from counted.blocks(t, content)
    yield Heading(t("三、进度滞后的措施和主要问题", "3. Measures behind pace, and why"))
    yield Paragraph(parts.worst(t, content))
    yield tables.measures(t, content)
    yield from _problems(t, content)
    yield Heading(t("四、调度和报送情况", "4. How progress was collected"))
    yield _filing(t, content)
    yield Paragraph(parts.waiting(t, content))
    yield tables.unpunctual(t, content)
    if content["corrections"]:
        yield tables.corrections(t, content)
    remarks = list(parts.next_steps(t, content))
    if remarks:
        yield Heading(t("五、下一步工作安排", "5. What follows"))
        yield from remarks
    yield Paragraph(t("特此报告。", "Submitted for information."))


def _problems(t: Tongue, content: Thing) -> Iterator[Block]:
    """What holds the tasks up, in the words of the places themselves."""
    told = _told(content)
    if not told:
        return
    colon = t("：", ": ")
    names = {each["code"]: t.name(each, "short") for each in content["organisations"]}
    shown = told[:MOST_PROBLEMS]
    lead = t(
        f"各地在月报中反映的主要问题（共{len(told)}条，列出{len(shown)}条，逾期任务在前）：",
        f"Problems named in the reports, in their own words ({len(shown)} of {len(told)}, overdue tasks first):",
    )
    yield Paragraph(lead)
    yield Items(
        tuple(
            f"{names[code]} · {t.name(content['tasks'][task['task']], 'title')}{colon}{one_line(task['problem'])}"
            for code, task in shown
        )
    )


def _told(content: Thing) -> Sequence[tuple[str, Thing]]:
    every = [
        (place["code"], task)
        for measure in content["measures"]
        for place in measure["places"]
        for task in place["tasks"]
        if task["problem"]
    ]
    return sorted(every, key=lambda each: each[1]["label"] != "overdue")


def one_line(text: str) -> str:
    """A text of several lines as one."""
    return " ".join(text.split())


def _filing(t: Tongue, content: Thing) -> Table:
    end: Align = "end"
    counted = ("reports", "on_time", "late", "missing", "accepted")
    words = {
        "reports": t("应报", "Due"), "on_time": t("按时", "On time"), "late": t("迟报", "Late"),
        "missing": t("未报", "Missing"), "accepted": t("审核通过", "Accepted"),
    }  # fmt: skip
    return Table(
        caption=t("各月月报报送情况", "Reports by month"),
        columns=(
            Column(t("月份", "Month"), width=1.6),
            *(Column(words[name], end) for name in counted),
            Column(t("填报率", "Filled in"), end),
        ),
        rows=tuple(
            Row(
                (
                    Cell(t.month(each["month"])),
                    *(tables.number(each[name], tables.TIMELY_TONES.get(name, "")) for name in counted),
                    tables.share_cell(each["completeness"]),
                )
            )
            for each in content["filing"]
        ),
        note=t(
            "注：含省（市）、部门和中央企业，单位为份。", "Reports of provinces, cities, ministries and enterprises."
        ),
        sheet=t("各月报送", "Reports by month"),
    )
