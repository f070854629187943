"""Reminders as mails: the daily digest, most urgent first, and a single one that goes at once."""

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webapp.i18n import pick, use_locale
from webapp.mail.message import Rendered, Renderers
from webapp.mail.rendering import render
from webapp.reminders.linewords import days_in_words, light_word, line_words

__all__ = ["RENDERERS", "days_in_words", "light_word", "render_asked", "render_digest", "render_single", "subject"]

TEMPLATES = Path(__file__).parent / "templates"
OWN = ("officer", "deputy")
ESCALATED = ("province", "region")

Line = dict[str, Any]
Group = tuple[str, list[Line]]


def render_digest(payload: dict[str, Any], locale: str) -> Rendered:
    """Word a digest. `payload` is what `service` wrote, with `base_url` added by the deliverer."""
    with use_locale(locale):
        lines = [line_words(item, payload["base_url"]) for item in payload["items"]]
        return render(
            TEMPLATES,
            "reminders/mail_digest",
            subject=_subject(payload, lines[0]),
            person=pick(payload, "name"),
            day=date.fromisoformat(payload["day"]),
            sections=_sections(lines),
            more=payload["more"],
            all_url=payload["base_url"] + "/",
            rules_url=payload["base_url"] + "/reminder-rules",
        )


def render_single(payload: dict[str, Any], locale: str) -> Rendered:
    """Word a reminder that goes at once, of one thing alone."""
    with use_locale(locale):
        line = line_words(payload["items"][0], payload["base_url"])
        return render(
            TEMPLATES,
            "reminders/mail_single",
            subject=_subject(payload, line),
            person=pick(payload, "name"),
            line=line,
            lead=_lead(line),
        )


def render_asked(payload: dict[str, Any], locale: str) -> Rendered:
    """Word what a coordinator asks for now. `payload` is what `asking` wrote."""
    with use_locale(locale):
        lines = [line_words(item, payload["base_url"]) for item in payload["items"]]
        asks = _("%(place)s%(name)s", place=pick(payload, "from"), name=pick(payload, "by"))
        return render(
            TEMPLATES,
            "reminders/mail_asked",
            subject=_asked_subject(payload, lines[0]),
            person=pick(payload, "name"),
            asks=asks,
            words=payload["words"],
            lines=lines,
            more=payload["more"],
            all_url=payload["base_url"] + "/",
        )


def subject(payload: dict[str, Any], locale: str) -> str:
    """What a mail of these facts is called; the same for a digest and for a single one."""
    with use_locale(locale):
        return _subject(payload, line_words(payload["items"][0], ""))


RENDERERS: Renderers = {"digest": render_digest, "reminder": render_single, "asked": render_asked}


def _lead(line: Line) -> str:
    if line["audience"] in ESCALATED:
        return _("以下事项逾期未办，请督促办理。")
    return _("以下事项等待您审核。") if line["audience"] == "reviewer" else _("以下事项需要您办理。")


def _subject(payload: dict[str, Any], first: Line) -> str:
    total = len(payload["items"]) + payload["more"]
    if total == 1:
        return _("提醒：%(title)s（%(days)s）", title=first["title"], days=first["days"])
    return _(
        "提醒：%(n)s 项待办，最急：%(title)s（%(days)s）", n=total, title=first["title"], days=first["days"]
    )  # fmt: skip


def _asked_subject(payload: dict[str, Any], first: Line) -> str:
    total = len(payload["items"]) + payload["more"]
    if total == 1:
        return _("催办：%(title)s（%(days)s）", title=first["title"], days=first["days"])
    return _("催办：%(n)s 项任务，最急：%(title)s（%(days)s）", n=total, title=first["title"], days=first["days"])


def _sections(lines: list[Line]) -> list[tuple[str, list[Group]]]:
    """Own work first, then what waits for the person's review, then what is told because others are late, by city."""
    own = [line for line in lines if line["audience"] in OWN]
    reviews = [line for line in lines if line["audience"] == "reviewer"]
    escalated = [line for line in lines if line["audience"] in ESCALATED]
    titled: list[tuple[str, list[Group]]] = [
        (_("需要您办理"), [("", own)]),
        (_("等待您审核"), [("", reviews)]),
        (_("提级催办：以下事项已逾期未办"), [(name, list(each)) for name, each in groupby(escalated, _heading)]),
    ]
    return [(title, groups) for title, groups in titled if any(group for _name, group in groups)]


def _heading(line: Line) -> str:
    """The city; for the region, which looks at several provinces, after its province."""
    if line["audience"] == "region" and line["province"] and line["province"] != line["organisation"]:
        return f"{line['province']} · {line['organisation']}"
    return str(line["organisation"])
