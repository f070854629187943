"""A content as its document, and a document in the form somebody asked for: page, PDF, DOCX, XLSX, or JSON."""

from collections.abc import Mapping
from typing import Any

from webapp.bulletins.document import bulletin
from webapp.bulletins.upward import upward
from webapp.documents.faces import FACES
from webapp.documents.model import Document
from webapp.documents.tongue import Language
from webapp.reports.rules import canonical

FORMS = ("pdf", "docx", "xlsx", "json")


def document_of(content: Mapping[str, Any], language: Language, sha256: str) -> Document:
    """The document a content is, in one language."""
    return (upward if content["kind"] == "upward" else bulletin)(content, language, sha256)


def made(content: Mapping[str, Any], language: Language, sha256: str, form: str) -> tuple[bytes, str]:
    """A content in one of FORMS, and its type on the wire; the same bytes for the same content.

    JSON is the canonical content in both languages: its SHA-256 is the check sum.
    """
    if form == "json":
        return canonical(content).encode(), "application/json"
    face = FACES[form]
    return face.make(document_of(content, language, sha256)), face.content_type


def file_name(content: Mapping[str, Any], language: Language, form: str) -> str:
    """What a file is called: jjj-2017-bulletin-2017-09-1-zh.pdf; a draft says so instead of its issue."""
    issue = content["issue"]
    parts = [content["plan"]["code"], content["kind"], content["period"], str(issue["issue"]) if issue else "draft"]
    return "-".join(parts if form == "json" else [*parts, language]) + f".{form}"
