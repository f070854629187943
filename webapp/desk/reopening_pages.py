"""回头看: a level above looks again at what was closed, and opens it when the problem is back."""

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp import web
from webapp.desk import acts
from webapp.desk.blueprint import ID, blueprint
from webapp.desk.forms import ReopenForm
from webapp.errors import Conflict
from webapp.i18n import pick
from webapp.permissions import Permission
from webapp.plans.models import Assignment
from webapp.progress.service import decide


@blueprint.get(f"/assignments/<{ID}:assignment_id>/reopen")
@web.requires(Permission.REOPEN)
def reopen_form(assignment_id: int) -> str:
    """The form that asks what was found."""
    row = _closed(assignment_id)
    return _page(ReopenForm(formdata=None, version=row.version), row)


def _closed(assignment_id: int) -> Assignment:
    row = acts.load(assignment_id, Permission.REOPEN)
    if row.status not in acts.CLOSED:
        raise Conflict(_l("这项任务没有办结，不需要重新打开。"))
    return row


@blueprint.post(f"/assignments/<{ID}:assignment_id>/reopen")
@web.requires(Permission.REOPEN)
def reopen(assignment_id: int) -> Response | tuple[str, int]:
    """Open the assignment again; its officers are told at once, the first stamp of completion stays."""
    row = acts.load(assignment_id, Permission.REOPEN)
    form = ReopenForm()

    def deed(session: Session, loaded: Assignment) -> object:
        return decide(session, loaded, actor=web.actor(), now=web.now(), decision="reopen",
                      version=form.version.data or 0, reason=form.reason.data or "")  # fmt: skip

    status = acts.attempt(form, row.id, "reopen", deed)
    if status == 303:
        acts.say(_("已重新打开，%(org)s的承办人员会收到邮件。", org=pick(row.organisation, "short")), row.id)
    if status in (303, None):
        return acts.back_to(row.id)
    return _page(form, acts.load(assignment_id)), int(status or 422)


def _page(form: ReopenForm, row: Assignment) -> str:
    return render_template("desk/reopen.html", form=form, row=row)
