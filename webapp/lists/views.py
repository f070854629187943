"""Pages of saved views: keeping the present address under a name, and looking after what was kept."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Forbidden, Invalid, NotFound
from webapp.lists import queries, service
from webapp.lists.forms import ActForm, NameForm, SaveForm
from webapp.lists.rules import PLAIN, checked
from webapp.permissions import Permission, can_anywhere

blueprint = Blueprint("lists", __name__, template_folder="templates")

# Which list each page is, what it is called, and who may open it.
ENDPOINTS: Mapping[str, str] = {
    "assignments": "dashboard.assignments", "reports": "reports.index", "ledger": "ledgers.ledger",
    "people": "accounts.people_list",
}  # fmt: skip
NAMES: Mapping[str, Any] = {
    "assignments": _l("任务"), "reports": _l("月报"), "ledger": _l("台账"), "people": _l("人员"),
}  # fmt: skip
WHO: Mapping[str, Permission] = {"assignments": Permission.OVERVIEW, "people": Permission.OPERATE}
Answer = Response | str | tuple[str, int]
Deed = Callable[[Any], object]


def _allowed(page: str) -> None:
    """Raises NotFound for a list that does not exist, Forbidden for one that is not for this person."""
    if page not in ENDPOINTS:
        raise NotFound(_l("没有这个清单。"))
    if not can_anywhere(web.actor(), WHO.get(page, Permission.SEE)):
        raise Forbidden(_l("您的角色不能进行此操作。如确有需要，请联系本单位管理员调整权限。"))


def _address(page: str, at: int | None, words: Mapping[str, str]) -> str:
    """A list with a query; a ledger's is the assignment's whose ledger it is, where one was named."""
    if page == "ledger":
        return url_for(ENDPOINTS[page], assignment_id=at, **words) if at else url_for("home")  # type: ignore[arg-type]
    return url_for(ENDPOINTS[page], **words)  # type: ignore[arg-type]


@blueprint.get("/views/<page>")
@web.requires(Permission.SEE)
def manage(page: str) -> Answer:
    """The views of one list."""
    _allowed(page)
    return _manage_page(page, SaveForm(formdata=None))


def _manage_page(page: str, form: SaveForm, problems: list[tuple[str, Any]] | None = None) -> str:
    about, at = request.values.get("about", "")[:40], form.place or _at(request.args.get("at", ""))
    form.at.data = at
    found = queries.views(web.reading(), page, about, web.actor())
    return render_template(
        "lists/manage.html", page=page, about=about, at=at, form=form, views=found, problems=problems or [],
        name=NAMES[page], back=_address(page, at, {}),
        opened={each.id: _address(page, at, checked(page, each.query) or {PLAIN: "1"}) for each in found},
    )  # fmt: skip


def _at(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


@blueprint.post("/views/<page>")
@web.requires(Permission.SEE)
def save(page: str) -> Answer:
    """Keep the query under a name, and go back to the list it stands for."""
    _allowed(page)
    form = SaveForm()
    if not form.validate():
        return _manage_page(page, form), 422
    about, words = form.about.data or "", checked(page, form.query.data or "")
    answer = _address(page, form.place, words or {PLAIN: "1"})

    def deed(session: Any) -> None:
        view = service.save(
            session, page, about, name=form.name.data or "", query=form.query.data or "", shared=form.shared.data,
            actor=web.actor(), now=web.now(),
        )  # fmt: skip
        if form.default.data:
            service.open_with(session, view.id, chosen=True, actor=web.actor())

    try:
        return _done(form, f"views.save:{page}", answer, deed, _("视图“%(name)s”已保存。", name=form.name.data))
    except Invalid as error:
        web.show_problems(form, error)
        return _manage_page(page, form), error.status


def _done(form: ActForm, action: str, answer: str, deed: Deed, words: str) -> Response:
    """Do something once. Raises what the deed refuses."""
    with web.transaction() as session:
        earlier = web.once(session, form, action, answer)
        if earlier is None:
            deed(session)
    if earlier is None:
        flash(words, "success")
    return redirect(earlier or answer, 303)


@blueprint.post("/views/one/<int:view_id>/name")
@web.requires(Permission.SEE)
def rename(view_id: int) -> Answer:
    """Give a view another name."""
    form = NameForm()
    view = queries.get_view(web.reading(), view_id, web.actor())
    page, about = view.page, view.about
    answer = _managed(page, about, form.place)

    def deed(session: Any) -> None:
        service.rename(session, view_id, name=form.name.data or "", actor=web.actor())

    try:
        if not form.validate():
            raise Invalid([])
        return _done(form, f"views.rename:{view_id}", answer, deed, _("视图已改名。"))
    except Invalid as error:
        told = [str(each.message) for each in error.problems] or [str(each) for each in form.name.errors]
        blank = SaveForm(formdata=None, about=about, at=form.place)
        return _manage_page(page, blank, [(f"name-{view_id}", each) for each in told]), error.status


def _managed(page: str, about: str, at: int | None) -> str:
    return url_for("lists.manage", page=page, about=about or None, at=at)


@blueprint.post("/views/one/<int:view_id>/<act>")
@web.requires(Permission.SEE)
def change(view_id: int, act: str) -> Answer:
    """Share a view or no longer, open a list with it or no longer, or delete it."""
    view, form, actor = queries.get_view(web.reading(), view_id, web.actor()), ActForm(), web.actor()
    on = bool(form.on.data)
    deeds: Mapping[str, tuple[Deed, str]] = {
        "share": (
            lambda session: service.share(session, view_id, shared=on, actor=actor),
            _("视图已与本单位人员共享。") if on else _("视图不再共享。"),
        ),
        "default": (
            lambda session: service.open_with(session, view_id, chosen=on, actor=actor),
            _("打开清单时将使用这个视图。") if on else _("打开清单时不再使用视图。"),
        ),
        "delete": (lambda session: service.remove(session, view_id, actor=actor), _("视图已删除。")),
    }
    if act not in deeds:
        raise NotFound(_l("没有这种操作。"))
    if not form.validate():
        raise NotFound(_l("没有这种操作。"))
    deed, words = deeds[act]
    return _done(form, f"views.{act}:{view_id}", _managed(view.page, view.about, form.place), deed, words)
