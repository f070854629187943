"""Pages of what was released: two revisions compared, the printed form, the stamped scan of it."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request
from flask import url_for as address
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from webapp import web
from webapp.accounts.queries import names_shown
from webapp.documents.faces import FACES
from webapp.documents.tongue import Language
from webapp.errors import Invalid, NotFound, TooLarge
from webapp.evidence.service import stage
from webapp.i18n import language
from webapp.permissions import Permission
from webapp.reports import compare, compare_words, guard, pages, queries, release_queries, scanning, section_tables
from webapp.reports.blueprint import blueprint
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.reports.paper import paper

# --- two revisions side by side


@blueprint.get("/reports/<int:report_id>/compare")
@web.requires(Permission.SEE)
def compare_revisions(report_id: int) -> str:
    """Any two revisions of a report, line by line; without a choice the newest against the one before."""
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    revisions = queries.revisions(session, found.id)
    if not revisions:
        raise NotFound(_l("这份月报尚未报送，没有可以对比的版次。"))
    old, new = _two(revisions, found)
    made = compare.compare(old.content, new.content)
    return render_template(
        "reports/compare.html",
        report=found,
        names=names_shown(session, (each.submitted_by for each in revisions)),
        revisions=revisions,
        old=old,
        new=new,
        made=made,
        texts=[compare_words.said(each) for each in (*made.texts, *made.people)],
        cities=[(city, compare_words.said(each)) for city, each in made.cities],
        sections=[compare_words.said_of_section(*each) for each in made.sections],
        changed=[(each, compare_words.said_of(each), pages.shown(each.line)) for each in made.changed],
        same=[pages.shown(each.line) for each in made.same],
    )


def _two(revisions: Sequence[ReportRevision], report: MonthlyReport) -> tuple[ReportRevision, ReportRevision]:
    """The revisions the address names, the older one first. Raises NotFound for one there is not."""
    known = {each.revision: each for each in revisions}
    newest = max(known)
    accepted = report.accepted_revision or newest
    usual = accepted if accepted < newest else max(1, newest - 1)
    picked = [known.get(_number(name, fallback)) for name, fallback in (("from", usual), ("to", newest))]
    if None in picked:
        raise NotFound(_l("没有这一版月报。"))
    old, new = sorted((each for each in picked if each), key=lambda each: each.revision)
    return old, new


def _number(name: str, fallback: int) -> int:
    """A revision's number in the address: 0, which there never is, when it is nonsense."""
    raw = request.args.get(name, "")
    if not raw:
        return fallback
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0


# --- the printed form, and the scan of it once it is stamped


class ScanForm(web.GuardedForm):
    """The stamped scan: one file or one a page."""

    files = MultipleFileField(_l("盖章扫描件"))


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>/print")
@web.requires(Permission.SEE)
def printed(report_id: int, revision: int) -> str:
    """The form to print, seal and sign, from the frozen copy alone."""
    return _printed_page(report_id, revision, ScanForm(formdata=None))


def _printed_page(report_id: int, revision: int, form: ScanForm) -> str:
    found, row = _load(report_id, revision)
    content = row.content
    scans = release_queries.scans(web.reading(), found.id)
    return render_template(
        "reports/printed.html",
        form=form,
        report=found,
        revision=row,
        content=content,
        clauses=pages.by_clause(content["lines"]),
        sections=section_tables.shown(content),
        people=_people(content),
        may_attach=guard.may_file(web.actor(), found),
        scans=[each for each in scans if each.revision == row.revision],
        limit=web.settings().upload_max_mb,
    )


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>/file.<fmt>")
@web.requires(Permission.SEE)
def file(report_id: int, revision: int, fmt: str) -> BaseResponse:
    """The report as PDF, Word or workbook, in the page's language or the one the address names."""
    if fmt not in FACES:
        raise NotFound(_l("没有这种文件格式。"))
    found, row = _load(report_id, revision)
    wanted = request.args.get("language") or language()
    tongue: Language = "en" if wanted == "en" else "zh"
    accepted = found.accepted_revision == row.revision
    raw = FACES[fmt].make(paper(row.content, tongue, row.sha256, accepted=accepted))
    answer = BaseResponse(raw, content_type=FACES[fmt].content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.receipt}-{tongue}.{fmt}"'
    return answer


def _people(content: Any) -> list[tuple[str, str, str]]:
    """Who stands for the report: (part, name, telephone); a light report, or one of the first format, has fewer."""
    parts = (("filler", _("填报人")), ("checker", _("审核人")), ("signatory", _("签发人")))
    people = content.get("people") or {"signatory": {"name": content["submitted_by"], "phone": ""}}
    named = [(label, people.get(part) or {}) for part, label in parts]
    if content.get("light"):
        named = named[-1:]
    return [(label, pages.name_of(person) if person else "", person.get("phone", "")) for label, person in named]


def _load(report_id: int, revision: int) -> tuple[MonthlyReport, ReportRevision]:
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    return found, queries.get_revision(session, found.id, revision)


@blueprint.post("/reports/<int:report_id>/revisions/<int:revision>/scans")
@web.requires(Permission.FILE_REPORT)
def add_scan(report_id: int, revision: int) -> BaseResponse | tuple[str, int]:
    """Attach the stamped scan; the reporting organisation's people only, and nothing is ever taken away."""
    found, _row = _load(report_id, revision)
    guard.allow_filing(web.actor(), found)
    form = ScanForm()
    try:
        if not form.validate():
            raise Invalid([])
        return _attach(form, report_id, revision)
    except Invalid as error:
        web.show_problems(form, error)
        status = error.status
    except TooLarge as error:
        form.files.errors = [str(error.message)]
        status = error.status
    return _printed_page(report_id, revision, form), status


def _attach(form: ScanForm, report_id: int, revision: int) -> BaseResponse:
    """Files are checked and stored outside any transaction, as all evidence is."""
    staged = stage(form.files.data or (), web.settings())
    target = address("reports.printed", report_id=report_id, revision=revision, _anchor="scans")
    with web.transaction() as session:
        found = queries.get_report(session, report_id, web.actor())
        row = queries.get_revision(session, found.id, revision)
        hashes = [report_id, revision, *(each.sha256 for each in staged)]
        earlier = web.once(session, form, "report.scan", target, extra=hashes)
        if earlier is None:
            scanning.attach(session, found, row, staged, actor=web.actor(), now=web.now())
    if earlier is None:
        flash(_("盖章扫描件已附上。"), "success")
    return redirect(earlier or target, 303)
