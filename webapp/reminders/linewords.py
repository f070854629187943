"""One line of a reminder in words: what it is, its light, how long there is, and where it leads.

`item` is a line as the outbox keeps it (`reminders.lines.Line.as_data`); mails and group robots say the same.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.clock import add_months, month_start
from webapp.i18n import month, pick, short_day, use_locale

Item = Mapping[str, Any]

# The same shapes as on the pages, as characters a mail can carry.
MARKS = {
    "on_pace": "●", "behind": "▲", "overdue": "■", "not_started": "○", "standing": "○", "not_applicable": "○",
    "done": "✓", "done_late": "✓", "awaiting": "◔",
}  # fmt: skip
WORDS = {
    "on_pace": _l("正常"), "behind": _l("滞后"), "overdue": _l("逾期"), "not_started": _l("未开始"),
    "standing": _l("长期任务"), "not_applicable": _l("不涉及"), "done": _l("办结"), "done_late": _l("逾期完成"),
    "awaiting": _l("待核验"),
}  # fmt: skip
OF_REPORTS = ("report", "report_review", "report_returned")
# Kinds that stand for several of an organisation's assignments, with the filter of the list they lead to, by due date.
WHOLE: Mapping[str, Callable[[date], Mapping[str, str]]] = {
    "silence": lambda _due: {"silent": "1"},
    "season_start": lambda due: {"season": due.isoformat(), "unfinished": "1"},
    "cap_check": lambda due: {"kind": "seasonal_cap", "unsaid": month_start(due).isoformat()},
}
# Kinds that stand for enterprises on a city's register of off-peak production, with the filter of their list.
REGISTER: Mapping[str, Callable[[date], Mapping[str, str]]] = {
    "cap_plan": lambda _due: {"show": "unplanned"},
    "cap_month": lambda due: {"show": "unstated", "month": f"{add_months(month_start(due), -1):%Y-%m}"},
    "cap_verdict": lambda _due: {"show": "suspect"},
}


def line_words(item: Item, base_url: str) -> dict[str, Any]:
    """A line in the language being spoken."""
    mark, word, colour = _light(item)
    return {
        "audience": item["audience"],
        "colour": colour,
        "mark": mark,
        "word": word,
        "title": title(item),
        "organisation": pick(item, "org"),
        "province": pick(item, "province") if item.get("province_zh") else "",
        "days": days(item),
        "until": until(item),
        "url": base_url + path(item),
    }


def in_one_line(item: Item, locale: str) -> str:
    """A line as plain text."""
    with use_locale(locale):
        words = line_words(item, "")
        return " · ".join(
            each for each in (words["word"], words["title"], words["organisation"], words["days"]) if each
        )


def title(item: Item) -> str:
    """What the line is about."""
    kind, about = item["kind"], _about(item)
    if kind == "silence":
        return ngettext("%(num)s 项任务未更新进展", "%(num)s 项任务未更新进展", item["count"])
    if kind == "season_start":
        first = short_day(date.fromisoformat(item["due"]))
        return _("%(season)s将于%(day)s开始，涉及任务 %(n)s 项", season=about, day=first, n=item["count"])
    if kind == "cap_check":
        return _("%(month)s错峰限产核查：%(n)s 项未填报", month=_month_of_due(item), n=item["count"])
    if kind in REGISTER:
        return _register_title(item)
    if kind == "calendar":
        return _("%(plan)s：系统没有%(year)s年的放假安排，期限暂按周末推算", plan=about, year=item["id"])
    waits = {"na_claim": _("待审核（申请不涉及）：%(title)s", title=about)}
    waits |= dict.fromkeys(("review", "report_review"), _("待审核：%(title)s", title=about))
    waits |= dict.fromkeys(("returned", "report_returned"), _("退回整改：%(title)s", title=about))
    return waits.get(kind, about)


def _register_title(item: Item) -> str:
    many = item["count"]
    if item["kind"] == "cap_plan":
        return ngettext("%(num)s 家企业没有提交错峰生产计划", "%(num)s 家企业没有提交错峰生产计划", many)
    if item["kind"] == "cap_verdict":
        return ngettext("错峰停产待核实 %(num)s 项", "错峰停产待核实 %(num)s 项", many)
    stated = month(add_months(month_start(date.fromisoformat(item["due"])), -1))
    return ngettext(
        "%(month)s停产实绩：%(num)s 家企业未报", "%(month)s停产实绩：%(num)s 家企业未报", many, month=stated
    )


def _about(item: Item) -> str:
    if item.get("month"):
        return _("%(month)s工作进展月报", month=month(date.fromisoformat(item["month"])))
    return pick(item, "title")


def _month_of_due(item: Item) -> str:
    return month(date.fromisoformat(item["due"]))


def _light(item: Item) -> tuple[str, str, str]:
    """The mark, the word and the colour a line begins with."""
    late = item["days"] < 0
    # A correction has a date of its own, which an assignment whose own date is far off says nothing of.
    if item["light"] and not (item["kind"] == "returned" and item["light"] != "red"):
        return MARKS.get(item["label"], "○"), light_word(item["label"]), item["light"]
    if item["kind"] == "silence":
        return "▲", _("未更新"), "yellow"
    if item["kind"] == "calendar":
        return "▲", _("待更新"), "yellow"
    if item["kind"] == "season_start":
        return "○", _("即将开始"), "grey"
    if late:
        return "■", _("逾期"), "red"
    words = {"report_review": _("待审核"), "cap_check": _("待填报"), "cap_verdict": _("待核实")}
    words |= dict.fromkeys(("returned", "report_returned"), _("待整改"))
    return "○", words.get(item["kind"], _("待报送")), "grey"


def days(item: Item) -> str:
    """How long there is, or since when nothing was said."""
    if item["kind"] == "silence":
        return _("已满一个月未报进展")
    if item["kind"] == "calendar":
        return _("国务院公布后请更新系统")
    if item["kind"] != "season_start":
        return days_in_words(item["days"])
    if item["days"] <= 0:
        return _("今天开始") if item["days"] == 0 else _("已开始")
    return ngettext("还有 %(num)s 天开始", "还有 %(num)s 天开始", item["days"])


def until(item: Item) -> str:
    """The due date in words; empty for what has none."""
    if item["kind"] in ("silence", "season_start", "calendar"):
        return ""
    day = short_day(date.fromisoformat(item["due"]))
    if item["kind"] in ("review", "report_review", "na_claim"):
        return _("应于%(day)s前审核", day=day)
    if item["kind"] == "cap_verdict":
        return _("应于%(day)s前核实", day=day)
    return _("%(day)s到期", day=day)


def path(item: Item) -> str:
    """Where the line leads, below the product's address."""
    if item["kind"] == "calendar":
        return "/jobs"
    if item["kind"] in REGISTER:
        about = REGISTER[item["kind"]](date.fromisoformat(item["due"]))
        return f"/caps/enterprises?{urlencode({'plan': item['plan'], 'city': item['org_code'], **about})}"
    if item["kind"] in WHOLE:
        about = WHOLE[item["kind"]](date.fromisoformat(item["due"]))
        return f"/assignments?{urlencode({'plan': item['plan'], 'organisation': item['org_code'], **about})}"
    return f"/{'reports' if item['kind'] in OF_REPORTS else 'assignments'}/{item['id']}"


def days_in_words(count: int) -> str:
    """How far a due date is: days left, today, or days since."""
    if count == 0:
        return _("今天到期")
    if count > 0:
        return ngettext("还有 %(num)s 天", "还有 %(num)s 天", count)
    return ngettext("已逾期 %(num)s 天", "已逾期 %(num)s 天", -count)


def light_word(label: str) -> str:
    """The word of a light, as the pages have it."""
    return str(WORDS.get(label, ""))
