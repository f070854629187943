"""The calendar's secret address: made, made anew or revoked on one's account, and the feed itself."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp import web
from webapp.accounts.calendar_links import make_link, reader_of, revoke_link
from webapp.accounts.shown_once import keep
from webapp.clock import local_instant
from webapp.desk.blueprint import blueprint
from webapp.desk.calendar_feed import Feed, feed
from webapp.desk.forms import ActForm
from webapp.errors import Invalid, Problem
from webapp.i18n import use_locale
from webapp.permissions import Permission

CARD = "calendar"


@blueprint.post("/account/calendar")
@web.requires(Permission.SEE)
def make_calendar_link() -> Response:
    """Make an address, or a new one in place of the old; it is shown once."""
    form, who = _button(), web.actor()
    with web.transaction() as session:
        first = web.once(session, form, "account.calendar", "/account") is None
        secret = make_link(session, who.id, actor=who, now=web.now()) if first else ""
    if first:
        keep(CARD, who.id, _public(url_for("desk.calendar_feed", secret=secret)))
    return web.see_other("accounts.account", _anchor=CARD)


@blueprint.post("/account/calendar/revoke")
@web.requires(Permission.SEE)
def revoke_calendar_link() -> Response:
    """End the address; programs that subscribed to it are told that it does not exist."""
    form, who = _button(), web.actor()
    with web.transaction() as session:
        if web.once(session, form, "account.calendar_end", "/account") is None:
            revoke_link(session, who.id, actor=who, now=web.now())
    flash(_("日历地址已停用，已订阅的手机和电脑不再更新。"), "success")
    return web.see_other("accounts.account", _anchor=CARD)


def _button() -> ActForm:
    form = ActForm()
    if not form.validate():
        raise Invalid([Problem("", _l("这个按钮所在的页面已经过期，请刷新后再试。"))])
    return form


def _public(path: str) -> str:
    return web.settings().public_url + path


@blueprint.get("/calendar/<secret>.ics")
@web.public("calendar programs cannot sign in; the address itself is the secret, and can be revoked")
def calendar_feed(secret: str) -> Response:
    """The feed behind an address; the same plain words for every address that opens nothing."""
    actor = reader_of(web.reading(), secret, web.today())
    if actor is None:
        return Response(_("没有这个日历地址，或者它已被停用。"), 404, content_type="text/plain; charset=utf-8")
    with use_locale(actor.locale):
        found = feed(
            web.reading(), actor, today=web.today(), begun=local_instant(web.today()), address=_page,
        )  # fmt: skip
    return _answer(found)


def _page(endpoint: str, **values: Any) -> str:
    return _public(url_for(endpoint, **values))


def _answer(found: Feed) -> Response:
    answer = Response(found.content, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="lantian.ics"'
    # A program may keep it for itself, but asks each time; nothing in between keeps it.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.last_modified = found.changed
    answer.add_etag()
    return answer.make_conditional(request)
