"""The draft: how it would look now, the coordinator's remarks, and publishing it. The region's coordinators alone."""

from flask import Response, flash, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.bulletins import content, faces, pages, queries, service
from webapp.bulletins.blueprint import blueprint
from webapp.bulletins.forms import PublishForm, RemarksForm
from webapp.bulletins.models import BulletinDraft
from webapp.bulletins.reading_pages import ROOM, Place, as_file, place_of, spoken
from webapp.clock import local_date
from webapp.errors import Invalid, RequestReused, Stale
from webapp.permissions import Permission

Answer = BaseResponse | str | tuple[str, int]


def _place(room: str, code: str) -> Place:
    """The document of an address. Raises Forbidden for everybody but the region's coordinators."""
    place = place_of(room, code)
    service.allow_publishing(web.reading(), place.plan, web.actor())
    return place


@blueprint.get(f"/{ROOM}/<period>/draft")
@web.requires(Permission.PUBLISH)
def draft(room: str, period: str) -> str:
    """The document as it would be published now, and the remarks' form."""
    place = _place(room, period)
    found = queries.get_draft(web.reading(), place.plan.id, place.period)
    return _page(place, _form_of(found))


def _form_of(found: BulletinDraft | None) -> RemarksForm:
    if found is None:
        return RemarksForm(formdata=None, version=0)
    return RemarksForm(formdata=None, version=found.version, remarks_zh=found.remarks_zh, remarks_en=found.remarks_en)


def _page(place: Place, form: RemarksForm, theirs: BulletinDraft | None = None) -> str:
    session = web.reading()
    prepared = service.prepare(session, place.plan, place.period, now=web.now())
    issues = queries.issues(session, place.plan.id, place.period)
    return render_template(
        "bulletins/draft.html",
        **_frame(place),
        form=form,
        theirs=theirs,
        kept=queries.get_draft(session, place.plan.id, place.period),
        document=faces.document_of(prepared.content, spoken(), prepared.sha256),
        forms=faces.FORMS,
        newest=issues[-1] if issues else None,
        same=bool(issues) and content.says_the_same(issues[-1].content, prepared.content),
    )


def _frame(place: Place) -> dict[str, object]:
    """What both pages show around their own."""
    progress = service.progress_of(web.reading(), place.plan, place.period)
    return {
        "place": place,
        "word": pages.period_word(place.period.code),
        "title": pages.TITLES[place.kind],
        "progress": progress,
        "state": pages.state_of_reports(progress),
    }


@blueprint.get(f"/{ROOM}/<period>/draft/file.<fmt>")
@web.requires(Permission.PUBLISH)
def draft_file(room: str, period: str, fmt: str) -> Response:
    """The draft as a file, marked as one on every page."""
    place = _place(room, period)
    prepared = service.prepare(web.reading(), place.plan, place.period, now=web.now())
    return as_file(prepared.content, prepared.sha256, fmt)


# --- remarks


@blueprint.post(f"/{ROOM}/<period>/remarks")
@web.requires(Permission.PUBLISH)
def save_remarks(room: str, period: str) -> Answer:
    """Save the remarks. Whatever is refused, the page keeps what was typed."""
    place, form = _place(room, period), RemarksForm()
    if not form.validate():
        return _page(place, form), 422
    target = place.url("draft", _anchor="remarks")
    try:
        with web.transaction() as session:
            earlier = web.once(session, form, "bulletin.remarks", target, extra=[room, period])
            if earlier is None:
                service.save_remarks(
                    session, place.plan, place.period, zh=form.remarks_zh.data or "", en=form.remarks_en.data or "",
                    version=form.version.data or 0, actor=web.actor(), now=web.now(),
                )  # fmt: skip
    except Invalid as error:
        web.show_problems(form, error)
        return _page(place, form), error.status
    except (Stale, RequestReused) as error:
        return _conflict(place, form, error)
    if earlier is None:
        flash(_("已保存。"), "success")
    return redirect(earlier or target, 303)


def _conflict(place: Place, form: RemarksForm, error: Stale | RequestReused) -> tuple[str, int]:
    """Both texts: what was typed stays in the form, what somebody else saved stands beside it."""
    form.form_errors.append(str(error.message))
    theirs = error.theirs if isinstance(error, service.RemarksStale) else None
    fresh = RemarksForm(formdata=None)
    form.request_key.data = fresh.request_key.data
    if theirs is not None:
        form.version.data = theirs.version
    return _page(place, form, theirs), error.status


# --- publishing


@blueprint.get(f"/{ROOM}/<period>/publish")
@web.requires(Permission.PUBLISH)
def confirm(room: str, period: str) -> str:
    """What publishing will do, with the button that does it."""
    return _confirm_page(_place(room, period))


def _confirm_page(place: Place, problem: str = "") -> str:
    session = web.reading()
    prepared = service.prepare(session, place.plan, place.period, now=web.now())
    region = service.region_of(session, place.plan)
    readers = queries.members(session, region.path, local_date(web.now())) if place.kind == "bulletin" else []
    issues = queries.issues(session, place.plan.id, place.period)
    return render_template(
        "bulletins/confirm.html",
        **_frame(place),
        form=PublishForm(formdata=None, version=prepared.version, seen=prepared.sha256),
        problem=problem,
        kind=place.kind,
        number=pages.number_word(*service.next_number(session, place.plan, place.kind, web.now())),
        mails=sum(reader.id != web.actor().id for reader in readers),
        amends=prepared.content["amends"],
        amended=pages.number_word(prepared.content["amends"]["year"], prepared.content["amends"]["number"])
        if prepared.content["amends"]
        else "",
        same=bool(issues) and content.says_the_same(issues[-1].content, prepared.content),
        remarks=prepared.content["remarks"],
        totals=prepared.content["totals"],
    )


@blueprint.post(f"/{ROOM}/<period>/publish")
@web.requires(Permission.PUBLISH)
def publish(room: str, period: str) -> Answer:
    """Publish the document as it was confirmed."""
    place, form = _place(room, period), PublishForm()
    form.validate()
    target, mails = place.url("newest"), 0
    try:
        with web.transaction() as session:
            earlier = web.once(session, form, "bulletin.publish", target, extra=[room, period])
            if earlier is None:
                found = service.publish(
                    session, place.plan, place.period, seen=form.seen.data or "", version=form.version.data or 0,
                    actor=web.actor(), now=web.now(),
                )  # fmt: skip
                mails = service.mails_of(session, found)
    except (Stale, RequestReused) as error:
        return _confirm_page(place, str(error.message)), error.status
    if earlier is None:
        flash(_published(place, mails), "success")
    return redirect(earlier or target, 303)


def _published(place: Place, mails: int) -> str:
    if place.kind != "bulletin":
        return _("已印发，内容从此固定。")
    return ngettext(
        "已印发，内容从此固定；将邮件告知 %(num)s 人。", "已印发，内容从此固定；将邮件告知 %(num)s 人。", mails
    )
