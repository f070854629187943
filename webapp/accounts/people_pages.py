"""The people of an administrator's area: a list, a page for each, and what can be done there.

Thin: who may do what, and what is refused, is decided in `administration`.
"""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.accounts import administration, duties, people, people_columns, shown_once
from webapp.accounts.blueprint import blueprint
from webapp.accounts.models import LOCALES
from webapp.accounts.people_forms import AddressForm, DutiesForm, EndForm, PersonForm, RoleForm, SwitchForm
from webapp.accounts.wording import ROLE_LABELS
from webapp.errors import Conflict, Forbidden, Invalid, RequestReused
from webapp.i18n import pick
from webapp.lists import files
from webapp.lists.frame import Frame
from webapp.lists.frame import frame as frame_of
from webapp.organisations.models import Organisation
from webapp.organisations.queries import organisations_in
from webapp.permissions import Permission, Role
from webapp.web import GuardedForm

Answer = Response | str | tuple[str, int]
Deed = Callable[[Session], object]
SECRET = "password"  # noqa: S105 - the kind of a secret, not one


def _places() -> list[Organisation]:
    return organisations_in(web.reading(), web.actor(), Permission.OPERATE)


def _choices(places: list[Organisation]) -> list[tuple[str, str]]:
    return [(place.code, pick(place, "short")) for place in places]


# --- the list


@blueprint.get("/people")
@web.requires(Permission.OPERATE)
def people_list() -> Answer:
    """The people of the area, narrowed and sorted by the address; without one, as the person's default view."""
    places, asked, frame = _places(), request.args, _frame()
    if frame.instead:
        return redirect(frame.instead, 303)
    page = people.people(
        web.reading(), web.actor(), today=web.today(), where=_where(places), order=frame.order, page=web.page_number()
    )
    return render_template(
        "accounts/people.html",
        page=page,
        asked=asked,
        places=_choices(places),
        roles=[(role.value, label) for role, label in ROLE_LABELS.items()],
        states=[("active", _("在用")), ("inactive", _("已停用")), ("flagged", _("邮箱被退回"))],
        duties=list(duties.LABELS.items()),
        role_labels=ROLE_LABELS,
        frame=frame,
        duty_words=people_columns.duty_words,
    )


def _frame() -> Frame:
    order = request.args.get("order", "")
    order = order if order in people.ORDERS else "name"
    return frame_of("people", url_for("accounts.people_list"), people_columns.COLUMNS, order)


def _where(places: list[Organisation]) -> people.Filter:
    asked, paths = request.args, {place.code: place.path for place in places}
    return people.Filter(
        # A code that is not in the area finds nobody.
        organisation=paths.get(asked["organisation"], "/") if asked.get("organisation") else "",
        role=asked.get("role", ""),
        flagged=asked.get("state") == "flagged",
        active={"active": True, "inactive": False}.get(asked.get("state", "")),
        duty=asked.get("duty", ""),
        text=asked.get("q", ""),
    )


@blueprint.get("/people/list.<fmt>")
@web.requires(Permission.OPERATE)
def people_sheet(fmt: str) -> Response:
    """The same list as a file: everybody the filters leave, in the same order, with the columns shown."""
    frame, where = _frame(), _where(_places())
    found = people.everybody(web.reading(), web.actor(), today=web.today(), where=where, order=frame.order)
    return files.answer(fmt, f"people-{web.today():%Y%m%d}", _("人员"), people_columns.fields(frame.shown), found)


# --- somebody new


@blueprint.get("/people/new")
@web.requires(Permission.OPERATE)
def new_person() -> str:
    """The form that adds a person."""
    return _new_page(PersonForm(formdata=None, locale=LOCALES[0], role=Role.OFFICER, valid_from=web.today()))


@blueprint.post("/people/new")
@web.requires(Permission.OPERATE)
def add_person() -> Answer:
    """Add a person with a random first password, shown on the next page."""
    form = PersonForm()
    form.offer(_choices(_places()))
    if not form.validate():
        return _new_page(form), 422
    profile = form.profile()
    password, hashed = _password(profile["email"], profile["name_zh"], profile["name_en"])
    try:
        person_id = _added(form, profile, hashed)
    except Invalid as error:
        web.show_problems(form, error)
        return _new_page(form), error.status
    if person_id is None:
        return web.see_other("accounts.people_list", q=profile["email"])
    _tell(person_id, _("人员已添加。"), password)
    return web.see_other("accounts.person", person_id=person_id)


def _password(email: str, *names: str) -> tuple[str, str]:
    # Before the transaction: hashing takes a while, and writers would wait.
    return administration.new_password(email=email, name=" ".join(names))


def _added(form: PersonForm, profile: dict[str, str], hashed: str) -> int | None:
    """The new person's id; None when the same request was carried out before."""
    with web.transaction() as session:
        if web.once(session, form, "people.add", url_for("accounts.people_list")) is not None:
            return None
        person = administration.add_person(
            session,
            profile=profile,
            password_hash=hashed,
            role=Role(form.role.data),
            **form.wish(),
            actor=web.actor(),
            now=web.now(),
        )
        return person.id


def _new_page(form: PersonForm) -> str:
    form.offer(_choices(_places()))
    return render_template("accounts/new_person.html", form=form)


# --- one person


@blueprint.get("/people/<int:person_id>")
@web.requires(Permission.OPERATE)
def person(person_id: int) -> str:
    """Somebody's roles and account, and what can be done about them."""
    return _page(person_id)


def _page(person_id: int, form: GuardedForm | None = None) -> str:
    session, who, today = web.reading(), web.actor(), web.today()
    found = people.get_managed(session, person_id, who)
    role = form if isinstance(form, RoleForm) else RoleForm(formdata=None, role=Role.OFFICER, valid_from=today)
    role.offer(_choices(_places()))
    return render_template(
        "accounts/person.html",
        person=found,
        roles=people.roles_of(session, person_id, who),
        whole=people.is_wholly_inside(session, person_id, who, today),
        own=person_id == who.id,
        refusal=people.refusal_of(session, found.email),
        role_form=role,
        address_form=form if isinstance(form, AddressForm) else AddressForm(formdata=None, email=found.email),
        problems=[] if form is None or isinstance(form, RoleForm | AddressForm) else _messages(form),
        failed=form if isinstance(form, RoleForm | AddressForm) else None,
        password=shown_once.take(SECRET, person_id),
        role_labels=ROLE_LABELS,
        duty_labels=duties.LABELS,
        filing_roles=duties.ROLES,
        today=today,
    )


def _messages(form: GuardedForm) -> list[tuple[str, str]]:
    """What is wrong with a form of one button or date, of which the page has several."""
    return [("", str(message)) for messages in form.errors.values() for message in messages]


def _act(person_id: int, form: GuardedForm, action: str, deed: Deed, done: str, secret: str = "") -> Answer:
    """Do something to a person once; what is refused is told on the page, with what was typed.

    `secret` is shown on the next page, once the deed is committed.
    """
    people.get_managed(web.reading(), person_id, web.actor())
    if not form.validate():
        return _page(person_id, form), 422
    here = url_for("accounts.person", person_id=person_id)
    try:
        with web.transaction() as session:
            first = web.once(session, form, f"people.{action}:{person_id}", here) is None
            if first:
                deed(session)
    except RequestReused:
        raise
    except Invalid as error:
        web.show_problems(form, error)
        return _page(person_id, form), error.status
    except (Conflict, Forbidden) as error:
        form.form_errors.append(str(error.message))
        return _page(person_id, form), error.status
    if first:
        _tell(person_id, done, secret)
    return redirect(here, 303)


def _tell(person_id: int, done: str, secret: str) -> None:
    flash(done, "success")
    if secret:
        shown_once.keep(SECRET, person_id, secret)


def _common(form: GuardedForm) -> dict[str, Any]:
    return {"version": form.version.data or 0, "actor": web.actor(), "now": web.now()}


@blueprint.post("/people/<int:person_id>/roles")
@web.requires(Permission.OPERATE)
def give_role(person_id: int) -> Answer:
    """Give a further role."""
    form = RoleForm()
    form.offer(_choices(_places()))

    def deed(session: Session) -> object:
        role = Role(form.role.data)
        return administration.give_role(session, person_id, role=role, **form.wish(), **_common(form))

    return _act(person_id, form, "give", deed, _("任职已添加。"))


@blueprint.post("/people/<int:person_id>/roles/<int:membership_id>/end")
@web.requires(Permission.OPERATE)
def end_role(person_id: int, membership_id: int) -> Answer:
    """Let a role end with a day."""
    form = EndForm()

    def deed(session: Session) -> None:
        last, today = form.last_day.data, web.today()
        administration.end_role(session, person_id, membership_id, last_day=last, today=today, **_common(form))

    return _act(person_id, form, f"end:{membership_id}", deed, _("任职的最后一天已保存。"))


@blueprint.post("/people/<int:person_id>/roles/<int:membership_id>/deputy")
@web.requires(Permission.OPERATE)
def mark_deputy(person_id: int, membership_id: int) -> Answer:
    """Make an officer a deputy or no deputy."""
    form = SwitchForm()

    def deed(session: Session) -> None:
        deputy, today = form.on.data, web.today()
        administration.mark_deputy(session, person_id, membership_id, deputy=deputy, today=today, **_common(form))

    done = _("已设为副职。") if form.on.data else _("已取消副职。")
    return _act(person_id, form, f"deputy:{membership_id}", deed, done)


@blueprint.post("/people/<int:person_id>/roles/<int:membership_id>/duties")
@web.requires(Permission.OPERATE)
def set_duties(person_id: int, membership_id: int) -> Answer:
    """Say who fills in, checks and signs an organisation's monthly report."""
    form = DutiesForm()
    vacant: list[str] = []

    def deed(session: Session) -> None:
        wish, today = form.duties(), web.today()
        vacant[:] = administration.set_duties(
            session, person_id, membership_id, wish=wish, today=today, **_common(form)
        )

    answer = _act(person_id, form, f"duties:{membership_id}", deed, _("月报分工已保存。"))
    if vacant:
        names = _("、").join(str(duties.LABELS[name]) for name in vacant)
        flash(_("该单位现在没有%(duties)s，请指定人员，以免影响月报报送。", duties=names), "warning")
    return answer


@blueprint.post("/people/<int:person_id>/address")
@web.requires(Permission.OPERATE)
def correct_address(person_id: int) -> Answer:
    """Give another address, or say that this one is right."""
    form = AddressForm()

    def deed(session: Session) -> None:
        email = form.email.data or ""
        administration.correct_address(session, person_id, email=email, today=web.today(), **_common(form))

    return _act(person_id, form, "address", deed, _("邮箱已保存，今后的邮件发往这个地址。"))


@blueprint.post("/people/<int:person_id>/active")
@web.requires(Permission.OPERATE)
def switch_person(person_id: int) -> Answer:
    """Switch an account on or off."""
    form = SwitchForm()

    def deed(session: Session) -> None:
        administration.switch(session, person_id, active=form.on.data, today=web.today(), **_common(form))

    return _act(person_id, form, "active", deed, _("账户已启用。") if form.on.data else _("账户已停用。"))


@blueprint.post("/people/<int:person_id>/password")
@web.requires(Permission.OPERATE)
def renew_password(person_id: int) -> Answer:
    """Set a random new password, shown on the next page; all sessions of the person end."""
    form = GuardedForm()
    found = people.get_managed(web.reading(), person_id, web.actor())
    password, hashed = _password(found.email, found.name_zh, found.name_en)

    def deed(session: Session) -> None:
        administration.renew_password(session, person_id, hashed, today=web.today(), **_common(form))

    return _act(person_id, form, "password", deed, _("新密码已设置，此人在所有设备上的登录已退出。"), password)
