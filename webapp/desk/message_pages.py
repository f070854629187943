"""The mails a person was sent: a list, and each as text."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.clock import parse_instant
from webapp.desk import queries
from webapp.desk.blueprint import ID, blueprint
from webapp.i18n import pick
from webapp.mail.message import Renderers
from webapp.mail.models import OutboxMail
from webapp.permissions import Permission
from webapp.progress.emails import RENDERERS as OF_PROGRESS
from webapp.reminders.emails import render_digest
from webapp.reports.emails import RENDERERS as OF_REPORTS

RENDERERS: Renderers = {"digest": render_digest, **OF_PROGRESS, **OF_REPORTS}
SEEN = "messages_seen"
# On a device that never showed the messages, those of the last days count as unread.
NEW_FOR = timedelta(days=3)
STATES: Mapping[str, Any] = {
    "new": _l("待发送"), "sending": _l("发送中"), "sent": _l("已发送"), "parked": _l("未能送达"),
}  # fmt: skip
TITLES: Mapping[str, Any] = {
    "digest": _l("到期提醒"),
    "claim_verified": _l("已核实销号"),
    "claim_returned": _l("退回整改"),
    "na_accepted": _l("同意不涉及"),
    "na_refused": _l("不同意不涉及"),
    "assignment_reopened": _l("重新打开"),
    "due_extended": _l("办理期限调整"),
}


def last_seen() -> datetime:
    """When the person last looked at the messages on this device."""
    stored = session.get(SEEN)
    return parse_instant(stored) if stored else web.now() - NEW_FOR


@blueprint.get("/messages")
@web.requires(Permission.SEE)
def messages() -> str:
    """The mails to this person, newest first; looking at them makes them read."""
    number, seen = web.page_number(), last_seen()
    found, more = queries.messages(web.reading(), web.actor(), page=number)
    session[SEEN] = web.now().isoformat()
    return render_template(
        "desk/messages.html", mails=found, more=more, number=number, seen=seen, subject=subject, states=STATES
    )


@blueprint.get(f"/messages/<{ID}:mail_id>")
@web.requires(Permission.SEE)
def message(mail_id: int) -> str:
    """One mail as it was, or will be, sent."""
    mail = queries.get_message(web.reading(), mail_id, web.actor())
    renderer = RENDERERS.get(mail.template)
    rendered = renderer({**mail.payload, "base_url": web.settings().public_url}, mail.locale) if renderer else None
    return render_template("desk/message.html", mail=mail, rendered=rendered, title=subject(mail), states=STATES)


def subject(mail: OutboxMail) -> str:
    """The subject a mail was sent with; before that, what it is about."""
    if mail.subject:
        return mail.subject
    kind = str(TITLES.get(mail.template, _("通知")))
    about = pick(mail.payload, "title")
    return _("%(kind)s：%(about)s", kind=kind, about=about) if about else kind
