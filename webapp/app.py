"""The web application: settings and database in, a Flask application out."""

import secrets
import uuid
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from webapp import i18n, navigation, web
from webapp.accounts import views as accounts
from webapp.bulk import views as bulk
from webapp.bulletins import views as bulletins
from webapp.caps import views as caps
from webapp.clock import local
from webapp.dashboard import views as dashboard
from webapp.db import Database
from webapp.demo import views as demo
from webapp.desk import views as desk
from webapp.errors import LantianError
from webapp.evidence import views as evidence
from webapp.ledgers import views as ledgers
from webapp.lists import views as lists
from webapp.oversight import views as oversight
from webapp.permissions import Permission
from webapp.plans import views as plans
from webapp.ranking import views as ranking
from webapp.reports import views as reports
from webapp.robots import views as robots
from webapp.rulebook import views as rules
from webapp.search import views as search
from webapp.settings import Settings

SESSION_HOURS = 12
FILES_A_REQUEST = 10
VERSION = version("lantian")
FEATURES = (
    accounts, lists, evidence, plans, ledgers, desk, dashboard, bulk, caps, reports, bulletins, ranking, search,
    oversight, robots, rules, demo,
)  # fmt: skip


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Make the application. The database must have been migrated; nothing is read from it yet."""
    app = Flask("webapp", root_path=str(Path(__file__).parent))
    app.extensions["lantian.settings"] = settings
    app.extensions["lantian.database"] = database or Database(settings.database)
    _configure(app, settings)
    app.url_map.converters["int"] = web.IdConverter
    i18n.init(app, choose_language)
    # The one address that others post to: a mail program's button, whose link is the proof.
    CSRFProtect(app).exempt(accounts.mail_pages.one_click)
    _sign_in(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    _own_routes(app)
    _error_pages(app)
    web.remember_addresses(app)
    app.after_request(web.protect)
    app.teardown_appcontext(web.close_reading)
    app.context_processor(page_context)
    app.jinja_env.globals["new_request_key"] = lambda: uuid.uuid4().hex
    web.check_all_views_are_marked(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        SESSION_COOKIE_NAME="lantian",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.cookie_secure,
        MAX_CONTENT_LENGTH=(settings.upload_max_mb * FILES_A_REQUEST + 1) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(accounts.load_user)


def choose_language() -> str:
    """The language of a request: the choice made on this device, the person's own, the browser's, Chinese."""
    chosen = session.get("language")
    if chosen in i18n.LOCALES:
        return str(chosen)
    actor = web.actor_or_none()
    if actor is not None:
        return actor.locale
    return i18n.negotiate([tag for tag, _weight in request.accept_languages])


def page_context() -> dict[str, Any]:
    """What every page's frame needs: person, navigation, plan, language, and the demo's day."""
    actor = web.actor_or_none()
    counts = desk.counts() if actor is not None else None
    badges = desk.badges() if counts else {}
    plan = plans.plan_in_view() if actor is not None else None
    return {
        **navigation.context(badges),
        "locale": i18n.language(),
        "version": VERSION,
        "today": web.today(),
        "plan": None if plan is None else {"title": i18n.pick(plan, "title"), "short": i18n.pick(plan, "short")},
        "other_plans": [] if plan is None else [each for each in plans.plans_of_mine() if each.id != plan.id],
        "demo": demo_context() if web.is_demo() else None,
        "unread": badges.get("unread", 0),
        "search_url": web.address("search.index") if actor is not None else None,
        "alarm": oversight.alarm.banner(counts.pulse if counts else None),
        "address_refused": badges.get("address_refused", 0),
    }


def demo_context() -> dict[str, Any]:
    """What the demo's bar shows."""
    moment = local(web.now())
    signed_in = web.actor_or_none() is not None
    return {
        "date": i18n.day(moment.date()),
        "weekday": i18n.weekday(moment.date()),
        "time": f"{moment:%H:%M}",
        "advance_url": url_for("demo.advance") if signed_in else None,
        "mailbox_url": url_for("demo.mailbox") if signed_in else None,
    }


def _own_routes(app: Flask) -> None:
    app.view_functions["static"] = web.public("style sheets, scripts and pictures")(app.view_functions["static"])

    @app.get("/")
    @web.requires(Permission.SEE)
    def home() -> BaseResponse:
        return redirect(url_for(navigation.home_endpoint(web.actor())))


def _error_pages(app: Flask) -> None:
    app.register_error_handler(LantianError, lambda error: _error_page(error.status, error.message))
    app.register_error_handler(StaleDataError, lambda _error: _error_page(409, STALE))
    app.register_error_handler(CSRFError, lambda _error: _error_page(400, EXPIRED))
    app.register_error_handler(HTTPException, lambda error: _error_page(error.code or 500, None))
    app.register_error_handler(Exception, _unexpected)


STALE = _l("别人刚刚先保存了这条记录，您的内容没有保存。请返回上一页核对最新内容后再提交。")
EXPIRED = _l("页面打开时间过长或登录状态已变化，这次没有保存。请返回上一页刷新后再提交。")
ERROR_PAGES = frozenset({400, 403, 404, 409, 413, 429, 500})


def _error_page(status: int, message: Any) -> tuple[str, int] | Response:
    web.close_reading()
    page = status if status in ERROR_PAGES else (400 if status < 500 else 500)
    return render_template(f"errors/{page}.html", message=message), status


def _unexpected(error: Exception) -> Any:
    current_app.logger.error("unexpected error at %s", request.path, exc_info=error)
    return _error_page(500, None)
