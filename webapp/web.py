"""What every view uses: who asks, the session, the present instant, who may enter, and answers that can be repeated.

A view is marked with `requires(permission)` or `public(reason)`; one that is marked with neither is refused at start.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, stream_with_context, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, IntegerField
from wtforms.validators import Length, Optional, Regexp

from webapp.clock import Clock, local_date
from webapp.db import Database, Instance, RequestKey, insert_once, instance
from webapp.errors import Forbidden, Invalid, RequestReused
from webapp.permissions import Actor, Permission, can_anywhere
from webapp.settings import Settings

LARGEST_ID = 2**53 - 1
View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class IdConverter(IntegerConverter):
    """Numbers in addresses: one that no column of either database could hold is no address of ours, so not found."""

    regex = "[0-9]+"

    def __init__(self, url_map: Map, *, max: int = LARGEST_ID, **options: Any) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(url_map, max=max, **options)


def settings() -> Settings:
    """The settings the application was made with."""
    found: Settings = current_app.extensions["lantian.settings"]
    return found


def database() -> Database:
    """The database the application was made with."""
    found: Database = current_app.extensions["lantian.database"]
    return found


def reading() -> Session:
    """The request's reading session: one state of the database for the whole page."""
    if "reading" not in g:
        g.reading = database().reading_session()
    session: Session = g.reading
    return session


def close_reading(_error: BaseException | None = None) -> None:
    """Give the request's reading session back."""
    session = g.pop("reading", None)
    if session is not None:
        session.close()


def streamed(chunks: Iterator[str], content_type: str, **headers: str) -> Response:
    """An answer that is sent while it is made; what it reads from stays open until it was sent or given up.

    `chunks` may have begun to read from the request's session.
    """
    answer = Response(stream_with_context(chunks), content_type=content_type, headers=headers)
    # The context ends before the first piece is asked for, and would close the session.
    session = g.pop("reading", None)
    if session is not None:
        answer.call_on_close(session.close)
    return answer


@contextmanager
def transaction() -> Iterator[Session]:
    """The one writing transaction of a request; commits when the block ends, undoes all when it raises."""
    close_reading()
    with database().transaction() as session:
        yield session


def facts() -> Instance | None:
    """The instance row (its `mode` and the clock's two columns), read once a request."""
    if "instance" not in g:
        g.instance = instance(reading())
    found: Instance | None = g.instance
    return found


def keep_facts(row: Any) -> None:
    """Take the columns of the instance from a row that was read anyhow."""
    g.instance = row


def is_demo() -> bool:
    """Whether the database says this is a demo."""
    row = facts()
    return row is not None and row.mode == "demo"


def now() -> datetime:
    """Product time, the same instant for the whole request."""
    if "now" not in g:
        row = facts()
        g.now = Clock(timedelta(seconds=row.clock_offset_seconds if row else 0)).now()
    moment: datetime = g.now
    return moment


def today() -> date:
    """The Shanghai date of the request."""
    return local_date(now())


def actor_or_none() -> Actor | None:
    """Who asks, or None before sign-in."""
    found: Actor | None = getattr(current_user, "actor", None)
    return found


def actor() -> Actor:
    """Who asks. Only for views marked with `requires`."""
    found = actor_or_none()
    if found is None:
        raise Forbidden(_l("请先登录。"))
    return found


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to those who hold a permission anywhere; the service asks again for the very thing."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            who = actor_or_none()
            if who is None:
                return _to_sign_in()
            if not can_anywhere(who, permission):
                raise Forbidden(_l("您的角色不能进行此操作。如确有需要，请联系本单位管理员调整权限。"))
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def public(reason: str) -> Callable[[View], View]:
    """Mark a view as open to everybody, and say why."""

    def mark(view: View) -> View:
        view.access = reason  # type: ignore[attr-defined]
        return view

    return mark


def _to_sign_in() -> BaseResponse:
    target = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("accounts.sign_in", next=target), 303)


def check_all_views_are_marked(app: Flask) -> None:
    """Refuse to start with a view that says nothing about who may enter."""
    open_views = [name for name, view in app.view_functions.items() if not hasattr(view, "access")]
    if open_views:
        raise RuntimeError(f"views without requires() or public(): {', '.join(sorted(open_views))}")


def remember_addresses(app: Flask) -> None:
    """Make `url_for` of the templates, and `address`, work out each address once; and give them `option_list`."""

    @lru_cache(maxsize=4096)
    def made(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        # Where the application is mounted is a key alone.
        return url_for(endpoint, **dict(values))

    def found(endpoint: str, **values: Any) -> str:
        try:
            return made(request.script_root, endpoint, tuple(values.items()))
        except TypeError:  # a list among the values cannot be a key
            return url_for(endpoint, **values)

    app.extensions["lantian.addresses"] = found
    app.jinja_env.globals.update(url_for=found, option_list=option_list)


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, remembered: for the frame and lists, which ask for the same addresses again and again."""
    found: str = current_app.extensions["lantian.addresses"](endpoint, **values)
    return found


def option_list(options: Iterable[tuple[Any, Any]], chosen: Any) -> Markup:
    """The options of a select, (value, words) each: made here, for a list's filters offer a hundred of them."""
    wanted = str(chosen or "")
    made = (
        f'<option value="{escape(value)}"{" selected" if str(value) == wanted else ""}>{escape(words)}</option>'
        for value, words in options
    )
    # Value and words are escaped, the rest is ours.
    return Markup("".join(made))  # noqa: S704


def see_other(endpoint: str, **values: Any) -> BaseResponse:
    """The answer to a POST that worked: go and look at the result."""
    return redirect(url_for(endpoint, **values), 303)


def protect(response: Response) -> Response:
    """Add the security headers; pages of signed-in people are not stored by anybody."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


class GuardedForm(FlaskForm):  # type: ignore[misc]
    """Base of forms that change something: carries the request key and the version the form was made from."""

    request_key = HiddenField(
        default=lambda: uuid.uuid4().hex, validators=[Optional(), Regexp(r"^[0-9A-Za-z-]{8,64}$")]
    )
    version = IntegerField(validators=[Optional()])

    def content(self) -> dict[str, Any]:
        """The typed values, without the guards: what a repeated request is compared by."""
        return {
            name: field.raw_data or []
            for name, field in self._fields.items()
            if name not in ("csrf_token", "request_key") and field.type not in ("MultipleFileField", "FileField")
        }


def once(session: Session, form: GuardedForm, action: str, answer: str, *, extra: Any = None) -> str | None:
    """Take a form's request key inside the transaction of its deed.

    Returns None the first time; afterwards, for the same person and content, the answer (an address) of the first time.
    Raises RequestReused when the key comes back with something else.
    """
    who, key = actor(), form.request_key.data or uuid.uuid4().hex
    plain = json.dumps([action, form.content(), extra], ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(plain.encode()).hexdigest()
    row = {
        "key": key,
        "actor_id": who.id,
        "action": action,
        "content_hash": digest,
        "answer": answer,
        "created_at": now(),
    }
    if insert_once(session, RequestKey, row) is not None:
        return None
    earlier = session.get_one(RequestKey, key)
    if (earlier.actor_id, earlier.content_hash) != (who.id, digest):
        raise RequestReused(_l("这份表单已经提交过，而这次的内容不同，没有再次保存。请重新打开页面后填写。"))
    return earlier.answer


def show_problems(form: FlaskForm, error: Invalid) -> None:
    """Put a service's problems at the fields of a form; those of no field go to `form.form_errors`."""
    for problem in error.problems:
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors.append(str(problem.message))
        else:
            field.errors = [*field.errors, str(problem.message)]


def required_length(limit: int) -> Length:
    """A length check worded for people."""
    return Length(max=limit, message=_l("最多 %(max)d 个字，请精简。"))


def page_number() -> int:
    """The page asked for in the address, 1 when it is missing or nonsense."""
    raw = request.args.get("page", "1")
    return max(1, int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 1
