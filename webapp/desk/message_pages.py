"""The messages a person was sent: the bell's panel, the list, each one as it looks, and the marks of what was read.

Looking never writes: a message is marked as read by a POST, which the page sends by itself where scripts run.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts.rules import safe_path
from webapp.bulletins.emails import RENDERERS as OF_BULLETINS
from webapp.clock import parse_instant
from webapp.desk import message_queries as queries
from webapp.desk.blueprint import ID, blueprint
from webapp.errors import NotFound
from webapp.i18n import month, pick
from webapp.mail.message import Rendered, Renderers
from webapp.mail.models import OutboxMail
from webapp.mail.service import mark_read
from webapp.mail.viewing import POLICY, SANDBOX, framed
from webapp.permissions import Permission
from webapp.progress.emails import RENDERERS as OF_PROGRESS
from webapp.reminders.emails import RENDERERS as OF_REMINDERS
from webapp.reports.emails import RENDERERS as OF_REPORTS

RENDERERS: Renderers = {**OF_REMINDERS, **OF_PROGRESS, **OF_REPORTS, **OF_BULLETINS}
STATES: Mapping[str, Any] = {
    "new": _l("待发送"), "sending": _l("发送中"), "sent": _l("已发送"), "parked": _l("未能送达"),
    "withheld": _l("未发邮件（您已退订）"),
}  # fmt: skip
TITLES: Mapping[str, Any] = {
    "digest": _l("到期提醒"),
    "reminder": _l("到期提醒"),
    "asked": _l("催办"),
    "claim_verified": _l("已核实销号"),
    "claim_returned": _l("退回整改"),
    "na_accepted": _l("同意不涉及"),
    "na_refused": _l("不同意不涉及"),
    "assignment_reopened": _l("重新打开"),
    "due_extended": _l("办理期限调整"),
    "report_accepted": _l("月报审核通过"),
    "report_returned": _l("月报退回修改"),
    "bulletin_published": _l("调度通报"),
}
TABS: Mapping[str, Any] = {
    "": _l("全部"), "unread": _l("未读"), "reminders": _l("到期提醒"), "decisions": _l("审核结果和通报"),
}  # fmt: skip


@blueprint.get("/messages")
@web.requires(Permission.SEE)
def messages() -> str:
    """The messages to this person, newest first, all or of one kind."""
    number, shown = web.page_number(), request.args.get("show", "")
    shown = shown if shown in queries.FILTERS else ""
    found, more = queries.messages(web.reading(), web.actor(), shown=shown, page=number)
    return render_template(
        "desk/messages.html",
        mails=found,
        more=more,
        number=number,
        shown=shown,
        tabs=TABS,
        subject=subject,
        states=STATES,
        until=web.now().isoformat(),
    )


@blueprint.get("/messages/newest")
@web.requires(Permission.SEE)
def newest_messages() -> str:
    """The bell's panel: the newest unread ones. A piece of a page."""
    found = queries.newest_unread(web.reading(), web.actor())
    back = safe_path(request.args.get("next")) or url_for("desk.messages")
    return render_template("desk/_bell.html", mails=found, subject=subject, until=web.now().isoformat(), back=back)


@blueprint.get(f"/messages/<{ID}:mail_id>")
@web.requires(Permission.SEE)
def message(mail_id: int) -> str:
    """One message: about it, its HTML in a frame, its text."""
    mail = queries.get_message(web.reading(), mail_id, web.actor())
    return render_template(
        "desk/message.html", mail=mail, rendered=_worded(mail), title=subject(mail), states=STATES, sandbox=SANDBOX
    )


@blueprint.get(f"/messages/<{ID}:mail_id>/html")
@web.requires(Permission.SEE)
def message_html(mail_id: int) -> Response:
    """The message's own HTML, in a response that can run nothing."""
    rendered = _worded(queries.get_message(web.reading(), mail_id, web.actor()))
    if rendered is None:
        raise NotFound(_l("没有这封邮件。"))
    response = make_response(framed(rendered.html))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.post(f"/messages/<{ID}:mail_id>/read")
@web.requires(Permission.SEE)
def read_message(mail_id: int) -> BaseResponse:
    """Mark one message as read; a second time changes nothing."""
    queries.get_message(web.reading(), mail_id, web.actor())
    with web.transaction() as session:
        mark_read(session, person_id=web.actor().id, now=web.now(), ids=[mail_id])
    return _back()


@blueprint.post("/messages/read")
@web.requires(Permission.SEE)
def read_all_messages() -> BaseResponse:
    """Mark everything as read that was there when the page was shown."""
    now = web.now()
    with web.transaction() as session:
        count = mark_read(session, person_id=web.actor().id, now=now, until=_shown_until())
    flash(ngettext("已将 %(num)s 条消息标为已读。", "已将 %(num)s 条消息标为已读。", count), "success")
    return _back()


def _shown_until() -> datetime | None:
    try:
        return parse_instant(request.form.get("until", ""))
    except (ValueError, OverflowError):
        return None


def _back() -> BaseResponse:
    return redirect(safe_path(request.form.get("next")) or url_for("desk.messages"), 303)


def _worded(mail: OutboxMail) -> Rendered | None:
    renderer = RENDERERS.get(mail.template)
    return renderer({**mail.payload, "base_url": web.settings().public_url}, mail.locale) if renderer else None


def subject(mail: OutboxMail) -> str:
    """The subject a mail was sent with; before that, or when it was never sent, what it is about."""
    if mail.subject:
        return mail.subject
    kind, about = str(TITLES.get(mail.template, _("通知"))), _about(mail.payload)
    return _("%(kind)s：%(about)s", kind=kind, about=about) if about else kind


def _about(payload: Mapping[str, Any]) -> str:
    """The task, the report's month, or how many things a digest lists."""
    if payload.get("month"):
        return month(date.fromisoformat(payload["month"]))
    count = len(payload.get("items", ())) + payload.get("more", 0)
    return pick(payload, "title") or (ngettext("%(num)s 项", "%(num)s 项", count) if count else "")
