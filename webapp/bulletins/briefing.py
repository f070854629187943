"""The one-page briefing (汇报材料) for a city's or a province's leader, from a frozen report. Pure.

It fits on one A4 page whatever the report holds: what is too long is cut with a mark, what is too much is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from webapp.bulletins import counted
from webapp.bulletins.figures import figures
from webapp.bulletins.tables import TIMELY_TONES, number, share_cell
from webapp.documents.model import Align, Block, Cell, Column, Document, Paragraph, Row, Table
from webapp.documents.tongue import NONE, Language, Tongue, share
from webapp.i18n import use_locale
from webapp.reports.pages import shown
from webapp.reports.rules import WORRYING, severity

Thing = Mapping[str, Any]
# What one page has room for.
MOST_WORRYING, MOST_DONE, MOST_CITIES = 6, 3, 9
# And where a table of cities stands on it too.
MOST_BESIDE_CITIES = 2
LONGEST_TITLE = {"zh": 24, "en": 60}
LONGEST_NAME = {"zh": 8, "en": 18}
LONGEST_TEXT = {"zh": 90, "en": 210}
LONGEST_BESIDE_CITIES = {"zh": 60, "en": 140}
LONGEST_COUNTED = {"zh": 110, "en": 230}


def briefing(
    content: Thing, language: Language, sha256: str, *, accepted: bool, cities: Mapping[str, Thing] | None = None
) -> Document:
    """The page; `accepted` says whether the revision is the accepted one, `sha256` is that on its receipt.

    `cities` are the frozen reports a province's own names, by their digests: the page of a province sums them up.
    """
    t = Tongue(language)
    organisation, month = t.name(content["organisation"]), t.month(content["month"])
    with use_locale(language):
        blocks = tuple(_blocks(t, content, cities or {}))
    return Document(
        language=language,
        title=t(f"{month}重点任务进展汇报材料", f"Briefing on progress in {month}"),
        issuer=organisation,
        issued=date.fromisoformat(content["submitted_at"][:10]),
        blocks=blocks,
        compact=True,
        draft="" if accepted else t("未审结", "Not accepted yet"),
        notes=(
            t(f"数字取自月报（回执{content['receipt']}），截至{t.day(content['cutoff'])}。校验码：{sha256}",
              f"Figures of the report {content['receipt']}, up to {t.day(content['cutoff'])}. SHA-256: {sha256}"),
        ),
    )  # fmt: skip


def _blocks(t: Tongue, content: Thing, cities: Mapping[str, Thing]) -> Iterator[Block]:
    worrying = sorted(
        (line for line in content["lines"] if line["label"] in WORRYING),
        key=lambda line: (severity(line), line["light"] != "red", line["due"] or "9999"),
    )
    named = content.get("cities") or []
    yield Paragraph(_overview(t, content), lead=t("总体情况：", "Where we stand."))
    if named:
        yield _city_table(t, named, cities)
    told = counted.sentences(t, list(cities.values()) if named else [content])
    if told:
        yield Paragraph(
            cut(t, told, LONGEST_BESIDE_CITIES if named else LONGEST_COUNTED),
            lead=t("台账和错峰生产：", "Ledgers and off-peak production."),
        )
    most, longest = (MOST_BESIDE_CITIES, LONGEST_BESIDE_CITIES) if named else (MOST_WORRYING, LONGEST_TEXT)
    # The room comes from the list of worries.
    most -= bool(told)
    problems, steps = ([line.get(name, "") for line in worrying] for name in ("problem", "next_step"))
    yield _worrying(t, worrying, most)
    yield Paragraph(_done(t, content["lines"], min(most, MOST_DONE)), lead=t("本月办结：", "Done this month."))
    yield Paragraph(_said(t, [content["problems"], *problems], longest), lead=t("存在问题：", "Problems."))
    yield Paragraph(_said(t, steps, longest), lead=t("下一步工作：", "Next steps."))


# --- paragraphs


def _overview(t: Tongue, content: Thing) -> str:
    total = figures([content["lines"]])
    behind, achieved = total["behind"] + total["overdue"], share(total["completion"])
    stand = t(
        f"截至{t.day(content['cutoff'])}，承担任务{total['lines']}项，其中有期限的{total['dated']}项：办结{total['done']}项，"
        f"待核验{total['awaiting']}项，正常{total['on_pace']}项，滞后和逾期{behind}项（逾期{total['overdue']}项），"
        f"未开始{total['not_started']}项；平均完成率{achieved}。",
        f"By {t.day(content['cutoff'])}: {t.many(total['lines'], 'task', 'tasks')}, {total['dated']} with a due date. "
        f"Of these {total['done']} are done, {total['awaiting']} await verification, {total['on_pace']} are on pace, "
        f"{behind} behind or overdue ({total['overdue']} overdue), {total['not_started']} not begun; {achieved} are "
        "achieved on average.",
    )
    return t.sentences(stand, _report(t, content))


def _report(t: Tongue, content: Thing) -> str:
    late = content["days_late"]
    if late:
        return t(f"月报迟报{late}个工作日。", f"The report was {t.many(late, 'working day', 'working days')} late.")
    return t("月报按时报送。", "The report was filed on time.")


def _done(t: Tongue, lines: Sequence[Thing], most: int) -> str:
    """What reached its target within the month."""
    done = [line for line in lines if line["label"] in ("done", "done_late") and _this_month(line)]
    if not done:
        return t("本月没有新办结的任务。", "No task was finished this month.")
    named = [cut(t, t.name(line, "title"), LONGEST_TITLE) for line in done[:most]]
    rest = len(done) - len(named)
    more = t(f"；另有{rest}项", f"; and {rest} more") if rest else ""
    return t("；", "; ").join(named) + more + t("。", ".")


def _this_month(line: Thing) -> bool:
    return line["this"] not in (None, "0") and not str(line["this"]).startswith("-")


def _said(t: Tongue, words: Sequence[str], longest: Mapping[str, int]) -> str:
    """The report's own words, then those of the worst lines, each once, as far as there is room."""
    texts = dict.fromkeys(" ".join(text.split()).rstrip("。；;.") for text in words if text.strip())
    if not texts:
        return t("月报中没有填写。", "Nothing was written in the report.")
    told = cut(t, t("；", "; ").join(texts), longest)
    return told if told.endswith("…") else told + t("。", ".")


def cut(t: Tongue, text: str, longest: Mapping[str, int]) -> str:
    """A text as far as there is room for it; the mark says that it goes on."""
    plain, most = " ".join(text.split()), longest[t.language]
    # Chinese takes the room of two in an English text.
    wide = sum(2 if ord(each) > 0x2E80 else 1 for each in plain)
    most = most * 2 if t.is_chinese else most
    if wide <= most:
        return plain
    kept, used = [], 0
    for each in plain:
        used += 2 if ord(each) > 0x2E80 else 1
        if used > most - 2:
            break
        kept.append(each)
    return "".join(kept) + "…"


# --- tables


def _worrying(t: Tongue, lines: Sequence[Thing], most: int) -> Block:
    if not lines:
        return Paragraph(t("没有逾期或滞后的任务。", "No task is overdue or behind."))
    rest = len(lines) - most
    end: Align = "end"
    return Table(
        caption=t("逾期和滞后任务", "Overdue and behind"),
        columns=(
            Column(t("任务", "Task"), width=3.4),
            Column(t("状态", "Light"), width=0.9),
            Column(t("目标", "Target"), width=1.6),
            Column(t("累计", "So far"), width=1.3),
            Column(t("完成率", "Achieved"), end, 0.9),
            Column(t("期限", "Due"), width=1.2),
        ),
        rows=tuple(_row(t, line) for line in lines[:most]),
        note=t(f"另有{rest}项，见月报。", f"{rest} more: see the report.") if rest > 0 else "",
    )


def _row(t: Tongue, line: Thing) -> Row:
    told = shown(line)
    overdue = line["label"] == "overdue"
    cells = (
        Cell(cut(t, t.name(line, "title"), LONGEST_TITLE)),
        Cell(
            t("逾期", "Overdue") if overdue else t("滞后", "Behind"),
            tone=TIMELY_TONES["missing" if overdue else "late"],
        ),
        Cell(cut(t, told.target, LONGEST_TITLE)),
        Cell(told.cumulative),
        Cell(share(line["completion"])),
        Cell(line["due"] or NONE),
    )
    return Row(cells)


def _city_table(t: Tongue, named: Sequence[Thing], contents: Mapping[str, Thing]) -> Table:
    """A province's cities from the very revisions its report names; one that was not in has no figures."""
    end: Align = "end"
    on_time = sum(each["timeliness"] == "on_time" for each in named)
    rest = len(named) - MOST_CITIES
    counted = ("dated", "done", "behind", "overdue")
    words = (t("任务", "Tasks"), t("办结", "Done"), t("滞后", "Behind"), t("逾期", "Overdue"))
    return Table(
        caption=t(
            f"所辖城市（{len(named)}个，按时报送{on_time}个）", f"Cities ({on_time} of {len(named)} reported on time)"
        ),
        columns=(
            Column(t("城市", "City"), width=1.8),
            Column(t("月报", "Report"), width=1.4),
            *(Column(word, end) for word in words),
            Column(t("完成率", "Achieved"), end, 1.1),
        ),
        rows=tuple(_city_row(t, each, contents.get(each["sha256"] or ""), counted) for each in named[:MOST_CITIES]),
        note=t(f"另有{rest}个城市，见月报。", f"{rest} more: see the report.") if rest > 0 else "",
    )


def _city_row(t: Tongue, each: Thing, content: Thing | None, counted: Sequence[str]) -> Row:
    total = figures([content["lines"]]) if content else None
    days = each["days_late"]
    words = {
        "on_time": t("按时", "On time"),
        "late": t(f"迟报{days}天", f"{t.many(days, 'day', 'days')} late"),
        "missing": t("未报", "Missing"),
    }
    standing = words.get(each["timeliness"], t("尚未报送", "Not in yet"))
    numbers = [number(total[name]) for name in counted] if total else [Cell(NONE) for _ in counted]
    achieved = share_cell(total["completion"]) if total else Cell(NONE)
    return Row(
        (
            Cell(cut(t, t.name(each), LONGEST_NAME)),
            Cell(standing, tone=TIMELY_TONES.get(each["timeliness"], "")),
            *numbers,
            achieved,
        )
    )
