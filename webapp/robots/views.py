"""The operators' pages of group robots: list, add, change, switch off and on, send a test message."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp import web
from webapp.errors import Conflict, Invalid, RequestReused
from webapp.i18n import pick
from webapp.mail.channels import Outcome
from webapp.mail.rules import Fate
from webapp.mail.webhook import Hook, post
from webapp.organisations.queries import organisations_in
from webapp.permissions import Permission
from webapp.robots import service, words
from webapp.robots.forms import AddRobotForm, ChangeRobotForm, RobotButtonForm
from webapp.robots.queries import get_robot, robot_views
from webapp.web import GuardedForm

blueprint = Blueprint("robots", __name__, template_folder="templates")
Answer = Response | str | tuple[str, int]
# Somebody waits for the page: shorter than a deliverer's patience, and than a web server's with its workers.
TEST_TIMEOUT = 8.0


@blueprint.get("/robots")
@web.requires(Permission.OPERATE)
def index() -> str:
    """All robots, and what came of their latest messages."""
    robots = robot_views(web.reading(), web.actor(), now=web.now())
    return render_template("robots/list.html", robots=robots, words=words)


# --- add and change


@blueprint.get("/robots/new")
@web.requires(Permission.OPERATE)
def new() -> str:
    """The form of a new robot."""
    return _add_page(_add_form(AddRobotForm(formdata=None)))


def _add_form(form: AddRobotForm) -> AddRobotForm:
    places = organisations_in(web.reading(), web.actor(), Permission.OPERATE)
    form.organisation.choices = [("", _("请选择单位")), *((each.code, pick(each, "name")) for each in places)]
    return form


def _add_page(form: AddRobotForm) -> str:
    form.forget()
    return render_template("robots/form.html", form=form, robot=None, target=url_for("robots.add"))


@blueprint.post("/robots/new")
@web.requires(Permission.OPERATE)
def add() -> Answer:
    """Add a robot."""
    form = _add_form(AddRobotForm())
    if not form.validate():
        _show_all(form, form.kind.data or "", url_needed=True)
        return _add_page(form), 422
    status = _attempt_to_add(form)
    if status is not None:
        return _add_page(_add_form(form)), status
    flash(_("群机器人已添加。请发送一条测试消息，确认群里能收到。"), "success")
    return web.see_other("robots.index")


def _show_all(form: ChangeRobotForm, kind: str, *, url_needed: bool) -> None:
    """Say at once what else is wrong: the address has to be pasted anew each time."""
    hosts = web.settings().webhook_hosts
    found = service.problems_of(kind, form.wanted(), hosts, url_needed=url_needed)
    web.show_problems(form, Invalid([each for each in found if not form[each.field].errors]))


def _attempt_to_add(form: AddRobotForm) -> int | None:
    """None when the robot is there; else the status of the refusal, and the form says why."""
    try:
        with web.transaction() as session:
            if web.once(session, form, "robot.create", url_for("robots.index")) is None:
                service.add_robot(
                    session, kind=form.kind.data or "", organisation=form.organisation.data, wanted=form.wanted(),
                    hosts=web.settings().webhook_hosts, actor=web.actor(), now=web.now(),
                )  # fmt: skip
    except Invalid as error:
        web.show_problems(form, error)
        return error.status
    return None


@blueprint.get("/robots/<int:robot_id>")
@web.requires(Permission.OPERATE)
def edit(robot_id: int) -> str:
    """The form of a robot that exists; its address and secret are not shown."""
    robot, _place = get_robot(web.reading(), robot_id, web.actor())
    form = ChangeRobotForm(formdata=None, name=robot.name, locale=robot.locale, version=robot.version)
    return _edit_page(form, robot_id)


def _edit_page(form: ChangeRobotForm, robot_id: int) -> str:
    form.forget()
    robot, place = get_robot(web.reading(), robot_id, web.actor())
    return render_template(
        "robots/form.html", form=form, robot=robot, place=place, words=words,
        address=words.masked(robot.url), target=url_for("robots.change", robot_id=robot_id),
    )  # fmt: skip


@blueprint.post("/robots/<int:robot_id>")
@web.requires(Permission.OPERATE)
def change(robot_id: int) -> Answer:
    """Save a robot's changed name, language, address or secret."""
    form = ChangeRobotForm()
    robot, _place = get_robot(web.reading(), robot_id, web.actor())
    if not form.validate():
        _show_all(form, robot.kind, url_needed=False)
        return _edit_page(form, robot_id), 422
    status = _attempt_to_change(form, robot_id)
    if status is not None:
        return _edit_page(form, robot_id), status
    flash(_("群机器人已保存。"), "success")
    return web.see_other("robots.index")


def _attempt_to_change(form: ChangeRobotForm, robot_id: int) -> int | None:
    try:
        with web.transaction() as session:
            if web.once(session, form, "robot.change", url_for("robots.index"), extra=robot_id) is None:
                service.change_robot(
                    session, robot_id, wanted=form.wanted(), version=form.version.data or 0,
                    hosts=web.settings().webhook_hosts, actor=web.actor(), now=web.now(),
                )  # fmt: skip
    except RequestReused:
        raise
    except Conflict as error:
        form.form_errors.append(str(error.message))
        form.version.data = get_robot(web.reading(), robot_id, web.actor())[0].version
        return error.status
    except Invalid as error:
        web.show_problems(form, error)
        return error.status
    return None


# --- buttons


@blueprint.post("/robots/<int:robot_id>/switch")
@web.requires(Permission.OPERATE)
def switch(robot_id: int) -> Response:
    """Switch a robot off or on."""
    form, active = _button(), request.form.get("active") == "on"
    with web.transaction() as session:
        if web.once(session, form, "robot.switch", url_for("robots.index"), extra=[robot_id, active]) is None:
            service.switch_robot(
                session, robot_id, active=active, version=form.version.data or 0, actor=web.actor(), now=web.now()
            )
    flash(_("群机器人已启用。") if active else _("群机器人已停用，不再发送消息。"), "success")
    return web.see_other("robots.index")


def _button() -> GuardedForm:
    form = RobotButtonForm()
    if not form.validate():
        raise Conflict(_l("页面内容已变化，这次没有保存。请刷新后再试。"))
    return form


@blueprint.post("/robots/<int:robot_id>/test")
@web.requires(Permission.OPERATE)
def send_test(robot_id: int) -> Response:
    """Send a test message at once, outside any transaction, and tell what the server answered."""
    form = _button()
    with web.transaction() as session:
        robot, place = get_robot(session, robot_id, web.actor())
        again = web.once(session, form, "robot.test", url_for("robots.index"), extra=robot_id) is not None
        hook = Hook(robot.kind, robot.url, robot.secret)
        facts = {"org_zh": place.name_zh, "org_en": place.name_en, "base_url": web.settings().public_url}
        locale = robot.locale
    if not again:
        message = words.render_test(facts, locale)
        outcome = post(hook, message, web.settings().webhook_hosts, timeout=TEST_TIMEOUT)
        with web.transaction() as session:
            service.note_test(session, robot_id, outcome, actor=web.actor(), now=web.now())
        _tell(outcome)
    return web.see_other("robots.index")


def _tell(outcome: Outcome) -> None:
    if outcome.fate is Fate.SENT:
        flash(_("测试消息已发出，请到群里查看。"), "success")
    elif outcome.fate is Fate.TRY_AGAIN:
        flash(_("测试消息暂时发不出，请稍后再试。对方答复：%(answer)s", answer=outcome.answer), "warning")
    else:
        flash(
            _("测试消息被拒收，请核对地址、密钥和机器人的安全设置。对方答复：%(answer)s", answer=outcome.answer),
            "danger",
        )
