"""The daily digest in words: one line an item, most urgent first, each with its light, its days and its link."""

from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.i18n import month, pick, short_day, use_locale
from webapp.mail.message import Rendered
from webapp.mail.rendering import render

TEMPLATES = Path(__file__).parent / "templates"
# The same shapes as on the pages, as characters a mail can carry.
MARKS = {
    "on_pace": "●", "behind": "▲", "overdue": "■", "not_started": "○", "standing": "○", "not_applicable": "○",
    "done": "✓", "done_late": "✓", "awaiting": "◔",
}  # fmt: skip
PATHS = {"assignment": "/assignments", "report": "/reports"}
ESCALATED = ("province", "region")


def render_digest(payload: dict[str, Any], locale: str) -> Rendered:
    """Word a digest. `payload` is what `service` wrote, with `base_url` added by the deliverer."""
    with use_locale(locale):
        lines = [_line(item, payload["base_url"]) for item in payload["items"]]
        return render(
            TEMPLATES,
            "reminders/mail_digest",
            subject=_subject(payload, lines[0]),
            person=pick(payload, "name"),
            day=date.fromisoformat(payload["day"]),
            sections=_sections(lines),
            more=payload["more"],
            all_url=payload["base_url"] + "/",
        )


def _subject(payload: dict[str, Any], first: dict[str, Any]) -> str:
    total = len(payload["items"]) + payload["more"]
    if total == 1:
        return _("提醒：%(title)s（%(days)s）", title=first["title"], days=first["days"])
    return _(
        "提醒：%(n)s 项待办，最急：%(title)s（%(days)s）", n=total, title=first["title"], days=first["days"]
    )  # fmt: skip


def _line(item: dict[str, Any], base_url: str) -> dict[str, Any]:
    return {
        "audience": item["audience"],
        "colour": item["light"] or ("red" if item["days"] < 0 else "grey"),
        "mark": MARKS.get(item["label"], "■" if item["days"] < 0 else "○"),
        "word": light_word(item["label"]) or (_("逾期") if item["days"] < 0 else _("待报送")),
        "title": _title(item),
        "organisation": pick(item, "org"),
        "days": days_in_words(item["days"]),
        "due": short_day(date.fromisoformat(item["due"])),
        "url": f"{base_url}{PATHS[item['kind']]}/{item['id']}",
    }


def _title(item: dict[str, Any]) -> str:
    if item["month"]:
        return _("%(month)s工作进展月报", month=month(date.fromisoformat(item["month"])))
    return pick(item, "title")


def _sections(lines: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Own work first, then what waits for the person's review, then what is told because others are late."""
    own = [line for line in lines if line["audience"] == "officer"]
    reviews = [line for line in lines if line["audience"] == "reviewer"]
    escalated = [line for line in lines if line["audience"] in ESCALATED]
    titled = [(_("需要您办理"), own), (_("等待您审核"), reviews), (_("提级催办：以下事项已逾期未办"), escalated)]
    return [(title, group) for title, group in titled if group]


def days_in_words(days: int) -> str:
    """How far a due date is: days left, today, or days since."""
    if days == 0:
        return _("今天到期")
    if days > 0:
        return ngettext("还有 %(num)s 天", "还有 %(num)s 天", days)
    return ngettext("已逾期 %(num)s 天", "已逾期 %(num)s 天", -days)


def light_word(label: str) -> str:
    """The word of a light, as the pages have it."""
    words = {
        "on_pace": _("正常"), "behind": _("滞后"), "overdue": _("逾期"), "not_started": _("未开始"),
        "standing": _("长期任务"), "not_applicable": _("不涉及"), "done": _("办结"), "done_late": _("逾期完成"),
        "awaiting": _("待核验"),
    }  # fmt: skip
    return words.get(label, "")
