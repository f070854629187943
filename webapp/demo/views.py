"""The demo's pages: the buttons that move its day, and the mailbox of all mails that were sent."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from webapp import i18n, web
from webapp.accounts.rules import safe_path
from webapp.demo.catcher import CaughtMail, count_mails, list_mails, load_mail
from webapp.demo.service import advance as move_on
from webapp.errors import NotFound
from webapp.mail.viewing import POLICY, framed
from webapp.permissions import Permission

blueprint = Blueprint("demo", __name__, template_folder="templates")

DAYS = {"next-morning": None, "plus-7": 7}
SHOWN = 200


@blueprint.before_request
def only_in_a_demo() -> None:
    """Outside a demo none of these pages exists."""
    if not web.is_demo():
        raise NotFound(_l("没有找到这个页面。"))


@blueprint.post("/demo/advance")
@web.requires(Permission.SEE)
def advance() -> BaseResponse:
    """Move the day on and return to the page one was on."""
    choice = request.form.get("to", "")
    with web.transaction() as session:
        reached = move_on(session, days=DAYS.get(choice))
    flash(_("演示时间已推进到 %(when)s，定时任务正在补办这段时间的工作。", when=i18n.moment(reached)), "success")
    return redirect(safe_path(request.form.get("next")) or url_for("home"), 303)


@blueprint.get("/demo/mailbox")
@web.requires(Permission.SEE)
def mailbox() -> str:
    """All mails the demo sent, newest first, or those to one address."""
    folder = web.settings().mailbox_dir
    address = request.args.get("to", "").strip()
    mails = list_mails(folder, to=address, limit=SHOWN)
    return render_template("demo/mailbox.html", mails=mails, address=address, total=count_mails(folder), shown=SHOWN)


@blueprint.get("/demo/mailbox/<name>")
@web.requires(Permission.SEE)
def mail(name: str) -> str:
    """One mail with its headers, as text and as it looks."""
    return render_template("demo/mail.html", mail=_found(name))


@blueprint.get("/demo/mailbox/<name>/html")
@web.requires(Permission.SEE)
def mail_html(name: str) -> Response:
    """The mail's own HTML, in a response that can run nothing."""
    response = make_response(framed(_found(name).html))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _found(name: str) -> CaughtMail:
    found = load_mail(web.settings().mailbox_dir, name)
    if found is None:
        raise NotFound(_l("没有这封邮件，可能已被较新的邮件替换。"))
    return found
