"""A bulletin as an official document: 总体情况, 任务进展, 滞后措施, 报送情况, 下一步要求. Pure.

All of it follows from the content and the language; the remarks are the coordinator's own words.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from webapp.bulletins import counted, tables
from webapp.bulletins.rules import number_text
from webapp.documents.model import Block, Document, Heading, Paragraph
from webapp.documents.tongue import Language, Tongue, share

Thing = Mapping[str, Any]


def bulletin(content: Thing, language: Language, sha256: str) -> Document:
    """The month's bulletin; `sha256` is the check sum of the content, printed at the end."""
    t = Tongue(language)
    month = t.period(content["period"])
    remarks = list(next_steps(t, content))
    return Document(
        language=language,
        title=t(f"关于{month}工作进展调度情况的通报", f"Bulletin on progress in {month}"),
        issuer=t.name(content["issuer"]),
        issued=issued(content),
        number=number(t, content),
        to=t(
            "各省、市人民政府，各有关部门和单位",
            "Provincial and municipal governments, ministries and enterprises concerned",
        ),
        draft=draft_mark(t, content),
        blocks=(
            *amended(t, content),
            Heading(t("一、总体情况", "1. Overview")),
            Paragraph(filing(t, content)),
            Paragraph(tasks(t, content)),
            Heading(t("二、任务进展", "2. Progress")),
            tables.lights(t, content),
            tables.areas(t, content),
            tables.others(t, content),
            *counted.blocks(t, content),
            Heading(t("三、滞后措施", "3. Measures behind pace")),
            Paragraph(worst(t, content)),
            tables.measures(t, content),
            Heading(t("四、报送情况", "4. Reporting")),
            Paragraph(waiting(t, content)),
            tables.unpunctual(t, content),
            *_corrections(t, content),
            *([Heading(t("五、下一步要求", "5. What follows")), *remarks] if remarks else ()),
        ),
        notes=notes(t, content, sha256),
    )


# --- the head


def issued(content: Thing) -> date:
    """The day of publication; of a draft, the day of the last thing that happened to what it counts."""
    issue = content["issue"]
    return date.fromisoformat((issue["published_at"] if issue else content["as_of"] or content["cutoff"])[:10])


def number(t: Tongue, content: Thing) -> str:
    """The issue's own number; a draft has none yet."""
    issue = content["issue"]
    return number_text(issue["year"], issue["number"], t.language) if issue else ""


def draft_mark(t: Tongue, content: Thing) -> str:
    """What stands on every page of a draft."""
    return "" if content["issue"] else t("草稿", "Draft")


def amended(t: Tongue, content: Thing) -> Iterator[Block]:
    """Which issue this one amends, and whose reports count with another revision since."""
    before = content["amends"]
    if before is None:
        return
    earlier = number_text(before["year"], before["number"], t.language)
    names = {each["code"]: t.name(each) for each in content["organisations"]}
    changed = [
        t(f"{names.get(each['code'], each['code'])}{t.month(each['month'])}月报",
          f"{names.get(each['code'], each['code'])} ({t.month(each['month'])})")
        for each in before["changed"]
    ]  # fmt: skip
    day = t.day(before["published_at"])
    whose = t(
        f"自该期印发以来，以下月报的有效版次有变化：{t.listed(changed)}。",
        f"Since then these reports count with another revision: {t.listed(changed)}.",
    )
    told = t(
        f"本期更正{day}印发的{earlier}，以本期为准。", f"This issue amends {earlier} of {day} and takes its place."
    )
    yield Paragraph(t.sentences(told, whose if changed else ""), lead=t("更正说明", "Amendment"))


def notes(t: Tongue, content: Thing, sha256: str) -> tuple[str, ...]:
    """The small print: where the figures come from, as of when, and the check sum."""
    source = t(
        f"本文数字取自各单位已报送并固定的月报，数据截至{t.day(content['cutoff'])}；未审核通过的以最近一次报送的内容为准。",
        f"Figures are those of the frozen monthly reports and speak of the time up to {t.day(content['cutoff'])}; "
        "where none was accepted yet, the last submission counts.",
    )
    return (source, t(f"内容校验码（SHA-256）：{sha256}", f"SHA-256 of the content: {sha256}"))


# --- paragraphs


def filing(t: Tongue, content: Thing) -> str:
    """How the reports came in."""
    areas_, others_ = content["totals"]["areas"], content["totals"]["others"]
    both = {
        name: areas_[name] + others_[name] for name in ("reports", "filed", "on_time", "late", "missing", "accepted")
    }
    plan, when = t.name(content["plan"], "title"), t.period(content["period"])
    waits = both["filed"] - both["accepted"]
    if t.is_chinese:
        return (
            f"《{plan}》{when}进展月报应报{both['reports']}份，其中省（市）{areas_['reports']}份、"
            f"部门和中央企业{others_['reports']}份。"
            f"实际报送{both['filed']}份，其中按时{both['on_time']}份、迟报{both['late']}份；未报{both['missing']}份。"
            f"已审核通过{both['accepted']}份" + (f"，尚未审结{waits}份，其数字以最近一次报送为准。" if waits else "。")
        )
    waiting_ = f"; {t.many(waits, 'has', 'have')} not been accepted yet and count as last submitted" if waits else ""
    return (
        f"Under the {plan}, {t.many(both['reports'], 'report', 'reports')} on {when} had to be filed: "
        f"{areas_['reports']} of provinces and cities, {others_['reports']} of ministries and central enterprises. "
        f"{t.many(both['filed'], 'was', 'were')} filed, {both['on_time']} on time and {both['late']} late; "
        f"{t.many(both['missing'], 'is', 'are')} missing. {t.many(both['accepted'], 'has', 'have')} been "
        f"accepted{waiting_}."
    )


def tasks(t: Tongue, content: Thing) -> str:
    """Where the tasks of provinces and cities stand."""
    total = content["totals"]["areas"]
    figures = total["figures"]
    if not total["counted"]:
        return t(
            "各省（市）均未报送，没有可以统计的任务数据。",
            "No province or city has reported: there are no figures to count.",
        )
    achieved, completeness = share(figures["completion"]), share(total["completeness"])
    if t.is_chinese:
        return (
            f"已报送的{total['counted']}个省（市）共有任务{figures['lines']:,}项，其中长期任务{figures['standing']:,}项、"
            f"有期限的任务{figures['dated']:,}项。有期限的任务中，办结{figures['done']:,}项，待核验{figures['awaiting']:,}项，"
            f"进度正常{figures['on_pace']:,}项，滞后{figures['behind']:,}项，逾期{figures['overdue']:,}项，"
            f"未开始{figures['not_started']:,}项；其中{figures['measured']:,}项已有完成数据，平均完成率{achieved}。"
            f"各份月报平均填报率{completeness}。"
        )
    return (
        f"The {total['counted']} provinces and cities that reported have {t.many(figures['lines'], 'task', 'tasks')}: "
        f"{figures['standing']:,} standing duties and {figures['dated']:,} with a due date. Of these, "
        f"{figures['done']:,} are done, {figures['awaiting']:,} await verification, {figures['on_pace']:,} on pace, "
        f"{figures['behind']:,} behind, {figures['overdue']:,} overdue and {figures['not_started']:,} not begun; the "
        f"{figures['measured']:,} with a known figure are achieved to {achieved} on average. On average "
        f"{completeness} of a report's tasks were spoken of."
    )


def worst(t: Tongue, content: Thing) -> str:
    """How many measures are behind, and the ones with the most tasks overdue or behind."""
    behind = [each for each in content["measures"] if each["places"]]
    if not behind:
        return t("各项措施均无滞后或逾期任务。", "No measure has a task behind or overdue.")
    ranked = sorted(behind, key=lambda each: (-each["figures"]["overdue"], -each["figures"]["behind"]))[:3]
    named = [_counted(t, each) for each in ranked]
    count, every = len(behind), len(content["measures"])
    return t(
        f"{every}项措施中，{count}项有滞后或逾期任务，较多的是：{t.listed(named)}。",
        f"{count} of {every} measures have tasks behind or overdue, most of all: {t.listed(named)}.",
    )


def _counted(t: Tongue, measure: Thing) -> str:
    overdue, behind = measure["figures"]["overdue"], measure["figures"]["behind"]
    parts = [
        *([t(f"逾期{overdue}项", f"{overdue} overdue")] if overdue else []),
        *([t(f"滞后{behind}项", f"{behind} behind")] if behind else []),
    ]
    return t.name(measure, "title") + t(f"（{t.listed(parts)}）", f" ({t.listed(parts)})")


def waiting(t: Tongue, content: Thing) -> str:
    """Whose reports count without having been accepted."""
    words = {"submitted": t("待审核", "waiting for review"), "returned": t("退回修改中", "returned for changes")}
    several = len(content["months"]) > 1
    months = {month: t.month(month) + t("，", ", ") if several else "" for month in content["months"]}
    found = [
        t(
            f"{t.name(org)}（{months[each['month']]}{words[each['state']]}）",
            f"{t.name(org)} ({months[each['month']]}{words[each['state']]})",
        )
        for org in content["organisations"]
        for each in org["reports"]
        if each["state"] in words
    ]
    if not found:
        return t("已报送的月报全部审核通过。", "Every report that was filed has been accepted.")
    return t(
        f"以下单位的月报尚未审结：{t.listed(found)}。其数字以最近一次报送的内容计入。",
        f"Not accepted yet: {t.listed(found)}. Their figures count as last submitted.",
    )


def _corrections(t: Tongue, content: Thing) -> Iterator[Block]:
    if content["corrections"]:
        yield tables.corrections(t, content)


def next_steps(t: Tongue, content: Thing) -> Iterator[Paragraph]:
    """The coordinator's remarks, a paragraph a line; the other language's where this one has none."""
    remarks = content["remarks"]
    text = remarks[t.language] or remarks["zh" if t.language == "en" else "en"]
    return (Paragraph(line.strip()) for line in text.splitlines() if line.strip())
