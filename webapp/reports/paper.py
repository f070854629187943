"""A frozen report as an official document: page by page the same in PDF, Word and workbook. Pure.

Its own texts stand here in both languages; words for units and targets are those of the pages.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from webapp.documents.model import Align, Block, Cell, Column, Document, Heading, Paragraph, Row, Table, Tone
from webapp.documents.tongue import NONE, Language, Tongue, share
from webapp.i18n import use_locale
from webapp.reports import section_tables
from webapp.reports.pages import Shown, by_clause

Thing = Mapping[str, Any]
END: Align = "end"
NUMERALS = "一二三四五六"


def paper(content: Thing, language: Language, sha256: str, *, accepted: bool) -> Document:
    """The report; `accepted` says whether the revision is the accepted one, `sha256` is that on its receipt."""
    t = Tongue(language)
    with use_locale(language):
        parts = [(title, list(blocks)) for title, blocks in _parts(t, content)]
    return Document(
        language=language,
        title=t(f"{t.month(content['month'])}工作进展月报", f"Monthly report on progress, {t.month(content['month'])}"),
        issuer=t.name(content["organisation"]),
        issued=date.fromisoformat(content["submitted_at"][:10]),
        blocks=tuple(_numbered(t, [each for each in parts if each[1]])),
        draft="" if accepted else t("未审结", "Not accepted yet"),
        landscape=True,
        notes=(
            t(f"回执编号：{content['receipt']}，第{content['revision']}版。数据截至{t.day(content['cutoff'])}24:00。",
              f"Receipt {content['receipt']}, revision {content['revision']}. Figures up to the end of "
              f"{t.day(content['cutoff'])}."),
            t(f"内容校验码（SHA-256）：{sha256}", f"SHA-256 of the content: {sha256}"),
        ),
    )  # fmt: skip


def _numbered(t: Tongue, parts: list[tuple[str, list[Block]]]) -> Iterator[Block]:
    for place, (title, blocks) in enumerate(parts):
        yield Heading(t(f"{NUMERALS[place]}、{title}", f"{place + 1}. {title}"))
        yield from blocks


def _parts(t: Tongue, content: Thing) -> Iterator[tuple[str, Iterator[Block]]]:
    yield t("总体情况", "Overview"), _overview(t, content)
    yield t("任务进展", "Progress"), iter([_lines(t, content)])
    counted = (table for group in section_tables.tables(t, content) for table in group)
    yield t("台账和错峰生产", "Ledgers and off-peak production"), counted
    yield t("所辖城市月报", "Reports of the cities"), _cities(t, content)
    yield t("情况说明", "Remarks"), _texts(t, content)


# --- words


def _overview(t: Tongue, content: Thing) -> Iterator[Block]:
    counts, late = content["counts"], content["days_late"]
    done = counts["done"] + counts["awaiting"]
    stand = t(
        f"纳入本月月报的任务{counts['lines']}项：办结和待核验{done}项，正常{counts['on_pace']}项，滞后{counts['behind']}项，"
        f"逾期{counts['overdue']}项，未开始{counts['not_started']}项，长期任务{counts['standing']}项；"
        f"本月未更新{counts['silent']}项。",
        f"{t.many(counts['lines'], 'task', 'tasks')}: {done} done or to be verified, {counts['on_pace']} on pace, "
        f"{counts['behind']} behind, {counts['overdue']} overdue, {counts['not_started']} not begun, "
        f"{counts['standing']} standing; {counts['silent']} without a statement on the month.",
    )
    filed = t(f"迟报{late}个工作日。", f"Filed {t.many(late, 'working day', 'working days')} late.") if late else ""
    yield Paragraph(t.sentences(stand, filed or t("按时报送。", "Filed on time.")))
    if content.get("correction_reason"):
        yield Paragraph(content["correction_reason"], lead=t("更正原因：", "Reason of the correction:"))
    yield Paragraph(_people(t, content))


def _people(t: Tongue, content: Thing) -> str:
    """Who stands for it; a light report, or one of the first format, has a signatory alone."""
    people = content.get("people") or {"signatory": {"name": content["submitted_by"]}}
    parts = {
        "filler": t("填报人", "Filled in by"),
        "checker": t("审核人", "checked by"),
        "signatory": t("签发人", "signed by"),
    }
    named = [(word, people[part]) for part, word in parts.items() if people.get(part)]
    told = [t(f"{word}：{_name(t, each)}", f"{word} {_name(t, each)}") for word, each in named]
    return t("；", ", ").join(told) + t("。", ".")


def _name(t: Tongue, person: Thing) -> str:
    return str(person["name"] if t.is_chinese else person.get("name_en") or person["name"])


def _texts(t: Tongue, content: Thing) -> Iterator[Block]:
    labels = {
        "problems": t("存在的问题和需要协调的事项：", "Problems, and what has to be settled:"),
        "remark": t("其他情况说明：", "Other remarks:"),
    }
    for name, label in labels.items():
        yield Paragraph(content[name] or t("无。", "None."), lead=label)


# --- tables


def _lines(t: Tongue, content: Thing) -> Table:
    return Table(
        caption=t("任务进展", "Tasks"),
        columns=(
            Column(t("任务", "Task"), width=4.6),
            Column(t("目标", "Target"), width=1.9),
            Column(t("上月累计", "Up to last month"), END, 1.3),
            Column(t("本月新增", "This month"), END, 1.3),
            Column(t("累计完成", "Total so far"), END, 1.4),
            Column(t("完成比例", "Achieved"), END, 1.0),
            Column(t("期限", "Due"), width=1.3),
            Column(t("亮灯", "Light"), width=1.2),
            Column(t("问题和下一步", "Problem and next step"), width=4.2),
        ),
        rows=tuple(
            row
            for _code, title, members in by_clause(content["lines"])
            for row in (_clause(title), *(_line(t, each) for each in members))
        ),
        empty=t("本月没有需要报告的任务。", "No task had to be reported on."),
        sheet=t("任务进展", "Tasks"),
    )


def _clause(title: str) -> Row:
    return Row((Cell(title), *(Cell("") for _ in range(8))), strong=True)


def _line(t: Tongue, each: Shown) -> Row:
    line = each.line
    achieved = NONE if each.milestone else share(line["completion"])
    number = None if achieved == NONE else float(line["completion"])
    said = [line.get(name, "") for name in ("problem", "next_step", "reason")]
    cells = (
        Cell(t.name(line, "title")),
        Cell(each.target),
        Cell(each.last),
        Cell(each.this),
        Cell(each.cumulative, None if each.milestone or line["unit"] == "share" else _number(line["cumulative"])),
        Cell(achieved, number, share=number is not None),
        Cell(line["due"] or NONE),
        Cell(_light(t, line["label"]), tone=cast(Tone, line["light"])),
        Cell(t("；", "; ").join(" ".join(text.split()) for text in said if text)),
    )
    return Row(cells, indent=True)


def _number(text: str | None) -> float | None:
    return None if text is None else float(Decimal(text))


def _light(t: Tongue, label: str) -> str:
    words = {
        "done": t("办结", "Done"), "done_late": t("逾期完成", "Done late"), "awaiting": t("待核验", "To verify"),
        "on_pace": t("正常", "On pace"), "behind": t("滞后", "Behind"), "overdue": t("逾期", "Overdue"),
        "not_started": t("未开始", "Not begun"), "standing": t("长期", "Standing"),
    }  # fmt: skip
    return words.get(label, label)


def _cities(t: Tongue, content: Thing) -> Iterator[Block]:
    named = content.get("cities") or []
    if not named:
        return
    missing = set(content["missing"])
    yield Table(
        caption=t("所辖城市月报", "Reports of the cities"),
        columns=(
            Column(t("单位", "City"), width=2),
            Column(t("情况", "How it stands"), width=2),
            Column("SHA-256", width=5),
        ),
        rows=tuple(
            Row(
                (
                    Cell(t.name(each)),
                    Cell(t("未报", "Missing"), tone="red")
                    if each["code"] in missing
                    else Cell(t(f"第{each['revision']}版", f"Revision {each['revision']}")),
                    Cell(each["sha256"] or NONE),
                )
            )
            for each in named
        ),
        sheet=t("城市", "Cities"),
    )
    if content.get("missing_reason"):
        yield Paragraph(
            content["missing_reason"], lead=t("不再等候缺报城市的原因：", "Why missing cities are not waited for:")
        )
