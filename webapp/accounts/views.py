"""Pages of accounts: sign in and out, one's own account, the language of this device; `mail_pages` has the mails."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import UserMixin, login_user, logout_user
from werkzeug.wrappers import Response

from webapp import web
from webapp.accounts import faces, mail_pages, passwords, people_pages, rules, service
from webapp.accounts.blueprint import blueprint
from webapp.accounts.calendar_links import current_link
from webapp.accounts.forms import MailTopicsForm, PasswordForm, ProfileForm, SignInForm
from webapp.accounts.models import LOCALES
from webapp.accounts.queries import Credentials, demo_accounts, find_credentials, get_person, session_rows
from webapp.accounts.shown_once import take
from webapp.errors import Invalid, LantianError, NotFound, Problem
from webapp.mail.models import TOPICS
from webapp.mail.service import refused_topics
from webapp.permissions import Actor, Permission, can_anywhere

__all__ = ["blueprint", "load_user", "mail_pages", "people_pages"]

# Eighteen digits fit the database's whole numbers; a forged session with more is nobody's.
TOKEN = re.compile(r"([0-9]{1,18}):([0-9]{1,18})")


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of a session, as Flask-Login wants it: the actor, and an id that a new password makes invalid."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The person's id and auth version; the session cookie holds this."""
        return f"{self.actor.id}:{self.actor.auth_version}"


def load_user(token: str) -> SignedIn | None:
    """The person of a session cookie, if the session still holds."""
    parts = TOKEN.fullmatch(token)
    if parts is None:
        return None
    found = session_rows(web.reading(), int(parts[1]), int(parts[2]))
    if found.instance is not None:
        web.keep_facts(found.instance)
    actor = found.actor(web.today())
    return None if actor is None else SignedIn(actor)


def _host() -> str:
    return request.remote_addr or "unknown"


# --- sign in and out


@blueprint.get("/sign-in")
@web.public("nobody has signed in yet")
def sign_in() -> Response | str:
    """The sign-in page; somebody who is signed in already goes on."""
    target = rules.safe_path(request.args.get("next"))
    if web.actor_or_none() is not None:
        return redirect(target or url_for("home"), 303)
    return _sign_in_page(SignInForm(formdata=None, next=target or ""))


@blueprint.post("/sign-in")
@web.public("nobody has signed in yet")
def sign_in_post() -> Response | tuple[str, int]:
    """Check address and password."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    try:
        actor = _authenticate(rules.normalise_email(form.email.data), form.password.data)
    except LantianError as error:
        form.form_errors.append(str(error.message))
        return _sign_in_page(form), error.status
    return _welcome(actor, form.next.data)


def _authenticate(email: str, password: str) -> Actor:
    """Who signs in. Raises TooMany, Invalid for a wrong pair, Conflict for somebody without a role today."""
    now, host = web.now(), _host()
    with web.transaction() as writing:
        service.take_attempt(writing, email, host, now=now)
    with web.database().reading() as reader:
        account = find_credentials(reader, email)
    # Outside any transaction: this takes a fifth of a second.
    if not passwords.verify(account.password_hash if account else None, password) or account is None:
        with web.transaction() as writing:
            service.record_failure(writing, account, host=host, now=now)
        raise Invalid([Problem("", _l("电子邮箱或密码不正确。"))])
    renewed = passwords.renewed(account.password_hash, password)
    with web.transaction() as writing:
        service.give_attempt_back(writing, email, host)
        if renewed:
            service.renew_hash(writing, account.person_id, account.password_hash, renewed)
        return service.record_sign_in(writing, account.person_id, account.auth_version, host=host, now=now)


def _welcome(actor: Actor, target: str | None) -> Response:
    language = session.get("language")
    # A new session: nothing that was put into the old one by somebody else is taken over.
    session.clear()
    session.permanent = True
    if language:
        session["language"] = language
    login_user(SignedIn(actor))
    return redirect(rules.safe_path(target) or url_for("home"), 303)


@blueprint.post("/sign-in/demo")
@web.public("the demo's accounts are open to whoever runs it; the page does not exist elsewhere")
def sign_in_demo() -> Response:
    """Sign in as one of the demo's people, without a password."""
    person_id = request.form.get("person_id", "")
    if not web.is_demo() or not re.fullmatch("[0-9]{1,18}", person_id):
        raise NotFound(_l("没有这个页面。"))
    now = web.now()
    with web.transaction() as writing:
        version = get_person(writing, int(person_id)).auth_version
        actor = service.record_sign_in(writing, int(person_id), version, host=_host(), now=now)
    return _welcome(actor, request.form.get("next"))


def _sign_in_page(form: SignInForm) -> str:
    accounts = demo_accounts(web.reading(), web.today()) if web.is_demo() else []
    return render_template("accounts/sign_in.html", form=form, faces=faces.grouped(accounts))


@blueprint.post("/sign-out")
@web.public("whoever is not signed in any more is signed out already")
def sign_out() -> Response:
    """End this session; the language of the device stays."""
    logout_user()
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    flash(_("您已安全退出。"), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.post("/language")
@web.public("the language is chosen before sign-in too")
def language() -> Response:
    """Choose the language of this device."""
    wanted = request.form.get("locale")
    if wanted in LOCALES:
        session["language"] = wanted
    return redirect(rules.safe_path(request.form.get("next")) or _start(), 303)


def _start() -> str:
    return url_for("home") if web.actor_or_none() else url_for("accounts.sign_in")


# --- one's own account


@blueprint.get("/account")
@web.requires(Permission.SEE)
def account() -> str:
    """One's own profile, password and mails."""
    return _account_page(ProfileForm(formdata=None, obj=get_person(web.reading(), web.actor().id)))


@blueprint.post("/account")
@web.requires(Permission.SEE)
def account_post() -> Response | tuple[str, int]:
    """Save one's own profile."""
    form = ProfileForm()
    if not form.validate():
        return _account_page(form), 422
    try:
        with web.transaction() as writing:
            if web.once(writing, form, "account.profile", url_for("accounts.account")) is None:
                service.update_profile(writing, web.actor().id, **_profile(form), actor=web.actor(), now=web.now())
    except Invalid as error:
        web.show_problems(form, error)
        return _account_page(form), error.status
    # The person's own language holds again on this device.
    session.pop("language", None)
    flash(_("个人资料已保存。"), "success")
    return web.see_other("accounts.account")


def _profile(form: ProfileForm) -> dict[str, Any]:
    names = ("name_zh", "name_en", "phone", "locale")
    return {**{name: form[name].data or "" for name in names}, "version": form.version.data or 0}


@blueprint.post("/account/password")
@web.requires(Permission.SEE)
def change_password() -> Response | tuple[str, int]:
    """Change one's own password; sessions elsewhere end, this one goes on."""
    form = PasswordForm()
    if not form.validate():
        return _account_page(password=form), 422
    try:
        actor = _change_password(form.current.data, form.password.data)
    except LantianError as error:
        web.show_problems(form, error if isinstance(error, Invalid) else Invalid([Problem("current", error.message)]))
        return _account_page(password=form), error.status
    _welcome(actor, None)
    flash(_("密码已修改，您在其他设备上的登录已全部退出。"), "success")
    return web.see_other("accounts.account")


def _change_password(current: str, new: str) -> Actor:
    now, who = web.now(), web.actor()
    person = get_person(web.reading(), who.id)
    account = Credentials(person.id, person.password_hash, person.auth_version)
    names = f"{person.name_zh} {person.name_en}"
    with web.transaction() as writing:
        service.take_attempt(writing, person.email, _host(), now=now)
    if not passwords.verify(account.password_hash, current):
        raise Invalid([Problem("current", _l("当前密码不正确。"))])
    hashed = passwords.hash_new(new, email=person.email, name=names)
    with web.transaction() as writing:
        service.give_attempt_back(writing, person.email, _host())
        service.set_password(writing, who.id, hashed, actor=who, now=now)
        return service.record_sign_in(writing, who.id, account.auth_version + 1, host=_host(), now=now)


def _account_page(profile: ProfileForm | None = None, password: PasswordForm | None = None) -> str:
    person = get_person(web.reading(), web.actor().id)
    refused = refused_topics(web.reading(), person.id)
    return render_template(
        "accounts/account.html",
        person=person,
        topics=MailTopicsForm(formdata=None, data={topic: topic not in refused for topic in TOPICS}),
        profile=profile or ProfileForm(formdata=None, obj=person),
        password=password or PasswordForm(formdata=None),
        shortest=rules.SHORTEST,
        calendar_offered=can_anywhere(web.actor(), Permission.UPDATE_PROGRESS),
        calendar=current_link(web.reading(), person.id),
        calendar_address=take("calendar", person.id),
    )
