"""Words for group chats: markdown that WeCom and DingTalk both show (headings, bold, links, nothing more)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from webapp.i18n import day_weekday, pick, short_day, use_locale
from webapp.mail.message import Rendered, Renderers
from webapp.mail.webhook_address import DINGTALK, WECOM, masked
from webapp.reminders.linewords import line_words

__all__ = ["RENDERERS", "kind_name", "masked", "render_digest", "render_test", "state_name"]

OWN, REVIEWER, ESCALATED = ("officer", "deputy"), ("reviewer",), ("province", "region")
Item = Mapping[str, Any]

# What would be read as markdown, or as the mention of a person, is written full-width.
_PLAIN = str.maketrans({"[": "［", "]": "］", "<": "＜", ">": "＞", "*": "＊", "`": "｀", "\\": "＼"})


def plain(text: str) -> str:
    """A text of the database as one line that is no markup."""
    return " ".join(text.split()).translate(_PLAIN)


def render_test(payload: dict[str, Any], locale: str) -> Rendered:
    """The message by which an operator tries a robot."""
    with use_locale(locale):
        title = _("蓝天：测试消息")
        told = _("这个群今后会收到%(org)s的工作提醒，每个工作日早晨最多一条。", org=plain(pick(payload, "org")))
        link = _("打开蓝天")
        return Rendered(title, f"### {title}\n{told}\n[{link}]({payload['base_url']}/)", "")


def render_digest(payload: dict[str, Any], locale: str) -> Rendered:
    """A group's message of a day. Its last line says how many there are and leads to the product.

    `payload` is what `robots.queue` wrote, with `base_url` added by the deliverer.
    """
    with use_locale(locale):
        day, org = date.fromisoformat(payload["day"]), plain(pick(payload, "org"))
        total = len(payload["items"]) + payload["more"]
        subject = _("蓝天提醒：%(org)s %(day)s，%(n)s 项", org=org, day=short_day(day), n=total)
        head = _("蓝天提醒：%(org)s，%(day)s", org=org, day=day_weekday(day))
        last = _("共 %(n)s 项，[打开蓝天](%(url)s/)", n=total, url=payload["base_url"])
        lines = [f"### {head}", *_sections(payload), ("……" if payload["more"] else "") + last]
        return Rendered(subject, "\n".join(lines), "")


RENDERERS: Renderers = {"robot_digest": render_digest}


def _sections(payload: dict[str, Any]) -> Iterator[str]:
    """Own work, then what waits for review, then what was escalated, city by city."""
    titles = ((_("需要办理"), OWN), (_("等待审核"), REVIEWER), (_("提级催办：逾期未办"), ESCALATED))
    for title, audiences in titles:
        items = [item for item in payload["items"] if item["audience"] in audiences]
        if items:
            yield f"**{title}**"
            yield from _lines(items, payload, headed=audiences is ESCALATED)


def _lines(items: list[Item], payload: dict[str, Any], *, headed: bool) -> Iterator[str]:
    city = payload["org_code"]
    for item in items:
        line = {name: plain(str(text)) for name, text in line_words(item, payload["base_url"]).items()}
        if headed and item["org_code"] != city:
            city = item["org_code"]
            yield f"**{line['organisation']}**"
        # Under its heading a city need not be named again, nor in its own group.
        whose = "" if headed or item["org_code"] == payload["org_code"] else f"{line['organisation']} "
        when = _("，").join(filter(None, (line["days"], line["until"])))
        yield f"{line['mark']} {line['word']} {whose}[{line['title']}]({line['url']}) {when}"


def kind_name(kind: str) -> str:
    """A service in words."""
    return {WECOM: _("企业微信"), DINGTALK: _("钉钉")}[kind]


def state_name(state: str) -> str:
    """What became of a message."""
    words = {"new": _("待发送"), "sending": _("发送中"), "sent": _("已发送"), "parked": _("发送失败")}
    return words.get(state, state)
