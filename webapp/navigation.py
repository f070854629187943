"""The ways round the product: which entries each face sees, and in which words."""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from webapp import web
from webapp.accounts.wording import ROLE_LABELS
from webapp.i18n import pick
from webapp.permissions import Actor, Permission, can_anywhere


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the page it opens, its label and icon, the permission that shows it, and the badge it may carry."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission
    badge: str = ""


OFFICER = (
    Entry("desk.today", _l("今日"), "home", Permission.SEE, "today"),
    Entry("desk.assignments", _l("承办任务"), "list", Permission.SEE),
    Entry("reports.index", _l("月报"), "report", Permission.SEE),
    Entry("bulletins.index", _l("通报"), "file-text", Permission.SEE),
    Entry("plans.clauses", _l("方案"), "file", Permission.SEE),
    Entry("desk.messages", _l("消息"), "mail", Permission.SEE),
)
COORDINATOR = (
    Entry("dashboard.overview", _l("总览"), "layout-dashboard", Permission.OVERVIEW),
    Entry("dashboard.assignments", lazy_pgettext("page", "任务"), "list", Permission.OVERVIEW),
    Entry("dashboard.review", _l("审核"), "check", Permission.CLOSE_OUT, "review"),
    Entry("reports.index", _l("月报"), "report", Permission.SEE),
    Entry("bulletins.index", _l("通报"), "file-text", Permission.SEE),
    Entry("plans.clauses", _l("方案"), "file", Permission.SEE),
    Entry("desk.messages", _l("消息"), "mail", Permission.SEE),
)
OWN_DUTIES = Entry("desk.today", _l("本单位任务"), "home", Permission.UPDATE_PROGRESS)
ACCOUNT = Entry("accounts.account", _l("个人设置"), "user", Permission.SEE)
CAPS = Entry("caps.index", _l("错峰生产"), "building-factory", Permission.SEE)
RANKING = Entry("ranking.index", _l("进度排名"), "trending-up", Permission.SEE)
OPERATORS = (
    Entry("accounts.people_list", _l("人员"), "users", Permission.OPERATE),
    Entry("oversight.jobs", _l("定时任务与邮件"), "clock", Permission.OPERATE),
    Entry("rules.index", _l("提醒规则"), "bell", Permission.OPERATE),
    Entry("robots.index", _l("群机器人"), "message", Permission.OPERATE),
    Entry("oversight.audit", _l("操作记录"), "history", Permission.OPERATE),
)


def is_officer(actor: Actor) -> bool:
    """Whether the officer's face is shown: the person works at no level that looks over others."""
    return not can_anywhere(actor, Permission.OVERVIEW)


def home_endpoint(actor: Actor) -> str:
    """The page a person lands on after sign-in."""
    return "desk.today" if is_officer(actor) else "dashboard.overview"


def main_entries(actor: Actor) -> list[Entry]:
    """The five to seven entries of a person's navigation."""
    entries = OFFICER if is_officer(actor) else COORDINATOR
    return [entry for entry in entries if can_anywhere(actor, entry.permission)]


def menu_entries(actor: Actor) -> list[Entry]:
    """What stands under the person's name."""
    own = () if is_officer(actor) else (OWN_DUTIES,)
    return [entry for entry in (*own, CAPS, RANKING, *OPERATORS, ACCOUNT) if can_anywhere(actor, entry.permission)]


def _shown(entry: Entry, badges: dict[str, int]) -> dict[str, Any]:
    return {
        "url": web.address(entry.endpoint),
        "label": entry.label,
        "icon": entry.icon,
        "active": request.endpoint == entry.endpoint,
        "count": badges.get(entry.badge, 0),
    }


def context(badges: dict[str, int]) -> dict[str, Any]:
    """What the layout needs to show who is signed in and where they can go."""
    actor = web.actor_or_none()
    if actor is None or actor.home is None:
        return {"actor": None, "nav": [], "menu": []}
    return {
        "actor": {
            "name": pick({"name_zh": actor.name, "name_en": actor.name_en}, "name"),
            "org_name": pick({"name_zh": actor.home.name_zh, "name_en": actor.home.name_en}, "name"),
            "role_label": ROLE_LABELS[actor.home.role],
        },
        "nav": [_shown(entry, badges) for entry in main_entries(actor)],
        "menu": [_shown(entry, badges) for entry in menu_entries(actor)],
        "home_url": web.address(home_endpoint(actor)),
        "sign_out_url": web.address("accounts.sign_out"),
        "language_url": web.address("accounts.language"),
        "messages_url": web.address("desk.messages"),
        "newest_url": web.address("desk.newest_messages"),
    }
