"""Pages of the ranking: the months, a published month, a draft, the rows behind a line, and files."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.clock import local_date
from webapp.errors import Conflict, Invalid, NotFound, RequestReused, Stale
from webapp.i18n import day, pick
from webapp.i18n import month as month_word
from webapp.organisations.models import Organisation
from webapp.permissions import Permission, areas
from webapp.plans.models import Plan
from webapp.plans.views import the_plan
from webapp.ranking import files, queries, service, wording
from webapp.ranking.content import Content
from webapp.ranking.forms import PublishForm
from webapp.ranking.models import RankingIssue
from webapp.ranking.service import NO_RANKING, Draft

blueprint = Blueprint("ranking", __name__, template_folder="templates")
Answer = BaseResponse | str | tuple[str, int]


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"how": wording.how, "missing": wording.missing, "TABLES": wording.TABLES, "STATES": wording.STATES,
            "PACED": wording.PACED, "plain": wording.plain}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A ranking on the page: published, or a draft."""

    plan: Plan
    month: date
    content: Content
    issue: RankingIssue | None
    draft: Draft | None
    revisions: int

    def values(self, **more: Any) -> dict[str, Any]:
        """What an address about the same ranking names."""
        own: dict[str, Any] = {"month": f"{self.month:%Y-%m}"}
        if self.draft:
            own["draft"] = 1
        elif self.issue and self.issue.revision < self.revisions:
            own["revision"] = self.issue.revision
        return own | more

    @property
    def title(self) -> str:
        """What it is called."""
        return _("%(month)s工作进度排名", month=month_word(self.month))


def _month(code: str) -> date:
    try:
        return date.fromisoformat(f"{code}-01")
    except ValueError:
        raise NotFound(NO_RANKING) from None


def _shown(code: str) -> Shown:
    """The ranking an address names: a draft for those who publish, a revision, or the newest. Raises NotFound."""
    session, plan, month = web.reading(), the_plan(), _month(code)
    service.allow_reading(session, plan, web.actor())
    if request.args.get("draft"):
        return _drafted(code)
    asked = request.args.get("revision", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    issue, revisions = service.get_issue(session, plan, month, number)
    return Shown(plan, month, issue.content, issue, None, revisions)


def _drafted(code: str) -> Shown:
    session, plan = web.reading(), the_plan()
    found = service.draft(session, plan, _month(code), actor=web.actor(), now=web.now())
    return Shown(plan, found.month, found.content, None, found, found.revision - 1)


@blueprint.get("/ranking")
@web.requires(Permission.SEE)
def index() -> str:
    """The months that were published, and for those who publish, the others too."""
    session, plan, today = web.reading(), the_plan(), web.today()
    service.allow_region(session, plan, web.actor())
    may_publish, published = service.may_publish(session, plan, web.actor()), queries.newest_issues(session, plan.id)
    ready = queries.ready_after(session, plan.id) if may_publish else {}
    months = sorted({*published, *(month for month in ready if month <= today)}, reverse=True)
    return render_template(
        "ranking/index.html", months=months, published=published, ready=ready, may_publish=may_publish,
        today=today, formula=plan.rules.get("ranking"),
    )  # fmt: skip


@blueprint.get("/ranking/<month>")
@web.requires(Permission.SEE)
def issue(month: str) -> str:
    """A published ranking: its newest revision, or the one the address names."""
    return _page(_shown(month), None)


@blueprint.get("/ranking/<month>/draft")
@web.requires(Permission.PUBLISH)
def draft(month: str) -> str:
    """The ranking as it would be published now."""
    service.allow_publishing(web.reading(), the_plan(), web.actor())
    found = _drafted(month)
    assert found.draft is not None
    return _page(found, PublishForm(formdata=None, sha256=found.draft.sha256))


def _page(found: Shown, form: PublishForm | None) -> str:
    mine = areas(web.actor())
    codes = {
        line["code"]
        for lines in found.content["tables"].values()
        for line in lines
        if any(line["path"].startswith(path) for path in mine)
    }
    return render_template(
        "ranking/ranking.html", it=found, form=form, content=found.content, formula=found.content["formula"],
        mine=codes,
        may_publish=service.may_publish(web.reading(), found.plan, web.actor()),
        known_on=date.fromisoformat(found.content["known_on"]),
    )  # fmt: skip


@blueprint.get("/ranking/<month>/<any(city, province):table>/<code>")
@web.requires(Permission.SEE)
def rows(month: str, table: str, code: str) -> str:
    """The rows behind one line, for whoever sees the organisation."""
    found = _shown(month)
    line = next((each for each in found.content["tables"][table] if each["code"] == code), None)
    if line is None or not any(line["path"].startswith(path) for path in areas(web.actor())):
        raise NotFound(NO_RANKING)
    return render_template(
        "ranking/rows.html", it=found, line=line, table=table, formula=found.content["formula"],
        rows=found.content["rows"][table][code], known_on=date.fromisoformat(found.content["known_on"]),
    )  # fmt: skip


@blueprint.get("/ranking/<month>/file.<any(csv, xlsx):fmt>")
@web.requires(Permission.EXPORT)
def file(month: str, fmt: str) -> Response:
    """A ranking to take away, as the page shows it."""
    found = _shown(month)
    if fmt == "csv":
        answer = Response(files.as_csv(found.content), content_type="text/csv; charset=utf-8")
    else:
        answer = Response(_workbook(found), content_type=files.XLSX)
    number = f"-{found.issue.revision}" if found.issue else "-draft"
    name = f"{found.plan.code}-ranking-{found.month:%Y-%m}{number}.{fmt}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _workbook(found: Shown) -> bytes:
    region = web.reading().get_one(Organisation, found.plan.region_id)
    formula, known_on = found.content["formula"], date.fromisoformat(found.content["known_on"])
    notes = [
        pick(formula, "note"),
        _("数据口径日 %(day)s，计分规则 %(version)s。", day=day(known_on), version=formula["version"]),
        _("更正原因：%(reason)s", reason=found.issue.reason) if found.issue and found.issue.reason else "",
    ]
    issued = local_date(found.issue.published_at) if found.issue else web.today()
    title = found.title if found.issue else _("%(title)s（草稿）", title=found.title)
    return files.as_workbook(found.content, pick(region, "name"), title, issued, tuple(filter(None, notes)))


@blueprint.post("/ranking/<month>/publish")
@web.requires(Permission.PUBLISH)
def publish(month: str) -> Answer:
    """Publish what was shown."""
    plan, form = the_plan(), PublishForm()
    service.allow_publishing(web.reading(), plan, web.actor())
    first, target = _month(month), url_for("ranking.issue", month=month)
    try:
        if not form.validate():
            raise Invalid([])
        with web.transaction() as session:
            earlier = web.once(session, form, "ranking.publish", target, extra=month)
            if earlier is None:
                service.publish(
                    session, plan, first, sha256=form.sha256.data or "", reason=form.reason.data or "",
                    actor=web.actor(), now=web.now(),
                )  # fmt: skip
    except (Invalid, Stale, Conflict, RequestReused) as error:
        return _again(month, form, error), error.status
    flash(_("已发布，内容从此固定。"), "success")
    return redirect(earlier or target, 303)


def _again(month: str, form: PublishForm, error: Invalid | Stale | Conflict | RequestReused) -> str:
    """The draft as it is now, with what was typed and what is wrong."""
    web.close_reading()
    if isinstance(error, Invalid):
        web.show_problems(form, error)
    else:
        form.form_errors.append(str(error.message))
    found = _drafted(month)
    assert found.draft is not None
    form.sha256.data = found.draft.sha256
    return _page(found, form)
