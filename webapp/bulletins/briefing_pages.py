"""One page for an organisation's leader, from a frozen revision of its own report."""

from flask import Response
from flask_babel import lazy_gettext as _l

from webapp import web
from webapp.bulletins.blueprint import blueprint
from webapp.bulletins.briefing import briefing
from webapp.bulletins.queries import contents_of
from webapp.bulletins.reading_pages import asked_language
from webapp.documents.faces import FACES
from webapp.errors import NotFound
from webapp.permissions import Permission
from webapp.reports import queries

# A page of words: a workbook of it would be of no use to anybody.
FORMS = ("docx", "pdf")


@blueprint.get("/reports/<int:report_id>/revisions/<int:revision>/briefing.<fmt>")
@web.requires(Permission.SEE)
def report_briefing(report_id: int, revision: int, fmt: str) -> Response:
    """The briefing (汇报材料) as DOCX or PDF; for whoever may see the report itself."""
    if fmt not in FORMS:
        raise NotFound(_l("没有这种文件格式。"))
    session = web.reading()
    found = queries.get_report(session, report_id, web.actor())
    row = queries.get_revision(session, found.id, revision)
    face, tongue = FACES[fmt], asked_language()
    accepted = found.accepted_revision == row.revision
    named = [each["sha256"] for each in row.content.get("cities") or () if each["sha256"]]
    cities = contents_of(session, named) if named else {}
    raw = face.make(briefing(row.content, tongue, row.sha256, accepted=accepted, cities=cities))
    answer = Response(raw, content_type=face.content_type)
    name = f"{row.receipt}-briefing-{tongue}.{fmt}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
