"""Handing evidence out: as a download only, never shown inside one of our pages."""

from flask import Blueprint, Response, request, send_file

from webapp import web
from webapp.evidence.queries import get_evidence
from webapp.evidence.service import open_store
from webapp.permissions import Permission

blueprint = Blueprint("evidence", __name__)


@blueprint.get("/evidence/<int(max=9007199254740991):evidence_id>")
@web.requires(Permission.SEE)
def download(evidence_id: int) -> Response:
    """A file as it was uploaded, under its own name."""
    file = get_evidence(web.reading(), evidence_id, web.actor())
    if file.sha256 in request.if_none_match:
        return _guard(Response(status=304), file.sha256)
    content = open_store(web.settings()).open(file.sha256)
    response = send_file(content, mimetype=file.media_type, as_attachment=True, download_name=file.filename)
    response.content_length = file.size
    return _guard(response, file.sha256)


def _guard(response: Response, sha256: str) -> Response:
    response.set_etag(sha256)
    # Kept by this person's browser alone, and asked for again each time: a role may have ended.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
