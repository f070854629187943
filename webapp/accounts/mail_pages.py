"""Which mails one gets: the choice on one's account, and the page behind the link in each mail that can be refused.

The link needs no sign-in: its signature says who and what, and it can do nothing else. Mail programs post to it too
(RFC 8058); the page's own buttons post elsewhere, with a token as every form has.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts import mailing
from webapp.accounts.blueprint import blueprint
from webapp.accounts.forms import MailTopicsForm
from webapp.accounts.models import Person
from webapp.accounts.queries import get_person
from webapp.accounts.rules import masked_email
from webapp.errors import NotFound
from webapp.mail.models import TOPICS
from webapp.mail.service import refused_topics
from webapp.mail.unsubscribe import read_token
from webapp.permissions import Permission

ONE_CLICK = ("List-Unsubscribe", "One-Click")
NAMES: Mapping[str, Any] = {"reminders": _l("到期提醒"), "decisions": _l("审核结果和通报")}


@blueprint.post("/account/mails")
@web.requires(Permission.SEE)
def mail_topics() -> BaseResponse:
    """Save which mails one wants."""
    form = MailTopicsForm()
    form.validate()
    wanted = [topic for topic in TOPICS if form[topic].data]
    with web.transaction() as writing:
        if web.once(writing, form, "account.mails", "/account") is None:
            mailing.choose_topics(writing, wanted, actor=web.actor(), now=web.now())
    flash(_("邮件设置已保存。"), "success")
    return web.see_other("accounts.account", _anchor="mails")


@blueprint.get("/unsubscribe/<token>")
@web.public("the link in a mail is followed by whoever got the mail; its signature says who that is")
def unsubscribe(token: str) -> str:
    """What the link stops and what goes on, with the button that does it."""
    person, topic = _meant(token)
    return render_template(
        "accounts/unsubscribe.html",
        token=token,
        topic=topic,
        name=NAMES[topic],
        address=masked_email(person.email),
        refused=topic in refused_topics(web.reading(), person.id),
    )


@blueprint.post("/unsubscribe/<token>")
@web.public("mail programs post here by themselves when somebody presses their button (RFC 8058)")
def one_click(token: str) -> Response:
    """Stop at once. Takes no form of ours: no token against forgery, for nobody but the reader knows the address."""
    name, value = ONE_CLICK
    if request.form.get(name) != value:
        return _plain(_("请打开退订链接，在页面上确认。"), 400)
    try:
        _set(token, wanted=False)
    except NotFound as error:
        return _plain(str(error.message), error.status)
    return _plain(_("已退订，不再发送这类邮件。"), 200)


@blueprint.post("/unsubscribe/<token>/choice")
@web.public("as the page it stands on")
def unsubscribe_choice(token: str) -> BaseResponse:
    """Stop, or have the mails again: the page's buttons."""
    _set(token, wanted=request.form.get("wanted") == "yes")
    return web.see_other("accounts.unsubscribe", token=token)


def _set(token: str, *, wanted: bool) -> None:
    now, (person, topic) = web.now(), _meant(token)
    with web.transaction() as writing:
        mailing.set_topic(writing, person.id, topic, wanted=wanted, actor=mailing.by_link(person), now=now)


def _meant(token: str) -> tuple[Person, str]:
    """Whom and what a link means. Raises NotFound for one that nobody signed."""
    found = read_token(web.settings().secret_key, token)
    if found is None:
        raise NotFound(_l("退订链接不完整或已失效。请登录后在“个人设置”中选择要接收的邮件。"))
    return get_person(web.reading(), found[0]), found[1]


def _plain(words: str, status: int) -> Response:
    return Response(f"{words}\n", status, mimetype="text/plain")
